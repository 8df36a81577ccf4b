import type { Narrative } from '@medplum/fhirtypes';

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** A Narrative of plain paragraphs. */
export function narrative(status: NonNullable<Narrative['status']>, ...paragraphs: readonly string[]): Narrative {
  const body = paragraphs.map((text) => `<p>${text.replaceAll(/[&<>"]/g, (c) => ESCAPES[c]!)}</p>`).join('');
  return { status, div: `<div xmlns="http://www.w3.org/1999/xhtml">${body}</div>` };
}
