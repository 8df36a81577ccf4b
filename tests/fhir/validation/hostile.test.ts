import fc from 'fast-check';
import { resourceTypes } from '../../../src/definitions/index.ts';
import { validate } from '../../../src/fhir/validation/index.ts';

const patient = (more: string) => JSON.parse(`{"resourceType":"Patient",${more}}`) as unknown;
const nested = (depth: number, open: string, close: string, inner: string) =>
  open.repeat(depth) + inner + close.repeat(depth);

describe('keys that mean something to JavaScript', () => {
  test.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__'])(
    '%s is an unknown element like any other',
    (key) => {
      for (const value of ['{"gender":"male"}', '1', 'null', '[]']) {
        expect(validate(patient(`"${key}":${value}`)).issues.map((i) => i.expression?.[0])).toEqual([`Patient.${key}`]);
        expect(
          validate(patient(`"name":[{"text":"x","${key}":${value}}]`)).issues.map((i) => i.expression?.[0]),
        ).toEqual([`Patient.name[0].${key}`]);
      }
      expect(({} as Record<string, unknown>).gender).toBeUndefined();
    },
  );

  test('and stand for nothing in a code, a type, an id or a profile', () => {
    for (const name of ['__proto__', 'constructor', 'toString']) {
      expect(validate({ resourceType: name }).issues).toHaveLength(1);
      expect(validate(patient(`"gender":"${name}"`)).issues).toHaveLength(1);
      expect(validate(patient(`"managingOrganization":{"reference":"${name}/1"}`)).issues).toHaveLength(1);
      expect(validate(patient(`"managingOrganization":{"reference":"#${name}"}`)).issues).toHaveLength(1);
      expect(validate(patient(`"meta":{"profile":["${name}"]}`)).issues).toEqual([]);
    }
  });

  test('an object without prototype is read', () => {
    expect(
      validate(
        Object.assign(Object.create(null), {
          resourceType: 'Patient',
          name: [Object.assign(Object.create(null), { text: 'x' })],
        }),
      ).issues,
    ).toEqual([]);
  });
});

describe('depth', () => {
  test.each([
    ['extensions', patient(nested(5000, '"extension":[{"url":"http://x",', '}]', '"valueString":"x"'))],
    [
      'Questionnaire items',
      JSON.parse(
        `{"resourceType":"Questionnaire","status":"draft",${nested(5000, '"item":[{"linkId":"1","type":"group",', '}]', '"text":"x"')}}`,
      ),
    ],
    ['arrays', patient(`"name":${nested(5000, '[', ']', '1')}`)],
    [
      'Bundles',
      JSON.parse(
        nested(
          2000,
          '{"resourceType":"Bundle","type":"collection","entry":[{"resource":',
          '}]}',
          '{"resourceType":"Patient"}',
        ),
      ),
    ],
    [
      'Parameters',
      JSON.parse(
        `{"resourceType":"Parameters",${nested(2000, '"parameter":[{"name":"a","resource":{"resourceType":"Parameters",', '}}]', '"id":"x"')}}`,
      ),
    ],
  ])('%s too deep are refused', (_, resource) => {
    const { issues } = validate(resource);
    expect(issues.length).toBeGreaterThan(0);
    expect(issues[0]?.expression?.[0]?.length).toBeLessThan(4000);
  });
});

describe('size', () => {
  const many = (n: number, text: string) => Array.from({ length: n }, () => text).join(',');

  test.each([
    ['names', patient(`"name":[${many(100_000, '{"text":"x"}')}]`), 0],
    ['faulty names', patient(`"name":[${many(100_000, '{"x":1}')}]`), 50],
    ['nulls', patient(`"name":[{"given":[${many(100_000, 'null')}],"_given":[${many(100_000, 'null')}]}]`), 50],
    ['contained resources', patient(`"contained":[${many(20_000, '{"resourceType":"Patient","id":"a"}')}]`), 50],
    [
      'entries of one fullUrl',
      JSON.parse(
        `{"resourceType":"Bundle","type":"collection","entry":[${many(20_000, '{"fullUrl":"urn:oid:1.2","resource":{"resourceType":"Patient"}}')}]}`,
      ),
      1,
    ],
    [
      'items of one linkId',
      JSON.parse(
        `{"resourceType":"Questionnaire","status":"draft","item":[${many(20_000, '{"linkId":"1","type":"string"}')}]}`,
      ),
      1,
    ],
    [
      'concepts',
      JSON.parse(
        `{"resourceType":"CodeSystem","status":"draft","content":"complete","concept":[${many(20_000, '{"code":"a"}')}]}`,
      ),
      1,
    ],
    [
      'components of the code',
      JSON.parse(
        `{"resourceType":"Observation","status":"final","valueString":"x","code":{"coding":[${many(5000, '{"code":"a"}')}]},"component":[${many(5000, '{"code":{"coding":[{"code":"b"}]},"valueString":"x"}')}]}`,
      ),
      0,
    ],
    ['unknown elements', patient(Array.from({ length: 100_000 }, (_, i) => `"x${i}":1`).join(',')), 50],
    ['profiles', patient(`"meta":{"profile":[${many(50_000, '"http://example.org/x"')}]}`), 0],
  ])('%s by the thousand', (_, resource, expected) => {
    expect(validate(resource).issues).toHaveLength(expected);
  });
});

describe('any JSON', () => {
  test('as a resource of any type is answered, never thrown at', () => {
    const resource = fc
      .record({ resourceType: fc.constantFrom(...resourceTypes()) })
      .chain(({ resourceType }) =>
        fc
          .dictionary(
            fc.constantFrom(
              'id',
              'meta',
              'text',
              'contained',
              'extension',
              'status',
              'code',
              'name',
              'entry',
              'item',
              'type',
              'subject',
              'snapshot',
              'group',
            ),
            fc.jsonValue({ maxDepth: 5 }),
          )
          .map((rest) => ({ ...rest, resourceType })),
      );
    fc.assert(
      fc.property(resource, (value) => {
        const { issues, references } = validate(value);
        expect(issues.length).toBeLessThanOrEqual(50);
        expect(Array.isArray(references)).toBe(true);
      }),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.jsonValue(), (value) => void validate(value)),
      { numRuns: 200 },
    );
  });
});
