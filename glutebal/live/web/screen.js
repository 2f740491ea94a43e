// The state on the screen. Every word goes in as text, so that a name cannot be markup.

import { drawBars } from "./bars.js";
import { capital, clock, compact, interval, joined, known, plain, reps, said, signed, spaced, why } from "./words.js";

export const element = (id) => document.getElementById(id);
const SPACE = "http://www.w3.org/2000/svg";
const LINKS = { silent: "silent", reconnecting: "reconnecting", lost: "lost" };
const SIDE_LETTER = { left: "L", right: "R", "": "M" };
export const GLYPHS = {
  note: "M12 3a9 9 0 1 0 .01 0M12 11v6M12 7.4v.2",
  shift: "M12 3 2.5 20h19zM12 10v5M12 17.6v.2",
  consider_ending: "M8 3h8l5 5v8l-5 5H8l-5-5V8zM12 7.5v6M12 16.6v.2",
  good: "m5 12.5 4.5 4.5L19 7.5",
  suspect: "M12 3 2.5 20h19zM12 10v5M12 17.6v.2",
  bad: "m6 6 12 12M18 6 6 18",
};
const MARKS = { left: ["circle", { cx: 5, cy: 5, r: 4 }], right: ["rect", { x: 1.2, y: 1.2, width: 7.6, height: 7.6 }], "": ["path", { d: "M5 .5 9.5 5 5 9.5.5 5z" }] };

function svg(viewBox, name, attributes, className) {
  const outer = document.createElementNS(SPACE, "svg");
  outer.setAttribute("viewBox", viewBox);
  outer.setAttribute("aria-hidden", "true");
  if (className) outer.setAttribute("class", className);
  const inner = document.createElementNS(SPACE, name);
  for (const [key, value] of Object.entries(attributes)) inner.setAttribute(key, value);
  outer.append(inner);
  return outer;
}

function put(tag, text, data = {}) {
  const made = document.createElement(tag);
  made.textContent = text;
  Object.assign(made.dataset, data);
  return made;
}

function write(id, text) {
  const node = element(id);
  if (node.textContent !== text) node.textContent = text;
}

// Lists are only made anew when what they show has changed: a screen reader and a finger may be on them.
const shown = new Map();
function redo(id, content, make) {
  const now = JSON.stringify(content);
  if (shown.get(id) === now) return;
  shown.set(id, now);
  element(id).replaceChildren(...make());
}

export function draw(memory) {
  const { state, hello } = memory;
  if (!state || !hello) return;
  document.documentElement.dataset.stage = state.stage;
  document.body.dataset.phase = state.phase;
  document.body.classList.toggle("looking", !hello.control);
  element("looking").hidden = hello.control;
  head(state);
  sensors(state);
  hero(state);
  count(state);
  write("trace-unit", memory.unit);
  prepare(memory);
  step(state);
  summary(memory);
  footer(state);
  menu(memory);
}

function head(state) {
  write("title", state.title || "No exercise chosen");
  const side = state.side ? `${state.side} side` : "";
  const stage = { open: "ready", step: "guided step", set: `set ${state.set_index}`, working_out: "working out the set", rest: `rest after set ${state.set_index}`, ended: "ended" }[state.stage];
  write("subtitle", capital([stage, side].filter(Boolean).join(" \u00b7 ")));
  redo("messages", state.troubles, () => state.troubles.map((text) => put("li", text)));
  element("messages-part").hidden = !state.troubles.length;
}

function described(sensor) {
  const battery = sensor.battery_percent === null ? "" : `battery ${plain(sensor.battery_percent)} %`;
  return [sensor.name, sensor.side || "midline", LINKS[sensor.link] || "streaming", battery, ...sensor.doubts].filter(Boolean).join(", ");
}

// One chip for each side: how many of its sensors are heard, and the emptiest battery.
function chip(side, group) {
  const away = group.filter((sensor) => sensor.link !== "streaming");
  const batteries = group.map((sensor) => sensor.battery_percent).filter((percent) => percent !== null);
  const battery = batteries.length ? `${plain(Math.min(...batteries))} %` : "";
  const many = group.length > 1 ? `${group.length - away.length}/${group.length}` : "";
  const grade = away.length ? "bad" : group.some((sensor) => sensor.doubts.length) ? "suspect" : "good";
  const state = away.length ? LINKS[away[0].link] : battery;
  return { side, grade, text: [SIDE_LETTER[side], many, state].filter(Boolean).join(" "), full: group.map(described).join("; ") };
}

