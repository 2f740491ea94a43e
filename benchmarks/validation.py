"""Write docs/validation.md: run every benchmark and put its tables under words that say what they mean.

Run ``python benchmarks/validation.py --data FOLDER [--peers PYTHON]``. PYTHON is the interpreter of an environment that
has the peers (dependency group ``bench``) next to glutebal; it takes about fifteen minutes on two cores. A part that
was not run keeps the tables it had.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "validation.md"
RESULTS = HERE / "results"

INTRODUCTION = """\
# Validation

Every table on this page is printed by a script in `benchmarks/`; `python benchmarks/validation.py` makes the page.
Errors are in points of the imbalance index d = 100·(R−L)/(R+L). Seeds are fixed, and none of them was used for tuning.
"""

PARTS = {
    "simulated_sets": """\
## Simulated sets with a known truth

True R/L from 0.6 to 1.6, unequal noise floors, unequal electrode gains, 5 to 20 reps, rep-to-rep variation AR(1) with
φ from 0 to 0.3, 500 to 2000 Hz, signal-to-noise ratio 12 to 30 dB. *Mean error* is the bias, *sd* the spread over
sets (mostly their own variation), *half width* that of the 95 % interval, *coverage* how often it holds the truth.
A measured reference contraction brings its own error, which the interval includes.
""",
    "coverage": """\
## Coverage of set and session intervals

How often a nominal 95 % interval holds the true λ, 10 000 simulated sessions per cell: 3 to 6 sets of 5 to 20 reps, rep
to rep SD 0.1 of λ with autocorrelation φ 0, 0.15 or 0.3, sets that differ by 0, 0.05 or 0.1 beyond their reps. Balanced
sessions use the closed form, unbalanced ones weights by restricted maximum likelihood; the worst are sessions in which
one set is four times as long as the others.
""",
    "trend": """\
## Simulated seasons with a known level

8 to 16 weeks, 1 to 3 sessions a week, half of the seasons with a gap of 2 to 4 weeks; 2 to 5 sets of 5 to 20
repetitions, AR(1) with φ from 0 to 0.3, one set in thirty without an answer; one session in twenty is odd by 3 to 8
standard deviations; two seasons in five change the setup, which moves the level by sd 0.15. Placement error σ_p is
drawn from 0.05-0.20 (EMG-like, assumed 0.11) and 0.015-0.08 (force-like, assumed 0.042), weekly drift from 0.005-0.05
(assumed 0.02), the first level with sd 0.2, all on the scale of λ. *Half width* is in points of d.

Columns say how often 95 % intervals hold the truth, then how often a rule says that the level changed: for the
constant level every such call is wrong; for the others the trend must also have named the right direction. A change is
2 MDC of that person's own sessions. *z* uses the scatter of the sets alone; *MDC* is the one that the trend tells.
""",
    "onsets": """\
## Muscle onsets

Bursts of 0.4-2 s in synthetic EMG, 20 recordings of 30 s per condition: `step` has 10 ms edges, `ramp` rises over
200 ms (the truth is its start, of which the first 30 ms cannot be seen), `dirty` adds mains hum, ECG spikes, movement
thumps and bursts of uneven strength.
""",
    "peers": """\
## Beside other libraries

The same signals in one run. Peers run with their defaults, as they are usually met; with a rest segment and thresholds
tuned to the recording some of their detectors come to a few milliseconds on steps. The ratio does not depend on the
sampling rate; the amplitude itself is 5 % lower at 500 Hz, where the pass band ends at 225 Hz instead of 450 Hz.
""",
    "motion_reps": """\
## Repetitions from motion

