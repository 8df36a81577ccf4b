import { integer } from '../../../../src/pki/der.ts';
import type { CrlParts } from '../../../../src/pki/issue.ts';
import { authorities } from '../../../support/signature/authorities.ts';
import { authority, type Member, SIGNATURE_POLICY, signerOf } from '../../../support/signature/authority.ts';
import { crlOf, listsAt } from '../../../support/signature/lists.ts';
import { changeByte, type SignLetter } from '../../../support/signature/sign-letter.ts';
import { signers } from '../../../support/signature/signers.ts';
import { DAY, HOUR, SECOND, SIGNED_AT, VERIFIED_AT, YEAR } from '../../../support/signature/times.ts';
import { letter } from '../verify/ask.ts';
import { type Attack, type Case, doubted, refuted } from './attack.ts';
import { algorithm } from './making.ts';

const AT = SIGNED_AT + HOUR;
const SHA1_WITH_ECDSA = algorithm('1.2.840.10045.4.1');

/** In place of what the issuing authority publishes, the house has got these. */
const house = (...lists: readonly Uint8Array[]) => ({
  trust: { crls: [...listsAt(AT).filter((_, index) => index !== 1), ...lists] },
});
const list = (parts: Partial<CrlParts> = {}, at = AT): Uint8Array => crlOf(authorities.signing, at, parts);
const NONE = { entries: [] } as const;

/** The house has only these lists of the issuing authority. */
const only = async (...lists: readonly Uint8Array[]): Promise<Case> => ({
  submitted: await letter(),
  ...house(...lists),
});

/** Signed with a revoked card; the file brings lists that know nothing of it. */
const bringing = (crls: readonly Uint8Array[], how: Partial<SignLetter> = {}): Promise<Uint8Array> =>
  letter({ signer: signers.revoked, dss: { certificates: [], crls }, ...how });

/** The same, and the house was kept from getting lists of its own. */
const cutOff = async (...crls: readonly Uint8Array[]): Promise<Case> => ({
  submitted: await bringing(crls),
  ...house(),
});

const named = (key: Member, ...lists: Partial<CrlParts>[]): Uint8Array =>
  list({
    ...NONE,
    issuer: { key: key.key, name: authorities.signing.x509.subject.der },
    ...Object.assign({}, ...lists),
  });

/** A list by an authority whose certificate had ended when it was made; that of its doctor had not. */
async function ended(): Promise<Case> {
  const issuer = authority('CA that ends', authorities.root, {
    notAfter: SIGNED_AT + 10 * DAY,
    extensions: { certificatePolicies: [`${SIGNATURE_POLICY}.3.1`] },
  });
  const signer = signerOf('SHIKEN Nokori', issuer);
  const crls = [crlOf(issuer, SIGNED_AT + 15 * DAY, NONE)];
  const submitted = await letter({ signer, dss: { certificates: [], crls } });
  return { submitted, now: SIGNED_AT + 16 * DAY, trust: { crls: listsAt(SIGNED_AT + DAY) } };
}

