// The last reps as pairs of bars: left plain, right hatched, so that colour is not needed to tell them apart.

import { compact, known, larger, signed } from "./words.js";

const SPACE = "http://www.w3.org/2000/svg";
const TEXT = 15;

function shape(name, attributes, text) {
  const made = document.createElementNS(SPACE, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

function hatch() {
  const pattern = shape("pattern", { id: "hatch", width: 5, height: 5, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" });
  pattern.append(shape("rect", { width: 5, height: 5 }), shape("path", { d: "M0 0v5" }));
  const defs = shape("defs", {});
  defs.append(pattern);
  return defs;
}

export function drawBars(svg, all) {
  const { width, height } = svg.getBoundingClientRect();
  if (width < 20 || height < 40) return;
  const room = Math.max(4, Math.floor(width / (width < 260 ? 29 : 36)));
  const numbered = all.map((rep, k) => ({ ...rep, number: k + 1 })); // as counted: withdrawn ones leave no hole
  const shown = numbered.slice(-room);
  const values = shown.flatMap((rep) => [rep.sides.left, rep.sides.right]).filter(known).map((side) => side.value);
  const most = Math.max(...values, 1e-12);
  const step = width / room;
  const ground = height - TEXT - 2;
  const parts = [hatch(), shape("path", { class: "ground", d: `M0 ${ground + 0.5}H${width}` })];
  shown.forEach((rep, k) => parts.push(...pair(rep, k * step, step, ground, (ground - TEXT - 4) / most)));
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("aria-label", described(shown));
  svg.replaceChildren(...parts);
}

function pair(rep, x, step, ground, scale) {
  const thick = Math.min(22, (step - 8) / 2);
  const middle = x + step / 2;
  const parts = [];
  const alone = known(rep.sides.left) !== known(rep.sides.right);
  for (const [name, beside] of [["left", middle - thick - 1], ["right", middle + 1]]) {
    const at = alone ? middle - thick / 2 : beside;
    const side = rep.sides[name];
    if (!known(side)) continue;
    const tall = Math.max(1, side.value * scale);
    parts.push(shape("rect", { class: name, x: at, y: ground - tall, width: thick, height: tall, rx: name === "left" ? 3 : 0 }));
    if (name === "right") parts.push(shape("rect", { class: "right-edge", x: at + 0.75, y: ground - tall + 0.75, width: thick - 1.5, height: Math.max(0.5, tall - 0.75) }));
  }
  const top = ground - Math.max(0, ...[rep.sides.left, rep.sides.right].filter(known).map((side) => side.value * scale));
  if (known(rep.imbalance)) parts.push(shape("text", { class: "index-text", x: middle, y: top - 5 }, signed(rep.imbalance.value, 0)));
  parts.push(shape("text", { x: middle, y: ground + TEXT }, String(rep.number)));
  return parts;
}

function described(shown) {
  if (!shown.length) return "no repetitions yet";
  const last = shown.at(-1);
  const index = known(last.imbalance) ? `${signed(last.imbalance.value)} points, ${larger(last.imbalance.value)[1]}` : "no ratio";
  const side = (name) => (known(last.sides[name]) ? compact(last.sides[name].value) : "none");
  return `last of ${shown.length} shown: rep ${last.number}, left ${side("left")}, right ${side("right")} ${last.unit}, ${index}`;
}
