"""The player: what it is sent is heard in order; a stop is heard at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from app.domain.errors import NoSpeakerError
from app.domain.ports import JournalAudio
from app.engine_host.recorder.player import BLOCK, Player
from app.engines.player import place
from app.engines.wire import Frame

SECOND = 16_000


@dataclass
class Device:
    """A device that keeps what it plays; the test may act at each block."""

    rate: int = SECOND
    sound: list[bytes] = field(default_factory=list)
    closed: list[bool] = field(default_factory=list)
    at_block: Callable[[], object] = lambda: None

    def write(self, pcm: bytes) -> None:
        self.sound.append(pcm)
        self.at_block()

    def close(self, *, at_once: bool) -> None:
        self.closed.append(at_once)


def run(player: Player, *frames: Frame) -> None:
    for frame in frames:
        (player.urgent.get(frame.kind) or player.handlers[frame.kind])(frame)


def sound(number: int, seconds: float = 1.0) -> tuple[Frame, bytes]:
    pcm = (np.arange(round(seconds * SECOND)) % 999).astype("<i2").tobytes()
    return Frame("sound", {"number": number}, pcm), pcm


def of(kind: str, number: int) -> Frame:
    return Frame(kind, {"number": number})


def test_all_of_it_is_played_and_the_place_is_told() -> None:
    device, told = Device(), list[Frame]()
    player = Player(lambda: device, told.append)
    frame, pcm = sound(1)
    run(player, of("play", 1), frame, of("end", 1))
    assert b"".join(device.sound) == pcm
    assert device.closed == [False]
    assert told[-1].kind == "played"
    assert [each.fields["samples"] for each in told[:-1]] == list(range(BLOCK, SECOND + 1, BLOCK))


def test_a_hush_ends_it_within_a_block_and_voids_what_waits() -> None:
    device, told = Device(), list[Frame]()
    player = Player(lambda: device, told.append)
    device.at_block = lambda: run(player, of("hush", 1))
    run(player, of("play", 1), sound(1)[0], sound(1)[0], of("end", 1), of("stop", 1))
    assert len(device.sound) == 1
    assert device.closed == [True]
    assert "played" not in [each.kind for each in told]


def test_a_later_one_takes_the_place_of_an_earlier_one() -> None:
    devices: list[Device] = []

    def opened() -> Device:
        devices.append(Device())
        return devices[-1]

    player = Player(opened, lambda _frame: None)
    run(player, of("play", 1), sound(1)[0], of("play", 2), sound(1)[0], sound(2, 0.5)[0])
    assert [len(b"".join(each.sound)) // 2 for each in devices] == [SECOND, SECOND // 2]
    assert devices[0].closed == [True]


def test_a_device_of_another_rate_gets_its_own() -> None:
    device = Device(rate=48_000)
    player = Player(lambda: device, lambda _frame: None)
    run(player, of("play", 1), sound(1)[0], of("end", 1))
    assert abs(len(b"".join(device.sound)) // 2 - 48_000) < 10


def test_a_missing_device_is_told_once() -> None:
    told: list[Frame] = []

    def refuse() -> Device:
        raise NoSpeakerError

    run(Player(refuse, told.append), of("play", 4), sound(4)[0], of("end", 4))
    assert [(each.kind, each.fields["code"], each.fields["request"]) for each in told] == [
        ("failed", "no_speaker", 4)
    ]


def test_a_place_jumps_over_what_is_missing() -> None:
    pieces = (JournalAudio(100, bytes(20)), JournalAudio(500, bytes(20)))
    assert [place(pieces, each) for each in (4, 10, 11, 20, 99)] == [104, 110, 501, 510, 510]
