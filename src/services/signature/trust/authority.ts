import { isRefused } from '../../../pki/algorithms.ts';
import { type Certificate, fingerprint, isSelfIssued, isSignedBy, readCertificate } from '../../../pki/certificate.ts';
import { DerError } from '../../../pki/der.ts';
import { formatName, sameName } from '../../../pki/names.ts';
import type { AuthorityEntry, FileEntry } from './configuration.ts';
import { ListError, readSignedList, type SignedList } from './list.ts';
import { type Mistake, type Words, wrong } from './mistake.ts';

export type Use = 'anchors' | 'retired' | 'intermediates';

/** A certificate file as it was read. */
export interface CertificateFile extends FileEntry {
  readonly use: Use;
  readonly der: Uint8Array;
}

export interface KnownCertificate extends CertificateFile {
  readonly certificate: Certificate;
  /** Hex. */
  readonly sha256: string;
  /** RFC 4514. */
  readonly subject: string;
}

/** A list from a file, or why there is none. */
export interface FileList extends FileEntry {
  readonly list: SignedList | undefined;
  readonly mistake: Words | undefined;
}

/** A URL of lists. */
export interface UrlEntry {
  readonly url: string;
  readonly allowPrivate: boolean;
}

/** One of trust.json's authorities with what its files hold. */
export interface Authority {
  readonly name: Words;
  readonly certificates: readonly KnownCertificate[];
  readonly lists: readonly FileList[];
  readonly urls: readonly UrlEntry[];
}

/** Reads and checks what the files hold; mistakes in certificates are added to the list, those in revocation lists stay with their list. */
export function makeAuthority(
  entry: AuthorityEntry,
  files: readonly CertificateFile[],
  lists: readonly (FileEntry & { readonly bytes: Uint8Array | undefined; readonly mistake: Words | undefined })[],
  mistakes: Mistake[],
): Authority {
  const certificates = files.flatMap((file) => known(file, mistakes) ?? []);
  for (const one of certificates) {
    const words = objection(one, certificates);
    if (words) mistakes.push({ file: one.file, path: one.path, words });
  }
  const issuers = certificates.map(({ certificate }) => certificate);
  return {
    name: entry.name,
    certificates,
    lists: lists.map(({ file, path, bytes, mistake }) => ({ file, path, ...listOf(bytes, mistake, issuers) })),
    urls: entry.crls.flatMap((one) => ('url' in one ? { url: one.url, allowPrivate: one.allowPrivate } : [])),
  };
}

function known(file: CertificateFile, mistakes: Mistake[]): KnownCertificate | undefined {
  try {
    const certificate = readCertificate(file.der);
    return { ...file, certificate, sha256: fingerprint(certificate), subject: formatName(certificate.subject) };
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    mistakes.push({ file: file.file, path: file.path, words: wrong.certificate(error.message) });
    return undefined;
  }
}

/** Why the certificate cannot be used as it is listed. */
function objection(
  { use, certificate, subject }: KnownCertificate,
  all: readonly KnownCertificate[],
): Words | undefined {
  const { known: extensions, scheme, spki, unknownCritical } = certificate;
  if (isRefused(scheme)) return wrong.weak(scheme.detail);
  if (extensions.basicConstraints?.ca !== true || extensions.keyUsage?.has('keyCertSign') === false)
    return wrong.notCa(subject);
  if (unknownCritical.length > 0) return wrong.critical(subject, unknownCritical.join(', '));
  const selfSigned = isSelfIssued(certificate) && isSignedBy(certificate, spki);
  if (use !== 'intermediates') return selfSigned ? undefined : wrong.notSelfSigned(subject);
  if (selfSigned) return wrong.selfSigned(subject);
  const issued = all.some(
    ({ certificate: issuer }) => sameName(issuer.subject, certificate.issuer) && isSignedBy(certificate, issuer.spki),
  );
  return issued ? undefined : wrong.stranger(subject);
}

function listOf(bytes: Uint8Array | undefined, mistake: Words | undefined, issuers: readonly Certificate[]) {
  if (!bytes) return { list: undefined, mistake };
  try {
    return { list: readSignedList(bytes, issuers), mistake: undefined };
  } catch (error) {
    if (error instanceof ListError) return { list: undefined, mistake: error.words };
    throw error;
  }
}
