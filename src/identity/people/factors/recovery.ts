import type { Queryable } from '../../../store/database.ts';
import { findRecoveryCodes, replaceRecoveryCodes, useRecoveryCode } from '../../../store/recovery-code.ts';
import { newCode, RECOVERY, readCode } from '../codes.ts';
import type { Ground } from '../ground.ts';
import type { Shown } from './prove.ts';

const HOW_MANY = 10;

/** Ids have one length, so that no two pairs read the same. */
const text = (person: string, code: string) => `${person} ${code}`;

/** New recovery codes in the place of the old ones, with the person locked. They exist nowhere else. */
export async function renewCodes(ground: Ground, tx: Queryable, person: string): Promise<readonly string[]> {
  const secret = await ground.secrets.newest();
  const key = secret.derive('recovery code');
  const codes = Array.from({ length: HOW_MANY }, () => newCode(RECOVERY));
  const hashes = codes.map((code) => key.mac(text(person, readCode(code, RECOVERY) as string)));
  await replaceRecoveryCodes(ground.access, tx, { person, kid: secret.kid, hashes, now: ground.now() });
  return codes;
}

/** A recovery code in the place of a second factor, each once. */
export function recoveryCode(ground: Ground, typed: string): Shown {
  return {
    amr: 'otp',
    name: 'recovery code',
    examine: async ({ row }) => {
      const code = readCode(typed, RECOVERY);
      const known = code && (await findRecoveryCodes(ground.access, ground.database, row.id));
      if (!code || !known) return null;
      const secrets = await Promise.all(known.kids.map((kid) => ground.secrets.of(kid)));
      const hashes = secrets.map((secret) => secret.derive('recovery code').mac(text(row.id, code)));
      return (tx) => useRecoveryCode(ground.access, tx, row.id, hashes, ground.now());
    },
  };
}
