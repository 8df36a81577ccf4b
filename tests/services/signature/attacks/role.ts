import { context, integer, oid, sequence, set, utf8 } from '../../../../src/pki/der.ts';
import { ANY_POLICY, EXTENSIONS } from '../../../../src/pki/extensions.ts';
import type { ExtensionParts } from '../../../../src/pki/issue.ts';
import { authorities } from '../../../support/signature/authorities.ts';
import {
  AUTHENTICATION_POLICY,
  authority,
  type Making,
  type Member,
  SIGNATURE_POLICY,
  signerOf,
} from '../../../support/signature/authority.ts';
import { signers } from '../../../support/signature/signers.ts';
import { letter } from '../verify/ask.ts';
import { type Attack, doubted, refuted } from './attack.ts';

const ACTOR = '1.0.17090.0.1';
const CODES = '1.2.392.100495.1.6.1.1';
const POLICY = `${SIGNATURE_POLICY}.3.1`;
const by = (signer: Member): Promise<Uint8Array> => letter({ signer });

const signed = (owner: string, extensions: Making['extensions'], issuer = authorities.signing): Promise<Uint8Array> =>
  by(signerOf(owner, issuer, { ...(extensions && { extensions }) }));
const named = (owner: string, role: string) => signed(owner, { hcRoles: [role] });

const actor = (...coded: readonly Uint8Array[]) => sequence(context(0, true, set(...coded)));
const scheme = (identifier = CODES) => context(0, true, oid(identifier));
const text = (role = 'Medical Doctor') => context(2, true, utf8(role));

/** A subjectDirectoryAttributes extension with these attributes. */
const directory = (owner: string, ...attributes: readonly Uint8Array[]) =>
  signed(owner, {
    hcRoles: undefined,
    raw: [{ oid: EXTENSIONS.subjectDirectoryAttributes, critical: false, value: sequence(...attributes) }],
  });
const attribute = (type: string, ...values: readonly Uint8Array[]) => sequence(oid(type), set(...values));

const issuedBelow = (owner: string, extensions: ExtensionParts, own: Making['extensions'] = {}) =>
  signed(`${owner} no Ishi`, own, authority(owner, authorities.root, { extensions }));

