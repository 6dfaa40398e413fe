"""A room check runs on the pool, tells its levels as events, and ends when nobody waits for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from app.domain.audio import Level, RoomVoice, VoiceFinding
from app.domain.errors import FileAccessError
from app.domain.events import RoomLevelMeasured
from app.domain.policy import Policy
from app.foundation.bus import Bus
from app.foundation.inbox import Inbox
from app.foundation.jobs import Pool
from app.workflow.administration import LEVELS_PER_S, Administration, Findings
from app.workflow.room import Room
from app.workflow.session import Sessions

GOOD = RoomVoice(480_000, -20.0, 30.0, VoiceFinding.GOOD)
PATIENCE_S = 20


class Microphone:
    """Tells ten levels; then it listens on until it is left, if it is to."""

    def __init__(self) -> None:
        self.device = ""
        self.is_endless = False

    def hear(
        self,
        device: str,
        seconds: float,
        tell: Callable[[Level], object],
        left: threading.Event,
    ) -> RoomVoice | None:
        self.device = device
        assert seconds == 30
        for _number in range(10):
            tell(Level(-10.0, -20.0))
        if self.is_endless:
            assert left.wait(PATIENCE_S)
            return None
        return GOOD


@pytest.fixture
def microphone() -> Microphone:
    return Microphone()


@pytest.fixture
def heard() -> list[RoomLevelMeasured]:
    return []


@pytest.fixture
def administration(
    microphone: Microphone, heard: list[RoomLevelMeasured]
) -> Iterator[Administration]:
    bus = Bus()
    bus.subscribe(RoomLevelMeasured, heard.append)
    pool = Pool()
    nothing = cast("Any", None)
    found = Findings(
        "1", nothing, nothing, nothing, nothing, nothing, nothing, voice=microphone.hear
    )
    room = Room(bus, Inbox(bus.dispatch), Sessions(), pool, Policy())
    room.post.publish = bus.dispatch  # type: ignore[method-assign]  # at once: no window here
    yield Administration(room, nothing, found, nothing, nothing)
    pool.close()


def test_levels_come_with_the_time_that_passed(
    administration: Administration, microphone: Microphone, heard: list[RoomLevelMeasured]
) -> None:
    assert administration.check_room("usb").result(PATIENCE_S) == GOOD
    assert microphone.device == "usb"
    assert [each.seconds for each in heard] == [n / LEVELS_PER_S for n in range(1, 11)]


def test_it_ends_when_it_is_left(administration: Administration, microphone: Microphone) -> None:
    microphone.is_endless = True
    future = administration.check_room("")
    administration.leave_room()
    assert future.result(PATIENCE_S) is None


def test_a_second_check_ends_the_first(
    administration: Administration, microphone: Microphone
) -> None:
    microphone.is_endless = True
    first = administration.check_room("")
    second = administration.check_room("")
    assert first.result(PATIENCE_S) is None
    assert not second.done()
    administration.leave_room()
    assert second.result(PATIENCE_S) is None


def test_the_card_is_written_whole_or_not_at_all(
    administration: Administration, tmp_path: Path
) -> None:
    path = tmp_path / "card.pdf"
    administration.save_card(b"%PDF-1", path).result(PATIENCE_S)
    assert path.read_bytes() == b"%PDF-1"
    with pytest.raises(FileAccessError):
        administration.save_card(b"%PDF-1", tmp_path / "none" / "card.pdf").result(PATIENCE_S)
