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
    const rows = events.map((event) => accessOf(stage, event)).sort((a, b) => a.at.getTime() - b.at.getTime());
    stage.checks.check(hospital, `reads the access report: ${rows.length} accesses`, rows.length > 0);
    for (const name of ['hospital', 'clinic', 'careagency'] as const) {
      const found = rows.some(({ institution }) => institution === name);
      stage.checks.check(hospital, `finds ${titleOf(name)} in it`, found);
    }
    const strangers = rows.filter(({ institution }) => institution === 'clinic2' || institution === 'hospital2');
    const onlyRefused = strangers.every(({ granted }) => !granted);
    stage.checks.check(hospital, 'finds in it of those who saw nothing at most what was refused', onlyRefused);
    const told = rows.every(
      ({ at, institution, who, what, purpose }) =>
        !Number.isNaN(at.getTime()) && who !== '' && what !== '' && (institution === undefined || purpose !== ''),
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
    stage.checks.table(['初回 (JST)', '誰が', '何を', '目的', '結果', '回数'], condensed(rows));
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
  readonly at: Date;
  /** Undefined for the service itself. */
  readonly institution: InstitutionName | undefined;
  readonly who: string;
  readonly what: string;
  readonly purpose: string;
  readonly granted: boolean;
}

/** One line of the report: the requesting institution, what it did with which kind of data, and the purpose of use. */
function accessOf(stage: Stage, event: AuditEvent): Access {
  const institutions = need(stage, 'institutions');
  const requestor = event.agent?.find(({ requestor }) => requestor);
  const name = INSTITUTIONS.find((one) => institutions[one].organization === requestor?.who?.reference);
  return {
    at: new Date(event.recorded ?? ''),
    institution: name,
    who: name ? titleOf(name) : (requestor?.who?.display ?? ''),
    what: matterOf(event),
    purpose: requestor?.purposeOfUse?.[0]?.coding?.[0]?.code ?? '',
    granted: event.outcome === '0',
  };
}

/** `read DiagnosticReport`, `search Observation`, `$timeline`, `redeem-keycode`. */
function matterOf({ subtype = [], entity = [] }: AuditEvent): string {
  const decision = subtype.find(({ system }) => !system?.startsWith('http://hl7.org/'))?.display;
  if (decision) return decision;
  const action = (subtype[0]?.code ?? '').replace(/-type$/, '');
  const query = entity.find(({ description }) => description)?.description;
  if (query) return /\$[a-z-]+/.exec(query)?.[0] ?? `${action} ${query.split('?')[0]}`;
  const types = entity.flatMap(({ what }) => what?.reference?.split('/')[0] ?? []);
  return `${action} ${types.find((type) => type !== 'Patient') ?? types[0] ?? ''}`.trim();
}

/** Lines that differ in nothing but the time become one, under the time of the first. */
function condensed(rows: readonly Access[]): string[][] {
  const groups = Map.groupBy(rows, ({ who, what, purpose, granted }) => [who, what, purpose, granted].join('|'));
  return [...groups.values()].map(([first, ...more]) => {
    const { at, who, what, purpose, granted } = first!;
    return [
      jst(at).slice(0, 19).replace('T', ' '),
      who,
      what,
      purpose || '—',
      granted ? '' : '拒否',
      String(more.length + 1),
    ];
  });
}
