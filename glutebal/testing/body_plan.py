"""What a simulated body does and what it wears: plans of motion and of sensors."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from glutebal.errors import InputError
from glutebal.model import Bilateral, Side

SITES = ("pelvis", "thigh", "shank", "foot")
_NONE = Bilateral(0.0, 0.0)
_FULL = Bilateral(1.0, 1.0)


@dataclass(frozen=True)
class Hole:
    """A stretch in which one sensor recorded nothing; the pelvis has side None."""

    site: str
    side: Side | None
    start_s: float
    stop_s: float


@dataclass(frozen=True)
class SensorPlan:
    """The sensors and their faults. Defaults: typical wireless sensors with MEMS chips of 2015 to 2024.

    Parameters
    ----------
    sites : tuple of str
        Of ``pelvis`` (one sensor), ``thigh``, ``shank``, ``foot`` (one per side).
    rate_hz : float
        10 to 1000; the motion is computed at 400 Hz or more and averaged down.
    misalignment_deg : float
        Each sensor is turned about a random axis by up to this angle.
    gyr_noise_dps_sqrt_hz, acc_noise_g_sqrt_hz : float
        White noise densities: 0.007 to 0.015 °/s/√Hz and 100 to 300 µg/√Hz are the data sheets of such chips.
    gyr_bias_dps, acc_bias_m_s2 : float
        Largest constant error per axis.
    gyr_walk_dps_sqrt_s : float
        Random walk of the gyroscope's error.
    gain_sd : float
        Standard deviation of the gain of each axis (0: none).
    wobble_share : float
        Turn of the sensor on the soft tissue as a share of the flexion of its joint.
    wobble_deg_per_m_s2 : float
        Turn per m/s² of acceleration of the part that swings at 5 to 10 Hz; 0: none.
    acc_range_m_s2, gyr_range_dps : float or None
        Where the sensor clips; None: nowhere.
    holes : tuple of Hole
        What was not recorded.
    swapped : bool
        The left sensors were put on the right side and the other way round.
    """

    sites: tuple[str, ...] = ("pelvis", "thigh", "shank")
    rate_hz: float = 100.0
    misalignment_deg: float = 30.0
    gyr_noise_dps_sqrt_hz: float = 0.01
    acc_noise_g_sqrt_hz: float = 200e-6
    gyr_bias_dps: float = 1.0
    acc_bias_m_s2: float = 0.03
    gyr_walk_dps_sqrt_s: float = 0.003
    gain_sd: float = 0.0
    wobble_share: float = 0.03
    wobble_deg_per_m_s2: float = 0.25
    acc_range_m_s2: float | None = None
    gyr_range_dps: float | None = None
    holes: tuple[Hole, ...] = ()
    swapped: bool = False

    def __post_init__(self) -> None:
        unknown = [site for site in self.sites if site not in SITES]
        if unknown or not self.sites:
            raise InputError(f"sensor sites out of {', '.join(SITES)}", ", ".join(unknown) or "none", "SensorPlan")
        if not 10 <= self.rate_hz <= 1000:
            raise InputError("a rate of 10 to 1000 Hz", f"{self.rate_hz:g} Hz", "SensorPlan")


#: Sensors without any fault: what they measure follows from the motion alone.
PERFECT = SensorPlan(
    misalignment_deg=0.0,
    gyr_noise_dps_sqrt_hz=0.0,
    acc_noise_g_sqrt_hz=0.0,
    gyr_bias_dps=0.0,
    acc_bias_m_s2=0.0,
    gyr_walk_dps_sqrt_s=0.0,
    wobble_share=0.0,
    wobble_deg_per_m_s2=0.0,
)


@dataclass(frozen=True)
class GaitPlan:
    """Walking, running, sprint or stairs, back and forth.

    Parameters
    ----------
    speed_m_s, stride_s, way_m : float or None
        Speed, duration of two steps, length of one way, after which the person turns round. None: what is usual.
    ways : int
        How many.
    swing_ratio, step_ratio : float
        Right over left swing time, and time of the right step (left to right heel strike) over the left one.
    timing_sd : float
        Standard deviation of the log duration of a step.
    """

    speed_m_s: float | None = None
    stride_s: float | None = None
    way_m: float | None = None
    ways: int = 2
    swing_ratio: float = 1.0
    step_ratio: float = 1.0
    timing_sd: float = 0.02

    def mirrored(self) -> GaitPlan:
        """Left for right."""
        return replace(self, swing_ratio=1 / self.swing_ratio, step_ratio=1 / self.step_ratio)


@dataclass(frozen=True)
class BodyPlan:
    """What to simulate: one recording of one exercise.

    Parameters
    ----------
    exercise : str
        A name of the catalogue.
    reps, sets : int
        Repetitions per set (per side of a unilateral exercise), and sets; 0 reps: only what lies around them. Not used
        in walking and running.
    first : Side
        The side that begins.
    alternating : bool
        Sides take turns rep by rep; otherwise all reps of one side come first.
    out_s, hold_s, back_s, pause_s : float or None
        Way to the turn, hold there, way back, pause before the next rep; None: what is usual for the exercise.
    tempo_sd, amplitude_sd : float
        Standard deviations of the logs of durations and amplitudes.
    tempo_drift : float
        Duration of the last rep over that of the first.
    fatigue : float
        Amplitude lost by the last rep: 0.3 ends at 70 %.
    rom : Bilateral of float
        Range of motion of either side; in a bilateral exercise a difference tilts the pelvis at the turn.
    failed : tuple of int
        Indexes of reps of the recording (from 0) that stop half way.
    pelvic_drop_deg : Bilateral of float
        How far the unsupported side drops at the turn, by stance side.
    shift_m : tuple of float
        Lateral shift at the turn of the first and the last rep of a set, towards the right.
    knee_frontal_deg : Bilateral of float
        Frontal knee angle at the turn, valgus positive.
    lumbar_deg : float
        Anterior pelvic tilt added at lockout.
    static_s : float
        Quiet standing in the neutral posture at the start.
    functional_reps : int
        Hip flexions and abductions per leg, and bows, after it; 0: none.
    sloppy_deg : float
        How far these movements stray from their plane.
    walk_out, rerack : bool
        Steps back to the start and forward to the rack again (exercises on the feet only).
    rest_s : float
        Between sets, and after the last one, with fidgeting and some walking; short ones are just pauses.
    idle_end_s : float
        Idling of the same kind after the last set.
    gait : GaitPlan
        Of walking, running, sprint and stairs.
    sensors : SensorPlan
        What is worn.
    """

    exercise: str = "squat"
    reps: int = 8
    sets: int = 1
    first: Side = Side.RIGHT
    alternating: bool = False
    out_s: float | None = None
    hold_s: float | None = None
    back_s: float | None = None
    pause_s: float | None = None
    tempo_sd: float = 0.08
    amplitude_sd: float = 0.03
    tempo_drift: float = 1.0
    fatigue: float = 0.0
    rom: Bilateral[float] = _FULL
    failed: tuple[int, ...] = ()
    pelvic_drop_deg: Bilateral[float] = _NONE
    shift_m: tuple[float, float] = (0.0, 0.0)
    knee_frontal_deg: Bilateral[float] = _NONE
    lumbar_deg: float = 0.0
    static_s: float = 5.0
    functional_reps: int = 3
    sloppy_deg: float = 4.0
    walk_out: bool = False
    rerack: bool = False
    rest_s: float = 40.0
    idle_end_s: float = 0.0
    gait: GaitPlan = field(default_factory=GaitPlan)
    sensors: SensorPlan = field(default_factory=SensorPlan)

    def __post_init__(self) -> None:
        if self.reps < 0 or self.sets < 1:
            raise InputError("0 or more reps and at least one set", f"{self.reps} reps, {self.sets} sets", "BodyPlan")
        if self.static_s < 0 or self.rest_s < 0:
            raise InputError("durations of 0 s or more", f"{self.static_s:g} and {self.rest_s:g} s", "BodyPlan")

    def mirrored(self) -> BodyPlan:
        """Left for right: the same seed gives the mirror image of the motion."""
        return replace(
            self,
            first=self.first.other,
            rom=self.rom.swapped(),
            pelvic_drop_deg=self.pelvic_drop_deg.swapped(),
            shift_m=(-self.shift_m[0], -self.shift_m[1]),
            knee_frontal_deg=self.knee_frontal_deg.swapped(),
            gait=self.gait.mirrored(),
        )
