import { baseUrl } from '../indexing/context.ts';
import { find, plan, refusal, type Stored } from './find.ts';

const loinc = 'http://loinc.org';
const ucum = 'http://unitsofmeasure.org';

const observation = (id: string, fields: object): Stored => ({ resourceType: 'Observation', id, ...fields });
const coded = (id: string, system: string | undefined, code: string, text?: string) =>
  observation(id, { code: { coding: [{ ...(system && { system }), code }], ...(text && { text }) } });

const sorted = (ids: readonly (string | undefined)[]) => [...ids].sort();

describe('token parameters', () => {
  const all = [
    coded('a', loinc, '2160-0', '血清クレアチニン'),
    coded('b', 'urn:local', '2160-0'),
    coded('c', undefined, '2160-0'),
    coded('d', loinc, '33914-3', 'eGFR'),
    observation('e', { code: { text: '自由記載' } }),
    coded('f', 'urn:odd|system', 'x,y$z\\w'),
  ];

  test.each([
    ['code=2160-0', ['a', 'b', 'c']],
    [`code=${loinc}|2160-0`, ['a']],
    ['code=|2160-0', ['c']],
    [`code=${loinc}|`, ['a', 'd']],
    [`code=${loinc}|2160-0,33914-3`, ['a', 'd']],
    [`code=2160-0&code=${loinc}|`, ['a']],
    ['code=2160', []],
    ['code=egfr', []],
    ['code:not=2160-0', ['d', 'e', 'f']],
    [`code:not=${loinc}|2160-0,33914-3`, ['b', 'c', 'e', 'f']],
    ['code:text=血清', ['a']],
    ['code:text=けっせい', []],
    ['code:text=ｅＧＦＲ', ['d']],
    ['code:text=自由', ['e']],
    ['code:missing=true', []],
    ['code:missing=false', ['a', 'b', 'c', 'd', 'e', 'f']],
    ['category:missing=true', ['a', 'b', 'c', 'd', 'e', 'f']],
    ['code=urn:odd\\|system|x\\,y\\$z\\\\w', ['f']],
    ['code=x\\,y\\$z\\\\w', ['f']],
    ['combo-code=33914-3', ['d']],
    ['combo-code:text=血清', ['a']],
  ])('%s', (query, ids) => {
    expect(sorted(find('Observation', query, all))).toEqual(ids);
  });

  it('of a code element take the system that its value set implies', () => {
    const male: Stored = { resourceType: 'Patient', id: 'm', gender: 'male' };
    const gender = 'http://hl7.org/fhir/administrative-gender';
    expect(find('Patient', `gender=${gender}|male`, [male])).toEqual(['m']);
    expect(find('Patient', 'gender=|male', [male])).toEqual(['m']);
    expect(find('Patient', 'gender=male', [male])).toEqual(['m']);
    expect(find('Patient', 'gender=urn:other|male', [male])).toEqual([]);
    expect(find('Patient', `gender=${gender}|manly`, [male])).toEqual([]);
    expect(find('Patient', 'gender:not=female', [male])).toEqual(['m']);
  });

  it('of an identifier are to the character', () => {
    const p: Stored = {
      resourceType: 'Patient',
      id: 'p',
      identifier: [{ system: 'urn:mrn', value: '0012' }, { value: 'A b' }],
    };
    const hits = (value: string) => find('Patient', `identifier=${value}`, [p]);
    expect(['urn:mrn|0012', '0012', '|A b', 'A b', 'urn:mrn|'].map(hits)).toEqual(Array(5).fill(['p']));
    expect(['urn:mrn|12', '12', 'urn:mrn|A b', '|0012', 'a b', 'URN:MRN|0012', '００１２'].map(hits)).toEqual(
      Array(7).fill([]),
    );
  });

  it('of booleans', () => {
    const alive: Stored = { resourceType: 'Patient', id: 'a', active: true };
    const dead: Stored = { resourceType: 'Patient', id: 'd', active: false, deceasedDateTime: '2026-01-01' };
    expect(find('Patient', 'active=true', [alive, dead])).toEqual(['a']);
    expect(find('Patient', 'deceased=true', [alive, dead])).toEqual(['d']);
    expect(find('Patient', 'deceased=false', [alive, dead])).toEqual(['a']);
  });

  it('of tags, security labels and profiles', () => {
    const meta = {
      tag: [{ system: 'urn:t', code: 'x' }],
      security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }],
      profile: ['http://jpfhir.jp/fhir/core/StructureDefinition/JP_Observation_Common|1.2.0'],
      source: 'urn:source',
    };
    const tagged = observation('t', { meta });
    for (const query of [
      '_tag=urn:t|x',
      '_security=R',
      '_profile=http://jpfhir.jp/fhir/core/StructureDefinition/JP_Observation_Common',
      '_profile=http://jpfhir.jp/fhir/core/StructureDefinition/JP_Observation_Common\\|1.2.0',
      '_source=urn:source',
    ]) {
      expect([query, find('Observation', query, [tagged, observation('u', {})])]).toEqual([query, ['t']]);
    }
    expect(find('Observation', '_tag:not=urn:t|x', [tagged, observation('u', {})])).toEqual(['u']);
  });

  test.each(['code=|', 'code=a|b|c', 'identifier=a|b|c'])('refuse %s', (query) => {
    expect(refusal('Observation', query)).toMatchObject({ status: 400, text: expect.stringContaining('system|code') });
  });
});

