// The live view: what comes in is remembered and drawn, what is pressed goes out, once.

import { Envelopes } from "./envelopes.js";
import { Link } from "./link.js";
import { Memory } from "./memory.js";
import { setUp, signal, stayAwake, touched } from "./options.js";
import { draw, element, GLYPHS } from "./screen.js";
import { joined, reps } from "./words.js";

const ONCE_MS = 700; // a wet finger taps twice
const TOAST_MS = 5000;
const CUE_MS = 20000;
const TROUBLE_MS = 15000;
const SURE_MS = 4000;

const memory = new Memory();
const envelopes = new Envelopes(element("plot"));
const link = new Link({ row: () => envelopes.next, heard, drawn: (buffer) => envelopes.take(buffer), changed });
let due = false;
let pressedAt = -Infinity;
let toastTimer = 0;
let cueTimer = 0;
let troubleTimer = 0;

function later() {
  if (due) return;
  due = true;
  requestAnimationFrame(() => {
    due = false;
    envelopes.before = !memory.state?.set_index;
    if (memory.state?.stage !== "set") hideCue();
    draw(memory);
  });
}

function heard(event) {
  const fresh = event.event === "rep_finished" && memory.state && !memory.state.reps.some((rep) => rep.number === event.rep.number);
  if (event.event === "hello") welcome(event);
  memory.take(event);
  if (fresh) counted(memory.state.reps.length);
  const react = REACTIONS[event.event];
  if (react) react(event);
  later();
}

function welcome(event) {
  if (memory.hello && memory.hello.run !== event.run) envelopes.restart(event.rate_hz);
  envelopes.rate = event.rate_hz;
  changed(true);
}

function counted(number) {
  const target = memory.state.reps.some((rep) => rep.rep.side) ? null : memory.state.target_reps;
  element("spoken-count").textContent = target ? `${number} of ${target}` : reps(number);
  signal.rep(number);
}

const REACTIONS = {
  cue_given(event) { showCue(event.cue); },
  set_started() { hideCue(); stayAwake(element("awake"), true); },
  trouble(event) { trouble(event.text); },
  step_told(event) { signal.countdown(Math.ceil(event.left_s || 0)); },
  refused(event) { toast(event.text); release(); },
  accepted() { release(); },
  ended(event) { over(event.why); farewell(); },
};

function showCue(cue) {
  const box = element("cue");
  box.dataset.severity = cue.severity;
  element("cue-glyph").setAttribute("d", GLYPHS[cue.severity] || GLYPHS.note);
  element("cue-text").textContent = joined(cue.text);
  element("cue-why").textContent = joined(cue.why);
  box.hidden = false;
  element("spoken-cue").textContent = `${cue.text}. ${cue.why}`;
  signal.cue(cue.text);
  clearTimeout(cueTimer);
  cueTimer = setTimeout(hideCue, CUE_MS);
}

function hideCue() {
  element("cue").hidden = true;
}

function toast(text) {
  element("toast").textContent = text;
  element("toast").hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { element("toast").hidden = true; }, TOAST_MS);
}

function trouble(text) {
  element("trouble").textContent = text;
  element("trouble").hidden = false;
  clearTimeout(troubleTimer);
  troubleTimer = setTimeout(() => { element("trouble").hidden = true; }, TROUBLE_MS);
}

function over(why) {
  element("over-why").textContent = why ? `Why: ${why}.` : "";
  element("over").hidden = false;
}

// The program is about to go: the page of the last set is fetched now, and kept here until somebody wants it.
async function farewell() {
  const last = memory.state?.last;
  try {
    const answer = last && (last.page || last.result) ? await fetch(`/page/${last.set_index}.html`) : null;
    if (answer?.ok) {
      const kept = element("over-page");
      kept.href = URL.createObjectURL(await answer.blob());
      kept.download = `glutebal-set-${last.set_index}.html`;
      kept.hidden = false;
    }
  } catch { /* it has gone already; the page lies in its folder */ }
  link.leave();
}

const OFFLINE = {
  403: "The program was started anew: open the link that it prints now.",
  1013: "All places for views are taken. Trying again \u2026",
};

function changed(connected, code = 0, reason = "") {
  document.body.classList.toggle("stale", !connected && !link.over);
  const strip = element("offline");
  strip.hidden = connected || link.over;
  strip.textContent = OFFLINE[code] || "No connection to the program. Trying again \u2026 The set goes on without this page.";
  if (link.over && element("over").hidden) over(reason);
}

// Orders. The three large buttons share one lock: a second tap within 0.7 s does nothing, wherever it lands.

function release() {
  for (const id of ["main-action", "next"]) element(id).removeAttribute("aria-busy");
}

function press(button, order, value = "") {
  const now = performance.now();
  if (now - pressedAt < ONCE_MS) return;
  pressedAt = now;
  button.setAttribute("aria-busy", "true");
  give(order, value);
}

function give(order, value = "") {
  if (!link.send(order, value)) toast("No connection: the order was not sent.");
}

element("main-action").addEventListener("click", (event) => press(event.currentTarget, event.currentTarget.dataset.order || "start"));
element("next").addEventListener("click", (event) => press(event.currentTarget, "next"));
element("sides").addEventListener("click", (event) => {
  const side = event.target.closest("button")?.dataset.side;
  if (side) give("side", side);
});
for (const id of ["steps", "menu-steps"]) {
  element(id).addEventListener("click", (event) => {
    const step = event.target.closest("button")?.dataset.step;
    if (!step) return;
    element("menu").close();
    press(event.target.closest("button"), "step", step);
  });
}
element("cue-close").addEventListener("click", hideCue);
element("trouble").addEventListener("click", (event) => { event.currentTarget.hidden = true; });

const menu = element("menu");
element("open-menu").addEventListener("click", () => menu.showModal());
element("close-menu").addEventListener("click", () => menu.close());
menu.addEventListener("click", (event) => { if (event.target === menu) menu.close(); });
element("exercise").addEventListener("change", (event) => give("exercise", event.target.value));
element("cues-on").addEventListener("click", () => give("cues", memory.state?.cues_on ? "off" : "on"));
for (const [id, by] of [["fewer", -1], ["more", 1]]) {
  element(id).addEventListener("click", () => {
    const target = Math.min(200, Math.max(1, (memory.state?.target_reps || 0) + by));
    if (memory.state) memory.state.target_reps = target;
    give("target", target);
    later();
  });
}
element("end").addEventListener("click", (event) => {
  const button = event.currentTarget;
  if ("sure" in button.dataset) { menu.close(); give("end"); return; }
  button.dataset.sure = "";
  button.textContent = "Press again to end the session";
  setTimeout(() => { delete button.dataset.sure; button.textContent = "End the session"; }, SURE_MS);
});

setUp(element, () => { envelopes.build(); later(); });
stayAwake(element("awake"), true);
document.addEventListener("visibilitychange", () => stayAwake(element("awake"), true));
document.addEventListener("pointerdown", () => { touched(); stayAwake(element("awake"), true); }, { once: true });
addEventListener("resize", later);
new ResizeObserver(later).observe(element("bars"));
link.open();
