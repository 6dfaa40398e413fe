"""After the draft its doubted claims are asked about, and everybody else comes first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest

from app.clinical.lexicon import Lexicon
from app.domain.draft import Claim, Draft, Finding, FindingKind, Owner, Support
from app.domain.events import (
    ChildFailed,
    ClaimJudged,
    DraftFinished,
    GenerationEnded,
    TextGenerated,
    TranscriptEdited,
    VisitAdvanced,
)
from app.domain.ids import ClaimId, ModelId, SegmentId, VisitId
from app.domain.ports import GenerationPlan, InstalledModel, ModelCard
from app.domain.transcript import Segment, SpeakerRole, Transcript
from app.domain.visit import Visit, VisitState
from app.drafting.checker import DeterministicChecker
from app.drafting.extractive import ExtractiveDrafter
from app.drafting.judging import MOST_S, OPENING
from app.drafting.routing import Router
from app.drafting.staleness import draft_printed
from app.drafting.templates import load_template
from app.foundation import paths
from app.workflow.draft_run import Drafting, DraftOrder, DraftSetup
from app.workflow.drafts import template_draft, with_added, with_claim
from app.workflow.meanwhile import Meanwhile
from app.workflow.note_making import NoteMaking
from app.workflow.room import Room
from app.workflow.second_look import SecondLook
from tests.unit.workflow.conftest import Desk

SOAP = load_template(paths.resources() / "templates" / "soap.toml")
JUDGE = ModelCard(ModelId("m"), "notes", "M", "", "", "", "", (), 1, 8192, can_judge=True)
SAID = (
    Segment(SegmentId("s1"), "My water pill makes me run all night.", SpeakerRole.PATIENT),
    Segment(SegmentId("s2"), "I get winded on the stairs at work.", SpeakerRole.PATIENT),
    Segment(SegmentId("s3"), "We will see how you are in two weeks.", SpeakerRole.CLINICIAN),
)
LOOSE = (Finding(FindingKind.LOW_OVERLAP),)


@dataclass(slots=True)
class AskedNotes:
    """A notes engine that answers when the test lets it."""

    prefixes: list[str] = field(default_factory=list)
    asked: list[GenerationPlan] = field(default_factory=list)
    running: list[str] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)

    def load(self, model: InstalledModel) -> None:
        pass

    def begin(self, prefix: str, system: str = "") -> None:  # noqa: ARG002 - the port has it
        self.prefixes.append(prefix)

    def extend(self, text: str) -> None:
        pass

    def foresee(self, suffix: str) -> None:
        pass

    def generate(self, plan: GenerationPlan) -> None:
        self.asked.append(plan)
        self.running.append(plan.request)

    def cancel(self) -> None:
        self.cancelled += self.running
        self.running.clear()

    def close(self) -> None:
        pass


@dataclass(slots=True)
class Stage:
    """A draft in review and what is asked about it."""

    desk: Desk
    room: Room
    setup: DraftSetup
    notes: AskedNotes
    look: SecondLook
    freed: list[bool]
    judged: list[ClaimJudged]
    clock: list[float]

    def reviewed(self, *claims: Claim, model: str = "m") -> tuple[Visit, Draft]:
        visit = self.desk.visit()
        self.desk.result(self.desk.visiting.type_note(visit.id))
        draft = template_draft(visit.id, datetime(2026, 1, 1, tzinfo=UTC), SOAP)
        for each in claims:
            draft = with_added(draft, "subjective", each)
        sections = tuple(replace(each, engine=model) for each in draft.sections)
        draft = replace(
            draft,
            sections=sections,
            model=ModelId(model),
            transcript_sha256=Transcript(SAID).sha256,
        )
        draft = draft_printed(draft, SAID)
        ask = self.desk.sessions.current().ask
        self.desk.result(ask(lambda vault: vault.put_segments(visit.id, SAID)))
        self.desk.result(ask(lambda vault: vault.save_draft(draft)))
        return visit, draft

    def settle(self) -> None:
        """Let all that was asked of the vault's thread be done and told."""
        for _ in range(4):
            self.desk.result(self.desk.sessions.current().ask(lambda _: None))

    def tell(self, event: object) -> None:
        self.desk.inbox.publish(event)
        self.settle()

    def answer(self, text: str, reason: str = "length", request: str = "") -> None:
        request = request or self.notes.asked[-1].request
        self.notes.running.clear()
        self.desk.inbox.publish(TextGenerated(request, text))
        self.tell(GenerationEnded(request, reason, 1, 9))

    def begin(self, draft: Draft) -> None:
        assert self.look.begin(draft)
        self.settle()

    def claim(self, visit: Visit, id_: str) -> Claim:
        draft = self.desk.result(self.desk.visiting.open(visit.id)).draft
        assert draft is not None
        return next(each for each in draft.claims if each.id == id_)


