"""What stands between a draft and a signature is said plainly."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from app.domain.draft import Claim, Finding, FindingKind, Owner, Support
from app.domain.errors import WrongPatientError
from app.domain.ids import ClaimId, PatientId, VisitId
from app.domain.review import is_blocking
from app.domain.visit import VisitState
from app.ui.viewmodels.review import (
    ReviewModel,
    facts_words,
    finding_words,
    open_words,
    support_words,
)
from tests.fakes.services import Stage, fill
from tests.fakes.visits import PATIENT, sample_draft
from tests.fakes.world import PASSWORD


@pytest.fixture
def visit(stage: Stage) -> VisitId:
    stage.world.account = stage.unlocking.add("Dr. Ada Miller")
    return fill(stage)


@pytest.fixture
def model(qtbot: QtBot, stage: Stage, visit: VisitId) -> ReviewModel:
    made = ReviewModel(stage.services)
    made.show(visit, ())
    made.refresh()
    qtbot.waitUntil(lambda: made.is_known)
    return made


def clear(qtbot: QtBot, model: ReviewModel) -> None:
    for claim in model.open_claims:
        model.accept(claim)
    for section in model.unseen:
        model.see(section)
    qtbot.waitUntil(lambda: model.is_clear)


def test_what_is_open_is_counted(model: ReviewModel) -> None:
    assert model.open_claims == ("c6", "c10")
    assert model.words == "2 statements to decide, 4 sections not seen yet"
    assert not model.is_clear


def test_verdicts_and_looks_clear_the_way(qtbot: QtBot, model: ReviewModel) -> None:
    clear(qtbot, model)
    assert model.words == ""
    assert model.accepted == {"c6", "c10"}


def test_a_signature_needs_the_right_patient(qtbot: QtBot, model: ReviewModel) -> None:
    clear(qtbot, model)
    with qtbot.waitSignal(model.refused) as refused:
        model.sign(PatientId("somebody else"))
    assert isinstance(refused.args[0], WrongPatientError)


def test_the_password_is_asked_for_again_when_it_is_old(
    qtbot: QtBot, stage: Stage, visit: VisitId, model: ReviewModel
) -> None:
    clear(qtbot, model)
    stage.signing.needs_password = True
    with qtbot.waitSignal(model.password_needed) as first:
        model.sign(PATIENT.id)
    assert first.args == [False]
    with qtbot.waitSignal(model.password_needed) as second:
        model.sign(PATIENT.id, "wrong")
    assert second.args == [True]
    with qtbot.waitSignal(model.signed):
        model.sign(PATIENT.id, PASSWORD)
    assert stage.world.shelves[visit].visit.state is VisitState.SIGNED


def test_signing_with_open_items_is_refused(qtbot: QtBot, model: ReviewModel) -> None:
    with qtbot.waitSignal(model.refused):
        model.sign(PATIENT.id)


def test_open_things_are_said_in_plain_words() -> None:
    assert open_words(1, 0) == "1 statement to decide"
    assert open_words(0, 1) == "1 section not seen yet"
    assert open_words(0, 0) == ""


def test_every_state_and_finding_has_words() -> None:
    claim = Claim(ClaimId("c"), "text")
    words = {support_words(replace(claim, support=each)) for each in Support}
    assert words == {"Supported", "Partly", "Unsupported", "Yours"}
    assert support_words(replace(claim, owner=Owner.MACRO)) == "Macro"
    for kind in FindingKind:
        assert finding_words(replace(claim, findings=(Finding(kind, "x"),)))
    assert finding_words(claim) == "Not found in the transcript"
    assert finding_words(replace(claim, support=Support.SUPPORTED)) == ""


def test_a_models_word_is_named_where_a_claim_rests_on_it() -> None:
    loose, agreed = Finding(FindingKind.LOW_OVERLAP), Finding(FindingKind.MODEL_AGREED)
    claim = Claim(ClaimId("c"), "text", support=Support.SUPPORTED, findings=(loose, agreed))
    assert finding_words(claim) == (
        "Only loosely like what was said · a language model finds that it was said"
    )
    plain = replace(claim, findings=())
    words = facts_words((claim, plain), (), 0)
    assert "1 supported by what was said, 1 supported as a language model reads it" in words


def test_the_sign_dialog_counts_what_one_puts_a_name_under() -> None:
    draft = sample_draft(VisitId("v"))
    claims = [claim for section in draft.sections for claim in section.claims]
    blocking = [claim.id for claim in claims if is_blocking(claim)]
    words = facts_words(claims, blocking, 2)
    assert f"{len(blocking)} accepted on your word" in words
    assert "not supported" not in words
    assert words.endswith("Said, but not in the note: 2.")
    assert f"{len(blocking)} not supported" in facts_words(claims, (), 0)
    assert facts_words((), (), 0) == "Statements: none."
