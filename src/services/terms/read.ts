import { administers, isOperator } from '../../access/administers.ts';
import { Asked } from '../../fhir/asked.ts';
import { auditOfSearch } from '../../fhir/audit.ts';
import type { Operation } from '../../fhir/engine.ts';
import { refuse } from '../../http/errors.ts';
import { acceptances, allTerms } from '../../store/terms.ts';

const iso = (at: number) => new Date(at).toISOString();

/** `$terms`: every version, newest first, as anybody with a token may read them; with `version` that one alone. */
export const termsOperation: Operation = {
  name: 'terms',
  types: ['DocumentReference'],
  level: 'system',
  methods: ['GET', 'POST'],
  kinds: [],
  permission: 'r',
  documentation:
    'The versions of the terms of use, newest first. In: version. Out: terms* with version, title, text, language, published, effective, current, prevails.',
  run: async ({ engine, access, body, query, language }) => {
    const version = new Asked('terms', body, query, ['version']).text('version', 40);
    const all = await allTerms(access, engine.database);
    const current = all.find(({ effective }) => effective <= engine.now());
    const shown = version === undefined ? all : all.filter((one) => one.version === version);
    if (version !== undefined && shown.length === 0) throw refuse.notFound();
    return {
      status: 200,
      body: {
        resourceType: 'Parameters',
        ...(shown.length > 0 && {
          parameter: shown.map((one) => {
            const english = language === 'en' && one.bodyEn !== null;
            return {
              name: 'terms',
              part: [
                { name: 'version', valueString: one.version },
                { name: 'title', valueString: (english ? one.titleEn : null) ?? one.title },
                { name: 'text', valueString: english ? one.bodyEn : one.body },
                { name: 'language', valueCode: english ? 'en' : 'ja' },
                { name: 'published', valueInstant: iso(one.published) },
                { name: 'effective', valueInstant: iso(one.effective) },
                { name: 'current', valueBoolean: one === current },
                { name: 'prevails', valueBoolean: one.prevails },
              ],
            };
          }),
        }),
      },
    };
  },
};

/** `$terms-acceptances`: which people have accepted a version, and which have not; an administrator's own, the operator's all. */
export const acceptancesOperation: Operation = {
  name: 'terms-acceptances',
  types: ['Practitioner'],
  level: 'system',
  methods: ['GET', 'POST'],
  kinds: [],
  roles: ['operator', 'administrator'],
  permission: 'r',
  documentation:
    'Who has accepted a version of the terms. In: version (the current one unless told), institution, after (a login), limit. Out: person* with name, login, organization, accepted.',
  run: async ({ engine, access, body, query }) => {
    const asked = new Asked('terms-acceptances', body, query, ['version', 'institution', 'after', 'limit']);
    const [id] = asked.references('institution', 'Organization');
    const own = access.caller?.organization as bigint;
    const institution = id === undefined ? (isOperator(access) ? null : own) : engine.keys.rid('Organization', id);
    if (institution === null ? !isOperator(access) : !administers(access, institution))
      throw refuse.forbidden('Acceptances are for the administrators of the institution and for the operator');
    const all = await allTerms(access, engine.database);
    const named = asked.text('version', 40);
    const terms = all.find((one) => (named === undefined ? one.effective <= engine.now() : one.version === named));
    if (!terms) throw refuse.notFound();
    const found = await acceptances(access, engine.database, {
      version: terms.version,
      institution,
      after: asked.text('after', 200) ?? '',
      limit: asked.integer('limit', 1, 1000) ?? 500,
    });
    await engine.audits.add(auditOfSearch(access, engine.now(), 'operation', 'Practitioner', '$terms-acceptances', []));
    return {
      status: 200,
      body: {
        resourceType: 'Parameters',
        parameter: [
          { name: 'version', valueString: terms.version },
          ...found.map((one) => ({
            name: 'person',
            part: [
              { name: 'account', valueUuid: `urn:uuid:${one.person}` },
              { name: 'name', valueString: one.name },
              { name: 'login', valueString: one.login },
              {
                name: 'organization',
                valueReference: { reference: `Organization/${one.institution}`, display: one.institutionName },
              },
              ...(one.at === null ? [] : [{ name: 'accepted', valueInstant: iso(one.at) }]),
            ],
          })),
        ],
      },
    };
  },
};
