"""What persons write is theirs, auto-texts are labelled, and every draft can come back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain.audio import Span
from app.domain.draft import Owner, Support
from app.domain.errors import (
    ConsentMissingError,
    DraftChangedError,
    NotFoundError,
    SigningBlockedError,
)
from app.domain.ids import DraftId
from app.domain.visit import Visit
from app.domain.vocabulary import Macro, Vocabulary
from app.workflow.history import History
from tests.unit.workflow.conftest import AGREED, VERBAL, Desk, claim
from tests.unit.workflow.test_signing import BAD_DOSE, GOOD

KNEE = Macro("knee exam", "Knee [[side:left|right]]: stable.\nNo effusion of the knee.", ".knee")


def teach(desk: Desk, *macros: Macro) -> None:
    session = desk.sessions.current()
    desk.result(session.ask(lambda vault: vault.save_vocabulary(Vocabulary(macros=macros))))


def asked(desk: Desk, visit: Visit) -> None:
    """Record a consent without moving the visit."""
    desk.result(desk.visiting.grant(visit.id, "Ada Shaw", VERBAL, AGREED))


def test_an_auto_text_gives_one_labelled_line_for_each_of_its_lines(desk: Desk) -> None:
    teach(desk, KNEE)
    visit = desk.reviewed(claim(*GOOD))
    draft = desk.result(desk.editing.add(visit.id, "plan", KNEE.text))
    made = draft.sections[1].claims
    assert [each.text for each in made] == KNEE.text.splitlines()
    assert {(each.owner, each.support) for each in made} == {(Owner.MACRO, Support.CLINICIAN)}
    filled = desk.result(desk.editing.edit(visit.id, made[0].id, "Knee left: stable."))
    assert filled.sections[1].claims[0].owner is Owner.MACRO
    own = desk.result(desk.editing.edit(visit.id, made[1].id, "Small effusion of the knee."))
    assert own.sections[1].claims[1].owner is Owner.CLINICIAN


def test_an_unfilled_field_blocks_the_signature(desk: Desk) -> None:
    teach(desk, KNEE)
    visit = desk.reviewed(claim(*GOOD))
    draft = desk.result(desk.editing.add(visit.id, "plan", KNEE.text))
    desk.see_all(visit.id)
    items = desk.result(desk.reviewing.open_items(visit.id))
    assert [each.text for each in items.unfilled] == [KNEE.text.splitlines()[0]]
    with pytest.raises(SigningBlockedError) as told:
        desk.result(desk.signing.sign(visit.id, visit.patient.id))
    assert told.value.facts["unfilled_claims"] == 1
    desk.result(desk.editing.edit(visit.id, draft.sections[1].claims[0].id, "Knee left: stable."))
    assert desk.result(desk.signing.sign(visit.id, visit.patient.id)).version == 1


def test_several_typed_lines_are_several_claims_in_order(desk: Desk) -> None:
    visit = desk.reviewed(claim(*GOOD), claim("Another", Support.SUPPORTED))
    first = desk.result(desk.visiting.open(visit.id)).draft
    assert first is not None
    draft = desk.result(desk.editing.edit(visit.id, first.claims[0].id, "One\n- Two\n\n* Three"))
    assert [each.text for each in draft.claims] == ["One", "Two", "Three", "Another"]


def test_an_earlier_draft_comes_back_as_a_new_one_and_can_be_undone(desk: Desk) -> None:
    visit = desk.reviewed(claim(*GOOD), claim(*BAD_DOSE))
    history = History(desk.sessions)
    original = desk.result(desk.visiting.open(visit.id)).draft
    assert original is not None
    mended = desk.result(desk.editing.edit(visit.id, original.claims[1].id, "Takes nothing"))
    desk.result(desk.editing.add(visit.id, "plan", "Rest"))
    steps = desk.result(history.steps(visit.id))
    assert [(each.added, each.changed, each.removed) for each in steps] == [
        (1, 0, 0),
        (0, 1, 0),
        (2, 0, 0),
        (0, 0, 0),
    ]
    assert [each.is_current for each in steps] == [True, False, False, False]
    diffs = desk.result(history.compare(visit.id, original.id))
    kinds = [each.kind.value for diff in diffs for each in diff.changes if each.is_open]
    assert kinds == ["changed", "removed"]
    back = desk.result(desk.editing.restore(visit.id, original.id))
    assert back.sections == original.sections
    assert back.id != original.id
    items = desk.result(desk.reviewing.open_items(visit.id))
    assert [each.text for each in items.claims] == [BAD_DOSE[0]]  # its verdict was on other words
    undone = desk.result(desk.editing.undo(visit.id))
    assert undone.claims[1].text == mended.claims[1].text
    with pytest.raises(NotFoundError):
        desk.result(desk.editing.restore(visit.id, DraftId("none")))


def test_a_verdict_holds_for_the_words_it_was_given_on(desk: Desk) -> None:
    bad = claim(*BAD_DOSE)
    visit = desk.reviewed(bad)
    assert not desk.result(desk.reviewing.accept(visit.id, bad.id)).claims
    session = desk.sessions.current()
    draft = desk.result(desk.visiting.open(visit.id)).draft
    assert draft is not None
    other = replace(bad, text="Takes ibuprofen 80 mg")
    section = replace(draft.sections[0], claims=(other,))
    changed = replace(draft, id=DraftId("other"), sections=(section, *draft.sections[1:]))
    desk.result(session.ask(lambda vault: vault.save_draft(changed)))
    assert desk.result(desk.reviewing.open_items(visit.id)).claims == (other,)


def test_a_change_made_for_another_draft_is_refused(desk: Desk) -> None:
    visit = desk.reviewed(claim(*GOOD))
    draft = desk.result(desk.visiting.open(visit.id)).draft
    assert draft is not None
    desk.result(desk.editing.add(visit.id, "plan", "Rest"))
    with pytest.raises(DraftChangedError):
        desk.result(desk.editing.apply(visit.id, lambda each: each, draft.id))


def test_only_the_ledger_speaks_of_consent(desk: Desk) -> None:
    visit = desk.reviewed(claim(*GOOD))
    with pytest.raises(ConsentMissingError):
        desk.result(desk.editing.add_consent_line(visit.id))
    asked(desk, visit)
    desk.result(desk.editing.add_consent_line(visit.id))
    draft = desk.result(desk.editing.add_consent_line(visit.id))  # in the place of the first
    (line,) = draft.sections[1].claims
    assert line.owner is Owner.LEDGER
    assert line.text.startswith("Verbal consent to record this visit and to draft the note")
    assert "given by Patient, asked by Ada Shaw on 20" in line.text


def test_a_withdrawn_consent_closes_the_gate(desk: Desk) -> None:
    visit = desk.reviewed(claim(*GOOD))
    asked(desk, visit)
    desk.see_all(visit.id)
    found = desk.result(desk.visiting.open(visit.id)).visit
    consent, at = found.consent, found.created_at
    assert consent is not None
    session = desk.sessions.current()
    desk.result(session.ask(lambda vault: vault.withdraw_consent(consent, at)))
    with pytest.raises(ConsentMissingError):
        desk.result(desk.signing.sign(visit.id, visit.patient.id))


def test_undo_goes_back_step_by_step_and_never_over_a_draft_made_anew(desk: Desk) -> None:
    visit = desk.reviewed(claim(*GOOD))
    for text in ("One", "Two"):
        desk.result(desk.editing.add(visit.id, "plan", text))
    assert [each.text for each in desk.result(desk.editing.undo(visit.id)).claims][1:] == ["One"]
    assert len(desk.result(desk.editing.undo(visit.id)).claims) == 1
    with pytest.raises(NotFoundError):
        desk.result(desk.editing.undo(visit.id))
    desk.result(desk.editing.add(visit.id, "plan", "Three"))
    record = desk.result(desk.visiting.open(visit.id))
    assert record.draft is not None
    section = replace(record.draft.sections[0], claims=(claim("Anew", Support.SUPPORTED),))
    anew = replace(record.draft, id=DraftId("anew"), sections=(section,))
    session = desk.sessions.current()
    desk.result(session.ask(lambda vault: vault.save_draft(anew)))
    with pytest.raises(NotFoundError):
        desk.result(desk.editing.undo(visit.id))
    assert desk.result(desk.visiting.open(visit.id)).draft == anew


def test_undo_does_not_bring_back_what_was_struck(desk: Desk) -> None:
    quoted = claim(*GOOD)
    visit = desk.reviewed(quoted)
    desk.result(desk.editing.add(visit.id, "plan", "Rest."))
    desk.result(desk.editing.remove(visit.id, quoted.id))
    session = desk.sessions.current()
    desk.result(session.ask(lambda vault: vault.strike(visit.id, Span(0, 1))))
    left = desk.result(session.ask(lambda vault: vault.draft(visit.id)))
    assert left is not None
    assert [each.text for each in left.claims] == ["Rest."]
    with pytest.raises(NotFoundError):
        desk.result(desk.editing.undo(visit.id))