@pytest.fixture(scope="module")
def parts() -> tuple[Lexicon, Router]:
    lexicons = paths.resources() / "lexicons"
    return Lexicon.load(lexicons), Router.load(lexicons / "sections.json")


@pytest.fixture
def stage(desk: Desk, parts: tuple[Lexicon, Router]) -> Stage:
    room = Room(desk.bus, desk.inbox, desk.sessions, desk.pool, desk.policy)
    lexicon, router = parts
    notes = AskedNotes()
    setup = DraftSetup(
        notes=notes,
        templates=lambda _: SOAP,
        extractive=ExtractiveDrafter(lexicon, router),
        checker=DeterministicChecker(lexicon),
        omissions=lambda *_: (),
        model=lambda _: InstalledModel(JUDGE, ""),
        speech=lambda: None,
        preferred=lambda: "m",
    )
    freed: list[bool] = []
    judged: list[ClaimJudged] = []
    clock = [0.0]
    desk.bus.subscribe(ClaimJudged, judged.append)
    look = SecondLook(room, setup, lambda: freed.append(True), lambda: clock[0])
    return Stage(desk, room, setup, notes, look, freed, judged, clock)


def loose(id_: str, text: str, evidence: str) -> Claim:
    return Claim(ClaimId(id_), text, (SegmentId(evidence),), Support.PARTLY, findings=LOOSE)


NOCTURIA = loose("c1", "Nocturia on a diuretic.", "s1")
DYSPNEA = loose("c2", "Exertional dyspnea.", "s2")


def test_each_doubted_claim_is_asked_about_and_shows_what_the_model_said(stage: Stage) -> None:
    visit, draft = stage.reviewed(NOCTURIA, DYSPNEA)
    stage.begin(draft)
    assert stage.notes.prefixes == [OPENING]
    assert "Nocturia" in stage.notes.asked[0].suffix
    stage.answer("Yes")
    assert stage.claim(visit, "c1").support is Support.SUPPORTED  # as it comes, not at the end
    assert "Exertional" in stage.notes.asked[1].suffix
    stage.answer("No")
    assert stage.claim(visit, "c2").support is Support.PARTLY
    assert stage.claim(visit, "c2").findings[-1].kind is FindingKind.MODEL_DOUBTED
    assert [(each.visit, each.section, each.claim.id) for each in stage.judged] == [
        (visit.id, "subjective", "c1"),
        (visit.id, "subjective", "c2"),
    ]
    assert (stage.look.visit, stage.freed, stage.notes.cancelled) == (None, [True], [])


def test_a_verdict_is_no_step_of_the_history_and_fits_what_is_about_to_be_taken(
    stage: Stage,
) -> None:
    visit, draft = stage.reviewed(NOCTURIA)
    stage.begin(draft)
    stage.answer("Yes")
    newest = stage.desk.result(stage.desk.visiting.open(visit.id)).draft
    assert newest is not None
    assert newest.id == draft.id
    assert replace(newest, sections=()) == replace(draft, sections=())


def test_a_model_that_may_not_judge_is_not_asked(stage: Stage) -> None:
    _, draft = stage.reviewed(NOCTURIA)
    card = replace(JUDGE, can_judge=False)
    setup = replace(stage.setup, model=lambda _: InstalledModel(card, ""))
    assert not SecondLook(stage.room, setup, lambda: None).begin(draft)
    assert stage.notes.asked == []


def test_a_model_that_could_not_write_is_not_asked(stage: Stage) -> None:
    _, draft = stage.reviewed(NOCTURIA, model="m")
    quoted = tuple(replace(each, engine="extractive") for each in draft.sections)
    assert not stage.look.begin(replace(draft, sections=quoted))


