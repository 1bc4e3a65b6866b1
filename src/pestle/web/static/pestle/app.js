// What the keyboard, the scanner and the clock do on every page. Pages work without it, except for scans
// that arrive outside their own field. Declared in the HTML (templates/README.md); nothing is configured here.

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

export function announce(text) {
  const live = $("#live");
  if (!live) return;
  live.textContent = "";
  // The same sentence twice is read twice only if the region was empty in between.
  setTimeout(() => { live.textContent = text; }, 50);
}

// ---- Scans: is this burst of keys a scanner? ----
// A keyboard-wedge scanner types faster than a hand can and ends in Enter or Tab. What leaked into a field before
// the burst was recognised is taken back; what the scanner typed never works as a shortcut or presses a button.

const GS = "\u001d";
const GAP_MS = 60;            // a longer pause ends the burst
const AVERAGE_MS = 35;        // faster than this, on average, is not a hand
const SURE_LENGTH = 8;
const SURE_START = /^(\][A-Za-z][0-9A-Za-z]|\u001d|PESTLE:)/;

export function isScan(keys) {
  if (keys.length < 3) return false;
  const text = keys.map((key) => key.char).join("");
  const average = (keys.at(-1).at - keys[0].at) / (keys.length - 1);
  return average < AVERAGE_MS && (text.length >= SURE_LENGTH || SURE_START.test(text));
}

let burst = [];
let before = null;            // the field as it was when the burst began
let altCode = "";             // Alt + number pad: some scanners write control characters so

function remember() {
  const field = document.activeElement;
  if (!field || !("value" in field) || field.tagName === "BUTTON") return null;
  let selection = null;
  try { selection = [field.selectionStart, field.selectionEnd]; } catch { /* number and date fields have none */ }
  return { field, value: field.value, selection };
}

function takeBack() {
  if (!before?.field.isConnected || before.field.value === before.value) return;
  before.field.value = before.value;
  if (before.selection?.[0] != null) before.field.setSelectionRange(...before.selection);
  before.field.dispatchEvent(new Event("input", { bubbles: true }));
}

function charOf(event) {
  // A wedge scanner sends ASCII 29 as Ctrl+] on most set-ups, as the bare control character on some.
  if (event.key === GS || event.key === "GroupSeparator") return GS;
  if (event.ctrlKey && !event.altKey && (event.key === "]" || event.code === "BracketRight")) return GS;
  if (event.ctrlKey || event.metaKey) return null;
  return event.key.length === 1 ? event.key : null;
}

function add(char, at) {
  if (burst.length && at - burst.at(-1).at > GAP_MS) burst = [];
  if (!burst.length) before = remember();
  burst.push({ char, at });
}

function swallow(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

function onKeyDown(event) {
  if (event.isComposing) return;
  if (event.repeat) { burst = []; return; }
  if (event.altKey && /^Numpad\d$/.test(event.code)) { altCode += event.code.at(-1); return; }
  if (event.key === "Enter" || event.key === "Tab") {
    const keys = burst;
    const last = keys.at(-1);
    burst = [];
    if (last && event.timeStamp - last.at <= GAP_MS && isScan(keys)) {
      swallow(event);
      cancelLetter();
      takeBack();
      routeScan(keys.map((key) => key.char).join(""), event.getModifierState("CapsLock"));
    }
    return;
  }
  const char = charOf(event);
  if (char === null) return;
  add(char, event.timeStamp);
  if (char === GS) { swallow(event); return; }
  // From here on it can only be a scanner: nothing more reaches the field or the page.
  if (burst.length > SURE_LENGTH && isScan(burst)) { swallow(event); return; }
  if (burst.length > 1) cancelLetter();
}

function onKeyUp(event) {
  if (event.key === "Alt" && altCode) {
    add(String.fromCharCode(Number(altCode)), event.timeStamp);
    altCode = "";
  }
  // A space inside a scan would press the button in focus when the key comes up.
  if (event.key === " " && burst.length > 1) swallow(event);
}

const waitingScans = [];

function scanForm() {
  const open = $("dialog[open] [data-scan-target]");
  return open ?? $$("[data-scan-target]").find((form) => form.checkVisibility()) ?? $("#scan-anywhere");
}

const BADGE = /^(\][A-Za-z][0-9])?PESTLE:B:/;

