"""Keep one child process alive, and turn its death into an event, never an abort.

The only module that starts processes. `send` never blocks: a writer thread owns the
child's stdin, a reader thread its stdout. A watchdog thread ends a leashed child that owes
an answer and is silent for too long.
"""

from __future__ import annotations

import contextlib
import enum
import os
import queue
import stat
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final, cast

from app.domain.errors import ChildBusyError, ChildGoneError
from app.engines.wire import Frame, WireError, read_frame, write_frame

EXIT_WAIT_S: Final = 2.0  # from the end of its output to the end of the child
_NO_WINDOW: Final[int] = getattr(subprocess, "CREATE_NO_WINDOW", 0)
_NEW_GROUP: Final[int] = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)

# fmt: off
KEPT_VARIABLES: Final = frozenset({
    "PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "LD_LIBRARY_PATH",
    "DBUS_SESSION_BUS_ADDRESS", "APPDIR", "APPIMAGE", "OMP_NUM_THREADS",
    "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "TEMP", "TMP", "USERPROFILE", "USERNAME",
    "APPDATA", "LOCALAPPDATA", "PROGRAMDATA", "PROGRAMFILES",
    "NUMBER_OF_PROCESSORS", "PROCESSOR_ARCHITECTURE",
})
# fmt: on
"""What a child inherits: where things lie, how people write, nothing that changes Python."""
KEPT_PREFIXES: Final = (
    "LC_", "XDG_", "STETHOSCRIBE_", "PULSE_", "PIPEWIRE_", "ALSA_", "JACK_", "CUDA_", "NVIDIA_",
)  # fmt: skip
_MODULE: Final = "app.engine_host"

# Children we let go of. Kept, because Popen warns when it is collected before its child.
_released: Final[list[subprocess.Popen[bytes]]] = []


class Tie(enum.Enum):
    """What becomes of the child when it and the app part."""

    LEASHED = "leashed"
    """Leaves at end of input; killed if it talks nonsense. Speech, notes, remote."""
    FREE = "free"
    """Goes on alone; we let go and never kill. The recorder, for its journal's sake."""


@dataclass(slots=True)
class Patience:
    """How often a child may die before the app stops restarting it.

    The n-th death within `window_s` waits `pauses_s[n - 1]` seconds. One more means:
    give up and fall back (smaller model, CPU, typing by hand).
    """

    pauses_s: Sequence[float] = (0.0, 1.0, 4.0)
    window_s: float = 120.0
    _deaths: deque[float] = field(default_factory=deque)

    def pause_s(self, now_s: float) -> float | None:
        """Record a death at `now_s` (monotonic clock); return the pause, None to give up."""
        while self._deaths and now_s - self._deaths[0] > self.window_s:
            self._deaths.popleft()
        self._deaths.append(now_s)
        count = len(self._deaths)
        return self.pauses_s[count - 1] if count <= len(self.pauses_s) else None


@dataclass(slots=True)
class _Child:
    process: subprocess.Popen[bytes]
    outbox: queue.Queue[Frame | None]
    asked_to_leave: bool = False
    heard_s: float = field(default_factory=time.monotonic)  # when the last frame came

    @property
    def stdin(self) -> BinaryIO:
        return cast("BinaryIO", self.process.stdin)

    @property
    def stdout(self) -> BinaryIO:
        return cast("BinaryIO", self.process.stdout)


