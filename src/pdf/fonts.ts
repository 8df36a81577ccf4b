import pdfmake from 'pdfmake';
import type { Typeface } from './font.ts';

/** The name by which documents ask for it. */
export const FONT = 'BIZUDPGothic';

/** Lets pdfmake have the two fonts and nothing else: no file, no address. */
export function installFonts({ regular, bold }: Typeface): void {
  const files = (pdfmake as unknown as { virtualfs: { writeFileSync(name: string, bytes: Buffer): void } }).virtualfs;
  files.writeFileSync('regular.ttf', regular);
  files.writeFileSync('bold.ttf', bold);
  pdfmake.setFonts({ [FONT]: { normal: 'regular.ttf', bold: 'bold.ttf' } });
  pdfmake.setUrlAccessPolicy(() => false);
  pdfmake.setLocalAccessPolicy(() => false);
}
