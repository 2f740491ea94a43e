"""What is true of a simulated body: reps, angles, gait events, spans, and how the sensors sit on the bones."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from glutebal.model import Bilateral, Samples, Side


class Functional(Enum):
    """The movements of a functional calibration."""

    HIP_FLEXION = "hip flexion"
    HIP_ABDUCTION = "hip abduction"
    BOW = "bow"


@dataclass(frozen=True)
class Span:
    """A stretch of time ``[start_s, stop_s)`` on the session clock."""

    start_s: float
    stop_s: float

    @property
    def duration_s(self) -> float:
        """How long."""
        return self.stop_s - self.start_s


@dataclass(frozen=True)
class FunctionalSpan(Span):
    """One block of a functional calibration: which movement, of which leg (None: the trunk, in a bow)."""

    movement: Functional
    side: Side | None


@dataclass(frozen=True)
class TrueBodyRep:
    """One repetition.

    ``start_s`` and ``stop_s`` are where the speed of the way out and the way back is 5 % of its peak, ``turn_s`` the
    arrival at the turning posture and ``leave_s`` the departure from it (equal without a hold). ``side``: the working
    one, None in a bilateral exercise. ``amplitude``: share of the full movement. A failed rep is not whole.
    """

    index: int
    set_index: int
    side: Side | None
    start_s: float
    turn_s: float
    leave_s: float
    stop_s: float
    amplitude: float
    failed: bool = False

    @property
    def whole(self) -> bool:
        """Whether it counts as a repetition."""
        return not self.failed


@dataclass(frozen=True)
class SinglePhase:
    """Standing on one leg from ``start_s`` to ``stop_s``; ``drop_deg``: how far the other side of the pelvis is lower.

    than in standing, at the turn; ``side`` is the stance side.
    """

    side: Side
    start_s: float
    stop_s: float
    turn_s: float
    drop_deg: float


@dataclass(frozen=True)
class FootTimes:
    """Gait events of one foot in s, in time order; ``planted`` is where each stance stood (n, 2) in m."""

    heel_strikes_s: Samples
    toe_offs_s: Samples
    mid_swings_s: Samples


@dataclass(frozen=True)
class LegAngles:
    """Joint angles of one leg in degrees, shape (n,) each: signs of `glutebal.signal.motion`; knee valgus positive."""

    hip_flexion: Samples
    hip_abduction: Samples
    hip_rotation: Samples
    knee_flexion: Samples
    knee_frontal: Samples


@dataclass(frozen=True)
class BodyAngles:
    """Angles at every sample of the sensors, from the orientations of the segments.

    ``pelvic_tilt`` (anterior positive) and ``pelvic_obliquity`` (right higher positive): against gravity, in degrees;
    ``shift_m`` is the pelvis centre from the middle between the ankles, towards the body's right.
    """

    pelvic_tilt: Samples
    pelvic_obliquity: Samples
    legs: Bilateral[LegAngles]
    shift_m: Samples


@dataclass(frozen=True)
class TrueSensor:
    """How one sensor sits on its bone.

    ``mount`` (3, 3): sensor to segment; ``place_m`` (3,): from the segment's upper joint, segment axes;
    ``segment_quats`` (n, 4): the bone, ``sensor_quats`` (n, 4): the sensor with its wobble, both to world, w first.
    ``worn_on``: the side it is on; differs from the side in the recording if the sensors were swapped.
    """

    site: str
    side: Side | None
    worn_on: Side | None
    mount: Samples
    place_m: Samples
    gyr_bias_rad_s: Samples
    acc_bias_m_s2: Samples
    segment_quats: Samples
    sensor_quats: Samples


@dataclass(frozen=True)
class BodyTruth:
    """All that is true. Times in s on the session clock; arrays one value per sensor sample (``times_s``)."""

    times_s: Samples
    reps: tuple[TrueBodyRep, ...]
    angles: BodyAngles
    single_phases: tuple[SinglePhase, ...]
    gait: Bilateral[FootTimes]
    flights: tuple[Span, ...]
    turns: tuple[Span, ...]
    straights: tuple[Span, ...]
    idle: tuple[Span, ...]
    walks: tuple[Span, ...]
    static: Span | None
    functional: tuple[FunctionalSpan, ...]
    sets: tuple[Span, ...]
    joints_m: dict[tuple[str, Side | None], Samples]
    sensors: dict[tuple[str, Side | None], TrueSensor]

    @property
    def whole_reps(self) -> tuple[TrueBodyRep, ...]:
        """The reps that count."""
        return tuple(rep for rep in self.reps if rep.whole)

    def functional_span(self, movement: Functional) -> Span:
        """From the first to the last repetition of one functional movement, both legs."""
        spans = [span for span in self.functional if span.movement is movement]
        return Span(min(s.start_s for s in spans), max(s.stop_s for s in spans))
