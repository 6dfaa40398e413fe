"""Codes are found when a person turned the look-up on and asks, and written as their own line."""

from __future__ import annotations

import pytest

from app.domain.draft import Owner, Support
from app.domain.errors import LookUpOffError
from app.foundation import paths
from app.foundation.config import Settings
from app.workflow.coding import Coding
from app.workflow.room import Room
from tests.unit.workflow.conftest import Desk, claim
from tests.unit.workflow.test_signing import GOOD

TABLE = paths.resources() / "icd10cm" / "codes.tsv.xz"


def coding(desk: Desk, *, is_on: bool) -> Coding:
    room = Room(desk.bus, desk.inbox, desk.sessions, desk.pool, desk.policy)
    return Coding(room, desk.editing, TABLE, is_on=is_on)


def test_it_is_off_and_reads_nothing_until_it_is_turned_on(desk: Desk) -> None:
    assert Settings().code_look_up is False
    found = coding(desk, is_on=Settings().code_look_up)
    with pytest.raises(LookUpOffError):
        desk.result(found.find("angina"))
    assert found._index is None


def test_a_code_is_found_by_words_with_a_slip_and_written_as_the_clinicians_own(
    desk: Desk,
) -> None:
    found = coding(desk, is_on=False)
    found.turn(is_on=True)
    hits = desk.result(found.find("angina pectorsi"))
    assert "I20.9" in [each.entry.code for each in hits]
    assert "I20.8" in [each.code for each in desk.result(found.below("I20"))]
    visit = desk.reviewed(claim(*GOOD))
    entry = next(each.entry for each in hits if each.entry.code == "I20.9")
    draft = desk.result(found.write(visit.id, "plan", entry))
    (line,) = draft.sections[1].claims
    assert line.text == "Angina pectoris, unspecified (ICD-10-CM I20.9)"
    assert (line.owner, line.support) == (Owner.CLINICIAN, Support.CLINICIAN)
