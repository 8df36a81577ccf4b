import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import { insertPasskey, listPasskeys, type PasskeyRow, usePasskey } from '../../../store/factor.ts';
import { keepChallenge, takeChallenge } from '../../../store/factor-setup.ts';
import type { Ground } from '../ground.ts';
import { ISSUER } from '../policy.ts';
import { find, hasFactor } from '../sessions.ts';
import type { Enrolled } from '../types.ts';
import { CHALLENGE_LIFE, enrol, enrolling } from './enrol.ts';
import type { Shown } from './prove.ts';

/** Loaded with the first passkey: its many certificate modules would cost each start a tenth of its time. */
const webauthn = () => import('@simplewebauthn/server');

/** The site that passkeys belong to: the host of BASE_URL, and pages of exactly its origin. */
function site({ baseUrl }: Ground): { readonly id: string; readonly origin: string } {
  const { hostname, origin } = new URL(baseUrl);
  return { id: hostname, origin };
}

const named = ({ credential, transports }: PasskeyRow) => ({ id: credential, transports: [...transports] });

/** What a browser needs to make a passkey (https://www.w3.org/TR/webauthn-3/#sctn-registering-a-new-credential). */
export async function beginPasskey(ground: Ground, token: string): Promise<object | null> {
  const found = await enrolling(ground, token);
  if (!found) return null;
  const { row } = found;
  const options = await (await webauthn()).generateRegistrationOptions({
    rpName: ISSUER,
    rpID: site(ground).id,
    userName: row.login,
    userDisplayName: row.name,
    userID: new Uint8Array(Buffer.from(row.id.replaceAll('-', ''), 'hex')),
    timeout: CHALLENGE_LIFE,
    attestationType: 'none',
    excludeCredentials: (await listPasskeys(ground.access, ground.database, row.id)).map(named),
    authenticatorSelection: { residentKey: 'discouraged', userVerification: 'required' },
  });
  await keepChallenge(ground.access, ground.database, row.session, 'passkey', {
    challenge: options.challenge,
    ends: ground.now() + CHALLENGE_LIFE,
  });
  return options;
}

/** Each challenge is answered once, rightly or not. */
export async function confirmPasskey(
  ground: Ground,
  token: string,
  response: unknown,
  name: string,
): Promise<Enrolled | null> {
  const found = await enrolling(ground, token);
  if (!found) return null;
  const { access, database } = ground;
  const challenge = await takeChallenge(access, database, found.row.session, 'passkey', ground.now());
  const made = challenge === undefined ? null : await register(ground, challenge, response);
  if (!made) return null;
  return enrol(ground, found, 'passkey', (tx, factor) =>
    insertPasskey(access, tx, { ...factor, ...made, name: plain(name) }),
  );
}

async function register(ground: Ground, challenge: string, response: unknown) {
  const { id, origin } = site(ground);
  const { verifyRegistrationResponse } = await webauthn();
  const result = await verifyRegistrationResponse({
    response: response as RegistrationResponseJSON,
    expectedChallenge: challenge,
    expectedOrigin: origin,
    expectedRPID: id,
    requireUserVerification: true,
  }).catch(unreadable);
  if (!result?.verified) return null;
  const { credential } = result.registrationInfo;
  return {
    credential: credential.id,
    publicKey: Buffer.from(credential.publicKey),
    counter: credential.counter,
    transports: (Array.isArray(credential.transports) ? (credential.transports as unknown[]) : [])
      .filter((one): one is string => typeof one === 'string' && /^[a-z-]{1,20}$/.test(one))
      .slice(0, 8),
  };
}

/** The library throws for what it cannot read or does not believe; either way it is no proof. */
const unreadable = () => null;

/** What people call it, in 60 characters without control characters. */
const plain = (name: string) =>
  [...name.slice(0, 512).toWellFormed().replace(/\p{C}/gu, ' ').trim()].slice(0, 60).join('');

/** What a browser needs to use a passkey; null where the person has none. */
export async function passkeyOptions(ground: Ground, token: string): Promise<object | null> {
  const found = await find(ground, token);
  if (!found || !hasFactor(found.row)) return null;
  const { access, database } = ground;
  const passkeys = await listPasskeys(access, database, found.row.id);
  if (passkeys.length === 0) return null;
  const options = await (await webauthn()).generateAuthenticationOptions({
    rpID: site(ground).id,
    timeout: CHALLENGE_LIFE,
    allowCredentials: passkeys.map(named),
    userVerification: 'required',
  });
  const ends = ground.now() + CHALLENGE_LIFE;
  await keepChallenge(access, database, found.row.session, 'assertion', { challenge: options.challenge, ends });
  return options;
}

/** An answer of one of the person's passkeys to the challenge of this session. */
export function passkey(ground: Ground, response: unknown): Shown {
  return {
    amr: 'hwk',
    name: 'passkey',
    examine: async ({ row }) => {
      const { access, database } = ground;
      const challenge = await takeChallenge(access, database, row.session, 'assertion', ground.now());
      const credential = (response as { id?: unknown } | null)?.id;
      const known = (await listPasskeys(access, database, row.id)).find((one) => one.credential === credential);
      if (challenge === undefined || !known) return null;
      const counter = await authenticate(ground, challenge, response, known);
      return counter === null ? null : (tx) => usePasskey(access, tx, { id: known.id, counter, now: ground.now() });
    },
  };
}

/** What the passkey counts now; null where it did not sign this challenge for this site, with the person verified. */
async function authenticate(ground: Ground, challenge: string, response: unknown, known: PasskeyRow) {
  const { id, origin } = site(ground);
  const { verifyAuthenticationResponse } = await webauthn();
  const result = await verifyAuthenticationResponse({
    response: response as AuthenticationResponseJSON,
    expectedChallenge: challenge,
    expectedOrigin: origin,
    expectedRPID: id,
    requireUserVerification: true,
    credential: {
      id: known.credential,
      publicKey: new Uint8Array(known.public_key),
      counter: Number(known.counter),
    },
  }).catch(unreadable);
  return result?.verified ? result.authenticationInfo.newCounter : null;
}
