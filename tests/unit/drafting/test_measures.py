from __future__ import annotations

import pytest

from app.domain.draft import Claim
from app.domain.ids import ClaimId, SegmentId
from app.domain.transcript import Segment, SpeakerRole, Transcript
from app.drafting.checker import DeterministicChecker
from app.drafting.measures.cases import (
    Case,
    ExpectedOrder,
    Fact,
    LabelledStatement,
    NoteText,
)
from app.drafting.measures.facts import FactMatcher
from app.drafting.measures.filed import HOMES, filed_words
from app.drafting.measures.orders import OrderReader
from app.drafting.measures.rouge import rouge
from app.drafting.measures.scoring import Scorer, copied, note_sentences, person_note
from tests.unit.drafting.speech import LEXICON

MATCHER = FactMatcher(LEXICON)
SCORER = Scorer(LEXICON, DeterministicChecker(LEXICON))


def note(*sections: tuple[str, tuple[tuple[str, str], ...]]) -> NoteText:
    """Return a note of (key, ((claim, segment), ...))."""
    return NoteText(
        tuple(
            (
                key,
                key.title(),
                tuple(
                    Claim(ClaimId(f"{key}{number}"), text, (SegmentId(segment),))
                    for number, (text, segment) in enumerate(claims)
                ),
            )
            for key, claims in sections
        )
    )


def spoken(*lines: str) -> Transcript:
    roles = {"d": SpeakerRole.CLINICIAN, "p": SpeakerRole.PATIENT}
    return Transcript(
        tuple(
            Segment(SegmentId(str(number)), line[3:], roles[line[0]])
            for number, line in enumerate(lines, 1)
        )
    )


# figures of the package rouge-score 0.1.2, use_stemmer=False
@pytest.mark.parametrize(
    ("written", "wanted", "one", "two", "lsum"),
    [
        (
            "No fever.\nCough for 2 weeks, dry; worse at night.",
            "Dry cough for two weeks.\nThe cough is worse at night.\nNo fever or chills.",
            0.72, 0.34782608695652173, 0.64,
        ),
        (
            "the cat the cat sat", "the cat sat on the mat\nthe cat",
            0.7692307692307693, 0.5454545454545454, 0.7692307692307693,
        ),
        ("", "something", 0.0, 0.0, 0.0),
    ],
)  # fmt: skip
def test_rouge_is_that_of_the_usual_package(
    written: str, wanted: str, one: float, two: float, lsum: float
) -> None:
    found = rouge(written, wanted)
    assert found["1"] == pytest.approx(one)
    assert found["2"] == pytest.approx(two)
    assert found["Lsum"] == pytest.approx(lsum)


@pytest.mark.parametrize(
    ("fact", "lines"),
    [
        ("No fever", ["Any fever? No."]),
        ("Breathless", ["She gets short of breath on the stairs."]),
        ("4 days", ["It started four days ago."]),
        ("bad/severe", ["The headache is severe."]),
        ("NKDA", ["No known allergies."]),
        ("lower abdominal pain", ["Pain at the bottom of my tummy."]),
        ("burning when passing urine", ["It burns.", "When I pass urine."]),
    ],
)
def test_a_fact_is_held_however_it_is_worded(fact: str, lines: list[str]) -> None:
    assert MATCHER.holds(MATCHER.note(lines), fact)


@pytest.mark.parametrize(
    ("fact", "lines"),
    [
        ("No fever", ["He has a fever and a cough."]),
        ("Fever", ["No fever, no chills."]),
        ("4 days", ["It started two weeks ago."]),
        ("Left knee pain", ["My right knee hurts."]),
        ("Clindamycin allergy", ["Allergic to penicillin."]),
        ("Rash on both arms", ["Cough.", "Fever.", "Headache.", "No rash."]),
        ("", ["Anything at all."]),
        ("No fever", []),
    ],
)
def test_a_fact_is_not_held_by_its_opposite_or_by_nothing(fact: str, lines: list[str]) -> None:
    assert not MATCHER.holds(MATCHER.note(lines), fact)


