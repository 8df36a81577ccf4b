import { signedBy, stream } from '../draft.ts';
import { tinyLetter } from '../letters.ts';
import type { Attack } from './attack.ts';

/** Another letter, another beginning. */
export const BEGINNINGS: readonly Attack[] = [
  {
    name: 'the signature of another letter',
    found: 'issued-bytes WRONG_DOCUMENT',
    make: () => signedBy(tinyLetter('Warfarin 9 mg once daily')),
  },
  {
    name: 'a digit of the issued letter changed before signing',
    found: 'issued-bytes WRONG_DOCUMENT',
    make: (issued) => signedBy(Buffer.from(issued.toString('latin1').replace('2 mg', '9 mg'), 'latin1')),
  },
  {
    name: 'the issued letter cut short',
    found: 'issued-bytes TRUNCATED',
    make: (issued) => issued.subarray(0, -7),
  },
  {
    name: 'bytes before the header',
    found: 'issued-bytes WRONG_DOCUMENT',
    make: (issued) => Buffer.concat([Buffer.from('\n'), signedBy(issued)]),
  },
  { name: 'an empty file', found: 'issued-bytes TRUNCATED', make: () => Buffer.alloc(0) },
  {
    name: 'the letter written anew together with the signature',
    found: 'issued-bytes FOREIGN_REWRITTEN',
    make: (issued) => rewritten(issued),
  },
  {
    name: 'the letter written anew with cross-reference streams',
    found: 'issued-bytes FOREIGN_REWRITTEN',
    make: () =>
      Buffer.from(`%PDF-1.7\n1 0 obj\n${stream('x', '/Type /XRef /Size 2')}\nendobj\nstartxref\n9\n%%EOF\n`, 'latin1'),
  },
];

/** The whole file as one revision, as some signing programs write it. */
function rewritten(issued: Buffer): Buffer {
  const text = issued.toString('latin1');
  const objects = [...text.matchAll(/(\d+) 0 obj\n([\s\S]*?)\nendobj\n/g)];
  const empty = Buffer.from('%PDF-1.7\n', 'latin1');
  const trailing = Buffer.concat([empty, Buffer.from('/Size 9 /ID [<00> startxref\n0\n%%EOF', 'latin1')]);
  const whole = signedBy(trailing, (draft) => {
    const signing = new Map(draft.objects);
    draft.objects = new Map(objects.map(([, number, body]) => [Number(number), body!]));
    for (const [number, body] of signing) draft.objects.set(number, body);
    draft.entries = (entries) => [{ number: 0, offset: 0, generation: 65_535, type: 'f' }, ...entries];
    draft.trailer.delete('Prev');
    draft.trailer.set('Size', '12');
    draft.trailer.set('ID', '[<01> <02>]');
  });
  const cut = trailing.length - empty.length;
  const moved = whole.subarray(trailing.length).toString('latin1');
  const back = (n: string) => String(Number(n) - cut);
  return Buffer.concat([
    empty,
    Buffer.from(
      moved
        .replace(/^\d{10} 00000 n/gm, (row) => `${back(row.slice(0, 10)).padStart(10, '0')} 00000 n`)
        .replace(/startxref\n(\d+)/, (_, n) => `startxref\n${back(n)}`)
        .replace(/\[0 (\d+) (\d+) (\d+)\]/, (_, a, b, c) => `[0 ${back(a)} ${back(b)} ${c}]`),
      'latin1',
    ),
  ]);
}
