"""Everyday words take the place of clinical ones and change nothing that could do harm."""

from __future__ import annotations

import pytest

from app.clinical.laterality import sided_words
from app.clinical.negation import Polarity, polarities
from app.drafting.plain_words import PlainWords
from app.foundation import paths

TABLE = paths.resources() / "lexicons" / "plain_words.tsv"
PLAIN = PlainWords.load(TABLE)
ROWS = [
    line.partition("\t")[::2]
    for line in TABLE.read_text("utf-8").splitlines()
    if not line.startswith("#")
]


@pytest.mark.parametrize(
    ("clinical", "plain"),
    [
        ("Dyspnea on exertion.", "Shortness of breath when active."),
        ("Start aspirin 81 mg q.d.", "Start aspirin 81 mg once a day"),
        ("No edema of the left leg.", "No swelling of the left leg."),
        ("Htn, controlled.", "High blood pressure, controlled."),
        ("A renal ultrasound.", "A kidney ultrasound."),
        ("Non-renal.", "Non-renal."),
        ("High blood pressure (hypertension).", "High blood pressure (hypertension)."),
    ],
)
def test_words_are_replaced_whole(clinical: str, plain: str) -> None:
    assert PLAIN.plain(clinical) == plain


def test_the_table_is_in_order_and_every_row_is_whole() -> None:
    assert all(hard and plain for hard, plain in ROWS)
    assert [hard for hard, _ in ROWS] == sorted({hard for hard, _ in ROWS})
    assert all(hard == hard.lower() for hard, _ in ROWS)


@pytest.mark.parametrize(("hard", "easy"), ROWS)
def test_no_row_changes_a_number_a_side_or_yes_and_no(hard: str, easy: str) -> None:
    for frame in ("{} of the left knee, 25 mg, for 3 weeks", "no {} today", "denies {}"):
        before, after = frame.format(hard), frame.format(easy)
        assert [c for c in before if c.isdigit()] == [c for c in after if c.isdigit()]
        sides = [[each.side for each in sided_words(text)] for text in (before, after)]
        assert sides[0] == sides[1]
        denied = [Polarity.NEGATED in polarities(text) for text in (before, after)]
        assert denied[0] == denied[1]
