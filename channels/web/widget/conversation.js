const SILENCE = 40_000;
const TIMEOUT = 30_000;
const UPLOAD = 180_000;

/** A storage; in memory where the browser blocks it. */
function keep(area) {
  const memory = {};
  const use = (action) => {
    try {
      return action(window[area]);
    } catch {
      return null;
    }
  };
  const get = (key) => use((storage) => storage.getItem(key)) ?? memory[key];
  const set = (key, value) => {
    memory[key] = value;
    use((storage) => (value ? storage.setItem(key, value) : storage.removeItem(key)));
  };
  return { get, set };
}

const device = keep("localStorage");
export const tab = keep("sessionStorage");

/** A failed request; status 0 is the network. */
function problem(status, detail, wait) {
  const refused = status >= 400 && status < 500 && status !== 401 && status !== 429;
  return Object.assign(new Error(detail), { status, detail, wait, refused });
}

const backoff = (attempt) => Math.min(30, 2 ** attempt) * (1000 - Math.random() * 300);

// Unlike crypto.randomUUID also there without https.
const uuid = () => URL.createObjectURL(new Blob()).slice(-36);

function parse(block) {
  const lines = block.split(/\r?\n/);
  const data = lines.filter((line) => line.startsWith("data:")).map((line) => line.slice(5));
  return data.length && lines.includes("event: message") ? [JSON.parse(data.join("\n"))] : [];
}

async function readEvents(stream, receive) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = ""; ; ) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split(/\r?\n\r?\n/);
    rest = blocks.pop();
    receive(blocks.flatMap(parse));
  }
}

/** One visitor's chat. Events: `change`; `trouble` ({error}, and the message when it is given back). */
export class Conversation extends EventTarget {
  language = "";
  lost = false;
  loading = false;
  #host;
  #token = null;
  #chosen = false;
  #messages = new Map();
  #outbox = [];
  #cursor = 0;
  #listeners;
  #stream;
  #silence;
  #following = false;
  #sending = false;

  constructor(host) {
    super();
    this.#host = host;
  }

  /** Takes up the session this browser knows, if any. */
  start() {
    const { signal } = (this.#listeners = new AbortController());
    addEventListener("online", () => this.#emit("wake"), { signal });
    addEventListener("offline", () => this.#stream?.abort(), { signal });
    addEventListener("storage", (event) => this.#otherTab(event), { signal });
    this.#outbox = JSON.parse(tab.get("komshu.outbox") || "[]");
    if (device.get("komshu.session")) this.#adopt(device.get("komshu.session"));
    this.#flush();
  }

  stop() {
    this.#listeners?.abort();
    this.#listeners = this.#token = null;
    this.#stream?.abort();
    this.#emit("wake");
  }

  get list() {
    const sent = [...this.#messages.values()].sort((a, b) => a.seq - b.seq);
    return sent.concat(this.#outbox.flatMap(({ message }) => message ?? []));
  }

  config(language) {
    return this.#json("GET", `chat/config?language=${language}`);
  }

  /** Sends {text}, {button, text}, {position}, {file} or {file, document: {name, size}}. */
  send(shown) {
    const id = uuid();
    const { file, document: paper } = shown;
    const named = paper && `chat/documents/${id}?name=${encodeURIComponent(paper.name)}`;
    if (file) this.#enqueue({ id, method: "PUT", path: named ?? `chat/photos/${id}`, file }, shown);
    else this.#enqueue({ id, method: "POST", path: "chat/messages", body: { id, ...shown } }, shown);
  }

  chooseLanguage(language) {
    this.#chosen = true;
    if (this.#token) this.#enqueue({ id: uuid(), method: "PUT", path: "chat/language", body: { language } });
  }

  async rate(seq, useful) {
    await this.#json("PUT", `chat/messages/${seq}/useful`, { useful });
    this.#messages.get(Number(seq)).useful = useful;
    this.#emit("change");
  }

  async photo({ file, photo }) {
    return file ?? (await this.#fetch("GET", `chat/photos/${photo}`)).blob();
  }

  /** Waits for the next attempt, or until the network is back. */
  pause(attempt, wait) {
    return new Promise((resolve) => {
      this.addEventListener("wake", resolve, { once: true });
      setTimeout(resolve, wait || backoff(attempt));
    });
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  #set(state) {
    this.#emit("change", Object.assign(this, state));
  }

  async #fetch(method, path, body, signal = AbortSignal.timeout(body instanceof Blob ? UPLOAD : TIMEOUT)) {
    const token = this.#token;
    const json = body && !(body instanceof Blob);
    const headers = json ? { "Content-Type": "application/json" } : {};
    if (token) headers.Authorization = `Bearer ${token}`;
    const init = { method, headers, signal, body: json ? JSON.stringify(body) : body, credentials: "omit" };
    const response = await fetch(this.#host + path, init).catch(() => {
      throw problem(0);
    });
    if (response.ok) return response;
    if (response.status === 401) this.#forget(token);
    const { detail } = await response.json().catch(() => ({}));
    throw problem(response.status, detail, response.headers.get("Retry-After") * 1000);
  }

  async #json(...request) {
    const response = await this.#fetch(...request);
    return response.status === 204 ? {} : response.json();
  }

  #enqueue(item, shown) {
    const own = { id: item.id, author: "citizen", language: this.language, at: new Date().toISOString() };
    this.#outbox.push({ ...item, message: shown && { ...own, ...shown, unsent: "sending" } });
    this.#store();
    this.#flush();
  }

  // Unsent messages outlive a reload, but for files.
  #store() {
    const kept = this.#outbox.filter(({ file }) => !file);
    tab.set("komshu.outbox", kept.length && JSON.stringify(kept));
    this.#emit("change");
  }

  #remove(id) {
    this.#outbox = this.#outbox.filter((item) => item.id !== id);
    this.#store();
  }

  async #flush() {
    if (this.#sending) return;
    this.#sending = true;
    for (let attempt = 0; this.#outbox.length && this.#listeners; attempt++) {
      const [item] = this.#outbox;
      const error = await this.#deliver(item).catch((caught) => caught);
      if (error && !error.refused) await this.#postpone(item, error, attempt);
      else {
        this.#settle(item, error);
        attempt = -1;
      }
    }
    this.#sending = false;
  }

  async #deliver({ method, path, body, file, message }) {
    if (!this.#token) await this.#openSession();
    const { seq } = await this.#json(method, path, file ?? body);
    if (message && !this.#messages.has(seq)) {
      this.#messages.set(seq, { ...message, seq, since: Date.now(), unsent: "" });
    }
  }

  async #postpone({ message }, error, attempt) {
    if (error.status === 401 && !attempt) return;
    if (message) message.unsent = "unsent";
    this.#emit("change");
    if (error.status === 429) this.#emit("trouble", { error });
    await this.pause(attempt, error.wait);
  }

  #settle({ id, message }, error) {
    this.#remove(id);
    if (error) this.#emit("trouble", { message, error });
  }