/** What the certificate is for, by whom it was meant to be issued, and who its holder is. */
export const ROLES: readonly Attack[] = [
  refuted('signs with a key for logging in', 'key-usage KEY_USAGE', () => by(signers.digitalSignatureOnly)),
  refuted('signs with a key of no stated use', 'key-usage KEY_USAGE', () => by(signers.noKeyUsage)),
  refuted('signs with a key that is also for certificates', 'key-usage KEY_USAGE', () =>
    signed('SHIKEN Hakkou', { keyUsage: ['nonRepudiation', 'keyCertSign'] }),
  ),
  refuted('signs with a key that is critically for code alone', 'key-usage KEY_USAGE', () =>
    signed('SHIKEN Koodo', {
      extendedKeyUsage: ['1.3.6.1.5.5.7.3.3'],
      critical: { extendedKeyUsage: true, certificatePolicies: true },
    }),
  ),
  refuted('signs with the card’s certificate for authentication', 'policy POLICY_REFUSED', () =>
    by(signers.authentication),
  ),
  refuted('has a policy for authentication beside that for signatures', 'policy POLICY_REFUSED', () =>
    by(signers.bothPolicies),
  ),
  refuted('has a certificate for signatures from the authority for authentication', 'policy POLICY_REFUSED', () =>
    signed('SHIKEN Ninshou 2', undefined, authorities.authentication),
  ),
  refuted('has a certificate under no policy', 'policy NOT_HPKI', () => by(signers.noPolicy)),
  refuted('has a certificate under another policy', 'policy NOT_HPKI', () => by(signers.otherPolicy)),
  refuted('has a policy that begins with the same digits', 'policy NOT_HPKI', () => by(signers.lookalikePolicy)),
  refuted('has a certificate under any policy', 'policy NOT_HPKI', () =>
    signed('SHIKEN Nandemo', { certificatePolicies: [ANY_POLICY] }),
  ),
  refuted('has a policy above the one that is accepted', 'policy NOT_HPKI', () =>
    signed('SHIKEN Ue', { certificatePolicies: [SIGNATURE_POLICY.split('.').slice(0, -1).join('.')] }),
  ),
  refuted('writes the policy into a certificate of an authority that is not for it', 'policy NOT_HPKI', () =>
    issuedBelow('CA for other policies', { certificatePolicies: ['1.2.392.200000.1.1'] }),
  ),
  refuted('writes the policy into a certificate of an authority without any', 'policy NOT_HPKI', () =>
    issuedBelow('CA without policies', {}),
  ),
  refuted('counts on an authority for any policy that may not be', 'policy NOT_HPKI', () => {
    const first = authority('CA that inhibits', authorities.root, {
      extensions: { certificatePolicies: [ANY_POLICY], inhibitAnyPolicy: 0 },
    });
    const second = authority('CA below that', first, { extensions: { certificatePolicies: [ANY_POLICY] } });
    return signed('SHIKEN Yokusei', undefined, second);
  }),
  refuted('adds the policy of authentication to its own authority', 'policy POLICY_REFUSED', () =>
    issuedBelow('CA for both', { certificatePolicies: [POLICY, `${AUTHENTICATION_POLICY}.3.1`] }),
  ),
  doubted('asks where no policy is configured', 'policy NO_POLICY', async () => ({
    submitted: await letter(),
    trust: { policies: [] },
  })),
  doubted('asks where nobody is trusted', 'path NO_ANCHOR', async () => ({
    submitted: await letter(),
    trust: { anchors: [] },
  })),

  refuted('is no doctor but a pharmacist', 'role WRONG_ROLE', () => by(signers.pharmacist)),
  refuted('is a dentist where doctors sign', 'role WRONG_ROLE', () => by(signers.dentist)),
  refuted('is a doctor with a space behind', 'role WRONG_ROLE', () => named('SHIKEN Kuuhaku', 'Medical Doctor ')),
  refuted('is a doctor with two spaces between', 'role WRONG_ROLE', () => named('SHIKEN Futatsu', 'Medical  Doctor')),
  refuted('is a doctor in small letters', 'role WRONG_ROLE', () => named('SHIKEN Komoji', 'medical doctor')),
  refuted('is a doctor with a Cyrillic letter', 'role WRONG_ROLE', () => named('SHIKEN Kiriru', 'Medic\u0430l Doctor')),
  refuted('is a doctor in wide letters', 'role WRONG_ROLE', () =>
    named('SHIKEN Zenkaku', 'Ｍｅｄｉｃａｌ　Ｄｏｃｔｏｒ'),
  ),
  refuted('is a doctor with a zero byte behind', 'role ROLE_MISSING', () =>
    named('SHIKEN Zero', 'Medical Doctor\u0000'),
  ),
  refuted('is a doctor and more', 'role WRONG_ROLE', () => named('SHIKEN Hoka', 'Medical Doctor, retired')),
  refuted('has no role', 'role ROLE_MISSING', () => by(signers.noRole)),
  refuted('has a role that is only a text', 'role ROLE_MISSING', () => by(signers.roleMalformed)),
  refuted('has the role in another attribute', 'role ROLE_MISSING', () =>
    directory('SHIKEN Zokusei', attribute('1.0.17090.0.2', set(actor(scheme(), text())))),
  ),
  refuted('has the role one level deeper', 'role ROLE_MISSING', () =>
    directory('SHIKEN Fukami', attribute(ACTOR, set(set(actor(scheme(), text()))))),
  ),
  refuted('has the role by the codes of others', 'role ROLE_MISSING', () =>
    directory('SHIKEN Tashou', attribute(ACTOR, set(actor(scheme('1.2.3.4'), text())))),
  ),
  refuted('has the role without saying by which codes', 'role ROLE_MISSING', () =>
    directory('SHIKEN Nanimo', attribute(ACTOR, set(actor(text())))),
  ),
  refuted('has two texts for one role', 'role ROLE_MISSING', () =>
    directory('SHIKEN Futakoto', attribute(ACTOR, set(actor(scheme(), text('Pharmacist'), text())))),
  ),
  refuted('has the role as a value beside the text of another', 'role WRONG_ROLE', () =>
    directory(
      'SHIKEN Atai',
      attribute(ACTOR, set(actor(scheme(), context(1, true, utf8('Medical Doctor')), text('Pharmacist')))),
    ),
  ),
  refuted('has something behind the role', 'role ROLE_MISSING', () =>
    directory('SHIKEN Ushiro', attribute(ACTOR, set(sequence(context(0, true, set(scheme(), text())), integer(1))))),
  ),
  refuted('has the attribute of roles twice', 'role ROLE_MISSING', () =>
    directory(
      'SHIKEN Nido',
      attribute(ACTOR, set(actor(scheme(), text('Pharmacist')))),
      attribute(ACTOR, set(actor(scheme(), text()))),
    ),
  ),
  refuted('has the role in its name', 'role ROLE_MISSING', () =>
    by(
      signerOf('SHIKEN Namae', authorities.signing, {
        subject: [
          ['C', 'JP'],
          ['title', 'Medical Doctor'],
          ['CN', 'Medical Doctor'],
        ],
        extensions: { hcRoles: undefined },
      }),
    ),
  ),
  refuted('signs where nobody may', 'role WRONG_ROLE', async () => ({ submitted: await letter(), roles: [] })),
];
