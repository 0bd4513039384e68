// One tab of the browser holds the stream of changes and tells the others. A change makes a part of the page fetch
// itself again; after any gap everything is fetched, so that the page shows exactly what the server has.
const BEAT_MS = 15_000;
const LOST_MS = 40_000;
const LIST_MS = 2_000;
const SPREAD_MS = 500;
const channel = new BroadcastChannel("komshu-desk");
let heard = Date.now();
let lost = false;

export function follow() {
  channel.onmessage = (event) => hear(event.data);
  if (navigator.locks) navigator.locks.request("komshu-desk", () => lead());
  else lead(); // without https browsers have no locks: every tab holds a stream of its own
  setInterval(watch, 5_000);
  addEventListener("online", () => refresh(["all"]));
  document.addEventListener("visibilitychange", () => document.hidden || watch());
  document.body.addEventListener("htmx:sendError", () => setLost(true));
  document.body.addEventListener("komshu:refresh", () => refresh(["all"]));
}

function tell(message) {
  channel.postMessage(message);
  hear(message);
}

function hear(message) {
  heard = Date.now();
  if (message.type === "signed-out") return location.reload();
  if (lost) {
    setLost(false);
    refresh(["all"]);
  } else if (message.changed) {
    refresh(message.changed);
  }
}

function refresh(changed) {
  const all = changed.includes("all");
  for (const part of document.querySelectorAll("[data-live]")) {
    const what = part.dataset.live;
    const [kind, id] = what.split(":");
    const mine = kind === "chat" ? changed.includes(id) : id ? changed.includes(what) : true;
    if (all || (mine && id)) htmx.trigger(part, "live");
    else if (mine) soon(part);
  }
}

// Lists change with every word anybody writes: they fetch themselves every two seconds at most, chats at once. Chance
// keeps the consoles of a whole desk from asking in the same moment.
function soon(part) {
  part.dueTimer ??= setTimeout(() => {
    part.dueTimer = null;
    part.fetched = Date.now();
    htmx.trigger(part, "live");
  }, Math.max(0, (part.fetched ?? 0) + LIST_MS - Date.now()) + Math.random() * SPREAD_MS);
}

function watch() {
  if (Date.now() - heard > LOST_MS) setLost(true);
}

function setLost(now) {
  if (now === lost) return;
  lost = now;
  document.body.classList.toggle("is-lost", now);
  const place = document.getElementById("lost");
  place.textContent = now ? place.dataset.text : "";
}

// Runs in the tab that holds the lock, for as long as the tab lives.
function lead() {
  let source;
  let alive = Date.now();
  const open = () => {
    source?.close();
    alive = Date.now();
    source = new EventSource("/console/stream");
    source.addEventListener("changed", (event) => {
      alive = Date.now();
      tell({ type: "changed", changed: JSON.parse(event.data) });
    });
    source.addEventListener("beat", () => {
      alive = Date.now();
      tell({ type: "beat" });
    });
    source.addEventListener("signed-out", () => tell({ type: "signed-out" }));
  };
  open();
  beat();
  setInterval(beat, BEAT_MS);
  setInterval(() => Date.now() - alive > LOST_MS && open(), 5_000);
  addEventListener("online", open);
  return new Promise(() => {});
}

async function beat() {
  try {
    const headers = { "X-CSRF-Token": document.body.dataset.csrf };
    const answer = await fetch("/console/presence?beat=1", { method: "POST", headers, redirect: "manual" });
    if (answer.type === "opaqueredirect" || answer.status === 403) location.reload();
  } catch {
    setLost(true);
  }
}
