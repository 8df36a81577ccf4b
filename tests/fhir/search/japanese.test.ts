import { find, type Stored } from './find.ts';

const EN = 'http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation';
const representation = (valueCode: string) => [{ url: EN, valueCode }];

const yamada: Stored = {
  resourceType: 'Patient',
  id: 'yamada',
  name: [
    { extension: representation('IDE'), text: '山田 太郎', family: '山田', given: ['太郎'] },
    { extension: representation('SYL'), text: 'ヤマダ タロウ', family: 'ヤマダ', given: ['タロウ'] },
  ],
  address: [
    {
      text: '東京都千代田区霞が関１－２－３',
      state: '東京都',
      city: '千代田区',
      line: ['霞が関１－２－３'],
      postalCode: '100-0013',
    },
  ],
  telecom: [{ system: 'phone', value: '03-1234-5678' }],
};
const takahashi: Stored = {
  resourceType: 'Patient',
  id: 'takahashi',
  name: [
    { extension: representation('IDE'), family: '髙橋', given: ['花子'] },
    { extension: representation('SYL'), text: 'タカハシ ハナコ' },
  ],
};
const plain: Stored = { resourceType: 'Patient', id: 'plain', name: [{ family: '高橋', given: ['花子'] }] };
const watanabe: Stored = {
  resourceType: 'Patient',
  id: 'watanabe',
  name: [{ family: '渡邊', given: ['京子'], text: '渡邊　京子' }],
};
const foreign: Stored = {
  resourceType: 'Patient',
  id: 'foreign',
  name: [{ family: 'Müller', given: ['Anna'], text: 'ミュラー・アンナ' }],
};
const all = [yamada, takahashi, plain, watanabe, foreign];

describe('a search for a Japanese name', () => {
  test.each([
    'ﾔﾏﾀﾞ',
    'ヤマダ',
    'やまだ',
    'ヤマダ　タロウ',
    'ヤマダ タロウ',
    'ﾔﾏﾀﾞ ﾀﾛｳ',
    'やまだたろう',
    'やまた',
    'ヤマ',
    'タロウ',
    'たろー',
    '山田',
    '山田太郎',
    '山田 太郎',
    '山田　太郎',
    '太郎',
    '山',
  ])('name=%s finds 山田', (name) => {
    expect(find('Patient', `name=${name}`, all)).toEqual(['yamada']);
  });

  test.each(['髙橋', '高橋', '高橋花子', '髙橋　花子', '髙'])('name=%s finds 髙橋 and 高橋', (name) => {
    expect(new Set(find('Patient', `name=${name}`, all))).toEqual(new Set(['takahashi', 'plain']));
  });

  test.each(['渡辺', '渡邉', '渡邊京子', '渡辺 京子'])('name=%s finds 渡邊', (name) => {
    expect(find('Patient', `name=${name}`, all)).toEqual(['watanabe']);
  });

  test.each(['muller', 'MÜLLER', 'Anna Müller', 'Müller Anna', 'ミュラーアンナ', 'みゅらー'])(
    'name=%s finds Müller',
    (name) => {
      expect(find('Patient', `name=${name}`, all)).toEqual(['foreign']);
    },
  );

  it('begins at the start of a part unless it is told to look inside', () => {
    expect(find('Patient', 'name=マダ', all)).toEqual([]);
    expect(find('Patient', 'name:contains=マダ', all)).toEqual(['yamada']);
    expect(find('Patient', 'name:contains=田太', all)).toEqual(['yamada']);
    expect(find('Patient', 'name:contains=橋', all)).toHaveLength(2);
  });

  it('is to the character with :exact', () => {
    expect(find('Patient', 'family:exact=髙橋', all)).toEqual(['takahashi']);
    expect(find('Patient', 'family:exact=高橋', all)).toEqual(['plain']);
    expect(find('Patient', 'name:exact=山田 太郎', all)).toEqual(['yamada']);
    expect(find('Patient', 'name:exact=山田　太郎', all)).toEqual([]);
    expect(find('Patient', 'name:exact=ﾔﾏﾀﾞ', all)).toEqual([]);
    expect(find('Patient', 'name:exact=山', all)).toEqual([]);
  });

  it('by part finds the part alone', () => {
    expect(find('Patient', 'family=たろう', all)).toEqual([]);
    expect(find('Patient', 'given=たろう', all)).toEqual(['yamada']);
    expect(find('Patient', 'family=やまだ&given=たろう', all)).toEqual(['yamada']);
    expect(find('Patient', 'phonetic=やまだ', all)).toEqual(['yamada']);
  });
});

describe('a search for a Japanese address or telephone', () => {
  test.each([
    'address=東京都千代田区',
    'address=霞ヶ関',
    'address=霞ケ関1-2-3',
    'address=東京都千代田区霞が関１ー２ー３',
    'address-city=千代田',
    'address-postalcode=1000013',
    'address-postalcode=１００－００１３',
    'address-postalcode=100',
    'address-state=東京',
  ])('%s', (query) => {
    expect(find('Patient', query, all)).toEqual(['yamada']);
  });

  test.each([
    'phone=03-1234-5678',
    'phone=0312345678',
    'phone=０３（１２３４）５６７８',
    'telecom=03 1234 5678',
    'telecom=phone|03-1234-5678',
  ])('%s', (query) => {
    expect(find('Patient', query, all)).toEqual(['yamada']);
  });

  it('is for another number when it is another', () => {
    expect(find('Patient', 'phone=0312345679', all)).toEqual([]);
    expect(find('Patient', 'email=0312345678', all)).toEqual([]);
  });
});

describe('numbers and dates as they are typed in Japan', () => {
  const visit: Stored = {
    resourceType: 'Observation',
    id: 'o',
    effectiveDateTime: '2026-11-22T08:00:00+09:00',
    valueQuantity: { value: 12.5, unit: 'mg' },
  };

  test.each(['date=２０２６-１１-２２', 'value-quantity=１２．５', 'value-quantity=ｇｔ１２', 'value-quantity=gt−1'])(
    '%s',
    (query) => {
      expect(find('Observation', query, [visit])).toEqual(['o']);
    },
  );

  it('a day is a day in Japan', () => {
    // 2026-11-22T08:00+09:00 is the evening of the 21st in Greenwich.
    expect(find('Observation', 'date=2026-11-21', [visit])).toEqual([]);
    expect(find('Observation', 'date=2026-11-21', [visit], { zone: 'UTC' })).toEqual(['o']);
  });
});
