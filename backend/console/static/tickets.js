// Tickets: forms know which state of the ticket they were filled in for; Ctrl+Enter registers; printing.
const TICKET = document.getElementById("ticket");
let told = false;

document.body.addEventListener("click", (event) => event.target.closest("[data-print]") && print());
document.body.addEventListener("keydown", register);
if (TICKET) {
  document.body.addEventListener("htmx:afterRequest", shown);
  document.body.addEventListener("htmx:responseError", refused);
}

function register(event) {
  const form = event.target.closest("[data-register]");
  if (!form || event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  form.requestSubmit();
}

// What is shown is what the agent has seen, unless a form is being filled in: that one was begun before the change.
function shown(event) {
  const seen = TICKET.querySelector("[data-seen]")?.dataset.seen;
  if (event.detail.elt !== TICKET || !event.detail.successful || !seen) return;
  for (const field of document.querySelectorAll("#acts input[name=seen]")) {
    if (told || pristine(field.form)) field.value = seen;
  }
  told = false;
}

function pristine(form) {
  return [...form.elements].every((field) => {
    if (field.type === "hidden" || field.type === "submit") return true;
    if (field.type === "checkbox") return field.checked === field.defaultChecked;
    return field.value === (field.defaultValue ?? chosen(field));
  });
}

function chosen(select) {
  const kept = [...(select.options ?? [])].find((option) => option.defaultSelected) ?? select.options?.[0];
  return kept?.value ?? select.value;
}

// A refused form has said what changed meanwhile: from here on the agent knows, and may send it again.
function refused(event) {
  if (event.detail.xhr.status !== 409 || !event.detail.elt.closest("#acts")) return;
  told = true;
  htmx.trigger(TICKET, "live");
}
