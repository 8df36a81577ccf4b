import { integer, nil } from '../../../../src/pki/der.ts';
import { authorities } from '../../../support/signature/authorities.ts';
import {
  authority,
  type Making,
  type Member,
  SIGNATURE_POLICY,
  signerOf,
} from '../../../support/signature/authority.ts';
import { signers } from '../../../support/signature/signers.ts';
import { stampers } from '../../../support/signature/stampers.ts';
import { SECOND, SIGNED_AT, YEAR } from '../../../support/signature/times.ts';
import { letter } from '../verify/ask.ts';
import { type Attack, refuted } from './attack.ts';
import { altered, fieldsOf, keyOfThree, reissued } from './certificates.ts';
import { algorithm, handmade } from './making.ts';

const SHA1_WITH_RSA = algorithm('1.2.840.113549.1.1.5', nil());
const UNUSABLE = () => new Uint8Array(256);
const by = (signer: Member): Promise<Uint8Array> => letter({ signer });

/** Signed below an authority of the attacker's making, itself issued by the true root. */
const below = (owner: string, making: Making): Promise<Uint8Array> =>
  by(signerOf(`${owner} no Ishi`, authority(owner, authorities.root, making)));
const policies = { certificatePolicies: [SIGNATURE_POLICY, `${SIGNATURE_POLICY}.3.1`] };

/** Two authorities that issue each other. */
function circle(): { readonly signer: Member; readonly all: readonly Uint8Array[] } {
  const first = authority('Circle 1');
  const second = authority('Circle 2', first);
  const firstAgain = authority('Circle 1', second, { extensions: policies });
  const signer = signerOf('SHIKEN Wa', second);
  return { signer, all: [signer.certificate, second.certificate, firstAgain.certificate] };
}

/** More authorities of one name and key identifier than a search for a path will try. */
function crowd(): { readonly signer: Member; readonly all: readonly Uint8Array[] } {
  const subject = authorities.otherSigning.x509.subject.der;
  const key = authorities.otherSigning.x509.known.subjectKeyIdentifier!;
  const all = Array.from({ length: 110 }, (_, index) =>
    authority(`Crowd ${index}`, authorities.otherRoot, {
      parts: { subject },
      extensions: { ...policies, subjectKeyIdentifier: key },
    }),
  );
  return { signer: signers.otherRoot, all: all.map(({ certificate }) => certificate) };
}

