"""Voices are put into groups: by nearness, weighed, never more than asked for."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine_host.voice_groups import Points, grouped, unit, voices


def around(center: int, count: int, spread: float, seed: int = 1) -> Points:
    """Points near one axis of the space."""
    noise = np.random.default_rng(seed).normal(0, spread / np.sqrt(192), (count, 192))
    noise[:, center] += 1
    return unit(noise.astype(np.float32))


def ones(points: Points) -> Points:
    return np.ones(len(points), np.float32)


def test_two_voices_become_two_groups() -> None:
    points = np.concatenate([around(0, 20, 0.8), around(1, 7, 0.8, 2)])
    labels, centers = voices(points, ones(points), 3)
    assert len(centers) == 2
    assert len(set(labels[:20])) == len(set(labels[20:])) == 1
    assert labels[0] != labels[-1]


def test_one_voice_stays_one_group_however_many_are_allowed() -> None:
    points = around(0, 30, 0.8)
    assert len(voices(points, ones(points), 4)[1]) == 1


def test_a_sound_too_short_is_no_voice_of_its_own() -> None:
    points = np.concatenate([around(0, 10, 0.5), around(1, 1, 0.5)])
    weights = ones(points)
    weights[-1] = 0.5
    assert len(voices(points, weights, 2)[1]) == 1


def test_the_order_of_the_groups_is_that_of_the_centers() -> None:
    points = np.concatenate([around(0, 5, 0.3), around(1, 5, 0.3)])
    labels, centers = grouped(points, ones(points), 2)
    assert (np.argmax(points @ centers.T, axis=1) == labels).all()


@settings(max_examples=40)
@given(st.integers(1, 12), st.integers(1, 4), st.integers(0, 9))
def test_every_point_has_a_group_and_every_center_length_1(n: int, most: int, seed: int) -> None:
    points = around(0, n, 3.0, seed)
    labels, centers = voices(points, ones(points), most)
    assert len(labels) == n
    assert 1 <= len(centers) <= most
    assert set(labels) <= set(range(len(centers)))
    assert np.allclose(np.linalg.norm(centers, axis=1), 1, atol=1e-5)
