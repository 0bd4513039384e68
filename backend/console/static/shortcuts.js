// Keys for who prefers them; they can be switched off, and never act while something is typed.
const PLACES = { c: "/console/chats", t: "/console/tickets", k: "/console/knowledge" };
const PRESS = { t: "[data-take]", b: "[data-hand-back]" };
let goes = false;

export function shortcuts() {
  document.querySelector("[data-shortcuts-help]")?.addEventListener("click", help);
  if (document.body.dataset.shortcuts !== "on") return;
  document.addEventListener("keydown", act);
}

function help() {
  document.getElementById("shortcuts").showModal();
}

function act(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable], dialog")) return;
  if (goes) {
    goes = false;
    if (PLACES[event.key]) location.assign(PLACES[event.key]);
    return;
  }
  const done = handle(event.key);
  if (done) event.preventDefault();
}

function handle(key) {
  if (key === "?") return help() ?? true;
  if (key === "g") return (goes = true);
  if (key === "/") return focus("[data-search]");
  if (key === "r") return focus("[data-reply-text]");
  if (key === "n") return focus("[data-note-text], [data-reply-text]");
  if (key === "j" || key === "k") return step(key === "j" ? 1 : -1);
  if (key === "o") return click("[data-item]:focus, [data-item]");
  if (PRESS[key]) return click(PRESS[key]);
  return false;
}

function focus(selector) {
  const found = document.querySelector(selector);
  found?.focus();
  return Boolean(found);
}

function click(selector) {
  const found = document.querySelector(selector);
  found?.click();
  return Boolean(found);
}

function step(by) {
  const items = [...document.querySelectorAll("[data-item]")];
  if (!items.length) return false;
  const at = items.indexOf(document.activeElement);
  items[Math.min(Math.max(at + by, 0), items.length - 1)].focus();
  return true;
}