Simulated bodies with sensors on pelvis and thighs (turned by up to 30° on the segment, gyroscope bias to 1°/s, noise,
soft tissue that wobbles), every exercise of the catalogue that has repetitions except the Romanian deadlift on two
legs, which the simulated body does not do: getting the bar out of its rack and walking out, fidgeting and walking
between sets, pauses of 0.05 to 2.5 s, tempo that drifts by up to half, a failed repetition, 30 % of amplitude lost,
one-sided blocks and sides in turn. Seeds 9000 to 9003, run once; thresholds were chosen on seeds below 1000 and from
7000 to 7019. *Exact* also asks that every repetition found is a true one. Boundaries are against the instant at which
the true movement has 5 % of its peak speed. A glute squeeze tilts the pelvis by 4° under a sway of 1°: it is looked
for in the pelvis alone, as the exercise says, and its boundaries are less sure. Aimed at are 97 % exact, 99.5 % within
one and a median boundary error of 100 ms: met. Before the last change of method, on seeds 5000 to 5003, they were
96.4 %, 98.2 % and 48 ms.
""",
    "cues": """\
## Cues during a set

10,000 sets of twelve repetitions per cell, λ from rep to rep AR(1) with φ 0.3, no shift or one of λ = 0.30, which is
14.9 points, from the first or from the sixth rep on; given rep by rep to the class that runs live. All rules tell from
10 points; `cues` is the moving average of `coach/cues.py`, and *own sd known* raises its threshold to 2.5 sd of that
person's reps: to 14.9 points at an sd of 0.12 and 19.7 at 0.16, where a shift of 14.9 is no more than single reps do
by themselves and is mostly not told. *At rep* is the median. *Cue from rep 6* leaves out sets in which an early cue
still stood, since it is not repeated. For the other cues, 2,000 sets each, the scatter from rep to rep is assumed.
""",
    "live": """\
## A live set under full load

Two sensors, each with EMG of eight muscles at 1 kHz and an inertial unit at 200 Hz: one set of hip thrusts in real
time, as samples and as packets. Times end when the event has left the server's websocket and reached a viewer in
another process. *Beyond the lag*: from when the sample was taken that the envelope needs to end the rep (its smoothing
looks 120 ms ahead); at most 150 ms are aimed at. CPU is the process's own time over the time of the set, server and
one viewer included; at most 15 % are aimed at. How late an idle process wakes is what the machine itself adds. Memory:
sets of a minute and rests of a minute, time compressed, with a reader that never reads.
""",
    "live_reps": """\
## Repetitions while the set runs

What the hall tells before a set has ended is provisional: when it ends, every repetition is told again as the analysis
of its recording has it, to the last digit (tested for any cutting of the packets). This table is about the time before.
Simulated sets as above, other seeds, played in pieces of 50 ms. *Told rightly before the end*: the share of all
repetitions that were told with both edges within 50 ms of the final ones; *right at once*: the share of what was told.
*Move of d*: how many points the imbalance of a repetition moved until the end, where it has one (EMG of sides in turn
has none). *Told after*: from the true end of a repetition to its telling, in the time of the data; the end is known
50 ms after it, and pieces of 50 ms come on top.
""",
    "alignment": """\
## Left/right alignment of two Bluetooth sensors

A simulated radio: 200 Hz, 10 samples a packet, crystals +18 and −14 ppm off, retransmissions, a late host.
Least squares is what most loggers do; it carries half the difference of the two connection intervals into every time
between the sides. With packets locked to the connection interval no one-way method can know the offset: the stated
uncertainty says so.
""",
    "fault_scripts": """\
## Every sample once, or counted as lost

Two emulated load cells whose packets are dropped, doubled, delayed, overtaken and cut off by lost connections, by
random scripts; clocks that drift and start apart.
""",
    "kill_record": """\
## A recording that is killed

`glutebal record --simulate` is killed (`kill -9`) at random moments; the log is then opened and decoded, twice. A
packet comes every 0.19 s and is committed within 0.25 s.
""",
    "kill_log": """\
### The packet log alone
""",
    "throughput": """\
## How much a host takes in

Two emulated sensors through the front end of bleak, the link, the packet log and the decoder, in one process with the
emulator.
""",
    "history": """\
## A history of 10,000 sessions

