// The preview: the widget's own pieces and styles in a box of their own, so that it is what citizens see.
import { bubble, refresh, translate } from "/widget/view.js";

const STYLES = ["/widget/komshu.css", "/console/static/preview.css"];

class Preview extends HTMLElement {
  static observedAttributes = ["data-message", "data-language"];

  connectedCallback() {
    this.show();
  }

  attributeChangedCallback() {
    if (this.isConnected) this.show();
  }

  show() {
    const message = JSON.parse(this.dataset.message);
    const config = { language: this.dataset.language, strings: JSON.parse(this.dataset.strings) };
    const element = bubble(message);
    refresh(element, { at: new Date().toISOString(), unsent: "" }, config, true);
    this.place().replaceChildren(element);
    translate(this.shadowRoot, config);
    for (const button of element.querySelectorAll("button")) {
      button.tabIndex = -1;
      button.ariaDisabled = "true";
    }
  }

  place() {
    if (!this.shadowRoot) {
      const styles = STYLES.map((href) => Object.assign(document.createElement("link"), { rel: "stylesheet", href }));
      const panel = document.createElement("section");
      panel.dataset.panel = "";
      panel.innerHTML = "<div data-scroll><div data-log></div></div>";
      this.attachShadow({ mode: "open" }).append(...styles, panel);
    }
    return this.shadowRoot.querySelector("[data-log]");
  }
}

customElements.define("komshu-preview", Preview);

// Filters of plain forms act at once.
document.body.addEventListener("change", (event) => event.target.closest("[data-submit-on-change]")?.requestSubmit());

// A refused text: back to the words about it.
document.body.addEventListener("htmx:afterSwap", (event) => event.target.querySelector?.("[autofocus]")?.focus());

// What is typed is not left behind by mistake.
let typed = false;
document.body.addEventListener("input", (event) => (typed ||= Boolean(event.target.closest("[data-writing]"))));
document.body.addEventListener("submit", (event) => event.target.matches("[data-writing]") && (typed = false));
document.body.addEventListener("htmx:beforeRequest", (event) => event.target.matches("[data-writing]") && (typed = false));
document.body.addEventListener("htmx:afterRequest", (event) => {
  if (event.target.matches("[data-writing]") && !event.detail.successful) typed = true;
});
addEventListener("beforeunload", (event) => typed && event.preventDefault());
