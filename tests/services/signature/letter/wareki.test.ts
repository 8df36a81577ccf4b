import fc from 'fast-check';
import type { Day } from '../../../../src/services/signature/letter/letter.ts';
import {
  age,
  eraYear,
  readDay,
  tokyoDay,
  wareki,
  warekiAndYear,
} from '../../../../src/services/signature/letter/wareki.ts';

const day = (text: string) => readDay(text)! as Day;

describe('dates by the calendar of eras', () => {
  it.each([
    ['1868-01-24', '1868年1月24日'],
    ['1868-01-25', '明治元年1月25日'],
    ['1912-07-29', '明治45年7月29日'],
    ['1912-07-30', '大正元年7月30日'],
    ['1926-12-24', '大正15年12月24日'],
    ['1926-12-25', '昭和元年12月25日'],
    ['1989-01-07', '昭和64年1月7日'],
    ['1989-01-08', '平成元年1月8日'],
    ['2019-04-30', '平成31年4月30日'],
    ['2019-05-01', '令和元年5月1日'],
    ['2026-11-22', '令和8年11月22日'],
    ['1955', '昭和30年'],
    ['1955-05', '昭和30年5月'],
    ['2019', '平成31年・令和元年'],
    ['2019-04', '平成31年4月'],
    ['2019-05', '令和元年5月'],
    ['1989-01', '昭和64年・平成元年1月'],
    ['1926-12', '大正15年・昭和元年12月'],
    ['1912-07', '明治45年・大正元年7月'],
  ])('%s is %s', (date, expected) => {
    expect(wareki(readDay(date)!)).toBe(expected);
  });

  it('has the year of the common era in brackets', () => {
    expect(warekiAndYear(day('1955-05-04'))).toBe('昭和30年（1955年）5月4日');
    expect(warekiAndYear(readDay('1989')!)).toBe('昭和64年・平成元年（1989年）');
    expect(warekiAndYear(day('1867-11-09'))).toBe('1867年11月9日');
  });

  it('goes on without gap or return, each day from 1868 to 2100, and back to the same year', () => {
    const begin: Record<string, number> = { 明治: 1868, 大正: 1912, 昭和: 1926, 平成: 1989, 令和: 2019 };
    const eras: string[] = [];
    const wrong: string[] = [];
    for (let time = Date.UTC(1868, 0, 25); time <= Date.UTC(2100, 11, 31); time += 86_400_000) {
      const date = new Date(time).toISOString().slice(0, 10);
      const [, era, count] = eraYear(day(date)).match(/^(..)(元|\d+)年$/)!;
      if (eras.at(-1) !== era) eras.push(era!);
      if (begin[era!]! + (count === '元' ? 1 : Number(count)) - 1 !== Number(date.slice(0, 4))) wrong.push(date);
    }
    expect(wrong).toEqual([]);
    expect(eras).toEqual(['明治', '大正', '昭和', '平成', '令和']);
  });

  it('says what the ICU calendar says, from the Gregorian reform of 1873 on', () => {
    const icu = new Intl.DateTimeFormat('ja-JP-u-ca-japanese', { dateStyle: 'long', timeZone: 'UTC' });
    fc.assert(
      fc.property(
        fc.date({ min: new Date('1873-01-01'), max: new Date('2100-12-31'), noInvalidDate: true }),
        (date) => {
          expect(wareki(day(date.toISOString().slice(0, 10)))).toBe(icu.format(date));
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('days read from FHIR', () => {
  it.each([
    ['2026-02-30', undefined],
    ['2026-13', undefined],
    ['26-01-01', undefined],
    ['2026-01-01Tmorning', undefined],
    ['二〇二六', undefined],
    [undefined, undefined],
    ['2026', { year: 2026 }],
    ['2024-02-29', { year: 2024, month: 2, day: 29 }],
    ['2026-11-21T15:00:00Z', { year: 2026, month: 11, day: 22 }],
    ['2026-11-21T14:59:59.999Z', { year: 2026, month: 11, day: 21 }],
    ['2026-11-22T00:30:00+09:00', { year: 2026, month: 11, day: 22 }],
  ])('%s', (text, expected) => {
    expect(readDay(text)).toEqual(expected);
  });

  it('takes the day in Tokyo', () => {
    expect(tokyoDay(Date.UTC(2025, 11, 31, 15))).toEqual({ year: 2026, month: 1, day: 1 });
    expect(tokyoDay(Number.NaN)).toBeUndefined();
  });
});

describe('age in full years', () => {
  it.each([
    ['1955-05-04', '2026-05-03', '70歳'],
    ['1955-05-04', '2026-05-04', '71歳'],
    ['2024-02-29', '2025-02-28', '0歳'],
    ['2024-02-29', '2025-03-01', '1歳'],
    ['2024-02-29', '2028-02-29', '4歳'],
    ['2026-11-22', '2026-11-22', '0歳'],
    ['2026-11-23', '2026-11-22', undefined],
    ['1955', '2026-11-22', '70～71歳'],
    ['1955-11', '2026-11-22', '70～71歳'],
    ['1955-12', '2026-11-22', '70歳'],
    ['2026', '2026-11-22', '0歳'],
    ['2027', '2026-11-22', undefined],
  ])('born %s, on %s: %s', (birth, on, expected) => {
    expect(age(readDay(birth)!, day(on))).toBe(expected);
  });

  it('grows by one on each birthday and at no other time', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('1900-01-01'), max: new Date('2020-01-01'), noInvalidDate: true }),
        fc.integer({ min: 0, max: 40_000 }),
        (birth, days) => {
          const text = (time: number) => day(new Date(time).toISOString().slice(0, 10));
          const at = birth.getTime() + days * 86_400_000;
          const [today, tomorrow] = [text(at), text(at + 86_400_000)];
          const born = text(birth.getTime());
          const years = (on: Day) => Number.parseInt(age(born, on)!, 10);
          const birthday =
            (tomorrow.month === born.month && tomorrow.day === born.day) ||
            (born.month === 2 && born.day === 29 && tomorrow.month === 3 && tomorrow.day === 1 && today.day === 28);
          expect(years(tomorrow) - years(today)).toBe(birthday ? 1 : 0);
        },
      ),
    );
  });
});
