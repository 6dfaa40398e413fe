from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest

from app.clinical.quantities import agree, quantities
from app.clinical.wording import content_stems, word_count
from app.domain.draft import Owner, Section, Support
from app.domain.ids import SegmentId
from app.domain.transcript import Segment, SpeakerRole, Transcript
from app.drafting.checker import DeterministicChecker
from app.drafting.extractive import ExtractiveDrafter
from tests.unit.drafting.speech import LEXICON, ROUTER, SOAP, VISIT, transcript

DATA = Path(__file__).parents[4] / "shared" / "data"
DRAFTER = ExtractiveDrafter(LEXICON, ROUTER)


def texts(sections: tuple[Section, ...], key: str) -> str:
    return "\n".join(claim.text for each in sections if each.key == key for claim in each.claims)


@pytest.mark.parametrize("has_roles", [True, False])
def test_a_visit_is_filed_under_soap(has_roles: bool) -> None:
    sections = DRAFTER.draft(transcript(VISIT, has_roles=has_roles), SOAP)
    assert [each.key for each in sections] == [key for key, _ in SOAP]
    assert all(each.is_finished and each.engine == "extractive" for each in sections)
    subjective, objective = texts(sections, "subjective"), texts(sections, "objective")
    for fact in ("cough for two weeks", "lisinopril 20 mg", "penicillin", "pack a day", "father"):
        assert fact in subjective
    assert "murmur" in objective
    assert "132/84" in objective
    assert "bronchitis" in texts(sections, "assessment")
    assert "x-ray" in texts(sections, "plan")


def test_a_short_answer_is_written_with_its_question_and_both_segments() -> None:
    sections = DRAFTER.draft(transcript(VISIT), SOAP)
    claims = [claim for each in sections for claim in each.claims]
    fever = next(claim for claim in claims if "ever" in claim.text and "chills" in claim.text)
    assert fever.text == "Fever or chills? No."
    assert fever.evidence == ("3", "4")


@pytest.mark.parametrize("role", ["clinician", "patient", "unknown", "other"])
@pytest.mark.parametrize(
    "question",
    [
        "Any chest pain?",
        "Do you take warfarin for your heart?",
        "And you have any palpitations",
        "Have you ever had an allergic reaction to penicillin or another antibiotic at any time?",
    ],
)
def test_a_question_without_an_answer_is_not_written(role: str, question: str) -> None:
    said = (*VISIT, f"{role}: {question}", "clinician: Let me get the door.")
    note = "\n".join(
        claim.text for each in DRAFTER.draft(transcript(said), SOAP) for claim in each.claims
    )
    for word in ("chest pain", "warfarin", "palpitations", "allergic reaction"):
        assert word not in note.lower()


@pytest.mark.parametrize(
    ("asking", "answering"), [("clinician", "patient"), ("patient", "clinician")]
)
def test_a_question_is_written_with_its_answer_whoever_is_taken_for_whom(
    asking: str, answering: str
) -> None:
    said = (*VISIT, f"{asking}: Any palpitations?", f"{answering}: No.")
    sections = DRAFTER.draft(transcript(said), SOAP)
    claims = [each for section in sections for each in section.claims]
    (found,) = (each for each in claims if "alpitations" in each.text)
    assert found.text == "Palpitations? No."
    assert len(found.evidence) == 2


def test_greetings_thanks_and_consent_are_left_out() -> None:
    said = (
        "clinician: Is it okay if I record this visit with the AI scribe?",
        "patient: Yes, I consent to the recording of my chest pain visit.",
        *VISIT,
    )
    note = "\n".join(
        claim.text for each in DRAFTER.draft(transcript(said), SOAP) for claim in each.claims
    ).lower()
    for words in ("nice to meet", "good day", "record", "consent", "scribe"):
        assert words not in note


def test_fillers_and_repeats_are_cleaned() -> None:
    note = texts(DRAFTER.draft(transcript(VISIT), SOAP), "subjective")
    assert not re.search(r"\b(?:um|uh)\b|this this", note, re.IGNORECASE)


@pytest.mark.parametrize(
    "said",
    [(), ("patient: ",), ("unknown: Hello.",), ("unknown: thank you for watching",)],
    ids=["nothing", "blank", "one word", "too little"],
)
def test_too_little_speech_makes_no_claims(said: tuple[str, ...]) -> None:
    sections = DRAFTER.draft(transcript(said), SOAP)
    assert [each.claims for each in sections] == [(), (), (), ()]
    assert all(each.is_finished for each in sections)


