"""Put voices into groups: points on a sphere, few groups, some points weigh more. Pure."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float32]
Labels = npt.NDArray[np.intp]
SAME_VOICE: Final = 0.70
"""Centers closer than this are one voice. Speech of one person in the OSCE recordings and LibriVox,
split into two large groups: 0.76 and more; minutes of two people: 0.62 and less."""
_ROUNDS: Final = 30
_TRIES: Final = 6
_LEAST_VOICE: Final = 2.0
"""Weight, in seconds of speech, that a voice needs beside others."""


def unit(point: Points) -> Points:
    """Return a point, or rows of points, at length 1; zero stays zero."""
    length = np.linalg.norm(point, axis=-1, keepdims=True)
    found: Points = (point / np.maximum(length, 1e-9)).astype(np.float32)
    return found


def grouped(points: Points, weights: Points, most: int) -> tuple[Labels, Points]:
    """Sort points into exactly `most` groups (fewer only when points are): spherical k-means.

    Args:
        points: of length 1, shape (n, 192), n >= 1.
        weights: how much each counts, shape (n,), above 0.
        most: number of groups, at least 1.

    Returns:
        The group of each point, and the centers: the best of some tries that begin with heavy
        points far apart.
    """
    heavy = np.argsort(-weights, kind="stable")[:_TRIES]
    tries = []
    for begin in points[heavy]:
        centers = begin[None]
        while len(centers) < min(most, len(points)):
            distance = 1 - (points @ centers.T).max(axis=1)
            centers = np.vstack([centers, points[int(np.argmax(distance * weights))]])
        tries.append(_rested(points, weights, centers))
    return max(tries, key=lambda each: _fit(points, weights, each[1]))


def voices(points: Points, weights: Points, most: int) -> tuple[Labels, Points]:
    """Sort points into at most `most` voices: groups that are one voice are joined.

    Arguments and result are those of `grouped`.
    """
    labels, centers = grouped(points, weights, most)
    while len(centers) > 1:
        gone = _superfluous(labels, weights, centers)
        if gone is None:
            break
        labels, centers = _rested(points, weights, np.delete(centers, gone, axis=0))
    return labels, centers


def _rested(points: Points, weights: Points, centers: Points) -> tuple[Labels, Points]:
    """Move centers to the middle of their points until no point changes its group."""
    labels = np.argmax(points @ centers.T, axis=1)
    for _ in range(_ROUNDS):
        centers = _moved(points, weights, labels, centers)
        now = np.argmax(points @ centers.T, axis=1)
        if (now == labels).all():
            break
        labels = now
    return labels, centers


def _fit(points: Points, weights: Points, centers: Points) -> float:
    return float(((points @ centers.T).max(axis=1) * weights).sum())


def _moved(points: Points, weights: Points, labels: Labels, centers: Points) -> Points:
    """Return the weighted middle of each group; an empty group stays where it was."""
    found = centers.copy()
    for group in range(len(centers)):
        mine = labels == group
        if mine.any():
            found[group] = unit((points[mine] * weights[mine, None]).sum(axis=0))
    return found


def _superfluous(labels: Labels, weights: Points, centers: Points) -> int | None:
    """Return a group that is no voice of its own: one of two alike, or one with too little."""
    near = np.triu(centers @ centers.T, 1)
    if near.max() >= SAME_VOICE:
        return int(np.unravel_index(int(np.argmax(near)), near.shape)[1])
    shares = np.array([weights[labels == group].sum() for group in range(len(centers))])
    least = int(np.argmin(shares))
    return least if shares[least] < _LEAST_VOICE else None
