"""Faults of the whole app, run as a user runs it: killed or asleep while somebody talks."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
import soundfile  # type: ignore[import-untyped]  # ships no types

from app.domain.audio import SAMPLE_RATE, Gap, GapReason
from app.foundation import paths
from tests.conftest import Profile
from tests.end2end.test_failures import App
from tests.fakes.pulse import private_server
from tests.performance.fault_stage import Kept, Take, figures, material, said_in
from tests.performance.player import Player
from tests.performance.reference_words import SpokenWord

WORKER: Final = "tests.performance.fault_worker"
_REPEATS: Final = 2
_SLEEP_S: Final = 3.0
_FOLDERS: Final = {
    "STETHOSCRIBE_ROOT": "root",
    "XDG_DATA_HOME": "data",
    "XDG_CONFIG_HOME": "config",
    "XDG_CACHE_HOME": "cache",
    "XDG_STATE_HOME": "state",
    "TMPDIR": "tmp",
}


def app_killed(app: App, take: Take) -> Take:
    """Kill -9 of the app; the recorder goes on alone."""
    app.kill()
    return take


def app_and_recorder_killed(app: App, take: Take) -> Take:
    """Kill -9 of app and recorder at the same moment: nobody records after that."""
    recorder = app.child("recorder")
    now_s = time.monotonic()
    app.process.kill()
    os.kill(recorder, signal.SIGKILL)
    app.kill()
    return replace(take, excused=((take.player.played_s(now_s), 3_600.0),))


def app_asleep(app: App, take: Take) -> Take:
    """SIGSTOP of app, recorder and speech for 3 s."""
    pids = [app.process.pid, app.child("recorder"), app.child("speech")]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    time.sleep(_SLEEP_S)  # the fault itself
    for pid in pids:
        os.kill(pid, signal.SIGCONT)
    return take


PRODUCT_KINDS: Final[dict[str, Callable[[App, Take], Take]]] = {
    "app killed": app_killed,
    "app and recorder killed": app_and_recorder_killed,
    "app asleep": app_asleep,
}


def run_product_fault(kind: str, number: int, words: Sequence[SpokenWord]) -> dict[str, Any]:
    """Record with the whole app, break it, take up what is left; return the figures."""
    draw = random.Random(number)
    with _profile() as user, private_server():
        pcm = material(draw.randrange(1 << 30), _REPEATS)
        sound = user.home / "take.wav"
        soundfile.write(sound, pcm, SAMPLE_RATE)
        app = App(user, WORKER)
        player: Player | None = None
        try:
            for line, answer in (("create", "unlocked"), ("record", "started")):
                app.say(line)
                app.wait(answer)
                app.say("choose speech whisper-tiny.en")
            player = Player(sound)
            player.wait_for_start()
            player.wait_for_position(9.0 + draw.uniform(0.0, 10.0))
            texts = [each["text"] for each in app.all("segment")]
            take = PRODUCT_KINDS[kind](app, Take(pcm, player, _REPEATS))
            player.wait()
            again = app if app.process.poll() is None else _taken_up(user)
            try:
                kept = _kept(again, user.home / "kept.pcm")
            finally:
                again.quit()
        finally:
            if player is not None:
                player.stop()
            if app.process.poll() is None:
                app.quit()
        return _row(take, kept, texts, said_in(take, words))


def _taken_up(user: Profile) -> App:
    """Start the app again and take up what was interrupted."""
    app = App(user, WORKER)
    app.say("unlock")
    recording, *_ = app.wait("interrupted")["recordings"][0]
    app.say(f"take_up {recording}")
    return app


def _kept(app: App, file: Path) -> Kept:
    """Wait until all is words, and ask the app what it has."""
    if not app.all("taken_up") and not app.all("living"):
        app.say("finish")
    app.wait("draft")
    app.say(f"keep {file}")
    told = app.wait("kept")
    sound = np.fromfile(file, "<i2")
    gaps = [Gap(at, count, GapReason(reason)) for at, count, reason in told["gaps"]]
    return Kept(sound, gaps, dict(told["segments"]))


def _row(take: Take, kept: Kept, texts: list[str], reference: str) -> dict[str, Any]:
    row = figures([take], kept, {}, reference)
    after = " ".join(kept.segments.values())
    lost = sum(each not in after for each in texts)
    return row | {"segments_told": len(texts), "segments_lost": lost}


@contextlib.contextmanager
def _profile() -> Iterator[Profile]:
    """Make a user of this machine with nothing of his own but a home."""
    models = next((str(each) for each in paths.model_folders() if each.is_dir()), "")
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        home = Path(folder)
        patch.setenv("HOME", folder)
        patch.setenv("STETHOSCRIBE_MODELS", os.environ.get("STETHOSCRIBE_MODELS", models))
        for name, below in _FOLDERS.items():
            (home / below).mkdir(mode=0o700)
            patch.setenv(name, str(home / below))
        yield Profile(home, home / "root", home / "config")
