// The answer box: drafts are kept on the server, Ctrl+Enter sends, a sent text leaves the box and a refused one stays.
const DRAFT_MS = 500;
let timer;

export function answering() {
  scrollDown();
  restore();
  document.body.addEventListener("input", typed);
  document.body.addEventListener("change", insert);
  document.body.addEventListener("keydown", send);
  document.body.addEventListener("htmx:beforeRequest", hold);
  document.body.addEventListener("htmx:afterRequest", sent);
  document.body.addEventListener("htmx:beforeSwap", remember);
  document.body.addEventListener("htmx:afterSettle", settled);
  document.body.addEventListener("htmx:afterRequest", taken);
  addEventListener("pagehide", () => keep(document.querySelector("[data-reply-text]")));
}

function typed(event) {
  if (!event.target.matches("[data-reply-text]")) return;
  clearTimeout(timer);
  timer = setTimeout(() => keep(event.target), DRAFT_MS);
}

function keep(box) {
  const address = box?.form?.dataset.draft;
  clearTimeout(timer);
  if (!address || box.value === box.dataset.kept) return;
  const text = (box.dataset.kept = box.value);
  const headers = { "X-CSRF-Token": document.body.dataset.csrf };
  const body = new URLSearchParams({ text });
  const options = { method: "POST", headers, body, keepalive: true, redirect: "manual" };
  remind(box, text); // the tab keeps it until the server has it: the connection or the sign-in may be lost
  fetch(address, options).then(
    (answer) => answer.ok && remind(box, ""),
    () => delete box.dataset.kept,
  );
}

const place = (box) => `komshu-draft ${box.form.dataset.owner} ${box.form.dataset.draft}`;

function remind(box, text) {
  try {
    if (text) sessionStorage.setItem(place(box), text);
    else sessionStorage.removeItem(place(box));
  } catch {
    // the browser allows no storage: only the server keeps drafts
  }
}

// What was written when the server could not be reached comes back into the box, for the same agent only.
function restore() {
  const box = document.querySelector("[data-draft] [data-reply-text]");
  if (!box) return;
  try {
    const text = sessionStorage.getItem(place(box));
    if (!text) return;
    box.value = text;
    keep(box);
  } catch {
    // no storage
  }
}

function insert(event) {
  if (!event.target.matches("[data-canned]") || !event.target.value) return;
  const box = event.target.form.querySelector("[data-reply-text]");
  box.value = box.value ? `${box.value} ${event.target.value}` : event.target.value;
  event.target.value = "";
  box.focus();
  keep(box);
}

function send(event) {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !event.target.matches("[data-reply-text]")) return;
  event.preventDefault();
  event.target.form.requestSubmit(event.target.form.querySelector("[data-send], [data-note]"));
}

function hold(event) {
  if (event.target.closest?.("[data-reply]")) clearTimeout(timer);
}

function sent(event) {
  const form = event.target.closest?.("[data-reply], [data-once]");
  if (!form || !event.detail.successful) return;
  document.getElementById("notice").replaceChildren();
  form.reset();
  for (const box of form.querySelectorAll("textarea, input:not([type=hidden])")) box.value = "";
  const box = form.querySelector("[data-reply-text]");
  if (box) delete box.dataset.kept;
  if (form.dataset.draft) remind(box, "");
  const key = form.querySelector("[name=key]");
  if (key) key.value = fresh();
  form.closest("details")?.removeAttribute("open");
}

// The button that was pressed is gone: go on where one writes.
function taken(event) {
  if (!event.target.matches?.("[data-taking]") || !event.detail.successful) return;
  document.getElementById("notice").replaceChildren();
  document.querySelector("[data-draft] [data-reply-text]")?.focus();
}

// Unlike crypto.randomUUID also there without https.
const fresh = () => [...crypto.getRandomValues(new Uint8Array(16))].map((one) => one.toString(16).padStart(2, "0")).join("");

let atEnd = true;

function remember() {
  const log = document.querySelector("[data-log]");
  atEnd = !log || log.scrollHeight - log.scrollTop - log.clientHeight < 80;
}

function settled(event) {
  if (event.target.querySelector?.("[data-log]") && atEnd) scrollDown();
}

function scrollDown() {
  const log = document.querySelector("[data-log]");
  if (log) log.scrollTop = log.scrollHeight;
}
