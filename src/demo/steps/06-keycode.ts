import { fullWidth, guessedKeycode } from '../data/keycode.ts';
import { birthDate, PEOPLE } from '../data/patients.ts';
import { findsNothing, isEmpty, isSameAs, whoSees } from '../sight.ts';
import { need, type Stage, type Step } from '../stage.ts';
import { sharedNumber } from './04-registration.ts';
import { issue, redeem, redemption } from './06-redemption.ts';
import { addVisit, readTimeline } from './06-timeline.ts';

/** The keycode: who gets it from the patient reads the timeline and adds to it; for all others there is nothing. */
export const keycode: Step = {
  japanese: 'キーコードで時系列を共有する',
  english: 'the patient gives a keycode; who redeems it shares the timeline',
  async play(stage) {
    const { careagency, clinic, clinic2, hospital2 } = need(stage, 'institutions');
    const { patient } = need(stage, 'shared');
    const before = await careagency.fhir.get(`${patient}/$timeline`);
    stage.checks.check(careagency, 'finds no such patient before it has the keycode', before.status === 404, before);
    const code = await issue(stage);
    await refusals(stage, code);

    const born = birthDate(PEOPLE.shared, stage.moment);
    const grant = await redeem(stage, careagency, code, born);
    await readTimeline(stage, careagency);
    stage.props.visit = await addVisit(stage);
    const { pressure, note } = stage.props.visit;
    const early = await clinic.fhir.get(`Observation?_id=${pressure.slice('Observation/'.length)}&_total=accurate`);
    stage.checks.check(clinic, 'does not see the entry before it has the keycode', isEmpty(early), early);

    stage.props.grants = { careagency: grant, clinic: await redeem(stage, clinic, fullWidth(code), born) };
    await readTimeline(stage, clinic, [pressure, note]);
    const { report, pdf } = need(stage, 'report');
    const { history } = need(stage, 'shared');
    const sharers = ['hospital', 'clinic', 'careagency'] as const;
    await whoSees(stage, [
      { label: "hospital's Patient", reference: patient, seenBy: sharers },
      { label: 'its history', reference: history, seenBy: sharers },
      { label: 'DiagnosticReport', reference: report, seenBy: sharers },
      { label: 'PDF', reference: pdf, seenBy: sharers, searchable: false },
      { label: "careagency's blood pressure", reference: pressure, seenBy: sharers },
      { label: "careagency's note", reference: note, seenBy: sharers },
      { label: 'another Patient', reference: need(stage, 'closed').patient, seenBy: ['hospital'] },
      { label: "clinic's Patient", reference: need(stage, 'booking').patient, seenBy: ['hospital', 'clinic'] },
    ]);
    for (const outsider of [clinic2, hospital2]) await findsNothing(stage, outsider, patient, sharedNumber(stage));
  },
};

/** All failures are one 400; only the patient's hospital issues codes. */
async function refusals(stage: Stage, code: string): Promise<void> {
  const { checks, moment } = stage;
  const { clinic, clinic2, careagency } = need(stage, 'institutions');
  const born = birthDate(PEOPLE.shared, moment);
  const guess = await clinic2.fhir.post('$redeem-keycode', redemption(guessedKeycode(code), born));
  checks.check(clinic2, 'gets 400 for a wrong keycode', guess.status === 400, guess);
  const wrongDay = await careagency.fhir.post('$redeem-keycode', redemption(code, '1950-01-01'));
  const same = wrongDay.status === 400 && isSameAs(wrongDay, guess);
  checks.check(
    careagency,
    'gets the very same 400 for the right keycode with a wrong date of birth',
    same,
    wrongDay,
    guess,
  );
  const { patient } = need(stage, 'shared');
  const forbidden = await clinic.fhir.post(`${patient}/$issue-keycode`, { resourceType: 'Parameters' });
  const refused = forbidden.status >= 400 && forbidden.status < 500;
  checks.check(clinic, `cannot issue a keycode for the hospital's patient (${forbidden.status})`, refused, forbidden);
}
