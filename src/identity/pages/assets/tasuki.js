// What the pages cannot do without a script: passkeys, copying and printing, and the code of an invitation in the link's fragment.
(() => {
  for (const form of document.querySelectorAll('form[data-passkey]')) {
    const webauthn = window.SimpleWebAuthnBrowser;
    const words = JSON.parse(form.dataset.words);
    const says = form.querySelector('[data-passkey-says]');
    const button = form.querySelector('[data-passkey-button]');
    const say = (text) => {
      says.textContent = text;
      says.hidden = text === '';
    };
    form.querySelector('[data-passkey-waits]').hidden = true;
    if (!webauthn?.browserSupportsWebAuthn()) {
      say(words.unsupported);
      continue;
    }
    button.hidden = false;
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      say('');
      button.disabled = true;
      try {
        const given = { optionsJSON: JSON.parse(form.dataset.options) };
        const create = form.dataset.passkey === 'create';
        const response = await (create ? webauthn.startRegistration(given) : webauthn.startAuthentication(given));
        form.elements.response.value = JSON.stringify(response);
        form.submit();
      } catch (error) {
        say(words[error.name] ?? words.failed);
        button.disabled = false;
        button.focus();
      }
    });
  }

  for (const button of document.querySelectorAll('[data-copy]')) {
    if (!navigator.clipboard) continue;
    const status = document.createElement('span');
    status.className = 'copied';
    status.setAttribute('role', 'status');
    button.after(status);
    button.hidden = false;
    button.addEventListener('click', async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).innerText.trim());
      status.textContent = button.dataset.copied;
    });
  }

  for (const button of document.querySelectorAll('[data-print]')) {
    button.hidden = false;
    button.addEventListener('click', () => window.print());
  }

  // The fragment leaves the address bar and the history before the code is sent. It may also come to a page that is open already.
  const form = document.querySelector('form[data-fragment]');
  const takeFragment = () => {
    const code = location.hash.slice(1);
    if (code === '') return;
    history.replaceState(null, '', location.pathname + location.search);
    form.elements[form.dataset.fragment].value = code;
    form.requestSubmit();
  };
  if (form) {
    takeFragment();
    addEventListener('hashchange', takeFragment);
  }
})();
