// What this device alone decides: colours, sound, voice, vibration, and keeping its screen on.

const KEY = "glutebal-live";
const kept = (() => {
  try { return JSON.parse(localStorage.getItem(KEY)) || {}; } catch { return {}; }
})();

function keep() {
  try { localStorage.setItem(KEY, JSON.stringify(kept)); } catch { /* private windows keep nothing */ }
}

const SWITCHES = ["sound", "voice", "vibration"];
let audio = null;

export function setUp(element, recolour) {
  for (const name of SWITCHES) {
    const button = element(`${name}-on`);
    button.setAttribute("aria-checked", String(Boolean(kept[name])));
    button.addEventListener("click", () => {
      kept[name] = !kept[name];
      keep();
      button.setAttribute("aria-checked", String(kept[name]));
      if (kept[name]) tried(name);
    });
  }
  element("voice-on").hidden = !("speechSynthesis" in window);
  element("vibration-on").hidden = !("vibrate" in navigator);
  for (const button of document.querySelectorAll("[data-theme-choice]")) {
    button.addEventListener("click", () => { kept.theme = button.dataset.themeChoice; keep(); colour(); recolour(); });
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour);
  colour();
}

function colour() {
  const theme = kept.theme === "light" || kept.theme === "dark" ? kept.theme : "auto";
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  for (const button of document.querySelectorAll("[data-theme-choice]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === theme));
  }
}

function tried(name) {
  if (name === "sound") beep(660, 0.12);
  if (name === "voice") say("voice on");
  if (name === "vibration") shake([120]);
}

function beep(pitch, seconds, after = 0) {
  if (!kept.sound) return;
  audio ??= new AudioContext();
  if (audio.state === "suspended") audio.resume();
  const at = audio.currentTime + after;
  const tone = audio.createOscillator();
  const loud = audio.createGain();
  tone.frequency.value = pitch;
  loud.gain.setValueAtTime(0.0001, at);
  loud.gain.exponentialRampToValueAtTime(0.35, at + 0.015);
  loud.gain.exponentialRampToValueAtTime(0.0001, at + seconds);
  tone.connect(loud).connect(audio.destination);
  tone.start(at);
  tone.stop(at + seconds);
}

// Browsers let a page make sounds only after somebody has touched it.
export function touched() {
  if (kept.sound) audio ??= new AudioContext();
  if (audio && audio.state === "suspended") audio.resume();
  if (kept.voice && "speechSynthesis" in window) speechSynthesis.speak(new SpeechSynthesisUtterance(""));
}

function say(text) {
  if (!kept.voice || !("speechSynthesis" in window)) return;
  speechSynthesis.cancel();
  const words = new SpeechSynthesisUtterance(text);
  words.lang = "en";
  speechSynthesis.speak(words);
}

function shake(pattern) {
  if (kept.vibration && "vibrate" in navigator) navigator.vibrate(pattern);
}

export const signal = {
  rep(number) { beep(880, 0.09); say(String(number)); shake([40]); },
  cue(text) { beep(520, 0.18); beep(390, 0.25, 0.2); say(text); shake([180, 90, 180]); },
  countdown(seconds) { if (seconds > 0) { beep(660, 0.07); say(String(seconds)); } },
};

let lock = null;

export async function stayAwake(note, wanted) {
  if (!("wakeLock" in navigator)) {
    note.textContent = isSecureContext
      ? "This browser cannot keep the screen on: lengthen the screen timeout in the phone's settings."
      : "The screen may dim: browsers keep it on over https only. Start with --tls, or lengthen the screen timeout in the phone's settings.";
    return;
  }
  note.textContent = "The screen stays on while this page is open.";
  if (!wanted || document.visibilityState !== "visible" || (lock && !lock.released)) return;
  try { lock = await navigator.wakeLock.request("screen"); } catch {
    note.textContent = "The phone did not allow the screen to be kept on (battery saver?): lengthen its screen timeout.";
  }
}
