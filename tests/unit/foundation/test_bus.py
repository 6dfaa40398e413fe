"""Events reach everyone who subscribed, whatever the others do."""

from __future__ import annotations

from dataclasses import dataclass

from app.foundation.bus import Bus
from tests.conftest import Logged


@dataclass(frozen=True)
class Happened:
    number: int = 0


@dataclass(frozen=True)
class HappenedAgain(Happened):
    pass


def test_an_event_reaches_its_type_and_base_classes_in_the_order_of_subscription() -> None:
    bus = Bus()
    got: list[str] = []
    bus.subscribe(object, lambda _: got.append("all"))
    bus.subscribe(HappenedAgain, lambda _: got.append("exact"))
    bus.subscribe(Happened, lambda _: got.append("base"))
    bus.subscribe(str, lambda _: got.append("other"))
    bus.dispatch(HappenedAgain())
    assert got == ["all", "exact", "base"]
    bus.dispatch(Happened())
    assert got[3:] == ["all", "base"]


def test_one_bad_listener_does_not_silence_the_others(logged: Logged) -> None:
    bus = Bus()
    got: list[object] = []

    def fail(_: Happened) -> None:
        raise ValueError("Mrs ZZPHI-00000001")

    bus.subscribe(Happened, fail)
    bus.subscribe(Happened, got.append)
    bus.dispatch(Happened(7))
    assert got == [Happened(7)]
    assert logged.events == ["listener_failed"]
    assert "ZZPHI" not in str(logged)
    assert "builtins.ValueError" in str(logged[0]["error"])
    assert "test_bus.py" in str(logged[0]["error"])


def test_who_unsubscribed_is_not_told_even_during_the_same_event() -> None:
    bus = Bus()
    got: list[object] = []
    bus.subscribe(Happened, lambda _: end())
    end = bus.subscribe(Happened, got.append)
    bus.dispatch(Happened())
    assert got == []
    end()
    bus.dispatch(Happened())
    assert got == []


def test_who_subscribes_during_an_event_hears_the_next_one() -> None:
    bus = Bus()
    got: list[object] = []
    bus.subscribe(Happened, lambda _: bus.subscribe(Happened, got.append))
    bus.dispatch(Happened(1))
    assert got == []
    bus.dispatch(Happened(2))
    assert got == [Happened(2)]
