"""A person changes the transcript: visible, on record, and erased where erased was meant."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest

from app.audio.journal import JournalReader
from app.audio.journal_writing import JournalWriter
from app.domain.audio import SAMPLE_RATE, Span, StretchKind
from app.domain.errors import NotFoundError, VisitStateError
from app.domain.events import TranscriptEdited
from app.domain.ids import RecordingId, RecordingKeyId, SegmentId, WordId, new_id
from app.domain.ports import RecordingPlan
from app.domain.store_ports import RecordingRow, RecordingSecret
from app.domain.transcript import RevisionCause, Segment, SpeakerRole, Suggestion, Word
from app.domain.visit import ConsentManner, Person, Visit
from app.workflow.correcting import Correcting
from app.workflow.room import Room
from tests.unit.workflow.conftest import Desk

SECOND = SAMPLE_RATE


def said(number: int, text: str, role: SpeakerRole, speaker: str = "") -> Segment:
    """Return a segment that begins at its number in seconds, one word per 0.1 s."""
    at = number * SECOND
    words = tuple(
        Word(WordId(f"w{number}.{i}"), each, at + i * 1600, at + (i + 1) * 1600, 0.4)
        for i, each in enumerate(text.split())
    )
    return Segment(
        SegmentId(f"s{number:04d}"), text, role, 0.6, at, words[-1].end, words, (), speaker
    )


def doubt(segment: Segment, terms: Sequence[str]) -> tuple[Suggestion, ...]:
    """Doubt every word that begins like a term: enough to see that terms and segments arrive."""
    return tuple(
        Suggestion(segment.id, (word.id,), word.text, (term,))
        for word in segment.words
        for term in terms
        if word.text[:3] == term[:3]
    )


@pytest.fixture
def correcting(desk: Desk) -> Correcting:
    return Correcting(Room(desk.bus, desk.inbox, desk.sessions, desk.pool, desk.policy), doubt)


@pytest.fixture
def edits(desk: Desk) -> list[TranscriptEdited]:
    heard: list[TranscriptEdited] = []
    desk.bus.subscribe(TranscriptEdited, heard.append)
    return heard


@pytest.fixture
def visit(desk: Desk) -> Visit:
    made = desk.visit()
    segments = [
        said(1, "how are you", SpeakerRole.PATIENT, "A"),
        said(2, "i take apropastatin forty milligrams", SpeakerRole.CLINICIAN, "B"),
        said(3, "good", SpeakerRole.PATIENT, "A"),
    ]
    desk.result(desk.sessions.current().ask(lambda vault: vault.put_segments(made.id, segments)))
    return made


def segments_of(desk: Desk, visit: Visit) -> tuple[Segment, ...]:
    return desk.result(desk.visiting.open(visit.id)).transcript.segments


def test_a_corrected_word_keeps_its_id_and_the_old_text_is_on_record(
    desk: Desk, correcting: Correcting, visit: Visit, edits: list[TranscriptEdited]
) -> None:
    word = WordId("w2.2")
    desk.result(correcting.correct(visit.id, SegmentId("s0002"), (word,), "atorvastatin"))
    record = desk.result(desk.visiting.open(visit.id))
    changed = record.transcript.segments[1]
    assert changed.text == "i take atorvastatin 40 mg"
    assert changed.spoken == "i take atorvastatin forty milligrams"
    assert changed.words[2].id == word
    assert changed.words[2].probability == 1.0
    (revision,) = record.transcript.revisions
    assert (revision.before, revision.after) == ("apropastatin", "atorvastatin")
    assert revision.cause is RevisionCause.PERSON
    assert [each.segments for each in edits] == [(changed,)]


def test_more_words_than_before_get_ids_of_their_own(
    desk: Desk, correcting: Correcting, visit: Visit
) -> None:
    desk.result(
        correcting.correct(visit.id, SegmentId("s0002"), (WordId("w2.2"),), "a bit of statin")
    )
    words = segments_of(desk, visit)[1].words
    assert [each.text for each in words[2:6]] == ["a", "bit", "of", "statin"]
    assert len({each.id for each in words}) == len(words)
    assert words[2].id == "w2.2"
    assert all(a.end <= b.start for a, b in pairwise(words))


def test_words_that_are_not_there_cannot_be_corrected(
    desk: Desk, correcting: Correcting, visit: Visit
) -> None:
    for segment, words in (("s0009", ("w2.2",)), ("s0002", ("w1.1",)), ("s0002", ("w2.3", "w2.2"))):
        ids = tuple(WordId(each) for each in words)
        with pytest.raises(NotFoundError):
            desk.result(correcting.correct(visit.id, SegmentId(segment), ids, "x"))


def test_one_click_exchanges_clinician_and_patient(
    desk: Desk, correcting: Correcting, visit: Visit, edits: list[TranscriptEdited]
) -> None:
    desk.result(correcting.swap(visit.id))
    roles = [each.role for each in segments_of(desk, visit)]
    assert roles == [SpeakerRole.CLINICIAN, SpeakerRole.PATIENT, SpeakerRole.CLINICIAN]
    assert [each.role for each in edits[0].segments] == roles


def test_a_speaker_is_named_everywhere_and_nobody_else(
    desk: Desk, correcting: Correcting, visit: Visit
) -> None:
    desk.result(correcting.name_speaker(visit.id, "A", SpeakerRole.OTHER))
    roles = [each.role for each in segments_of(desk, visit)]
    assert roles == [SpeakerRole.OTHER, SpeakerRole.CLINICIAN, SpeakerRole.OTHER]


def test_suggestions_change_nothing_and_know_the_words_of_the_visit(
    desk: Desk, correcting: Correcting, visit: Visit
) -> None:
    before = segments_of(desk, visit)
    desk.result(desk.visiting.set_terms(visit.id, ("aprotinin",)))
    (found,) = desk.result(correcting.suggestions(visit.id))
    assert (found.heard, found.candidates) == ("apropastatin", ("aprotinin",))
    assert segments_of(desk, visit) == before


# -- striking


def recorded(desk: Desk, visit: Visit) -> tuple[RecordingId, RecordingSecret]:
    """Record 5 s for a visit: each second of sound is its own number."""
    present = (Person("patient", True),)
    desk.result(desk.visiting.grant(visit.id, "Dr. Ash", ConsentManner.VERBAL, present))
    session = desk.sessions.current()
    row = RecordingRow(RecordingId(new_id()), visit.id, RecordingKeyId(new_id()), visit.created_at)
    secret = desk.result(session.ask(lambda vault: vault.add_recording(row)))
    plan = RecordingPlan(
        row.id, 0, session.account.uid, row.key, secret.public_key, str(session.audio_folder)
    )
    writer = JournalWriter(plan, started_ms=0)
    for second in range(5):
        writer.audio(second * SECOND, bytes([second + 1, 0]) * SECOND)
    writer.close(5 * SECOND)
    desk.result(session.ask(lambda vault: vault.close_recording(row.id, 5 * SECOND)))
    return row.id, secret


def test_what_is_struck_is_gone_from_transcript_and_sound(
    desk: Desk, correcting: Correcting, visit: Visit, edits: list[TranscriptEdited]
) -> None:
    recording, secret = recorded(desk, visit)
    gone = desk.result(correcting.strike(visit.id, Span(2 * SECOND, 3 * SECOND)))
    assert gone == ("s0002",)
    assert [each.gone for each in edits] == [gone]
    transcript = desk.result(desk.visiting.open(visit.id)).transcript
    assert [each.id for each in transcript.segments] == ["s0001", "s0003"]
    assert StretchKind.OFF_RECORD in {each.kind for each in transcript.stretches}
    reader = JournalReader(desk.sessions.current().audio_folder)
    heard = b"".join(each.pcm for each in reader.read(recording, secret.private_key))
    assert set(heard) == {0, 1, 2, 4, 5}
    assert reader.inspect(recording, secret.private_key).samples == 5 * SECOND


def test_nothing_is_struck_while_the_visit_is_being_recorded(
    desk: Desk, correcting: Correcting, visit: Visit
) -> None:
    present = (Person("patient", True),)
    desk.result(desk.visiting.grant(visit.id, "Dr. Ash", ConsentManner.VERBAL, present))
    row = RecordingRow(RecordingId(new_id()), visit.id, RecordingKeyId(new_id()), visit.created_at)
    desk.result(desk.sessions.current().ask(lambda vault: vault.add_recording(row)))
    with pytest.raises(VisitStateError):
        desk.result(correcting.strike(visit.id, Span(0, SECOND)))
    assert len(segments_of(desk, visit)) == 3
