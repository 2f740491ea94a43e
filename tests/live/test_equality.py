"""Live equals offline: when a set has ended, what the events add up to is what `analyse` says of the same samples."""

import asyncio
import math
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import glutebal as gb
from glutebal.errors import GlutebalError
from glutebal.ingest.arrivals import Packet
from glutebal.ingest.header import Header, Identity, Worn
from glutebal.ingest.packets import PacketLog
from glutebal.ingest.replay import decoded
from glutebal.live.events import BalanceSoFar, RepFinished, RepRevised, SetEnded
from glutebal.live.hall import Hall
from glutebal.live.plan import Plan
from glutebal.live.sources import RecordingSource
from glutebal.model import Bilateral, Quantity, Recording, Side
from glutebal.results import Laterality
from glutebal.testing.bodies import simulate_body
from glutebal.testing.body_plan import SensorPlan
from glutebal.testing.emulated import EmulatedNordicUart, EmulatedNpgLite, EmulatedTindeq, EmulatedWitMotion
from glutebal.testing.emulated.sensor import played
from glutebal.testing.plans import Dropout, ForcePlan, SetPlan
from glutebal.testing.simulate import simulate_reference, simulate_set
from glutebal.testing.waveforms import Shape

RTOL = 1e-9


# what the events say -------------------------------------------------------------------------------------------------


def played_through(hall: Hall) -> list:
    async def all_events():
        return [event async for event in hall]

    return asyncio.run(all_events())


def told(events: list) -> list:
    """The reps that follow from the events, in time order."""
    kept = {}
    for event in events:
        if isinstance(event, RepFinished):
            assert event.rep.number not in kept
            kept[event.rep.number] = event.rep
        elif isinstance(event, RepRevised):
            assert event.rep.number in kept
            kept[event.rep.number] = event.rep
            if event.withdrawn:
                del kept[event.rep.number]
    return sorted(kept.values(), key=lambda live: (live.rep.start, live.rep.side is Side.RIGHT))


def same(mine, theirs):
    """Two estimates: statuses and counts equal, numbers to 1e-9."""
    assert (mine.status, mine.n, mine.reason) == (theirs.status, theirs.n, theirs.reason)
    for name in ("value", "low", "high", "se"):
        np.testing.assert_allclose(getattr(mine, name), getattr(theirs, name), rtol=RTOL, equal_nan=True)


def headline(result):
    """What a set is compared by: force, else the first EMG site whose channels may speak, in the exercise's order."""
    forces = [b for b in result.analysis.balances if b.measure == "mean_force"]
    emg = [b for b in result.analysis.balances if (b.quantity, b.measure) == (Quantity.EMG, "activation")]
    name = result.analysis.exercise
    sites = list(gb.exercise(name).sites) if name else []
    emg.sort(key=lambda b: (b.log_ratio.status.value == "refused", (*sites, b.site).index(b.site)))
    return next(iter([*forces, *emg]), None)


def check(events: list, offline) -> None:
    """The law."""
    (ended,) = [event for event in events if isinstance(event, SetEnded)]
    assert ended.trouble == ""
    reps, balance = offline.analysis.segmentation.reps, headline(offline)
    ledger = told(events)
    assert [live.rep for live in ledger] == sorted(reps, key=lambda rep: (rep.start, rep.side is Side.RIGHT))
    said = [event for event in events if isinstance(event, BalanceSoFar)]
    after = events.index(ended)
    assert not [event for event in events[after:] if isinstance(event, RepFinished | RepRevised | BalanceSoFar)]
    if balance is None:
        assert not said
        return
    assert (said[-1].measure, said[-1].site, said[-1].unit) == (balance.measure, balance.site, balance.unit)
    assert said[-1].reps == len(reps)
    same(said[-1].log_ratio, balance.log_ratio)
    for side in Side:
        same(said[-1].sides[side], balance.sides[side])
    values = {(row.rep.start, row.rep.stop, row.rep.side): row for row in balance.reps}
    assert values.keys() <= {(live.rep.start, live.rep.stop, live.rep.side) for live in ledger}
    for live in ledger:
        row = values.get((live.rep.start, live.rep.stop, live.rep.side))
        if row is not None:
            same(live.log_ratio, row.log_ratio)
            for side in Side:
                same(live.sides[side], row.sides[side])


