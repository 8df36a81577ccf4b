import { createHash } from 'node:crypto';
import { inflateSync } from 'node:zlib';
import { FhirError } from '../../../../src/http/errors.ts';
import { renderLetter } from '../../../../src/services/signature/letter/render.ts';
import {
  briefLetter,
  bytes,
  fullLetter,
  hostileLetter,
  ISSUED_AT,
  type Json,
  letter,
  MANDATORY,
  section,
} from './letters.ts';

const render = (json: Json, issuedAt = ISSUED_AT) => renderLetter({ document: bytes(json), issuedAt });
const latin = (pdf: Uint8Array) => Buffer.from(pdf).toString('latin1');
const digest = (pdf: Uint8Array) => createHash('sha256').update(pdf).digest('hex');

/** The objects of a file of one revision, by number. */
const objects = (pdf: string) =>
  new Map(Array.from(pdf.matchAll(/(\d+) 0 obj\n([\s\S]*?)\nendobj/g), ([, id, body]) => [Number(id), body!]));

const stream = (body: string) => {
  const data = Buffer.from(body.slice(body.indexOf('\nstream\n') + 8, body.lastIndexOf('\n\nendstream')), 'latin1');
  return body.includes('/FlateDecode') ? inflateSync(data) : data;
};

describe('the PDF of a letter', () => {
  let pdf: Uint8Array;
  let text: string;
  beforeAll(async () => {
    pdf = await render(fullLetter());
    text = latin(pdf);
  });

  it('is the same to the byte for the same document and time, and another for another', async () => {
    await render(hostileLetter());
    expect(digest(await render(fullLetter()))).toBe(digest(pdf));
    expect(digest(await render(fullLetter(), ISSUED_AT + 1000))).not.toBe(digest(pdf));
    const changed = fullLetter();
    changed.entry[0].resource.section[0].title = '別の表題';
    const other = latin(await render(changed));
    const id = (file: string) => /\/ID \[<([0-9a-f]{32})> <\1>\]/.exec(file)?.[1];
    expect(id(text)).toBeDefined();
    expect(id(other)).not.toBe(id(text));
  });

  it('is PDF 1.7 with one classical cross-reference table whose offsets are right', () => {
    expect(text.startsWith('%PDF-1.7\n')).toBe(true);
    expect(text).not.toMatch(/\/ObjStm|\/XRef\b/);
    const start = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(text)?.[1]);
    const table = text.slice(start).split('\n');
    expect(table[0]).toBe('xref');
    const count = Number(table[1]!.split(' ')[1]);
    for (let id = 1; id < count; id++) {
      const offset = Number(table[2 + id]!.slice(0, 10));
      expect(text.slice(offset, offset + `${id} 0 obj`.length)).toBe(`${id} 0 obj`);
    }
    expect(text.match(/%%EOF/g)).toHaveLength(1);
  });

  it('carries the document unchanged, as its source', () => {
    const all = objects(text);
    const embedded = [...all.values()].filter((body) => body.includes('/Type /EmbeddedFile'));
    expect(embedded).toHaveLength(1);
    expect(embedded[0]).toContain('/Subtype /application#2Ffhir#2Bjson');
    expect(Buffer.compare(stream(embedded[0]!), Buffer.from(bytes(fullLetter())))).toBe(0);
    const specification = [...all].find(([, body]) => body.includes('/Type /Filespec'))!;
    expect(specification[1]).toContain('/AFRelationship /Source');
    expect(specification[1]).toContain('(letter.fhir.json)');
    const catalogue = [...all.values()].find((body) => body.includes('/Type /Catalog'))!;
    expect(catalogue).toContain(`/AF [${specification[0]} 0 R]`);
    expect(catalogue).toContain('/Lang (ja-JP)');
  });

  it('says of itself the same in its metadata and its information dictionary, and claims PDF/A-3b', () => {
    const metadata = Buffer.from(stream([...objects(text).values()].find((body) => body.includes('/Type /Metadata'))!));
    const xmp = metadata.toString('utf8');
    for (const part of [
      '<pdfaid:part>3</pdfaid:part>',
      '<pdfaid:conformance>B</pdfaid:conformance>',
      '<rdf:li xml:lang="x-default">診療情報提供書 1400000000^2026^letter-0001</rdf:li>',
      '<rdf:li>医療法人社団 はるかぜ内科クリニック</rdf:li>',
      '<xmp:CreateDate>2026-11-22T01:00:00Z</xmp:CreateDate>',
      '<xmp:ModifyDate>2026-11-22T01:00:00Z</xmp:ModifyDate>',
    ]) {
      expect(xmp).toContain(part);
    }
    expect(text.match(/\(D:20261122010000Z\)/g)?.length).toBeGreaterThanOrEqual(2);
    expect(text).toContain('/OutputIntents');
  });

  it('escapes what the document brings into the metadata', async () => {
    const json = briefLetter();
    json.entry[0].resource.identifier.value = '<x a="&">';
    const file = latin(await render(json));
    expect(file).toContain('&lt;x a=&quot;&amp;&quot;&gt;</rdf:li>');
    expect(file).not.toContain('<x a=');
  });

  it('has no annotation, action, form, script or other reference out of itself', async () => {
    for (const file of [text, latin(await render(hostileLetter()))]) {
      expect(file).not.toMatch(/\/(?:Annots|AcroForm|URI|Launch|GoToR|JavaScript|JS|OpenAction|AA|XObject|Encrypt)\b/);
    }
  });

  it('asks no network for anything', async () => {
    const { fetch } = globalThis;
    const asked: unknown[] = [];
    globalThis.fetch = async (url) => {
      asked.push(url);
      throw new Error('no network');
    };
    try {
      await render(hostileLetter());
    } finally {
      globalThis.fetch = fetch;
    }
    expect(asked).toEqual([]);
  });
});

describe('what is not rendered', () => {
  const refused = async (document: Uint8Array) => {
    const error = await renderLetter({ document, issuedAt: ISSUED_AT }).catch((thrown: unknown) => thrown);
    return error instanceof FhirError ? error.issues[0]?.code : error;
  };

  it.each([
    ['no JSON', new TextEncoder().encode('{')],
    ['nothing', new Uint8Array()],
    ['no UTF-8', Uint8Array.of(0x22, 0xff, 0x22)],
  ])('%s', async (_, document) => {
    expect(await refused(document)).toBe('structure');
  });

  it('a text without end', async () => {
    expect(await refused(bytes(letter([...MANDATORY, section('370', '行<br/>'.repeat(3000))])))).toBe('too-long');
    expect(await refused(bytes(letter([...MANDATORY, section('370', '長'.repeat(100_001))])))).toBe('too-long');
  });
});
