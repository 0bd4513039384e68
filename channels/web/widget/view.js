// The pieces of the page. Messages are only ever set as text.

const icon = (path) => `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${path}"/></svg>`;
const CHAT = icon("M12 3C6 3 2 7 2 11q0 4 4 7l-1 4 4-2q13 2 13-9c0-4-4-8-10-8Z");
const CLOSE = icon("M6 6l12 12M18 6L6 18");
const PHOTO = icon("M4 8h3l2-3h6l2 3h3v11H4ZM12 10a3 3 0 1 0 0 6 3 3 0 0 0 0-6Z");
const POSITION = icon("M12 21S5 15 5 10a7 7 0 0 1 14 0c0 5-7 11-7 11ZM12 8a2 2 0 1 0 0 4 2 2 0 0 0 0-4Z");
const DOCUMENT = icon("M6 3h8l4 4v14H6ZM14 3v4h4M9 12h6M9 16h6");
const SEND = icon("M4 12l16-8-5 16-4-6zl7 2 9-10");

const STYLES = `<link rel="stylesheet" href="${new URL("komshu.css", import.meta.url)}">`;
const LAUNCHER = `
<div data-closed>
  <button data-launcher aria-haspopup="dialog" aria-describedby="unread">
    ${CHAT}<span data-text="launcher"></span><b data-count aria-hidden="true"></b>
  </button>
  <span data-unread id="unread" class="unseen" role="status"></span>
</div>`;

const CONTENT = `
<div data-header>
  <i>${CHAT}</i>
  <div><h2 data-desk id="desk"></h2><p class="small" data-office></p></div>
  <button data-close data-label="close">${CLOSE}</button>
</div>
<div data-scroll>
  <div data-welcome>
    <p data-text="greeting"></p>
    <p data-text="automated"></p>
    <div class="chips"><button data-person data-text="person"></button></div>
    <div class="chips" data-languages role="group" data-label="languages"></div>
    <p class="small" data-text="privacy"></p>
    <p class="small"><a data-privacy target="_blank"
      ><span data-text="privacy_link"></span> <span class="unseen" data-text="new_tab"></span></a></p>
  </div>
  <div data-log data-label="log" role="log" aria-live="polite" aria-relevant="additions" tabindex="0"></div>
  <p class="small" data-writing data-text="writing" hidden></p>
</div>
<div data-composer>
  <p class="small" data-banner role="status"></p>
  <p class="small" data-notice id="notice" role="status"></p>
  <div data-box>
    <textarea data-input data-label="input" rows="1" aria-describedby="counter notice"></textarea>
    <label>${PHOTO}<input data-photo data-label="photo" type="file" accept="image/*"></label>
    <label>${DOCUMENT}<input data-document data-label="document" type="file" accept=".pdf,application/pdf,image/jpeg,image/png"></label>
    <button data-position data-label="position">${POSITION}</button>
    <p class="small" data-counter id="counter" role="status"></p>
    <button data-send data-label="send">${SEND}</button>
  </div>
</div>`;

/** The widget without messages; `inline`: a part of the page, no launcher, no dialog. */
export function shell(inline) {
  const region = h("section", { "data-label": "chat", hidden: "" });
  const tag = inline ? "section" : "dialog";
  const panel = `<${tag} data-panel aria-labelledby="desk">${CONTENT}</${tag}>`;
  region.innerHTML = STYLES + (inline ? "" : LAUNCHER) + panel;
  return region;
}

function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.filter(Boolean));
  return element;
}

function say(key, attributes, tag = "span") {
  return h(tag, { "data-text": key, ...attributes });
}

export function sentence({ strings }, key, values = {}) {
  return (strings[`widget.${key}`] ?? "").replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** Fills in all texts and labels below `root`. */
export function translate(root, config) {
  for (const element of root.querySelectorAll("[data-text], [data-label]")) {
    const { text, label } = element.dataset;
    element.lang = config.language;
    if (text) element.textContent = sentence(config, text);
    else element.ariaLabel = sentence(config, label);
    if (label && element.matches("button, input")) element.title = element.ariaLabel;
    if (element.matches("textarea")) element.placeholder = element.ariaLabel;
  }
}

export function showLanguages(group, { languages, language }) {
  const make = ({ code, name }) => h("button", { lang: code, "data-language-choice": code }, name);
  if (!group.firstChild) group.append(...languages.map(make));
  for (const each of group.children) each.ariaPressed = each.lang === language;
}

/** The element of one message; `picture` is a promise of its photo. */
export function bubble({ author, by, language, text, document: paper, position, link, buttons = [], article }, picture) {
  return h("div", { "data-message": "", "data-author": author, lang: language },
    by ? h("span", { class: "who" }, by) : say(`author_${author}`, { class: "who" }),
    h("div", { class: "bubble" },
      text && h("p", { class: "text", dir: "auto" }, text),
      picture ? photo(picture) : paper && file(paper),
      position && place(position),
      link && anchor(link)),
    h("div", { class: "chips" }, ...buttons.map(choice)),
    article && rating(),
    h("p", { class: "small" }, h("time", {}), " ", h("span", { class: "state" })));
}

function photo(picture) {
  const image = h("img", { alt: "" });
  const missing = say("photo_missing", { hidden: "" });
  const fail = () => ([image.hidden, missing.hidden] = [true, false]);
  image.onerror = fail;
  image.onload = () => URL.revokeObjectURL(image.src);
  picture.then((blob) => (image.src = URL.createObjectURL(blob)), fail);
  return h("p", {}, image, say("photo_alt", { class: "unseen" }), missing);
}

function file({ name, size }) {
  const kilobytes = `${Math.ceil(size / 1000)} kB`;
  return h("p", { class: "text" }, say("document_sent"), " ", h("bdi", {}, name), ` (${kilobytes})`);
}

function place({ latitude, longitude }) {
  return h("p", {}, say("position_shared"), ` ${latitude.toFixed(5)}, ${longitude.toFixed(5)}`);
}

function anchor({ url, title }) {
  const attributes = { href: url, target: "_blank", rel: "noreferrer" };
  return /^(https?|mailto|tel):/i.test(url) && h("a", attributes, title, " ", say("new_tab", { class: "unseen" }));
}

function choice({ title, payload }) {
  return h("button", { "data-button": payload }, title);
}

function rating() {
  return h("div", { class: "small chips rating", role: "group", "data-label": "useful" },
    say("useful"),
    say("useful_yes", { "data-useful": "yes" }, "button"),
    say("useful_no", { "data-useful": "no" }, "button"));
}

/** Sets what may change in a message; `open`: its buttons work. */
export function refresh(element, { seq, at, unsent, useful }, config, open) {
  const find = (selector) => element.querySelector(selector);
  if (seq) element.dataset.seq = seq;
  find("time").dateTime = at;
  find("time").textContent = clock(at, config.language);
  find(".state").textContent = sentence(config, unsent);
  for (const each of element.querySelectorAll("[data-button]")) each.disabled = !open;
  if (useful != null && find("[data-useful]")) thank(find(".rating"), config);
}

function clock(at, language) {
  const today = new Date(at).toDateString() === new Date().toDateString();
  const dateStyle = today ? undefined : "medium";
  return new Date(at).toLocaleString([language, "en-GB"], { dateStyle, timeStyle: "short", hourCycle: "h23" });
}

function thank(group, config) {
  const focused = group.matches(":focus-within");
  group.replaceChildren(say("useful_thanks", { tabindex: "-1" }));
  translate(group, config);
  if (focused) group.firstChild.focus();
}
