r"""What the body does between the repetitions of a set: nothing. Sitting down now and then is no set of squats.

::

    a set     /\___/\___/\___/\        it stays as it is, or breathes
    a day     /\_~~^~_/\~^steps~_/\     it shifts its weight, walks, looks round
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from glutebal.model import Samples
from glutebal.signal.motion.excursions import SWAYED_RAD, Excursion

#: Between two repetitions the tilts may go this far, as a share of the repetition (or rad, for small ones) ...
STRAY = 0.12
STRAY_RAD = 0.08
#: ... in at least this share of the pauses of a set; in others one may have adjusted one's grip.
UNDISTURBED = 0.6
#: Or they go up to this far, as they do from one leg to the other, but in a rhythm: this many starts are apart by their
#: median within this share.
SHIFTED = 0.3
IN_RHYTHM = 3
RHYTHM = 0.25
#: ... or by twice that, where one was missed.
MISSED = 2
#: So many small ones are a set without it.
MANY = 5


def undisturbed(up: Samples, tries: Sequence[Excursion], *, named: bool = False) -> bool:
    """Whether most pauses between tries in time order (whole repetitions and failed ones) are pauses.

    Parameters
    ----------
    up : ndarray, shape (n, 3 · sensors)
        The tilts of all sensors.
    tries : sequence of Excursion
        Complete ones. One alone has no pause: True.
    named : bool
        Whether it is known which segments move, and that the others kept still in all tries.
    """
    if len(tries) < 2:
        return True
    size = float(np.median([one.size for one in tries]))
    change = np.median([one.change for one in tries], axis=0)
    strays = np.array([_stray(up[a.stop : b.start], change) for a, b in pairwise(tries)])
    still = strays <= max(STRAY * size, STRAY_RAD)
    if size < SWAYED_RAD and not named:  # sway itself comes and goes as far
        many = len(tries) >= MANY and bool(still.mean() >= UNDISTURBED)
        return many or _in_rhythm(tries, still)
    return bool(still.mean() >= UNDISTURBED) or _in_rhythm(tries, strays <= SHIFTED * size)


def _stray(up: Samples, change: Samples) -> float:
    """How far the body is at most from where the pause began, rad; trying the movement itself is not to stray."""
    if not len(up):
        return 0.0
    away = np.nan_to_num(up - up[0])
    tried = np.clip(away @ change / (change @ change), 0.0, 1.0)
    return float(np.linalg.norm(away - tried[:, None] * change, axis=1).max())


def _in_rhythm(tries: Sequence[Excursion], near: NDArray[np.bool_]) -> bool:
    """Whether repetitions begin at regular times with at most a shift of weight between them."""
    apart = np.diff([one.start for one in tries])
    beats = apart / np.median(apart)
    regular = np.abs(beats - np.clip(np.round(beats), 1, MISSED)) <= RHYTHM
    both = regular & near
    return int(both.sum()) >= IN_RHYTHM and bool(both.mean() >= UNDISTURBED)