async function changePerson(code) {
  const form = $("#badge-anywhere");
  await keepDraft();
  form.elements.badge.value = code;
  form.elements.next.value = location.pathname === form.getAttribute("action") ? ($("#main [name=next]")?.value ?? "") : location.pathname + location.search;
  form.requestSubmit();
}

function routeScan(code, capsLock) {
  if (BADGE.test(code) && $("#badge-anywhere")) { changePerson(code); return; }
  waitingScans.push({ code, capsLock });
  nextScan();
}

function nextScan() {
  const form = scanForm();
  if (!form || form.dataset.busy || !waitingScans.length) return;
  // A part that has just arrived is not htmx's yet: submitted now, it would replace the whole page.
  if (window.htmx && form.matches("[hx-post]:not([data-htmx-powered])")) { setTimeout(nextScan, 10); return; }
  const { code, capsLock } = waitingScans.shift();
  const field = form.elements[form.dataset.scanField ?? "code"];
  field.value = code;
  if (form.elements.caps_lock) form.elements.caps_lock.value = capsLock ? "1" : "";
  announce(capsLock ? "Scanned. Caps Lock is on: letters may be the wrong way round." : "Scanned");
  // Posted always: a scan may name a patient, and addresses are kept in histories and logs.
  form.requestSubmit();
}

// ---- Letters and lists ----

let letter = null;

function cancelLetter() {
  clearTimeout(letter);
  letter = null;
}

function typing(target) {
  return target.closest?.("input:not([type=radio], [type=checkbox], [type=button], [type=submit]), textarea, select, [contenteditable]");
}

function onShortcut(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  // Enter in the words of a verb presses that verb, not the first one of the form.
  const beside = event.key === "Enter" && event.target.matches?.("[data-presses] input:not([type=checkbox], [type=radio])");
  if (beside) {
    event.preventDefault();
    $("button", event.target.closest("[data-presses]"))?.click();
    return;
  }
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    if (!typing(event.target) && move(event.key === "ArrowDown" ? 1 : -1, true)) event.preventDefault();
    return;
  }
  if (event.key.length !== 1 || typing(event.target)) return;
  if (event.key === "/") event.preventDefault();
  const key = event.key;
  // Held back for a moment: if more keys follow at once it was a scanner, not a finger.
  if (burst.length <= 1) letter = setTimeout(() => press(key), GAP_MS);
}

function press(key) {
  if ($("dialog[open]")) return;
  if (key === "/") { $("#search")?.focus(); $("#search")?.select(); return; }
  if (key === "?") { showHelp(); return; }
  if (key === "j" || key === "k") { move(key === "j" ? 1 : -1, false); return; }
  // Where several rows or lists have the verb, the one in focus is meant.
  const verbs = $$("[data-key]").filter((one) => one.dataset.key === key && one.checkVisibility());
  const item = document.activeElement?.closest("[data-item]");
  const list = item?.closest("[data-list]");
  const verb = verbs.find((one) => item?.contains(one)) ?? verbs.find((one) => list?.contains(one)) ?? verbs[0];
  if (!verb) return;
  verb.focus();
  // A letter follows links and chooses an answer that is sent later. A button is only brought into focus:
  // pressing it is a second, meant, act.
  if (verb.matches("a, input[type=radio], input[type=checkbox]")) verb.click();
}

