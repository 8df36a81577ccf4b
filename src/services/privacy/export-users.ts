import { isOperator } from '../../access/administers.ts';
import { Asked } from '../../fhir/asked.ts';
import { auditOfAct } from '../../fhir/audit.ts';
import type { Operation } from '../../fhir/engine.ts';
import { refuse } from '../../http/errors.ts';
import { insertAudit } from '../../store/audit.ts';
import { type UserRow, usersAfter } from '../../store/disclosure.ts';
import { CSV, CSV_HEADERS, csv } from './csv.ts';
import { PURPOSES } from './grounds.ts';

const HEADER = ['account', 'institution', 'kind', 'roles', 'name', 'login', 'lastLogin'] as const;

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
    'The service’s users, for one of the purposes customise, inform and survey (which has no names), also as text/csv. In: purpose, after (a login), limit. Out: user*.',
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
    const limit = asked.integer('limit', 1, 10_000) ?? 1000;
    const users = await usersAfter(access, engine.database, asked.text('after', 200) ?? '', limit);
    await insertAudit(access, engine.database, [
      auditOfAct(access, now, 'user-export', { outcome: 0, detail: `${purpose} ${users.length}` }),
    ]);
    const named = purpose !== 'survey';
    if (wants === CSV) {
      const rows = users.map((user) => fieldsOf(user, named).map(([, value]) => value));
      return { status: 200, body: csv(HEADER.slice(0, named ? 7 : 4), rows), headers: CSV_HEADERS };
    }
    return {
      status: 200,
      body: {
        resourceType: 'Parameters',
        ...(users.length > 0 && {
          parameter: users.map((user) => ({
            name: 'user',
            part: fieldsOf(user, named).flatMap(([name, value]) =>
              value === null ? [] : [{ name, valueString: value }],
            ),
          })),
        }),
      },
    };
  },
};

const fieldsOf = (user: UserRow, named: boolean): readonly (readonly [string, string | null])[] => [
  ...(named ? [[HEADER[0], user.id] as const] : [[HEADER[0], null] as const]),
  [HEADER[1], named ? user.institutionName : null],
  [HEADER[2], user.kind],
  [HEADER[3], user.roles.join(' ')],
  ...(named
    ? ([
        [HEADER[4], user.name],
        [HEADER[5], user.login],
        [HEADER[6], user.lastLogin === null ? null : new Date(user.lastLogin).toISOString()],
      ] as const)
    : []),
];
