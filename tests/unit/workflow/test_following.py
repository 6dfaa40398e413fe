"""Words that change after the draft was made change what the draft says of its lines."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain.draft import Claim, Draft, Finding, FindingKind, Owner, Support
from app.domain.errors import NotFoundError, SigningBlockedError
from app.domain.events import DraftEdited, TranscriptEdited
from app.domain.ids import SegmentId
from app.domain.transcript import Revision, RevisionCause, Segment, SpeakerRole
from app.domain.visit import Visit
from app.drafting.checker import DeterministicChecker
from app.drafting.extractive import ENGINE, ExtractiveDrafter
from app.drafting.omissions import OmissionFinder
from app.workflow.draft_run import DraftSetup
from app.workflow.drafts import typed_claim
from app.workflow.following import Following
from app.workflow.room import Room
from tests.unit.drafting.speech import LEXICON, ROUTER
from tests.unit.workflow.conftest import Desk
from tests.unit.workflow.test_rewriting import SEGMENTS, SOAP, _no_model, _NoNotes, of_model
from tests.unit.workflow.test_rewriting import reviewed as reviewed_draft

DOSE = "Takes ibuprofen 400 mg twice a day."
QUOTE = "I take ibuprofen 400 milligrams twice a day."
KNEE = "Left knee pain for two weeks."


@pytest.fixture
def following(desk: Desk) -> list[DraftEdited]:
    """Follow every transcript; what was told about drafts is given."""
    setup = DraftSetup(
        notes=_NoNotes(),  # type: ignore[arg-type]  # never asked
        templates=lambda _: SOAP,
        extractive=ExtractiveDrafter(LEXICON, ROUTER),
        checker=DeterministicChecker(LEXICON),
        omissions=OmissionFinder(LEXICON).find,
        model=_no_model,
        speech=lambda: None,
        preferred=lambda: ENGINE,
    )
    room = Room(desk.bus, desk.inbox, desk.sessions, desk.pool, desk.policy)
    Following(room, setup, desk.editing)
    told: list[DraftEdited] = []
    desk.bus.subscribe(DraftEdited, told.append)
    return told


def reviewed(desk: Desk, *claims: Claim, engine: str = "") -> Visit:
    """Return a visit in review, all of it seen, whose history is by an engine."""
    visit = reviewed_draft(desk, *claims)
    session = desk.sessions.current()
    draft = draft_of(desk, visit)
    first = replace(draft.sections[0], engine=engine)
    made = replace(draft, sections=(first, *draft.sections[1:]))
    desk.result(session.ask(lambda vault: vault.save_draft(made)))
    for each in draft.sections:
        desk.result(desk.reviewing.see(visit.id, each.key))
    return visit


def draft_of(desk: Desk, visit: Visit) -> Draft:
    draft = desk.result(desk.visiting.open(visit.id)).draft
    assert draft is not None
    return draft


def say(desk: Desk, visit: Visit, place: int, text: str) -> Segment:
    """Have a segment read otherwise, and tell it."""
    old = SEGMENTS[place]
    new = replace(old, text=text)
    session = desk.sessions.current()
    desk.result(session.ask(lambda vault: vault.put_segments(visit.id, [new])))
    revision = Revision((), old.text, text, RevisionCause.PERSON, old.id)
    desk.bus.dispatch(TranscriptEdited(visit.id, (new,), revisions=(revision,)))
    return new


def settle(desk: Desk, told: list[DraftEdited]) -> None:
    """Serve until a draft was told."""
    count = len(told)
    desk.inbox.run_until(lambda: len(told) > count, timeout_s=60)


def test_a_line_of_a_model_is_checked_anew_and_its_section_must_be_seen_again(
    desk: Desk, following: list[DraftEdited]
) -> None:
    visit = reviewed(desk, of_model(KNEE, "s1"), of_model(DOSE, "s2"))
    say(desk, visit, 1, "I take ibuprofen 600 milligrams twice a day.")
    settle(desk, following)
    knee, dose = draft_of(desk, visit).claims
    assert (dose.text, dose.support, dose.is_changed) == (DOSE, Support.UNSUPPORTED, True)
    assert {each.kind for each in dose.findings} == {FindingKind.DOSE}
    assert (knee.support, knee.is_changed) == (Support.SUPPORTED, False)
    items = desk.result(desk.reviewing.open_items(visit.id))
    assert [each.id for each in items.claims] == [dose.id]
    assert items.stale == ()
    assert items.unseen == ("subjective",)


def test_a_line_that_holds_of_the_new_words_too_must_only_be_seen(
    desk: Desk, following: list[DraftEdited]
) -> None:
    visit = reviewed(desk, of_model(DOSE, "s2"))
    say(desk, visit, 1, "I take, um, ibuprofen 400 milligrams, twice a day.")
    settle(desk, following)
    (dose,) = draft_of(desk, visit).claims
    assert (dose.support, dose.is_changed) == (Support.SUPPORTED, True)
    with pytest.raises(SigningBlockedError):
        desk.result(desk.signing.sign(visit.id, visit.patient.id))
    desk.result(desk.reviewing.see(visit.id, "subjective"))
    assert desk.result(desk.reviewing.open_items(visit.id)).is_clear
    items = desk.result(desk.reviewing.accept(visit.id, dose.id))
    assert items.is_clear
    assert not draft_of(desk, visit).claims[0].is_changed


def test_a_quotation_nobody_touched_is_quoted_anew(
    desk: Desk, following: list[DraftEdited]
) -> None:
    quote = of_model(QUOTE, "s2")
    visit = reviewed(desk, quote, engine=ENGINE)
    say(desk, visit, 1, "I take ibuprofen 600 milligrams twice a day.")
    settle(desk, following)
    (now,) = draft_of(desk, visit).claims
    assert "600 milligrams" in now.text or "600 mg" in now.text
    assert (now.id, now.support, now.is_changed) == (quote.id, Support.SUPPORTED, True)
    assert desk.result(desk.reviewing.open_items(visit.id)).unseen == ("subjective",)
    assert now.before == QUOTE  # it did not change without a sign of what it was


def test_how_a_quotation_read_is_told_until_a_person_decides(
    desk: Desk, following: list[DraftEdited]
) -> None:
    quote = of_model(QUOTE, "s2")
    visit = reviewed(desk, quote, engine=ENGINE)
    for dose in ("600", "800"):
        say(desk, visit, 1, f"I take ibuprofen {dose} milligrams twice a day.")
        settle(desk, following)
    (now,) = draft_of(desk, visit).claims
    assert "800" in now.text
    assert now.before == QUOTE  # what the person may have read, not what stood there in between
    say(desk, visit, 1, QUOTE)
    settle(desk, following)
    (now,) = draft_of(desk, visit).claims
    assert (now.text, now.before) == (QUOTE, "")
    say(desk, visit, 1, "I take ibuprofen 600 milligrams twice a day.")
    settle(desk, following)
    desk.result(desk.reviewing.accept(visit.id, quote.id))
    (now,) = draft_of(desk, visit).claims
    assert (now.is_changed, now.before) == (False, "")


def test_what_a_person_mended_or_let_stand_is_not_quoted_anew(
    desk: Desk, following: list[DraftEdited]
) -> None:
    mended, stands = of_model(QUOTE, "s2"), of_model("Ibuprofen 400 milligrams.", "s2")
    visit = reviewed(desk, mended, stands, engine=ENGINE)
    desk.result(desk.editing.edit(visit.id, mended.id, "Ibuprofen 400 mg bid."))
    desk.result(desk.reviewing.accept(visit.id, stands.id))
    say(desk, visit, 1, "I take ibuprofen 600 milligrams twice a day.")
    settle(desk, following)
    own, accepted = draft_of(desk, visit).claims
    assert (own.text, own.owner) == ("Ibuprofen 400 mg bid.", Owner.CLINICIAN)
    assert own.is_changed
    assert accepted.text == stands.text
    assert accepted.support is Support.UNSUPPORTED
    items = desk.result(desk.reviewing.open_items(visit.id))
    assert [each.id for each in items.stale] == [stands.id]  # the verdict was on other words
    assert desk.result(desk.reviewing.accept(visit.id, stands.id)).stale == ()


def test_a_doubted_line_is_borne_out_by_the_corrected_word(
    desk: Desk, following: list[DraftEdited]
) -> None:
    doubted = replace(
        of_model("Takes naproxen 400 mg twice a day.", "s1"),
        support=Support.UNSUPPORTED,
        findings=(Finding(FindingKind.DRUG, "naproxen"),),
    )
    visit = reviewed(desk, doubted, of_model(KNEE, "s1"))
    say(desk, visit, 1, "I take naproxen 400 milligrams twice a day.")
    settle(desk, following)
    now, knee = draft_of(desk, visit).claims
    assert (now.support, now.evidence, now.is_changed) == (Support.SUPPORTED, ("s2",), True)
    assert not knee.is_changed
    assert desk.result(desk.reviewing.open_items(visit.id)).claims == ()


def test_a_line_whose_words_are_gone_cannot_be_signed_unseen(
    desk: Desk, following: list[DraftEdited]
) -> None:
    visit = reviewed(desk, of_model("Takes ibuprofen.", "s2"), engine=ENGINE)
    say(desk, visit, 1, "")
    settle(desk, following)
    (claim,) = draft_of(desk, visit).claims
    assert (claim.support, claim.evidence) == (Support.UNSUPPORTED, ())
    items = desk.result(desk.reviewing.open_items(visit.id))
    assert [each.id for each in items.claims] == [claim.id]


def test_what_is_left_out_follows_the_words(desk: Desk, following: list[DraftEdited]) -> None:
    visit = reviewed(desk, of_model(KNEE, "s1"))
    say(desk, visit, 1, "I take naproxen 500 milligrams twice a day.")
    settle(desk, following)
    left = draft_of(desk, visit).omissions
    assert any("naproxen" in each.text for each in left)
    say(desk, visit, 1, "I take diclofenac 50 milligrams twice a day.")
    settle(desk, following)
    left = draft_of(desk, visit).omissions
    assert any("diclofenac" in each.text for each in left)
    assert not any("naproxen" in each.text for each in left)


def test_commas_and_capitals_change_nothing(desk: Desk, following: list[DraftEdited]) -> None:
    visit = reviewed(desk, of_model(DOSE, "s2"), typed_claim("Rest.", (SegmentId("s2"),)))
    before = draft_of(desk, visit)
    say(desk, visit, 1, "i take ibuprofen, 400 milligrams, twice a day")
    say(desk, visit, 0, "My left knee has hurt for three weeks.")  # followed after the other
    settle(desk, following)
    assert draft_of(desk, visit).sections == before.sections
    assert desk.result(desk.reviewing.open_items(visit.id)).is_clear


def test_a_person_can_still_undo_and_the_line_is_checked_again(
    desk: Desk, following: list[DraftEdited]
) -> None:
    dose = of_model(DOSE, "s2")
    visit = reviewed(desk, dose)
    desk.result(desk.editing.add(visit.id, "plan", "Rest."))
    say(desk, visit, 1, "I take ibuprofen 600 milligrams twice a day.")
    settle(desk, following)
    undone = desk.result(desk.editing.undo(visit.id))
    assert [each.text for each in undone.claims] == [DOSE]
    settle(desk, following)
    assert draft_of(desk, visit).claims[0].support is Support.UNSUPPORTED
    with pytest.raises(NotFoundError):
        desk.result(desk.editing.undo(visit.id))


def test_a_speaker_named_otherwise_leaves_nothing_stale(
    desk: Desk, following: list[DraftEdited]
) -> None:
    visit = reviewed(desk, of_model(DOSE, "s2"))
    named = replace(SEGMENTS[1], role=SpeakerRole.OTHER)
    session = desk.sessions.current()
    desk.result(session.ask(lambda vault: vault.put_segments(visit.id, [named])))
    assert desk.result(desk.reviewing.open_items(visit.id)).stale
    desk.bus.dispatch(TranscriptEdited(visit.id, (named,)))
    settle(desk, following)
    assert desk.result(desk.reviewing.open_items(visit.id)).stale == ()
