"""Rotations as quaternions, shape (n, 4), w first; what `scipy.spatial.transform.Rotation` lacks or does slowly.

Everything works on whole arrays and broadcasts one quaternion against many. Angles in and out are in degrees where
the name says so. Quaternions turn sensor coordinates into world coordinates (see `glutebal.signal.motion`).
"""

from __future__ import annotations

import numpy as np

from glutebal.model import Samples

#: No rotation.
IDENTITY: Samples = np.array([1.0, 0.0, 0.0, 0.0])
#: The world's vertical.
UP: Samples = np.array([0.0, 0.0, 1.0])


def multiply(a: Samples, b: Samples) -> Samples:
    """The rotation ``b`` followed by the rotation ``a``; shapes (..., 4), broadcast."""
    aw, ax, ay, az = a[..., 0], a[..., 1], a[..., 2], a[..., 3]
    bw, bx, by, bz = b[..., 0], b[..., 1], b[..., 2], b[..., 3]
    product = np.empty(np.broadcast_shapes(a.shape, b.shape))
    product[..., 0] = aw * bw - ax * bx - ay * by - az * bz
    product[..., 1] = aw * bx + ax * bw + ay * bz - az * by
    product[..., 2] = aw * by - ax * bz + ay * bw + az * bx
    product[..., 3] = aw * bz + ax * by - ay * bx + az * bw
    return product


def conjugate(quats: Samples) -> Samples:
    """The inverse rotations, shape (..., 4)."""
    inverse: Samples = quats * np.array([1.0, -1.0, -1.0, -1.0])
    return inverse


def normalised(vectors: Samples) -> Samples:
    """Vectors or quaternions over their lengths, shape (..., k); one of no length becomes NaN."""
    lengths = np.sqrt(np.einsum("...i,...i->...", vectors, vectors))[..., None]
    unit: Samples
    if lengths.all():
        unit = vectors / lengths
    else:
        unit = np.divide(vectors, lengths, out=np.full(vectors.shape, np.nan), where=lengths > 0)
    return unit


def cross(a: Samples, b: Samples) -> Samples:
    """The vector product, shapes (..., 3), broadcast; three times as fast as NumPy's on a packet."""
    ax, ay, az = a[..., 0], a[..., 1], a[..., 2]
    bx, by, bz = b[..., 0], b[..., 1], b[..., 2]
    product = np.empty(np.broadcast_shapes(a.shape, b.shape))
    product[..., 0] = ay * bz - az * by
    product[..., 1] = az * bx - ax * bz
    product[..., 2] = ax * by - ay * bx
    return product


def rotate(quats: Samples, vectors: Samples) -> Samples:
    """``vectors``, shape (..., 3), turned by ``quats``, shape (..., 4)."""
    axis = quats[..., 1:]
    twice = 2 * cross(axis, vectors)
    return vectors + quats[..., :1] * twice + cross(axis, twice)


def of_rotation_vectors(vectors: Samples) -> Samples:
    """Rotations about the directions of ``vectors``, shape (..., 3), by their lengths in rad."""
    angle = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.concatenate([np.cos(angle / 2), 0.5 * np.sinc(angle / (2 * np.pi)) * vectors], axis=-1)


def between(a: Samples, b: Samples) -> Samples:
    """The shortest rotations that turn the directions ``a`` into ``b``, shapes (..., 3) -> (..., 4).

    Opposite directions have no shortest rotation: half a turn about some axis across.
    """
    a, b = np.broadcast_arrays(normalised(a), normalised(b))
    quats = np.concatenate([1 + np.sum(a * b, axis=-1, keepdims=True), cross(a, b)], axis=-1)
    opposite = quats[..., 0] < 1e-12
    if opposite.any():
        quats[opposite] = np.concatenate([np.zeros((int(opposite.sum()), 1)), _across(a[opposite])], axis=-1)
    return normalised(quats)


def about_z(angle_rad: Samples) -> Samples:
    """Rotations about the vertical, shape (...,) -> (..., 4)."""
    half, zero = np.asarray(angle_rad) / 2, np.zeros(np.shape(angle_rad))
    return np.stack([np.cos(half), zero, zero, np.sin(half)], axis=-1)


def running_product(steps: Samples) -> Samples:
    """Row k is ``steps[0] · steps[1] · … · steps[k]``, normalised; shape (n, 4).

    Rows are multiplied side by side in about √n blocks, so that the loop in Python is short.
    """
    n = len(steps)
    size = max(1, round(n**0.5))
    padded = np.concatenate([steps, np.tile(IDENTITY, (-n % size, 1))]).reshape(-1, size, 4)
    for j in range(1, size):
        padded[:, j] = multiply(padded[:, j - 1], padded[:, j])
    for i in range(1, len(padded)):
        padded[i] = multiply(padded[i - 1, -1], padded[i])
    return normalised(padded.reshape(-1, 4)[:n])


def matrices(quats: Samples) -> Samples:
    """Rotation matrices, shape (n, 4) -> (n, 3, 3); the columns are the sensor's axes in the world."""
    from scipy.spatial.transform import Rotation

    found: Samples = Rotation.from_quat(quats, scalar_first=True).as_matrix()
    return found


