"""A simulated season: weeks of sessions of one person whose true balance, course and mishaps are known.

::

    SeasonPlan ──calendar──▶ days with a true level ──placement, notes──▶ SimulatedSession ──▶ recordings, on request

Every recording is a full simulated one, to be analysed like any other. The truth has one level per week for force and
one for EMG; what putting the sensors on again adds to a session is drawn anew for each.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np

from glutebal.errors import InputError
from glutebal.model import Bilateral, Channel, Quantity, Recording, Side, Track
from glutebal.results import Laterality
from glutebal.testing.plans import ForcePlan, SetPlan, shares
from glutebal.testing.simulate import simulate_reference, simulate_set
from glutebal.testing.waveforms import stream

FORCE_SITE = "plate"


@dataclass(frozen=True)
class Course:
    """A quantity over the weeks: straight lines between (week, value) knots, constant outside them."""

    knots: tuple[tuple[float, float], ...]

    def at(self, week: float) -> float:
        """The value ``week`` weeks after the first day."""
        weeks, values = zip(*self.knots, strict=True)
        return float(np.interp(week, weeks, values))


@dataclass(frozen=True)
class SeasonPlan:
    """What to simulate; weeks are counted from 0.

    Parameters
    ----------
    athlete, exercise, start
        Pseudonym, main exercise (both sides together), first day.
    weeks, weekdays
        How long, and on which days of the week (0 is Monday); the last of them is left out in every third week.
    sets, reps
        Of the main exercise in every session.
    force, emg : Course
        True λ = ln(R/L) of force and of activation.
    strength_n : Course
        Force of both sides at the top, geometric mean, N.
    load_kg : Course
        External load, rounded to 5 kg.
    placement_sd : pair of float
        Standard deviation of λ that putting on brings to a session: of force, of EMG.
    missed_week, outlier_week, new_electrodes_week : int
        A week without sessions; one whose first session has ``outlier`` added to the λ of force (a foot at the edge of
        the plate); from which on other electrodes add ``electrode_shift`` to the λ of EMG.
    side_exercise : str
        A one-sided exercise, force only, at the end of each week's first session; empty: none.
    """

    athlete: str = "simulated"
    exercise: str = "hip_thrust"
    start: date = date(2025, 9, 1)
    weeks: int = 12
    weekdays: tuple[int, ...] = (0, 2, 4)
    sets: int = 3
    reps: int = 8
    force: Course = field(default_factory=lambda: Course(((0, 0.20), (3, 0.20), (11, 0.02))))
    emg: Course = field(default_factory=lambda: Course(((0, 0.10), (11, 0.10))))
    strength_n: Course = field(default_factory=lambda: Course(((0, 380.0), (11, 520.0))))
    load_kg: Course = field(default_factory=lambda: Course(((0, 60.0), (11, 85.0))))
    placement_sd: tuple[float, float] = (0.042, 0.11)
    missed_week: int = 6
    outlier_week: int = 4
    outlier: float = 0.35
    new_electrodes_week: int = 8
    electrode_shift: float = 0.25
    side_exercise: str = "hip_abduction"

    def __post_init__(self) -> None:
        if self.weeks < 1 or not self.weekdays or not set(self.weekdays) <= set(range(7)):
            found = f"{self.weeks} weeks, weekdays {self.weekdays}"
            raise InputError("at least one week with weekdays of 0 to 6", found, "SeasonPlan")


@dataclass(frozen=True)
class SimulatedSession:
    """One day of the season and what is true of it.

    ``force`` and ``emg`` are the true λ of that day, ``measured_force`` and ``measured_emg`` what putting on the
    sensors, the electrodes and a mishap made of them: what a recording without end would show. The rest is what the
    person says of the day.
    """

    plan: SeasonPlan
    seed: int
    number: int
    day: date
    force: float
    emg: float
    measured_force: float
    measured_emg: float
    load_kg: float
    is_outlier: bool
    devices: Bilateral[str]
    pain: float
    sleep_h: float
    fatigue: float
    first_side: Side
    text: str

    @property
    def week(self) -> float:
        """Weeks since the first day."""
        return (self.day - self.plan.start).days / 7

    @property
    def strength_n(self) -> Bilateral[float]:
        """True force of each side at the top, N."""
        return shares(math.exp(self.force)).map(lambda share: share * self.plan.strength_n.at(self.week))

    def recordings(self) -> tuple[tuple[Recording, Recording | None], ...]:
        """Simulate the day: each recording with its reference contractions, if it has any."""
        plan = self.plan
        first_of_week = self.day.weekday() == plan.weekdays[0] and plan.side_exercise
        return (self._main(), self._aside()) if first_of_week else (self._main(),)

    def _main(self) -> tuple[Recording, Recording | None]:
        made = self._set_plan(self.plan.exercise, sets=self.plan.sets, reps=self.plan.reps)
        recording, truth = simulate_set(self._seed, made)
        recording = self._described(recording, self.plan.exercise)
        return recording, self._described(simulate_reference(self._seed, truth.plan), "reference")

    def _aside(self) -> tuple[Recording, Recording | None]:
        made = self._set_plan(self.plan.side_exercise, reps=6, laterality=Laterality.UNILATERAL)
        recording, _ = simulate_set(self._seed + 500_000, replace(made, first=self.first_side, set_rest_s=8.0))
        force = tuple(track for track in recording.tracks if track.channel.quantity is Quantity.FORCE)
        return self._described(recording.with_(tracks=force), self.plan.side_exercise), None

    def _set_plan(self, exercise: str, **changes: Any) -> SetPlan:
        peak_n = self.plan.strength_n.at(self.week)
        force = ForcePlan(math.exp(self.measured_force), peak_n, Bilateral(0.4, -0.3), site=FORCE_SITE, rate_hz=100.0)
        quick = SetPlan(rep_s=1.8, rest_s=1.0, set_rest_s=12.0, lead_out_s=2.0)
        return replace(quick, ratio=math.exp(self.measured_emg), exercise=exercise, force=force, **changes)

    @property
    def _seed(self) -> int:
        return 1000 * self.seed + self.number

    def _described(self, recording: Recording, exercise: str) -> Recording:
        tracks = tuple(track.on(self._worn(track)) for track in recording.tracks)
        return recording.with_(
            tracks=tracks,
            subject=self.plan.athlete,
            started=datetime.combine(self.day, time(18, 0)),
            exercise=exercise,
            load_kg=self.load_kg if exercise == self.plan.exercise else None,
            source=f"simulated {exercise}, {self.day.isoformat()}",
        )

    def _worn(self, track: Track) -> Channel:
        channel = track.channel
        if channel.quantity is not Quantity.EMG or channel.side is None:
            return channel
        return replace(channel, device=self.devices[channel.side])


@dataclass(frozen=True)
class Season:
    """A simulated season: its plan and its sessions in order of time.

    ``thickness_mm`` holds what an ultrasound of the gluteus maximus would read on the first and the last day.
    """

    plan: SeasonPlan
    seed: int
    sessions: tuple[SimulatedSession, ...]
    thickness_mm: tuple[tuple[date, Bilateral[float]], ...]

    @property
    def change(self) -> float:
        """True change of the λ of force from the first to the last session."""
        return self.sessions[-1].force - self.sessions[0].force


def season(plan: SeasonPlan | None = None, seed: int = 0) -> Season:
    """Simulate a season of sessions; recordings are made when they are asked for.

    Parameters
    ----------
    plan : SeasonPlan, optional
        Default: twelve weeks in which the left side catches up while both sides gain strength, with a missed week, a
        session gone wrong and new electrodes.
    seed : int
        Another draw of placements, notes and repetitions.

    Examples
    --------
    >>> made = season(seed=1)
    >>> len(made.sessions), round(made.change, 2)
    (30, -0.18)
    """
    plan = plan or SeasonPlan()
    days = list(_calendar(plan))
    sessions = tuple(_session(plan, seed, number, day) for number, day in enumerate(days, start=1))
    thickness = tuple((day, _thickness(stream(seed, 70, k))) for k, day in enumerate((days[0], days[-1])))
    return Season(plan, seed, sessions, thickness)


def _calendar(plan: SeasonPlan) -> Iterator[date]:
    for week in range(plan.weeks):
        days = plan.weekdays if week % 3 or len(plan.weekdays) == 1 else plan.weekdays[:-1]
        if week != plan.missed_week:
            monday = plan.start + timedelta(weeks=week) - timedelta(days=plan.start.weekday())
            yield from (monday + timedelta(days=day) for day in days)


def _session(plan: SeasonPlan, seed: int, number: int, day: date) -> SimulatedSession:
    rng = stream(seed, 60, number)
    week = (day - plan.start).days / 7
    placement = rng.standard_normal(2) * plan.placement_sd
    mishap = int(week) == plan.outlier_week and day.weekday() == plan.weekdays[0]
    new = week >= plan.new_electrodes_week
    force, emg = plan.force.at(week), plan.emg.at(week)
    return SimulatedSession(
        plan=plan,
        seed=seed,
        number=number,
        day=day,
        force=force,
        emg=emg,
        measured_force=force + float(placement[0]) + (plan.outlier if mishap else 0.0),
        measured_emg=emg + float(placement[1]) + (plan.electrode_shift if new else 0.0),
        load_kg=5.0 * round(plan.load_kg.at(week) / 5),
        is_outlier=mishap,
        devices=Bilateral("EMG-B1", "EMG-B2") if new else Bilateral("EMG-A1", "EMG-A2"),
        pain=float(rng.integers(0, 3)),
        sleep_h=round(float(rng.normal(7.2, 0.6)), 1),
        fatigue=float(rng.integers(2, 6)),
        first_side=Side.LEFT if number % 2 else Side.RIGHT,
        text="right foot near the edge of the plate" if mishap else "",
    )


def _thickness(rng: np.random.Generator) -> Bilateral[float]:
    return Bilateral.per_side(lambda _: round(float(rng.normal(31.0, 0.8)), 1))
