/** RFC 4180 with a byte order mark, as spreadsheets in Japan want it; what they would take for a formula is told as text. */
export function csv(header: readonly string[], rows: readonly (readonly (string | number | null)[])[]): Buffer {
  const lines = [header, ...rows].map((row) => row.map(field).join(','));
  return Buffer.from(`\uFEFF${lines.join('\r\n')}\r\n`);
}

function field(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = /^[=+\-@＝＋－＠|]/u.test(value.trimStart()) || /^\s/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export const CSV = 'text/csv';
export const CSV_HEADERS = Object.freeze({ 'Content-Type': 'text/csv; charset=utf-8; header=present' });
