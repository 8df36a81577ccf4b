import fc from 'fast-check';
import type { Change } from '../../src/fhir/engine.ts';
import { Decimal } from '../../src/fhir/json.ts';
import { resolveReferences, rewritten } from '../../src/fhir/references.ts';
import { engine } from './callers.ts';

const found = (reference: string) =>
  resolveReferences(engine, {} as Change, [{ path: 'Observation.subject', reference, targets: ['Patient'] }])[0];

describe('a reference is', () => {
  it.each([
    ['Patient/p', { type: 'Patient', id: 'p' }],
    ['https://tasuki.example/fhir/Patient/p', { type: 'Patient', id: 'p' }],
    ['Patient/p/_history/2', { type: 'Patient', id: 'p', version: '2' }],
  ])('local: %s', (reference, local) => {
    expect(found(reference)).toEqual({ path: 'Observation.subject', reference, targets: ['Patient'], local });
  });

  it.each([
    ['Patient?identifier=http://x|1', 'Patient', 'identifier=http://x|1'],
    ['Patient?name=a&birthdate=2000', 'Patient', 'name=a&birthdate=2000'],
    ['Patient?name=\n?', 'Patient', 'name=\n?'],
  ])('conditional: %j', (reference, queryType, query) => {
    expect(found(reference)).toMatchObject({ queryType, query });
    expect(found(reference)).not.toHaveProperty('local');
  });

  it.each(['urn:uuid:6bd4d0c6-7a4c-4bd5-9a55-0a1b3a6b7c01', 'urn:oid:1.2.3'])('a name within the Bundle: %s', (urn) => {
    expect(found(urn)).toMatchObject({ urn: true });
  });

  it.each([
    'https://elsewhere.example/fhir/Patient/p',
    'Foo/1',
    'Patient',
    'patient/p',
    'Patient?',
    '/Patient/p',
    'Patient/p/q',
  ])('nothing of this server’s: %s', (reference) => {
    expect(found(reference)).toEqual({ path: 'Observation.subject', reference, targets: ['Patient'] });
  });
});

const URN = 'urn:uuid:6bd4d0c6-7a4c-4bd5-9a55-0a1b3a6b7c01';
const bind = (text: string) => (text === URN ? 'Patient/p' : undefined);

describe('the references of an entry are replaced', () => {
  it.each([
    ['a Reference', { subject: { reference: URN } }, { subject: { reference: 'Patient/p' } }],
    [
      'in a list',
      { author: [{ display: 'a' }, { reference: URN }] },
      { author: [{ display: 'a' }, { reference: 'Patient/p' }] },
    ],
    [
      'in an extension',
      { extension: [{ url: 'http://x', valueReference: { reference: URN } }] },
      { extension: [{ url: 'http://x', valueReference: { reference: 'Patient/p' } }] },
    ],
    [
      'the url of an Attachment',
      { content: [{ attachment: { url: URN } }] },
      { content: [{ attachment: { url: 'Patient/p' } }] },
    ],
    ['a uri', { valueUri: URN }, { valueUri: 'Patient/p' }],
    ['a canonical', { valueCanonical: URN }, { valueCanonical: 'Patient/p' }],
    [
      'in a contained resource',
      { contained: [{ resourceType: 'Provenance', target: [{ reference: URN }] }] },
      { contained: [{ resourceType: 'Provenance', target: [{ reference: 'Patient/p' }] }] },
    ],
  ])('%s', (_, before, after) => {
    expect(rewritten({ resourceType: 'Observation', ...before }, bind)).toStrictEqual({
      resourceType: 'Observation',
      ...after,
    });
  });

  it.each([
    ['a text that is only equal', { note: [{ text: URN }], display: URN, id: URN }],
    ['an identifier', { identifier: [{ system: 'urn:ietf:rfc:3986', value: URN }] }],
    ['part of a longer text', { subject: { reference: `${URN}#a` } }],
    ['a name of an element', { [URN]: 'x' }],
    ['what is unknown', { subject: { reference: 'urn:uuid:00000000-0000-4000-8000-000000000000' } }],
  ])('but not %s', (_, resource) => {
    expect(rewritten(resource, bind)).toBe(resource);
  });

  it('in the links of the narrative', () => {
    const div = (link: string) =>
      `<div xmlns="http://www.w3.org/1999/xhtml">${URN} <a href="${link}">a</a><img alt='x' src='${link}'/> <a href = "${link}x">b</a></div>`;
    const resource = { text: { status: 'generated', div: div(URN) } };
    expect(rewritten(resource, bind).text.div).toBe(
      `<div xmlns="http://www.w3.org/1999/xhtml">${URN} <a href="Patient/p">a</a><img alt='x' src='Patient/p'/> <a href = "${URN}x">b</a></div>`,
    );
  });

  it('not within the entries of a document, which has references of its own', () => {
    const entry = [{ fullUrl: URN, resource: { resourceType: 'Composition', subject: { reference: URN } } }];
    const document = { resourceType: 'Bundle', type: 'document', entry, link: [{ relation: 'x', url: URN }] };
    const after = rewritten(document, bind);
    expect(after.entry).toBe(entry);
    expect(after.link).toEqual([{ relation: 'x', url: 'Patient/p' }]);
  });

  it('in an element called entry that is no Bundle’s', () => {
    const list = { resourceType: 'List', entry: [{ item: { reference: URN } }] };
    expect(rewritten(list, bind).entry).toEqual([{ item: { reference: 'Patient/p' } }]);
  });

  it('and Decimals stay what they are', () => {
    const value = new Decimal('1.50');
    const resource = { subject: { reference: URN }, valueQuantity: { value } };
    const after = rewritten(resource, bind);
    expect(after.valueQuantity.value).toBe(value);
    expect(JSON.stringify(after)).toBe('{"subject":{"reference":"Patient/p"},"valueQuantity":{"value":1.50}}');
  });
});

