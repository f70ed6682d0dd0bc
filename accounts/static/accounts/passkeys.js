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

  const UNTRUSTED = "Your browser uses no passkeys here, because it does not trust this console’s certificate. "
    + "Install one that it trusts, or tell the browser to trust this one.";
  const UNKNOWN = "This browser knows no passkeys.";
  const REASONS = {
    NotAllowedError: "No passkey was used: it was cancelled, it took too long, or there is none on this device.",
    InvalidStateError: "This device holds a passkey of yours already.",
    SecurityError: "Your browser accepts no passkeys for the name that this console gave it.",
    NotSupportedError: "This device can make no passkey of a kind that is accepted here.",
  };

  function reason(error) {
    if (/certificate/i.test(error.message)) return UNTRUSTED;
    return REASONS[error.name] || `Your browser said: ${error.message}`;
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
      say(button, `Fill in first: ${empty.labels[0].textContent.trim()}.`);
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
      say(button, reason(error));
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
        say(button, UNKNOWN);
      }
    }
  }
})();
