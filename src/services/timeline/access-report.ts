import type { Access } from '../../access/access.ts';
import { OVERSEERS } from '../../access/oversight.ts';
import { Asked } from '../../fhir/asked.ts';
import { auditOfSearch } from '../../fhir/audit.ts';
import type { Answer, Engine, Operation, OperationRequest } from '../../fhir/engine.ts';
import { auditBundle } from '../../fhir/interactions/search-audit.ts';
import { permitScope } from '../../fhir/permit.ts';
import { refuse } from '../../http/errors.ts';
import { type AuditCriteria, type AuditRecord, searchAudit } from '../../store/audit-search.ts';
import { read as readResource, referenced } from '../../store/read.ts';
import { institutionName, redemptionsOf } from '../../store/redemptions.ts';
import { csvHead, csvLine } from './report/csv.ts';
import { Groups, reader } from './report/entries.ts';
import { renderReport } from './report/render.ts';

/** Entries of a searchset, lines of a PDF, rows of a CSV. */
const [MOST, MOST_LINES, MOST_ROWS] = [1000, 3000, 200_000];
const PAGE = 2000;
const [PDF, CSV] = ['application/pdf', 'text/csv'];

export interface ReportOptions {
  /** Whether reports for patients name people, besides institution and role. */
  readonly names: boolean;
}

/**
 * `Patient/[id]/$access-report`: who did what with this patient's data, when, for what purpose and on what ground, newest first, for the hospital
 * that manages the patient. As AuditEvents the latest thousand; as PDF or CSV for the patient, in words, all of the period. For people: those who
 * look after the audit.
 */
export const accessReportOperation = ({ names }: ReportOptions): Operation => ({
  name: 'access-report',
  types: ['Patient'],
  level: 'instance',
  methods: ['GET', 'POST'],
  kinds: ['cooperating-hospital'],
  roles: OVERSEERS,
  permission: 'r',
  documentation:
    'Who did what with a patient’s data, for the hospital that manages the patient. In: from, to (a date or an instant). Out: a searchset of AuditEvents, newest first; with Accept: application/pdf or text/csv (_format=pdf, csv) the same in words for the patient, in Japanese or English by Accept-Language.',
  gives: [PDF, CSV],
  run: (request) => run(request, names),
});

async function run(request: OperationRequest, names: boolean): Promise<Answer> {
  const { engine, access, id, wants } = request;
  permitScope(access, 'AuditEvent', 's');
  const period = periodOf(request);
  const patient = engine.keys.rid('Patient', id as string);
  const known = (await referenced(access, engine.database, [patient])).get(patient);
  if (known?.owner !== access.caller?.organization || known?.id !== id) throw refuse.notFound();
  const audit = () =>
    engine.audits.add(
      auditOfSearch(access, engine.now(), 'operation', 'Patient', '$access-report', [{ patient, patients: null }]),
    );
  const criteria = { patients: [patient], ...period.criteria };
  if (wants !== undefined) {
    const answer = await inWords(request, { names, patient, criteria, period });
    await audit();
    return answer;
  }
  const found = await searchAudit(access, engine.database, { ...criteria, newestFirst: true, limit: MOST + 1 });
  const more = found.length > MOST;
  if (more) found.length = MOST;
  await audit();
  const self = [`patient=Patient/${id}`, ...period.asked].join('&');
  return { status: 200, body: auditBundle(engine, found, more ? undefined : found.length, self, undefined) };
}

interface Period {
  readonly criteria: AuditCriteria;
  /** As parameters of a search of AuditEvents. */
  readonly asked: readonly string[];
  readonly from: string | undefined;
  readonly to: string | undefined;
}

function periodOf({ engine, query, body }: OperationRequest): Period {
  const asked = new Asked('access-report', body, query, ['from', 'to']);
  const [from, to] = [asked.time('from', engine.zone), asked.time('to', engine.zone)];
  const [since, until] = [asked.text('from', 64), asked.text('to', 64)];
  const all = [
    ...(from ? [{ op: '>=' as const, value: from.low }] : []),
    ...(to ? [{ op: '<=' as const, value: to.high }] : []),
  ];
  const criteria = [
    ...(since ? [`date=ge${encodeURIComponent(since)}`] : []),
    ...(until ? [`date=le${encodeURIComponent(until)}`] : []),
  ];
  return { criteria: all.length > 0 ? { at: [all] } : {}, asked: criteria, from: since, to: until };
}