def check_recording(recording: Recording, reference=None, piece_s: float = 0.05, exercise: str | None = None) -> list:
    chosen = exercise or recording.exercise
    references = {} if reference is None else {r.site: r for r in gb.references(reference)}
    plan = Plan(exercise=gb.exercise(chosen) if chosen else None, references=references)
    events = played_through(Hall(RecordingSource(recording, math.inf, piece_s), plan))
    check(events, gb.analyse(recording, exercise, reference))
    return events


# sets ----------------------------------------------------------------------------------------------------------------


def plan_of(seed: int) -> SetPlan:
    """A set drawn from its seed: force or not, one side or two, dropouts, rates, a bar."""
    rng = np.random.default_rng([seed, 5])
    turns = seed % 4 == 1
    plan = SetPlan(
        ratio=math.exp(float(rng.uniform(-0.5, 0.5))),
        reps=int(rng.integers(4, 9)),
        laterality=Laterality.UNILATERAL if turns else Laterality.BILATERAL,
        exercise="single_leg_hip_thrust" if turns else "hip_thrust",
        alternating=seed % 8 == 1,
        rate_hz=float(rng.choice([500, 1000, 2000])),
        snr_db=float(rng.uniform(12, 30)),
        rep_s=float(rng.uniform(0.8, 2.5)),
        rest_s=float(rng.uniform(0.6, 2.0)),
        shape=list(Shape)[int(rng.integers(len(Shape)))],
        position=seed % 9 == 4,
    )
    if seed % 5 == 2:
        plan = replace(plan, force=ForcePlan(ratio=plan.ratio, rate_hz=float(rng.choice([80, 100, 333, 500]))))
    if seed % 7 == 3:
        start_s = float(rng.uniform(3, 9))
        lost_s = float(rng.choice([0.2, 0.9, 2.5]))
        plan = replace(plan, dropouts=(Dropout(list(Side)[seed % 2], start_s, start_s + lost_s),))
    return plan


def set_of(seed: int) -> tuple[Recording, Recording | None]:
    plan = plan_of(seed)
    recording = simulate_set(seed, plan)[0]
    if plan.force and seed % 10 == 7:
        recording = recording.with_(tracks=[t for t in recording.tracks if t.channel.quantity is Quantity.FORCE])
    return recording, simulate_reference(seed, plan) if seed % 3 else None


def body_of(seed: int, **changes):
    exercise = ["squat", "bulgarian_split_squat", "single_leg_hip_thrust", "hip_thrust"][seed % 4]
    sensors = SensorPlan(sites=("pelvis", "thigh"), rate_hz=float([50, 100, 104][seed % 3]))
    return simulate_body(seed, exercise=exercise, reps=4, functional_reps=0, sensors=sensors, **changes).recording


@pytest.mark.parametrize("seed", [2, 3, 9, 17])
def test_simulated_sets(seed):
    check_recording(*set_of(seed), piece_s=0.25)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 180))
def test_eighty_simulated_sets(seed):
    check_recording(*set_of(seed), piece_s=[0.02, 0.05, 0.2, 1.0, 2.0][seed % 5])


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_twenty_sets_of_simulated_bodies(seed):
    check_recording(body_of(seed), piece_s=[0.02, 0.05, 0.2, 1.0][seed % 4])


SHORT = simulate_set(4, reps=4, rep_s=1.0, rest_s=0.8, lead_in_s=1.5, lead_out_s=1.2, force=ForcePlan(rate_hz=100.0))[0]
FORCE = SHORT.with_(tracks=[t for t in SHORT.tracks if t.channel.quantity is Quantity.FORCE])


@settings(derandomize=True, deadline=None, max_examples=8)
@given(st.floats(0.02, 2.0))
def test_any_cutting(piece_s):
    check_recording(FORCE, piece_s=piece_s)