function sensors(state) {
  const sides = ["left", "right", ""].map((side) => [side, state.sensors.filter((sensor) => (sensor.side || "") === side)]);
  const chips = sides.filter(([, group]) => group.length).map(([side, group]) => chip(side, group));
  redo("sensor-list", state.sensors.map(described), () => state.sensors.map((sensor) => put("li", described(sensor))));
  redo("sensors", chips, () => chips.map((chip) => {
    const item = put("li", "", { side: chip.side, grade: chip.grade });
    item.className = "chip";
    item.title = chip.full;
    const full = put("span", chip.full);
    full.className = "unseen";
    const brief = put("span", chip.text + (chip.grade === "good" ? "" : " !"));
    brief.setAttribute("aria-hidden", "true");
    item.append(svg("0 0 10 10", ...MARKS[chip.side], "mark"), brief, full);
    return item;
  }));
}

function hero(state) {
  const balance = state.balance;
  const index = balance && balance.imbalance;
  const has = known(index);
  const number = element("index-value").parentElement;
  write("index-label", ["Imbalance index", spaced(state.site), spaced(state.measure)].filter(Boolean).join(" \u00b7 "));
  number.classList.toggle("none", !has);
  write("index-value", has ? signed(index.value) : index ? "no number" : "first rep \u2026");
  element("index-unit").hidden = !has;
  const [side, words] = has ? said(index) : ["", ""];
  element("index-side").dataset.side = side;
  write("index-side", words);
  write("index-note", !index ? "" : about(index, balance.reps));
  write("convention", has || !balance ? "positive: right side larger" : `mean of the reps, ${balance.unit}`);
  share(has ? 50 + index.value / 2 : null, balance);
}

// The reason for having no interval counts the repetitions itself.
function about(index, count) {
  if (!known(index)) return `${reps(count)} \u00b7 ${why(index)}`;
  return index.low === null ? interval(index) : `${reps(count)} \u00b7 ${interval(index)}`;
}

function share(right, balance) {
  const has = right !== null;
  element("share-fill-left").style.width = has ? `${100 - right}%` : "0";
  element("share-fill-right").style.width = has ? `${right}%` : "0";
  const value = (side) => (balance && known(balance.sides[side]) ? compact(balance.sides[side].value) : "\u2013");
  const unit = balance ? ` ${balance.unit}` : "";
  write("share-left", has ? `L ${plain(100 - right)} %` : `L ${value("left")}`);
  write("share-right", has ? `R ${plain(right)} %` : `R ${value("right")}`);
  element("share").setAttribute("aria-label", has ? `share: left ${plain(100 - right)} %, right ${plain(right)} %` : `no share; left ${value("left")}, right ${value("right")}${unit}`);
}

function count(state) {
  const done = state.reps.length;
  const target = state.target_reps;
  const sides = ["left", "right"].map((side) => state.reps.filter((rep) => rep.rep.side === side).length);
  const turns = sides[0] > 0 && sides[1] > 0; // the sides take turns: the target is that of each
  const part = target ? Math.min(100, (100 * (turns ? Math.min(...sides) : done)) / target) : 0;
  const ring = element("ring");
  ring.style.strokeDasharray = `${part} 100`;
  ring.toggleAttribute("data-none", part === 0);
  write("reps", String(done));
  write("target", target && !turns ? `/${target}` : "");
  const split = turns ? `L ${sides[0]} \u00b7 R ${sides[1]}${target ? `\nof ${target} each` : ""}` : "";
  const phase = state.stage === "set" ? (state.phase === "resting" && done === 0 ? "begin when ready" : spaced(state.phase)) : "reps";
  write("phase", [phase, split].filter(Boolean).join("\n"));
  write("recent-unit", state.unit);
  drawBars(element("bars"), state.reps);
}

function checkItem(check) {
  const item = put("li", "", { grade: check.grade });
  const words = check.grade === "good" ? "" : check.grade === "bad" ? "Needs attention: " : "Note: ";
  item.append(svg("0 0 24 24", "path", { d: GLYPHS[check.grade] || GLYPHS.suspect }), put("span", words + check.text));
  return item;
}

function stepButtons(state) {
  return state.steps.map((name) => {
    const button = put("button", capital(spaced(name)), { step: name });
    button.type = "button";
    return button;
  });
}

