import fc from 'fast-check';
import { FhirError } from '../../../../src/http/errors.ts';
import { readLetter } from '../../../../src/services/signature/letter/read-letter.ts';
import {
  briefLetter,
  div,
  empty,
  fullLetter,
  type Json,
  letter,
  MANDATORY,
  section,
  undelivered,
  urn,
} from './letters.ts';

const titled = (bundle: Json) =>
  Object.fromEntries(readLetter(bundle).sections.map(({ title, text }) => [title, text]));
const textOf = (code: string, bundle: Json) => readLetter(bundle).sections.find((found) => found.code === code)?.text;

/** A letter whose section of that code has this text and these resources. */
const withEntries = (code: string, text: string | undefined, ...resources: Json[]) =>
  letter([...MANDATORY, section(code, text, ...resources.map((_, i) => urn(10 + i)))], resources);

describe('a referral letter, read from its document', () => {
  const read = readLetter(fullLetter());

  it('names sender, addressee and patient as the form does', () => {
    expect(read.identifier).toBe('1400000000^2026^letter-0001');
    expect(read.version).toBe('1.0');
    expect(read.issued).toEqual({ year: 2026, month: 11, day: 22 });
    expect(read.to).toEqual({ institution: '架空市立みなと総合病院', department: '呼吸器内科', doctor: '﨑山 健一' });
    expect(read.from).toEqual({
      institution: '医療法人社団 はるかぜ内科クリニック',
      department: '内科',
      doctor: '濵田 春香',
      postalCode: '200-0002',
      address: '神奈川県架空市本町四丁目5番6号',
      phone: '045-000-0002',
      fax: '045-000-0003',
    });
    expect(read.patient).toEqual({
      name: '髙橋 德子',
      kana: 'タカハシ ノリコ',
      sex: '女',
      birthDate: { year: 1955, month: 5, day: 4 },
      postalCode: '200-0001',
      address: '神奈川県架空市港町一丁目2番3号 汐見ハイツ405',
      phone: '045-000-0001',
      occupation: '小学校教諭（退職）',
    });
  });

  it('has the sections in the order of the form', () => {
    const codes = '340 950 370 550 510 360 610 620 330 430 420 520 730 640 220 210';
    expect(read.sections.map(({ code }) => code).join(' ')).toBe(codes);
  });

  it('shows the narrative, and what entries say beyond it', () => {
    expect(titled(fullLetter())).toMatchObject({
      '傷病名・主訴': '胸部異常陰影\n・肺癌　疑い（患者未告知）',
      既往歴: '2型糖尿病、高血圧症\n・慢性腎臓病（2018年）',
      'アレルギー・不耐性反応': 'ヨード造影剤　禁忌　アナフィラキシー',
      家族歴: '母　胃癌',
      身体所見: '血圧　138/82 mmHg\n脈拍　72/分 整\nSpO₂　97%（室内気）',
      検査結果: '血液検査（十一月十日）\n・血清クレアチニン　1.42 mg/dL（H、2026年11月10日）\n・尿糖　陰性',
      治療経過: '経過　十月に去痰薬を二週間用いたが、陰影は変わらない。',
      手術歴: '虫垂切除術（1975年8月）',
      診療方針: '・結果説明は当院で行います。\n・治療方針は貴院にお任せします。',
      感染症情報: '特になし',
      添付情報: '胸部X線写真　添付文書：胸部正面像（image/jpeg）',
    });
  });

  it('has the prescriptions as a table', () => {
    const { medications, text } = read.sections.find(({ code }) => code === '430')!;
    expect(medications).toEqual([
      { name: 'アムロジピンベシル酸塩錠5mg', dose: '1回1錠', usage: '1日1回 朝食後', days: '28日分' },
      { name: '【休薬中】メトホルミン塩酸塩錠250mg「架空」', dose: '1回1錠', usage: '1日2回 朝夕食後', days: '28日分' },
      { name: 'ロキソプロフェンナトリウムテープ100mg', dose: '', usage: '1日1回 腰に貼付\n頓用', days: '計14枚' },
    ]);
    expect(text).toBe('造影検査の前後48時間はメトホルミンを休薬するよう指示済み。');
  });

  it('does without all that is optional', () => {
    const { to, sections } = readLetter(briefLetter());
    expect(to).toEqual({ institution: '架空市立みなと総合病院', department: undefined, doctor: undefined });
    expect(sections.map(({ code }) => code)).toEqual(['340', '950', '360']);
  });
});

