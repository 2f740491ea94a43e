// What is known of the hall. The state comes whole; events change it, and may be told twice without harm.

export class Memory {
  constructor() {
    this.hello = null;
    this.state = null;
    this.rest = 0;
    this.stepDone = null;
  }

  take(event) {
    const change = CHANGES[event.event];
    if (change && (this.state || event.event === "hello" || event.event === "state_told")) change(this, event);
  }
}

function withRep(reps, rep, withdrawn) {
  const others = reps.filter((known) => known.number !== rep.number);
  return withdrawn ? others : [...others, rep].sort((a, b) => a.number - b.number);
}

// A set is worked out while the next one may already run: what is told of the old one is not drawn into the new one.
function ofThisSet(state, event) {
  return !event.set_index || event.set_index === state.set_index;
}

function measured(state, { measure, site, unit }) {
  Object.assign(state, { measure, site, unit });
}

const CHANGES = {
  hello(memory, event) { memory.hello = event; },
  state_told(memory, event) {
    memory.state = event.state;
    memory.unit = event.envelope_unit;
    if (event.state.stage === "rest") memory.rest = event.state.since_s;
    if (event.state.stage === "set") memory.stepDone = null;
  },
  sensor_health({ state }, event) {
    state.sensors = [...state.sensors.filter((s) => s.device !== event.device), event].sort((a, b) => a.device - b.device);
  },
  aligned({ state }, event) { state.aligned = event; },
  checked({ state }, event) { state.checks = event.checks; },
  step_told(memory, event) { memory.state.stage = "step"; memory.state.step = event; memory.stepDone = null; },
  step_done(memory, event) { memory.stepDone = event; },
  set_started({ state }, event) {
    Object.assign(state, { stage: "set", set_index: event.set_index, side: event.side, target_reps: event.target_reps, phase: "resting" });
    Object.assign(state, { reps: [], cues: [], balance: null, step: null });
  },
  rep_started({ state }, event) { if (ofThisSet(state, event)) state.phase = "working"; },
  rep_finished({ state }, event) {
    if (!ofThisSet(state, event)) return;
    state.phase = "resting";
    state.reps = withRep(state.reps, event.rep, false);
    measured(state, event.rep);
  },
  rep_revised({ state }, event) {
    if (ofThisSet(state, event)) state.reps = withRep(state.reps, event.rep, event.withdrawn);
  },
  balance_so_far({ state }, event) {
    state.balance = event;
    measured(state, event);
  },
  cue_given({ state }, event) {
    const again = state.cues.some((cue) => cue.rep === event.cue.rep && cue.text === event.cue.text);
    if (!again) state.cues = [...state.cues, event.cue];
  },
  set_ended({ state }, event) {
    state.last = event;
    if (ofThisSet(state, event)) Object.assign(state, { stage: "rest", phase: "resting" });
  },
  rested(memory, event) { memory.rest = event.rest_s; },
  trouble({ state }, event) { if (!state.troubles.includes(event.text)) state.troubles = [...state.troubles, event.text]; },
  ended({ state }) { state.stage = "ended"; },
};
