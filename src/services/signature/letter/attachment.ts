import type { Element } from './element.ts';

/** An Attachment in print: the text itself where it is plain text in UTF-8, else what is attached. Nothing is fetched. */
export function attachmentText(attachment: Element): string | undefined {
  if (!attachment.present) return undefined;
  const type = attachment.text('contentType');
  const data = attachment.text('data');
  if (data && type && /^text\/plain(?:$|\s*;\s*charset="?utf-8"?\s*$)/i.test(type)) {
    const text = decoded(data);
    if (text !== undefined) return text;
  }
  const title = attachment.text('title') ?? '無題';
  return `添付文書：${title}${type ? `（${type}）` : ''}`;
}

function decoded(base64: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(base64, 'base64'));
  } catch {
    return undefined;
  }
}