def test_claims_that_rules_decided_are_not_asked_about(stage: Stage) -> None:
    wrong = replace(
        NOCTURIA, support=Support.UNSUPPORTED, findings=(Finding(FindingKind.DOSE, "5 mg"),)
    )
    _, draft = stage.reviewed(wrong, replace(DYSPNEA, support=Support.SUPPORTED, findings=()))
    stage.begin(draft)
    assert stage.notes.asked == []
    assert stage.freed == [True]


def test_what_a_person_changed_meanwhile_is_theirs(stage: Stage) -> None:
    visit, draft = stage.reviewed(NOCTURIA, DYSPNEA)
    stage.begin(draft)
    stage.desk.result(stage.desk.editing.edit(visit.id, NOCTURIA.id, "Gets up at night."))
    stage.answer("Yes")
    mine = stage.claim(visit, "c1")
    assert (mine.text, mine.owner) == ("Gets up at night.", Owner.CLINICIAN)
    assert mine.findings == ()
    assert stage.judged == []
    stage.answer("Yes")
    assert [each.claim.id for each in stage.judged] == ["c2"]


def test_what_a_person_removed_or_decided_on_stays_so(stage: Stage) -> None:
    visit, draft = stage.reviewed(NOCTURIA, DYSPNEA)
    stage.begin(draft)
    stage.desk.result(stage.desk.editing.remove(visit.id, NOCTURIA.id))
    stage.desk.result(stage.desk.reviewing.accept(visit.id, DYSPNEA.id))
    stage.answer("Yes")
    stage.answer("Yes")
    newest = stage.desk.result(stage.desk.visiting.open(visit.id)).draft
    assert newest is not None
    assert [(each.id, each.support) for each in newest.claims] == [("c2", Support.PARTLY)]
    assert stage.judged == []


def test_a_conflict_that_rules_found_meanwhile_is_not_overruled(stage: Stage) -> None:
    visit, draft = stage.reviewed(NOCTURIA)
    stage.begin(draft)
    (claim,) = draft.claims
    wrong = replace(
        claim, support=Support.UNSUPPORTED, findings=(Finding(FindingKind.NEGATION, "no"),)
    )
    change = stage.desk.editing.apply(
        visit.id, lambda each: with_claim(each, claim.id, lambda _: wrong)
    )
    stage.desk.result(change)
    stage.answer("Yes")
    assert stage.claim(visit, "c1") == wrong
    assert stage.judged == []


@pytest.mark.parametrize("state", ["recording", "paused", "finishing"])
def test_a_recording_of_anybody_stops_it(stage: Stage, state: str) -> None:
    _, draft = stage.reviewed(NOCTURIA)
    stage.begin(draft)
    stage.tell(VisitAdvanced(VisitId("other"), VisitState(state)))
    assert stage.notes.cancelled == [stage.notes.asked[0].request]
    assert stage.freed == [True]
    stage.answer("Yes", request=stage.notes.asked[0].request)  # it comes too late
    assert stage.judged == []


def test_corrected_words_stop_it(stage: Stage) -> None:
    visit, draft = stage.reviewed(NOCTURIA)
    stage.begin(draft)
    stage.tell(TranscriptEdited(VisitId("other")))
    assert stage.freed == []
    stage.tell(TranscriptEdited(visit.id))
    assert (stage.freed, stage.look.visit) == ([True], None)


def test_a_signed_note_is_not_touched(stage: Stage) -> None:
    visit, draft = stage.reviewed(NOCTURIA)
    stage.begin(draft)
    stage.desk.see_all(visit.id)
    ask = stage.desk.sessions.current().ask
    signed = replace(visit, state=VisitState.SIGNED)
    stage.desk.result(ask(lambda vault: vault.save_visit(signed)))
    stage.answer("Yes")  # before anybody was told of the signature
    assert stage.claim(visit, "c1") == draft.claims[0]
    assert stage.judged == []


def test_stop_before_the_vault_has_answered_asks_nothing(stage: Stage) -> None:
    _, draft = stage.reviewed(NOCTURIA)
    assert stage.look.begin(draft)
    stage.look.stop()
    stage.settle()
    assert stage.notes.asked == []
    assert stage.freed == [True]


