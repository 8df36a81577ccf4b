import { Secret as Seed, TOTP } from 'otpauth';
import {
  insertTotp,
  listTotps,
  resealTotp,
  type SealedSeed,
  type TotpRow,
  useTotpStep,
} from '../../../store/factor.ts';
import { deleteSeed, findSeed, keepSeed } from '../../../store/factor-setup.ts';
import type { Ground } from '../ground.ts';
import { ISSUER } from '../policy.ts';
import type { Enrolled } from '../types.ts';
import { enrol, enrolling, SETUP_LIFE } from './enrol.ts';
import type { Shown } from './prove.ts';

/** RFC 6238 as every authenticator app has it: SHA-1, six digits, 30 seconds; a step of clock difference either way is let pass. */
const PERIOD = 30;
const SHAPE = Object.freeze({ algorithm: 'SHA1', digits: 6, period: PERIOD });
const WINDOW = 1;
const SEED_BYTES = 20;

const PURPOSE = 'totp seed';

/** The seed that a session is being shown, and the URI that an app scans (https://github.com/google/google-authenticator/wiki/Key-Uri-Format). */
export async function beginTotp(
  ground: Ground,
  token: string,
): Promise<{ readonly secret: string; readonly uri: string } | null> {
  const found = await enrolling(ground, token);
  if (!found) return null;
  const { row } = found;
  const now = ground.now();
  const fresh = await sealed(ground, Buffer.from(new Seed({ size: SEED_BYTES }).bytes), row.id);
  const kept = await keepSeed(ground.access, ground.database, row.session, fresh, { now, ends: now + SETUP_LIFE });
  const seed = await opened(ground, kept, row.id);
  const totp = new TOTP({ ...SHAPE, issuer: ISSUER, label: row.login, secret: seed });
  return { secret: seed.base32, uri: totp.toString() };
}

/** The first code proves that the app has the seed; it is used up with it. */
export async function confirmTotp(ground: Ground, token: string, typed: string): Promise<Enrolled | null> {
  const found = await enrolling(ground, token);
  const kept = found && (await findSeed(ground.access, ground.database, found.row.session, ground.now()));
  if (!kept) return null;
  const step = stepOf(await opened(ground, kept, found.row.id), typed, ground.now());
  if (step === null) return null;
  return enrol(ground, found, 'totp', async (tx, factor) => {
    if (!(await deleteSeed(ground.access, tx, found.row.session))) return false;
    await insertTotp(ground.access, tx, { ...factor, ...kept, name: '', step });
    return true;
  });
}

/** A code of one of the person's apps, each step once. */
export function totpCode(ground: Ground, typed: string): Shown {
  return {
    amr: 'otp',
    name: 'one-time code',
    examine: async ({ row }) => {
      const now = ground.now();
      for (const totp of await listTotps(ground.access, ground.database, row.id)) {
        const seed = await opened(ground, totp, row.id);
        const step = stepOf(seed, typed, now);
        if (step === null) continue;
        return async (tx) => {
          if (!(await useTotpStep(ground.access, tx, { id: totp.id, step, now }))) return false;
          const resealed = await underNewest(ground, totp, seed, row.id);
          if (resealed) await resealTotp(ground.access, tx, resealed);
          return true;
        };
      }
      return null;
    },
  };
}

/** The time step whose code it is; null for any other. Digits of any width, with spaces. */
function stepOf(secret: Seed, typed: string, now: number): number | null {
  const code = typed.length > 64 ? '' : typed.normalize('NFKC').replace(/\s/g, '');
  if (!/^\d{6}$/.test(code)) return null;
  const delta = TOTP.validate({ ...SHAPE, token: code, secret, timestamp: now, window: WINDOW });
  return delta === null ? null : Math.floor(now / 1000 / PERIOD) + delta;
}

async function sealed(ground: Ground, seed: Buffer, person: string): Promise<SealedSeed> {
  const secret = await ground.secrets.newest();
  return { seed: secret.derive(PURPOSE).seal(seed, person), seed_kid: secret.kid };
}

async function opened(ground: Ground, { seed, seed_kid }: SealedSeed, person: string): Promise<Seed> {
  const secret = await ground.secrets.of(seed_kid);
  const bytes = secret.derive(PURPOSE).unseal(seed, person);
  return new Seed({ buffer: new Uint8Array(bytes).buffer });
}

/** The seed under the newest secret, where it is under an older one. */
async function underNewest(ground: Ground, totp: TotpRow, seed: Seed, person: string): Promise<TotpRow | null> {
  const { kid } = await ground.secrets.newest();
  if (kid === totp.seed_kid) return null;
  return { id: totp.id, ...(await sealed(ground, Buffer.from(seed.bytes), person)) };
}