def of_matrices(turns: Samples) -> Samples:
    """Quaternions of rotation matrices, shape (..., 3, 3) -> (..., 4), with w ≥ 0."""
    from scipy.spatial.transform import Rotation

    found: Samples = Rotation.from_matrix(turns).as_quat(canonical=True, scalar_first=True)
    return found


def angle_deg(quats: Samples) -> Samples:
    """How far each rotation turns, 0 to 180°, shape (..., 4) -> (...,)."""
    angle: Samples = np.rad2deg(2 * np.arctan2(np.linalg.norm(quats[..., 1:], axis=-1), np.abs(quats[..., 0])))
    return angle


def up(quats: Samples) -> Samples:
    """The vertical in sensor coordinates, shape (n, 4) -> (n, 3): all that tilt is."""
    w, x, y, z = (quats[..., i] for i in range(4))
    return np.stack([2 * (x * z - w * y), 2 * (y * z + w * x), w * w - x * x - y * y + z * z], axis=-1)


def inclination_deg(a: Samples, b: Samples) -> Samples:
    """The angle between the verticals of two orientations, 0 to 180°: their difference without heading."""
    apart = up(a) - up(b)
    angle: Samples = np.rad2deg(2 * np.arcsin(np.minimum(np.linalg.norm(apart, axis=-1) / 2, 1.0)))
    return angle


def heading_of(quats: Samples) -> Samples:
    """The part of each rotation that turns about the vertical (its twist about z), as quaternions.

    A rotation by half a turn about a horizontal axis has none: the identity.
    """
    w, z = quats[..., 0], quats[..., 3]
    length = np.hypot(w, z)
    clear = length > 1e-9
    scale = np.where(clear, length, 1.0)
    zero = np.zeros_like(w)
    return np.stack([np.where(clear, w / scale, 1.0), zero, zero, np.where(clear, z / scale, 0.0)], axis=-1)


def heading_deg(quats: Samples) -> Samples:
    """The angle of `heading_of`, -180 to 180°, shape (..., 4) -> (...,)."""
    twist = heading_of(quats)
    angle: Samples = np.rad2deg(_wrapped(2 * np.arctan2(twist[..., 3], twist[..., 0])))
    return angle


def cardan_deg(quats: Samples) -> Samples:
    """Angles about y, then the turned x, then the twice turned z, shape (n, 4) -> (n, 3): the order of Wu et al. 2002.

    With axes x anterior, y left, z up the first is about the medio-lateral axis of the proximal segment, the second
    about the floating antero-posterior axis (-90 to 90°), the third about the long axis of the distal one. The
    rotations are those of the distal in the proximal segment. Signs are those of right-handed rotations, the same for
    both sides. At ±90° in the second the first and the third cannot be told apart: the third is then 0.
    """
    w, x, y, z = (quats[..., i] for i in range(4))
    sine = 2 * (w * x - y * z)
    locked = np.abs(sine) > 1 - 1e-12
    first = np.arctan2(2 * (x * z + w * y), w * w - x * x - y * y + z * z)
    third = np.arctan2(2 * (x * y + w * z), w * w - x * x + y * y - z * z)
    first = np.where(locked, _wrapped(2 * np.arctan2(y, w)), first)
    second = np.arcsin(np.clip(sine, -1.0, 1.0))
    angles: Samples = np.rad2deg(np.stack([first, second, np.where(locked, 0.0, third)], axis=-1))
    return angles


def of_cardan_deg(angles: Samples) -> Samples:
    """The inverse of `cardan_deg`: shape (n, 3) in degrees -> (n, 4)."""
    half = np.deg2rad(angles) / 2
    cos, sin = np.cos(half), np.sin(half)
    zero = np.zeros_like(cos[..., 0])
    first = np.stack([cos[..., 0], zero, sin[..., 0], zero], axis=-1)
    second = np.stack([cos[..., 1], sin[..., 1], zero, zero], axis=-1)
    third = np.stack([cos[..., 2], zero, zero, sin[..., 2]], axis=-1)
    return multiply(multiply(first, second), third)


def slerp(a: Samples, b: Samples, share: Samples) -> Samples:
    """From ``a`` (share 0) to ``b`` (share 1) along the shortest way; shapes (n, 4), (n, 4), (n,)."""
    step = multiply(conjugate(a), b)
    step = np.where(step[..., :1] < 0, -step, step)
    half = np.arctan2(np.linalg.norm(step[..., 1:], axis=-1), step[..., 0])
    axis = np.nan_to_num(normalised(step[..., 1:]))
    part = of_rotation_vectors(axis * (2 * half * np.asarray(share))[..., None])
    return multiply(a, part)


def _wrapped(angle: Samples) -> Samples:
    """To -π … π."""
    wrapped: Samples = np.remainder(angle + np.pi, 2 * np.pi) - np.pi
    return wrapped


def _across(a: Samples) -> Samples:
    """Some direction at a right angle to each of ``a``, shape (..., 3)."""
    smallest = np.argmin(np.abs(a), axis=-1)
    return cross(a, np.eye(3)[smallest])
