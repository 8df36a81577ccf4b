import { keysOf } from '../../../src/fhir/indexing/keys-of.ts';
import { LONGEST_STRING } from '../../../src/fhir/indexing/leaf.ts';
import { has, index, keys, stringsOf } from './context.ts';

const patient = (fields: object) => ({ resourceType: 'Patient', ...fields });

describe('the strings of a name', () => {
  const IDE = { family: '山田', given: ['太郎'], text: '山田 太郎' };
  const SYL = { family: 'ヤマダ', given: ['タロウ'], text: 'ヤマダ タロウ' };

  it('are the whole and each part that the whole does not begin with', () => {
    expect(stringsOf(patient({ name: [IDE] }), 'name')).toEqual(['太郎', '山田太郎']);
    expect(stringsOf(patient({ name: [SYL] }), 'name')).toEqual(['たろう', 'やまたたろう']);
  });

  it('are made of the parts where the name has no text, family first', () => {
    expect(stringsOf(patient({ name: [{ family: '山田', given: ['太郎', '二郎'] }] }), 'name')).toEqual([
      '二郎',
      '太郎',
      '山田太郎二郎',
    ]);
  });

  it('are in both orders for a name in Latin letters', () => {
    const name = [{ family: 'Müller', given: ['Anna'], prefix: ['Dr.'] }];
    expect(stringsOf(patient({ name }), 'name')).toEqual(['annamuller', 'dr', 'mulleranna']);
  });

  it('are the text alone where it cannot be split', () => {
    expect(stringsOf(patient({ name: [{ text: '山田　太郎' }] }), 'name')).toEqual(['山田太郎']);
  });

  it('of family and given are their own', () => {
    expect(stringsOf(patient({ name: [IDE, SYL] }), 'family')).toEqual(['やまた', '山田']);
    expect(stringsOf(patient({ name: [IDE, SYL] }), 'given')).toEqual(['たろう', '太郎']);
  });

  it('are not kept twice for phonetic, which is the same expression', () => {
    expect(stringsOf(patient({ name: [SYL] }), 'phonetic')).toEqual([]);
  });

  it('are exact to the character as keys, and only so', () => {
    const person = patient({ name: [{ family: '髙橋', text: '髙橋 花子' }] });
    expect(has(person, keysOf.exact(keys, 'Patient', 'name', '髙橋'))).toBe(true);
    expect(has(person, keysOf.exact(keys, 'Patient', 'name', '髙橋 花子'))).toBe(true);
    expect(has(person, keysOf.exact(keys, 'Patient', 'family', '髙橋'))).toBe(true);
    for (const other of ['高橋', '髙橋花子', '髙橋　花子', '髙']) {
      expect(has(person, keysOf.exact(keys, 'Patient', 'name', other))).toBe(false);
    }
  });

  it('leave the resource as it was', () => {
    const person = patient({ name: [{ family: 'ﾔﾏﾀﾞ', text: '髙橋\uFA19' }] });
    const before = structuredClone(person);
    index(person);
    expect(person).toEqual(before);
  });
});

describe('the strings of an address', () => {
  it('are the whole from the prefecture down, and the parts', () => {
    const address = [
      { state: '東京都', city: '港区', line: ['芝公園四丁目２－８'], postalCode: '105-0011', country: 'JP' },
    ];
    expect(stringsOf(patient({ address }), 'address')).toEqual([
      '1050011',
      'jp',
      '東京都港区芝公園四丁目28',
      '港区',
      '芝公園四丁目28',
    ]);
    expect(stringsOf(patient({ address }), 'address-postalcode')).toEqual(['1050011']);
    expect(stringsOf(patient({ address }), 'address-state')).toEqual(['東京都']);
  });

  it('are the whole from the street up for an address without kanji or kana', () => {
    const address = [{ line: ['1 Main St.'], city: 'Springfield', state: 'IL', postalCode: '62701' }];
    expect(stringsOf(patient({ address }), 'address')).toContain('1mainstspringfieldil62701');
  });

  it('are its text where there is nothing else', () => {
    expect(stringsOf(patient({ address: [{ text: '東京都港区' }] }), 'address')).toEqual(['東京都港区']);
  });
});

describe('the strings of other texts', () => {
  it('are cut at the length that the index holds, by whole characters', () => {
    const name = [{ family: '𠮷'.repeat(LONGEST_STRING + 100) }];
    expect(stringsOf(patient({ name }), 'family')).toEqual(['吉'.repeat(LONGEST_STRING)]);
    const rare = [{ family: '𠀋'.repeat(LONGEST_STRING + 100) }];
    expect(stringsOf(patient({ name: rare }), 'family')).toEqual(['𠀋'.repeat(LONGEST_STRING)]);
  });

  it('are cut before a very long text is folded, leaving no half a character', () => {
    const [only = ''] = stringsOf(
      { resourceType: 'Library', description: `。${'𠮷。'.repeat(2_000_000)}` },
      'description',
    );
    expect(only.isWellFormed()).toBe(true);
    expect(only.startsWith('吉'.repeat(LONGEST_STRING))).toBe(true);
  });

  it('are an empty row for a text of marks alone, so that it is not missing', () => {
    expect(stringsOf(patient({ name: [{ text: '・・・' }] }), 'name')).toEqual(['']);
  });

  it('are the text of a concept where a parameter asks for it', () => {
    const observation = { resourceType: 'Observation', valueCodeableConcept: { text: '陽性' } };
    expect(stringsOf(observation, 'value-string')).toEqual(['陽性']);
    expect(stringsOf({ resourceType: 'Observation', valueString: '陰性' }, 'value-string')).toEqual(['陰性']);
  });

  it('are many without their number costing its square', () => {
    const name = Array.from({ length: 3000 }, (_, i) => ({ family: `F${i}` }));
    expect(stringsOf(patient({ name }), 'family').length).toBeGreaterThan(2000);
  });
});
