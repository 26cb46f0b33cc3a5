// Asks a phone, computer or security key to prove who is there, and puts its answer into the form.
// The only script of members' pages. Without it they work with six digits.
"use strict";
(() => {
  const area = document.querySelector("[data-passkey]");
  if (!area || !window.PublicKeyCredential) return;
  const field = area.querySelector("[name=passkey]");
  const button = area.querySelector("button");
  const fault = area.querySelector("[role=alert]");
  const wanted = JSON.parse(area.dataset.passkey);

  const bytes = (text) => Uint8Array.from(
    atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  const options = (asked) => ({
    ...asked,
    challenge: bytes(asked.challenge),
    ...(asked.user && { user: { ...asked.user, id: bytes(asked.user.id) } }),
    ...(asked.excludeCredentials && {
      excludeCredentials: asked.excludeCredentials.map((one) => ({ ...one, id: bytes(one.id) })),
    }),
  });
  const written = (credential) => {
    const response = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"])
      if (credential.response[name]) response[name] = text(credential.response[name]);
    const id = text(credential.rawId);
    return JSON.stringify({ id, rawId: id, type: credential.type, response, clientExtensionResults: {} });
  };

  area.hidden = false;
  button.addEventListener("click", async () => {
    const form = button.form, code = form.elements.code, proves = "get" in wanted;
    if (proves) code.required = false; // the answer stands in its place
    if (form.reportValidity()) {
      fault.hidden = true;
      button.disabled = true;
      try {
        const credential = proves
          ? await navigator.credentials.get({ publicKey: options(wanted.get) })
          : await navigator.credentials.create({ publicKey: options(wanted.create) });
        field.value = written(credential);
        form.requestSubmit();
      } catch {
        fault.hidden = false;
      }
      button.disabled = false;
    }
    code.required = true;
  });
})();
