"""What a clinician taught the program: vocabulary and voice. Lane; one row each."""

from __future__ import annotations

from typing import Final, TypeVar

from app.domain.vocabulary import Vocabulary, VoiceEnrolment
from app.store import canonical
from app.store.connection import Database, as_text

T = TypeVar("T")
_VOCABULARY: Final = "vocabulary"
_VOICE: Final = "voice"


def vocabulary(database: Database) -> Vocabulary:
    """Return what was taught; empty at first."""
    return _load(database, _VOCABULARY, Vocabulary) or Vocabulary()


def save_vocabulary(database: Database, taught: Vocabulary) -> None:
    """Keep it."""
    _save(database, _VOCABULARY, taught)


def voice(database: Database) -> VoiceEnrolment | None:
    """Return the voice, None when none is enrolled."""
    return _load(database, _VOICE, VoiceEnrolment)


def save_voice(database: Database, enrolled: VoiceEnrolment | None) -> None:
    """Keep a voice, or erase it."""
    if enrolled is None:
        database.run("DELETE FROM profile WHERE name = ?", _VOICE)
    else:
        _save(database, _VOICE, enrolled)


def _load(database: Database, name: str, kind: type[T]) -> T | None:
    row = database.row("SELECT body FROM profile WHERE name = ?", name)
    return None if row is None else canonical.loads(kind, as_text(row[0]))


def _save(database: Database, name: str, value: object) -> None:
    database.run(
        "INSERT INTO profile(name, body) VALUES (?, ?) "
        "ON CONFLICT(name) DO UPDATE SET body = excluded.body",
        *(name, canonical.dumps(value)),
    )
