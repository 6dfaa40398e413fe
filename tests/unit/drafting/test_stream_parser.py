"""However an answer is cut into pieces, the same lines come out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.drafting.stream_parser import Grown, Line, NotDiscussed, Parsed, StreamParser

ANSWERS = [
    "- Chest pain since last night. [3, 5]\n- No fever. [7]\n",
    "not discussed",
    "- not discussed\n",
    "Subjective:\n* Cough [1][2]\n2. Fever [3-5]\n\n- [9]\n- Left arm [12, 14-15] hurts\n",
    "- BP 132/84 mmHg [4",
    "no dash at all",
]


def lines(found: list[Parsed]) -> list[Parsed]:
    return [each for each in found if not isinstance(each, Grown)]


def parse(*pieces: str) -> list[Parsed]:
    parser = StreamParser()
    found = [each for piece in pieces for each in parser.feed(piece)]
    return found + parser.finish()


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (ANSWERS[0], [Line("Chest pain since last night.", (3, 5)), Line("No fever.", (7,))]),
        ("not discussed", [NotDiscussed()]),
        ("- Not discussed.\n", [NotDiscussed()]),
        ("* Cough [1][2]\n", [Line("Cough", (1, 2))]),
        ("2) Fever [3-5]", [Line("Fever", (3, 4, 5))]),
        ("- Fever [3-500]", [Line("Fever", (3, 500))]),
        ("- Left arm [12] hurts. [12, 13]", [Line("Left arm hurts.", (12, 13))]),
        ("Plan:\n", []),
        ("- [9]\n- \n---\n", []),
        ("- No evidence given", [Line("No evidence given", ())]),
    ],
)
def test_an_answer_is_read(answer: str, expected: list[Parsed]) -> None:
    assert lines(parse(answer)) == expected


@given(st.sampled_from(ANSWERS) | st.text("- [](),.\nabN1239", max_size=60), st.data())
def test_any_cut_gives_the_same_lines(answer: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(answer)), max_size=8)))
    ends = [*cuts, len(answer)]
    pieces = [answer[a:b] for a, b in zip([0, *cuts], ends, strict=True)]
    assert lines(parse(*pieces)) == lines(parse(answer))


@given(st.sampled_from(ANSWERS))
def test_an_open_line_grows_and_never_shows_its_numbers(answer: str) -> None:
    shown = [each.text for each in parse(*answer) if isinstance(each, Grown)]
    assert all("[" not in each and "not disc" not in each for each in shown)


def test_the_open_line_is_shown_while_it_grows() -> None:
    parser = StreamParser()
    assert parser.feed("- Chest") == [Grown("Chest")]
    assert parser.feed("") == []
    assert parser.feed(" pain [1") == [Grown("Chest pain")]
    assert parser.feed("2]") == []
    assert parser.feed("\n- Fev") == [Line("Chest pain", (12,)), Grown("Fev")]
    assert parser.feed("er.\n- No") == [Line("Fever.", ())]  # it may become `not discussed`
    assert parser.feed(" pain") == [Grown("No pain")]


def test_a_line_that_was_cut_off_is_dropped_unless_its_numbers_came() -> None:
    parser = StreamParser()
    parser.feed("- Chest pain that")
    assert parser.finish(keep_open_line=False) == []
    parser.feed("- Chest pain [3]")
    assert parser.finish(keep_open_line=False) == [Line("Chest pain", (3,))]