describe('what a section says', () => {
  it('does not repeat an entry that the narrative has, whatever its width and spacing', () => {
    const known = { resourceType: 'Condition', code: { text: '2型糖尿病' }, note: [{ text: 'HbA1c 7.2%' }] };
    expect(textOf('370', withEntries('370', '２型 糖尿病（HbA1c　7.2%）', known))).toBe('２型 糖尿病（HbA1c　7.2%）');
  });

  it('does not take a number for part of another', () => {
    const test = { resourceType: 'Observation', code: { text: 'Cr' }, valueQuantity: { value: 2.5, unit: 'mg/dL' } };
    expect(textOf('620', withEntries('620', 'Cr 12.5 mg/dL', test))).toBe('Cr 12.5 mg/dL\n・Cr　2.5 mg/dL');
  });

  it.each([
    [
      { resourceType: 'Condition', code: { text: '結核' }, verificationStatus: { coding: [{ code: 'refuted' }] } },
      '結核　否定',
    ],
    [
      {
        resourceType: 'Condition',
        code: { text: '痛風' },
        verificationStatus: { coding: [{ code: 'entered-in-error' }] },
      },
      '（記載なし）',
    ],
    [{ resourceType: 'Observation', code: { text: 'HBs抗原' }, valueBoolean: false }, 'HBs抗原　なし'],
    [
      {
        resourceType: 'Observation',
        code: { text: 'CRP' },
        valueQuantity: { value: 0.1, comparator: '<', unit: 'mg/dL' },
      },
      'CRP　<0.1 mg/dL',
    ],
    [{ resourceType: 'Immunization', status: 'not-done', vaccineCode: { text: '肺炎球菌' } }, '肺炎球菌　未実施'],
    [
      { resourceType: 'ImagingStudy', description: '胸部CT', started: '2026-11-01', modality: [{ code: 'CT' }] },
      '胸部CT（CT、2026年11月1日）',
    ],
    [{ resourceType: 'Basic', text: div('その他の<br/>記載') }, 'その他の\n記載'],
    [{ resourceType: 'Basic' }, '（構造化データ：Basic）'],
    [
      {
        resourceType: 'DeviceUseStatement',
        device: { reference: '#d' },
        contained: [{ resourceType: 'Device', id: 'd', type: { text: '心臓ペースメーカー' } }],
      },
      '心臓ペースメーカー',
    ],
  ])('%j', (resource, expected) => {
    expect(textOf('720', withEntries('720', undefined, resource))).toBe(expected);
  });

  it('follows results to their members', () => {
    const report = { resourceType: 'DiagnosticReport', code: { text: '血算' }, result: [{ reference: urn(11) }] };
    const member = { resourceType: 'Observation', code: { text: 'Hb' }, valueQuantity: { value: 13.1, unit: 'g/dL' } };
    const bundle = letter([...MANDATORY, section('620', undefined, urn(10))], [report, member]);
    expect(textOf('620', bundle)).toBe('血算　Hb　13.1 g/dL');
  });

  it.each([
    ['nilknown', '特になし'],
    ['withheld', '非開示'],
    ['notasked', '未聴取'],
  ])('is %s: %s', (reason, expected) => {
    expect(textOf('550', letter([...MANDATORY, empty('550', reason)]))).toBe(expected);
  });

  it('has sections of other origin under their own title, before none that the form has', () => {
    const other = { title: '独自項目', text: div('独自の記載'), section: [{ title: '内側', text: div('内側の記載') }] };
    const { sections } = readLetter(letter([other, ...MANDATORY]));
    expect(sections.at(-1)).toEqual({
      code: undefined,
      title: '独自項目',
      text: '独自の記載\n【内側】\n内側の記載',
      medications: [],
    });
  });

  it('takes the department from the narrative where nothing else gives it', () => {
    const bundle = briefLetter();
    bundle.entry[0].resource.section[1].text = div('架空市立みなと総合病院 放射線科');
    expect(readLetter(bundle).to.department).toBe('放射線科');
  });

  it('takes the department from an Organization of that type', () => {
    const bundle = briefLetter();
    const system = 'http://terminology.hl7.org/CodeSystem/organization-type';
    const department = { resourceType: 'Organization', name: '眼科', type: [{ coding: [{ system, code: 'dept' }] }] };
    bundle.entry.push({ fullUrl: urn(10), resource: department });
    bundle.entry[0].resource.section[1].entry.unshift({ reference: urn(10) });
    expect(readLetter(bundle).to).toMatchObject({ institution: '架空市立みなと総合病院', department: '眼科' });
  });
});

const entry = (index: number) => `Composition.section[2].section[${index}].entry[0]`;

/** Puts a value where the path leads; `undefined` takes away what is there. */
function set(bundle: Json, path: readonly (string | number)[], value: Json): void {
  const parent = path.slice(0, -1).reduce((holder, key) => holder[key], bundle);
  if (value === undefined && Array.isArray(parent)) parent.splice(Number(path.at(-1)), 1);
  else parent[path.at(-1)!] = value;
}

