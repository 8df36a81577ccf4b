import { Asked } from '../../fhir/asked.ts';
import { auditOfSearch } from '../../fhir/audit.ts';
import { bundle, type Link } from '../../fhir/bundle.ts';
import type { Engine, Operation } from '../../fhir/engine.ts';
import { refuse } from '../../http/errors.ts';
import { lockNotice } from '../../store/notice.ts';
import { MESSAGE_KINDS } from '../../store/notice-message.ts';
import { markRead, noticesTo, readersOf } from '../../store/notice-reading.ts';
import { auditNotice } from './announce.ts';
import { noticeAsked } from './change.ts';
import { KINDS } from './kinds.ts';
import { atBothLevels } from './levels.ts';
import { PUBLISHERS } from './publish.ts';

const MOST = 200;
const READ = 'https://tasuki.example/fhir/StructureDefinition/notice-read';

/** `Communication/[id]/$mark-read`: the caller has read a notice that is shown to it. Marked twice is marked once. */
const markReadOperations = atBothLevels({
  name: 'mark-read',
  types: ['Communication'],
  level: 'instance',
  methods: ['POST'],
  kinds: [],
  permission: 'u',
  documentation:
    'Marks a notice as read by the person, or by the institution’s system. In: notice (at the base). Out: read, the time.',
  run: async (request) => {
    const { engine, access, body, query } = request;
    const id = noticeAsked(request, new Asked('mark-read', body, query, ['notice']));
    const rid = engine.keys.rid('Communication', id);
    const { at } = await engine.database.transaction(async (transaction) => {
      const read = await markRead(access, transaction, rid, engine.now());
      if (!read) throw refuse.notFound();
      if (read.first) await auditNotice(engine, access, transaction, 'notice-read', { rid, id }, null);
      return read;
    });
    return {
      status: 200,
      body: {
        resourceType: 'Parameters',
        parameter: [
          { name: 'notice', valueReference: { reference: `Communication/${id}` } },
          { name: 'read', valueInstant: new Date(at).toISOString() },
        ],
      },
    };
  },
});

/** `$notices`: the caller's notices, newest first. They can also be searched like any Communication, by category and sent. */
const noticesOperation: Operation = {
  name: 'notices',
  types: ['Communication'],
  level: 'system',
  methods: ['GET', 'POST'],
  kinds: [],
  permission: 'r',
  whole: true,
  documentation:
    'The notices that are shown to the caller, and what the service told its institution about contract and standing, newest first. In: unread, kind (of a notice, or contract, standing), after (the id of a notice), limit. Out: a searchset.',
  run: async ({ engine, access, body, query }) => {
    const asked = new Asked('notices', body, query, ['unread', 'kind', 'after', 'limit']);
    const kind = asked.code('kind', [...Object.keys(KINDS), ...MESSAGE_KINDS]) ?? null;
    const limit = asked.integer('limit', 1, MOST) ?? 50;
    const unread = asked.flag('unread');
    const id = asked.text('after', 64);
    const after = id === undefined ? null : engine.keys.rid('Communication', id);
    const found = await noticesTo(access, engine.database, { unread, kind, after, limit });
    const last = found.length === limit ? found.at(-1) : undefined;
    await engine.audits.add(auditOfSearch(access, engine.now(), 'operation', 'Communication', '$notices', []));
    return {
      status: 200,
      body: bundle({
        type: 'searchset',
        timestamp: engine.now(),
        ...(last && {
          link: [next(engine, { ...(unread && { unread: 'true' }), ...(kind && { kind }), limit, after: last.id })],
        }),
        entry: found.map(({ id, content, read }) => ({
          ...(read !== null && { extension: [{ url: READ, valueInstant: new Date(read).toISOString() }] }),
          fullUrl: `${engine.baseUrl}/fhir/Communication/${id}`,
          search: { mode: 'match' },
          resource: content,
        })),
      }),
    };
  },
};

const next = ({ baseUrl }: Engine, asked: Readonly<Record<string, string | number>>): Link => ({
  relation: 'next',
  url: `${baseUrl}/fhir/$notices?${new URLSearchParams(Object.entries(asked).map(([name, value]) => [name, String(value)]))}`,
});

/** `Communication/[id]/$notice-reads`: whom a notice reaches, and who has read it; for its publisher. */
const readsOperations = atBothLevels({
  name: 'notice-reads',
  types: ['Communication'],
  level: 'instance',
  methods: ['GET', 'POST'],
  ...PUBLISHERS,
  permission: 'r',
  documentation:
    'Whom a notice of one’s own reaches and who has read it. In: notice (at the base), after (an institution’s id), limit. Out: institution* with name, read, people.',
  run: async (request) => {
    const { engine, access, body, query } = request;
    const asked = new Asked('notice-reads', body, query, ['notice', 'after', 'limit']);
    const id = noticeAsked(request, asked);
    const rid = engine.keys.rid('Communication', id);
    const notice = await engine.database.transaction((transaction) => lockNotice(access, transaction, rid));
    if (!notice || notice.publisher !== access.caller?.organization) throw refuse.notFound();
    const limit = asked.integer('limit', 1, 1000) ?? 500;
    const readers = await readersOf(access, engine.database, rid, asked.text('after', 64) ?? '', limit);
    await engine.audits.add(auditOfSearch(access, engine.now(), 'operation', 'Communication', '$notice-reads', []));
    return {
      status: 200,
      body: {
        resourceType: 'Parameters',
        parameter: [
          { name: 'notice', valueReference: { reference: `Communication/${id}` } },
          ...readers.map(({ institution, name, first, people }) => ({
            name: 'institution',
            part: [
              { name: 'organization', valueReference: { reference: `Organization/${institution}`, display: name } },
              ...(first === null ? [] : [{ name: 'read', valueInstant: new Date(first).toISOString() }]),
              { name: 'people', valueInteger: people },
            ],
          })),
        ],
      },
    };
  },
});

export const readingOperations: readonly Operation[] = [...markReadOperations, noticesOperation, ...readsOperations];
