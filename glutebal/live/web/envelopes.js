// Two scrolling curves. Rows come in binary; thirty draws a second while there are any, and none when the hall rests.

import { Pace } from "./pace.js";

const WINDOW_S = 10;
const FRAME_MS = 1000 / 30;
const REDUCED_MS = 250;
const EARLY_MS = 6;

export class Envelopes {
  constructor(place) {
    this.place = place;
    this.next = 0;
    this.rate = 50;
    this.data = [[], [], []];
    this.half = [NaN, NaN, NaN];
    this.top = 0;
    this.most = 0;
    this.asked = false;
    this.before = true;
    this.due = 0;
    this.shown = 0;
    this.pace = new Pace();
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    this.frame = this.frame.bind(this);
    window.__frames = 0;
    new ResizeObserver(() => this.resize()).observe(place);
    this.build();
  }

  restart(rate) {
    this.next = 0;
    this.rate = rate || this.rate;
    this.data = [[], [], []];
    this.half = [NaN, NaN, NaN];
    this.top = 0;
    this.most = 0;
    this.pace = new Pace();
  }

  take(buffer) {
    const head = new DataView(buffer, 0, 8);
    const start = head.getUint32(0, true);
    const rows = head.getUint32(4, true);
    const values = new Float32Array(buffer, 8, rows * 2);
    if (start > this.next && this.data[0].length) this.put(this.next, NaN, NaN);
    for (let k = Math.max(0, this.next - start); k < rows; k += 1) this.row(start + k, values[2 * k], values[2 * k + 1]);
    this.next = Math.max(this.next, start + rows);
    this.forget();
    if (rows) this.pace.take(this.next / this.rate, performance.now() / 1000);
    this.ask();
  }

  // Two rows make one point: 40 ms are less than a line's width on a phone, and half the points draw twice as fast.
  row(row, left, right) {
    if (row % 2 === 0) this.half = [row, left, right];
    else if (this.half[0] === row - 1) this.put(row, (left + this.half[1]) / 2, (right + this.half[2]) / 2);
    else this.put(row, left, right);
  }

  put(row, left, right) {
    this.data[0].push(row / this.rate);
    this.data[1].push(Number.isFinite(left) ? left : null);
    this.data[2].push(Number.isFinite(right) ? right : null);
  }

  forget() {
    const [times] = this.data;
    const extra = times.length - (WINDOW_S + 1) * (this.rate / 2);
    if (extra > 25) for (const column of this.data) column.splice(0, extra);
  }

  ask() {
    if (this.asked) return;
    this.asked = true;
    const wait = this.due - performance.now() - EARLY_MS;
    if (wait > 1) setTimeout(() => requestAnimationFrame(this.frame), wait);
    else requestAnimationFrame(this.frame);
  }

  frame(now) {
    this.asked = false;
    const every = this.calm.matches ? REDUCED_MS : FRAME_MS;
    this.due = this.due + every < now - every ? now + every : this.due + every;
    this.draw();
    window.__frames += 1;
    if (this.pace.alive(performance.now() / 1000)) this.ask();
  }

  draw() {
    const now = this.pace.edge(performance.now() / 1000);
    this.shown = now;
    let peak = 0;
    for (const column of [this.data[1], this.data[2]]) for (const value of column) if (value > peak) peak = value;
    this.most = Math.max(this.most, peak);
    // Rest is not drawn as if it were work, least of all before anything is known of the work.
    this.top = Math.max(peak * (this.before ? 2.5 : 1.12), this.top * 0.99, this.most * 0.3, 1e-9);
    this.plot.batch(() => {
      this.plot.setData(this.data, false);
      this.plot.setScale("x", { min: now - WINDOW_S, max: now });
      this.plot.setScale("y", { min: 0, max: this.top });
    });
  }

  build() {
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(name).trim();
    const font = "12px system-ui, sans-serif";
    if (this.plot) this.plot.destroy();
    const line = { width: 2.5, points: { show: false }, spanGaps: false };
    this.plot = new uPlot({
      width: this.place.clientWidth || 300,
      height: this.place.clientHeight || 100,
      padding: [6, 14, 0, 0],
      cursor: { show: false },
      legend: { show: false },
      scales: { x: { time: false, range: (u, min, max) => [min, max] }, y: { range: (u, min, max) => [min, max] } },
      axes: [
        { stroke: colour("--muted"), font, size: 22, gap: 2, ticks: { show: false }, grid: { show: false },
          splits: () => [5, 0].map((back) => this.shown - back),
          values: () => ["\u22125 s", "now"] },
        { stroke: colour("--muted"), font, size: 38, gap: 4, ticks: { show: false }, space: 44,
          grid: { stroke: colour("--soft"), width: 1 }, values: (u, splits) => splits.map(short) },
      ],
      series: [{}, { ...line, stroke: colour("--left") }, { ...line, stroke: colour("--right"), dash: [7, 4] }],
    }, this.data, this.place);
    this.ask();
  }

  resize() {
    if (!this.plot) return;
    this.plot.setSize({ width: this.place.clientWidth, height: this.place.clientHeight });
    this.ask();
  }
}

function short(value) {
  if (value === 0) return "0";
  const size = Math.abs(value);
  return size < 0.01 || size >= 1e4 ? value.toExponential(0) : String(Number(value.toPrecision(3)));
}
