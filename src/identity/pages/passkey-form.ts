import { formTo } from './fields.ts';
import { type Html, html, type Part } from './html.ts';
import { passkeys } from './texts/login.ts';
import { say, type Visit } from './visit.ts';

/**
 * A form that the script fills with a passkey's answer to the options. Without script, and in browsers without passkeys, it says so; what goes
 * wrong in the browser is told beside the button.
 *
 * @param what  `get` to use one, `create` to make one
 */
export function passkeyForm(
  visit: Visit,
  given: { action: string; what: 'get' | 'create'; options: object; button: string; fields?: Part },
): Html {
  const words = {
    unsupported: say(visit, passkeys.unsupported),
    NotAllowedError: say(visit, passkeys.cancelled),
    InvalidStateError: say(visit, passkeys.known),
    failed: say(visit, passkeys.failed),
  };
  return formTo(
    visit,
    given.action,
    html`${given.fields}
<input type="hidden" name="response" value="">
<p class="error" role="alert" data-passkey-says hidden></p>
<p class="actions"><button data-passkey-button hidden>${given.button}</button></p>
<p class="hint" data-passkey-waits>${say(visit, passkeys.noScript)}</p>`,
    html`data-passkey="${given.what}" data-options="${JSON.stringify(given.options)}" data-words="${JSON.stringify(words)}"`,
  );
}

/** What the script put into the form; null where that is no JSON object. */
export function passkeyResponse(visit: Visit): object | null {
  try {
    const response: unknown = JSON.parse(visit.form.get('response'));
    return typeof response === 'object' && !Array.isArray(response) ? response : null;
  } catch {
    return null;
  }
}
