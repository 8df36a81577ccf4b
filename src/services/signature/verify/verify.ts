import { type Examination, examine, type SignatureFound, signedBytes } from '../../../pdf/examine.ts';
import { type Certificate, readCertificate } from '../../../pki/certificate.ts';
import { adobeCrlsOf } from '../../../pki/cms.ts';
import type { Crl } from '../../../pki/crl.ts';
import { CHECKS, type Check, type CheckName, resultOf, type Verdict, type VerificationInput } from '../verdict.ts';
import { signerChain } from './chain.ts';
import { fileMaterial, type Material, sha256, trustMaterial } from './material.ts';
import { BINDING_ELSEWHERE, type Finding, failed, notReached, noVerdict } from './outcome.ts';
import { type Lists, type Proof, proveTime } from './proof.ts';
import { askRevocation, type RevocationAnswer, worstFirst } from './revocation.ts';
import {
  checkMessageDigest,
  checkSignature,
  checkSigningCertificate,
  readSignature,
  type Signature,
  wellFormed,
} from './signature.ts';
import { checkKeyUsage, checkPolicy, checkRole, signerOf } from './signer.ts';
import { checkStrays } from './stray.ts';
import { structureFindings } from './structure.ts';
import { endOf, readStamps } from './timestamps.ts';

type Findings = Map<CheckName, Finding>;

const held = (finding: Finding | undefined): boolean => finding?.status === 'passed' || finding?.status === 'noted';

/**
 * Every check of a signed letter, in the order of `CHECKS`. Pure and synchronous: the same input gives the same verdict, today and in ten
 * years. Whatever the bytes are, it answers and does not throw. At best INDETERMINATE: `binding` is skipped, and `decide` completes it.
 */
export function verify(input: VerificationInput): Verdict {
  try {
    return judge(input);
  } catch (error) {
    return noVerdict('VERIFIER_FAILED', `the verification broke: ${error instanceof Error ? error.name : 'unknown'}`);
  }
}

function judge(input: VerificationInput): Verdict {
  const examination = examine(input.submitted, input.issued);
  const found: Findings = new Map(structureFindings(examination, input));
  const rest = examination.signature ? judgeSignature(input, examination, examination.signature, found) : {};
  found.set('issued-bytes', rewrittenOnlyIfSigned(found));
  const checks = CHECKS.map((name): Check => {
    if (name === 'binding') return BINDING_ELSEWHERE;
    return { name, ...(found.get(name) ?? notReached('signature-field')) };
  });
  return { result: resultOf(checks), checks, evidence: { certificates: [], crls: [] }, ...rest };
}

/**
 * A file that does not begin with the issued bytes may still be the letter, written anew by the signing program; but only where its structure
 * shows that a program did so and someone did sign it. Otherwise it is another document.
 */
function rewrittenOnlyIfSigned(found: Findings): Finding {
  const finding = found.get('issued-bytes')!;
  if (!finding.code.startsWith('FOREIGN_')) return finding;
  return held(found.get('message-digest')) && held(found.get('signature'))
    ? finding
    : failed('WRONG_DOCUMENT', `not the issued document, nor a signed copy of any: ${finding.detail}`);
}

type Rest = Partial<Omit<Verdict, 'checks' | 'result'>>;

function judgeSignature(
  input: VerificationInput,
  examination: Examination,
  { contents, byteRange, subFilter }: SignatureFound,
  found: Findings,
): Rest {
  const { finding, signature } = readSignature(contents);
  found.set('cms', finding);
  if (!signature) {
    for (const check of CHECKS.slice(CHECKS.indexOf('message-digest'))) found.set(check, notReached('cms'));
    return {};
  }
  found.set('message-digest', checkMessageDigest(signature, signedBytes(input.submitted, byteRange)));
  found.set('signature', checkSignature(signature));
  found.set('signing-certificate', checkSigningCertificate(signature, subFilter));

  const trusted = trustMaterial(input.trust);
  const own = materialOf(signature, examination);
  const stamps = readStamps(
    signature,
    examination.documentTimestamps,
    input.submitted,
    {
      candidates: [...trusted.timestampIntermediates, ...own.certificates],
      anchors: trusted.timestampAnchors,
    },
    input.now,
  );
  const lists: Lists = {
    crls: [...trusted.crls, ...own.crls],
    crlSigners: [...trusted.intermediates, ...trusted.timestampIntermediates, ...own.certificates],
  };
  const proof = stamps.finding ? undefined : proveTime(stamps, lists, input.now);
  found.set('timestamp', stamps.finding ?? proof!.standing);
  return judgeSigner(input, signature, own, lists, held(found.get('timestamp')) ? proof : undefined, found);
}

