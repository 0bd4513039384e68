// The console's scripts: what is live, the keyboard, the answer box, alerts. No build step.
import { follow } from "./stream.js";
import { alerts } from "./alerts.js";
import { shortcuts } from "./shortcuts.js";
import { answering } from "./answering.js";

const signedIn = Boolean(document.body.dataset.csrf);
if (signedIn) {
  follow();
  alerts();
  shortcuts();
  answering();
}
document.documentElement.dataset.ready = "";