function prepare(memory) {
  const { state, stepDone } = memory;
  const aligned = state.aligned ? [{ grade: state.aligned.uncertainty_s === null ? "suspect" : "good", text: state.aligned.text }] : [];
  const own = state.checks.some((check) => check.kind === "alignment");
  const checks = own ? state.checks : [...state.checks, ...aligned];
  redo("checks", checks, () => checks.map(checkItem));
  for (const id of ["steps", "menu-steps"]) redo(id, state.steps, () => stepButtons(state));
  write("step-done", stepDone ? `${capital(spaced(stepDone.step))}: ${stepDone.text}${stepDone.ok ? "" : " (do it again)"}` : "");
}

function step(state) {
  const told = state.step;
  write("step-name", told ? capital(spaced(told.step)) : "");
  element("step-side").dataset.side = (told && told.side) || "";
  write("step-side", told && told.side ? `${capital(told.side)} side` : "");
  write("step-text", told ? sentence(told.text) : "");
  write("step-left", told && told.left_s !== null ? String(Math.ceil(told.left_s)) : "");
}

// What the full analysis of the recording says of the measure that was followed; λ as index points.
function ofResult(result, state) {
  const found = result && result.balances.find((one) => one.measure === state.measure && one.site === state.site);
  if (!found) return null;
  const points = (value) => (value === null ? null : 100 * Math.tanh(value / 2));
  const { value, low, high } = found.log_ratio;
  return { ...found.log_ratio, value: points(value), low: points(low), high: points(high) };
}

const ENDS = { stopped: "stopped", "target reached": "target reached", "source ended": "the data ended", "sensors lost": "sensors lost", failed: "not worked out" };

function summary(memory) {
  const { state } = memory;
  const last = state.last;
  const index = ofResult(last && last.result, state) || (state.balance && state.balance.imbalance);
  if (state.stage === "working_out") {
    write("summary-title", `Set ${state.set_index}`);
    write("summary-line", "Working out the set \u2026");
  } else if (last) {
    write("summary-title", `Set ${last.set_index} \u00b7 ${ENDS[last.why] || last.why} \u00b7 ${reps(state.reps.length)}`);
    write("summary-line", known(index) ? `${signed(index.value)} points, ${said(index)[1]}` : index ? "No balance of this set" : "No reps in this set");
  }
  const settled = index && state.stage !== "working_out";
  const range = settled ? (known(index) ? interval(index) : why(index)) : "";
  const warnings = last && last.result ? last.result.warnings.slice(0, 2) : [];
  write("summary-note", [range, settled && last && last.trouble, ...warnings].filter(Boolean).map(sentence).join(" "));
  cueList("summary-cues", state.cues);
  write("rest-time", clock(memory.rest));
  const link = element("page-link");
  const served = state.stage !== "working_out" && state.stage !== "ended";
  link.hidden = !(served && last && (last.page || last.result));
  if (last) link.href = `/page/${last.set_index}.html`;
}

function sentence(text) {
  return capital(text) + (/[.!?]$/.test(text) ? "" : ".");
}

export function cueList(id, cues) {
  redo(id, cues, () => cues.map((cue) => {
    const item = put("li", "", { severity: cue.severity });
    const words = put("span", `Rep ${cue.rep}: ${joined(cue.text)}`);
    words.append(put("small", joined(cue.why)));
    item.append(svg("0 0 24 24", "path", { d: GLYPHS[cue.severity] || GLYPHS.note }), words);
    return item;
  }));
}

function footer(state) {
  const running = state.stage === "set";
  const main = element("main-action");
  main.dataset.order = running ? "stop" : "start";
  write("main-action", running ? "Stop" : `Start set ${state.set_index + 1}`);
  element("next").hidden = !running;
  element("actions").classList.toggle("single", !running);
  const chosen = state.side || "both";
  for (const button of element("sides").querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button.dataset.side === chosen));
  }
}

function menu(memory) {
  const { state, hello } = memory;
  const select = element("exercise");
  redo("exercise", hello.exercises, () => {
    const groups = new Map();
    for (const choice of hello.exercises) {
      if (!groups.has(choice.group)) {
        const group = document.createElement("optgroup");
        group.label = capital(choice.group);
        groups.set(choice.group, group);
      }
      const option = put("option", choice.title);
      option.value = choice.name;
      groups.get(choice.group).append(option);
    }
    return [...groups.values()];
  });
  if (document.activeElement !== select) select.value = state.exercise || "";
  select.disabled = state.stage === "set";
  write("target-value", state.target_reps === null ? "\u2013" : String(state.target_reps));
  element("cues-on").setAttribute("aria-checked", String(state.cues_on));
  write("caution", hello.caution);
  element("log-part").hidden = !state.cues.length;
  cueList("log", state.cues);
}
