"""Consent comes first, every answer is kept, and states follow the table."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import ConsentMissingError, LockedError, NotFoundError, VisitStateError
from app.domain.ids import VisitId
from app.domain.visit import Person, VisitState, can_move
from tests.unit.workflow.conftest import AGREED, VERBAL, Desk, claim
from tests.unit.workflow.test_signing import GOOD


def test_a_planned_visit_is_listed_and_found(desk: Desk) -> None:
    visit = desk.visit("Quist")
    desk.visit("Zeller")
    assert len(desk.result(desk.visiting.visits())) == 2
    found = desk.result(desk.visiting.visits("Quis"))
    assert [each.visit.id for each in found] == [visit.id]


def test_everybody_must_agree(desk: Desk) -> None:
    visit = desk.visit()
    mixed = (*AGREED, Person("Daughter", agreed=False))
    with pytest.raises(ConsentMissingError):
        desk.result(desk.visiting.grant(visit.id, "Ada Shaw", VERBAL, mixed))
    record = desk.result(desk.visiting.open(visit.id))
    assert record.visit.state is VisitState.PLANNED
    with pytest.raises(ConsentMissingError):
        desk.result(desk.visiting.granted(visit.id))
    granted = desk.result(desk.visiting.grant(visit.id, "Ada Shaw", VERBAL, AGREED))
    assert granted.patient == visit.patient.id
    assert desk.result(desk.visiting.granted(visit.id)) == granted
    assert desk.result(desk.visiting.open(visit.id)).visit.state is VisitState.CONSENTED


def test_nobody_asked_is_no_consent(desk: Desk) -> None:
    visit = desk.visit()
    with pytest.raises(ConsentMissingError):
        desk.result(desk.visiting.grant(visit.id, "Ada Shaw", VERBAL, ()))


def test_a_declined_visit_can_be_typed(desk: Desk) -> None:
    visit = desk.visit()
    record = desk.result(desk.visiting.type_note(visit.id))
    assert record.visit.state is VisitState.IN_REVIEW
    assert record.draft is not None
    draft = desk.result(desk.editing.add(visit.id, "plan", "Return in two weeks"))
    assert [each.text for each in draft.claims] == ["Return in two weeks"]
    assert desk.result(desk.editing.undo(visit.id)).claims == ()
    with pytest.raises(NotFoundError):
        desk.result(desk.editing.undo(visit.id))


def test_a_signed_visit_cannot_be_discarded(desk: Desk) -> None:
    visit = desk.reviewed(claim(*GOOD))
    desk.see_all(visit.id)
    desk.result(desk.signing.sign(visit.id, visit.patient.id))
    with pytest.raises(VisitStateError):
        desk.result(desk.visiting.discard(visit.id))


def test_a_locked_desk_shows_nothing(desk: Desk) -> None:
    desk.result(desk.unlocking.lock())
    with pytest.raises(LockedError):
        desk.visiting.visits()


def test_an_unknown_visit_is_named(desk: Desk) -> None:
    with pytest.raises(NotFoundError):
        desk.result(desk.visiting.open(VisitId("00000000-0000-4000-8000-000000000000")))


@given(st.sampled_from(VisitState), st.sampled_from(VisitState))
def test_nothing_leads_out_of_the_end_states(from_state: VisitState, to_state: VisitState) -> None:
    if from_state in {VisitState.SIGNED, VisitState.DISCARDED}:
        assert not can_move(from_state, to_state)
    if to_state is VisitState.SIGNED and can_move(from_state, to_state):
        assert from_state is VisitState.IN_REVIEW
