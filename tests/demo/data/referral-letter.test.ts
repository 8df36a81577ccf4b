import type { Bundle, Composition, CompositionSection, Resource } from '@medplum/fhirtypes';
import { momentOf } from '../../../src/demo/data/moment.ts';
import { referralLetter } from '../../../src/demo/data/referral-letter.ts';

const moment = momentOf(new Date('2026-11-23T03:04:05.678Z'));
const letter = referralLetter(moment, 3);
const entries = letter.entry!;
const composition = entries[0]!.resource as Composition;
const resources = <T extends Resource>(type: T['resourceType']) =>
  entries.flatMap(({ resource }) => (resource?.resourceType === type ? [resource as T] : []));

function references(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(references);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'reference' && typeof inner === 'string' ? [inner] : references(inner),
  );
}

const code = ({ code }: CompositionSection) => code?.coding?.[0]?.code;
const part = (sections: readonly CompositionSection[], wanted: string) =>
  sections.filter((section) => code(section) === wanted);
const structured = part(composition.section!, '300')[0]!.section!;

describe('診療情報提供書: Bundle', () => {
  it('is a document with its claim, identifier and timestamp', () => {
    expect(letter.type).toBe('document');
    expect(letter.meta?.profile).toEqual(['http://jpfhir.jp/fhir/clins/StructureDefinition/JP_Bundle_eReferral|1']);
    expect(letter.identifier?.system).toBe('http://jpfhir.jp/fhir/clins/bundle-identifier');
    expect(letter.identifier?.value).toMatch(/^[0-4][0-9][1-3][0-9]{7}\^20[2-3][0-9]\^[A-Za-z0-9-]{1,36}$/);
    expect(letter.timestamp).toBe('2026-11-23T12:04:05.678+09:00');
  });

  it('has a urn:uuid of its own for every entry', () => {
    const urls = entries.map(({ fullUrl }) => fullUrl!);
    for (const url of urls) expect(url).toMatch(/^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(new Set(urls).size).toBe(urls.length);
  });

  it('refers to nothing but its own entries, and leaves none unused', () => {
    const urls = entries.map(({ fullUrl }) => fullUrl!);
    const used = new Set(references(letter));
    expect([...used].filter((reference) => !urls.includes(reference))).toEqual([]);
    expect(urls.slice(1).filter((url) => !used.has(url))).toEqual([]);
  });

  it('holds one Patient, two to four Organizations and a Practitioner', () => {
    expect(resources('Patient')).toHaveLength(1);
    expect(resources('Organization')).toHaveLength(2);
    expect(resources('Practitioner').length).toBeGreaterThan(0);
  });
});

describe('診療情報提供書: Composition', () => {
  it('comes first and has the fixed elements', () => {
    expect(composition.resourceType).toBe('Composition');
    expect(composition.status).toBe('final');
    expect(composition.title).toBe('診療情報提供書');
    expect(composition.type.coding).toEqual([
      {
        system: 'http://jpfhir.jp/fhir/Common/CodeSystem/doc-typecodes',
        code: '57133-1',
        display: '診療情報提供書',
      },
    ]);
    expect(composition.category).toHaveLength(1);
    expect(composition.extension).toEqual([
      {
        url: 'http://hl7.org/fhir/StructureDefinition/composition-clinicaldocument-versionNumber',
        valueString: '1.0',
      },
    ]);
    expect(composition.event).toEqual([{ code: [{ text: '診療情報提供書発行' }], period: { start: '2026-11-23' } }]);
    expect(composition.date).toBe('2026-11-23T12:04:05+09:00');
    expect(composition.author).toHaveLength(2);
    expect(composition.custodian?.reference).toBe(composition.author[1]?.reference);
  });

  it('has an identifier of institution, year and number, with ^', () => {
    expect(composition.identifier?.value).toMatch(/^[0-4][0-9][1-3][0-9]{7}\^2026\^[A-Za-z0-9-]{1,32}$/);
  });

  it.each(['920', '910', '300'])('has section %s once', (wanted) => {
    expect(part(composition.section!, wanted)).toHaveLength(1);
  });

  it('has no section 200 beside 300', () => {
    expect(part(composition.section!, '200')).toEqual([]);
  });

  it.each(['950', '340', '360'])('has section %s once inside 300', (wanted) => {
    expect(part(structured, wanted)).toHaveLength(1);
  });

  it('has each other section at most once', () => {
    const codes = structured.map(code);
    expect(new Set(codes).size).toBe(codes.length);
  });

  it('names in 920 and 910 one Organization each', () => {
    for (const wanted of ['920', '910']) {
      const [section] = part(composition.section!, wanted);
      const named = section!.entry!.map(
        ({ reference }) => entries.find(({ fullUrl }) => fullUrl === reference)?.resource?.resourceType,
      );
      expect(named.filter((type) => type === 'Organization')).toHaveLength(1);
      expect(section!.entry!.length).toBeLessThanOrEqual(3);
    }
  });

  it.each([...composition.section!, ...structured].map((section) => [section.title!, section] as const))(
    'writes %s as JP-CLINS does',
    (title, section) => {
      const [coding] = section.code!.coding!;
      expect(coding?.system).toBe('http://jpfhir.jp/fhir/clins/CodeSystem/document-section');
      expect(coding?.display).toBe(`${title}セクション`);
      if (section.section) expect(section.entry).toBeUndefined();
      else expect(section.text?.status).toBe('additional');
      if (!section.entry && !section.section) expect(section.emptyReason?.coding?.[0]?.code).toBe('nilknown');
    },
  );
});

describe('診療情報提供書: eCS minima', () => {
  it.each(entries.map(({ resource }) => [resource!.resourceType, resource!] as const))(
    '%s has lastUpdated and one profile',
    (_, resource) => {
      expect(resource.meta?.lastUpdated).toBeDefined();
      expect(resource.meta?.profile).toHaveLength(1);
    },
  );

  it('Patient: name with text, family and given, gender, birth date, address with text', () => {
    const [patient] = resources<Extract<Resource, { resourceType: 'Patient' }>>('Patient');
    expect(patient?.name?.map(({ extension }) => extension?.[0]?.valueCode)).toEqual(['IDE', 'SYL']);
    for (const name of patient!.name!) expect([name.text, name.family, name.given?.[0]].every(Boolean)).toBe(true);
    expect(patient?.gender).toBe('female');
    expect(patient?.birthDate).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    expect(patient?.address).toHaveLength(1);
    expect(patient?.address?.[0]?.text).toBeDefined();
  });

  it('Condition: identifier, verification status, one category, text, MEDIS key number', () => {
    const conditions = resources<Extract<Resource, { resourceType: 'Condition' }>>('Condition');
    expect(conditions.length).toBeGreaterThan(0);
    for (const condition of conditions) {
      expect(condition.identifier).toHaveLength(1);
      expect(condition.verificationStatus?.coding).toHaveLength(1);
      expect(condition.category).toHaveLength(1);
      expect(condition.code?.text).toBeDefined();
      expect(condition.code?.coding?.map(({ system }) => system)).toContain(
        'http://medis.or.jp/CodeSystem/master-disease-keyNumber',
      );
    }
  });

  it('Encounter: finished, with a class that has a display', () => {
    for (const encounter of resources<Extract<Resource, { resourceType: 'Encounter' }>>('Encounter')) {
      expect(encounter.status).toBe('finished');
      expect(encounter.class.display).toBeDefined();
    }
  });
});

describe('the letter of a moment', () => {
  it('is always the same', () => {
    const again: Bundle = referralLetter(momentOf(new Date('2026-11-23T03:04:05.678Z')), 3);
    expect(JSON.stringify(again)).toBe(JSON.stringify(letter));
  });

  it('is another than that of another moment', () => {
    const later = referralLetter(momentOf(new Date('2026-11-23T03:04:06.678Z')), 3);
    expect(later.identifier?.value).not.toBe(letter.identifier?.value);
  });
});
