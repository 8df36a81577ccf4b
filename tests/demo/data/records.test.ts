import type { HumanName, Resource } from '@medplum/fhirtypes';
import { bookParameters, contrastCtOrder, proposedAppointment } from '../../../src/demo/data/booking.ts';
import { homeBloodPressure, VISIT_NOTE, visitNote } from '../../../src/demo/data/home-visit.ts';
import { bloodTest, historyCondition } from '../../../src/demo/data/hospital-record.ts';
import { INSTITUTION_DATA, INSTITUTIONS, organization } from '../../../src/demo/data/institutions.ts';
import { estimatedGfr, kidneyFunction } from '../../../src/demo/data/kidney.ts';
import { message } from '../../../src/demo/data/messages.ts';
import { type Moment, momentOf } from '../../../src/demo/data/moment.ts';
import { humanNames } from '../../../src/demo/data/names.ts';
import { birthDate, PEOPLE, patient } from '../../../src/demo/data/patients.ts';
import { PRACTITIONERS, practitioner } from '../../../src/demo/data/practitioners.ts';
import { reportPdf, reportTransaction } from '../../../src/demo/data/radiology-report.ts';
import { referralLetter } from '../../../src/demo/data/referral-letter.ts';
import { safetyQuestions } from '../../../src/demo/data/safety-questions.ts';
import { catalogue, frames } from '../../../src/demo/data/schedule.ts';

const now = new Date('2026-11-23T03:00:00Z');

/** Everything that the demo ever sends, for one moment. */
function everything(moment: Moment): Resource[] {
  const visit = { patient: 'Patient/p', nurse: 'Practitioner/n', agency: 'Organization/a' };
  const keeper = { institution: 'clinic', organization: 'Organization/c', prefix: 3 } as const;
  return [
    ...INSTITUTIONS.map(organization),
    ...Object.values(PRACTITIONERS).map(practitioner),
    ...Object.values(PEOPLE).map((person) => patient(person, moment, keeper, 'Patient/other')),
    catalogue('CT', 'Organization/h', ['2026-11-24']),
    catalogue('MR', 'Organization/h', ['2026-11-24']),
    contrastCtOrder(moment, { patient: 'Patient/p', requester: 'Organization/c', performer: 'Organization/h' }, 'CT-1'),
    safetyQuestions(
      moment,
      { patient: 'Patient/p', order: 'ServiceRequest/s', author: 'Organization/c' },
      kidneyFunction(moment),
    ),
    referralLetter(moment, 3),
    bookParameters(
      proposedAppointment(moment, {
        slot: 'Slot/s',
        start: '2026-11-24T09:00:00+09:00',
        end: '2026-11-24T09:30:00+09:00',
        order: 'ServiceRequest/s',
        patient: 'Patient/p',
        service: 'HealthcareService/h',
      }),
    ),
    historyCondition(moment, 'Patient/p', '高血圧症', 'I10', { years: 6 }),
    bloodTest(moment, 'Patient/p', 0.91, { days: 30 }),
    reportTransaction(
      moment,
      { order: 'ServiceRequest/s', patient: 'Patient/p', radiologist: 'Practitioner/r' },
      reportPdf(moment),
    ),
    homeBloodPressure(moment, visit),
    visitNote(moment, visit),
    message(moment, { sender: 'Organization/h', recipient: 'Organization/a', patient: 'Patient/p' }, '文', {
      minutes: 5,
    }),
  ];
}

/** Every value in the data, with the name of its element. */
function* values(value: unknown, element = ''): Generator<readonly [string, unknown]> {
  yield [element, value];
  if (Array.isArray(value)) for (const inner of value) yield* values(inner, element);
  else if (typeof value === 'object' && value !== null)
    for (const [key, inner] of Object.entries(value)) yield* values(inner, key);
}

const all = everything(momentOf(now));