function move(by, onlyInside) {
  const here = document.activeElement?.closest("[data-item]");
  if (onlyInside && !here) return false;
  const list = here?.closest("[data-list]") ?? $("#main [data-list]") ?? $("[data-list]");
  // The lists of a page are gone through as one.
  const items = list ? $$("[data-list] [data-item]", list.closest("#main") ?? list.parentElement) : [];
  if (!items.length) return false;
  const at = here ? items.indexOf(here) + by : by > 0 ? 0 : items.length - 1;
  const item = items[Math.max(0, Math.min(items.length - 1, at))];
  (($("[data-open]", item) ?? $("a[href], button, summary", item)) ?? item).focus();
  return true;
}

function showHelp() {
  const help = $("#keyboard-help");
  if (!help || help.open) return;
  const seen = new Set();
  const verbs = $$("[data-key]").filter((one) => one.checkVisibility() && !seen.has(one.dataset.key) && seen.add(one.dataset.key));
  const list = document.createElement("dl");
  list.className = "pt-keys";
  for (const verb of verbs) {
    const row = document.createElement("div");
    const key = document.createElement("kbd");
    const [term, says] = [document.createElement("dt"), document.createElement("dd")];
    key.textContent = verb.dataset.key;
    term.append(key);
    says.textContent = verb.dataset.keySays ?? verb.textContent.trim();
    row.append(term, says);
    list.append(row);
  }
  $("#keyboard-help-page").replaceChildren(...(verbs.length ? [list] : []));
  help.showModal();
}

// ---- Forms: once is enough ----

function onSubmit(event) {
  const form = event.target;
  if (form.method === "dialog") return;
  if (form.dataset.busy) { swallow(event); return; }
  form.dataset.busy = "1";
  if (form === draft) { clearTimeout(draftSoon); draft = null; }
  // After the browser has read the form: a disabled button would not be sent with it.
  setTimeout(() => { for (const button of $$("button:not([type=button])", form)) button.disabled = true; });
}

function free(form) {
  delete form.dataset.busy;
  for (const button of $$("button:disabled", form)) button.disabled = false;
}

function freeAll() {
  for (const form of $$("form[data-busy]")) free(form);
}

function requestEnded(event) {
  const form = event.detail?.ctx?.sourceElement?.closest("form");
  if (form) free(form);
  nextScan();
}

// ---- What is half typed is kept on the server, for who comes back to it ----

let draft = null;             // the form that was typed in since it was last kept
let draftSoon = null;

function keepDraft() {
  clearTimeout(draftSoon);
  const form = draft;
  draft = null;
  if (!form) return Promise.resolve();
  return fetch(form.dataset.draft, { method: "POST", body: new FormData(form), credentials: "same-origin", keepalive: true })
    .catch(() => announce("What you typed could not be kept. Check the network."));
}

function onTyped(event) {
  const form = event.target.form;
  if (!form?.dataset.draft || form.dataset.busy) return;
  draft = form;
  clearTimeout(draftSoon);
  draftSoon = setTimeout(keepDraft, 1500);
}

// ---- Parts that are replaced: the focus stays ----

let focused = null;

function beforeSwap() {
  const item = document.activeElement?.closest("[data-item]");
  const list = item?.closest("[data-list]");
  focused = {
    id: document.activeElement?.id || null,
    list: list ? $$("[data-list]").indexOf(list) : -1,
    item: list ? $$("[data-item]", list).indexOf(item) : -1,
  };
}

function afterSwap() {
  dress();
  const first = $("#main [data-focus-first]");
  if (first && !first.dataset.seen) { first.dataset.seen = "1"; first.focus(); }
  else if (document.activeElement === document.body && focused) {
    const items = focused.item >= 0 ? $$("[data-item]", $$("[data-list]")[focused.list] ?? document) : [];
    const item = items[Math.min(focused.item, items.length - 1)];
    const target = (focused.id && document.getElementById(focused.id)) || (item && ($("[data-open], a[href], button", item) ?? item));
    (target || $("#main"))?.focus({ preventScroll: true });
  }
  nextScan();
}

// ---- Lists remembered: order and step only, never a word that somebody typed ----

const REMEMBERED = ["sort", "order", "step", "with", "per"];

