/** A program for the tests: opens a card, signs, and says what came of it. JSON on standard input; see softhsm.ts. */
import { text } from 'node:stream/consumers';
import type { Scheme } from '../../src/pki/algorithms.ts';
import { type CardOptions, openCard } from '../../src/sign/card.ts';
import { KeyError } from '../../src/sign/signing-key.ts';

export interface Opened {
  readonly code?: string;
  readonly message?: string;
  /** Base64. */
  readonly certificate?: string;
  readonly chain?: readonly string[];
  readonly scheme?: Scheme;
  readonly signatures?: readonly string[];
  /** What signing says when the card is closed. */
  readonly afterwards?: string;
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');

function open({ messages, ...options }: CardOptions & { readonly messages: readonly string[] }): Opened {
  try {
    const key = openCard(options);
    const signatures = messages.map((message) => base64(key.sign(Buffer.from(message))));
    key.close();
    key.close();
    let afterwards = 'signed';
    try {
      key.sign(Buffer.from('x'));
    } catch (error) {
      afterwards = (error as KeyError).code;
    }
    const { certificate, chain, scheme } = key;
    return { certificate: base64(certificate), chain: chain.map(base64), scheme, signatures, afterwards };
  } catch (error) {
    if (!(error instanceof KeyError)) throw error;
    return { code: error.code, message: error.message };
  }
}

// One after the other in one process: a card that was closed can be opened again.
const inputs = JSON.parse(await text(process.stdin)) as Parameters<typeof open>[0][];
console.log(JSON.stringify(inputs.map(open)));
