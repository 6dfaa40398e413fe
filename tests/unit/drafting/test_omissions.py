from __future__ import annotations

from app.domain.draft import Claim
from app.domain.ids import ClaimId, SegmentId
from app.drafting.extractive import ExtractiveDrafter
from app.drafting.omissions import MOST, OmissionFinder
from tests.unit.drafting.speech import LEXICON, ROUTER, SOAP, VISIT, transcript

FINDER = OmissionFinder(LEXICON)


def claims(*texts: str) -> list[Claim]:
    return [Claim(ClaimId(str(number)), text) for number, text in enumerate(texts)]


def test_without_a_note_every_harmful_fact_is_listed_worst_first() -> None:
    found = FINDER.find(transcript(VISIT), [])
    assert [each.kind for each in found[:2]] == ["allergy", "drug"]
    assert {each.kind for each in found} >= {"vital", "symptom", "order"}
    assert [each.harm for each in found] == sorted((each.harm for each in found), reverse=True)


def test_an_omission_says_where_it_was_said_and_where_it_belongs() -> None:
    found = {each.kind: each for each in FINDER.find(transcript(VISIT), [])}
    assert (found["allergy"].segment, found["allergy"].section) == ("8", "subjective")
    assert (found["vital"].segment, found["vital"].section) == ("14", "objective")
    assert (found["order"].segment, found["order"].section) == ("16", "plan")


def test_a_note_that_says_it_closes_the_omission() -> None:
    note = claims(
        "Allergic to penicillin.", "Lisinopril 20 mg daily.", "No fever or chills.",
        "Cough for 2 weeks with chest pain.", "BP 132/84.",
    )  # fmt: skip
    kinds = {each.kind for each in FINDER.find(transcript(VISIT), note)}
    assert not kinds & {"allergy", "drug", "vital"}


def test_another_dose_does_not_cover_a_dose() -> None:
    found = FINDER.find(transcript(VISIT), claims("Lisinopril 40 mg daily."))
    assert any("lisinopril" in each.text for each in found)


def test_an_affirmed_symptom_is_not_covered_by_its_denial() -> None:
    found = FINDER.find(
        transcript(["patient: I have had vomiting all day."]), claims("No vomiting.")
    )
    assert [each.kind for each in found] == ["symptom"]


def test_the_extractive_note_leaves_little_out() -> None:
    visit = transcript(VISIT)
    drafted = ExtractiveDrafter(LEXICON, ROUTER).draft(visit, SOAP)
    found = FINDER.find(visit, [claim for each in drafted for claim in each.claims])
    assert [each for each in found if each.harm >= 60] == []


def test_the_list_is_bounded_and_without_repeats() -> None:
    names = ["lisinopril", "metformin", "ibuprofen", "aspirin", "warfarin"]
    said = [f"patient: I take {name} {dose} mg a day." for name in names for dose in range(1, 9)]
    found = FINDER.find(transcript([*said, *said]), [])
    assert len(found) == MOST
    assert len({each.text for each in found}) == MOST


def test_silence_omits_nothing() -> None:
    assert FINDER.find(transcript([]), []) == ()


def test_consent_is_never_offered_for_the_note() -> None:
    said = ["clinician: Do you consent to be recorded about your chest pain?", "patient: Yes."]
    assert FINDER.find(transcript(said), []) == ()


def test_segments_of_omissions_exist() -> None:
    visit = transcript(VISIT, has_roles=False)
    ids = {each.id for each in visit.segments}
    assert all(SegmentId(each.segment) in ids for each in FINDER.find(visit, []))


def kinds_of(*said: str, note: tuple[str, ...] = ()) -> list[str]:
    return [each.kind for each in FINDER.find(transcript(said), claims(*note))]


def test_a_denial_that_was_asked_for_ranks_above_one_that_came_up() -> None:
    said = ["patient: I have no cough.", "clinician: Any fever?", "patient: No."]
    assert [each.text for each in FINDER.find(transcript(said), [])] == [
        "Fever? No.",
        "I have no cough.",
    ]


def test_illness_in_the_family_is_a_fact_of_its_own() -> None:
    assert kinds_of("clinician: Any diabetes in the family?", "patient: Yes, my dad.") == [
        "condition"
    ]
    said = ["clinician: Does anything run in your family?", "patient: My dad takes medicine."]
    assert kinds_of(*said) == ["family"]


def test_a_class_of_medicines_is_one_only_from_the_patient() -> None:
    assert kinds_of("patient: I take the combined pill.") == ["drug"]
    assert kinds_of("clinician: Many women take the combined pill.") == []


def test_an_answer_with_clinical_words_is_history() -> None:
    said = ("clinician: When was your last period?", "patient: Two weeks ago.")
    assert kinds_of(*said) == ["history"]
    assert kinds_of(*said, note=("Last period 2 weeks ago.",)) == []


def test_an_answer_that_asks_back_tells_nothing() -> None:
    assert kinds_of("clinician: When was your last period?", "patient: My what, sorry?") == []


def test_what_happens_to_people_was_not_omitted() -> None:
    assert kinds_of("clinician: Some people with this can sometimes feel suicidal.") == []
    assert kinds_of("clinician: If you get chest pain or a fever, that is an emergency.") == []


def test_a_remark_is_a_detail_if_it_tells_how_or_where() -> None:
    assert kinds_of("patient: My knee is worse at night for three weeks.") == ["detail"]
    assert kinds_of("patient: My knee went to the shop.") == []


def test_an_instruction_ranks_below_what_the_patient_has() -> None:
    said = ["patient: I feel a bit unwell.", "patient: My son did, too.", "patient: It came fast."]
    said += [
        "clinician: I recommend that you rest your knee.",
        "patient: I have a cough.",
    ]
    assert kinds_of(*said)[0] == "symptom"
    assert kinds_of(*said)[-1] == "instruction"


def test_the_caller_may_ask_for_more_or_fewer() -> None:
    visit = transcript(VISIT)
    whole = FINDER.find(visit, [])
    assert FINDER.find(visit, [], 2) == whole[:2]
