from __future__ import annotations

import pytest

from app.clinical.laterality import Side, sided_words
from app.clinical.wording import stem


@pytest.mark.parametrize(
    ("text", "side", "part"),
    [
        ("my right knee", Side.RIGHT, "knee"),
        ("pain on the left side of my chest", Side.LEFT, "chest"),
        ("left-sided chest pain", Side.LEFT, "chest"),
        ("both knees hurt", Side.BOTH, "knee"),
        ("bilateral ankle edema", Side.BOTH, "ankle"),
        ("in the right upper quadrant", Side.RIGHT, "quadrant"),
        ("I'm right handed", Side.RIGHT, "hand"),
        ("it hurts on the left", Side.LEFT, "hurt"),
        ("pain to the right", Side.RIGHT, "pain"),
        ("bilaterally", Side.BOTH, ""),
    ],
)
def test_a_side_is_found_with_its_part(text: str, side: Side, part: str) -> None:
    (found,) = sided_words(text)
    assert (found.side, found.stem) == (side, stem(part) if part else "")


@pytest.mark.parametrize(
    "text",
    [
        "all right", "right now", "that's right", "I left the house", "he left early", "right",
        "is that right?", "both parents are well", "it's right here", "my right now",
        "turn left later", "what is left",
    ],
)  # fmt: skip
def test_other_meanings_are_no_sides(text: str) -> None:
    assert sided_words(text) == ()