/** Revoked certificates, and lists that would hide it. */
export const REVOCATIONS: readonly Attack[] = [
  refuted('signs with a card that was revoked', 'revocation CERT_REVOKED', () => letter({ signer: signers.revoked })),
  refuted('signs with a card of an authority that was revoked', 'revocation CA_REVOKED', () =>
    letter({ signer: signers.revokedCa }),
  ),
  refuted('signs with a card that had been stolen, before that was known', 'revocation CERT_COMPROMISED', () =>
    letter({ signer: signers.stolenBefore }),
  ),
  refuted('signs in the very second of the revocation', 'revocation CERT_REVOKED', async () => ({
    submitted: await letter(),
    ...house(list({ entries: [{ serial: signers.doctor.x509.serial, revocationDate: SIGNED_AT }] })),
  })),
  refuted('signs with a card that is on hold', 'revocation CERT_REVOKED', async () => ({
    submitted: await letter(),
    ...house(
      list({
        entries: [{ serial: signers.doctor.x509.serial, revocationDate: SIGNED_AT - DAY, reason: 'certificateHold' }],
      }),
    ),
  })),
  refuted('brings an older list on which the card was not yet', 'revocation CERT_REVOKED', () =>
    bringing([list(NONE, SIGNED_AT - 60 * DAY)]),
  ),
  refuted('brings a newer list from which the card was taken off', 'revocation CERT_REVOKED', () =>
    bringing([list(NONE, VERIFIED_AT - HOUR)]),
  ),
  refuted('brings a list that takes the card back by removeFromCRL', 'revocation CERT_REVOKED', () =>
    bringing([
      list({
        deltaBase: 1n,
        entries: [{ serial: signers.revoked.x509.serial, revocationDate: SIGNED_AT - DAY, reason: 'removeFromCRL' }],
      }),
    ]),
  ),
  refuted('shows the revocation on an indirect list, and the house has the direct one', 'revocation CERT_REVOKED', () =>
    bringing([list({ ...NONE, issuingDistributionPoint: { indirectCRL: true } })]),
  ),
  doubted('keeps the lists from the house', 'revocation CRL_MISSING', () => only()),
  doubted('keeps the list of the root from the house', 'revocation CRL_MISSING', async () => ({
    submitted: await letter(),
    trust: { crls: listsAt(AT).slice(1) },
  })),
  doubted('keeps the list of the time-stamp authority from the house', 'revocation CRL_MISSING', async () => ({
    submitted: await letter(),
    trust: { crls: listsAt(AT).filter((_, index) => index !== 5) },
  })),
  doubted(
    'keeps the lists from the house and brings one signed by another authority of that name',
    'revocation CRL_OTHER_KEY',
    () => cutOff(crlOf(authorities.falseSigning, AT, NONE)),
  ),
  doubted('brings one signed by another key, with the right key identifier', 'revocation CRL_SIGNATURE_WRONG', () =>
    cutOff(
      named(authorities.falseSigning, { authorityKeyIdentifier: authorities.signing.x509.known.subjectKeyIdentifier! }),
    ),
  ),
  doubted('brings one signed by the root in the name of the issuer', 'revocation CRL_SIGNATURE_WRONG', () =>
    cutOff(named(authorities.root)),
  ),
  doubted('brings one signed with the doctor’s own card', 'revocation CRL_SIGNATURE_WRONG', () =>
    cutOff(named(signers.revoked)),
  ),
  doubted('brings one from which the entry was cut out', 'revocation CRL_SIGNATURE_WRONG', () => {
    const genuine = list();
    return cutOff(changeByte(genuine, Buffer.from(genuine).indexOf(serial(signers.revoked)) + 3));
  }),
  doubted('brings one that is not signed at all', 'revocation CRL_SIGNATURE_WRONG', () =>
    cutOff(list({ ...NONE, sign: () => new Uint8Array() })),
  ),
  doubted('brings one signed with SHA-1', 'revocation CRL_ALGORITHM', () =>
    cutOff(list({ ...NONE, innerAlgorithm: SHA1_WITH_ECDSA, outerAlgorithm: SHA1_WITH_ECDSA })),
  ),
  doubted('brings one signed by a key that is not for lists', 'revocation CRL_SIGN_MISSING', async () => {
    const issuer = authority('CA without cRLSign', authorities.root, {
      extensions: { keyUsage: ['keyCertSign'], certificatePolicies: [`${SIGNATURE_POLICY}.3.1`] },
    });
    return {
      submitted: await letter({
        signer: signerOf('SHIKEN Hyou', issuer),
        dss: { certificates: [], crls: [crlOf(issuer, AT)] },
      }),
    };
  }),
  doubted('brings one signed by a signer of lists that was revoked', 'revocation CRL_SIGNER_REVOKED', async () => {
    const other = signerOf('signer of lists', authorities.signing, {
      parts: { subject: authorities.signing.x509.subject.der },
      extensions: { keyUsage: ['cRLSign'] },
    });
    const entries = [{ serial: other.x509.serial, revocationDate: SIGNED_AT - DAY }];
    const delta = list({ deltaBase: 1n, entries });
    const { trust } = house(named(other, { thisUpdate: AT }), delta);
    const intermediates = [authorities.signing.certificate, other.certificate];
    return { submitted: await letter(), trust: { ...trust, intermediates } };
  }),
  doubted('brings a delta list alone', 'revocation CRL_DELTA', () => only(list({ deltaBase: 1n }))),
  doubted('brings an indirect list', 'revocation CRL_INDIRECT', () =>
    only(list({ issuingDistributionPoint: { indirectCRL: true } })),
  ),
  doubted('brings a list with an entry of another issuer', 'revocation CRL_INDIRECT', () =>
    only(
      list({
        entries: [{ serial: 1n, revocationDate: SIGNED_AT - DAY, certificateIssuer: [['CN', 'Some other CA']] }],
      }),
    ),
  ),
  doubted('brings the list of another distribution point', 'revocation CRL_OUT_OF_SCOPE', () =>
    only(list({ issuingDistributionPoint: { names: [{ uri: 'http://crl.tests.example/other.crl' }] } })),
  ),
  doubted('brings a list of authorities alone', 'revocation CRL_OUT_OF_SCOPE', () =>
    only(list({ issuingDistributionPoint: { onlyContainsCACerts: true } })),
  ),
  doubted('brings a list of attribute certificates', 'revocation CRL_OUT_OF_SCOPE', () =>
    only(list({ issuingDistributionPoint: { onlyContainsAttributeCerts: true } })),
  ),
  doubted('brings a list of some reasons', 'revocation CRL_SOME_REASONS', () =>
    only(list({ issuingDistributionPoint: { someReasons: true } })),
  ),
  doubted('brings a list of the future', 'revocation CRL_FROM_FUTURE', () => only(list({}, AT + 30 * DAY))),
  doubted('brings a list that has run out', 'revocation CRL_STALE', () => only(list({}, AT - 30 * DAY))),
  doubted('brings a list that never runs out', 'revocation CRL_NO_NEXT_UPDATE', () =>
    only(list({ nextUpdate: null }, SIGNED_AT - DAY)),
  ),
  doubted('brings a superseded list that says it is good for years', 'revocation CRL_STALE', () =>
    only(list({ ...NONE, nextUpdate: SIGNED_AT + 9 * YEAR }, SIGNED_AT - 60 * DAY), list({}, SIGNED_AT - 10 * DAY)),
  ),
  doubted(
    'brings a list with something critical that nobody understands',
    'revocation CRL_UNKNOWN_CRITICAL_EXTENSION',
    () => only(list({ raw: [{ oid: '1.2.392.200000.9', critical: true, value: Uint8Array.of(5, 0) }] })),
  ),
  doubted(
    'waits until the card has ended and brings a list that no longer has it',
    'revocation CRL_AFTER_EXPIRY',
    async () => {
      const signer = signerOf('SHIKEN Sugu', authorities.signing, { notAfter: SIGNED_AT + SECOND });
      return { submitted: await letter({ signer }) };
    },
  ),
  doubted('makes a list with the key of an authority that has ended', 'revocation CRL_SIGNER_ENDED', ended),
  doubted('brings garbage for a list', 'revocation CRL_MISSING', () => only(Uint8Array.of(0x30, 0))),
  doubted('drowns the list in others of the issuer', 'revocation CRL_MISSING', () =>
    only(
      list(),
      ...Array.from({ length: 257 }, (_, index) => list({ ...NONE, crlNumber: BigInt(index) }, AT - index * SECOND)),
    ),
  ),
];

const serial = (member: Member): Uint8Array => integer(member.x509.serial);