  // Of two tabs that open a session at once, the first one counts.
  async #openSession() {
    const opening = { language: this.language, chosen: this.#chosen };
    const { token } = device.get("komshu.session") ? {} : await this.#json("POST", "chat/sessions", opening);
    if (!device.get("komshu.session")) device.set("komshu.session", token);
    this.#adopt(device.get("komshu.session"));
  }

  #adopt(token) {
    this.#reset(token);
    this.#emit("wake");
    this.#follow();
  }

  #forget(token) {
    if (device.get("komshu.session") === token) device.set("komshu.session", null);
    if (this.#token === token) this.#reset(null);
  }

  #reset(token) {
    this.#token = token;
    this.#cursor = 0;
    this.#messages.clear();
    this.#stream?.abort();
    this.#set({ lost: false, loading: Boolean(token) });
  }

  #otherTab({ key, newValue }) {
    if (key === "komshu.session" && newValue && newValue !== this.#token) this.#adopt(newValue);
  }

  /** History once, then events from the cursor on, for as long as there is a session. */
  async #follow() {
    if (this.#following) return;
    this.#following = true;
    for (let attempt = 0; this.#token; attempt++) {
      const token = this.#token;
      const error = await this.#listen().catch((caught) => caught);
      if (token !== this.#token) continue;
      if (!this.lost) attempt = 0;
      if (error) this.#set({ lost: true }); // not when the server ended the stream in order
      await this.pause(attempt, error?.wait);
    }
    this.#following = false;
  }

  async #listen() {
    const { signal } = (this.#stream = new AbortController());
    this.#alive();
    try {
      if (this.loading) this.#received((await this.#json("GET", "chat/messages?after=0", null, signal)).messages);
      this.#set({ loading: false });
      const { body } = await this.#fetch("GET", `chat/events?after=${this.#cursor}`, null, signal);
      this.#set({ lost: false });
      await readEvents(body, (messages) => this.#received(messages));
    } finally {
      clearTimeout(this.#silence);
    }
  }

  // Gives up when not even a keep-alive came.
  #alive() {
    const stream = this.#stream;
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => stream.abort(), SILENCE);
  }

  // Only this moves the cursor: an own message may be ahead of unseen ones.
  #received(messages) {
    this.#alive();
    for (const message of messages) {
      const { seq, id, at } = message;
      const since = this.loading ? Date.parse(at) : Date.now();
      this.#messages.set(seq, { file: null, since, ...this.#messages.get(seq), unsent: "", ...message });
      this.#cursor = Math.max(this.#cursor, seq);
      if (this.#outbox.some((item) => item.id === id)) this.#remove(id);
    }
    if (messages.length) this.#emit("change");
  }
}