/** Certificates that do not lead to an anchor, or not by a way that may be gone. */
export const PATHS: readonly Attack[] = [
  refuted('signs with a certificate of another root, and brings that root along', 'path UNTRUSTED', () =>
    letter({
      signer: signers.otherRoot,
      certificates: [signers.otherRoot.certificate, ...signers.otherRoot.chain, authorities.otherRoot.certificate],
      dss: { certificates: [authorities.otherRoot.certificate, ...signers.otherRoot.chain], crls: [] },
    }),
  ),
  refuted('makes authorities with the names of the true ones', 'path UNTRUSTED', () =>
    letter({
      signer: signers.falseIssuer,
      dss: { certificates: [authorities.falseRoot.certificate], crls: [] },
    }),
  ),
  refuted('makes authorities that issue each other', 'path UNTRUSTED', () => {
    const { signer, all } = circle();
    return letter({ signer, certificates: all });
  }),
  refuted('makes more authorities of one name than can be tried', 'path SEARCH_LIMIT', () => {
    const { signer, all } = crowd();
    return letter({ signer, certificates: [signer.certificate], dss: { certificates: all, crls: [] } });
  }),
  refuted('issues a certificate with the doctor’s card', 'path PATH_LENGTH', () =>
    by(signerOf('SHIKEN Deshi', signers.doctor)),
  ),
  refuted('issues a certificate with a card of an authority that may have others below', 'path NOT_A_CA', () => {
    const wide = authority('CA with others below', authorities.root, { extensions: policies });
    return by(signerOf('SHIKEN Deshi', signerOf('SHIKEN Sensei', wide)));
  }),
  refuted('issues a certificate with an ordinary certificate', 'path NOT_A_CA', () => by(signers.notCa)),
  refuted('issues a certificate with one that does not say what it is', 'path NOT_A_CA', () =>
    by(signers.withoutBasicConstraints),
  ),
  refuted('makes an authority below one that may have none', 'path PATH_LENGTH', () => by(signers.tooDeep)),
  refuted('has an authority’s key that is for lists only', 'path NO_KEY_CERT_SIGN', () =>
    by(signers.withoutKeyCertSign),
  ),
  refuted('has a certificate with something critical that nobody understands', 'path UNKNOWN_CRITICAL_EXTENSION', () =>
    by(signers.unknownCritical),
  ),
  refuted('has an authority for other names', 'path NAME_CONSTRAINTS', () =>
    below('CA of others', {
      extensions: {
        ...policies,
        nameConstraints: {
          permitted: [
            {
              directoryName: [
                ['C', 'JP'],
                ['O', 'Others'],
              ],
            },
          ],
        },
      },
    }),
  ),
  refuted(
    'has an authority from which its name is excluded, and hides it among the alternatives',
    'path NAME_CONSTRAINTS',
    () =>
      below('CA without tests', {
        extensions: {
          ...policies,
          nameConstraints: {
            excluded: [
              {
                directoryName: [
                  ['C', 'JP'],
                  ['O', 'Tests'],
                  ['CN', '試験 医師'],
                ],
              },
            ],
          },
        },
      }),
  ),
  refuted('has an authority that maps policies', 'path POLICY_MAPPING', () =>
    below('CA that maps', { extensions: { ...policies, policyMappings: [['1.2.3.4', `${SIGNATURE_POLICY}.3.1`]] } }),
  ),
  refuted('has a certificate without the policy that its authority demands', 'path POLICY_REQUIRED', () =>
    by(
      signerOf(
        'SHIKEN Musaku 2',
        authority('CA that demands', authorities.root, {
          extensions: { ...policies, policyConstraints: { requireExplicitPolicy: 0 } },
        }),
        { extensions: { certificatePolicies: undefined } },
      ),
    ),
  ),
  refuted('has an authority with a key of 1024 bits', 'path KEY_WEAK', () => {
    const weak = authority('CA of 1024 bits', authorities.root, { kind: 'rsa-1024', extensions: policies });
    return by(signerOf('SHIKEN Yowai CA', weak, { parts: { scheme: { kind: 'rsa-pkcs1', hash: 'sha256' } } }));
  }),
  refuted('has an authority with the exponent 3', 'path KEY_WEAK', () => {
    const weak = authority('CA of 3', authorities.root, { parts: { key: keyOfThree() }, extensions: policies });
    return by(signerOf('SHIKEN Mitsu CA', weak, { parts: { sign: () => new Uint8Array(384) } }));
  }),
  refuted('has a certificate that is signed with SHA-1', 'path HASH_WEAK', () =>
    by(
      signerOf('SHIKEN Furui', authorities.signing, {
        parts: { innerAlgorithm: SHA1_WITH_RSA, outerAlgorithm: SHA1_WITH_RSA, sign: UNUSABLE },
      }),
    ),
  ),
  refuted('has a certificate on which the signature is wrong', 'path SIGNATURE_WRONG', () =>
    by(signerOf('SHIKEN Uso', authorities.signing, { parts: { sign: UNUSABLE } })),
  ),
  refuted('has a certificate that names another authority than that of the key', 'path NAME_CHAINING', () =>
    by(
      signerOf('SHIKEN Betsumei', authorities.signing, {
        parts: {
          issuer: {
            key: authorities.signing.key,
            certificate: authorities.signing.x509,
            name: [
              ['C', 'JP'],
              ['CN', 'Some other CA'],
            ],
          },
        },
      }),
    ),
  ),
  refuted(
    'has a certificate that refers to the true authority’s key, and signs it with its own',
    'path SIGNATURE_WRONG',
    () => {
      const signer = signerOf('SHIKEN Shiki', authorities.falseSigning, {
        extensions: { authorityKeyIdentifier: authorities.signing.x509.known.subjectKeyIdentifier! },
      });
      return letter({ signer, certificates: [signer.certificate] });
    },
  ),
  refuted('writes the doctor’s role into a pharmacist’s certificate', 'path SIGNATURE_WRONG', () =>
    by(
      altered(signers.pharmacist, (fields) => {
        fields[7] = fieldsOf(signers.doctor)[7]!;
      }),
    ),
  ),
  refuted('signs with the key of the root itself', 'path LEAF_IS_ANCHOR', () => by(authorities.root)),
  refuted('signs with the key of the issuing authority', 'key-usage KEY_USAGE', () => by(authorities.signing)),
  refuted('signs with a time-stamp authority’s certificate', 'path UNTRUSTED', () => by(stampers.tsa)),
  refuted('signs with a certificate that has ended', 'path CERT_EXPIRED', () => by(signers.expired)),
  refuted('signs with a certificate that is not yet valid', 'path CERT_NOT_YET_VALID', () => by(signers.notYetValid)),
  refuted('signs a second after the certificate ended', 'path CERT_EXPIRED', () =>
    by(signerOf('SHIKEN Owari', authorities.signing, { notAfter: SIGNED_AT - SECOND })),
  ),
  refuted('signs a second before the certificate begins', 'path CERT_NOT_YET_VALID', () =>
    by(signerOf('SHIKEN Hajime', authorities.signing, { notBefore: SIGNED_AT + SECOND })),
  ),
  refuted('signs with a certificate that ended before it began', 'path CERT_EXPIRED', () =>
    by(signerOf('SHIKEN Gyaku', authorities.signing, { notBefore: SIGNED_AT - SECOND, notAfter: SIGNED_AT - YEAR })),
  ),
  refuted('signs below an authority that had ended', 'path CERT_EXPIRED', () =>
    below('CA that had ended', { notAfter: SIGNED_AT - SECOND, extensions: policies }),
  ),
  refuted('numbers the certificate with 22 bytes', 'path CERT_MALFORMED', () => {
    const certificate = reissued(signers.doctor, authorities.signing, (fields) => {
      fields[1] = integer(1n << 170n);
    });
    return handmade({ signer: { key: signers.doctor.key, certificate } });
  }),
];