describe('string parameters', () => {
  const patient = (id: string, family: string): Stored => ({ resourceType: 'Patient', id, name: [{ family }] });
  const all = [
    patient('smith', 'Smith'),
    patient('smithson', 'Smithson'),
    patient('nesmith', 'Nesmith'),
    patient('comma', 'Smith, Jr.'),
  ];

  test.each([
    ['family=smith', ['comma', 'smith', 'smithson']],
    ['family:exact=Smith', ['smith']],
    ['family:exact=smith', []],
    ['family:contains=SMITH', ['comma', 'nesmith', 'smith', 'smithson']],
    ['family=smiths,nes', ['nesmith', 'smithson']],
    ['family:exact=Smith\\, Jr.', ['comma']],
    ['family=smith\\, jr', ['comma']],
    ['family:missing=true', []],
    ['given:missing=true', ['comma', 'nesmith', 'smith', 'smithson']],
  ])('%s', (query, ids) => {
    expect(sorted(find('Patient', query, all))).toEqual(ids);
  });

  test.each(['family=ー', 'family=...', 'family:contains=・'])('refuse %s, which would find everything', (query) => {
    expect(refusal('Patient', query)).toMatchObject({
      status: 400,
      text: expect.stringContaining('no letter or digit'),
    });
  });

  it('refuse what is longer than anything in the index', () => {
    expect(refusal('Patient', `family=${'あ'.repeat(601)}`).text).toContain('600');
    expect(() => plan('Patient', `family=${'あ'.repeat(600)}`)).not.toThrow();
  });
});

describe('reference parameters', () => {
  const about = (id: string, reference: string) => observation(id, { subject: { reference } });
  const uuid = 'urn:uuid:5e4f7a51-1bfc-4c39-9d0e-7d2e4a8f2f6b';
  const all = [
    about('p', 'Patient/1'),
    about('g', 'Group/1'),
    about('v', 'Patient/1/_history/2'),
    about('full', `${baseUrl}/fhir/Patient/1`),
    about('away', 'https://elsewhere.example/fhir/Patient/1'),
    about('uuid', uuid),
    observation('logical', { subject: { type: 'Patient', identifier: { system: 'urn:s', value: '9' } } }),
    observation('none', {}),
  ];

  test.each([
    ['subject=Patient/1', ['full', 'p', 'v']],
    ['subject=1', ['full', 'g', 'p', 'v']],
    ['subject:Patient=1', ['full', 'p', 'v']],
    ['subject:Patient=Patient/1', ['full', 'p', 'v']],
    ['subject:Group=1', ['g']],
    [`subject=${baseUrl}/fhir/Patient/1`, ['full', 'p', 'v']],
    ['subject=Patient/1/_history/2', ['v']],
    ['subject=https://elsewhere.example/fhir/Patient/1', ['away']],
    [`subject=${uuid}`, ['uuid']],
    ['subject=Patient/2', []],
    ['subject=Practitioner/1', []],
    ['subject=Patient/1,Group/1', ['full', 'g', 'p', 'v']],
    ['patient=1', ['full', 'p', 'v']],
    ['patient=Patient/1', ['full', 'p', 'v']],
    ['patient=Group/1', []],
    ['subject:identifier=urn:s|9', ['logical']],
    ['subject:identifier=9', ['logical']],
    ['subject:identifier=urn:s|', ['logical']],
    ['subject:identifier=|9', []],
    ['patient:identifier=urn:s|9', ['logical']],
    ['subject:missing=true', ['none']],
    ['patient:missing=true', ['g', 'none', 'uuid']],
  ])('%s', (query, ids) => {
    expect(sorted(find('Observation', query, all))).toEqual(ids);
  });

  test.each([
    ['subject=Nothing/1', 'no reference'],
    ['subject=a b', 'no reference'],
    ['subject=Patient/', 'no reference'],
    ['subject:Patient=Group/1', 'no Patient'],
    ['subject:Practitioner=1', ':Patient'],
    ['patient:Group=1', ':Patient'],
  ])('refuse %s', (query, text) => {
    expect(refusal('Observation', query)).toMatchObject({ status: 400, text: expect.stringContaining(text) });
  });

  it('of canonicals find every version unless one is named', () => {
    const url = 'http://x.example/Questionnaire/q';
    const response = (id: string, questionnaire: string): Stored => ({
      resourceType: 'QuestionnaireResponse',
      id,
      questionnaire,
    });
    const responses = [response('one', `${url}|1`), response('two', `${url}|2`), response('bare', url)];
    expect(sorted(find('QuestionnaireResponse', `questionnaire=${url}`, responses))).toEqual(['bare', 'one', 'two']);
    expect(find('QuestionnaireResponse', `questionnaire=${url}|2`, responses)).toEqual(['two']);
  });
});