def test_an_engine_that_fails_leaves_the_doubt(stage: Stage) -> None:
    visit, draft = stage.reviewed(NOCTURIA, DYSPNEA)
    stage.begin(draft)
    stage.tell(ChildFailed("notes", "child_gone", stage.notes.asked[0].request))
    assert len(stage.notes.asked) == 1
    assert stage.freed == [True]
    assert stage.claim(visit, "c1") == draft.claims[0]


@pytest.mark.parametrize("reason", ["timeout", "cancelled"])
def test_an_answer_that_was_cut_off_is_none(stage: Stage, reason: str) -> None:
    visit, draft = stage.reviewed(NOCTURIA, DYSPNEA)
    stage.begin(draft)
    stage.answer("Yes", reason)
    assert stage.claim(visit, "c1") == draft.claims[0]
    assert (len(stage.notes.asked), stage.freed) == (1, [True])


def test_time_that_is_spent_is_not_given_again(stage: Stage) -> None:
    _, draft = stage.reviewed(NOCTURIA, DYSPNEA, loose("c3", "Review in a fortnight.", "s3"))
    stage.begin(draft)
    assert stage.notes.asked[0].timeout_s == MOST_S
    stage.clock[0] = MOST_S / 3
    stage.answer("No")
    assert stage.notes.asked[1].timeout_s == MOST_S - MOST_S / 3
    stage.clock[0] = MOST_S * 3 / 4
    stage.answer("No")
    assert len(stage.notes.asked) == 2  # the third would not be answered in time
    assert stage.freed == [True]


@pytest.fixture
def heard() -> list[VisitId]:
    """The visit whose words are coming, if any."""
    return []


@pytest.fixture
def making(stage: Stage, heard: list[VisitId]) -> Iterator[NoteMaking]:
    drafting = Drafting(stage.room, stage.setup)
    meanwhile = Meanwhile(
        stage.room, stage.setup, lambda: heard[0] if heard else None, lambda: False
    )
    yield NoteMaking(stage.room, drafting, meanwhile)
    drafting.close()


def drafted(stage: Stage, making: NoteMaking) -> Visit:
    """Let a visit be drafted whose one claim is only loosely like what was said."""
    visit = replace(stage.desk.visit(), state=VisitState.DRAFTING)
    ask = stage.desk.sessions.current().ask
    stage.desk.result(ask(lambda vault: vault.save_visit(visit)))
    stage.desk.result(ask(lambda vault: vault.put_segments(visit.id, SAID)))
    finished: list[DraftFinished] = []
    leave = stage.desk.bus.subscribe(DraftFinished, finished.append)
    stage.desk.result(making.draft(visit.id))
    while making.visit is not None:
        line = "- Nocturia all night. [1]\n" if "Subjective" in last(stage) else "not discussed"
        stage.answer(line, "stop")
    stage.desk.inbox.run_until(lambda: bool(finished), timeout_s=60)
    assert [each.support for each in finished[0].draft.claims] == [Support.PARTLY]
    leave()
    stage.settle()
    return visit


def last(stage: Stage) -> str:
    return stage.notes.asked[-1].suffix


def test_the_draft_is_shown_first_and_then_looked_at(stage: Stage, making: NoteMaking) -> None:
    visit = drafted(stage, making)
    assert "Sentence of the note: Nocturia all night." in last(stage)
    stage.answer("Yes")
    assert [each.visit for each in stage.judged] == [visit.id]


def test_while_somebody_is_recorded_nobody_asks(
    stage: Stage, making: NoteMaking, heard: list[VisitId]
) -> None:
    heard.append(VisitId("next"))
    drafted(stage, making)
    assert "Now write the section" in last(stage)
    assert stage.notes.running == []


def test_a_new_draft_stops_it_before_it_asks_itself(stage: Stage, making: NoteMaking) -> None:
    drafted(stage, making)
    asked = stage.notes.asked[-1].request
    making.draft_order(DraftOrder(VisitId(""), Transcript(SAID), SOAP))
    assert stage.notes.cancelled == [asked]
    assert "Now write the section" in last(stage)
    assert stage.notes.running == [stage.notes.asked[-1].request]


def test_cancel_and_lock_stop_it(stage: Stage, making: NoteMaking) -> None:
    for stop in (making.cancel, making.lock):
        drafted(stage, making)
        asked = stage.notes.asked[-1].request
        stop()
        assert stage.notes.cancelled[-1] == asked
        stage.answer("Yes", request=asked)
    assert stage.judged == []
