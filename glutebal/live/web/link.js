// The socket: it comes back by itself, and asks for what it missed.

const FIRST_WAIT_MS = 300;
const LONGEST_WAIT_MS = 5000;
const SILENT_MS = 4000; // envelopes come thirty times a second; silence means that the line is dead

export class Link {
  constructor({ row, heard, drawn, changed }) {
    this.row = row;
    this.heard = heard;
    this.drawn = drawn;
    this.changed = changed;
    this.wait = FIRST_WAIT_MS;
    this.over = false;
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.awake();
    });
    addEventListener("online", () => this.awake());
    setInterval(() => this.look(), 1000);
  }

  open() {
    clearTimeout(this.timer);
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/ws?from=${this.row()}`);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    this.last = performance.now();
    this.met = false;
    socket.onopen = () => { this.wait = FIRST_WAIT_MS; this.met = true; };
    socket.onmessage = (message) => this.take(message.data);
    socket.onclose = (event) => { if (this.socket === socket) this.closed(event); };
  }

  take(data) {
    this.last = performance.now();
    if (typeof data === "string") this.heard(JSON.parse(data));
    else this.drawn(data);
  }

  closed(event) {
    this.socket = null;
    if (event.code === 1000) this.over = true;
    this.changed(false, event.code, event.reason);
    if (this.over) return;
    this.timer = setTimeout(() => this.open(), this.wait);
    this.wait = Math.min(this.wait * 1.7, LONGEST_WAIT_MS);
    if (!this.met) this.ask();
  }

  // A socket does not say why it was refused; a plain question does.
  async ask() {
    try {
      const { status } = await fetch("/live.js", { method: "HEAD" });
      if (status === 403) this.changed(false, status);
    } catch { /* nobody there */ }
  }

  look() {
    const socket = this.socket;
    if (!socket || performance.now() - this.last < SILENT_MS) return;
    this.socket = null;
    socket.close();
    this.closed({ code: 1006, reason: "" });
  }

  awake() {
    this.look();
    if (!this.over && !(this.socket && this.socket.readyState < 2)) this.open();
  }

  leave() {
    this.over = true;
    this.socket?.close();
  }

  send(order, value = "") {
    if (!this.socket || this.socket.readyState !== 1) return false;
    this.socket.send(JSON.stringify({ order, value: String(value) }));
    return true;
  }
}
