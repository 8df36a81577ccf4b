import type { Consent, Parameters } from '@medplum/fhirtypes';
import { output, parameters } from '../parameters.ts';
import { type Institution, need, type Stage } from '../stage.ts';

const FORMAT = /^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$/;

/** Input of `$redeem-keycode`, for treatment. */
export function redemption(code: string, born: string): Parameters {
  return parameters(
    { name: 'keycode', valueString: code },
    { name: 'birthDate', valueDate: born },
    { name: 'purpose', valueCode: 'TREAT' },
    { name: 'attest', valueBoolean: true },
  );
}

/** The hospital issues the code at the patient's request. It is shown this once, and never printed here in full. */
export async function issue(stage: Stage): Promise<string> {
  const { checks } = stage;
  const { hospital } = need(stage, 'institutions');
  const { patient } = need(stage, 'shared');
  const answer = await hospital.fhir.post(`${patient}/$issue-keycode`, parameters());
  checks.must(hospital, 'issues a keycode at the wish of the patient', answer.ok, answer);
  const code = output(answer, 'keycode');
  const claim = `prints it for the patient: ${code.slice(0, 4)}-····-····-····, valid until ${output(answer, 'expires')}`;
  checks.check(hospital, claim, FORMAT.test(code) && output(answer, 'id') !== '');
  return code;
}

/** The institution enters what the patient gave it. Gives `Consent/id`. */
export async function redeem(stage: Stage, institution: Institution, code: string, born: string): Promise<string> {
  const { checks } = stage;
  const { fhir } = institution;
  const { patient } = need(stage, 'shared');
  const answer = await fhir.post('$redeem-keycode', redemption(code, born));
  const how = code.includes('-') ? '' : ', typed full-width';
  checks.must(institution, `redeems the keycode that the patient gave it${how}`, answer.ok, answer);
  const consent = output(answer, 'consent');
  checks.check(institution, 'learns which patient it opens', output(answer, 'patient') === patient, answer);
  const read = await fhir.get(consent);
  const { status, provision } = read.ok ? read.as<Consent>('Consent') : {};
  const named = provision?.actor?.some(({ reference }) => reference?.reference === institution.organization) === true;
  checks.check(
    institution,
    `is named on the Consent until ${provision?.period?.end}`,
    status === 'active' && named,
    read,
  );
  const secret = code.normalize('NFKC').replaceAll(/[^0-9A-Z]/g, '');
  const silent = !read.text.replaceAll('-', '').includes(secret);
  checks.check(institution, 'does not find the keycode in the Consent', silent);
  return consent;
}
