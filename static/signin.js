// Signing in: Show, six boxes, the lock's countdown, passkeys. Every form works without it, but for passkeys.

for (const button of document.querySelectorAll("[data-reveal]")) reveal(button);
for (const field of document.querySelectorAll("[data-boxes]")) drawBoxes(field);
for (const time of document.querySelectorAll("time[data-locked-until]")) countDown(time);
offerPasskeys();

function reveal(button) {
  const input = document.getElementById(button.dataset.reveal);
  const word = button.querySelector("span");
  button.hidden = false;
  button.setAttribute("aria-label", "Show password");
  button.addEventListener("click", () => {
    const shown = input.type === "password";
    input.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
    word.textContent = shown ? "Hide" : "Show";
  });
}

function drawBoxes(field) {
  const input = field.querySelector("input");
  const boxes = field.querySelector(".boxes");
  const form = input.form;
  const waiting = document.querySelector("[data-locked-until]");
  boxes.hidden = false;
  const draw = () => {
    const digits = input.value.replace(/\D/g, "").slice(0, 6);
    if (input.value !== digits) input.value = digits;
    [...boxes.children].forEach((box, place) => {
      box.textContent = digits[place] ?? "";
      box.classList.toggle("next", place === Math.min(digits.length, 5));
    });
    if (!waiting) form.querySelector("[data-send]").disabled = digits.length < 6;
    if (digits.length === 6 && form.hasAttribute("data-by-itself")) form.requestSubmit();
  };
  input.addEventListener("input", draw);
  draw();
}

// The address of the reader's zone, and how long it still takes; until then a try would only be refused.
function countDown(time) {
  const until = Date.parse(time.dataset.lockedUntil);
  const left = time.parentElement.querySelector("[data-locked-left]");
  const send = document.querySelector("[data-send]");
  const word = send?.textContent;
  time.textContent = new Date(until).toLocaleTimeString("en-GB");
  const draw = () => {
    const seconds = Math.max(0, Math.ceil((until - Date.now()) / 1000));
    const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    left.textContent = seconds ? `, ${clock} left` : ", now over";
    if (send) {
      send.disabled = seconds > 0;
      send.textContent = seconds ? `${word} again in ${clock}` : word;
    }
    if (seconds) setTimeout(draw, 1000);
  };
  draw();
}

function offerPasskeys() {
  if (!passkeysWork()) return;
  for (const place of document.querySelectorAll("[data-passkey-offer], [data-passkey]")) place.hidden = false;
  for (const note of document.querySelectorAll("[data-no-passkeys]")) note.hidden = true;
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      usePasskey(form).catch(() => refused(form, "No passkey was used. Try again, or use the password."));
    });
  }
}

// Browsers have no passkeys for addresses without a name, such as 127.0.0.1.
function passkeysWork() {
  const named = !/^[\d.]+$|:/.test(location.hostname.replace(/^\[|\]$/g, ""));
  return named && isSecureContext && typeof window.PublicKeyCredential?.parseRequestOptionsFromJSON === "function";
}

async function usePasskey(form) {
  refused(form, "");
  const making = form.dataset.passkey === "add";
  const { publicKey } = making ? stored().creation_options : await requestOptions(form);
  const credential = making
    ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(resident(publicKey)) })
    : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey) });
  form.elements.credential.value = JSON.stringify(credential.toJSON());
  const trust = form.querySelector("[data-trust-too]");
  if (trust) trust.disabled = !document.querySelector("[data-trust]").checked;
  form.submit();
}

async function requestOptions(form) {
  if (form.dataset.passkey !== "sign-in") return stored().request_options;
  const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`passkey options: ${answer.status}`);
  return (await answer.json()).request_options;
}

// A passkey must be found without a name being typed, and its owner proved by it: it replaces the password.
function resident(publicKey) {
  const wanted = { residentKey: "required", requireResidentKey: true, userVerification: "required" };
  return { ...publicKey, authenticatorSelection: { ...publicKey.authenticatorSelection, ...wanted } };
}

function stored() {
  return JSON.parse(document.getElementById("passkey-options").textContent);
}

function refused(form, words) {
  form.querySelector("[data-passkey-refused]").textContent = words;
}
