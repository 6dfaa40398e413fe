"""What is heard goes to the app in frames: an utterance per speaker, with what it changed."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from app.domain.audio import Span
from app.engine_host.host import Outlet
from app.engine_host.listening import Audio, Changed, Spoken
from app.engine_host.reporting import Reporter, spoken
from app.engines.wire import Frame, read_frame

WORDS = [Spoken(text, 100 * i, 100 * i + 90, 0.98765, i + 1) for i, text in enumerate("abcd")]


@dataclass
class FakeVoices:
    """Another speaker begins at the word with a given index."""

    changes: list[int] = field(default_factory=list)
    heard: list[tuple[int, int]] = field(default_factory=list)

    def hear(self, at_sample: int, pcm: Audio) -> None:
        self.heard.append((at_sample, len(pcm)))

    def split(self, words: Sequence[tuple[int, int]]) -> list[int]:
        assert words[0] == (0, 90)
        return self.changes

    def who(self, start: int, end: int) -> tuple[str, str, float]:
        del end
        return ("B" if start else "A", "patient" if start else "clinician", 0.75)

    def settle(self) -> list[tuple[int, int, str, str, float]]:
        return [(0, 190, "A", "clinician", 0.9)]


def told(voices: FakeVoices | None = None) -> tuple[Reporter, io.BytesIO]:
    stream = io.BytesIO()
    return Reporter(Outlet(stream), 3, voices), stream


def frames(stream: io.BytesIO) -> list[Frame]:
    stream.seek(0)
    found = []
    while (frame := read_frame(stream)) is not None:
        found.append(frame)
    assert all(each.fields["session"] == 3 for each in found)
    return found


def texts(frame: Frame) -> str:
    rows: list[list[Any]] = frame.fields["words"]
    return " ".join(row[1] for row in rows)


def test_an_utterance_and_its_changes_are_one_frame() -> None:
    reporter, stream = told()
    reporter.final(WORDS, [Changed((1, 2), "x y", "a b")])
    (frame,) = frames(stream)
    assert (frame.kind, texts(frame)) == ("final", "a b c d")
    assert frame.fields["revised"] == [[[1, 2], "x y", "a b"]]
    assert "speaker" not in frame.fields
    assert spoken(frame.fields["words"])[0] == Spoken("a", 0, 90, 0.9877, 1)


def test_changes_without_words_are_told_too() -> None:
    reporter, stream = told(FakeVoices())
    reporter.final((), [Changed((9,), "x", "")])
    (frame,) = frames(stream)
    assert (frame.fields["words"], frame.fields["revised"]) == ([], [[[9], "x", ""]])


def test_each_speaker_has_an_utterance_with_its_own_changes() -> None:
    reporter, stream = told(FakeVoices([2]))
    changes = [Changed((2,), "x", "b"), Changed((8,), "y", ""), Changed((3,), "z", "c")]
    reporter.final(WORDS, changes)
    first, second = frames(stream)
    assert (texts(first), texts(second)) == ("a b", "c d")
    assert (first.fields["speaker"], second.fields["role"]) == ("A", "patient")
    assert [row[0] for row in first.fields["revised"]] == [[2]]
    assert [row[0] for row in second.fields["revised"]] == [[8], [3]]


def test_who_spoke_is_told_again_before_the_end() -> None:
    voices = FakeVoices()
    reporter, stream = told(voices)
    reporter.opened(5, np.zeros(7, np.float32))
    reporter.unheard([Span(3, 4)])
    reporter.finished(99)
    assert voices.heard == [(5, 7)]
    assert [frame.kind for frame in frames(stream)] == ["unheard", "roles", "finished"]
    assert frames(stream)[0].fields["spans"] == [[3, 4]]
    assert frames(stream)[1].fields["rows"] == [[0, 190, "A", "clinician", 0.9]]
