import { Access } from '../../access/access.ts';
import { isOperator } from '../../access/administers.ts';
import { Asked } from '../../fhir/asked.ts';
import { auditOfAct } from '../../fhir/audit.ts';
import { commit, type Outcome } from '../../fhir/commit.ts';
import type { Engine, Operation, Resource } from '../../fhir/engine.ts';
import { stillAsked } from '../../fhir/still-standing.ts';
import { refuse } from '../../http/errors.ts';
import { insertAudit } from '../../store/audit.ts';
import type { Queryable } from '../../store/database.ts';
import type { Announcement, Audience } from '../../store/notice.ts';
import { allTerms, insertTerms, lockTerms, type TermsVersion } from '../../store/terms.ts';
import { PDF, termsDocument } from './document.ts';

const MOST_TEXT = 200_000;
/** Of the PDF, as base64. */
const MOST_PDF = 8 * 1024 * 1024;
const LEAST_REASON = 10;

/** Publishes the notice that goes with a new version; notices are another service's. */
export type Announce = (
  engine: Engine,
  access: Access,
  transaction: Queryable,
  announcement: Announcement,
  audience: Audience,
) => Promise<{ readonly id: string }>;

const EVERYONE: Audience = { everyone: true, networks: [], institutions: [] };

/**
 * `$publish-terms`: a version of the terms of use. All but the first are announced to everyone a month before they take effect (Art. 13, 27), or
 * later for a reason that is kept. A published version is never changed; the next one takes its place.
 */
export const publishTermsOperation = (announce: Announce): Operation => ({
  name: 'publish-terms',
  types: ['DocumentReference'],
  level: 'system',
  methods: ['POST'],
  kinds: ['operator'],
  roles: ['operator'],
  permission: 'c',
  documentation:
    'Publishes a version of the terms of use. In: version, title, text, titleEn, textEn, pdf, effective, override. Out: the DocumentReference.',
  run: async ({ engine, access, body, query }) => {
    if (!isOperator(access)) throw refuse.forbidden('Terms are published by the operator');
    const known = ['version', 'title', 'text', 'titleEn', 'textEn', 'pdf', 'effective', 'override'];
    const asked = new Asked('publish-terms', body, query, known);
    const version = asked.needed('version', 40);
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(version))
      throw asked.refuse('version', 'must be letters, digits, . _ and -');
    const override = asked.text('override', 1000) ?? null;
    if (override !== null && [...override].length < LEAST_REASON)
      throw asked.refuse('override', `must say why in ${LEAST_REASON} characters or more`);
    const now = engine.now();
    const given = {
      version,
      published: now,
      effective: asked.time('effective', engine.zone)?.low ?? now,
      prevails: true,
      title: asked.needed('title', 200),
      body: asked.needed('text', MOST_TEXT),
      titleEn: asked.text('titleEn', 200) ?? null,
      bodyEn: asked.text('textEn', MOST_TEXT) ?? null,
    };
    const pdf = pdfOf(asked);
    const content = await engine.database.transaction(async (transaction) => {
      await lockTerms(access, transaction);
      await stillAsked(access, transaction);
      const before = await allTerms(access, transaction);
      if (before.some((one) => one.version === version))
        throw refuse.conflict(`Version ${version} has been published; a changed text is a new version`);
      if (before.some((one) => one.effective >= given.effective))
        throw refuse.unprocessable(
          'A new version takes effect after those before it',
          `Parameters.parameter('effective')`,
        );
      const notice =
        before.length === 0
          ? null
          : await announce(engine, access, transaction, announcementOf(engine, given, override), EVERYONE);
      const document = await store(engine, access, transaction, termsDocument({ ...given, pdf, replaces: before[0] }));
      const row: TermsVersion = { ...given, override, document: document.id, notice: notice?.id ?? null };
      await insertTerms(access, transaction, row);
      const resource = { resource: engine.keys.rid('DocumentReference', document.id), resourceId: document.id };
      const act = { type: 'DocumentReference', ...resource, outcome: 0, detail: `terms ${version}` } as const;
      await insertAudit(access, transaction, [auditOfAct(access, now, 'terms-published', act)]);
      return document.content as Buffer;
    });
    return { status: 201, body: content };
  },
});

/** A PDF, base64; as FHIR carries it in an Attachment, or alone. */
function pdfOf(asked: Asked): string | null {
  const [value] = asked.values('pdf');
  if (value === undefined) return null;
  const data = typeof value === 'string' ? value : (value as { data?: unknown } | null)?.data;
  if (typeof data !== 'string' || data.length > MOST_PDF || /[^A-Za-z0-9+/\s=]/.test(data))
    throw asked.refuse('pdf', `must be base64 of at most ${MOST_PDF} characters`);
  if (!Buffer.from(data.slice(0, 1024), 'base64').toString('latin1').startsWith('%PDF-'))
    throw asked.refuse('pdf', `must be ${PDF}`);
  return data.replace(/\s/g, '');
}

async function store(engine: Engine, access: Access, transaction: Queryable, resource: Resource): Promise<Outcome> {
  const system = Access.system('terms were published', access.caller);
  const owner = access.caller?.organization as bigint;
  const change = { interaction: 'create', type: 'DocumentReference', resource, owner } as const;
  const [made] = (await commit(engine, system, [change], { within: transaction })) as [Outcome];
  return made;
}

type Given = Omit<TermsVersion, 'override' | 'document' | 'notice'>;

const announcementOf = (engine: Engine, given: Given, override: string | null): Announcement => {
  const day = (language: string) =>
    new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: engine.zone }).format(given.effective);
  return {
    kind: 'terms',
    title: '利用規約の改定のお知らせ',
    body: `${given.title}（版 ${given.version}）を ${day('ja-JP')} から適用します。内容は利用規約の画面でご確認ください。適用後のはじめてのログインで、同意をお願いします。利用規約とサービス仕様書の間に齟齬がある場合は、利用規約が優先します。`,
    titleEn: 'New terms of use',
    bodyEn: `${given.titleEn ?? given.title} (version ${given.version}) takes effect on ${day('en-GB')}. You will be asked to accept it when you first log in after that day. Where the terms and the service specification differ, the terms prevail.`,
    published: given.published,
    starts: given.effective,
    ends: null,
    stops: false,
    override,
  };
};