50 athletes, 200 sessions each, 5 sets of 10 reps, in one SQLite file on a local disk; times of warm files. A trend is
asked of the sets' rollup, with the filter; the rows for pandas read a Parquet file that holds the same reps, one
measure and no intervals. The processor's own time does not depend on what else the machine was doing.
""",
    "orientation": """\
## Tilt of inertial sensors

Trials of BROAD (Laidig et al. 2021): one sensor turned by hand, its true orientation from cameras. The error is that of
the direction of *up* in the sensor, over the samples in movement; *future known* is what reports use. The first table
is at the sensor's own rate, the second with every three samples averaged. Holes of 50 ms are bridged; after one of
250 ms the filter begins anew, and only samples that are said to be trustworthy count. Heading is not measured without a
magnetometer: its drift is what the gyroscope leaves. `ahrs` runs with its defaults, in the same process.
""",
    "motion_angles": """\
## Joint angles, pelvic drop and lateral shift of simulated bodies

One set of 6 repetitions per recording, 5 recordings per exercise; pelvis, thighs and shanks carry sensors that are
askew by up to 30°, with gyroscope errors up to 1°/s that wander, noise, and soft tissue that follows the flexion (3
%) and swings after accelerations. Pelvic drops, shifts and frontal knee angles are drawn at random. Spans, mounts and
orientations are found from the recording; repetitions come from the simulation, each border moved by 100 ms (sd).
Errors are root mean squares over the whole set, changes of posture included, both legs together; *worst* is the worst
recording. *Planar*: hip flexion from gravity alone. *Within ±1.96 sd*: how often the stated uncertainty of the
abduction holds the truth. Without a bow the pelvis is calibrated by how it goes with the legs. The last table is one
set of 170 squats.

The targets (first table) are met by the pooled error of every exercise; single recordings miss two of them.
Abduction: two of 140, a hip thrust and a Thomas test, where the thigh is level and the 1 to 2° by which the
calibration's swings stray become abduction. Shift: 8 of 50, all in split squats and half-kneeling (up to 2.0 cm),
where the same error acts on a leg that reaches far; recordings of one seed share their calibration, and these have
two. Without a bow the drop in deep forward lean misses its target: 1.8°, at worst 3.6°. Knee frontal angles are for
changes only. A simulation knows no skin: see `explanation/angles.md`.
""",
    "motion_chain": """\
## What the motion chain costs

A simulated set of squats with its calibration: pelvis, thighs, shanks and feet. CPU time of one process, the least of
three runs; `gb.analyse` is everything from the channels to the intervals. *Online* is what runs during a set, fed in
packets: orientation of all seven, angles of hips, knees and pelvis, lateral shift, repetitions told as they end. `ahrs`
Madgwick with its defaults is timed on 6000 samples of one sensor and scaled to the seven.
""",
    "motion_online": """\
## Repetitions and angles while they happen

The recordings of the repetitions from motion, fed in packets of 50 ms. *Announced*: the person said what comes, 2 to
10 s before the first repetition of each set, with unracking and walking in between; a repetition is told as soon as it
looks like one. *Not announced*: a set is believed at its third repetition. *Within one repetition*: told no later after
its end than it took. *Withdrawn*: of all that was told, taken back later. When a set ends its repetitions are those
that are found afterwards in the same window, index by index. Angles: the live filter and the headings that are known so
far, beside what is found afterwards.
""",
    "real_bluez": """\
## The real Bluetooth daemon

Two emulated load cells, 150 packets of 242 bytes a second each for 20 s, over a virtual controller, the Linux kernel's
Bluetooth and the real `bluetoothd`; the left one dies once and comes back. In the second run `bluetoothd` is stopped
for 2 s: what its sockets cannot hold is lost, and counted.
""",
    "gait": """\
## Steps and strides

