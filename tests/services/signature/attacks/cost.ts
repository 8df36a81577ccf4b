import { deflateSync } from 'node:zlib';
import { addDss } from '../../../../src/pdf/dss.ts';
import { integer, octets, oid, sequence, set } from '../../../../src/pki/der.ts';
import { put } from '../../../pdf/attacks/attack.ts';
import { catalog, FORM, FREE, signedBy, stream, updated } from '../../../pdf/draft.ts';
import { TINY } from '../../../pdf/letters.ts';
import { authorities } from '../../../support/signature/authorities.ts';
import { authority, type Member } from '../../../support/signature/authority.ts';
import { crlOf } from '../../../support/signature/lists.ts';
import { DAY, SIGNED_AT } from '../../../support/signature/times.ts';
import { letter } from '../verify/ask.ts';
import { type Attack, type Case, doubted, refuted } from './attack.ts';
import { signedInEarnest, TINY_ISSUED } from './earnest.ts';
import { tampered } from './making.ts';

const MB = 1024 * 1024;
const tiny = (submitted: Uint8Array): Case => ({ submitted, issued: TINY_ISSUED });
const signed = async (): Promise<Buffer> => Buffer.from(await signedInEarnest(signedBy(TINY_ISSUED)));
const flate = (data: Uint8Array) => stream(deflateSync(data, { level: 9 }).toString('latin1'), '/Filter /FlateDecode');

/** A security store of these streams behind the signature. */
const store = async (streams: readonly string[]): Promise<Case> => {
  const references = streams.map((_, index) => `${FREE + 1 + index} 0 R`).join(' ');
  return tiny(
    updated(await signed(), (draft) => {
      draft.objects.set(FREE, `<< /Type /DSS /Certs [${references}] >>`);
      draft.objects.set(TINY.catalog, catalog(`/AcroForm ${FORM} 0 R /DSS ${FREE} 0 R`));
      for (const [index, body] of streams.entries()) draft.objects.set(FREE + 1 + index, body);
    }),
  );
};

/** An OID of one arc of so many bytes. */
const wide = (size: number): Uint8Array => {
  const der = octets(new Uint8Array(size).fill(0xff));
  der[0] = 6;
  der[der.length - 1] = 0x7f;
  return der;
};

const der = ({ certificate }: Member): Uint8Array => certificate;