/** What the file brings: in the signature, in its time-stamps, in the security stores. */
function materialOf({ cms, signer }: Signature, { dss }: Examination): Material {
  const adobe = wellFormed(() => adobeCrlsOf(signer), 'CMS_MALFORMED');
  const stores = dss.toReversed();
  return fileMaterial(
    [...cms.certificates, ...stores.flatMap(({ certs }) => certs)],
    [...cms.crls, ...('value' in adobe ? adobe.value : []), ...stores.flatMap(({ crls }) => crls)],
  );
}

function judgeSigner(
  input: VerificationInput,
  signature: Signature,
  own: Material,
  lists: Lists,
  proof: Proof | undefined,
  found: Findings,
): Rest {
  const read = wellFormed(() => readCertificate(signature.certificate), 'CERT_MALFORMED');
  if ('finding' in read) {
    found.set('path', read.finding);
    for (const check of ['key-usage', 'policy', 'role', 'revocation'] as const) found.set(check, notReached('path'));
    return {};
  }
  const leaf = read.value;
  const trusted = trustMaterial(input.trust);
  const ways = { candidates: [...trusted.intermediates, ...own.certificates], anchors: trusted.anchors };
  const chain = proof && signerChain(leaf, ways, proof.signedAt);
  found.set('path', chain?.finding ?? notReached('timestamp'));
  found.set('key-usage', checkKeyUsage(leaf));
  found.set('policy', checkPolicy(leaf, chain?.found, input.trust));
  found.set('role', checkRole(leaf, input.roles));

  const answers: RevocationAnswer[] = [];
  if (proof && chain?.found) {
    const { path } = chain.found;
    const { signedAt: at } = proof;
    answers.push(
      askRevocation({ whose: 'signer', path, ...lists, at, now: input.now, proven: at }),
      ...proof.revocations,
    );
  }
  const worst = worstFirst(answers.flatMap(({ findings }) => findings));
  found.set('revocation', summed(worst) ?? notReached(proof ? 'path' : 'timestamp'));

  if (proof && chain?.found && held(found.get('cms'))) {
    const { anchors, intermediates, timestampAnchors, timestampIntermediates } = trusted;
    const used = [...chain.found.path, ...proof.all.flatMap(({ path }) => path)];
    const known = [...used, ...anchors, ...intermediates, ...timestampAnchors, ...timestampIntermediates];
    const tokens = proof.all.map(({ token }) => token);
    const finding = checkStrays(signature.cms, tokens, known);
    if (finding) found.set('cms', finding);
  }

  const chains = [...(chain?.found ? [chain.found.path] : []), ...(proof?.stamps.map(({ path }) => path) ?? [])];
  const rechecks = answers.flatMap(({ recheck }) => recheck ?? []);
  const last = proof?.stamps.at(-1);
  return {
    ...(proof && { signedAt: proof.signedAt }),
    ...(held(found.get('signature')) && held(found.get('signing-certificate')) && { signer: signerOf(leaf) }),
    evidence: {
      certificates: once(
        [...chains.flat(), ...answers.flatMap(({ signers }) => signers)].map(({ der }: Certificate) => der),
      ),
      crls: once(answers.flatMap(({ crls }) => crls.map(({ der }: Crl) => der))),
      ...(proof && { timestamp: proof.stamps[0]!.token }),
    },
    ...(rechecks.length > 0 && { recheckAfter: Math.min(...rechecks) }),
    ...(last && { renewBefore: endOf(last) }),
  };
}

/** The worst of all, with every certificate's state in the detail. */
function summed(findings: readonly Finding[]): Finding | undefined {
  const [worst] = findings;
  if (!worst) return undefined;
  const told = findings.map(({ code, evidence }) => `${evidence?.whose} ${evidence?.serial}: ${code}`);
  return { ...worst, detail: [worst.detail, ...told].join('; ') };
}

function once(ders: readonly Uint8Array[]): Uint8Array[] {
  const named = new Map(ders.map((der) => [sha256(der), der]));
  return [...named.values()];
}