`gaitmap`: one person, 204.8 Hz foot sensors, reference stride borders (the push-off peak); spread over straight
strides. The first step from standing and the last before it are marked and, as in the reference, apart; the reference
border without a swing is the end of the last stride, where the foot only pivots. Markers: heel strike as the fall of
the heel's horizontal speed below 0.6 m/s, toe-off as the peak of the toe's vertical acceleration. `gaitpdb`: foot
contacts in the total force against the sixteen cells of the insoles. `mobgap`: an older adult, two straight walks and
one of daily activities; precision within the reference walking bouts. `qmt`: strides counted while standing, sitting,
getting up and about, and walking.

Simulated: 50 to 200 Hz, mounting up to 30° off, gyroscope bias, noise, soft tissue, steps and swings up to 14 %
uneven; events on the straights, spread within a leg of a walk (a constant offset is taken out), error of the swing
symmetry 200·(R−L)/(R+L) as mean absolute value. One such walk is 2 × 10 m, a run 2 × 40 m. Fast runs, stairs and
very slow walks are not for shank sensors (`explanation/gait.md`). Simulated bodies walk more regularly than
people: the smallest change one walk can tell is about 11 % in healthy people (`explanation/gait.md`).
""",
    "real_recordings": """\
## Real recordings

Recordings with a known fault or none. The four `biomechzoo` recordings each have unplugged electrodes: a ratio that
involves one is refused. In `HC036A10` the right gastrocnemius has the same RMS as the left, but it is two swings of the
amplifier to its rail over a flat line; the left hamstrings of `HC033A22` is one such swing. In
`poids_par_zone.csv` the insoles themselves mark 42 left and 17 right packets as lost (parts −1, motion "-"): they are
gaps.
""",
}


def run(name: str, python: str, arguments: Sequence[str]) -> None:
    """Run one benchmark and keep what it prints."""
    print(f"running {name} ...", flush=True)
    command = [python, str(HERE / f"{name}.py"), *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8")
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.md").write_text(done.stdout.strip() + "\n", encoding="utf-8")


def run_real_bluez(kit: str) -> None:
    """Both runs over bluetoothd; ``kit`` boots a kernel with a Bluetooth stack and runs the two halves in it."""
    kept = []
    for loss in ([], ["--stall", "2"]):
        script = [sys.executable, str(HERE / "real_bluez.py")]
        command = [kit, *script, "simulate", "--", "timeout", "100", *script, "stream", *loss]
        done = subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8", errors="replace")
        kept += [line for line in done.stdout.splitlines() if line.startswith("|")] + [""]
    (RESULTS / "real_bluez.md").write_text("\n".join(kept), encoding="utf-8")


def _arguments(name: str, data: str) -> list[str]:
    real = ["--data", data]
    return {"real_recordings": real, "orientation": real, "gait": real, "kill_log": ["--kills", "100"]}.get(name, [])


def page() -> str:
    """The page from the words above and the tables that are there."""
    sections = [INTRODUCTION]
    for name, words in PARTS.items():
        table = RESULTS / f"{name}.md"
        if table.exists():
            text = "\n" + table.read_text(encoding="utf-8")
            sections += [words, text.replace("\n## ", "\n### ").lstrip("\n")]
    return "\n".join(sections)


def main() -> None:
    """Run what was asked for and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", choices=list(PARTS), help="run these parts; none: only write the page")
    parser.add_argument("--data", help="folder of real recordings")
    parser.add_argument("--peers", default=sys.executable, metavar="PYTHON", help="interpreter that has the peers")
    parser.add_argument("--bluez", metavar="RUN", help="script that runs two programs in a kernel with Bluetooth")
    options = parser.parse_args()
    chosen = list(PARTS) if options.only is None else options.only
    for name in chosen:
        if name == "real_bluez":
            if options.bluez:
                run_real_bluez(options.bluez)
            continue
        python = options.peers if name == "peers" else sys.executable
        run(name, python, _arguments(name, options.data))
    PAGE.write_text(page(), encoding="utf-8")
    print(f"wrote {PAGE}")


if __name__ == "__main__":
    main()