/** What is made to be costly to look at. Each must be told in little time and memory, in whatever it costs to make. */
export const COSTS: readonly Attack[] = [
  refuted('packs 64 MB of nothing into a security store', 'after-signature DECOMPRESSION_BOMB', () =>
    store([flate(Buffer.alloc(64 * MB))]),
  ),
  refuted('packs many streams that are each just small enough', 'after-signature DECOMPRESSION_BOMB', () => {
    const body = flate(Buffer.alloc(15 * MB));
    return store(Array.from({ length: 40 }, () => body));
  }),
  refuted('packs a stream into a stream', 'after-signature DSS_MALFORMED', async () =>
    store([stream('x'), ...Array.from({ length: 4200 }, () => stream('x'))]),
  ),
  refuted('appends an update of ten thousand objects', 'after-signature UNREFERENCED_OBJECT', async () =>
    tiny(
      updated(await signed(), ({ objects }) => {
        for (let index = 0; index < 10_000; index++) objects.set(FREE + index, '<< /A [1 2 3] >>');
      }),
    ),
  ),
  refuted('signs ten thousand objects along', 'increment UNREFERENCED_OBJECT', async () =>
    tiny(
      await signedInEarnest(
        signedBy(TINY_ISSUED, ({ objects }) => {
          for (let index = 0; index < 10_000; index++) objects.set(FREE + index, '<< /A [1 2 3] >>');
        }),
      ),
    ),
  ),
  refuted('appends updates without end', 'after-signature TOO_MANY_REVISIONS', async () => {
    let pdf = await signed();
    for (let index = 0; index < 70; index++) pdf = updated(pdf, () => undefined);
    return tiny(pdf);
  }),
  refuted('nests arrays a hundred thousand times', 'after-signature TOO_DEEP', async () =>
    tiny(updated(await signed(), put(FREE, '['.repeat(100_000)))),
  ),
  refuted('fills 19 MB with the beginning of objects', 'after-signature MALFORMED', async () =>
    tiny(
      Buffer.concat([
        await signed(),
        Buffer.from('1 0 obj '.repeat((19 * MB) / 8)),
        Buffer.from('startxref\n0\n%%EOF\n'),
      ]),
    ),
  ),
  refuted('fills 19 MB with byte ranges', 'after-signature MALFORMED', async () =>
    tiny(Buffer.concat([await signed(), Buffer.from('obj<</ByteRange[0 1 2 3]>>startxref '.repeat((19 * MB) / 36))])),
  ),
  refuted('fills 19 MB with parentheses', 'after-signature MALFORMED', async () =>
    tiny(
      Buffer.concat([await signed(), Buffer.from('9 0 obj\n'), Buffer.alloc(19 * MB, '('), Buffer.from('startxref')]),
    ),
  ),
  refuted('signs with 3 MB of DER', 'cms CMS_MALFORMED', () =>
    letter({ contentsSize: 4 * MB, faults: { cms: () => octets(new Uint8Array(3 * MB)) } }),
  ),
  refuted('signs with more elements than anything has', 'cms CMS_MALFORMED', () =>
    letter({ contentsSize: 2 * MB, faults: { cms: () => sequence(Buffer.from('0500'.repeat(600_000), 'hex')) } }),
  ),
  refuted('nests elements as deep as they go', 'cms CMS_MALFORMED', () => {
    let deep: Uint8Array = new Uint8Array();
    for (let depth = 0; depth < 4000; depth++) deep = sequence(deep);
    return letter({ contentsSize: 32_768, faults: { cms: () => deep } });
  }),
  refuted('says that an element is 4 GB long', 'cms CMS_MALFORMED', () =>
    letter({ faults: { cms: () => Uint8Array.of(0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0x02) } }),
  ),
  refuted('names an algorithm with a number of a million digits', 'cms CMS_MALFORMED', () =>
    letter({
      contentsSize: MB,
      faults: { cms: tampered((parts) => Object.assign(parts, { digestAlgorithms: set(sequence(wide(400_000))) })) },
    }),
  ),
  refuted('gives the certificate a number of a hundred thousand digits', 'cms CMS_CERTIFICATE_MISSING', () =>
    letter({
      contentsSize: 65_536,
      faults: {
        cms: tampered((_, signer) => {
          const [issuer] = [authorities.signing.x509.subject.der];
          signer.sid = sequence(issuer, integer((1n << 60_000n) + 1n));
        }),
      },
    }),
  ),
  refuted('carries sixty lists and a signature that is wrong', 'signature SIGNATURE_INVALID', async () => {
    const crls = Array.from({ length: 60 }, (_, index) =>
      crlOf(authorities.signing, SIGNED_AT - index * DAY, {
        entries: Array.from({ length: 200 }, (__, serial) => ({
          serial: BigInt(serial + 1),
          revocationDate: SIGNED_AT - DAY,
        })),
      }),
    );
    const faults = { signature: (value: Uint8Array) => value.with(-1, value.at(-1)! ^ 1) };
    return addDss(await letter({ faults }), { certificates: [], crls });
  }),
  doubted('carries certificates of one name, all issued by the last of them', 'cms CMS_STRAY', () => {
    const last = authority('Crowd of vouchers');
    const subject = last.x509.subject.der;
    const crowd = Array.from({ length: 60 }, (_, index) => authority(`Voucher ${index}`, last, { parts: { subject } }));
    return letter({
      contentsSize: 65_536,
      faults: { cms: tampered((parts) => parts.certificates.push(...crowd.map(der), last.certificate)) },
    });
  }),
  refuted('repeats an attribute ten thousand times', 'cms CMS_MALFORMED', () =>
    letter({
      contentsSize: MB,
      faults: {
        cms: tampered((_, signer) => {
          const attribute = sequence(oid('1.2.3.4'), set(integer(1)));
          signer.signed = sequence(...Array.from({ length: 10_000 }, () => attribute));
          signer.signed[0] = 0x31;
        }),
      },
    }),
  ),
];
