// Numbers and names in words. Positive means that the right side is larger.

const MINUS = "\u2212";

export function signed(value, digits = 1) {
  if (value === null || value === undefined) return "\u2013";
  const size = Math.abs(value).toFixed(digits);
  return Number(size) === 0 ? size : (value < 0 ? MINUS : "+") + size;
}

export function plain(value, digits = 0) {
  return value === null || value === undefined ? "\u2013" : value.toFixed(digits);
}

export function compact(value) {
  if (value === null || value === undefined) return "\u2013";
  const size = Math.abs(value);
  return size !== 0 && (size < 0.01 || size >= 1e5) ? value.toExponential(1) : String(Number(value.toPrecision(3)));
}

export function joined(text) {
  return (text || "").replaceAll(" %", "\u00a0%"); // a number and its unit stay on one line
}

export function spaced(name) {
  return (name || "").replaceAll("_", " ");
}

export function capital(text) {
  return text ? text[0].toUpperCase() + text.slice(1) : "";
}

export function larger(value) {
  if (value === null || value === undefined || Number(Math.abs(value).toFixed(1)) === 0) return ["", "both sides alike"];
  return value > 0 ? ["right", "right larger"] : ["left", "left larger"];
}

// What may be said of a side: nothing while an interval holds 0, and no colour while there is no interval.
export function said(estimate) {
  const [side, words] = larger(estimate.value);
  if (estimate.low === null || estimate.high === null) return ["", words && `${words} so far`];
  return estimate.low <= 0 && estimate.high >= 0 ? ["", "no clear difference"] : [side, words];
}

export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

const STATUS = {
  too_few: "too few reps for an interval",
  unpaired: "one-sided reps: no ratio yet",
  uncalibrated: "uncalibrated: record a reference on each side",
  censored: "one side is below its noise",
  refused: "the signal is not good enough",
  not_a_ratio: "compared by difference",
  low_snr: "weak signal",
};

export function why(estimate) {
  return estimate.reason || STATUS[estimate.status] || spaced(estimate.status);
}

export function reps(count) {
  return count === 1 ? "1 rep" : `${count} reps`;
}

export function interval(estimate) {
  if (estimate.low === null || estimate.high === null) return `no interval: ${why(estimate)}`;
  return `${Math.round(100 * estimate.level)} % interval ${signed(estimate.low)} to ${signed(estimate.high)}`;
}

export function known(estimate) {
  return Boolean(estimate) && estimate.value !== null;
}
