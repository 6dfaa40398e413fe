"""The player child through a real sound server: what is played can be heard; a kill is survived."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from app.domain.events import PlaybackEnded, PlaybackMoved
from app.domain.ids import VisitId
from app.domain.ports import JournalAudio, Playing
from app.engines.player import Player
from tests.engines.recording_desk import clip, likeness
from tests.fakes.pulse import SINK, Pulse, missing, private_server, wait_until

SPEAKER = f"""
pcm.!default {{
    type pulse
    device "{SINK}"
    hint {{ show on description "default" }}
}}
"""
VISIT = VisitId("v")


@pytest.fixture(scope="module")
def server() -> Iterator[Pulse]:
    """A sound server whose default output is the sink."""
    if reason := missing():
        pytest.skip(reason)
    with private_server(SPEAKER) as made:
        yield made


def playing(number: int, seconds: int) -> Playing:
    sound = np.tile(clip(), 1 + seconds * 16_000 // len(clip()))[: seconds * 16_000]
    half = seconds * 8_000
    first, second = sound[:half], sound[half:]
    return Playing(
        number,
        VISIT,
        (JournalAudio(0, first.tobytes()), JournalAudio(80_000, second.tobytes())),
    )


def test_what_is_played_is_heard_and_its_place_on_the_clock_is_told(
    server: Pulse, tmp_path: Path
) -> None:
    told: list[object] = []
    heard = tmp_path / "heard.raw"
    taking = subprocess.Popen(
        ["parec", f"--device={SINK}.monitor", "--rate=16000", "--channels=1", "--format=s16le",
         "--latency-msec=20", "--raw", str(heard)],
        env=os.environ | server.environment,
    )  # fmt: skip
    player = Player(told.append)
    try:
        wait_until(lambda: bool(server.listeners()), "nobody listens")
        wait_until(lambda: heard.exists() and heard.stat().st_size > 0, "nothing is heard")
        player.play(playing(1, 4))
        wait_until(lambda: PlaybackEnded(VISIT) in told, "it does not end")
    finally:
        player.close()
        taking.terminate()
        taking.wait()
    sound = np.frombuffer(heard.read_bytes()[: heard.stat().st_size // 2 * 2], "<i2")
    assert likeness(sound.astype(np.int16), clip()[8_000:24_000]) > 0.9
    places = [each.at_sample for each in told if isinstance(each, PlaybackMoved)]
    assert places == sorted(places)
    assert (places[0], places[-1]) == (1_600, 80_000 + 32_000)


def test_a_stop_is_silent_at_once_and_the_next_is_played(server: Pulse) -> None:
    assert server.pid
    told: list[object] = []
    player = Player(told.append)
    try:
        player.play(playing(1, 30))
        wait_until(lambda: any(isinstance(each, PlaybackMoved) for each in told), "no sound")
        player.stop()
        assert told[-1] == PlaybackEnded(VISIT)
        player.play(playing(2, 1))
        wait_until(lambda: told.count(PlaybackEnded(VISIT)) == 2, "the second does not end")
    finally:
        player.close()


def test_a_killed_player_is_told_and_another_one_plays(server: Pulse) -> None:
    assert server.pid
    told: list[object] = []
    player = Player(told.append)
    try:
        player.play(playing(1, 30))
        wait_until(lambda: any(isinstance(each, PlaybackMoved) for each in told), "no sound")
        assert player._child is not None
        assert player._child._child is not None
        os.kill(player._child._child.process.pid, signal.SIGKILL)
        wait_until(lambda: PlaybackEnded(VISIT, "no_speaker") in told, "nobody tells")
        player.play(playing(2, 1))
        wait_until(lambda: PlaybackEnded(VISIT) in told, "the second does not end")
    finally:
        player.close()
