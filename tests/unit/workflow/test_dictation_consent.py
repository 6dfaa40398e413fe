"""A dictation asks nobody: the ledger says so, and it opens no microphone for a talk."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.audio.journal import JournalReader
from app.domain.draft import Support
from app.domain.errors import ConsentMissingError, VisitStateError
from app.domain.ids import RecordingId, VisitId
from app.domain.visit import Consent, ConsentGranted, ConsentManner, Person, VisitState
from app.workflow.listening import Listening
from app.workflow.room import Room
from app.workflow.transcribing import SpeechSetup, Transcribing
from tests.unit.workflow.conftest import VERBAL, Desk, claim
from tests.unit.workflow.test_listening import DeafSpeech, Recorder, no_model


def listening(desk: Desk) -> tuple[Listening, Recorder]:
    room = Room(desk.bus, desk.inbox, desk.sessions, desk.pool, desk.policy)
    setup = SpeechSetup(
        DeafSpeech(), JournalReader, no_model, lambda: None, lambda *_: None, lambda _: None
    )
    recorder = Recorder(desk)
    return Listening(room, recorder, Transcribing(room, setup)), recorder


def entry(desk: Desk, granted: ConsentGranted) -> Consent:
    ask = desk.sessions.current().ask
    return desk.result(ask(lambda vault: vault.consent(granted.consent)))


def recordings(desk: Desk, visit: VisitId) -> list[RecordingId]:
    rows = desk.result(desk.sessions.current().ask(lambda vault: vault.recordings(visit)))
    return [each.id for each in rows]


def test_the_ledger_says_that_nobody_was_asked_and_nothing_of_the_patient_recorded(
    desk: Desk,
) -> None:
    visit = desk.visit()
    granted = desk.result(desk.visiting.dictate(visit.id))
    told = entry(desk, granted)
    assert told.manner is ConsentManner.DICTATION
    assert told.present == (Person("Ada Shaw", agreed=True),)
    scope = (told.may_record, told.may_draft, told.may_keep_audio, told.ai_disclosed)
    assert not any(scope)
    assert (told.is_granted, told.is_dictation, granted.is_dictation) == (False, True, True)
    found = desk.result(desk.visiting.open(visit.id)).visit
    assert (found.consent, found.dictation) == (None, granted.consent)
    with pytest.raises(ConsentMissingError):
        desk.result(desk.visiting.granted(visit.id))


def test_the_microphone_opens_for_the_dictation_after_the_entry_is_kept(desk: Desk) -> None:
    visit = desk.visit()
    service, recorder = listening(desk)
    granted = desk.result(desk.visiting.dictate(visit.id))
    recording = desk.result(service.start(granted, is_dictation=True))
    assert [each.recording for each in recorder.plans] == [recording]
    assert recordings(desk, visit.id) == [recording]
    found = desk.result(desk.visiting.open(visit.id)).visit
    assert (found.state, found.is_dictated) == (VisitState.RECORDING, True)


def test_no_microphone_opens_for_the_talk_of_a_visit(desk: Desk) -> None:
    visit = desk.visit()
    service, recorder = listening(desk)
    granted = desk.result(desk.visiting.dictate(visit.id))
    for ticket in (granted, replace(granted, is_dictation=False)):
        with pytest.raises(ConsentMissingError):
            desk.result(service.start(ticket))
        with pytest.raises(ConsentMissingError):
            desk.result(service.arm(ticket))
    assert recorder.plans == []
    assert recordings(desk, visit.id) == []


def test_an_entry_of_another_visit_or_no_dictation_keeps_no_recording(desk: Desk) -> None:
    visit, other = desk.visit(), desk.visit()
    service, recorder = listening(desk)
    theirs = desk.result(desk.visiting.dictate(other.id))
    declined = (Person("patient", agreed=False),)
    with pytest.raises(ConsentMissingError):
        desk.result(desk.visiting.grant(visit.id, "Ada Shaw", VERBAL, declined))
    desk.result(desk.visiting.dictate(visit.id))
    stolen = replace(theirs, visit=visit.id, patient=visit.patient.id)
    with pytest.raises(ConsentMissingError):
        desk.result(service.start(stolen, is_dictation=True))
    assert recorder.plans == []


def test_what_was_declined_is_dictated(desk: Desk) -> None:
    visit = desk.visit()
    service, _ = listening(desk)
    declined = (Person("patient", agreed=False),)
    with pytest.raises(ConsentMissingError):
        desk.result(desk.visiting.grant(visit.id, "Ada Shaw", VERBAL, declined))
    desk.result(desk.visiting.type_note(visit.id))
    granted = desk.result(desk.visiting.dictate(visit.id))
    desk.result(service.start(granted, is_dictation=True))
    assert desk.result(desk.visiting.open(visit.id)).visit.state is VisitState.RECORDING


def test_a_signed_note_takes_no_dictation_and_the_ledger_no_entry(desk: Desk) -> None:
    visit = desk.reviewed(claim("Back pain for two days", Support.SUPPORTED))
    desk.see_all(visit.id)
    desk.result(desk.signing.sign(visit.id, visit.patient.id))
    with pytest.raises(VisitStateError):
        desk.result(desk.visiting.dictate(visit.id))
    assert desk.result(desk.visiting.open(visit.id)).visit.dictation is None


def test_a_dictated_note_says_nothing_about_consent(desk: Desk) -> None:
    visit = desk.visit()
    desk.result(desk.visiting.dictate(visit.id))
    desk.result(desk.visiting.type_note(visit.id))
    with pytest.raises(ConsentMissingError):
        desk.result(desk.editing.add_consent_line(visit.id))
