"""Rotations of many samples at once: matrices (n, 3, 3) from segment to world coordinates, quaternions w first."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from glutebal.model import Samples


def turn_x(angle_rad: ArrayLike) -> Samples:
    """Rotation about x (anterior), shape (n, 3, 3)."""
    return _about(angle_rad, 0)


def turn_y(angle_rad: ArrayLike) -> Samples:
    """Rotation about y (left), shape (n, 3, 3): a positive angle tips the top forwards."""
    return _about(angle_rad, 1)


def turn_z(angle_rad: ArrayLike) -> Samples:
    """Rotation about z (up), shape (n, 3, 3): a positive angle turns to the left."""
    return _about(angle_rad, 2)


def _about(angle_rad: ArrayLike, axis: int) -> Samples:
    angle = np.atleast_1d(np.asarray(angle_rad, dtype=np.float64))
    a, b = (axis + 1) % 3, (axis + 2) % 3
    out = np.zeros((angle.size, 3, 3))
    out[:, axis, axis] = 1.0
    out[:, a, a] = out[:, b, b] = np.cos(angle)
    out[:, b, a] = np.sin(angle)
    out[:, a, b] = -out[:, b, a]
    return out


def yxz(first_rad: ArrayLike, second_rad: ArrayLike, third_rad: ArrayLike) -> Samples:
    """Turn about y, then the new x, then the new z: the order of the joint angles (Wu et al. 2002)."""
    return turn_y(first_rad) @ turn_x(second_rad) @ turn_z(third_rad)


def yxz_angles(rotation: Samples) -> tuple[Samples, Samples, Samples]:
    """The three angles of `yxz` in rad; the first and third lose their meaning at a second of ±90°."""
    second = -np.arcsin(np.clip(rotation[:, 1, 2], -1, 1))
    return (
        np.arctan2(rotation[:, 0, 2], rotation[:, 2, 2]),
        second,
        np.arctan2(rotation[:, 1, 0], rotation[:, 1, 1]),
    )


def apply(rotation: Samples, vectors: ArrayLike) -> Samples:
    """Rotate one vector (3,) or one per sample (n, 3)."""
    v = np.broadcast_to(np.asarray(vectors, dtype=np.float64), (rotation.shape[0], 3))
    return np.asarray((rotation @ v[:, :, None])[:, :, 0])


def transposed(rotation: Samples) -> Samples:
    """The inverse rotations."""
    return np.swapaxes(rotation, 1, 2)


def unit(vectors: Samples) -> Samples:
    """Vectors (n, 3) of length 1."""
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def frame(along: Samples, towards: Samples) -> Samples:
    """Orthonormal axes as columns: the first along ``along``, the second as near to ``towards`` as it can be."""
    first = unit(along)
    second = unit(towards - np.sum(towards * first, axis=1, keepdims=True) * first)
    return np.stack([first, second, np.cross(first, second)], axis=2)


def rotation_vector(rotation: Samples) -> Samples:
    """Axis times angle (n, 3) in rad of rotations by less than 180°."""
    skew = np.stack(
        [
            rotation[:, 2, 1] - rotation[:, 1, 2],
            rotation[:, 0, 2] - rotation[:, 2, 0],
            rotation[:, 1, 0] - rotation[:, 0, 1],
        ],
        axis=1,
    )
    sine = 0.5 * np.linalg.norm(skew, axis=1)
    cosine = 0.5 * (np.trace(rotation, axis1=1, axis2=2) - 1)
    angle = np.arctan2(sine, cosine)
    scale = np.where(sine > 1e-9, angle / np.where(sine > 1e-9, 2 * sine, 1.0), 0.5)
    return np.asarray(skew * scale[:, None])


def from_rotation_vector(vectors: Samples) -> Samples:
    """Rotation matrices (n, 3, 3) of axis times angle (n, 3) in rad (Rodrigues)."""
    angle = np.linalg.norm(vectors, axis=1)
    half = np.sinc(angle / (2 * np.pi)) ** 2 / 2
    skew = np.zeros((len(vectors), 3, 3))
    skew[:, 2, 1], skew[:, 0, 2], skew[:, 1, 0] = vectors.T
    skew -= transposed(skew)
    return np.asarray(np.eye(3) + np.sinc(angle / np.pi)[:, None, None] * skew + half[:, None, None] * (skew @ skew))


def quaternions(rotation: Samples) -> Samples:
    """Unit quaternions (n, 4), w first, without jumps of sign from one sample to the next."""
    m = rotation
    squares = np.stack(
        [
            1 + m[:, 0, 0] + m[:, 1, 1] + m[:, 2, 2],
            1 + m[:, 0, 0] - m[:, 1, 1] - m[:, 2, 2],
            1 - m[:, 0, 0] + m[:, 1, 1] - m[:, 2, 2],
            1 - m[:, 0, 0] - m[:, 1, 1] + m[:, 2, 2],
        ],
        axis=1,
    )
    rows = _quaternion_rows(m, squares)
    best = np.argmax(squares, axis=1)
    q = rows[best, np.arange(len(m))]
    q = q / np.linalg.norm(q, axis=1, keepdims=True)
    flips = np.cumprod(np.where(np.sum(q[1:] * q[:-1], axis=1) < 0, -1.0, 1.0))
    return np.asarray(q * np.concatenate([[1.0], flips])[:, None])


def _quaternion_rows(m: Samples, squares: Samples) -> Samples:
    x, y, z = m[:, 2, 1] - m[:, 1, 2], m[:, 0, 2] - m[:, 2, 0], m[:, 1, 0] - m[:, 0, 1]
    xy, xz, yz = m[:, 0, 1] + m[:, 1, 0], m[:, 0, 2] + m[:, 2, 0], m[:, 1, 2] + m[:, 2, 1]
    w2, x2, y2, z2 = squares.T
    rows = [[w2, x, y, z], [x, x2, xy, xz], [y, xy, y2, yz], [z, xz, yz, z2]]
    return np.stack([np.stack(row, axis=1) for row in rows])


def random_turns(rng: Any, largest_deg: float) -> Samples:
    """One rotation (3, 3) about a random axis by a random angle up to ``largest_deg``."""
    axis = rng.normal(size=3)
    vector = axis / np.linalg.norm(axis) * np.radians(rng.uniform(0, largest_deg))
    return np.asarray(from_rotation_vector(vector[None])[0])
