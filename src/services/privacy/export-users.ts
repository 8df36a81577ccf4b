import { isOperator } from '../../access/administers.ts';
import { Asked } from '../../fhir/asked.ts';
import { auditOfAct } from '../../fhir/audit.ts';
import type { Operation } from '../../fhir/engine.ts';
import { refuse } from '../../http/errors.ts';
import { insertAudit } from '../../store/audit.ts';
import { type UserRow, unnamedUsersAfter, usersAfter } from '../../store/disclosure.ts';
import { CSV, CSV_HEADERS, csv } from './csv.ts';
import { PURPOSES } from './grounds.ts';

type Field = readonly [name: string, value: string | null];

const HEADER = ['account', 'institution', 'kind', 'roles', 'name', 'login', 'lastLogin'] as const;
const HEADER_UNNAMED = ['kind', 'roles'] as const;
const MOST = 10_000;
const PLACE = /^[0-9a-f]{64}$/;

/** `$export-users`: users’ personal information for the operator's own use, which Art. 17, 1 allows for three purposes alone. */
export const exportUsersOperation: Operation = {
  name: 'export-users',
  types: ['Practitioner'],
  level: 'system',
  methods: ['POST'],
  kinds: ['operator'],
  roles: ['operator'],
  permission: 'r',
  gives: [CSV],
  documentation:
    'The service’s users, for one of the purposes customise, inform and survey (which has no names), also as text/csv. In: purpose, after (what next said), limit. Out: user*, next.',
  run: async ({ engine, access, body, query, wants }) => {
    if (!isOperator(access)) throw refuse.forbidden('Users are listed by the operator');
    const asked = new Asked('export-users', body, query, ['purpose', 'after', 'limit']);
    const text = asked.text('purpose', 64);
    const purpose = PURPOSES.find((one) => one === text);
    const now = engine.now();
    if (!purpose) {
      await insertAudit(access, engine.database, [auditOfAct(access, now, 'user-export-refused', { outcome: 4 })]);
      throw refuse.unprocessable(
        `Terms of use, Art. 17: users’ personal information is used for these purposes only: ${PURPOSES.join(', ')}`,
        `Parameters.parameter('purpose')`,
      );
    }
    const limit = asked.integer('limit', 1, MOST) ?? 1000;
    const after = asked.text('after', 200) ?? '';
    const named = purpose !== 'survey';
    if (!named && after !== '' && !PLACE.test(after)) throw asked.refuse('after', 'must be what next said');
    const users = named
      ? (await usersAfter(access, engine.database, after, limit)).map((user) => [user.login, fieldsOf(user)] as const)
      : (await unnamedUsersAfter(access, engine.database, engine.cursorSecret, after, limit)).map(
          ({ place, kind, roles }) => [place, unnamed(kind, roles)] as const,
        );
    await insertAudit(access, engine.database, [
      auditOfAct(access, now, 'user-export', { outcome: 0, detail: `${purpose} ${users.length}` }),
    ]);
    const next = users.length === limit ? users.at(-1)?.[0] : undefined;
    const headers =
      next === undefined
        ? {}
        : {
            Link: `<${engine.baseUrl}/fhir/$export-users?${new URLSearchParams({ purpose, limit: String(limit), after: next })}>; rel="next"`,
          };
    if (wants === CSV) {
      const rows = users.map(([, fields]) => fields.map(([, value]) => value));
      return {
        status: 200,
        body: csv(named ? HEADER : HEADER_UNNAMED, rows),
        headers: { ...CSV_HEADERS, ...headers },
      };
    }
    const parameter = [
      ...users.map(([, fields]) => ({
        name: 'user',
        part: fields.flatMap(([name, value]) => (value === null ? [] : [{ name, valueString: value }])),
      })),
      ...(next === undefined ? [] : [{ name: 'next', valueString: next }]),
    ];
    return {
      status: 200,
      body: { resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) },
      headers,
    };
  },
};

const unnamed = (kind: string, roles: readonly string[]): readonly Field[] => [
  ['kind', kind],
  ['roles', roles.join(' ')],
];

const fieldsOf = ({ id, institutionName, kind, roles, name, login, lastLogin }: UserRow): readonly Field[] => [
  ['account', id],
  ['institution', institutionName],
  ...unnamed(kind, roles),
  ['name', name],
  ['login', login],
  ['lastLogin', lastLogin === null ? null : new Date(lastLogin).toISOString()],
];
