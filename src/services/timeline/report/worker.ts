import { parentPort } from 'node:worker_threads';
import pdfmake from 'pdfmake';
import { Characters } from '../../../pdf/characters.ts';
import { readTypeface } from '../../../pdf/font.ts';
import { installFonts } from '../../../pdf/fonts.ts';
import { type Report, reportPages } from './pages.ts';
import { TITLE } from './words.ts';

/** What the worker answers to its one report. */
export type Answer = { readonly pdf: Uint8Array } | { readonly failed: string };

parentPort?.once('message', async (report: Report) => {
  try {
    const pdf = await render(report);
    parentPort?.postMessage({ pdf } satisfies Answer);
  } catch (error) {
    const failed = error instanceof Error ? (error.stack ?? error.message) : String(error);
    parentPort?.postMessage({ failed } satisfies Answer);
  }
});

async function render(report: Report): Promise<Uint8Array> {
  const typeface = readTypeface();
  installFonts(typeface);
  const characters = new Characters(typeface);
  const known = new Map<string, string>();
  const printable = (text: string): string => {
    const shown = known.get(text) ?? characters.printable(text.replaceAll(/\s+/g, ' '));
    known.set(text, shown);
    return shown;
  };
  const groups = report.groups.map((group) => {
    const texts = Object.entries(group).map(([name, value]) => [
      name,
      typeof value === 'string' ? printable(value) : value,
    ]);
    return Object.fromEntries(texts) as typeof group;
  });
  const named = { patient: printable(report.patient), hospital: printable(report.hospital) };
  const unprintable = characters.unprintable
    .filter(({ number }) => number !== undefined)
    .map(({ number, name, hint }) => `[${number}] ${name}${hint ? `（${hint}）` : ''}`);
  const shown = { ...report, ...named, groups, unprintable };
  const title = TITLE[report.language === 'ja' ? 0 : 1];
  const info = { title, author: report.hospital, creator: 'Tasuki', producer: 'Tasuki' };
  const language = report.language === 'ja' ? 'ja-JP' : 'en';
  const pages = { ...reportPages(shown), version: '1.7' as const, language, displayTitle: true, info };
  return new Uint8Array(await pdfmake.createPdf(pages as never).getBuffer());
}