describe('quantity parameters', () => {
  const measured = (id: string, valueQuantity: object) => observation(id, { valueQuantity });
  const all = [
    measured('mg', { value: 5.4, unit: 'mg', system: ucum, code: 'mg' }),
    measured('g', { value: 5.4, unit: 'g', system: ucum, code: 'g' }),
    measured('text', { value: 5.4, unit: 'mg' }),
    measured('other', { value: 5.4, unit: 'ミリグラム', system: 'urn:units', code: 'mg' }),
    measured('bare', { value: 5.4 }),
    measured('more', { value: 6, unit: 'mg', system: ucum, code: 'mg' }),
    measured('below', { value: 5, comparator: '<', unit: 'mg', system: ucum, code: 'mg' }),
  ];

  test.each([
    ['value-quantity=5.4', ['bare', 'g', 'mg', 'other', 'text']],
    [`value-quantity=5.4|${ucum}|mg`, ['mg']],
    ['value-quantity=5.4||mg', ['mg', 'other', 'text']],
    ['value-quantity=5.4||ミリグラム', ['other']],
    ['value-quantity=5.4|urn:units|mg', ['other']],
    [`value-quantity=gt5.4|${ucum}|mg`, ['more']],
    [`value-quantity=lt5|${ucum}|mg`, ['below']],
    [`value-quantity=ne5.4|${ucum}|mg`, ['below', 'more']],
    ['value-quantity=5.40||mg', ['mg', 'other', 'text']],
    ['value-quantity=5', ['bare', 'g', 'mg', 'other', 'text']],
    ['value-quantity=5.0', []],
    ['value-quantity=ap5.5', ['bare', 'below', 'g', 'mg', 'more', 'other', 'text']],
    ['combo-value-quantity=gt5.9', ['more']],
    ['value-quantity:missing=false', ['bare', 'below', 'g', 'mg', 'more', 'other', 'text']],
  ])('%s', (query, ids) => {
    expect(sorted(find('Observation', query, all))).toEqual(ids);
  });

  it('never mix the value of one component with the unit of another', () => {
    const component = [
      { valueQuantity: { value: 120, unit: 'mmHg', system: ucum, code: 'mm[Hg]' } },
      { valueQuantity: { value: 60, unit: '/min', system: ucum, code: '/min' } },
    ];
    const both = [observation('both', { component })];
    expect(find('Observation', `component-value-quantity=120|${ucum}|mm[Hg]`, both)).toEqual(['both']);
    expect(find('Observation', 'component-value-quantity=120||mmHg', both)).toEqual(['both']);
    expect(find('Observation', `component-value-quantity=120|${ucum}|/min`, both)).toEqual([]);
    expect(find('Observation', `combo-value-quantity=60|${ucum}|/min`, both)).toEqual(['both']);
    expect(find('Observation', 'combo-value-quantity=60||mmHg', both)).toEqual([]);
  });

  it('of money', () => {
    const invoice: Stored = { resourceType: 'Invoice', id: 'i', totalNet: { value: 3300, currency: 'JPY' } };
    expect(find('Invoice', 'totalnet=3300||JPY', [invoice])).toEqual(['i']);
    expect(find('Invoice', 'totalnet=3300|urn:iso:std:iso:4217|JPY', [invoice])).toEqual(['i']);
    expect(find('Invoice', 'totalnet=3300||USD', [invoice])).toEqual([]);
  });

  test.each([
    'value-quantity=mg',
    'value-quantity=5|mg',
    'value-quantity=5|a|b|c',
    'value-quantity=|a|b',
    'value-quantity=gt',
  ])('refuse %s', (query) => {
    expect(refusal('Observation', query)).toMatchObject({ status: 400, text: expect.stringContaining('number||code') });
  });
});

