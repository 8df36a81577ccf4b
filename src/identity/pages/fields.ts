import { attribute, type Html, html, type Part } from './html.ts';
import { frame } from './texts/frame.ts';
import { proofField, say, type Visit } from './visit.ts';

/** One control of a form. */
export interface Field {
  readonly name: string;
  readonly label: string;
  readonly type?: 'text' | 'password';
  readonly autocomplete: string;
  readonly hint?: string | undefined;
  /** What is wrong with what was entered. */
  readonly error?: string | undefined;
  readonly value?: string;
  readonly optional?: boolean;
  readonly autofocus?: boolean;
  readonly kind?: 'digits' | 'code';
  readonly readonly?: boolean;
  /** Where two forms of a page have a field of the same name. */
  readonly id?: string;
}

/** A labelled control with its hint and its error tied to it. */
export function field(given: Field): Html {
  const { name, label, type = 'text', autocomplete, hint, error, value = '', optional = false, id = name } = given;
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ');
  return html`<div class="field">
<label for="${id}">${label}</label>
${hint && html`<p class="hint" id="${id}-hint">${hint}</p>`}
${error && html`<p class="error" id="${id}-error" role="alert">${error}</p>`}
<input id="${id}" name="${name}" type="${type}" value="${value}" autocomplete="${autocomplete}" ${KINDS[given.kind ?? 'text']} ${described && html`aria-describedby="${described}"`} ${error && html`aria-invalid="true"`} ${given.readonly && html`readonly`} ${attribute(!optional && !given.readonly, 'required')} ${attribute(given.autofocus ?? false, 'autofocus')}>
</div>`;
}

/** Neither corrected nor capitalised: what is entered is no prose. */
const PLAIN = html`autocapitalize="none" autocorrect="off" spellcheck="false"`;
const KINDS = {
  text: PLAIN,
  digits: html`${PLAIN} inputmode="numeric" maxlength="20" class="code"`,
  code: html`${PLAIN} maxlength="100" class="code"`,
} as const;

/** A form that comes back to us, with the field that proves it. */
export function formTo(visit: Visit, action: string, content: Part, attributes: Part = undefined): Html {
  return html`<form method="post" action="${action}" ${attributes}>${proofField(visit)}
${content}
</form>`;
}

export const hidden = (name: string, value: string): Html =>
  html`<input type="hidden" name="${name}" value="${value}">`;

/** Something that went wrong with the whole form. */
export const alertBox = (text: string | undefined): Html | undefined =>
  text === undefined ? undefined : html`<p class="alert" role="alert">${text}</p>`;

/** Something that went well, or that is good to know. */
export const noticeBox = (text: string | undefined): Html | undefined =>
  text === undefined ? undefined : html`<p class="notice" role="status">${text}</p>`;

/** `frame.needed` where a field was left empty. */
export const needed = (visit: Visit, value: string): string | undefined =>
  value === '' ? say(visit, frame.needed) : undefined;
