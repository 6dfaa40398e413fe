"""Results and events reach the thread that owns the widgets, or nobody."""

from __future__ import annotations

import threading

import pytest
import shiboken6
from PySide6.QtCore import QObject, QThread
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.foundation.jobs import Lane, Pool
from app.ui.courier import Courier


def test_a_result_arrives_on_the_gui_thread(qtbot: QtBot) -> None:
    pool, courier, owner = Pool(), Courier(), QObject()
    got: list[tuple[str, bool]] = []

    def done(name: str) -> None:
        got.append((name, QThread.currentThread() is owner.thread()))

    courier.deliver(pool.submit(lambda: threading.current_thread().name), owner, done, print)
    qtbot.waitUntil(lambda: bool(got))
    assert got == [("work_0", True)]
    pool.close()


def test_an_error_is_delivered(qtbot: QtBot) -> None:
    lane, courier = Lane("vault"), Courier()
    got: list[object] = []

    def fail() -> None:
        raise ValueError

    courier.deliver(lane.submit(fail), QObject(courier), got.append, got.append)
    qtbot.waitUntil(lambda: bool(got))
    assert isinstance(got[0], ValueError)
    lane.close()


def test_a_dead_owner_is_skipped(qtbot: QtBot) -> None:
    pool, courier, owner = Pool(), Courier(), QWidget()
    got: list[object] = []
    release = threading.Event()
    courier.deliver(pool.submit(release.wait), owner, got.append, got.append)
    shiboken6.delete(owner)
    release.set()
    qtbot.waitUntil(lambda: not courier._parcels)
    assert got == []
    pool.close()


def test_an_owner_that_is_no_qobject_is_served(qtbot: QtBot) -> None:
    pool, courier = Pool(), Courier()
    got: list[object] = []
    courier.deliver(pool.submit(lambda: 7), object(), got.append, got.append)
    qtbot.waitUntil(lambda: got == [7])
    pool.close()


def test_owners_may_come_and_go_under_load(qtbot: QtBot) -> None:
    pool, courier = Pool(), Courier()
    served: list[object] = []
    alive: list[QWidget] = []
    for index in range(3_000):
        owner = QWidget()
        courier.deliver(pool.submit(lambda: None), owner, served.append, served.append)
        if index % 2:
            shiboken6.delete(owner)
        else:
            alive.append(owner)
    qtbot.waitUntil(lambda: not courier._parcels, timeout=20_000)
    assert len(served) >= len(alive)
    pool.close()


def test_events_arrive_in_order_on_the_gui_thread(qtbot: QtBot) -> None:
    courier = Courier()
    got: list[tuple[int, bool]] = []
    courier.event_arrived.connect(
        lambda event: got.append((event, QThread.currentThread() is courier.thread()))
    )

    def publish_all() -> None:
        for number in range(500):
            courier.publish(number)

    publisher = threading.Thread(target=publish_all)
    publisher.start()
    qtbot.waitUntil(lambda: len(got) == 500)
    assert got == [(n, True) for n in range(500)]
    publisher.join()


def test_a_cancelled_future_calls_nobody(qtbot: QtBot) -> None:
    lane, courier, release = Lane("vault"), Courier(), threading.Event()
    got: list[object] = []
    lane.submit(release.wait)
    waiting = lane.submit(print)
    courier.deliver(waiting, courier, got.append, got.append)
    assert waiting.cancel()
    release.set()
    qtbot.waitUntil(lambda: not courier._parcels)
    assert got == []
    lane.close()


@pytest.mark.usefixtures("qapp")
def test_a_courier_that_died_first_harms_no_worker(caplog: pytest.LogCaptureFixture) -> None:
    pool, courier, release = Pool(), Courier(), threading.Event()
    courier.deliver(pool.submit(release.wait), object(), print, print)
    shiboken6.delete(courier)
    release.set()
    pool.close()
    courier.publish("too late")
    assert caplog.records == []
