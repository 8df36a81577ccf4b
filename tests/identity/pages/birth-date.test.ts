import fc from 'fast-check';
import { birthDateInJapanese, readBirthDate } from '../../../src/identity/pages/birth-date.ts';

describe('a date of birth as people type it', () => {
  it.each([
    ['1951-03-12', '1951-03-12'],
    ['1951/3/12', '1951-03-12'],
    ['1951.3.12', '1951-03-12'],
    ['19510312', '1951-03-12'],
    ['1951年3月12日', '1951-03-12'],
    ['昭和26年3月12日', '1951-03-12'],
    ['昭和２６年３月１２日', '1951-03-12'],
    ['S26.3.12', '1951-03-12'],
    ['s26-3-12', '1951-03-12'],
    ['Ｓ２６．３．１２', '1951-03-12'],
    [' 昭和 26 年 3 月 12 日 ', '1951-03-12'],
    ['平成元年1月8日', '1989-01-08'],
    ['昭和64年1月7日', '1989-01-07'],
    ['令和元年5月1日', '2019-05-01'],
    ['R6.2.29', '2024-02-29'],
    ['大正元年7月30日', '1912-07-30'],
    ['T15.12.24', '1926-12-24'],
    ['明治45年7月29日', '1912-07-29'],
    ['M1.1.25', '1868-01-25'],
  ])('%s is %s', (typed, date) => {
    expect(readBirthDate(typed)).toBe(date);
  });

  it.each([
    '',
    '1951',
    '1951-3',
    '51-3-12',
    '1951-02-29',
    '1951-13-01',
    '2100-02-29',
    '昭和64年1月8日',
    '平成元年1月7日',
    '平成32年1月1日',
    '昭和0年1月1日',
    '昭和999年1月1日',
    'X26.3.12',
    '元年1月1日',
    '1951-3-12x',
    '１'.repeat(60_000),
  ])('%j is none', (typed) => {
    expect(readBirthDate(typed)).toBeNull();
  });

  it('is read back from how it is shown', () => {
    const day = fc.date({ min: new Date('1868-01-25'), max: new Date('2026-11-23'), noInvalidDate: true });
    fc.assert(
      fc.property(day, (one) => {
        const date = one.toISOString().slice(0, 10);
        expect(readBirthDate(birthDateInJapanese(date).replace(/（.*?）/, ''))).toBe(date);
        expect(readBirthDate(date)).toBe(date);
      }),
    );
  });

  it('takes any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void readBirthDate(text)));
  });

  it.each([
    ['1926-12-25', '昭和元年（1926年）12月25日'],
    ['1926-12-24', '大正15年（1926年）12月24日'],
    ['2019-05', '2019年5月'],
    ['1989', '1989年'],
    ['1860-01-01', '1860年1月1日'],
    ['', ''],
    ['<b>', '<b>'],
  ])('%s is shown as %s', (date, shown) => {
    expect(birthDateInJapanese(date)).toBe(shown);
  });
});
