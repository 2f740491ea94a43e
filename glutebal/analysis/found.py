"""Which reps a recording holds, and from which signal they were told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace
from statistics import median

from glutebal.analysis.emg import EmgPair
from glutebal.analysis.motion import Motion
from glutebal.analysis.moved import moved_reps, of_both
from glutebal.analysis.walking import LEAST_STRIDES, Walk, walk_in_force, walk_of
from glutebal.coach.exercises import Exercise
from glutebal.errors import PairError
from glutebal.model import Bilateral, Channel, Quantity, Recording, Side, Track, require_same_rate
from glutebal.results import Laterality, Rep, Segmentation
from glutebal.signal.effort import emg_effort, force_effort, resting_level
from glutebal.signal.measures import ForceSide
from glutebal.signal.phases import with_phases
from glutebal.signal.reps import find_reps
from glutebal.signal.strides import contacts, event_strides, strides

Force = Bilateral[Track]
FEET = frozenset({"foot", "insole"})
TARE_SHARE = 0.2  # a resting level below this share of the peak is a tare; above it a person stands on the sensor
NO_FEET = "neither foot contacts nor foot strikes are in the recording: bursts of effort are counted, not strides"
ALIKE = 0.7  # a set of one exercise has a median likeness of its reps above this
TOGETHER = 0.5  # feet that share more than half of their ground time are not walking


@dataclass(frozen=True)
class Found:
    """What the signals say about time.

    ``segmentation`` holds the reps, strides or contacts that are reported, ``emg_reps`` the windows in which EMG is
    measured, ``force`` the force pairs with their unloaded levels, ``notes`` what was assumed on the way, ``walk`` the
    strides where inertial sensors showed them, ``on_force`` those where force under the feet did. ``timing_site`` is
    empty where the motion times the reps.
    """

    segmentation: Segmentation
    emg_reps: tuple[Rep, ...]
    force: tuple[Bilateral[ForceSide], ...]
    timing_site: str
    timing_quantity: Quantity
    notes: tuple[str, ...] = ()
    walk: Walk | None = None
    on_force: Walk | None = None

    @property
    def why_no_reps(self) -> str:
        """The commonest reason for leaving out what looked like a repetition; empty when there are reps."""
        left_out = Counter(ex.reason for ex in self.segmentation.excluded)
        if self.segmentation.reps or not left_out:
            return ""
        reason, count = left_out.most_common(1)[0]
        return f"no repetition could be counted: {count} left out because {reason}"


def find(
    recording: Recording,
    emg: tuple[EmgPair, ...],
    bad: Collection[Channel],
    exercise: Exercise | None,
    motion: Motion | None = None,
) -> Found:
    """Find the reps of an exercise, or the contacts and strides of a walk.

    Parameters
    ----------
    recording : Recording
        Supplies force, position and events.
    emg : tuple of EmgPair
        Prepared EMG.
    bad : collection of Channel
        Channels that may not find reps.
    exercise : Exercise or None
        None: told from the signals.
    motion : Motion or None
        Of inertial sensors: finds strides where no force or event shows them, and reps with the effort or alone.
    """
    forces = tuple(require_same_rate(p, recording.source) for p in recording.pairs(Quantity.FORCE))
    may_walk = exercise is None or exercise.laterality is Laterality.CYCLIC
    walk = _walk(recording, forces, named=exercise is not None) if may_walk else None
    if walk is None:
        strode = _strode(motion, exercise) if may_walk and motion is not None else None
        if strode is not None:
            return _of_strides(strode, forces, exercise)
        found = _of_set(recording, emg, forces, bad, exercise, motion)
        return replace(found, notes=(*found.notes, NO_FEET)) if may_walk and exercise else found
    note = () if exercise else ("no exercise was named: the feet take turns, so this is read as walking",)
    found = _of_walk(recording, walk, forces, emg, note)
    return _with_motion(found, motion) if motion is not None else found


def _walk(recording: Recording, forces: tuple[Force, ...], *, named: bool) -> Segmentation | None:
    """Ground contacts of both feet, else strides between foot-strike events; None if this is not walking.

    Without a name for the exercise, contacts count as walking only when the feet take turns.
    """
    feet = next((p for p in forces if p.left.channel.site in FEET and not p.left.channel.axis), None)
    if feet is not None:
        found = contacts(feet)
        return found if named or _take_turns(found) else None
    found = event_strides(recording.events)
    return found if {rep.side for rep in found.reps} == set(Side) else None


def _with_motion(found: Found, motion: Motion) -> Found:
    """Strides are timed once: by force where it shows any, else by inertial sensors."""
    if found.on_force is not None and found.on_force.segmentation.reps:
        return found
    walk = walk_of(motion)
    return found if walk is None else replace(found, walk=walk, on_force=None)


def _strode(motion: Motion, exercise: Exercise | None) -> Walk | None:
    """The strides of a walk that was named, or that fills more of the recording than repetitions do."""
    walk = walk_of(motion)
    if walk is None or exercise is not None:
        return walk
    if len(walk.segmentation.reps) < LEAST_STRIDES:
        return None
    return walk if walk.seconds > sum(rep.duration_s for rep in moved_reps(motion, None).reps) else None


def _of_strides(walk: Walk, forces: tuple[Force, ...], exercise: Exercise | None) -> Found:
    found = walk.segmentation
    sided = tuple(rep for rep in found.reps if rep.side is not None)
    pairs = tuple(p.map(unloaded) for p in forces if p.left.channel.site in FEET)
    note = () if exercise else ("no exercise was named: most of the motion is strides, so this is read as walking",)
    return Found(found, sided, pairs, "", Quantity.ANGULAR_RATE, (*walk.gait.notes, *note), walk)


def _take_turns(found: Segmentation) -> bool:
    """Whether both feet have contacts and seldom share the ground."""
    by_side = Bilateral.per_side(lambda side: [r for r in found.reps if r.side is side])
    if not (by_side.left and by_side.right):
        return False
    shared = sum(
        max(0.0, min(a.stop_s, b.stop_s) - max(a.start_s, b.start_s)) for a in by_side.left for b in by_side.right
    )
    return shared < TOGETHER * min(sum(r.duration_s for r in reps) for reps in by_side)


def _of_walk(
    recording: Recording,
    found: Segmentation,
    forces: tuple[Force, ...],
    emg: tuple[EmgPair, ...],
    notes: tuple[str, ...],
) -> Found:
    whole = event_strides(recording.events)
    windows = whole.reps or strides(found).reps or found.reps
    pairs = tuple(p.map(unloaded) for p in forces if p.left.channel.site in FEET)
    timed = [(p.left.track.channel.site, Quantity.FORCE) for p in pairs] + [(p.site, Quantity.EMG) for p in emg]
    site, quantity = next(iter(timed), ("", Quantity.ANGULAR_RATE))
    on_force = None if whole.reps or not pairs else walk_in_force(found, site)
    return Found(found, windows, pairs, site, quantity, notes, on_force=on_force)


def _of_set(
    recording: Recording,
    emg: tuple[EmgPair, ...],
    forces: tuple[Force, ...],
    bad: Collection[Channel],
    exercise: Exercise | None,
    motion: Motion | None,
) -> Found:
    found, site, quantity = None, "", Quantity.ANGULAR_RATE
    if emg or forces:
        effort, site, quantity = _effort(emg, forces, bad, exercise)
        found = _of_effort(recording, effort, exercise)
    if motion is not None:
        found = of_both(found, moved_reps(motion, exercise))
    if found is None:
        raise PairError("EMG, force or motion to find repetitions in", "none of them", recording.source)
    sides = tuple(pair.map(unloaded) for pair in forces)
    return Found(found, found.reps, sides, "" if motion else site, quantity, _doubts(found))


def _of_effort(recording: Recording, effort: Bilateral[Track | None], exercise: Exercise | None) -> Segmentation:
    laterality = exercise.laterality if exercise and exercise.laterality is not Laterality.CYCLIC else None
    found = find_reps(effort, laterality)
    position = next((t for t in recording.midline if t.channel.quantity in {Quantity.POSITION, Quantity.ANGLE}), None)
    return found if position is None else with_phases(found, position)


def _doubts(found: Segmentation) -> tuple[str, ...]:
    """A remark when the reps do not look alike."""
    likeness = median(rep.confidence for rep in found.reps) if found.reps else 1.0
    if likeness >= ALIKE:
        return ()
    remark = f"the {len(found.reps)} repetitions do not look alike (median likeness {likeness:.2f} of 1)"
    return (f"{remark}: check that this is one set of one exercise, or name the exercise",)


def _effort(
    emg: tuple[EmgPair, ...], forces: tuple[Force, ...], bad: Collection[Channel], exercise: Exercise | None
) -> tuple[Bilateral[Track | None], str, Quantity]:
    """The signal that finds the reps: the exercise's own muscle if both sides are alive, else the next best pair."""
    order = list(exercise.sites) if exercise else []
    ranked = sorted(emg, key=lambda p: order.index(p.site) if p.site in order else len(order))
    alive = [(sum(e.channel not in bad for e in pair.emg), pair) for pair in ranked]
    both = next((pair for n, pair in alive if n == 2), None)
    if both is None and forces:
        usable = forces[0].map(lambda t: None if t.channel in bad else t)
        return force_effort(usable), forces[0].left.channel.site, Quantity.FORCE
    pair = both or next((p for n, p in alive if n == 1), ranked[0])
    powers = pair.emg.map(lambda e: None if e.channel in bad else e.power)
    floors = pair.emg.map(lambda e: e.floor.power)
    return emg_effort(powers, floors), pair.site, Quantity.EMG


def unloaded(force: Track) -> ForceSide:
    """The side with its tare, if it has one: on a plate that a person stands on, the whole load counts."""
    level, _ = resting_level(force)
    peak = float(max(chunk.samples.max() for chunk in force.chunks)) if force.chunks else 0.0
    return ForceSide(force, level if abs(level) < TARE_SHARE * (peak - level) else 0.0)
