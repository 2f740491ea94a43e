// Sensors speak in packets, some five times a second; the curves scroll evenly all the same. What is drawn stays behind
// what was heard by the longest wait of the last seconds, so that there is always something left to scroll to.

const MEMORY_S = 3;
const LONGEST_LAG_S = 0.6;
const ALIVE_S = 1;
const SLACK_S = 0.25;

export class Pace {
  constructor() {
    this.heard = [];
    this.newest = 0;
    this.shift = null;
  }

  take(newest, now) {
    if (newest < this.newest) this.shift = null;
    this.newest = newest;
    this.heard.push({ now, ahead: newest - now });
    while (this.heard.length > 2 && this.heard[0].now < now - MEMORY_S) this.heard.shift();
  }

  alive(now) {
    return this.heard.length > 0 && now - this.heard.at(-1).now < ALIVE_S;
  }

  lag() {
    let longest = 0;
    for (let k = 1; k < this.heard.length; k += 1) longest = Math.max(longest, this.heard[k].now - this.heard[k - 1].now);
    return Math.min(longest, LONGEST_LAG_S);
  }

  // Seconds of the hall at the right edge.
  edge(now) {
    const lag = this.lag();
    const wanted = Math.max(...this.heard.map((one) => one.ahead), -Infinity) - lag;
    if (!Number.isFinite(wanted)) return this.newest;
    this.shift = this.shift === null ? wanted : this.shift + 0.05 * (wanted - this.shift);
    const edge = Math.min(Math.max(now + this.shift, this.newest - lag - SLACK_S), this.newest);
    this.shift = edge - now;
    return edge;
  }
}