interface Wanted {
  readonly names: boolean;
  readonly patient: bigint;
  readonly criteria: AuditCriteria;
  readonly period: Period;
}

/** PDF or CSV, read page by page. */
async function inWords(request: OperationRequest, wanted: Wanted): Promise<Answer> {
  const { engine, access, language, wants } = request;
  const hospital = access.caller?.organization as bigint;
  const redemptions = await redemptionsOf(access, engine.database, wanted.patient);
  const read = reader({ language, zone: engine.zone, hospital, names: wanted.names, redemptions });
  if (wants === CSV) {
    const parts = [Buffer.from(csvHead(language))];
    for await (const page of pages(engine, access, wanted.criteria, MOST_ROWS))
      parts.push(Buffer.from(page.map((record) => csvLine(read(record))).join('')));
    return {
      status: 200,
      body: Buffer.concat(parts),
      headers: headersOf(`${CSV}; charset=utf-8`, 'access-report.csv'),
    };
  }
  const groups = new Groups();
  for await (const page of pages(engine, access, wanted.criteria, MOST_ROWS)) {
    for (const record of page) groups.add(read(record));
    if (groups.list.length > MOST_LINES)
      throw refuse.unprocessable(
        `A PDF has at most ${MOST_LINES} lines; shorten the period by from and to, or ask for CSV`,
        undefined,
        'too-costly',
      );
  }
  const { list } = groups;
  const now = read({ at: engine.now() } as AuditRecord).at;
  const report = {
    language,
    groups: list,
    names: wanted.names,
    patient: await patientName(request, wanted.patient),
    hospital: await institutionName(access, engine.database, hospital),
    from: wanted.period.from ?? list.at(-1)?.at.slice(0, 10) ?? '',
    to: wanted.period.to ?? (list.length > 0 ? now.slice(0, 10) : ''),
    made: now.slice(0, 16),
    zone: engine.zone,
  };
  const pdf = await renderReport(report);
  return { status: 200, body: Buffer.from(pdf), headers: headersOf(PDF, 'access-report.pdf') };
}

const headersOf = (type: string, file: string) => ({
  'Content-Type': type,
  'Content-Disposition': `attachment; filename="${file}"`,
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; sandbox",
});

async function* pages(
  engine: Engine,
  access: Access,
  criteria: AuditCriteria,
  most: number,
): AsyncGenerator<AuditRecord[]> {
  let after: { at: number; id: string } | undefined;
  for (let rows = 0; ; ) {
    const page = await searchAudit(access, engine.database, {
      ...criteria,
      newestFirst: true,
      limit: PAGE,
      ...(after && { after }),
    });
    yield page;
    rows += page.length;
    const last = page.at(-1);
    if (page.length < PAGE || !last) return;
    if (rows >= most)
      throw refuse.unprocessable(
        `A report has at most ${most} rows; shorten the period by from and to`,
        undefined,
        'too-costly',
      );
    after = { at: last.at, id: last.id };
  }
}

interface HumanName {
  readonly text?: string;
  readonly family?: string;
  readonly given?: readonly string[];
  readonly extension?: readonly { readonly valueCode?: string }[];
}

/** As it is written (IDE), where the name is given in kana as well. */
async function patientName({ engine, access, id }: OperationRequest, patient: bigint): Promise<string> {
  const bytes = (await readResource(access, engine.database, 'Patient', id as string, patient))?.content;
  const names = bytes ? ((JSON.parse(bytes.toString()) as { name?: HumanName[] }).name ?? []) : [];
  const name = names.find(({ extension }) => extension?.some(({ valueCode }) => valueCode === 'IDE')) ?? names[0];
  return name?.text ?? [name?.family, ...(name?.given ?? [])].filter(Boolean).join(' ');
}
