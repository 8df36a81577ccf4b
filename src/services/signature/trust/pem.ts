import { type PemFault, type PemLabel, readPemFile } from '../../../pki/pem.ts';
import { type Words, wrong } from './mistake.ts';

/** Words that say why the file cannot be used, or its values as DER. */
export type Opened = { readonly wrong: Words } | { readonly ders: readonly Uint8Array[] };

/** A file of DER (one value) or PEM, and what is wrong with it in the words of those who keep it. */
export function openPem(bytes: Uint8Array, label: PemLabel): Opened {
  const file = readPemFile(bytes, label);
  return 'fault' in file ? { wrong: wordsFor(file.fault, label) } : file;
}

function wordsFor(fault: PemFault, label: PemLabel): Words {
  switch (fault.code) {
    case 'private-key':
      return wrong.privateKey();
    case 'other':
      return wrong.pem(fault.label, label);
    case 'none':
      return wrong.noPem(label);
    default:
      return fault satisfies never;
  }
}
