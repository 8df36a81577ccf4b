import { refuse } from '../../../http/errors.ts';
import { Element } from './element.ts';

const TYPE = { system: 'http://jpfhir.jp/fhir/Common/CodeSystem/doc-typecodes', code: '57133-1' };

/** 未提供: of meta.tag JP_ehrshrs_indication, for what goes neither to other institutions nor to the patient. */
const INDICATION = 'http://jpfhir.jp/fhir/clins/CodeSystem/JP_ehrshrs_indication';

/** Results refer to results; so that a few of them do not become many. */
const MOST_REFERENCES = 10_000;

/**
 * A document Bundle (https://hl7.org/fhir/R4/documents.html) that is a 診療情報提供書. References lead to entries of the same Bundle by
 * their fullUrl and nowhere else.
 */
export class LetterDocument {
  readonly composition: Element;
  readonly #resources = new Map<string, Element>();
  #followed = 0;

  /** @throws FhirError 422 where it is no such document */
  constructor(json: unknown) {
    const bundle = new Element(json, 'Bundle');
    if (bundle.resourceType !== 'Bundle' || bundle.text('type') !== 'document') {
      throw refuse.unprocessable('A 診療情報提供書 is a Bundle of type document (JP_Bundle_eReferral)', 'Bundle.type');
    }
    for (const entry of bundle.all('entry')) this.#add(entry);
    const first = bundle.all('entry')[0]?.get('resource');
    if (first?.resourceType !== 'Composition') {
      throw refuse.unprocessable(
        'The first entry of a document is its Composition (bdl-11)',
        'Bundle.entry[0].resource',
      );
    }
    this.composition = rename(first, 'Composition');
    if (!this.composition.get('type').coded(TYPE.system, TYPE.code)) {
      throw refuse.unprocessable(`A 診療情報提供書 has the type ${TYPE.system}|${TYPE.code}`, 'Composition.type');
    }
    if (this.composition.text('status') !== 'final') {
      throw refuse.unprocessable('A letter is issued when its Composition is final', 'Composition.status');
    }
  }

  #add(entry: Element): void {
    const url = entry.text('fullUrl');
    const resource = entry.get('resource');
    if (!url || resource.resourceType === undefined) {
      throw refuse.unprocessable('Each entry of a document has a fullUrl and a resource (bdl-7)', entry.path);
    }
    if (this.#resources.has(url)) {
      throw refuse.unprocessable('No two entries of a document have the same fullUrl (bdl-7)', `${entry.path}.fullUrl`);
    }
    this.#resources.set(url, resource);
  }

  /**
   * What a Reference refers to, contained in `holder` or an entry of the document.
   *
   * @throws FhirError 422 where it is neither, or must not leave the institution
   */
  resolve(reference: Element, holder?: Element): Element {
    if (++this.#followed > MOST_REFERENCES) {
      throw refuse.unprocessable(
        `A letter follows at most ${MOST_REFERENCES} references`,
        reference.path,
        'too-costly',
      );
    }
    const url = reference.text('reference');
    const found = url?.startsWith('#')
      ? holder?.all('contained').find((resource) => resource.text('id') === url.slice(1))
      : this.#resources.get(url ?? '');
    if (!found) {
      throw refuse.unprocessable(
        'A reference of a document leads to an entry of the same Bundle by its fullUrl',
        `${reference.path}.reference`,
      );
    }
    if (tagged(found, 'UNDELIVERED')) {
      throw refuse.unprocessable(
        'What is tagged UNDELIVERED (未提供) is given to no other institution',
        `${found.path}.meta.tag`,
      );
    }
    return found;
  }
}

/** Whether a resource has this code of JP_ehrshrs_indication among its tags. */
export const tagged = (resource: Element, code: string): boolean =>
  resource
    .get('meta')
    .all('tag')
    .some((tag) => tag.text('system') === INDICATION && tag.text('code') === code);

const rename = (element: Element, path: string): Element => new Element(element.value, path);