def test_objective_stays_empty_when_nothing_was_examined() -> None:
    sections = DRAFTER.draft(transcript(VISIT[:12]), SOAP)
    assert texts(sections, "objective") == ""


def test_a_patient_never_states_an_examination() -> None:
    said = (
        *VISIT[:12],
        "patient: On exam my other doctor said there is a murmur and my lungs are clear.",
    )
    assert texts(DRAFTER.draft(transcript(said), SOAP), "objective") == ""


def test_every_claim_is_supported_by_segments_that_exist() -> None:
    visit = transcript(VISIT)
    checker = DeterministicChecker(LEXICON)
    ids = {segment.id for segment in visit.segments}
    for claim in (claim for each in DRAFTER.draft(visit, SOAP) for claim in each.claims):
        assert claim.support is Support.SUPPORTED
        assert claim.owner is Owner.MODEL
        assert claim.evidence
        assert set(claim.evidence) <= ids
        assert checker.check(claim, visit).support is Support.SUPPORTED


def test_words_and_numbers_come_from_the_evidence_alone() -> None:
    visit = transcript(VISIT)
    for claim in (claim for each in DRAFTER.draft(visit, SOAP) for claim in each.claims):
        said = " ".join(each.text for each in visit.segments if each.id in claim.evidence)
        told = quantities(claim.text)
        heard = quantities(said)
        assert all(any(agree(one, other) for other in heard) for one in told)
        words = {stem for stem in content_stems(claim.text) if stem.isalpha() and stem != "mg"}
        assert words <= set(content_stems(said))


def test_one_section_alone_is_what_the_whole_draft_has_there() -> None:
    visit = transcript(VISIT)
    whole = DRAFTER.draft(visit, SOAP)
    alone = DRAFTER.section(visit, "plan", "Plan")
    assert [each.text for each in alone.claims] == [each.text for each in whole[3].claims]


def test_finer_sections_are_filled_by_topic() -> None:
    sections = DRAFTER.draft(
        transcript(VISIT),
        [
            ("hpi", "History of present illness"),
            ("medications", "Medications"),
            ("allergies", "Allergies"),
            ("family", "Family history"),
            ("assessment_plan", "Assessment and plan"),
        ],
    )
    assert "penicillin" in texts(sections, "allergies")
    assert "father" in texts(sections, "family")
    assert "x-ray" in texts(sections, "assessment_plan")


def test_a_sentence_cut_by_the_recognizer_is_whole_again() -> None:
    visit = Transcript(
        (
            Segment(SegmentId("a"), "Well I don't think"),
            Segment(SegmentId("b"), "it is related to the chest pain or the lisinopril."),
        )
    )
    (claim,) = (claim for each in DRAFTER.draft(visit, SOAP) for claim in each.claims)
    assert "don't think it is related" in claim.text
    assert claim.evidence == ("a", "b")


def test_ninety_minutes_take_less_than_five_seconds() -> None:
    words = 15_000
    rounds = words // sum(word_count(line) for line in VISIT)
    said = [
        line.replace("two weeks", f"{each + 2} weeks") for each in range(rounds) for line in VISIT
    ]
    started = time.thread_time()
    DRAFTER.draft(transcript(said), SOAP)
    assert time.thread_time() - started < 5.0


def test_a_long_visit_gives_less_than_half_its_words() -> None:
    fresh = [
        f"patient: My knee number {each} started hurting {each} days ago." for each in range(90)
    ]
    visit = transcript(fresh)
    note = "\n".join(claim.text for each in DRAFTER.draft(visit, SOAP) for claim in each.claims)
    assert 0 < word_count(note) <= 0.45 * visit.word_count


@pytest.mark.skipif(not DATA.exists(), reason="the development data is not beside the repository")
def test_unpunctuated_recognizer_text_is_drafted_without_roles() -> None:
    visits = json.loads((DATA / "primock57.json").read_text("utf-8"))
    text = next(row for row in visits if row["id"] == "day1_consultation10")["asr"]
    words = text["groq-whisper-large-v3-turbo"].split()
    parts = [" ".join(words[first : first + 30]) for first in range(0, len(words), 30)]
    visit = Transcript(
        tuple(Segment(SegmentId(str(n)), part, SpeakerRole.UNKNOWN) for n, part in enumerate(parts))
    )
    note = "\n".join(claim.text for each in DRAFTER.draft(visit, SOAP) for claim in each.claims)
    for fact in ("clindamycin", "IBS", "pink", "week", "pill", "urine sample"):
        assert fact in note