class Supervisor:
    """Own one child process and its restarts. After `stop`, make a new supervisor.

    Args:
        command: what to run; `child_command` makes it.
        tie: whether the child may outlive the app.
        on_frame: called on the reader thread with each frame; must not block.
        on_end: called on the reader thread when a child ends unasked, with its exit
            status (negative: killed by that signal), or None when a FREE child lives
            on out of reach. It may wait, and may call `restart`.
        outbox_frames: how many frames may wait for a slow child; at least 2.
    """

    def __init__(
        self,
        command: Sequence[str],
        tie: Tie,
        on_frame: Callable[[Frame], object],
        on_end: Callable[[int | None], object],
        outbox_frames: int = 500,
    ) -> None:
        self._command = list(command)
        self._tie = tie
        self._on_frame = on_frame
        self._on_end = on_end
        self._outbox_frames = outbox_frames
        self._starting = threading.Lock()  # one start at a time; `send` never waits for it
        self._lock = threading.Lock()  # guards _child, puts into its outbox, _silence_s
        self._owed = threading.Condition(self._lock)
        self._silence_s: float | None = None
        self._child: _Child | None = None
        self._spare: subprocess.Popen[bytes] | None = None  # guarded by _starting
        self._reader: threading.Thread | None = None
        self._watchdog: threading.Thread | None = None
        self._closing = threading.Event()

    def start(self) -> None:
        """Start the child, unless it runs.

        Raises:
            ChildGoneError: `stop` was called before.
            OSError: the program cannot be started.
        """
        with self._starting:
            if self._closing.is_set():
                raise ChildGoneError
            if self._child is not None:
                return
            process = self._taken_spare() or self._spawn()
            child = _Child(process, queue.Queue(self._outbox_frames))
            name = _name_in(self._command)
            threading.Thread(
                target=_write, args=(child,), name=f"{name}-writer", daemon=True
            ).start()
            self._reader = threading.Thread(
                target=self._read, args=(child,), name=f"{name}-reader", daemon=True
            )
            with self._lock:
                self._child = child
            self._reader.start()

    def restart(self, pause_s: float) -> bool:
        """Wait, then start again; for use in `on_end`. False if `stop` came first."""
        if self._closing.wait(pause_s):
            return False
        try:
            self.start()
        except ChildGoneError:
            return False
        return True

    def keep_spare(self) -> None:
        """Have the next child load now and wait for its first frame. Any thread; starts a process.

        The next `start` or `restart` takes it over at once. It must say nothing unasked and leave
        at the end of its input.
        """
        with self._starting, contextlib.suppress(OSError):  # without one a restart takes longer
            if not self._closing.is_set() and not _is_alive(self._spare):
                _dismiss(self._spare)
                self._spare = self._spawn()

    def drop_spare(self) -> None:
        """End the spare child, if there is one. Any thread; waits for its end."""
        with self._starting:
            spare, self._spare = self._spare, None
        _dismiss(spare)

    def send(self, frame: Frame) -> None:
        """Queue a frame for the child. Any thread; never blocks.

        Raises:
            ChildGoneError: nobody is there to receive it.
            ChildBusyError: the outbox is full.
        """
        with self._lock:
            if self._child is None or self._child.process.poll() is not None:
                raise ChildGoneError
            try:
                self._child.outbox.put_nowait(frame)
            except queue.Full:
                raise ChildBusyError from None

    def expect(self, silence_s: float | None) -> None:
        """Say that the child owes an answer, or with None that it owes nothing. Any thread.

        While it owes one, a frame must come at least every `silence_s` seconds. A LEASHED
        child that is silent for longer is killed, which `on_end` reports; then it owes
        nothing. A FREE child is never killed.
        """
        with self._owed:
            if self._child is None or self._closing.is_set():
                self._silence_s = None
                return
            if self._silence_s is None:
                self._child.heard_s = time.monotonic()
            self._silence_s = silence_s if self._tie is Tie.LEASHED else None
            if self._silence_s is not None and self._watchdog is None:
                self._watchdog = threading.Thread(
                    target=self._watch, name=f"{_name_in(self._command)}-watchdog", daemon=True
                )
                self._watchdog.start()
            self._owed.notify_all()

    def stop(self, grace_s: float = 3.0, farewell: Frame | None = None) -> bool:
        """End the child; its exit is what gives the GPU memory back.

        Frames still waiting are dropped, `farewell` is sent, then the input ends. If the
        child stays longer than `grace_s`, a LEASHED one is killed, a FREE one let go.

        Returns:
            True if the child has ended, False if a FREE child runs on.
        """
        self._closing.set()
        self.drop_spare()
        with self._starting, self._owed:
            child, self._child = self._child, None
            reader = self._reader
            self._silence_s = None
            self._owed.notify_all()
        if child is not None:
            child.asked_to_leave = True
            _close_outbox(child, farewell)
            if not _ended(child, grace_s):
                if self._tie is Tie.FREE:
                    _released.append(child.process)
                    return False
                _kill(child)
        if reader is not None and reader is not threading.current_thread():
            reader.join()
        return True

    def _taken_spare(self) -> subprocess.Popen[bytes] | None:
        spare, self._spare = self._spare, None
        if _is_alive(spare):
            return spare
        _dismiss(spare)
        return None

    def _spawn(self) -> subprocess.Popen[bytes]:
        free = self._tie is Tie.FREE
        return subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # native libraries log text; text may be PHI
            env=child_environment(),
            pass_fds=kept_descriptors(free=free),
            start_new_session=free and os.name == "posix",  # no Ctrl-C, no hang-up
            creationflags=_NO_WINDOW | (_NEW_GROUP if free else 0),
        )

    def _read(self, child: _Child) -> None:
        """Pass frames on until the conversation ends, then tidy up and report."""
        try:
            while (frame := read_frame(child.stdout)) is not None:
                child.heard_s = time.monotonic()
                self._on_frame(frame)
        except WireError:
            if self._tie is Tie.LEASHED:
                child.process.kill()
        finally:  # also after a bug in on_frame: nobody reads this child any more
            status = self._bury(child)
            if not child.asked_to_leave:
                self._on_end(status)

    def _bury(self, child: _Child) -> int | None:
        with self._owed:
            if self._child is child:
                self._child = None
                self._silence_s = None
                self._owed.notify_all()
        _close_outbox(child, None)
        child.stdout.close()
        if not _ended(child, EXIT_WAIT_S):
            if self._tie is Tie.FREE:
                _released.append(child.process)
            else:
                _kill(child)
        return child.process.returncode

    def _watch(self) -> None:
        """Kill a child that owes an answer and is silent. Ends with what it is owed."""
        with self._owed:
            while self._child is not None and self._silence_s is not None:
                left_s = self._child.heard_s + self._silence_s - time.monotonic()
                if left_s <= 0:
                    self._silence_s = None
                    self._child.process.kill()  # the reader sees the end and reports it
                else:
                    self._owed.wait(left_s)
            self._watchdog = None


