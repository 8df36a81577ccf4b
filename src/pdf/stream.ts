import { inflateSync } from 'node:zlib';
import { type FindingCode, PdfError } from './findings.ts';
import { get, nameOf, type PdfObject } from './values.ts';

/**
 * The data of a stream without filter or with /FlateDecode alone (ISO 32000-1 §7.4.4), up to `longest` bytes. Throws `code`, or
 * DECOMPRESSION_BOMB when there would be more. What is not compressed is a view, not a copy.
 */
export function decodeStream(bytes: Uint8Array, object: PdfObject, longest: number, code: FindingCode): Uint8Array {
  const { value, stream } = object;
  if (!stream) throw new PdfError(code, `object ${object.number} is no stream`);
  const raw = bytes.subarray(stream.start, stream.end);
  const filter = get(value, 'Filter');
  if (get(value, 'DecodeParms') || get(value, 'F') || get(value, 'FFilter')) {
    throw new PdfError(code, `stream ${object.number} has parameters or is another file`);
  }
  if (!filter) {
    if (raw.length > longest) throw new PdfError('DECOMPRESSION_BOMB', `stream ${object.number} is too long`);
    return raw;
  }
  const filters = filter.kind === 'array' ? filter.items : [filter];
  if (filters.length !== 1 || nameOf(filters[0]) !== 'FlateDecode') {
    throw new PdfError(code, `stream ${object.number} has another filter than one FlateDecode`);
  }
  try {
    const { buffer, engine } = inflateSync(raw, { maxOutputLength: Math.max(longest, 1), info: true }) as unknown as {
      buffer: Uint8Array;
      engine: { bytesWritten: number };
    };
    if (engine.bytesWritten !== raw.length) throw new PdfError(code, `stream ${object.number} goes on behind its end`);
    return buffer;
  } catch (error) {
    if (error instanceof PdfError) throw error;
    const tooLong = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw new PdfError(tooLong ? 'DECOMPRESSION_BOMB' : code, `stream ${object.number} cannot be decompressed`);
  }
}