function rememberList(event) {
  const link = event.target.closest("a[data-remember]");
  if (!link) return;
  const kept = new URLSearchParams();
  for (const [name, value] of new URL(link.href).searchParams) if (REMEMBERED.includes(name)) kept.set(name, value);
  sessionStorage.setItem(`pestle.list.${link.dataset.remember}`, kept.toString());
}

function recallLists() {
  for (const link of $$("a[data-remembers]")) {
    const kept = sessionStorage.getItem(`pestle.list.${link.dataset.remembers}`);
    if (kept) link.search = kept;
  }
}

// ---- The rest of the menu closes when it is left ----

function closeMore(event) {
  const menu = $("details[data-more][open]");
  if (!menu || (event.type !== "keydown" && menu.contains(event.target))) return;
  if (event.type === "keydown" && event.key !== "Escape") return;
  if (menu.contains(document.activeElement)) $("summary", menu).focus();
  menu.open = false;
}

// ---- The session ends; nobody is surprised ----

function leave() {
  // Without the fragment, or the browser would only scroll.
  location.assign(location.pathname + location.search);
}

function watchSession() {
  const { sessionSeconds, sessionExtend } = document.body.dataset;
  const dialog = $("#session-end");
  if (!sessionSeconds || !dialog) return;
  const lasts = Number(sessionSeconds) * 1000;
  let ends = Date.now() + lasts;
  const stay = () => fetch(sessionExtend, { method: "GET", credentials: "same-origin", redirect: "error" })
    .then((answer) => { if (answer.ok) ends = Date.now() + lasts; else leave(); })
    .catch(() => announce("The server does not answer. Check the network."));
  $("[data-stay]", dialog).addEventListener("click", stay);
  dialog.addEventListener("cancel", stay);
  document.addEventListener("htmx:after:request", () => { ends = Date.now() + lasts; });
  // The clock on the wall, not a countdown: a laptop that slept must not show a patient for another hour.
  const watch = setInterval(() => {
    const left = ends - Date.now();
    if (left <= 0) { clearInterval(watch); leave(); return; }
    if (left > 60_000) { if (dialog.open) dialog.close(); return; }
    $("#session-end-left").textContent = `${Math.ceil(left / 1000)} seconds`;
    if (!dialog.open) dialog.showModal();
  }, 1000);
}

// ---- The page as it arrives ----

function dress() {
  document.body.classList.add("js-enabled", "nhsuk-frontend-supported");
  const furniture = $("#pestle-app")?.dataset.furniture;
  if (furniture && $("[data-module^=nhsuk-]")) import(furniture).then((nhsuk) => nhsuk.initAll()).catch(() => {});
}

function start() {
  dress();
  recallLists();
  watchSession();
  const banner = $("#banner");
  if (banner) new ResizeObserver(([entry]) => {
    document.documentElement.style.setProperty("--stuck", `${entry.target.offsetHeight}px`);
  }).observe(banner);
  const first = $("[data-focus-first]");
  if (first) { first.dataset.seen = "1"; first.focus(); }

  document.addEventListener("keydown", onKeyDown, true);
  document.addEventListener("keyup", onKeyUp, true);
  document.addEventListener("keydown", onShortcut);
  document.addEventListener("submit", onSubmit, true);
  document.addEventListener("input", onTyped);
  window.addEventListener("pagehide", keepDraft);
  document.addEventListener("click", rememberList);
  document.addEventListener("click", closeMore);
  document.addEventListener("keydown", closeMore);
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-help]")) showHelp();
    if (event.target.closest("[data-print]")) window.print();
  });
  // The back button shows the page as it was left, its buttons still asleep.
  window.addEventListener("pageshow", (event) => { if (event.persisted) freeAll(); });
  document.addEventListener("htmx:before:swap", beforeSwap);
  document.addEventListener("htmx:after:settle", afterSwap);
  document.addEventListener("htmx:finally:request", requestEnded);
  document.addEventListener("htmx:error", () => announce("That did not reach the server. Check the network and try again."));
}

start();
