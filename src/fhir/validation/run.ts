import type { Issue, IssueCode } from '../../http/errors.ts';

/** JSON's object, of which nothing is known yet. */
export type Node = Readonly<Record<string, unknown>>;

/** A Reference.reference of the resource itself; the server checks that it exists and is visible. */
export interface FoundReference {
  /** FHIRPath of the Reference element: `Observation.subject`. */
  readonly path: string;
  /** As it stands: `Patient/1`, `http://…/Patient/1`, `urn:uuid:…`, `Patient?identifier=…`; never `#…`. */
  readonly reference: string;
  /** Resource types that the definition allows; empty means any. */
  readonly targets: readonly string[];
}

export interface Options {
  /** Accept `Type?query` as a reference: true inside a transaction (https://hl7.org/fhir/R4/http.html#trules). */
  readonly conditionalReferences?: boolean;
}

/** A reference that can be judged only when the whole resource has been seen: the id of `#id`, or the `urn:` of an entry. */
export interface Pending {
  readonly path: string;
  readonly id: string;
  readonly targets: readonly string[];
}

/** One resource with what it contains: the reach of `#id` and of %resource. */
export interface Scope {
  readonly resource: Node;
  readonly type: string;
  readonly fragments: Pending[];
  /** `urn:` references in the resources that this one carries; in a document each must be to an entry. */
  readonly carried: Pending[];
  /** Ids referred to from anywhere in the resource (dom-3), also by canonical, uri and url. */
  readonly mentioned: Set<string>;
  /** In a Bundle the scope of the Bundle; its entries' references are not the Bundle's own. */
  readonly outer: Scope | undefined;
  /** Index in `contained` of the resource that is being checked; -1 in the container itself. */
  inside: number;
  /** Contained resources that refer to their container by `#`. */
  readonly selfish: Set<number>;
}

const MAX_ISSUES = 50;

/** One validation: where it is, what it found. */
export class Run {
  readonly issues: Issue[] = [];
  readonly references: FoundReference[] = [];
  readonly options: Options;
  scope: Scope | undefined;
  /** FHIRPath's %resource: the innermost resource, contained or not. */
  resource: Node | undefined;
  /** Copies with plain numbers, made for FHIRPath. */
  readonly plain = new Map<object, object>();
  depth = 0;
  /** Faults of structure so far: an invariant is evaluated only where there were none. */
  broken = 0;
  readonly #path: (string | number)[] = [];

  /** Checks a resource inside another; `elementPath` is the definition's, `Bundle.entry.resource`. */
  readonly checkInner: (value: unknown, run: Run, elementPath: string) => void;

  constructor(options: Options, checkInner: Run['checkInner']) {
    this.options = options;
    this.checkInner = checkInner;
  }

  /** Fifty issues are enough: whatever is left is not looked at. */
  get full(): boolean {
    return this.issues.length >= MAX_ISSUES;
  }

  enter(segment: string | number): void {
    this.#path.push(segment);
  }

  leave(): void {
    this.#path.pop();
  }

  /** Index of the array's entry at hand; -1 where the run does not stand at one. */
  get index(): number {
    const segment = this.#path.at(-1);
    return typeof segment === 'number' ? segment : -1;
  }

  /** FHIRPath of the element at hand: `Observation.component[1].value`. */
  path(): string {
    let text = '';
    for (const segment of this.#path)
      text += typeof segment === 'number' ? `[${segment}]` : text ? `.${segment}` : segment;
    return text;
  }

  /** The element breaks the form of FHIR's JSON or its definition. */
  fault(code: IssueCode, diagnostics: string): void {
    this.broken++;
    this.report(code, diagnostics, this.path());
  }

  /** The element has the right form but breaks a rule. */
  violation(code: IssueCode, diagnostics: string): void {
    this.report(code, diagnostics, this.path());
  }

  report(code: IssueCode, diagnostics: string, path: string): void {
    if (!this.full) this.issues.push({ severity: 'error', code, diagnostics, expression: [path] });
  }
}

/** Text of the caller's in a message: short, and without anything that could break a log line. */
export function quote(text: string): string {
  const plain = [...text.slice(0, 80)]
    .map((c) => (c < ' ' || (c >= '\u007f' && c < '\u00a0') ? '?' : c))
    .join('')
    .toWellFormed();
  return `“${plain}${text.length > 80 ? '…' : ''}”`;
}
