// <script type="module" src="https://HOST/widget/komshu.js" data-language="ro"></script>
import { Conversation, tab } from "./conversation.js";
import { bubble, refresh, sentence, shell, showLanguages, translate } from "./view.js";

const HOST = new URL("..", import.meta.url).href;
const SMALL = matchMedia("(max-width: 40em), (max-height: 30em)"); // as in komshu.css
const LINES = 5;
const WRITING = 60_000;
const POSITION_ERRORS = ["", "position_denied", "position_unavailable", "position_timeout"];

function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Launcher and panel of one conversation. Attributes: `data-language`, `data-open` (at once), `data-inline` (in the
 * page, in place of the script). Events: `komshu:open`, `komshu:close`.
 */
class KomshuChat extends HTMLElement {
  #root = this.attachShadow({ mode: "open" });
  #chat = new Conversation(HOST);
  #ui = {};
  #ready;
  #config;
  #bubbles = new Map();
  #writingTimer;

  #actions = {
    launcher: () => this.open(),
    close: () => this.close(),
    send: () => this.#submit(),
    person: () => this.#send({ button: "/talk_to_human", text: this.#say("person") }),
    position: () => this.#sharePosition(),
    languageChoice: (code) => this.#choose(code),
    button: (payload, { textContent }) => this.#send({ button: payload, text: textContent }),
    useful: (answer, button) => this.#chat.rate(button.closest("[data-seq]").dataset.seq, answer === "yes"),
  };

  async connectedCallback() {
    document.addEventListener("keydown", this);
    await (this.#ready ??= this.#build());
    if (!this.isConnected) return;
    this.#chat.start();
    if ("open" in this.dataset) this.open();
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this);
    this.#chat.stop();
  }

  get #inline() {
    return "inline" in this.dataset;
  }

  get #opened() {
    return this.#inline || this.#ui.panel.open;
  }

  /** Shows the panel, on small screens alone, and puts the focus into the text box. */
  open() {
    if (this.#opened) return;
    if (SMALL.matches) this.#ui.panel.showModal();
    else this.#ui.panel.show();
    this.#ui.closed.hidden = true;
    this.#render();
    this.#resize();
    this.#follow();
    this.#ui.input.focus({ preventScroll: true });
    this.#announce("open");
  }

  /** Hides the panel; the focus goes back to the launcher, unless it was elsewhere in the page. */
  close() {
    const { panel, closed, launcher } = this.#ui;
    if (!closed?.hidden) return;
    const focused = this.#root.activeElement;
    closed.hidden = false;
    panel.close();
    if (focused) launcher.focus();
    this.#announce("close");
  }

  #announce(name) {
    this.dispatchEvent(new Event(`komshu:${name}`, { bubbles: true }));
  }

  // Escape closes, wherever the focus is: the panel may cover it.
  handleEvent({ key, defaultPrevented, isComposing }) {
    if (key === "Escape" && !defaultPrevented && !isComposing) this.close();
  }

  async #build() {
    const region = shell(this.#inline);
    const styles = region.firstChild;
    this.#root.append(region);
    for (const element of region.querySelectorAll("*")) for (const name in element.dataset) this.#ui[name] = element;
    this.#listen();
    await Promise.all([this.#configure(), new Promise((done) => (styles.onload = styles.onerror = done))]);
    region.hidden = false;
    this.#fill(tab.get("komshu.draft") ?? "");
  }

  #listen() {
    const { input, photo, document: paper, panel, composer } = this.#ui;
    this.#root.addEventListener("click", (event) => this.#clicked(event));
    input.addEventListener("keydown", (event) => this.#key(event));
    input.addEventListener("input", () => this.#typed());
    photo.addEventListener("change", () => this.#shareFile(photo, "photo"));
    paper.addEventListener("change", () => this.#shareFile(paper, "document"));
    panel.addEventListener("close", () => panel.open || this.close());
    new ResizeObserver(() => this.#follow(200)).observe(composer);
    this.#chat.addEventListener("change", () => this.#render());
    this.#chat.addEventListener("trouble", ({ detail }) => this.#trouble(detail));
  }

  async #clicked({ target, detail }) {
    const button = detail < 2 && target.closest("button"); // a double click counts once
    try {
      for (const name in button?.dataset) await this.#actions[name]?.(button.dataset[name], button);
    } catch (error) {
      this.#trouble({ error });
    }
  }

  async #configure() {
    const page = this.dataset.language || document.documentElement.lang || navigator.language;
    const language = tab.get("komshu.language") || page.slice(0, 2).toLowerCase();
    for (let attempt = 0; !this.#config; attempt++) {
      await this.#speak(language).catch(() => this.#chat.pause(attempt));
    }
  }

  async #speak(language) {
    const { desk, office, privacy, languages } = this.#ui;
    const config = await this.#chat.config(language);
    this.#config = config;
    this.#chat.language = config.language;
    desk.textContent = config.office.desk;
    office.textContent = config.office.name;
    privacy.href = config.privacy_url;
    translate(this.#root, config);
    showLanguages(languages, config);
    this.#render();
    this.#count();
  }

  async #choose(language) {
    await this.#speak(language);
    tab.set("komshu.language", language);
    this.#chat.chooseLanguage(language);
  }

  #say(key, values) {
    return sentence(this.#config, key, values);
  }

  #render() {
    const { list } = this.#chat;
    const before = this.#atEnd(60) || !this.#bubbles.size;
    this.#showMessages(list);
    this.#showBanner(list);
    this.#showWriting(list.at(-1));
    if (!this.#inline) this.#showUnread(list.filter(({ author }) => author !== "citizen"));
    if (before) this.#follow();
  }

  #showMessages(list) {
    const { log } = this.#ui;
    const focused = this.#root.activeElement;
    const wanted = new Map(list.map((message) => [message.id ?? message.seq, message]));
    const choices = this.#openChoices(list);
    log.ariaBusy = this.#chat.loading;
    this.#drop(wanted);
    [...wanted].forEach(([key, message], place) => {
      const element = this.#bubbles.get(key) ?? this.#add(key, message);
      if (log.children[place] !== element) log.insertBefore(element, log.children[place]);
      refresh(element, message, this.#config, message === choices);
    });
    if (focused?.disabled) log.focus({ preventScroll: true });
  }

  #add(key, message) {
    const picture = message.photo || (message.file && !message.document);
    const element = bubble(message, picture && this.#chat.photo(message));
    translate(element, this.#config);
    this.#bubbles.set(key, element);
    return element;
  }

  #drop(wanted) {
    for (const [key, element] of this.#bubbles) {
      if (wanted.has(key)) continue;
      element.remove();
      this.#bubbles.delete(key);
    }
  }

  // The newest with buttons, unless one was just pressed.
  #openChoices(list) {
    const pressed = list.some(({ unsent, button }) => unsent && button);
    return !pressed && list.findLast(({ buttons }) => buttons?.length);
  }

  #showBanner(list) {
    const waiting = list.find(({ unsent }) => unsent === "unsent");
    put(this.#ui.banner, this.#say(this.#chat.lost ? "offline" : waiting?.unsent));
  }

  // Who writes is not said while a person holds the chat: they may be reading something else.
  #showWriting(last) {
    const left = last?.author === "citizen" && !this.#held() ? last.since + WRITING - Date.now() : 0;
    clearTimeout(this.#writingTimer);
    this.#ui.writing.hidden = !(left > 0);
    if (left > 0) this.#writingTimer = setTimeout(() => this.#render(), left);
  }

  #held() {
    return this.#chat.list.findLast(({ author }) => author === "bot" || author === "agent")?.author === "agent";
  }

  #showUnread(others) {
    const last = others.at(-1)?.seq;
    const read = this.#opened ? last : Math.min(last, tab.get("komshu.read") ?? last);
    if (last && !this.#chat.loading) tab.set("komshu.read", read);
    const count = others.filter(({ seq }) => seq > read).length;
    put(this.#ui.count, count || "");
    put(this.#ui.unread, count ? this.#say("unread", { count }) : "");
  }

  #notify(key, values) {
    put(this.#ui.notice, this.#say(key, values));
  }

  // On low screens the panel itself scrolls.
  get #boxes() {
    return [this.#ui.scroll, this.#ui.panel];
  }

  #atEnd(slack) {
    return this.#boxes.every((box) => box.scrollHeight - box.scrollTop - box.clientHeight < slack);
  }

  #follow(slack = Infinity) {
    if (!this.#bubbles.size || !this.#atEnd(slack)) return;
    for (const box of this.#boxes) box.scrollTop = box.scrollHeight;
  }

  #key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.#submit();
  }

  #typed() {
    tab.set("komshu.draft", this.#ui.input.value);
    this.#notify();
    this.#count();
    this.#resize();
  }

  #count() {
    const max = this.#config.max_characters;
    const left = max - [...this.#ui.input.value].length;
    const key = left < 0 ? "too_long" : left <= max / 10 && "counter";
    put(this.#ui.counter, this.#say(key, { count: Math.abs(left) }));
    return left;
  }

  #resize() {
    const { input } = this.#ui;
    input.rows = 1;
    while (input.rows < LINES && input.scrollHeight > input.clientHeight) input.rows++;
  }

  #fill(text) {
    this.#ui.input.value = text;
    this.#typed();
  }

  #submit() {
    const { input } = this.#ui;
    const text = input.value.trim();
    input.focus();
    if (!text) this.#notify("empty");
    else if (this.#count() >= 0) {
      this.#fill("");
      this.#send({ text });
    }
  }

  #send(body) {
    this.#notify();
    this.#chat.send(body);
    this.#follow();
  }

  #trouble({ message, error }) {
    const typed = message?.button ? "" : message?.text;
    if (typed) this.#fill([typed, this.#ui.input.value].filter(Boolean).join("\n"));
    put(this.#ui.notice, error.detail || this.#say("failed"));
  }

  #shareFile(input, kind) {
    const [file] = input.files;
    const max = this.#config[`max_${kind}_bytes`];
    input.value = "";
    if (file?.size > max) this.#notify(`${kind}_large`, { size: Math.floor(max / 2 ** 20) });
    else if (file) this.#send(kind === "photo" ? { file } : { file, document: { name: file.name, size: file.size } });
  }

  #sharePosition() {
    const found = ({ coords: { latitude, longitude, accuracy } }) =>
      this.#send({ position: { latitude, longitude, accuracy } });
    const failed = ({ code }) => this.#notify(POSITION_ERRORS[code]);
    this.#notify("locating");
    navigator.geolocation.getCurrentPosition(found, failed, { enableHighAccuracy: true, timeout: 20_000 });
  }
}

function embed() {
  const script = [...document.scripts].find(({ src }) => src === import.meta.url);
  const chat = document.createElement("komshu-chat");
  Object.assign(chat.dataset, script?.dataset);
  if ("inline" in chat.dataset) script.replaceWith(chat);
  else document.body.append(chat);
}

customElements.define("komshu-chat", KomshuChat);
if (!document.querySelector("komshu-chat")) embed();
