"""A mark stands where the sound is that was heard when it was asked for, however late that came."""

from __future__ import annotations

import numpy as np

from app.domain.audio import SAMPLE_RATE, MarkKind
from app.engine_host.recorder.marks import SILENCE_WAIT_S, Marks
from app.engine_host.recorder.sources import Sound


def sound(until_s: float | None, seconds: float = 1.0) -> Sound:
    return Sound(np.zeros(round(seconds * SAMPLE_RATE), np.int16), until_s)


def pieces(marks: Marks, of: Sound) -> list[float | MarkKind]:
    """Return the pieces: seconds of sound, and marks."""
    return [
        each if isinstance(each, MarkKind) else len(each) / SAMPLE_RATE for each in marks.cut(of)
    ]


def test_a_mark_cuts_late_sound_where_it_was_asked_for() -> None:
    marks = Marks()
    marks.ask(MarkKind.OFF_RECORD_BEGIN, 10.25)
    marks.ask(MarkKind.OFF_RECORD_END, 10.75)
    assert pieces(marks, sound(10.0)) == [1.0]
    assert pieces(marks, sound(11.0)) == [
        0.25,
        MarkKind.OFF_RECORD_BEGIN,
        0.5,
        MarkKind.OFF_RECORD_END,
        0.25,
    ]
    assert pieces(marks, sound(12.0)) == [1.0]


def test_a_mark_between_two_sounds_is_before_the_second() -> None:
    marks = Marks()
    marks.ask(MarkKind.BOOKMARK, 9.0)
    assert pieces(marks, sound(11.0)) == [MarkKind.BOOKMARK, 1.0]


def test_sound_of_no_known_moment_comes_after_its_mark() -> None:
    marks = Marks()
    marks.ask(MarkKind.PAUSE, 9.0)
    assert pieces(marks, sound(None)) == [MarkKind.PAUSE, 1.0]


def test_without_sound_silence_is_told_soon_and_nothing_is_let_in() -> None:
    marks = Marks()
    marks.ask(MarkKind.OFF_RECORD_BEGIN, 10.0)
    marks.ask(MarkKind.OFF_RECORD_END, 11.0)
    assert list(marks.overdue(10.0 + SILENCE_WAIT_S - 0.1)) == []
    assert list(marks.overdue(10.0 + SILENCE_WAIT_S)) == [MarkKind.OFF_RECORD_BEGIN]
    assert list(marks.overdue(100.0)) == []
    assert pieces(marks, sound(10.9)) == [1.0]
    assert list(marks.rest()) == [MarkKind.OFF_RECORD_END]


def test_what_is_forgotten_is_never_noted() -> None:
    marks = Marks()
    marks.ask(MarkKind.RESUME, 10.0)
    marks.forget()
    assert pieces(marks, sound(11.0)) == [1.0]
    assert list(marks.rest()) == []
