"""Things break with a patient in the room: kill -9 of the app and of each engine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.domain.audio import SAMPLE_RATE
from tests.canary import find_canary
from tests.conftest import Profile
from tests.end2end.product import REPOSITORY, SAMPLE, child_of
from tests.fakes.pulse import Pulse, pulse, wait_until  # noqa: F401 - a fixture

PATIENCE_S = 150.0


class App:
    """A running app process: lines in, JSON lines out."""

    def __init__(self, profile: Profile, module: str = "tests.end2end.desk_app") -> None:
        self.told: list[dict[str, Any]] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", module],
            cwd=profile.home,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def say(self, line: str) -> None:
        """Give the app a command."""
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def wait(self, kind: str, is_it: Callable[[dict[str, Any]], bool] = bool) -> dict[str, Any]:
        """Wait until the app told something of a kind, and return it."""
        deadline_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline_s:
            for each in list(self.told):
                if each["kind"] == kind and is_it(each):
                    return each
            assert self.process.poll() is None, f"the app ended while we waited for {kind}"
            time.sleep(0.02)
        pytest.fail(f"{kind} did not come; told: {[each['kind'] for each in self.told][-20:]}")

    def all(self, kind: str) -> list[dict[str, Any]]:
        """Return all that was told of a kind."""
        return [each for each in self.told if each["kind"] == kind]

    def kill(self) -> None:
        """End it at once, as kill -9 does."""
        self.process.kill()
        self._end()

    def quit(self) -> None:
        """Leave in order."""
        if self.process.poll() is None:
            self.say("quit")
        self._end()

    def child(self, name: str) -> int:
        """Return the process id of a child of the app."""
        return child_of(self.process.pid, name)

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.told.append(json.loads(line))

    def _end(self) -> None:
        self.process.wait(60)
        self._reader.join(10)
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()


@pytest.fixture
def start(user: Profile) -> Iterator[Callable[[], App]]:
    """Return a function that starts the app; all are ended afterwards."""
    apps: list[App] = []

    def make() -> App:
        apps.append(App(user))
        return apps[-1]

    yield make
    for each in apps:
        if each.process.poll() is None:
            each.quit()


def assert_is_hardened(pid: int) -> None:
    """No core dump may hold what was said, and no program may gain rights."""
    limits = Path(f"/proc/{pid}/limits").read_text("ascii")
    core = next(line for line in limits.splitlines() if line.startswith("Max core file size"))
    assert core.split()[4:6] == ["0", "0"]
    assert "NoNewPrivs:\t1" in Path(f"/proc/{pid}/status").read_text("ascii")


def words_of(app: App) -> str:
    return " ".join(each["text"] for each in app.all("segment")).lower()


def test_a_killed_app_loses_at_most_a_second(
    start: Callable[[], App],
    pulse: Pulse,  # noqa: F811
    user: Profile,
) -> None:
    app = start()
    app.say("create")
    app.wait("unlocked")
    app.say("record")
    app.wait("started")
    with pulse.playing(SAMPLE):
        app.wait("level", lambda each: each["at"] > 12 * SAMPLE_RATE)
        heard_s = app.all("level")[-1]["at"] / SAMPLE_RATE
        app.kill()
        for word in ("groceries", "Quist"):
            assert find_canary([user.home], word) == []
        again = start()
        again.say("unlock")
        living = again.wait("living")
        assert len(living["recordings"]) == 1, "the recorder goes on without the app"
        found = again.wait("interrupted")["recordings"]
        assert len(found) == 1
        recording, seconds, is_living = found[0]
        assert is_living
        assert seconds >= heard_s - 1.0
        again.say(f"take_up {recording}")
        assert again.wait("taken_up")["state"] == "finishing"
    draft = again.wait("draft")
    assert draft["claims"]
    assert "lower back" in f"{words_of(app)} {words_of(again)}"
    again.quit()


def test_a_recorder_and_app_killed_together_leave_a_recording_to_recover(
    start: Callable[[], App],
    pulse: Pulse,  # noqa: F811
) -> None:
    app = start()
    app.say("create")
    app.wait("unlocked")
    app.say("record")
    app.wait("started")
    with pulse.playing(SAMPLE):
        app.wait("level", lambda each: each["at"] > 8 * SAMPLE_RATE)
        heard_s = app.all("level")[-1]["at"] / SAMPLE_RATE
        recorder = app.child("recorder")
        app.process.kill()
        os.kill(recorder, signal.SIGKILL)
        app.kill()
    again = start()
    again.say("unlock")
    recording, seconds, is_living = again.wait("interrupted")["recordings"][0]
    assert not is_living
    assert seconds >= heard_s - 1.0
    again.say(f"take_up {recording}")
    again.wait("draft")
    assert words_of(again)
    again.quit()


def test_a_recording_that_gives_no_sound_does_not_block_the_next(
    start: Callable[[], App], tmp_path: Path
) -> None:
    text = tmp_path / "text.wav"
    text.write_text("this is no sound")
    app = start()
    app.say("create")
    app.wait("unlocked")
    app.say(f"record {text}")
    assert app.wait("failed")["code"] == "audio_file"
    app.wait("visit", lambda each: each["state"] == "planned")
    app.say(f"record {SAMPLE}")
    assert app.wait("draft")["claims"]
    app.quit()


def test_withdrawn_consent_leaves_no_sound_and_no_word(
    start: Callable[[], App],
    pulse: Pulse,  # noqa: F811
    user: Profile,
) -> None:
    app = start()
    app.say("create")
    app.wait("unlocked")
    app.say("record")
    app.wait("started")
    assert list(user.root.rglob("*.saj"))
    with pulse.playing(SAMPLE):
        app.wait("segment")
        app.say("withdraw")
        told = app.wait("withdrawn")
        assert (told["state"], told["segments"]) == ("planned", 0)
        assert not list(user.root.rglob("*.saj"))
        wait_until(lambda: not pulse.listeners(), "the microphone is still open")
    app.quit()
    again = start()
    again.say("unlock")
    assert again.wait("interrupted")["recordings"] == []
    again.quit()


def test_a_killed_speech_engine_loses_no_word(start: Callable[[], App]) -> None:
    app = start()
    app.say("create")
    app.wait("unlocked")
    app.say(f"record {SAMPLE}")
    app.wait("segment")
    os.kill(app.child("speech"), signal.SIGKILL)
    app.wait("child_ended", lambda each: each["child"] == "speech")
    app.wait("draft")
    words = words_of(app)
    for word in ("lower back", "yesterday", "groceries", "stabbing", "right now"):
        assert words.count(word) >= 1, word
    texts = [each["text"] for each in app.all("segment") if len(each["text"].split()) > 2]
    assert len(set(texts)) == len(texts), "no segment twice"
    app.quit()


def test_a_killed_notes_engine_loses_no_section_and_no_edit(start: Callable[[], App]) -> None:
    app = start()
    app.say("create")
    app.wait("unlocked")
    app.say("choose notes smollm2-135m")
    app.say(f"record {SAMPLE}")
    app.wait("section", lambda each: each["lines"] > 0)
    for name in ("speech", "notes"):
        assert_is_hardened(app.child(name))
    app.say("mend")
    was = app.wait("mended")["was"]
    os.kill(app.child("notes"), signal.SIGKILL)
    app.wait("child_ended", lambda each: each["child"] == "notes")
    draft = app.wait("draft")
    assert [key for key, _ in draft["sections"]] == [
        "subjective",
        "objective",
        "assessment",
        "plan",
    ]
    assert all(engine for _, engine in draft["sections"])
    claims = [tuple(each) for each in draft["claims"]]
    assert len(set(claims)) == len(claims), "no claim twice in a section"
    texts = [text for _, text in claims]
    assert [texts.count(each) for each in ("Mended by hand.", "Added by hand.", was)] == [1, 1, 0]
    app.quit()