describe('number and uri parameters', () => {
  it('compare numbers and ranges', () => {
    const risk = (id: string, prediction: object): Stored => ({
      resourceType: 'RiskAssessment',
      id,
      prediction: [prediction],
    });
    const all = [
      risk('low', { probabilityDecimal: 0.1 }),
      risk('high', { probabilityDecimal: 0.8 }),
      risk('range', { probabilityRange: { low: { value: 0.3 }, high: { value: 0.6 } } }),
    ];
    const hits = (query: string) => sorted(find('RiskAssessment', query, all));
    expect(hits('probability=gt0.5')).toEqual(['high', 'range']);
    expect(hits('probability=0.1')).toEqual(['low']);
    expect(hits('probability=lt0.2,gt0.7')).toEqual(['high', 'low']);
    expect(refusal('RiskAssessment', 'probability=half').text).toContain('not a number');
  });

  it('match uris to the character', () => {
    const list = (id: string, url: string): Stored => ({ resourceType: 'ValueSet', id, url });
    const all = [list('a', 'http://x.example/a'), list('b', 'http://x.example/a/b'), list('c', 'http://x.example/a,c')];
    expect(find('ValueSet', 'url=http://x.example/a', all)).toEqual(['a']);
    expect(find('ValueSet', 'url=http://x.example/a\\,c', all)).toEqual(['c']);
    expect(find('ValueSet', 'url=http://X.example/a', all)).toEqual([]);
  });
});

describe('_id and _lastUpdated', () => {
  const all = [
    observation('a', { meta: { lastUpdated: '2026-05-01T00:00:00.500Z' } }),
    observation('b', { meta: { lastUpdated: '2026-05-02T00:00:00.000Z' } }),
    { resourceType: 'Patient', id: 'a' },
  ];

  test.each([
    ['_id=a', ['a']],
    ['_id=a,b', ['a', 'b']],
    ['_id=c', []],
    ['_lastUpdated=2026-05-01T00:00:00Z', ['a']],
    ['_lastUpdated=gt2026-05-01T00:00:00Z', ['b']],
    ['_lastUpdated=ge2026-05-01', ['a', 'b']],
    ['_lastUpdated=2026-05-01', ['a']],
    ['_lastUpdated=ge2026-05-01T09:00&_lastUpdated=lt2026-05-02', ['a']],
  ])('%s', (query, ids) => {
    expect(sorted(find('Observation', query, all))).toEqual(ids);
  });

  test.each([
    '_id=a b',
    `_id=${'x'.repeat(65)}`,
    '_id=Observation/a',
    '_id:not=a',
    '_id:missing=true',
    '_lastUpdated:missing=false',
    '_lastUpdated=yesterday',
  ])('refuse %s', (query) => {
    expect(refusal('Observation', query).status).toBe(400);
  });
});

describe('modifiers', () => {
  test.each([
    ['Observation', 'code:exact=x', ':missing, :not, :text'],
    ['Observation', 'code:in=x', ':missing, :not, :text'],
    ['Observation', 'date:contains=2026', ':missing'],
    ['Observation', 'value-quantity:not=5', ':missing'],
    ['Patient', 'name:not=x', ':missing, :exact, :contains'],
    ['Patient', 'name:=x', ':missing, :exact, :contains'],
    ['Patient', 'name:exact:exact=x', ':missing, :exact, :contains'],
    ['ValueSet', 'url:below=x', ':missing'],
    ['Observation', 'subject:exact=x', ':missing, :identifier'],
    ['Observation', '_id:exact=x', 'none'],
  ])('%s?%s is refused with those that apply', (type, query, allowed) => {
    const { status, text } = refusal(type, query);
    expect(status).toBe(400);
    expect(text).toContain(query.slice(0, query.indexOf(':')));
    expect(text).toContain(allowed);
  });

  test.each(['', 'yes', 'TRUE', 'true,false'])('code:missing=%s is refused', (value) => {
    expect(refusal('Observation', `code:missing=${value}`).status).toBe(400);
  });
});
