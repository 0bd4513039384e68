// A sound and a mark in the title when somebody waits: in the queue, or for my next word. The numbers are the list's.
const title = document.title;
let before = null;

export function alerts() {
  note();
  document.body.addEventListener("htmx:afterSettle", note);
}

function note() {
  const counted = document.querySelector("[data-count=unassigned]");
  if (!counted) return;
  const now = Number(counted.textContent) + Number(document.querySelector("[data-for-me]")?.value ?? 0);
  document.title = now > 0 ? `(${now}) ${title}` : title;
  if (before !== null && now > before && document.body.dataset.sounds === "on") ring();
  before = now;
}

function ring() {
  const audio = new AudioContext();
  const tone = audio.createOscillator();
  const volume = audio.createGain();
  tone.frequency.value = 660;
  volume.gain.setValueAtTime(0.1, audio.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + 0.4);
  tone.connect(volume).connect(audio.destination);
  tone.start();
  tone.stop(audio.currentTime + 0.4);
  tone.onended = () => audio.close();
}
