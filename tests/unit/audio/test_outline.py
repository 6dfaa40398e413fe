"""The shape of a sound in columns."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.audio.outline import Outline
from app.domain.ports import JournalAudio


def block(at_sample: int, *values: int, channels: int = 1) -> JournalAudio:
    return JournalAudio(at_sample, np.array(values, "<i2").tobytes(), channels)


def test_a_column_is_as_high_as_its_loudest_sample() -> None:
    outline = Outline(6, 2)
    outline.add([block(0, 100, -16_384, 0), block(4, 8_192, 1)])
    assert outline.peaks == (0.5, 0.0, 0.25)


def test_the_loudest_negative_sample_is_full_scale_and_two_channels_count_as_one() -> None:
    outline = Outline(2, 1)
    outline.add([block(0, 5, -32_768, 16_384, 0, channels=2)])
    assert outline.peaks == (1.0, 0.5)


def test_what_lies_behind_the_end_is_left_out() -> None:
    outline = Outline(3, 2)
    outline.add(
        [
            block(2, 16_384, 1, 32_767),
            block(9, 32_767),
            block(
                1,
            ),
        ]
    )
    assert outline.peaks == (0.0, 0.5)


@given(
    st.lists(st.integers(-32_768, 32_767), min_size=1, max_size=60),
    st.integers(1, 9),
    st.integers(1, 13),
)
def test_blocks_of_any_size_give_the_same_shape(values: list[int], width: int, length: int) -> None:
    outline = Outline(len(values), width)
    parts = range(0, len(values), length)
    outline.add(block(at, *values[at : at + length]) for at in parts)
    wanted = [
        min(1.0, max(abs(each) for each in values[at : at + width]) / 32_768)
        for at in range(0, len(values), width)
    ]
    assert list(outline.peaks) == wanted
