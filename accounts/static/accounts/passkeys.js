"use strict";

/* Passkeys (W3C WebAuthn). A button's data say what the browser is to be asked; its answer goes into
   the form's hidden field, and the form is sent as any other. Without this script, codes remain. */

(() => {
  const decode = (text) => {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, (character) => character.charCodeAt(0));
  };

  const encode = (buffer) => {
    const plain = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  };

  const withId = (known) => ({ ...known, id: decode(known.id) });

  function prepared(options) {
    const ready = { ...options, challenge: decode(options.challenge) };
    if (options.user) ready.user = withId(options.user);
    for (const list of ["excludeCredentials", "allowCredentials"]) {
      if (options[list]) ready[list] = options[list].map(withId);
    }
    return ready;
  }

  function answer(credential) {
    const { response } = credential;
    const said = { clientDataJSON: encode(response.clientDataJSON) };
    for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (response[part]) said[part] = encode(response[part]);
    }
    if (response.getTransports) said.transports = response.getTransports();
    return JSON.stringify({
      id: credential.id,
      rawId: encode(credential.rawId),
      type: credential.type,
      response: said,
      clientExtensionResults: credential.getClientExtensionResults(),
    });
  }

  /* ---- What is said, in the words of the page ---- */

  const words = (button) => button.closest("[data-passkeys]").dataset;

  function reason(button, error) {
    if (/certificate/i.test(error.message)) return words(button).sayUntrusted;
    return words(button)[`say${error.name}`] || `${words(button).sayOtherwise} ${error.message}`;
  }

  function say(button, text) {
    const place = button.closest("[data-passkeys]").querySelector("[data-passkey-says]");
    place.textContent = text;
    place.hidden = !text;
  }

  function firstEmpty(form) {
    const fields = Array.from(form.querySelectorAll("input[required]:not([data-or-passkey])"));
    return fields.find((field) => !field.value.trim());
  }

  async function use(button) {
    const { form } = button;
    const empty = firstEmpty(form);
    if (empty) {
      say(button, `${words(button).sayEmpty} ${empty.labels[0].textContent.trim()}.`);
      empty.focus();
      return;
    }
    say(button, "");
    button.disabled = true;
    try {
      const publicKey = prepared(JSON.parse(button.dataset.passkeyAsk));
      const does = publicKey.user ? "create" : "get";
      form.elements[button.dataset.passkeyInto].value = answer(await navigator.credentials[does]({ publicKey }));
      form.submit();
    } catch (error) {
      say(button, reason(button, error));
      button.disabled = false;
    }
  }

  document.querySelectorAll("[data-without-script]").forEach((text) => { text.hidden = true; });
  for (const box of document.querySelectorAll("[data-passkeys]")) {
    box.hidden = false;
    for (const button of box.querySelectorAll("[data-passkey-ask]")) {
      if (window.PublicKeyCredential) {
        button.addEventListener("click", () => use(button));
      } else {
        button.disabled = true;
        say(button, words(button).sayUnknown);
      }
    }
  }
})();