def _write(child: _Child) -> None:
    with contextlib.suppress(OSError):  # the reader reports the death, once
        while (frame := child.outbox.get()) is not None:
            write_frame(child.stdin, frame)
    with contextlib.suppress(OSError):
        child.stdin.close()


def _close_outbox(child: _Child, farewell: Frame | None) -> None:
    with contextlib.suppress(queue.Empty):
        while True:
            child.outbox.get_nowait()
    if farewell is not None:
        child.outbox.put(farewell)
    child.outbox.put(None)


def _is_alive(process: subprocess.Popen[bytes] | None) -> bool:
    return process is not None and process.poll() is None


def _dismiss(spare: subprocess.Popen[bytes] | None) -> None:
    """End a child that was never spoken to; it has nothing to lose."""
    if spare is None:
        return
    for pipe in (spare.stdin, spare.stdout):
        if pipe is not None:
            pipe.close()
    try:
        spare.wait(EXIT_WAIT_S)
    except subprocess.TimeoutExpired:
        spare.kill()
        spare.wait()


def _ended(child: _Child, wait_s: float) -> bool:
    try:
        child.process.wait(wait_s)
    except subprocess.TimeoutExpired:
        return False
    return True


def _kill(child: _Child) -> None:
    child.process.kill()
    child.process.wait()


def is_installed() -> bool:
    """Whether this is a product: PyInstaller sets `frozen`, our Windows launcher `-X launcher`."""
    is_frozen = bool(getattr(sys, "frozen", False))
    return is_frozen or "launcher" in sys._xoptions  # noqa: SLF001 - documented


def child_command(name: str, *arguments: str) -> list[str]:
    """Return the command line of the child `name`.

    A product's `sys.executable` is the launcher, which knows `-m` as little as any other
    option of Python. In a checkout `-P` keeps the folder we happen to stand in off the path.
    """
    if not is_installed():
        return [sys.executable, "-P", "-m", _MODULE, name, *arguments]
    return [str(_launcher(name)), "--child", name, *arguments]


def _launcher(name: str, system: str = sys.platform) -> Path:
    """Return the program that starts a child of an installed product.

    Windows has three: from the command line, too, children run without a console, and `remote`
    has a program of its own, because a firewall rule blocks the others by their path.
    """
    program = Path(sys.executable)
    if system == "win32":
        suffix = "-remote" if name == "remote" else ""
        program = program.with_name(f"stethoscribe{suffix}.exe")
    return program


def child_environment() -> dict[str, str]:
    """Return a child's environment: the kept variables, and in a checkout where `app` lies."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name.upper() in KEPT_VARIABLES or name.upper().startswith(KEPT_PREFIXES)
    }
    kept["HF_HUB_OFFLINE"] = "1"  # SECURITY.md 10: no model library may ask the network
    if not is_installed():
        kept["PYTHONPATH"] = str(Path(__file__).resolve().parents[2])
    return kept


def kept_descriptors(*, free: bool) -> tuple[int, ...]:
    """Return what `subprocess.Popen(pass_fds=…)` needs.

    The program files of an AppImage vanish when the last holder of this pipe ends. A free
    child holds it; a leashed one does not, or the mount would outlive the app.
    """
    number = os.environ.get("STETHOSCRIBE_KEEPALIVE_FD", "")
    if not free or not number.isdecimal():
        return ()
    try:
        is_pipe = stat.S_ISFIFO(os.fstat(int(number)).st_mode)
    except OSError:  # a stale variable must not keep the recorder from starting
        return ()
    return (int(number),) if is_pipe else ()


def _name_in(command: Sequence[str]) -> str:
    """Return the child's name, for its threads: the word after the way in, else the last."""
    for index, word in enumerate(command[:-1]):
        if word in {_MODULE, "--child"}:
            return command[index + 1]
    return command[-1]
