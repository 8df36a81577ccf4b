import fc from 'fast-check';
import { resourceTypes } from '../../../src/definitions/index.ts';
import { indexedParameters } from '../../../src/fhir/indexing/parameters.ts';
import { planSearch } from '../../../src/fhir/search/index.ts';
import { FhirError } from '../../../src/http/errors.ts';
import { context, refusal } from './find.ts';

/** Plans, and lets nothing through but a plan or a refusal with a 4xx status. */
function survives(type: string, params: readonly (readonly [string, string])[], lenient = false): void {
  try {
    const { self } = planSearch(type, params, { ...context, lenient });
    expect(self.isWellFormed()).toBe(true);
    expect(self).toMatch(/^[\x21-\x7e]*$/);
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    expect(error.status).toBe(400);
    expect(error.message.isWellFormed()).toBe(true);
  }
}

const types = fc.constantFrom('Patient', 'Observation', 'Appointment', 'Bundle', 'Encounter', 'Invoice', 'ValueSet');
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.string({ unit: fc.constantFrom(...'\\,|$:./-_0123456789eEgtTZ+ あ髙ー\ud842\u0000\ufffd'), maxLength: 30 }),
);
const words = fc.constantFrom(
  '_has',
  '_sort',
  '_include',
  '_revinclude',
  '_id',
  '_lastUpdated',
  '_count',
  '_total',
  'Patient',
  'Observation',
  'subject',
  'patient',
  'name',
  'code',
  'date',
  'value-quantity',
  'identifier',
  'missing',
  'exact',
  'not',
  'text',
  'iterate',
  '__proto__',
  'constructor',
  'toString',
  '*',
  '',
  'a',
);
const name = fc.oneof(
  text,
  fc
    .array(fc.tuple(words, fc.constantFrom(':', '.', '')), { minLength: 1, maxLength: 5 })
    .map((parts) => parts.flat().join('')),
);

describe('a hostile search', () => {
  it('never throws anything but a refusal', () => {
    const value = fc.oneof(
      text,
      words,
      fc.constantFrom('true', 'false', '2026', 'ge2026-01-01', '5.4||mg', 'a|b', 'Patient/1', 'count'),
    );
    fc.assert(fc.property(types, fc.array(fc.tuple(name, value), { maxLength: 4 }), fc.boolean(), survives), {
      numRuns: 2000,
    });
  });

  it('of any parameter of any type with any value never throws anything but a refusal', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...resourceTypes()),
        fc.nat(),
        fc.constantFrom('', ':missing', ':exact', ':not', ':text', ':contains', ':identifier', ':Patient'),
        text,
        (type, n, modifier, value) => {
          const codes = [...indexedParameters(type).keys()];
          survives(type, [[`${codes[n % codes.length]}${modifier}`, value]]);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test.each([
    ['a lone surrogate', 'name', '\ud842'],
    ['NUL', 'name', 'a\u0000b'],
    ['bytes that were not UTF-8', 'name', '\ufffd'],
    ['an escape character', 'name', '\u001b[31m'],
    ['a lone surrogate in the name', 'na\udc00me', 'x'],
    ['NUL in the name', 'name\u0000', 'x'],
    ['an empty value', 'name', ''],
    ['blanks', 'name', ' \t '],
    ['wide blanks', 'name', '　'],
    ['an empty alternative', 'name', 'a,,b'],
    ['a trailing comma', 'name', 'a,'],
    ['a comma alone', 'name', ','],
    ['an empty name', '', 'x'],
  ])('with %s is refused', (_, key, value) => {
    expect(refusal('Patient', [[key, value]]).status).toBe(400);
  });

  it('with very many values, filters or a very long name is refused', () => {
    const many = Array.from({ length: 201 }, (_, i) => String(i)).join(',');
    expect(refusal('Patient', [['identifier', many]]).text).toContain('at most 200');
    expect(refusal('Patient', [['identifier', '1,2,3']], { maxOr: 2 }).text).toContain('at most 2');
    const filters = Array.from({ length: 51 }, (_, i): [string, string] => ['identifier', String(i)]);
    expect(refusal('Patient', filters).text).toContain('at most 50');
    expect(refusal('Patient', [['x'.repeat(100_000), '1']]).text.length).toBeLessThan(5000);
    expect(refusal('Patient', [['birthdate', '9'.repeat(100_000)]]).text.length).toBeLessThan(1000);
    expect(refusal('Patient', [[`name:${'x'.repeat(100_000)}`, '1']]).text.length).toBeLessThan(1000);
  });

  it('cannot make a pattern run away', () => {
    const long = 'a'.repeat(50_000);
    for (const value of [
      `${long}\\`,
      `${'\\,'.repeat(25_000)}`,
      `${'々'.repeat(50_000)}`,
      `${'ー'.repeat(50_000)}x`,
      `${'1'.repeat(50_000)}-`,
    ]) {
      for (const code of ['name', 'identifier', 'birthdate', 'phone', 'organization'])
        survives('Patient', [[code, value]]);
    }
  });

  it('repeats nothing in its refusal that could break a log or a page', () => {
    const { text: said } = refusal('Patient', [['birthdate', '2026\n\r\t<b>']]);
    expect(said).not.toMatch(/[\n\r\t]/);
  });
});