def test_the_recording_that_is_analysed_is_the_one_that_was_played():
    events = check_recording(FORCE)
    assert next(e for e in events if isinstance(e, SetEnded)).result.analysis.recording == FORCE


def test_swapped_sides_swap_everything():
    def mirrored(live):
        return (live.rep.start, live.rep.stop, live.number, live.imbalance.value)

    plain, swapped = ([e for e in check_recording(r) if isinstance(e, RepFinished)] for r in (FORCE, FORCE.swapped()))
    assert len(plain) == len(swapped) == 4
    for one, other in zip(plain, swapped, strict=True):
        assert one.at_s == other.at_s
        assert mirrored(one.rep)[:3] == mirrored(other.rep)[:3]
        assert one.rep.imbalance.value == pytest.approx(-other.rep.imbalance.value, rel=1e-9)
        assert one.rep.sides.left.value == pytest.approx(other.rep.sides.right.value, rel=1e-9)


def test_swapped_sides_of_a_one_sided_set_swap_the_sides_of_the_reps():
    plan = SetPlan(reps=3, laterality=Laterality.UNILATERAL, exercise="single_leg_hip_thrust", rep_s=1.2, rest_s=1.0)
    recording, _ = simulate_set(6, plan)
    plain, swapped = (told(check_recording(r, piece_s=0.2)) for r in (recording, recording.swapped()))
    assert [live.rep.side.other for live in plain] == [live.rep.side for live in swapped]
    assert [live.rep.start for live in plain] == [live.rep.start for live in swapped]


# real recordings -----------------------------------------------------------------------------------------------------

REAL = (
    "btkdata/Gait.c3d",
    "btkdata/1123x01EMG.c3d",
    "btkdata/PiG_Motion-FlatFoot-Full.c3d",
    "biomechzoo/HC002D06.c3d",
    "biomechzoo/HC033A22.c3d",
    "biomechzoo/HC036A10.c3d",
    "biomechzoo/HC040A14.c3d",
    "loadsol/test_pointe_1_05_02.csv",
    "loadsol/poids_par_zone.csv",
)


@pytest.mark.slow
@pytest.mark.parametrize("name", REAL)
def test_real_recordings(name, shared_data):
    check_recording(gb.read(shared_data / name), piece_s=0.1)


def is_readable(path: Path) -> bool:
    try:
        gb.analyse(gb.read(path))
    except GlutebalError:
        return False
    return True


@pytest.mark.slow
def test_no_readable_recording_is_left_out(shared_data):
    files = [path for path in shared_data.rglob("*") if path.is_file() and path.stat().st_size < 20e6]
    assert sorted(path.relative_to(shared_data).as_posix() for path in files if is_readable(path)) == sorted(REAL)


# packet logs ---------------------------------------------------------------------------------------------------------

NANO = 1_000_000_000
STARTED_NS = 50 * NANO


def volts_as_counts(side: Side, recording: Recording):
    track = next(t for t in recording.tracks if t.channel.quantity is Quantity.EMG and t.channel.side is side)
    counts = played(track, scale=1e6)
    return lambda seconds: 2048 + np.repeat(counts(seconds), 3, axis=1)


def newtons_as_kg(side: Side, recording: Recording):
    track = next(t for t in recording.tracks if t.channel.quantity is Quantity.FORCE and t.channel.side is side)
    return played(track, scale=1 / 9.80665)


#: Stamps, a counter of eight bits, no clock at all, a counter and stamps in text: driver, sensor, worn, signal.
SENSORS = {
    "tindeq": (EmulatedTindeq, {}, newtons_as_kg),
    "npg_lite": (EmulatedNpgLite, {"measures": "EMG", "scale": 1e-6}, volts_as_counts),
    "nordic_uart": (EmulatedNordicUart, {"measures": "FORCE"}, lambda *a: _times(newtons_as_kg(*a), 9.80665)),
    "witmotion": (EmulatedWitMotion, {}, lambda *a: _times(newtons_as_kg(*a), 1.0, columns=9)),
}


