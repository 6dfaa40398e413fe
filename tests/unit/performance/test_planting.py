"""Planted conflicts are changed sentences whose new value nobody said."""

from __future__ import annotations

from app.domain.ids import SegmentId
from app.domain.transcript import Segment, SpeakerRole, Transcript
from tests.performance.originals import Original, said_at
from tests.performance.planting import COMMON, Planter, is_spoken, numbers_said, sides_said
from tests.unit.drafting.speech import LEXICON

SAID = "I take lisinopril twenty milligrams, all right. My left knee hurts for three weeks."


def original(text: str) -> Original:
    made = Transcript((Segment(SegmentId("1"), SAID, SpeakerRole.PATIENT),))
    return Original("test", "v", 0, text, made, said_at(made))


def test_each_kind_changes_its_own_value() -> None:
    planter = Planter(LEXICON, COMMON)
    told = original("She reports left knee pain for 3 weeks and takes lisinopril 20 mg.")
    found = {each.kind: each for each in planter.plant(told)}
    assert {"dose", "side", "drug", "date", "negation", "allergy"} <= set(found)
    assert "right knee" in found["side"].text
    assert "denies" in found["negation"].text
    assert float(found["dose"].put) not in numbers_said(told.said)


def test_a_fact_of_the_chart_is_no_original() -> None:
    assert is_spoken(original("Left knee pain for 3 weeks."), LEXICON)
    assert not is_spoken(original("Left knee pain for 5 weeks."), LEXICON)
    assert not is_spoken(original("Takes metformin."), LEXICON)
    assert not is_spoken(original("Right knee pain."), LEXICON)


def test_all_right_is_no_side() -> None:
    assert sides_said(SAID.lower()) == {"left"}
