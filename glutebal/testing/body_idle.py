"""What lies around the sets: fidgeting, sitting, some steps away and back, stepping out with a bar."""

from __future__ import annotations

import numpy as np

from glutebal.model import Side
from glutebal.testing.body_chain import settled
from glutebal.testing.body_moves import lowered
from glutebal.testing.body_plan import BodyPlan
from glutebal.testing.body_pose import Pose
from glutebal.testing.body_scene import Scene
from glutebal.testing.body_steps import Pace, about_turn
from glutebal.testing.body_travel import stroll, walking_stand
from glutebal.testing.body_truth import Span


def rest(scene: Scene, plan: BodyPlan, seconds: float, rng: np.random.Generator) -> None:
    """Idle: weight from one leg to the other, a look around, some steps away and back."""
    start, walked = scene.time_s, False
    scene.go(walking_stand(), 1.0)
    while scene.time_s - start < seconds - 5:
        if not walked and seconds - (scene.time_s - start) > 25:
            _wander(scene, plan, rng)
        elif rng.random() < 0.06:
            scene.go(_sitting(), rng.uniform(1.3, 2.0))
            scene.wait(rng.uniform(2.0, 10.0))
            scene.go(walking_stand(), rng.uniform(1.3, 2.0))
        else:
            scene.go(_fidget(plan, rng), rng.uniform(0.7, 2.0))
            scene.wait(rng.uniform(0.3, 3.0))
        walked = rng.random() < 0.8
    scene.go(walking_stand(), 1.2)
    scene.wait(max(seconds - (scene.time_s - start), 0.0))
    scene.notes.idle.append(Span(start, scene.time_s))


def _sitting() -> Pose:
    return walking_stand().with_(x=-0.42, z=0.50, tilt=-8.0).both(pole_x=0.8, pole_z=0.6)


def _fidget(plan: BodyPlan, rng: np.random.Generator) -> Pose:
    sideways = rng.uniform([-0.06, -4, -20], [0.06, 4, 20]) * (1 if plan.first is Side.RIGHT else -1)
    pose = walking_stand().with_(tilt=rng.uniform(-5, 12), obliquity=sideways[1], yaw=sideways[2])
    return settled(pose.with_(right=sideways[0], z=pose.z - rng.choice([0.0, 0.0, 0.05])))


def _wander(scene: Scene, plan: BodyPlan, rng: np.random.Generator) -> None:
    """Some steps away, a turn and back, and another turn."""
    n = int(rng.integers(3, 7))
    left = (rng.random() < 0.5) == (plan.first is Side.RIGHT)
    for _ in range(2):
        stroll(scene, [Pace(0.45)] * n, plan.first, rng)
        scene.wait(rng.uniform(0.3, 2.0))
        stroll(scene, about_turn(left=left), plan.first, rng)
        scene.wait(rng.uniform(0.3, 1.5))


def walk_out(scene: Scene, plan: BodyPlan, rng: np.random.Generator) -> None:
    """Under the bar, knees and hips bent, up with it, and two or three steps back."""
    scene.go(walking_stand(), 1.0)
    scene.go(lowered(walking_stand(), x=-0.05, z=0.80, tilt=12.0, pole_out=0.15), 1.0)
    scene.wait(0.8)
    scene.go(walking_stand(), 0.9)
    scene.wait(0.5)
    stroll(scene, [Pace(-0.22)] * int(rng.integers(2, 4)), plan.first, rng)
    scene.wait(0.8)
