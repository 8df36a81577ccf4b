/**
 * Letters to render, of people and institutions that do not exist: document Bundles in the shape of JP_Bundle_eReferral, as plain JSON
 * so that tests can break them.
 */
// biome-ignore lint/suspicious/noExplicitAny: JSON to take apart
export type Json = any;

const SECTION = 'http://jpfhir.jp/fhir/clins/CodeSystem/document-section';
const REPRESENTATION = 'http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation';
const TAG = 'http://jpfhir.jp/fhir/clins/CodeSystem/JP_ehrshrs_indication';

/** `urn:uuid:` of the n-th resource. */
export const urn = (n: number) => `urn:uuid:00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

export const div = (xhtml: string) => ({
  status: 'additional',
  div: `<div xmlns="http://www.w3.org/1999/xhtml">${xhtml}</div>`,
});

export const section = (code: string, text: string | undefined, ...entries: string[]): Json => ({
  title: `表題${code}`,
  code: { coding: [{ system: SECTION, code }] },
  ...(text !== undefined && { text: div(text) }),
  ...(entries.length > 0 && { entry: entries.map((reference) => ({ reference })) }),
});

export const empty = (code: string, reason: string): Json => ({
  ...section(code, undefined),
  emptyReason: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/list-empty-reason', code: reason }] },
});

const names = (kanji: string, kana: string) =>
  [
    ['IDE', kanji],
    ['SYL', kana],
  ].map(([valueCode, text]) => ({ extension: [{ url: REPRESENTATION, valueCode }], use: 'official', text }));

const department = (text: string) => [
  {
    url: 'http://jpfhir.jp/fhir/eCS/Extension/StructureDefinition/JP_eCS_Department',
    valueCodeableConcept: { coding: [{ system: 'urn:oid:1.2.392.200250.2.2.2', display: text }] },
  },
];

export const uninformed = { tag: [{ system: TAG, code: 'UNINFORMED' }] };
export const undelivered = { tag: [{ system: TAG, code: 'UNDELIVERED' }] };

const PATIENT = {
  resourceType: 'Patient',
  name: names('髙橋 德子', 'タカハシ ノリコ'),
  telecom: [
    { system: 'phone', value: '03-0000-0000', use: 'old' },
    { system: 'phone', value: '045-000-0001', use: 'home' },
  ],
  gender: 'female',
  birthDate: '1955-05-04',
  address: [{ text: '神奈川県架空市港町一丁目2番3号 汐見ハイツ405', postalCode: '200-0001', country: 'JP' }],
};

const TO = { resourceType: 'Organization', name: '架空市立みなと総合病院', extension: department('呼吸器内科') };
const FROM = {
  resourceType: 'Organization',
  name: '医療法人社団 はるかぜ内科クリニック',
  telecom: [
    { system: 'phone', value: '045-000-0002' },
    { system: 'fax', value: '045-000-0003' },
  ],
  address: [{ text: '神奈川県架空市本町四丁目5番6号', postalCode: '200-0002' }],
  extension: department('内科'),
};
const person = (kanji: string, kana: string) => ({ resourceType: 'Practitioner', name: names(kanji, kana) });

/** A letter with these sections in 300, and these resources from `urn(10)` on. */
export function letter(content: Json[], resources: Json[] = [], beside: Json[] = []): Json {
  const base = [PATIENT, TO, person('﨑山 健一', 'サキヤマ ケンイチ'), FROM, person('濵田 春香', 'ハマダ ハルカ')];
  const composition = {
    resourceType: 'Composition',
    extension: [
      {
        url: 'http://hl7.org/fhir/StructureDefinition/composition-clinicaldocument-versionNumber',
        valueString: '1.0',
      },
    ],
    identifier: {
      system: 'http://jpfhir.jp/fhir/core/IdSystem/resourceInstance-identifier',
      value: '1400000000^2026^letter-0001',
    },
    status: 'final',
    type: { coding: [{ system: 'http://jpfhir.jp/fhir/Common/CodeSystem/doc-typecodes', code: '57133-1' }] },
    subject: { reference: urn(1) },
    date: '2026-11-22T00:30:00+09:00',
    author: [{ reference: urn(5) }, { reference: urn(4) }],
    title: '診療情報提供書',
    event: [{ code: [{ text: '診療情報提供書発行' }], period: { start: '2026-11-22' } }],
    section: [
      section('920', 'はるかぜ内科クリニック', urn(4), urn(5)),
      section('910', '架空市立みなと総合病院', urn(2), urn(3)),
      { ...section('300', undefined), section: content },
      ...beside,
    ],
  };
  return structuredClone({
    resourceType: 'Bundle',
    type: 'document',
    identifier: { value: '1400000000^2026^bundle-0001' },
    timestamp: '2026-11-22T00:30:00.000+09:00',
    entry: [
      { fullUrl: urn(0), resource: composition },
      ...base.map((resource, i) => ({ fullUrl: urn(i + 1), resource })),
      ...resources.map((resource, i) => ({ fullUrl: urn(i + 10), resource })),
    ],
  });
}

export const MANDATORY = [
  section('950', '右上肺野の結節影の精査をお願いいたします。'),
  section('340', '胸部異常陰影'),
  section('360', '健診の胸部X線写真で結節影を指摘された。咳、痰、体重減少はない。'),
];

/** Only what has to be there, to a doctor who is not named. */
export function briefLetter(): Json {
  const bundle = letter(MANDATORY);
  bundle.entry[0].resource.section[1].entry = [{ reference: urn(2) }];
  bundle.entry[2].resource.extension = undefined;
  return JSON.parse(JSON.stringify(bundle));
}

const medicine = (name: string, dosage: Json, more: Json = {}): Json => ({
  resourceType: 'MedicationRequest',
  status: 'active',
  intent: 'order',
  medicationCodeableConcept: { text: name },
  dosageInstruction: [dosage],
  ...more,
});
const day = (value: number) => ({ value, unit: '日', system: 'http://unitsofmeasure.org', code: 'd' });
const taken = (text: string, amount: number, unit: string, days: number): Json => ({
  text,
  timing: { repeat: { boundsDuration: day(days) } },
  doseAndRate: [{ doseQuantity: { value: amount, unit } }],
});

/** Most sections, some with entries and no text. */
export function fullLetter(): Json {
  const resources = [
    { resourceType: 'Condition', code: { text: '慢性腎臓病' }, onsetDateTime: '2018' },
    {
      resourceType: 'Condition',
      meta: uninformed,
      code: { text: '肺癌' },
      verificationStatus: { coding: [{ code: 'provisional' }] },
    },
    {
      resourceType: 'AllergyIntolerance',
      category: ['medication'],
      criticality: 'high',
      code: { text: 'ヨード造影剤' },
      reaction: [{ manifestation: [{ text: 'アナフィラキシー' }] }],
    },
    {
      resourceType: 'Observation',
      status: 'final',
      code: { text: '血清クレアチニン' },
      valueQuantity: { value: 1.42, unit: 'mg/dL' },
      interpretation: [{ coding: [{ code: 'H' }] }],
      effectiveDateTime: '2026-11-10T08:00:00+09:00',
    },
    {
      resourceType: 'Observation',
      status: 'final',
      code: { text: '尿糖' },
      valueCodeableConcept: { text: '陰性' },
    },
    medicine('アムロジピンベシル酸塩錠5mg', taken('1日1回 朝食後', 1, '錠', 28)),
    medicine('メトホルミン塩酸塩錠250mg「架空」', taken('1日2回 朝夕食後', 1, '錠', 28), { status: 'on-hold' }),
    medicine(
      'ロキソプロフェンナトリウムテープ100mg',
      { text: '1日1回 腰に貼付', asNeededBoolean: true },
      { dispenseRequest: { quantity: { value: 14, unit: '枚' } } },
    ),
    {
      resourceType: 'FamilyMemberHistory',
      relationship: { text: '母' },
      condition: [{ code: { text: '胃癌' } }],
    },
    { resourceType: 'Procedure', status: 'completed', code: { text: '虫垂切除術' }, performedDateTime: '1975-08' },
    {
      resourceType: 'Observation',
      status: 'final',
      code: { coding: [{ system: 'http://loinc.org', code: '11341-5' }], text: '職業' },
      valueString: '小学校教諭（退職）',
    },
    {
      resourceType: 'DocumentReference',
      status: 'current',
      description: '胸部X線写真',
      content: [{ attachment: { contentType: 'image/jpeg', title: '胸部正面像' } }],
    },
    {
      resourceType: 'DocumentReference',
      status: 'current',
      description: '経過',
      content: [
        {
          attachment: {
            contentType: 'text/plain;charset=UTF-8',
            data: Buffer.from('十月に去痰薬を二週間用いたが、陰影は変わらない。').toString('base64'),
          },
        },
      ],
    },
  ];
  return letter(
    [
      section(
        '950',
        '<p>右上肺野の結節影の精査をお願いいたします。</p><p>造影剤の使用については、腎機能と既往をご確認ください。</p>',
      ),
      section('340', '胸部異常陰影', urn(11)),
      section(
        '360',
        '健診の胸部X線写真で右上肺野に径18mmの結節影を指摘された。<br/>咳、痰、血痰、体重減少はない。喫煙歴は20本/日を30年。',
      ),
      section('370', '2型糖尿病、高血圧症', urn(10)),
      section('550', undefined, urn(18)),
      section('510', undefined, urn(12)),
      section(
        '610',
        '<table><tr><td>血圧</td><td>138/82 mmHg</td></tr><tr><td>脈拍</td><td>72/分 整</td></tr><tr><td>SpO₂</td><td>97%（室内気）</td></tr></table>',
      ),
      section('620', '血液検査（十一月十日）', urn(13), urn(14)),
      section('330', undefined, urn(22)),
      section('430', '造影検査の前後48時間はメトホルミンを休薬するよう指示済み。', urn(15), urn(16), urn(17)),
      empty('520', 'nilknown'),
      section('730', undefined, urn(19)),
      section('640', '喫煙：過去に1日20本', urn(20)),
      section('420', '<ul><li>結果説明は当院で行います。</li><li>治療方針は貴院にお任せします。</li></ul>'),
    ],
    resources,
    [section('210', undefined, urn(21)), section('220', 'ご多忙のところ恐れ入りますが、よろしくお願い申し上げます。')],
  );
}

const SENTENCES = [
  '発熱と咳嗽を主訴に来院し、胸部X線写真で右下肺野に浸潤影を認めたため抗菌薬を開始した。',
  '三日後には解熱し、炎症反応も改善した。',
  'その後の外来では自覚症状なく経過していたが、血糖の管理が不十分であったため食事の指導を繰り返した。',
  '眼科では単純網膜症と診断され、年に一度の受診を続けている。',
  '腎機能は緩やかに低下しており、塩分の制限を指導した。',
];

/** A course of many years, over ten pages. */
export function longLetter(): Json {
  const years = Array.from({ length: 48 }, (_, i) => {
    const story = Array.from({ length: 5 }, (_unused, j) => SENTENCES[(i + j * 2) % SENTENCES.length]).join('');
    return `<p>平成${i + 1}年${(i % 12) + 1}月　${story}${story}</p>`;
  });
  return letter([
    section('950', '転居に伴い、今後の加療をお願いいたします。'),
    section('340', '2型糖尿病、高血圧症、慢性腎臓病'),
    section('360', years.join('')),
    section('370', '虫垂炎（十五歳）'),
  ]);
}

/** Texts that break lines, fonts and programs. */
export function hostileLetter(): Json {
  const bundle = letter(
    [
      section('950', `改行の\r\n混ざる\t文。<p>&lt;img src="file:///etc/passwd"/&gt; {{text}} \${x} %s \\n</p>`),
      section('340', 'ﾊﾟﾙｽｵｷｼﾒｰﾀ ﾃﾞ SpO2 ヲ 測定、か\u3099き\u3099ょ\u3046、Cre\u0301atinine'),
      section(
        '360',
        `${'https://example.invalid/'.padEnd(300, 'very-long-path-without-any-space')} ${'カ'.repeat(200)} ${'W'.repeat(200)}`,
      ),
      section('370', '𠮷野家の向かいで倒れた。🏥👩‍⚕️ 葛\u{e0100}飾区 ゼロ幅\u200b空白 \u202e逆順'),
      section(
        '550',
        '<p style="display:none">隠した文</p><!-- 注釈 --><script>alert(1)</script><unknown attr="x > y">未知</unknown> a < b & c &amp; d &deg; &foo;',
      ),
      section('510', '　字下げの段落。\n<pre>桁  そろえ\n  二行目</pre>'),
      section('430', undefined, urn(10)),
    ],
    [
      medicine('とても長い名前の薬'.repeat(12), {
        text: `https://example.invalid/${'x'.repeat(120)}`,
        timing: { repeat: { boundsDuration: day(14) } },
        doseAndRate: [{ doseQuantity: { value: 0.25, unit: 'microgram-per-kilogram-of-body-weight' } }],
      }),
    ],
  );
  bundle.entry[1].resource.name[0].text =
    '𠮷田 ジャン＝クリストフ・アレクサンドル・マクシミリアン・フォン・ホーエンツォレルン';
  bundle.entry[1].resource.address[0].text = '架空県架空郡'.padEnd(160, '長い名前の町');
  bundle.entry[2].resource.name = '独立行政法人架空医療機構 架空県立循環器呼吸器病センター附属架空総合医療教育研究病院';
  return bundle;
}

export const bytes = (json: Json): Uint8Array => new TextEncoder().encode(JSON.stringify(json));

/** 2026-11-22T01:00:00Z. */
export const ISSUED_AT = Date.UTC(2026, 10, 22, 1);
