"""What a clinician teaches the program: vocabulary, and their voice. Main thread."""

from __future__ import annotations

from concurrent.futures import Future
from datetime import datetime
from pathlib import Path
from typing import Final

from app.audio.journal import JournalReader
from app.audio.mono import mono
from app.domain.audio import BYTES_PER_SAMPLE, SAMPLE_RATE, Span
from app.domain.errors import VoiceNotLearnedError
from app.domain.ids import RecordingId, VisitId
from app.domain.ports import AudioFilePort
from app.domain.store_ports import VaultPort
from app.domain.transcript import SpeakerRole
from app.domain.vocabulary import Vocabulary, VoiceEnrolment
from app.workflow.room import Room
from app.workflow.session import Session
from app.workflow.voice_learning import VoiceLearner

LEAST_SPEECH_S: Final = 10.0
"""CAM++ is sure of a speaker from 1.5 s on (SPEECH.md 6); ten make an average of many."""
ENOUGH_SPEECH_S: Final = 60.0


_Sound = tuple[RecordingId, bytes, int]
"""A recording, its private key, and where it ends on the visit's audio clock."""


class Teaching:
    """Keeps vocabulary and voice in the clinician's own vault."""

    def __init__(self, room: Room, learner: VoiceLearner, files: AudioFilePort) -> None:
        self._sessions = room.sessions
        self._pool = room.pool
        self._learner = learner
        self._files = files

    @property
    def can_learn_voices(self) -> bool:
        """Whether the model for it is installed."""
        return self._learner.model is not None

    def vocabulary(self) -> Future[Vocabulary]:
        """Return terms, replacements and macros."""
        return self._sessions.current().ask(lambda vault: vault.vocabulary())

    def save_vocabulary(self, vocabulary: Vocabulary) -> Future[None]:
        """Keep them; they hold from the next recording on."""
        return self._sessions.current().ask(lambda vault: vault.save_vocabulary(vocabulary))

    def voice(self) -> Future[VoiceEnrolment | None]:
        """Return the enrolled voice, None when there is none."""
        return self._sessions.current().ask(lambda vault: vault.voice())

    def forget_voice(self) -> Future[None]:
        """Erase the voice for good."""
        return self._sessions.current().ask(lambda vault: vault.save_voice(None))

    def learn_from_visit(self, visit: VisitId, consented_at: datetime) -> Future[VoiceEnrolment]:
        """Learn the clinician's voice from what the transcript calls the clinician's words.

        Args:
            visit: finished; look first that clinician and patient are not mixed up.
            consented_at: when the clinician agreed to have biometric data kept.

        The future raises VoiceNotLearnedError: too little of the clinician, or more than one
        voice.
        """
        session = self._sessions.current()

        def job() -> VoiceEnrolment:
            return self._enroll(session, _clinician_sound(session, visit), consented_at)

        return self._pool.submit(job)

    def learn_from_sound(self, pcm: bytes, consented_at: datetime) -> Future[VoiceEnrolment]:
        """Learn it from sound in which the clinician alone speaks: 16 kHz mono s16le.

        The future raises VoiceNotLearnedError: too little speech, or more than one voice.
        """
        session = self._sessions.current()
        return self._pool.submit(lambda: self._enroll(session, pcm, consented_at))

    def learn_from_file(self, path: Path, consented_at: datetime) -> Future[VoiceEnrolment]:
        """Learn it from an audio file in which the clinician alone speaks.

        The future raises AudioFileError, VoiceNotLearnedError.
        """
        session = self._sessions.current()

        def job() -> VoiceEnrolment:
            most = round(ENOUGH_SPEECH_S * SAMPLE_RATE) * BYTES_PER_SAMPLE
            pcm = b""
            for block in self._files.stream(str(path)):
                pcm += block
                if len(pcm) >= most:
                    break
            return self._enroll(session, pcm[:most], consented_at)

        return self._pool.submit(job)

    def _enroll(self, session: Session, pcm: bytes, consented_at: datetime) -> VoiceEnrolment:
        model = self._learner.model
        if model is None or len(pcm) < LEAST_SPEECH_S * SAMPLE_RATE * BYTES_PER_SAMPLE:
            raise VoiceNotLearnedError
        learned = self._learner.learn(pcm).result()
        if not learned.voiceprint:
            raise VoiceNotLearnedError
        enrolled = VoiceEnrolment(learned.voiceprint, consented_at, learned.speech_s, model)
        session.ask(lambda vault: vault.save_voice(enrolled)).result()
        return enrolled


def _clinician_sound(session: Session, visit: VisitId) -> bytes:
    """Return the sound of the longest turns of the clinician, up to a minute. Pool."""
    segments, recordings = session.ask(_read, visit).result()
    reader = JournalReader(session.audio_folder)
    taken: list[bytes] = []
    need = round(ENOUGH_SPEECH_S * SAMPLE_RATE) * BYTES_PER_SAMPLE
    for span in sorted(segments, key=lambda each: each.start - each.end):
        mine = next((each for each in recordings if span.end <= each[2]), None)
        if mine is None or sum(map(len, taken)) >= need:
            break
        taken.append(_cut(reader, mine[0], mine[1], span))
    return b"".join(taken)


def _read(vault: VaultPort, visit: VisitId) -> tuple[list[Span], list[_Sound]]:
    """Return where the clinician speaks, and the recordings in order. Lane."""
    segments = vault.transcript(visit).segments
    spans = [Span(each.start, each.end) for each in segments if each.role is SpeakerRole.CLINICIAN]
    rows = [row for row in vault.recordings(visit) if row.samples]
    return spans, [
        (row.id, vault.recording_secret(row.id).private_key, row.samples or 0) for row in rows
    ]


def _cut(reader: JournalReader, recording: RecordingId, private_key: bytes, span: Span) -> bytes:
    """Return the sound of a span, as one channel."""
    parts: list[bytes] = []
    for block in map(mono, reader.read(recording, private_key, span.start)):
        start = max(0, span.start - block.at_sample) * BYTES_PER_SAMPLE
        end = (span.end - block.at_sample) * BYTES_PER_SAMPLE
        if end <= 0:
            break
        parts.append(block.pcm[start:end])
    return b"".join(parts)
