"""Sections come in reading order, failures are tried again once, and then somebody else writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.domain.draft import Claim
from app.domain.events import ChildFailed, GenerationEnded, TextGenerated
from app.domain.ids import SegmentId
from app.domain.transcript import Segment, Transcript
from app.drafting.prompt import build_prompt, plan_prompts
from app.drafting.section_writer import (
    ClaimMade,
    ClaimOpened,
    Outcome,
    SectionDone,
    SectionFellBack,
    SectionWriter,
    Step,
    StopWanted,
)
from app.drafting.templates import load_template

SOAP = load_template(Path(__file__).parents[3] / "resources" / "templates" / "soap.toml")
VISIT = Transcript(tuple(Segment(SegmentId(f"s{n}"), f"sentence {n}") for n in range(1, 9)))


def writer() -> SectionWriter:
    return SectionWriter(SOAP, VISIT, (build_prompt(VISIT),))


def step_of(under_test: SectionWriter) -> Step:
    step = under_test.next()
    assert step is not None
    return step


def answer(under_test: SectionWriter, text: str, reason: str = "stop") -> list[Outcome]:
    request = step_of(under_test).plan.request
    outcomes = [*under_test.take(TextGenerated(request, text))]
    return [*outcomes, *under_test.take(GenerationEnded(request, reason, 1, 1))]


def fail(under_test: SectionWriter, code: str = "child_gone") -> list[Outcome]:
    return [*under_test.take(ChildFailed("notes", code, step_of(under_test).plan.request))]


def test_sections_are_written_in_reading_order() -> None:
    under_test = writer()
    order = []
    while (step := under_test.next()) is not None:
        order.append(step.section)
        answer(under_test, "not discussed")
    assert order == ["subjective", "objective", "assessment", "plan"]


def test_claims_carry_the_segments_they_name() -> None:
    outcomes = answer(writer(), "- Chest pain. [2, 5]\n- No fev")
    made = [each for each in outcomes if isinstance(each, ClaimMade)]
    assert [each.claim.text for each in made] == ["Chest pain.", "No fev"]
    assert made[0].claim.evidence == ("s2", "s5")
    assert ClaimOpened("subjective", "No fev") in outcomes
    done = outcomes[-1]
    assert isinstance(done, SectionDone)
    assert done.claims == tuple(each.claim for each in made)


def test_not_discussed_finishes_a_section_without_claims() -> None:
    assert answer(writer(), "not discussed") == [SectionDone("subjective", ())]


def test_a_step_is_the_same_until_it_is_answered() -> None:
    under_test = writer()
    assert under_test.next() is under_test.next()


def test_events_of_other_requests_are_ignored() -> None:
    under_test = writer()
    step = under_test.next()
    assert under_test.take(TextGenerated("other", "- x [1]\n")) == ()
    assert under_test.next() is step


def test_a_dead_child_is_asked_again_with_the_same_prompt_and_claims_keep_their_ids() -> None:
    under_test = writer()
    first = step_of(under_test)
    (made,) = (
        each
        for each in under_test.take(TextGenerated(first.plan.request, "- Chest pain. [2]\n- No"))
        if isinstance(each, ClaimMade)
    )
    assert fail(under_test) == []
    again = step_of(under_test)
    assert (again.section, again.prompt) == (first.section, first.prompt)
    assert again.plan.request != first.plan.request
    outcomes = answer(under_test, "- Chest pain. [2]\n- No fever. [3]\n")
    assert outcomes[-1] == SectionDone(
        "subjective", (made.claim, *(e.claim for e in outcomes if isinstance(e, ClaimMade)))
    )


def test_a_child_that_dies_twice_loses_the_section_but_not_the_next_one() -> None:
    under_test = writer()
    fail(under_test)
    assert fail(under_test) == [SectionFellBack("subjective", "child_gone")]
    assert step_of(under_test).section == "objective"


@pytest.mark.parametrize(
    ("text", "reason", "code"),
    [
        ("", "stop", "draft_rejected"),
        ("- Endless words that", "length", "draft_rejected"),
        ("- Chest pain. [1]\n", "timeout", "engine_timeout"),
        ("- sure not sure not sure not sure not sure not sure [1]\n", "loop", "draft_rejected"),
    ],
)
def test_a_bad_answer_is_tried_again_in_halves_and_then_falls_back(
    text: str, reason: str, code: str
) -> None:
    under_test = writer()
    whole = step_of(under_test).prompt
    assert not any(isinstance(each, SectionDone) for each in answer(under_test, text, reason))
    for _ in range(3):
        answer(under_test, "not discussed")
    first = step_of(under_test)
    assert first.section == "subjective"
    assert len(first.prompt.included) < len(whole.included)
    assert answer(under_test, text, reason)[-1] == SectionFellBack("subjective", code)
    assert under_test.next() is None


def test_both_halves_together_make_the_section() -> None:
    under_test = writer()
    assert fail(under_test, "context_full") == []
    for _ in range(3):
        answer(under_test, "not discussed")
    assert not any(isinstance(e, SectionDone) for e in answer(under_test, "- One. [1]\n"))
    done = answer(under_test, "- Two. [8]\n")[-1]
    assert isinstance(done, SectionDone)
    assert [each.text for each in done.claims] == ["One.", "Two."]


def test_a_line_written_three_times_stops_the_answer() -> None:
    under_test = writer()
    request = step_of(under_test).plan.request
    outcomes = under_test.take(TextGenerated(request, "- Chest pain. [1]\n" * 5))
    assert [type(each) for each in outcomes] == [ClaimMade, StopWanted]
    assert under_test.take(TextGenerated(request, "- More. [2]\n")) == ()
    (done,) = under_test.take(GenerationEnded(request, "cancelled", 9, 9))
    assert isinstance(done, SectionDone)
    assert len(done.claims) == 1


def test_a_section_never_gets_more_lines_than_the_template_allows() -> None:
    under_test = writer()
    lines = "".join(f"- Fact {number}. [1]\n" for number in range(40))
    outcomes = answer(under_test, lines)
    assert sum(isinstance(each, ClaimMade) for each in outcomes) == 12
    assert StopWanted() in outcomes


def test_a_line_that_repeats_the_request_is_no_claim() -> None:
    echo = "- What the patient reports: why they came. [1]\n"
    done = answer(writer(), echo + "- Back pain. [1]\n")[-1]
    assert isinstance(done, SectionDone)
    assert [each.text for each in done.claims] == ["Back pain."]
    only_echo = writer()
    assert not any(isinstance(each, SectionDone) for each in answer(only_echo, echo))
    assert step_of(only_echo).section == "objective", "the section is tried again, last"


def test_a_cancelled_answer_ends_the_work() -> None:
    under_test = writer()
    assert answer(under_test, "- Chest", "cancelled") == [ClaimOpened("subjective", "Chest")]
    assert under_test.was_cancelled
    assert under_test.next() is None


def test_a_sentence_about_consent_never_becomes_a_claim() -> None:
    outcomes = answer(writer(), "- Patient consents to recording. [1]\n")
    assert outcomes == [SectionDone("subjective", ())]


def test_a_long_visit_is_written_in_parts_and_finished_once() -> None:
    visit = Transcript(tuple(Segment(SegmentId(f"s{n}"), "word " * 60) for n in range(40)))
    prompts = plan_prompts(SOAP, visit, 2048)
    assert len(prompts) > 1
    under_test = SectionWriter(SOAP, visit, prompts)
    done = []
    number = 0
    while (step := under_test.next()) is not None:
        number += 1
        line = f"- Fact {number}. [{step.prompt.numbers[0]}]\n"
        done += [e for e in answer(under_test, line) if isinstance(e, SectionDone)]
    assert [each.section for each in done] == ["subjective", "objective", "assessment", "plan"]
    assert all(len(each.claims) == len(prompts) for each in done)


def test_what_was_written_before_is_taken_over_and_the_last_part_comes_first() -> None:
    parts = plan_prompts(SOAP, VISIT, 8192, part_tokens=30)
    first = SectionWriter(SOAP, VISIT, parts[:1])
    answer(first, "- Chest pain. [1]\n")
    claim = first._makers["subjective"].claims[0]
    written: dict[tuple[str, str], tuple[Claim, ...]] = {
        (parts[0].text, each.key): () for each in SOAP.sections
    }
    written[parts[0].text, "subjective"] = (claim,)
    under_test = SectionWriter(SOAP, VISIT, parts)
    assert under_test.recall(written) == (ClaimMade("subjective", claim),)
    assert len(parts) > 2
    assert step_of(under_test).prompt is parts[-1]
    outcomes: list[Outcome] = []
    while under_test.next() is not None:
        outcomes = answer(under_test, "- Chest pain. [8]\n")
    assert outcomes[-1] == SectionDone("plan", under_test._makers["plan"].claims)
    assert under_test._makers["subjective"].claims == (claim,)


def test_what_the_engine_holds_comes_before_the_last_part() -> None:
    parts = plan_prompts(SOAP, VISIT, 8192, part_tokens=30)
    assert len(parts) > 2
    under_test = SectionWriter(SOAP, VISIT, parts)
    under_test.recall({}, parts[1].text)
    assert step_of(under_test).prompt is parts[1]
    under_test = SectionWriter(SOAP, VISIT, parts)
    under_test.recall({(parts[1].text, each.key): () for each in SOAP.sections}, parts[1].text)
    assert step_of(under_test).prompt is parts[-1]  # that part is written already


def test_when_all_was_written_before_nothing_is_asked() -> None:
    prompt = build_prompt(VISIT)
    under_test = writer()
    outcomes = under_test.recall({(prompt.text, each.key): () for each in SOAP.sections})
    assert outcomes == tuple(SectionDone(each.key, ()) for each in SOAP.sections)
    assert under_test.next() is None


def test_a_postponed_section_is_written_again_without_doubles() -> None:
    under_test = writer()
    before = step_of(under_test)
    under_test.take(TextGenerated(before.plan.request, "- Chest pain. [1]\n- No fe"))
    under_test.postpone()
    again = step_of(under_test)
    assert again.section == before.section
    assert again.plan.request != before.plan.request
    assert under_test.take(TextGenerated(before.plan.request, "ver. [2]\n")) == ()
    outcomes = answer(under_test, "- Chest pain. [1]\n- No fever. [2]\n")
    done = outcomes[-1]
    assert isinstance(done, SectionDone)
    assert [each.text for each in done.claims] == ["Chest pain.", "No fever."]