def test_orders_are_counted_once_and_with_their_place() -> None:
    reader = OrderReader(LEXICON, MATCHER)
    written = note(
        (
            "plan",
            (
                ("Start lisinopril 20 mg daily.", "3"),
                ("Order a chest x-ray.", "4"),
                ("Come back in two weeks.", "9"),
                ("Take ibuprofen for the pain.", "5"),
            ),
        ),
        ("subjective", (("My father takes metformin.", "1"),)),
    )
    expected = [
        ExpectedOrder("medication", "lisinopril twenty milligrams", frozenset({"3"})),
        ExpectedOrder("imaging", "chest x-ray", frozenset({"4", "6"})),
        ExpectedOrder("followup", "come back two weeks", frozenset({"8"})),
        ExpectedOrder("lab", "hemoglobin a1c", frozenset({"7"})),
    ]
    counts = reader.count(written, expected)
    assert counts["medication"] == (1, 1, 2, 1)  # ibuprofen is one too many, metformin no order
    assert counts["imaging"] == (1, 1, 1, 1)
    assert counts["followup"] == (1, 0, 1, 1)  # right order, other place
    assert counts["lab"] == (0, 0, 0, 1)


def test_words_are_filed_where_a_header_is_at_home() -> None:
    written = note(
        ("medications", (("Lisinopril twenty milligrams daily", "1"),)), ("plan", (("Rest", "2"),))
    )
    assert filed_words(written, "MEDICATIONS") == (4, 5)
    assert filed_words(written, "ALLERGY") == (0, 5)
    assert filed_words(NoteText(()), "PLAN") == (0, 0)
    assert len(HOMES) == 20


def test_a_note_is_scored_before_and_after_the_gate() -> None:
    said = spoken(
        "d: Do you have any fever?", "p: No, no fever.", "d: What do you take?",
        "p: I take lisinopril 20 mg every day.", "p: The weather is nice.",
    )  # fmt: skip
    case = Case(
        "primock57", "reference", "", said, note="Takes lisinopril 20 mg daily. No fever at all.",
        facts=(Fact("No fever", True), Fact("lisinopril 20mg", True), Fact("Asthma", False)),
    )  # fmt: skip
    draft = note(
        (
            "subjective",
            (("No fever.", "2"), ("Takes lisinopril 80 mg every day.", "4"), ("Nice.", "5")),
        )
    )
    figures = SCORER.score(case, SCORER.checked(case, draft))
    assert (figures["critical_held"], figures["critical"], figures["facts"]) == (1, 2, 3)
    assert figures["unsupported"] >= 1  # 80 mg was not said
    assert figures["blocking"] >= 1
    assert figures["shipped_unsupported"] == 0
    assert figures["shipped"] == figures["claims"] - figures["blocking"]
    assert figures["empty"] == 1
    assert 0 < figures["rouge1"] < 1
    assert figures["said"] == said.word_count


def test_the_baselines_are_what_their_names_say() -> None:
    said = spoken("d: Any fever? Any cough?", "p: No.")
    assert [each.text for each in copied(said, "hpi", "").claims] == [
        "Any fever?", "Any cough?", "No.",
    ]  # fmt: skip
    assert copied(said, "hpi", "").claims[1].evidence == (SegmentId("1"),)
    assert len(person_note("No fever. Cough.\nPLAN\nRest.", "plan").claims) == 4
    assert note_sentences("CHIEF COMPLAINT\nAnnual exam.\nShe has had a cough for weeks.") == (
        "She has had a cough for weeks.",
    )


def test_the_checker_is_judged_beside_bare_words() -> None:
    said = spoken("p: I have had a cough for two weeks.", "d: Any fever?", "p: No.")
    wrong = SCORER.judge(LabelledStatement(said, "Fever for two weeks.", is_wrong=True))
    right = SCORER.judge(LabelledStatement(said, "Cough for two weeks.", is_wrong=False))
    assert (wrong["flagged"], wrong["caught"], wrong["wrong"]) == (True, True, True)
    assert (right["flagged"], right["caught"], right["wrong"]) == (False, False, False)
    assert wrong["bare_flagged"] is False  # every word was said