describe('a document that is no letter', () => {
  const refusal = (bundle: Json) => {
    try {
      readLetter(bundle);
    } catch (error) {
      if (error instanceof FhirError) return { status: error.status, expression: error.issues[0]?.expression?.[0] };
      throw error;
    }
    return undefined;
  };
  const C = 'entry.0.resource';
  const CONTENT = `${C}.section.2.section`;
  const P = 'entry.1.resource';

  it.each<[what: string, path: string, value: Json, expression: string]>([
    ['another type of Bundle', 'type', 'collection', 'Bundle.type'],
    ['no Composition first', `${C}.resourceType`, 'Basic', 'Bundle.entry[0].resource'],
    ['entries of one fullUrl', 'entry.3.fullUrl', urn(1), 'Bundle.entry[3].fullUrl'],
    ['an entry without fullUrl', 'entry.3.fullUrl', undefined, 'Bundle.entry[3]'],
    ['another type of document', `${C}.type.coding.0.code`, '18842-5', 'Composition.type'],
    ['the code of another system', `${C}.type.coding.0.system`, 'http://loinc.org', 'Composition.type'],
    ['a draft', `${C}.status`, 'preliminary', 'Composition.status'],
    ['no identifier', `${C}.identifier`, undefined, 'Composition.identifier.value'],
    ['no section 920', `${C}.section.0`, undefined, 'Composition.section'],
    ['two sections 910', `${C}.section.3`, section('910', 'x', urn(2)), 'Composition.section'],
    ['no section 300', `${C}.section.2`, undefined, 'Composition.section'],
    ['a CDA document', `${C}.section.3`, section('200', 'CDA'), 'Composition.section'],
    ['no 紹介目的', `${CONTENT}.0`, undefined, 'Composition.section[2].section'],
    ['no 傷病名', `${CONTENT}.1`, undefined, 'Composition.section[2].section'],
    ['no 現病歴', `${CONTENT}.2`, undefined, 'Composition.section[2].section'],
    ['a 傷病名 that says nothing', `${CONTENT}.1`, section('340', ' '), 'Composition.section[2].section[1]'],
    ['a reference to outside', `${CONTENT}.3`, section('370', 'x', 'Condition/1'), `${entry(3)}.reference`],
    ['a contained thing elsewhere', `${CONTENT}.3`, section('370', 'x', '#a'), `${entry(3)}.reference`],
    ['no institution', `${C}.section.0.entry`, [{ reference: urn(5) }], 'Composition.section[0].entry'],
    ['no doctor who sends', 'entry.5.resource.name', [], 'Composition.author'],
    ['no day of issue', `${C}.event.0.period.start`, '2026-11', 'Composition.event[0].period.start'],
    ['no patient', `${C}.subject.reference`, urn(2), 'Composition.subject'],
    ['no name', `${P}.name`, undefined, 'Bundle.entry[1].resource.name'],
    ['no sex', `${P}.gender`, undefined, 'Bundle.entry[1].resource.gender'],
    ['no real birth date', `${P}.birthDate`, '1955-02-30', 'Bundle.entry[1].resource.birthDate'],
    ['a birth after the letter', `${P}.birthDate`, '2026-11-23', 'Patient.birthDate'],
    ['what must not leave', `${P}.meta`, undelivered, 'Bundle.entry[1].resource.meta.tag'],
  ])('%s', (_, path, value, expression) => {
    const bundle = letter(MANDATORY);
    expect(refusal(bundle)).toBeUndefined();
    set(bundle, path.split('.'), value);
    expect(refusal(bundle)).toEqual({ status: 422, expression });
  });

  it.each([[null], [undefined], [5], ['x'], [[]], [{}], [{ resourceType: 'Bundle', type: 'document', entry: 5 }]])(
    '%j',
    (json) => {
      expect(refusal(json)).toMatchObject({ status: 422 });
    },
  );

  it('refuses results that are members of themselves, and sections without an end', () => {
    const circle = { resourceType: 'Observation', code: { text: '輪' }, hasMember: [{ reference: urn(10) }] };
    expect(refusal(withEntries('620', undefined, circle))).toMatchObject({ status: 422 });
    const many = Array.from({ length: 30 }, () => ({ reference: urn(11) }));
    const panel = (member: number) => ({ ...circle, hasMember: many.map(() => ({ reference: urn(member) })) });
    const members = [panel(11), panel(12), panel(13), { ...circle, hasMember: [] }];
    expect(refusal(withEntries('620', undefined, ...members))).toMatchObject({ status: 422 });
    let deep: Json = section('360', '底');
    for (let i = 0; i < 200; i++) deep = { ...section('999', 'x'), section: [deep] };
    expect(refusal(letter([...MANDATORY, deep]))).toMatchObject({ status: 422 });
  });

  it('refuses with 422 or reads, whatever part is taken away or is of another kind', () => {
    const paths: (string | number)[][] = [];
    const walk = (value: Json, path: (string | number)[]) => {
      if (path.length > 0) paths.push(path);
      if (typeof value === 'object' && value !== null) {
        for (const key of Object.keys(value)) walk(value[key], [...path, Array.isArray(value) ? Number(key) : key]);
      }
    };
    walk(fullLetter(), []);
    const others = fc.constantFrom<Json>(undefined, null, 7, 'x', true, [], {}, [null], [[{}]]);
    fc.assert(
      fc.property(fc.constantFrom(...paths), others, (path, other) => {
        const bundle = fullLetter();
        set(bundle, path, other);
        const refused = refusal(bundle);
        if (refused) expect(refused.status).toBe(422);
      }),
      { numRuns: 1000 },
    );
  });
});
