import { execFileSync } from 'node:child_process';
import { crc32, deflateSync, inflateSync } from 'node:zlib';

/** A picture of one page in grey, 0 black to 255 white, row by row. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

/** A page as poppler draws it, in PGM (https://netpbm.sourceforge.net/doc/pgm.html). */
export function drawPage(path: string, page: number, dpi: number): Picture {
  const pgm = execFileSync('pdftoppm', ['-r', `${dpi}`, '-f', `${page}`, '-l', `${page}`, '-gray', path], {
    maxBuffer: 50_000_000,
  });
  const [head, width, height] = /^P5\s+(\d+)\s+(\d+)\s+255\s/.exec(pgm.toString('latin1', 0, 100)) ?? [];
  if (head === undefined) throw new Error('pdftoppm did not draw a PGM');
  return { width: Number(width), height: Number(height), pixels: new Uint8Array(pgm.subarray(head.length)) };
}

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');
/** Of the picture's levels of grey, to be small. */
const LEVELS = 8;

/** As PNG in 8-bit grey, without filters (https://www.w3.org/TR/png-3/). */
export function writePng({ width, height, pixels }: Picture): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.writeUInt8(8, 8);
  const rows = Buffer.alloc((width + 1) * height);
  for (let at = 0; at < pixels.length; at++) {
    const level = Math.round((pixels[at]! / 255) * (LEVELS - 1));
    rows[at + Math.floor(at / width) + 1] = Math.round((level * 255) / (LEVELS - 1));
  }
  const data = deflateSync(rows, { level: 9 });
  return Buffer.concat([SIGNATURE, chunk('IHDR', head), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

/** A PNG that `writePng` wrote. */
export function readPng(png: Buffer): Picture {
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  const rows = inflateSync(png.subarray(41, 41 + png.readUInt32BE(33)));
  const pixels = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) pixels.set(rows.subarray(y * (width + 1) + 1, (y + 1) * (width + 1)), y * width);
  return { width, height, pixels };
}

const TILE = 4;

/**
 * The share of tiles of 4 × 4 pixels whose mean grey differs by more than a sixth of the scale: another smoothing of the same glyphs changes
 * none, another line does. 1 for pictures of different sizes.
 */
export function difference(one: Picture, other: Picture): number {
  if (one.width !== other.width || one.height !== other.height) return 1;
  const [columns, rows] = [Math.floor(one.width / TILE), Math.floor(one.height / TILE)];
  let different = 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      if (Math.abs(mean(one, column, row) - mean(other, column, row)) > 255 / 6) different++;
    }
  }
  return different / (columns * rows);
}

function mean({ pixels, width }: Picture, column: number, row: number): number {
  let sum = 0;
  for (let y = 0; y < TILE; y++) {
    for (let x = 0; x < TILE; x++) sum += pixels[(row * TILE + y) * width + column * TILE + x]!;
  }
  return sum / TILE ** 2;
}
