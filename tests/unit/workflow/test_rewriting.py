"""Another wording is a proposal: checked, shown, taken in parts, and never over a person's head."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.clinical.lexicon import Lexicon
from app.domain.draft import Claim, FindingKind, Owner, Support
from app.domain.errors import DraftChangedError, NotFoundError
from app.domain.ids import ClaimId, SegmentId
from app.domain.ports import InstalledModel
from app.domain.transcript import Segment, SpeakerRole, Transcript
from app.domain.visit import Visit
from app.drafting.checker import DeterministicChecker
from app.drafting.extractive import ExtractiveDrafter
from app.drafting.routing import Router
from app.drafting.staleness import draft_printed
from app.drafting.templates import load_template
from app.foundation import paths
from app.workflow.draft_run import Drafting, DraftSetup
from app.workflow.drafts import template_draft, typed_claim, with_added
from app.workflow.meanwhile import Meanwhile
from app.workflow.note_making import NoteMaking
from app.workflow.rewriting import Rewording, Rewriting
from app.workflow.room import Room
from tests.unit.workflow.conftest import Desk

SOAP = load_template(paths.resources() / "templates" / "soap.toml")
SAID = (
    ("s1", SpeakerRole.PATIENT, "My left knee has hurt for two weeks. It is worse at night."),
    ("s2", SpeakerRole.PATIENT, "I take ibuprofen 400 milligrams twice a day."),
    ("s3", SpeakerRole.CLINICIAN, "The knee is swollen. I would like an x-ray of the left knee."),
)
SEGMENTS = tuple(Segment(SegmentId(id_), text, role, 1.0) for id_, role, text in SAID)


class _NoNotes:
    """The notes child is not asked by these tests; it only has to end."""

    def close(self) -> None:
        pass


def _no_model(_: str) -> InstalledModel:
    raise AssertionError


@pytest.fixture(scope="module")
def parts() -> tuple[Lexicon, Router]:
    lexicons = paths.resources() / "lexicons"
    return Lexicon.load(lexicons), Router.load(lexicons / "sections.json")


@pytest.fixture
def rewriting(desk: Desk, parts: tuple[Lexicon, Router]) -> Iterator[Rewriting]:
    room = Room(desk.bus, desk.inbox, desk.sessions, desk.pool, desk.policy)
    lexicon, router = parts
    drafting = Drafting(
        room,
        DraftSetup(
            notes=_NoNotes(),  # type: ignore[arg-type]  # never asked
            templates=lambda _: SOAP,
            extractive=ExtractiveDrafter(lexicon, router),
            checker=DeterministicChecker(lexicon),
            omissions=lambda *_: (),
            model=_no_model,
            speech=lambda: None,
            preferred=lambda: "extractive",
        ),
    )
    meanwhile = Meanwhile(room, drafting.setup, lambda: None, lambda: False)
    yield Rewriting(room, drafting, NoteMaking(room, drafting, meanwhile), desk.editing)
    drafting.close()


def of_model(text: str, *evidence: str, id_: str = "") -> Claim:
    ids = tuple(map(SegmentId, evidence))
    return Claim(ClaimId(id_ or text), text, ids, Support.SUPPORTED)


def reviewed(desk: Desk, *claims: Claim, plan: tuple[Claim, ...] = ()) -> Visit:
    visit = desk.visit()
    desk.result(desk.visiting.type_note(visit.id))
    draft = template_draft(visit.id, datetime(2026, 1, 1, tzinfo=UTC), SOAP)
    for each in claims:
        draft = with_added(draft, "subjective", each)
    for each in plan:
        draft = with_added(draft, "plan", each)
    draft = replace(draft, transcript_sha256=Transcript(SEGMENTS).sha256)
    session = desk.sessions.current()
    desk.result(session.ask(lambda vault: vault.put_segments(visit.id, SEGMENTS)))
    printed = draft_printed(draft, SEGMENTS)
    desk.result(session.ask(lambda vault: vault.save_draft(printed)))
    return visit


def test_one_section_is_written_again_and_persons_lines_stay(
    desk: Desk, rewriting: Rewriting
) -> None:
    mine = typed_claim("Wants to run again.")
    wrong = of_model("Right knee pain for three weeks.", "s1")
    visit = reviewed(desk, wrong, mine)
    before = desk.result(desk.visiting.open(visit.id)).draft
    assert before is not None
    proposal = desk.result(rewriting.again(visit.id, "subjective"))
    (diff,) = proposal.diffs
    assert diff.key == "subjective"
    texts = [each.new.text for each in diff.changes if each.is_open and each.new is not None]
    assert any("ibuprofen" in each for each in texts)
    assert not any("x-ray" in each for each in texts)  # that belongs to another section
    assert desk.result(desk.visiting.open(visit.id)).draft == before
    draft = desk.result(rewriting.take(visit.id, proposal, proposal.numbers))
    assert mine in draft.claims
    assert wrong.text not in [each.text for each in draft.claims]
    assert draft.sections[1:] == before.sections[1:]
    undone = desk.result(desk.editing.undo(visit.id))
    assert undone.sections == before.sections


def test_nothing_taken_changes_nothing(desk: Desk, rewriting: Rewriting) -> None:
    visit = reviewed(desk, of_model("Right knee pain for three weeks.", "s1"))
    proposal = desk.result(rewriting.again(visit.id, "subjective"))
    draft = desk.result(rewriting.take(visit.id, proposal, ()))
    assert [each.text for each in draft.claims] == ["Right knee pain for three weeks."]


def test_a_proposal_fits_its_own_draft_only(desk: Desk, rewriting: Rewriting) -> None:
    long = of_model("The knee hurts. It is worse at night.", "s1")
    visit = reviewed(desk, long)
    proposal = desk.result(rewriting.reword(visit.id, Rewording.BULLETS, [long.id]))
    desk.result(desk.editing.add(visit.id, "plan", "Rest"))
    with pytest.raises(DraftChangedError):
        desk.result(rewriting.take(visit.id, proposal, proposal.numbers))


def test_what_a_model_wrote_is_checked_again_after_rewording(
    desk: Desk, rewriting: Rewriting
) -> None:
    long = of_model("Left knee pain for two weeks. Takes ibuprofen 800 mg twice a day.", "s1", "s2")
    visit = reviewed(desk, long)
    proposal = desk.result(rewriting.reword(visit.id, Rewording.BULLETS, [long.id]))
    made = [each.new for diff in proposal.diffs for each in diff.changes if each.new is not None]
    assert [each.text for each in made] == [
        "Left knee pain for two weeks.",
        "Takes ibuprofen 800 mg twice a day.",
    ]
    assert made[0].support is Support.SUPPORTED
    assert made[1].support is Support.UNSUPPORTED
    assert FindingKind.DOSE in {each.kind for each in made[1].findings}
    assert all(each.id != long.id for each in made)
    desk.result(rewriting.take(visit.id, proposal, proposal.numbers))
    items = desk.result(desk.reviewing.open_items(visit.id))
    assert [each.text for each in items.claims] == ["Takes ibuprofen 800 mg twice a day."]


def test_a_persons_line_is_reworded_where_they_asked_for_it(
    desk: Desk, rewriting: Rewriting
) -> None:
    mine = typed_claim("The clinician advises rest in order to heal.")
    visit = reviewed(desk, mine)
    for how, text in (
        (Rewording.FIRST_PERSON, "I advise rest in order to heal."),
        (Rewording.SHORTER, "The clinician advises rest to heal."),
    ):
        proposal = desk.result(rewriting.reword(visit.id, how, [mine.id]))
        draft = desk.result(rewriting.take(visit.id, proposal, proposal.numbers))
        assert [each.text for each in draft.claims] == [text]
        assert draft.claims[0].owner is Owner.CLINICIAN
        desk.result(desk.editing.undo(visit.id))
    nothing = desk.result(rewriting.reword(visit.id, Rewording.BULLETS, [mine.id]))
    assert nothing.diffs == ()


def test_a_line_moves_with_its_evidence(desk: Desk, rewriting: Rewriting) -> None:
    ray = of_model("X-ray of the left knee.", "s3")
    visit = reviewed(desk, ray)
    proposal = desk.result(rewriting.move(visit.id, [ray.id], "plan"))
    draft = desk.result(rewriting.take(visit.id, proposal, proposal.numbers))
    moved = draft.sections[3].claims[0]
    assert (moved.id, moved.text, moved.evidence) == (ray.id, ray.text, ray.evidence)
    assert draft.sections[0].claims == ()
    with pytest.raises(NotFoundError):
        desk.result(rewriting.move(visit.id, [ray.id], "nowhere"))


def test_a_corrected_word_makes_stale_what_rests_on_it_and_nothing_else(
    desk: Desk, rewriting: Rewriting
) -> None:
    dose = of_model("Takes ibuprofen 400 mg twice a day.", "s2")
    knee = of_model("Left knee pain for two weeks.", "s1")
    visit = reviewed(desk, knee, dose)
    desk.result(desk.reviewing.open_items(visit.id))
    other = replace(SEGMENTS[1], text="I take ibuprofen 600 milligrams twice a day.")
    session = desk.sessions.current()
    desk.result(session.ask(lambda vault: vault.put_segments(visit.id, [other])))
    items = desk.result(desk.reviewing.open_items(visit.id))
    assert [each.id for each in items.stale] == [dose.id]
    record = desk.result(desk.visiting.open(visit.id))
    assert record.is_outdated
    assert desk.result(rewriting.check_again(visit.id)) == 1
    items = desk.result(desk.reviewing.open_items(visit.id))
    assert items.stale == ()
    assert [each.id for each in items.claims] == [dose.id]
    assert desk.result(rewriting.check_again(visit.id)) == 0


def test_a_stale_line_may_stand_on_the_clinicians_word(desk: Desk, rewriting: Rewriting) -> None:
    assert rewriting is not None
    dose = of_model("Takes ibuprofen 400 mg twice a day.", "s2")
    visit = reviewed(desk, dose)
    other = replace(SEGMENTS[1], text="I take ibuprofen, um, 400 milligrams twice a day.")
    session = desk.sessions.current()
    desk.result(session.ask(lambda vault: vault.put_segments(visit.id, [other])))
    assert desk.result(desk.reviewing.open_items(visit.id)).stale
    items = desk.result(desk.reviewing.accept(visit.id, dose.id))
    assert items.stale == ()
    assert [each.claim for each in desk.result(desk.visiting.open(visit.id)).decisions] == [dose.id]
