/**
 * An element of a document that nobody has checked: knows its FHIRPath, and answers `undefined` or an empty list for what is absent or
 * of another shape, so that reading it never throws.
 */
export class Element {
  readonly value: unknown;
  readonly path: string;

  constructor(value: unknown, path: string) {
    this.value = value;
    this.path = path;
  }

  /** The member of this name; of an array, that of its first item. */
  get(name: string): Element {
    const { value } = this;
    if (Array.isArray(value)) return new Element(value[0], `${this.path}[0]`).get(name);
    const object = typeof value === 'object' && value !== null && Object.hasOwn(value, name);
    return new Element(object ? (value as Record<string, unknown>)[name] : undefined, `${this.path}.${name}`);
  }

  /** The items of the member of this name: of an array all, of anything else that is there itself. */
  all(name: string): readonly Element[] {
    const { value, path } = this.get(name);
    if (Array.isArray(value)) return value.map((item, index) => new Element(item, `${path}[${index}]`));
    return value === undefined || value === null ? [] : [new Element(value, path)];
  }

  /** Where the names lead, if it is a string with more in it than white space. */
  text(...names: readonly string[]): string | undefined {
    const { value } = names.reduce<Element>((element, name) => element.get(name), this);
    return typeof value === 'string' && value.trim() !== '' ? value : undefined;
  }

  /** Where the names lead, if it is a number, as JSON would write it. */
  number(...names: readonly string[]): string | undefined {
    const { value } = names.reduce<Element>((element, name) => element.get(name), this);
    return typeof value === 'number' && Number.isFinite(value) ? String(value) : undefined;
  }

  get present(): boolean {
    return this.value !== undefined && this.value !== null;
  }

  get resourceType(): string | undefined {
    return this.text('resourceType');
  }

  /** Whether this CodeableConcept has the code of that system. */
  coded(system: string, ...codes: readonly string[]): boolean {
    return this.all('coding').some(
      (coding) => coding.text('system') === system && codes.includes(coding.text('code')!),
    );
  }
}

/** What a CodeableConcept says to a reader: its text, else the first display, else the first code. */
export function concept(element: Element): string | undefined {
  const codings = element.all('coding');
  const first = (name: string) => codings.map((coding) => coding.text(name)).find((found) => found !== undefined);
  return element.text('text') ?? first('display') ?? first('code');
}

export const concepts = (elements: readonly Element[]): string[] =>
  elements.map(concept).filter((found) => found !== undefined);
