"""A child may die in any way it likes; the app sees an event and carries on."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.domain.errors import ChildBusyError, ChildGoneError
from app.engine_host.host import INBOX_FRAMES
from app.engines.supervisor import (
    Patience,
    Supervisor,
    Tie,
    _launcher,
    child_command,
    child_environment,
    kept_descriptors,
)
from app.engines.wire import Frame

ENGINE = [sys.executable, str(Path(__file__).with_name("misbehaving_engine.py"))]
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")


class Engine:
    """A supervised engine whose frames and deaths can be waited for."""

    def __init__(self, outbox_frames: int = 500) -> None:
        self.frames: queue.Queue[Frame] = queue.Queue()
        self.deaths: queue.Queue[int | None] = queue.Queue()
        self.supervisor = Supervisor(
            ENGINE, Tie.LEASHED, self.frames.put, self.deaths.put, outbox_frames
        )

    def frame(self, kind: str) -> Frame:
        while (frame := self.frames.get(timeout=10)).kind != kind:
            pass
        return frame


@pytest.fixture
def engine() -> Iterator[Engine]:
    engine = Engine()
    engine.supervisor.start()
    engine.frame("ready")
    yield engine
    engine.supervisor.stop()


def _children() -> set[int]:
    """Return the processes of the engine."""
    found: set[int] = set()
    for task in Path("/proc/self/task").glob("*/children"):
        for number in task.read_text("ascii").split():
            if ENGINE[1].encode() in Path(f"/proc/{number}/cmdline").read_bytes().split(b"\0"):
                found.add(int(number))
    return found


def _spare(engine: Engine) -> int:
    """Let the engine keep a spare, and return it: the younger process, once it can be seen."""
    engine.supervisor.keep_spare()
    assert eventually(lambda: len(_children()) == 2)
    return max(_children())


def eventually(is_true: Callable[[], bool]) -> bool:
    for _ in range(500):
        if is_true():
            return True
        time.sleep(0.02)
    return False


def test_answers_stream_back_and_prints_do_not_garble_them(engine: Engine) -> None:
    engine.supervisor.send(Frame("audio", payload=b"\0" * 32_000))
    heard = [engine.frame("partial").fields for _ in range(3)]
    assert heard == [{"index": index, "bytes_heard": 32_000} for index in range(3)]


@pytest.mark.parametrize(
    ("how", "status"),
    [("abort", "SIGABRT"), ("segfault", "SIGSEGV"), ("babble", "SIGKILL")],
)
@posix_only
def test_death_is_an_event_and_a_restart_serves(engine: Engine, how: str, status: str) -> None:
    began_s = time.monotonic()
    engine.supervisor.send(Frame(how))
    assert engine.deaths.get(timeout=10) == -getattr(signal, status)
    noticed_s = time.monotonic() - began_s
    with pytest.raises(ChildGoneError):
        engine.supervisor.send(Frame("audio"))
    assert engine.supervisor.restart(pause_s=0.0)
    engine.supervisor.send(Frame("audio", payload=b"x"))
    engine.frame("partial")
    serving_s = time.monotonic() - began_s
    print(f"{how}: noticed after {noticed_s:.2f} s, serving again after {serving_s:.2f} s")
    assert engine.deaths.empty()


def test_a_failed_request_answers_with_a_code_and_no_text(engine: Engine) -> None:
    engine.supervisor.send(Frame("fail", {"request": 4}))
    assert engine.frame("failed").fields == {"request": 4, "code": "bug", "facts": {}}
    engine.supervisor.send(Frame("give_up", {"request": 5}))
    expected = {"request": 5, "code": "engine_timeout", "facts": {"seconds": 3}}
    assert engine.frame("failed").fields == expected
    engine.supervisor.send(Frame("audio"))
    engine.frame("partial")


def test_cancel_overtakes_the_running_request(engine: Engine) -> None:
    engine.supervisor.send(Frame("draft", {"request": 1}))
    engine.frame("token")
    engine.supervisor.send(Frame("cancel"))
    assert engine.frame("cancelled").fields == {"request": 1}


def test_a_child_that_hangs_while_it_owes_an_answer_is_killed_and_reported(engine: Engine) -> None:
    engine.supervisor.send(Frame("hang"))
    engine.supervisor.expect(0.3)
    status = engine.deaths.get(timeout=10)
    assert sys.platform == "win32" or status == -signal.SIGKILL
    assert engine.supervisor.restart(pause_s=0.0)
    engine.frame("ready")


def test_a_child_that_owes_nothing_or_keeps_talking_is_left_alone(engine: Engine) -> None:
    engine.supervisor.send(Frame("draft", {"request": 1}))
    engine.supervisor.expect(0.5)
    began_s = time.monotonic()
    while time.monotonic() - began_s < 1.2:  # it talks all the time: it may take long
        engine.frame("token")
    engine.supervisor.expect(None)
    engine.supervisor.send(Frame("cancel"))
    engine.frame("cancelled")
    with pytest.raises(queue.Empty):
        engine.deaths.get(timeout=0.8)


@posix_only
def test_a_frozen_child_never_blocks_the_sender() -> None:
    engine = Engine(outbox_frames=10)
    engine.supervisor.start()
    engine.frame("ready")
    assert engine.supervisor._child is not None
    os.kill(engine.supervisor._child.process.pid, signal.SIGSTOP)

    def flood() -> None:
        for _ in range(100):  # the pipe is full, then the outbox
            engine.supervisor.send(Frame("audio", payload=bytes(32_000)))

    with pytest.raises(ChildBusyError):  # a sender that blocked would wait for ever
        flood()
    assert engine.supervisor.stop(grace_s=0.2)
    assert engine.deaths.empty()


def test_a_child_fed_beyond_its_inbox_leaves_instead_of_swelling() -> None:
    engine = Engine(outbox_frames=2 * INBOX_FRAMES)
    engine.supervisor.start()
    engine.frame("ready")
    engine.supervisor.send(Frame("hang"))
    with contextlib.suppress(ChildGoneError):
        for _ in range(INBOX_FRAMES + 1):
            engine.supervisor.send(Frame("audio"))
    assert engine.deaths.get(timeout=10) == 1
    engine.supervisor.stop()


def test_stop_is_not_a_death_and_is_final(engine: Engine) -> None:
    assert engine.supervisor.stop()
    assert engine.deaths.empty()
    for call in (engine.supervisor.start, lambda: engine.supervisor.send(Frame("audio"))):
        with pytest.raises(ChildGoneError):
            call()


def test_stop_ends_a_child_in_the_middle_of_a_decode(engine: Engine) -> None:
    engine.supervisor.send(Frame("hang"))
    assert engine.supervisor._child is not None
    process = engine.supervisor._child.process
    assert engine.supervisor.stop(grace_s=30.0)
    assert process.returncode == 0  # it left at end of input; nobody had to kill it


def test_stop_beats_a_restart_that_waits() -> None:
    restarted: list[bool] = []
    supervisor = Supervisor(
        ENGINE, Tie.LEASHED, lambda _: None, lambda _: restarted.append(supervisor.restart(60))
    )
    supervisor.start()
    supervisor.send(Frame("abort"))
    assert eventually(lambda: supervisor._child is None)
    supervisor.stop()
    assert restarted == [False]


@posix_only
def test_a_spare_takes_over_when_the_child_dies(engine: Engine) -> None:
    spare = _spare(engine)
    assert _spare(engine) == spare, "one is enough"
    engine.supervisor.send(Frame("segfault"))
    engine.deaths.get(timeout=10)
    assert engine.supervisor.restart(0.0)
    engine.frame("ready")
    assert _children() == {spare}


@posix_only
def test_a_spare_that_is_not_needed_ends(engine: Engine) -> None:
    _spare(engine)
    engine.supervisor.drop_spare()
    assert len(_children()) == 1
    engine.supervisor.keep_spare()
    engine.supervisor.stop()
    engine.supervisor.keep_spare()
    assert not _children()


@posix_only
def test_a_spare_that_died_is_not_taken(engine: Engine) -> None:
    spare = _spare(engine)
    os.kill(spare, signal.SIGKILL)
    assert eventually(lambda: spare not in _children())
    engine.supervisor.send(Frame("segfault"))
    engine.deaths.get(timeout=10)
    assert engine.supervisor.restart(0.0)
    engine.frame("ready")
    assert _children().isdisjoint({spare})
    assert len(_children()) == 1


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_bug_in_our_callback_ends_the_child_and_is_reported() -> None:
    deaths: queue.Queue[int | None] = queue.Queue()

    def stumble(_: Frame) -> None:
        raise KeyError("ours")

    supervisor = Supervisor(ENGINE, Tie.LEASHED, stumble, deaths.put)
    supervisor.start()
    assert deaths.get(timeout=10) is not None
    supervisor.stop()


def test_sends_from_many_threads_stay_whole(engine: Engine) -> None:
    def send_some() -> None:
        for _ in range(50):
            engine.supervisor.send(Frame("audio", payload=b"\0" * 640))

    threads = [threading.Thread(target=send_some) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {engine.frame("partial").fields["bytes_heard"] for _ in range(450)} == {640}
    assert engine.deaths.empty()


def test_a_child_inherits_no_python_settings_and_no_secrets(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.supervisor.stop()
    monkeypatch.setenv("PYTHONSTARTUP", "evil.py")
    monkeypatch.setenv("LD_PRELOAD_X", "evil.so")
    monkeypatch.setenv("SOME_TOKEN", "secret")
    fresh = Engine()
    fresh.supervisor.start()
    fresh.supervisor.send(Frame("environment"))
    seen = fresh.frame("environment").fields
    fresh.supervisor.stop()
    assert not {"PYTHONSTARTUP", "LD_PRELOAD_X", "SOME_TOKEN"} & set(seen)
    assert seen["HF_HUB_OFFLINE"] == "1"


def test_patience_runs_out_and_comes_back() -> None:
    patience = Patience(pauses_s=(0.0, 1.0, 4.0), window_s=120.0)
    assert [patience.pause_s(at_s) for at_s in (0, 1, 2, 3)] == [0.0, 1.0, 4.0, None]
    assert patience.pause_s(500) == 0.0


def test_a_checkout_starts_children_by_module_and_a_product_by_its_launcher(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert child_command("recorder", "--list") == [
        sys.executable, "-P", "-m", "app.engine_host", "recorder", "--list",
    ]  # fmt: skip
    root = Path(child_environment()["PYTHONPATH"])
    assert (root / "app" / "engine_host" / "__main__.py").is_file()
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert child_command("speech")[1:] == ["--child", "speech"]
    assert "PYTHONPATH" not in child_environment()


def test_windows_has_a_program_for_each_kind_of_child(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the command line, too, children run without a console; `remote` is told apart."""
    monkeypatch.setattr(sys, "executable", str(tmp_path / "stethoscribe-cli.exe"))
    assert _launcher("speech", "win32") == tmp_path / "stethoscribe.exe"
    assert _launcher("remote", "win32") == tmp_path / "stethoscribe-remote.exe"
    assert _launcher("remote", "linux") == tmp_path / "stethoscribe-cli.exe"


@posix_only
def test_only_a_free_child_keeps_the_program_files_mounted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read_end, write_end = os.pipe()
    try:
        monkeypatch.setenv("STETHOSCRIBE_KEEPALIVE_FD", str(write_end))
        assert kept_descriptors(free=True) == (write_end,)
        assert kept_descriptors(free=False) == ()
    finally:
        os.close(read_end)
        os.close(write_end)
    assert kept_descriptors(free=True) == ()  # a stale variable
