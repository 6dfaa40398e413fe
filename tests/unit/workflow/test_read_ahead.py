"""While people talk the engine holds their words, and full parts are written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from app.clinical.lexicon import Lexicon
from app.domain.draft import Claim
from app.domain.events import (
    ClaimWritten,
    DraftRefreshed,
    GenerationEnded,
    SegmentFinished,
    SpeechProgressed,
    TextGenerated,
    TranscriptEdited,
    VisitAdvanced,
)
from app.domain.ids import ModelId, SegmentId
from app.domain.ports import GenerationPlan, InstalledModel, ModelCard
from app.domain.transcript import Segment, SpeakerRole, Transcript
from app.domain.visit import Visit, VisitState
from app.drafting.checker import DeterministicChecker
from app.drafting.extractive import ExtractiveDrafter
from app.drafting.prompt import plan_prompts
from app.drafting.routing import Router
from app.drafting.section_writer import SectionWriter
from app.drafting.templates import load_template
from app.foundation import paths
from app.foundation.jobs import Pool
from app.workflow.draft_run import Drafting, DraftOrder, DraftSetup
from app.workflow.meanwhile import Meanwhile
from app.workflow.room import Room
from tests.unit.workflow.conftest import Desk

SOAP = load_template(Path(__file__).parents[3] / "resources" / "templates" / "soap.toml")
PART = 120
SAID = (
    "I have had pain in the left knee for three weeks.",
    "It is worse on the stairs and it wakes me at night.",
    "I take ibuprofen 400 mg twice a day and it helps a little.",
    "I am allergic to penicillin, I get a rash from it.",
    "There was no fever and the knee was never swollen.",
    "We will get an X-ray of the left knee and see you in two weeks.",
)


@dataclass(slots=True)
class ListeningNotes:
    """A notes engine that remembers its prefix and answers when the test lets it."""

    prefix: str = ""
    foreseen: str = ""
    begun: int = 0
    asked: list[GenerationPlan] = field(default_factory=list)
    cancelled: int = 0

    def load(self, model: InstalledModel) -> None:
        pass

    def begin(self, prefix: str, system: str = "") -> None:  # noqa: ARG002 - the port has it
        self.prefix, self.foreseen = prefix, ""
        self.begun += 1

    def extend(self, text: str) -> None:
        self.prefix += text

    def foresee(self, suffix: str) -> None:
        self.foreseen = suffix

    def generate(self, plan: GenerationPlan) -> None:
        self.asked.append(plan)

    def cancel(self) -> None:
        self.cancelled += 1

    def close(self) -> None:
        pass


@dataclass(slots=True)
class Stage:
    """A visit that is being heard."""

    desk: Desk
    notes: ListeningNotes
    meanwhile: Meanwhile
    visit: Visit
    refreshed: list[DraftRefreshed]
    pool: Pool
    drafting: Drafting
    said: list[Segment] = field(default_factory=list)

    def say(self, text: str) -> None:
        number = len(self.said) + 1
        segment = Segment(
            SegmentId(f"s{number:04}"),
            text,
            SpeakerRole.PATIENT,
            start=number * 10,
            end=number * 10,
        )
        self.said.append(segment)
        session = self.desk.sessions.current()
        self.desk.result(session.ask(lambda vault: vault.put_segments(self.visit.id, [segment])))
        self.meanwhile._draft._rests_until_s = 0.0  # however long quoting took here
        self.tell(SegmentFinished(segment))

    def tell(self, event: object) -> None:
        self.desk.inbox.publish(event)
        self.settle()

    def settle(self) -> None:
        """Let all that was asked of the vault's thread and of the pool's one thread be done."""
        for _ in range(5):
            self.desk.result(self.desk.sessions.current().ask(lambda _: None))
            self.desk.result(self.pool.submit(lambda: None))

    def shown(self) -> list[Claim]:
        return [claim for section in self.refreshed[-1].sections for claim in section.claims]

    def answer(self, text: str) -> None:
        request = self.notes.asked[-1].request
        self.tell(TextGenerated(request, text))
        self.tell(GenerationEnded(request, "stop", 9, 9))

    def order(self) -> DraftOrder:
        transcript = Transcript(tuple(self.said))
        return self.meanwhile.known(DraftOrder(self.visit.id, transcript, SOAP))

    def parts(self) -> list[str]:
        prompts = plan_prompts(SOAP, Transcript(tuple(self.said)), 8192, PART)
        return [each.text for each in prompts]


@pytest.fixture(scope="module")
def parts() -> tuple[Lexicon, Router]:
    lexicons = paths.resources() / "lexicons"
    return Lexicon.load(lexicons), Router.load(lexicons / "sections.json")


@pytest.fixture
def part_tokens() -> int:
    """How much of a transcript is read as one, as on a CPU; a test for a GPU overrides it."""
    return PART


@pytest.fixture
def stage(desk: Desk, parts: tuple[Lexicon, Router], part_tokens: int) -> Iterator[Stage]:
    pool = Pool(threads=1)
    room = Room(desk.bus, desk.inbox, desk.sessions, pool, desk.policy)
    lexicon, router = parts
    notes = ListeningNotes()
    card = ModelCard(ModelId("m"), "notes", "M", "", "", "", "", (), 1, context=8192)
    setup = DraftSetup(
        notes=notes,
        templates=lambda _: SOAP,
        extractive=ExtractiveDrafter(lexicon, router),
        checker=DeterministicChecker(lexicon),
        omissions=lambda *_: (),
        model=lambda _: InstalledModel(card, ""),
        speech=lambda: None,
        preferred=lambda: "",
        part_tokens=part_tokens,
    )
    visit = desk.visit()
    meanwhile = Meanwhile(room, setup, lambda: visit.id, lambda: False)
    refreshed: list[DraftRefreshed] = []
    desk.bus.subscribe(DraftRefreshed, refreshed.append)
    drafting = Drafting(room, setup)
    yield Stage(desk, notes, meanwhile, visit, refreshed, pool, drafting)
    drafting.close()
    pool.close()


def test_the_engine_holds_what_was_said_and_the_prefix_only_grows(stage: Stage) -> None:
    stage.say(SAID[0])
    stage.say(SAID[1])
    assert [stage.notes.prefix] == stage.parts()
    assert stage.notes.begun == 1


def test_a_full_part_is_written_while_the_visit_goes_on(stage: Stage) -> None:
    for text in SAID:
        stage.say(text)
    full, *_ = stage.parts()
    assert stage.notes.prefix == full
    for _ in SOAP.sections:
        stage.answer("- Knee pain for three weeks. [1]\n")
    written = stage.order().written
    assert {key for text, key in written if text == full} == {e.key for e in SOAP.sections}
    assert [each.text for each in written[full, "plan"]] == ["Knee pain for three weeks."]


def test_after_the_full_parts_the_engine_holds_the_last_one(stage: Stage) -> None:
    for text in SAID:
        stage.say(text)
    while stage.notes.prefix != stage.parts()[-1]:
        stage.answer("not discussed")
    asked = len(stage.notes.asked)
    assert asked == len(SOAP.sections) * (len(stage.parts()) - 1)
    stage.say("Thank you, goodbye.")
    assert stage.notes.prefix == stage.parts()[-1]


def test_the_engine_is_told_what_a_draft_would_ask_first(stage: Stage) -> None:
    for text in SAID:
        stage.say(text)
        while stage.notes.prefix != stage.parts()[-1]:
            stage.answer("not discussed")
        order = stage.order()
        prompts = plan_prompts(SOAP, order.transcript, 8192, PART)
        draft = SectionWriter(SOAP, order.transcript, prompts)
        draft.recall(order.written, order.held)
        step = draft.next()
        assert step is not None
        assert (step.prompt.text, step.section) == (stage.notes.prefix, SOAP.sections[0].key)
        assert stage.notes.foreseen == step.plan.suffix
    assert len(stage.parts()) > 1


def test_a_draft_begins_with_the_part_that_the_engine_holds(stage: Stage) -> None:
    for text in SAID:
        stage.say(text)
    order = stage.order()
    full = stage.parts()[0]
    assert stage.notes.prefix == order.held == full
    prompts = plan_prompts(SOAP, order.transcript, 8192, PART)
    draft = SectionWriter(SOAP, order.transcript, prompts)
    draft.recall(order.written, order.held)
    step = draft.next()
    assert step is not None
    assert step.prompt.text == full


def test_lines_of_full_parts_are_checked_when_the_engine_has_answered(stage: Stage) -> None:
    for text in SAID:
        stage.say(text)
    while stage.notes.prefix != stage.parts()[-1]:
        stage.answer("- Knee pain for three weeks. [1]\n")
    written: list[ClaimWritten] = []
    stage.desk.bus.subscribe(ClaimWritten, written.append)
    order = stage.order()
    stage.meanwhile.make_room()
    run = stage.drafting.run(order)
    run.start()
    stage.settle()
    assert written == []
    stage.tell(TextGenerated(stage.notes.asked[-1].request, "- And"))
    stage.desk.result(stage.drafting.checks.submit(lambda: None))
    stage.settle()
    assert [each.claim.text for each in written] == ["Knee pain for three weeks."] * len(written)
    assert len(written) == len(SOAP.sections)


def test_nothing_is_foreseen_while_speech_is_behind(stage: Stage) -> None:
    stage.say(SAID[0])
    assert stage.notes.foreseen
    stage.tell(SpeechProgressed(0, 2.0))
    assert stage.notes.foreseen == ""
    stage.tell(SpeechProgressed(0, 0.5))
    assert stage.notes.foreseen


def test_speech_that_is_behind_comes_first(stage: Stage) -> None:
    stage.say(SAID[0])
    stage.tell(SpeechProgressed(0, 2.0))
    stage.say(SAID[1])
    assert SAID[1] not in stage.notes.prefix
    stage.tell(SpeechProgressed(0, 1.0))
    assert SAID[1] not in stage.notes.prefix
    stage.tell(SpeechProgressed(0, 0.5))
    assert [stage.notes.prefix] == stage.parts()


def test_a_draft_takes_the_engine_and_gives_it_back(stage: Stage) -> None:
    stage.say(SAID[0])
    stage.meanwhile.make_room()
    stage.say(SAID[1])
    assert SAID[1] not in stage.notes.prefix
    stage.meanwhile.go_on()
    stage.settle()
    assert [stage.notes.prefix] == stage.parts()


def test_what_is_struck_leaves_engine_and_screen(stage: Stage) -> None:
    for text in SAID:
        stage.say(text)
    assert any("penicillin" in claim.text for claim in stage.shown())
    gone = stage.said.pop(3).id
    stage.tell(TranscriptEdited(stage.visit.id, gone=(gone,)))
    assert "penicillin" not in stage.notes.prefix
    assert not any("penicillin" in claim.text for claim in stage.shown())
    assert stage.shown()


def test_quoting_rests_when_the_visit_ends_and_goes_on_with_it(stage: Stage) -> None:
    for text in SAID[:3]:
        stage.say(text)
    quoted = len(stage.refreshed)
    assert quoted
    stage.tell(VisitAdvanced(stage.visit.id, VisitState.FINISHING))
    for text in SAID[3:]:
        stage.say(text)
    assert len(stage.refreshed) == quoted
    stage.tell(VisitAdvanced(stage.visit.id, VisitState.RECORDING))
    stage.say("And I have had a headache since yesterday evening, mostly on the left side.")
    assert len(stage.refreshed) > quoted


def test_withdrawn_consent_leaves_nothing(stage: Stage) -> None:
    for text in SAID[:3]:
        stage.say(text)
    stage.tell(VisitAdvanced(stage.visit.id, VisitState.PLANNED))
    assert stage.notes.prefix == ""
    assert stage.refreshed[-1].sections == ()
    assert not stage.order().earlier
    assert not stage.order().written


def test_lines_that_stay_keep_their_identity(stage: Stage) -> None:
    for text in SAID[:4]:
        stage.say(text)
    before = {each.text: each.id for each in stage.shown()}
    for text in SAID[4:]:
        stage.say(text)
    after = {each.text: each.id for each in stage.shown()}
    assert len(stage.refreshed) > 1
    kept = before.keys() & after.keys()
    assert kept
    assert all(before[text] == after[text] for text in kept)


@pytest.mark.parametrize("part_tokens", [0])
def test_nothing_is_foreseen_on_a_gpu(stage: Stage) -> None:
    stage.say(SAID[0])
    assert SAID[0] in stage.notes.prefix
    assert stage.notes.foreseen == ""
