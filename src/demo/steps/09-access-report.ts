import type { AuditEvent, Bundle } from '@medplum/fhirtypes';
import { jst } from '../data/calendar.ts';
import { INSTITUTIONS, type InstitutionName } from '../data/institutions.ts';
import { type Answer, resourcesIn } from '../fhir-client.ts';
import { need, type Stage, type Step, titleOf } from '../stage.ts';

/** The patient asks who read what: the hospital answers from the audit. */
export const accessReport: Step = {
  japanese: 'アクセス記録を患者に示す',
  english: 'the access report: who read what, when, for what purpose',
  async play(stage) {
    const { hospital, clinic } = need(stage, 'institutions');
    const { patient } = need(stage, 'shared');
    const events = await collect(stage, `${patient}/$access-report`);
    const rows = events.map((event) => accessOf(stage, event)).sort((a, b) => a.when.localeCompare(b.when));
    stage.checks.check(hospital, `reads the access report: ${rows.length} accesses`, rows.length > 0);
    for (const name of ['hospital', 'clinic', 'careagency'] as const) {
      stage.checks.check(
        hospital,
        `finds ${titleOf(name)} in it`,
        rows.some(({ who }) => who === titleOf(name)),
      );
    }
    const outsiders = rows.filter(({ who }) => who === titleOf('clinic2') || who === titleOf('hospital2'));
    stage.checks.check(hospital, 'finds nobody in it who saw nothing', outsiders.length === 0);
    const told = rows.every(
      ({ when, who, what, purpose }) => when !== '' && who !== '' && what !== '' && purpose !== '',
    );
    stage.checks.check(hospital, 'finds time, institution, matter and purpose in every line', told);
    const foreign = await clinic.fhir.get(`${patient}/$access-report`);
    const refused = foreign.status >= 400 && foreign.status < 500;
    stage.checks.check(
      clinic,
      `is not told who else reads the hospital's patient (${foreign.status})`,
      refused,
      foreign,
    );
    stage.checks.table(['日時 (JST)', '誰が', '何を', '目的', '回数'], condensed(rows));
  },
};

/** The hospital's access report, all pages of it. */
async function collect(stage: Stage, path: string): Promise<AuditEvent[]> {
  const { hospital } = need(stage, 'institutions');
  const events: AuditEvent[] = [];
  for (let next: string | undefined = path; next !== undefined; ) {
    const answer: Answer = await hospital.fhir.get(next);
    stage.checks.must(hospital, `reads a page of the access report`, answer.ok, answer);
    events.push(...resourcesIn<AuditEvent>(answer, 'AuditEvent'));
    const link: string | undefined = answer.as<Bundle>('Bundle').link?.find(({ relation }) => relation === 'next')?.url;
    next = link?.startsWith(`${stage.base}/`) ? link.slice(stage.base.length + 1) : undefined;
  }
  return events;
}

interface Access {
  /** On the clock of Tokyo. */
  readonly when: string;
  readonly who: string;
  readonly what: string;
  readonly purpose: string;
}

/** One line of the report: the requesting institution, the interaction with the type that it touched, and the purpose of use. */
function accessOf(stage: Stage, event: AuditEvent): Access {
  const institutions = need(stage, 'institutions');
  const requestors = [...(event.agent ?? [])].sort(
    (a, b) => Number(b.requestor ?? false) - Number(a.requestor ?? false),
  );
  const references = requestors.map(({ who }) => who?.reference ?? '');
  const name = references.flatMap((reference) =>
    INSTITUTIONS.filter((n) => institutions[n].organization === reference),
  )[0];
  const purposes = requestors.flatMap(({ purposeOfUse }) => purposeOfUse ?? []).concat(event.purposeOfEvent ?? []);
  const action = event.subtype?.[0]?.code ?? event.type.code ?? '';
  return {
    when: jst(new Date(event.recorded ?? ''))
      .slice(5, 19)
      .replace('T', ' '),
    who: name ? titleOf(name as InstitutionName) : (requestors[0]?.who?.display ?? references[0] ?? ''),
    what: `${action} ${typesOf(event)}`.trim(),
    purpose: purposes[0]?.coding?.[0]?.code ?? '',
  };
}

/** Types of the data in an event; the patient alone where there are none. */
function typesOf({ entity = [] }: AuditEvent): string {
  const types = entity.flatMap(({ what }) => what?.reference?.split('/').at(-2) ?? []);
  const data = types.filter((type) => type !== 'Patient');
  return [...new Set(data.length > 0 ? data : types)].join(', ');
}

/** Lines that follow each other and differ in nothing but the time become one. */
function condensed(rows: readonly Access[]): string[][] {
  const lines: (Access & { count: number })[] = [];
  for (const row of rows) {
    const last = lines.at(-1);
    if (last && last.who === row.who && last.what === row.what && last.purpose === row.purpose) last.count++;
    else lines.push({ ...row, count: 1 });
  }
  return lines.map(({ when, who, what, purpose, count }) => [when, who, what, purpose, String(count)]);
}