def _times(signal, factor: float, columns: int = 1):
    return lambda seconds: factor * np.repeat(signal(seconds), columns, axis=1)


def packets_of(sensor, index: int, seconds: float, jitter_s: float, rng, holes) -> list[Packet]:
    """The packets of one sensor with invented arrivals: none before its last sample, in order, late by up to a jitter.

    ``holes`` are (start_s, stop_s, reconnected): what was sent in them never came.
    """
    sensor.streaming = True
    found, first, newest_s, segment = [], 0, 0.0, 0
    while first / sensor.rate_hz < seconds:
        count = sensor.count(first)
        taken_s = (first + np.arange(count)) / sensor.rate_hz
        frames = list(sensor.encode(first, sensor.signal(taken_s)))
        first += count
        newest_s = max(newest_s, taken_s[-1] + 0.01 + float(rng.exponential(jitter_s / 3)))
        gone = next((hole for hole in holes if hole[0] <= taken_s[0] < hole[1]), None)
        segment = sum(1 for _, stop, reconnected in holes if reconnected and taken_s[0] >= stop)
        if gone is None:
            ns = STARTED_NS + round(NANO * newest_s)
            found += [Packet(index, list(Side)[index], segment, char, ns, bytes(data)) for char, data in frames]
    return found


def log_of(path: Path, kind: str, recording: Recording, jitter_s: float, holes: Bilateral, seed: int = 0) -> Path:
    make, worn, signal = SENSORS[kind]
    site = "gluteus_maximus" if worn.get("measures") == "EMG" else "plate"
    devices = tuple(Identity(kind, {"": Worn(side, site, **worn)}, f"{kind} {side.value}", "") for side in Side)
    started = datetime(2026, 1, 5, 18, 0, tzinfo=UTC)
    header = Header(devices, started, STARTED_NS, exercise="hip_thrust")
    rng = np.random.default_rng(seed)
    packets = []
    for k, side in enumerate(Side):
        sensor = make(f"{kind} {side.value}", signal(side, recording))
        packets += packets_of(sensor, k, recording.duration_s, jitter_s, rng, holes[side])
    with PacketLog(path, header) as log:
        for packet in sorted(packets, key=lambda packet: packet.arrival_ns):
            log.append(packet)
    return path


SET = simulate_set(8, reps=5, rep_s=1.4, rest_s=1.0, lead_in_s=2.0, lead_out_s=1.5, force=ForcePlan(rate_hz=100.0))[0]
NO_HOLES = Bilateral((), ())
LOST = Bilateral(((5.0, 5.3, False),), ((9.0, 11.5, True),))


def check_log(path: Path) -> list:
    events = played_through(gb.live(path, speed=math.inf))
    recording = gb.read(path)
    ended = next(event for event in events if isinstance(event, SetEnded))
    assert ended.result.analysis.recording == recording
    check(events, gb.analyse(recording))
    return events


@pytest.mark.parametrize(("kind", "jitter_s", "holes"), [("tindeq", 0.05, LOST), ("npg_lite", 0.06, NO_HOLES)])
def test_packet_logs(kind, jitter_s, holes, tmp_path):
    events = check_log(log_of(tmp_path / "set.glutelog", kind, SET, jitter_s, holes))
    assert sum(isinstance(event, RepFinished) for event in events) >= 2


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["tindeq", "npg_lite", "nordic_uart"])
@pytest.mark.parametrize("jitter_s", [0.02, 0.2, 2.0])
@pytest.mark.parametrize("holes", [NO_HOLES, LOST], ids=["whole", "lost"])
def test_packet_logs_of_every_clock(kind, jitter_s, holes, tmp_path):
    check_log(log_of(tmp_path / "set.glutelog", kind, SET, jitter_s, holes, seed=1))


def test_a_log_that_is_played_is_not_written_to(tmp_path):
    path = log_of(tmp_path / "set.glutelog", "tindeq", SET, 0.02, NO_HOLES)
    before = path.read_bytes()
    check_log(path)
    assert path.read_bytes() == before
    assert decoded(path).recording().events == ()
