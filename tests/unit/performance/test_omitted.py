"""A dropped fact is gone from the note, and is listed, below, covered or unread."""

from __future__ import annotations

import pytest

from app.domain.draft import Claim, Omission
from app.domain.ids import ClaimId, SegmentId
from app.drafting.measures.facts import FactMatcher
from app.drafting.omissions import OmissionFinder
from tests.performance.omitted import FIRST, Drop, Dropper, tally
from tests.unit.drafting.speech import LEXICON, VISIT, transcript

DROPPER = Dropper(FactMatcher(LEXICON), OmissionFinder(LEXICON))
NOTE = [
    Claim(ClaimId(str(place)), text)
    for place, text in enumerate(
        (
            "Cough for 2 weeks.",
            "Allergic to penicillin.",
            "Has an allergy to penicillin.",
            "Smokes.",
        )
    )
]


def listed(text: str) -> Omission:
    return Omission("symptom", text, SegmentId("1"), "subjective")


def test_every_claim_that_holds_the_fact_is_taken_out_and_no_other() -> None:
    left = DROPPER.without(NOTE, "Penicillin allergy")
    assert [each.text for each in left] == ["Cough for 2 weeks.", "Smokes."]


def test_a_note_without_the_fact_stays_whole_and_makes_no_drop() -> None:
    assert DROPPER.without(NOTE, "Diabetes") == NOTE
    assert not list(DROPPER.drops("own", "v", transcript(VISIT), NOTE, ["Diabetes"]))


def test_a_dropped_allergy_comes_back() -> None:
    facts = ["Penicillin allergy", "Penicillin allergy"]
    (drop,) = DROPPER.drops("own", "v", transcript(VISIT), NOTE, facts)
    assert (drop.fate, drop.is_in_words, drop.half) == ("listed", True, 1)


@pytest.mark.parametrize(
    ("before", "fate"), [(0, "listed"), (FIRST - 1, "listed"), (FIRST, "below")]
)
def test_the_tenth_place_counts_and_the_eleventh_does_not(before: int, fate: str) -> None:
    lines = [listed("Headache.")] * before + [listed("Fever.")]
    assert DROPPER.fate("Fever", lines, lines) == fate


def test_what_only_the_full_list_tells_was_held_for_covered() -> None:
    assert DROPPER.fate("Fever", [], [listed("Fever.")]) == "covered"
    assert DROPPER.fate("Fever", [], [listed("Headache.")]) == "unread"


def test_halves_of_a_fact_in_two_lines_do_not_count() -> None:
    lines = [listed("Pain."), listed("Pronation.")]
    assert DROPPER.fate("Wrist pain on pronation", lines, []) == "unread"


def test_the_tally_gives_recall_of_all_and_of_what_was_said() -> None:
    drops = [
        Drop("v", 0, "own", "a", is_in_words=True, fate="listed", lines=4),
        Drop("v", 0, "own", "b", is_in_words=True, fate="below", lines=4),
        Drop("v", 0, "own", "c", is_in_words=False, fate="unread", lines=4),
    ]
    told = tally(drops)
    assert (told["n"], told["recall"], told["recall_in_words"]) == (3, 0.333, 0.5)
    assert (told["listed"], told["below"], told["covered"], told["unread"]) == (1, 1, 0, 1)
    assert told["lines"] == 4.0


def test_nothing_dropped_is_no_recall() -> None:
    assert tally([])["recall"] == 0.0
