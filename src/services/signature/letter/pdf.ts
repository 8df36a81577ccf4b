import { createHash } from 'node:crypto';
import pdfmake from 'pdfmake';
import type { TDocumentDefinitions } from 'pdfmake/interfaces.js';

/** What stands in the file beside its pages. */
export interface Properties {
  readonly title: string;
  readonly author: string;
  /** Epoch milliseconds; seconds count. */
  readonly created: number;
  readonly attachment: {
    readonly name: string;
    readonly type: string;
    readonly description: string;
    readonly bytes: Uint8Array;
  };
}

/** What this file uses of pdfkit's document, on which pdfmake builds. */
interface PdfKitDocument {
  info: Record<string, unknown>;
  _id: Buffer;
  _root: { data: Record<string, unknown> };
  ref(data: object): { end(chunk?: Uint8Array): void };
  addNamedEmbeddedFile(name: string, file: unknown): void;
  appendXML(xml: string): void;
  _addInfo(): void;
  on(event: 'data', listener: (chunk: Buffer) => void): void;
  on(event: 'end', listener: () => void): void;
  on(event: 'error', listener: (error: Error) => void): void;
  end(): void;
}

const PRODUCER = 'Tasuki';

/**
 * The pages as PDF 1.7 with classical cross-reference table, made to be PDF/A-3b (ISO 19005-3; no validator has confirmed it). The
 * bytes depend on the arguments alone.
 */
export async function makePdf(pages: TDocumentDefinitions, properties: Properties): Promise<Uint8Array> {
  const created = new Date(Math.floor(properties.created / 1000) * 1000);
  const pdf = pdfmake.createPdf({
    ...pages,
    version: '1.7',
    subset: 'PDF/A-3b',
    language: 'ja-JP',
    displayTitle: true,
    info: {
      title: properties.title,
      author: properties.author,
      creator: PRODUCER,
      producer: PRODUCER,
      creationDate: created,
      modDate: created,
    },
  });
  const document = (await pdf.getStream()) as unknown as PdfKitDocument;
  attach(document, properties.attachment, created);
  document._id = fileIdentifier(properties);
  document._addInfo = () => document.appendXML(xmp(properties, created));
  return collect(document);
}

/** An associated file of the whole document, its source (ISO 32000-2 §14.13; ISO 19005-3 §6.8). */
function attach(document: PdfKitDocument, file: Properties['attachment'], date: Date): void {
  const embedded = document.ref({
    Type: 'EmbeddedFile',
    Subtype: file.type.replace('/', '#2F').replace('+', '#2B'),
    Params: { Size: file.bytes.length, CreationDate: date, ModDate: date },
  });
  embedded.end(file.bytes);
  const specification = document.ref({
    Type: 'Filespec',
    AFRelationship: 'Source',
    F: new String(file.name),
    UF: new String(file.name),
    Desc: new String(file.description),
    EF: { F: embedded, UF: embedded },
  });
  specification.end();
  document.addNamedEmbeddedFile(file.name, specification);
  document._root.data.AF = [specification];
}

/** ISO 32000-1 §14.4, from what the file is made of. */
function fileIdentifier({ attachment, created, title }: Properties): Buffer {
  const hash = createHash('sha256').update(attachment.bytes).update(`\0${created}\0${title}`);
  return hash.digest().subarray(0, 16);
}

const ESCAPES: Readonly<Record<string, string>> = Object.freeze({
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
});
const escaped = (text: string): string => text.replaceAll(/[&<>"]/g, (sign) => ESCAPES[sign]!);

/** XMP properties that say what the information dictionary says (ISO 16684-1). */
function xmp({ title, author }: Properties, date: Date): string {
  const time = date.toISOString().replace('.000Z', 'Z');
  return `<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/">
<dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">${escaped(title)}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>${escaped(author)}</rdf:li></rdf:Seq></dc:creator>
<dc:language><rdf:Bag><rdf:li>ja-JP</rdf:li></rdf:Bag></dc:language>
<xmp:CreateDate>${time}</xmp:CreateDate>
<xmp:ModifyDate>${time}</xmp:ModifyDate>
<xmp:CreatorTool>${PRODUCER}</xmp:CreatorTool>
<pdf:Producer>${PRODUCER}</pdf:Producer>
</rdf:Description>`;
}

function collect(document: PdfKitDocument): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    document.on('data', (chunk) => chunks.push(chunk));
    document.on('end', () => resolve(new Uint8Array(Buffer.concat(chunks))));
    document.on('error', reject);
    document.end();
  });
}
