import { html } from './html.ts';
import { moment } from './moment.ts';
import { frame } from './texts/frame.ts';
import { recovery } from './texts/settings.ts';
import { type Member, type Page, say } from './visit.ts';

/** Shows new recovery codes, which are never shown again. */
export function recoveryCodes(
  visit: Member,
  codes: readonly string[],
  why: 'enrolled' | 'renewed',
  next: string,
): { readonly page: Page } {
  const { name, login } = visit.session.account;
  return {
    page: {
      title: say(visit, recovery.title),
      main: html`<p class="notice" role="status">${say(visit, recovery[why])}</p>
<p>${say(visit, recovery.advice)}</p>
<ol class="codes" id="codes" aria-label="${say(visit, recovery.list)}">
${codes.map((code) => html`<li><code>${code}</code></li>\n`)}</ol>
<p class="print-only">${say(visit, recovery.owner, { name, login, at: moment(visit, visit.parts.now()) })}</p>
<p class="actions">
<button type="button" class="second" data-copy="codes" data-copied="${say(visit, frame.copied)}" hidden>${say(visit, frame.copy)}</button>
<button type="button" class="second" data-print hidden>${say(visit, frame.print)}</button>
</p>
<p class="actions"><a class="button" href="${next}">${say(visit, recovery.done)}</a></p>`,
    },
  };
}
