"""Models of the speech child: swapped between visits, measured, in the background, given up."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.errors import ModelMissingError
from app.domain.events import (
    ChildEnded,
    ChildReady,
    SegmentFinished,
    SpeechFinished,
    SpeechSpeedMeasured,
)
from app.domain.ids import ModelId
from app.domain.ports import InstalledModel, SpeechPlan
from app.engines import hardware
from app.engines.catalogue import Catalogue
from app.engines.supervisor import child_command
from app.engines.tiers import Tiers
from app.foundation import paths
from app.foundation.priority import NICENESS
from tests.engines.hearing import Desk, eventually, pcm_of, tiny
from tests.performance.word_error import score

ROOT = Path(__file__).parents[2]
JFK = (
    "And so my fellow Americans, ask not what your country can do for you, ask what you can do"
    " for your country."
)
WHOLE = SpeechPlan(is_live=False)
LIVE = SpeechPlan()


def _base() -> InstalledModel | None:
    try:
        catalogue = Catalogue(ROOT / "models" / "catalogue.toml", paths.model_folders())
        return catalogue.find(ModelId("whisper-base"))
    except ModelMissingError:
        return None


BASE = _base()
needs_base = pytest.mark.skipif(BASE is None, reason="the model whisper-base is not installed")


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.speech.close()


def base() -> InstalledModel:
    assert BASE is not None
    return BASE


def pid(desk: Desk) -> int:
    """Return the process id of the child, 0 while there is none."""
    supervisor = desk.speech._life._supervisor
    child = supervisor._child if supervisor is not None else None
    return child.process.pid if child is not None else 0


@needs_base
def test_a_model_is_swapped_between_visits_and_both_hear_every_word(desk: Desk) -> None:
    desk.ready()
    desk.hear(WHOLE, pcm_of("audio/jfk.flac"))
    before = len(desk.segments)
    desk.speech.load(base())
    ready = desk.next(ChildReady)
    assert ready.model == "whisper-base"
    desk.hear(WHOLE, pcm_of("audio/jfk.flac"))
    first = " ".join(each.text for each in desk.segments[:before])
    second = " ".join(each.text for each in desk.segments[before:])
    assert score(JFK, first).rate == score(JFK, second).rate == 0.0


@needs_base
def test_a_model_swapped_in_the_middle_of_a_visit_goes_on_where_the_other_was(desk: Desk) -> None:
    desk.ready(base())
    desk.speech.open(LIVE)
    pcm = pcm_of("speech/neck_and_history.flac")
    desk.feed(pcm[: 12 * 32_000])
    desk.next(SegmentFinished)
    desk.speech.load(tiny())
    assert desk.next(ChildReady).model == "whisper-tiny.en"
    desk.feed(pcm[12 * 32_000 :], 12 * 16_000)
    desk.speech.finish()
    desk.next(SpeechFinished)
    assert len(desk.segments) >= 6
    assert all(a.end <= b.start for a, b in zip(desk.segments, desk.segments[1:], strict=False))


@needs_base
def test_when_a_model_keeps_dying_a_smaller_one_hears_what_it_left(desk: Desk) -> None:
    desk.ready(base())
    desk.speech.open(WHOLE)
    desk.feed(pcm_of("audio/jfk.flac"))
    pause_s: float | None = 0.0
    while pause_s is not None:
        assert eventually(lambda: pid(desk) > 0)
        desk.signal(signal.SIGKILL)
        pause_s = desk.next(ChildEnded).pause_s
    installed = (base(), tiny())
    smaller = Tiers(lambda: installed, hardware.look()).instead(base())
    assert smaller == tiny()
    desk.speech.load(smaller)
    desk.next(ChildReady)
    desk.speech.finish()
    desk.next(SpeechFinished)
    assert score(JFK, desk.text).rate == 0.0


def test_the_speed_of_a_model_is_measured_once(desk: Desk) -> None:
    desk.ready()
    speed = desk.next(SpeechSpeedMeasured)
    assert speed.model == "whisper-tiny.en"
    assert 0.0 < speed.interim < speed.final < 10.0
    assert 0.0 < speed.whole < speed.final
    assert speed.device in {"cpu", "cuda"}
    begun_s = time.monotonic()
    desk.signal(signal.SIGKILL)
    desk.next(ChildReady)
    assert desk.next(SpeechSpeedMeasured) == speed  # told again, not measured again
    assert time.monotonic() - begun_s < 60.0


@pytest.mark.skipif(sys.platform == "win32", reason="niceness is POSIX")
def test_a_child_in_the_background_lets_others_go_first() -> None:
    desk = Desk(command=child_command("speech", "--background"))
    try:
        desk.ready()
        own = os.getpriority(os.PRIO_PROCESS, 0)
        assert os.getpriority(os.PRIO_PROCESS, pid(desk)) == min(19, own + NICENESS)
        desk.hear(WHOLE, pcm_of("audio/jfk.flac"))
        assert score(JFK, desk.text).rate == 0.0
    finally:
        desk.speech.close()