type Tree = { [name: string]: unknown };
const texts = ['urn:uuid:a', 'urn:uuid:b', 'Patient/p', 'x'];
const tree = fc.letrec<{ node: unknown; object: Tree }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(...texts),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('node'), { maxLength: 4 }),
    tie('object'),
  ),
  object: fc.dictionary(
    fc.constantFrom('reference', 'url', 'uri', 'valueUri', 'display', 'entry', 'resourceType', 'subject', 'list'),
    tie('node'),
    { maxKeys: 5 },
  ),
})).object;

const frozen = <T>(node: T): T => {
  if (node && typeof node === 'object') {
    Object.values(node).forEach(frozen);
    Object.freeze(node);
  }
  return node;
};
const target = (text: string) => (text.startsWith('urn:') ? `Bound/${text.at(-1)}` : undefined);

describe('for any content', () => {
  it('the original is not touched, and what has no references is shared with it', () => {
    fc.assert(
      fc.property(tree, (resource) => {
        const before = JSON.stringify(frozen(resource));
        const after = rewritten(resource, target);
        expect(JSON.stringify(resource)).toBe(before);
        const shared = (a: unknown, b: unknown): void => {
          if (JSON.stringify(a) === JSON.stringify(b)) expect(b).toBe(a);
          else if (Array.isArray(a)) for (const [i, item] of a.entries()) shared(item, (b as unknown[])[i]);
          else if (a && typeof a === 'object')
            for (const name of Object.keys(a)) shared((a as Tree)[name], (b as Tree)[name]);
        };
        shared(resource, after);
      }),
    );
  });

  it('the names and their order stay, and only links change', () => {
    const links = new Set(['reference', 'url', 'uri', 'valueUri']);
    fc.assert(
      fc.property(tree, (resource) => {
        const expected = JSON.parse(
          JSON.stringify(resource, (name, value) =>
            typeof value === 'string' && links.has(name) ? (target(value) ?? value) : value,
          ),
        );
        if (resource.resourceType === 'Bundle') return;
        expect(JSON.stringify(rewritten(resource, target))).toBe(JSON.stringify(expected));
      }),
    );
  });

  it('twice is once', () => {
    fc.assert(
      fc.property(tree, (resource) => {
        const once = rewritten(resource, target);
        expect(rewritten(once, target)).toBe(once);
      }),
    );
  });
});