describe('all data of the demo', () => {
  it('are the same for the same moment', () => {
    expect(JSON.stringify(everything(momentOf(now)))).toBe(JSON.stringify(all));
  });

  it('have no empty strings, arrays or objects, no null and no undefined', () => {
    const empty = [...values(all)].filter(
      ([, value]) =>
        value === null ||
        value === undefined ||
        value === '' ||
        (typeof value === 'object' && Object.keys(value as object).length === 0),
    );
    expect(empty).toEqual([]);
  });

  it('have names in kanji and in full-width katakana, with no full-width space', () => {
    const names = [...values(all)].flatMap(([element, value]) =>
      element === 'name' && typeof value === 'object' && !Array.isArray(value) ? [value as HumanName] : [],
    );
    expect(names.length).toBeGreaterThan(6);
    for (const { text, family, given, extension } of names) {
      expect(text).toBe(`${family} ${given?.[0]}`);
      expect(text).not.toMatch(/\u3000/);
      if (extension?.[0]?.valueCode === 'SYL') expect(text).toMatch(/^[ァ-ヺー]+ [ァ-ヺー]+$/);
    }
  });

  it('say what time it is on a Japanese clock, and nothing of the future but appointments', () => {
    const times = [...values(all)].filter(
      ([, value]) => typeof value === 'string' && /^\d{4}-\d{2}-\d{2}T/.test(value),
    );
    expect(times.length).toBeGreaterThan(30);
    for (const [element, value] of times) {
      expect(value).toMatch(/\+09:00$/);
      if (element !== 'start' && element !== 'end')
        expect(new Date(value as string).getTime()).toBeLessThanOrEqual(now.getTime());
    }
  });
});

describe('institutions', () => {
  it('have ten-digit codes, each its own', () => {
    const codes = INSTITUTIONS.map((name) => INSTITUTION_DATA[name].code);
    expect(new Set(codes).size).toBe(codes.length);
    for (const code of codes) expect(code).toMatch(/^\d{10}$/);
    expect(INSTITUTION_DATA.careagency.code).toBe('9450000500');
    expect(INSTITUTION_DATA.hospital.code).toMatch(/^141/);
  });

  it('say of what kind they are', () => {
    const kinds = INSTITUTIONS.map((name) => organization(name).type?.[0]?.coding?.[0]?.code);
    expect(kinds).toEqual(['cooperating-hospital', 'cooperating-hospital', 'medical', 'medical', 'care']);
  });
});

describe('people', () => {
  it('are as old as the story says, at any moment', () => {
    for (const day of ['2026-01-01', '2027-12-31', '2028-02-29', '2030-06-15']) {
      const moment = momentOf(new Date(`${day}T03:00:00Z`));
      const born = birthDate(PEOPLE.shared, moment);
      const years = Number(day.slice(0, 4)) - Number(born.slice(0, 4)) - (day.slice(5) < born.slice(5) ? 1 : 0);
      expect(years).toBe(PEOPLE.shared.age);
    }
  });

  it('keep the space of U+0020 in the name', () => {
    expect(humanNames(PEOPLE.shared.name).map(({ text }) => text)).toEqual(['髙橋 花子', 'タカハシ ハナコ']);
  });

  it('have other patient numbers in another telling', () => {
    const keeper = { institution: 'hospital', organization: 'Organization/h', prefix: 1 } as const;
    const number = (at: string) => patient(PEOPLE.shared, momentOf(new Date(at)), keeper).identifier?.[0]?.value;
    expect(number('2026-11-23T03:00:00Z')).not.toBe(number('2026-11-23T03:00:01Z'));
  });
});

describe('the estimated GFR', () => {
  it('is that of the Japanese formula', () => {
    expect(estimatedGfr(1, 60, 'male')).toBeCloseTo(59.9, 1);
    expect(estimatedGfr(1, 60, 'female')).toBeCloseTo(44.3, 1);
    expect(estimatedGfr(0.68, 79, 'female')).toBeCloseTo(62.4, 1);
  });
});

describe('examination frames', () => {
  it('fill the hours of a day and do not overlap', () => {
    const ct = frames('CT', '2026-11-24');
    expect(ct).toHaveLength(13);
    expect(ct[0]?.start.toISOString()).toBe('2026-11-24T00:00:00.000Z');
    expect(ct.at(-1)?.end.toISOString()).toBe('2026-11-24T07:30:00.000Z');
    for (const [i, { start }] of ct.entries()) if (i > 0) expect(start >= ct[i - 1]!.end).toBe(true);
    expect(frames('MR', '2026-11-24')).toHaveLength(6);
  });

  it('are published once: every entry names what it must not find', () => {
    const { entry = [] } = catalogue('CT', 'Organization/h', ['2026-11-24', '2026-11-25']);
    expect(entry).toHaveLength(3 + 26);
    const criteria = entry.map(({ request }) => request?.ifNoneExist);
    expect(new Set(criteria).size).toBe(criteria.length);
    for (const criterion of criteria) expect(criterion).toMatch(/^identifier=https%3A%2F%2F.+%7C/);
  });
});

describe('the visiting nurse', () => {
  it('writes a note that comes back as it was written', () => {
    const note = visitNote(momentOf(now), { patient: 'Patient/p', nurse: 'Practitioner/n', agency: 'Organization/a' });
    const data = note.content[0]?.attachment.data ?? '';
    expect(Buffer.from(data, 'base64').toString('utf8')).toBe(VISIT_NOTE);
  });
});
