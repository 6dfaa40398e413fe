"""The life of one engine child: start, death, another start, until there have been too many.

What `speech` and `notes` have in common. A life ends with `part`; frames and deaths of an
earlier life are void.
"""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.domain.events import ChildEnded
from app.engines.supervisor import Patience, Supervisor, Tie
from app.engines.wire import Frame


@dataclass(frozen=True, slots=True)
class Kin:
    """Whom a life calls, always under the port's lock.

    Attributes:
        started: a child runs and waits for its model. Any thread.
        heard: a frame of the child. Its reader thread.
        lost: the child is gone; True when no other will come. Told before `ChildEnded` is.
        publish: takes events.
    """

    started: Callable[[], object]
    heard: Callable[[Frame], object]
    lost: Callable[[bool], object]
    publish: Callable[[object], object]


class ChildLife:
    """Own the supervisor of one leashed child. Every method: under the port's lock.

    Args:
        child: its name in events and threads.
        command: how to start it.
        lock: the port's own; guards what is here, too.
        kin: whom to call.
        grace_s: how long a child may take to leave.
    """

    def __init__(
        self, child: str, command: Sequence[str], lock: threading.RLock, kin: Kin, grace_s: float
    ) -> None:
        self._child = child
        self._command = list(command)
        self._lock = lock
        self._kin = kin
        self._grace_s = grace_s
        self._number = 0  # counts calls of `part`
        self._supervisor: Supervisor | None = None
        self._patience = Patience()
        self.deaths = 0
        """How often it died since `begin`."""
        self.is_loaded = False
        """The child has its model. The port says so; a death takes it back."""
        self.is_coming = False
        """A child runs, or will."""

    def begin(self) -> None:
        """Start a child; one that runs ends before: two models may not fit."""
        old = self.part()
        self._patience = Patience()
        self.deaths = 0
        self.is_coming = True
        if old is None:
            self._start(self._number)
        else:
            self._aside("swap", functools.partial(self._replace, old, self._number))

    def part(self) -> Supervisor | None:
        """Let go of the child; return its supervisor, if there is one, for `end`."""
        old, self._supervisor = self._supervisor, None
        self._number += 1
        self.is_loaded = self.is_coming = False
        return old

    def end(self, old: Supervisor | None) -> None:
        """End a child that was parted from. Waits: not under the lock, which its reader takes."""
        if old is not None:
            old.stop(self._grace_s)

    def dismiss(self) -> None:
        """Part from the child and end it, without waiting."""
        self._aside("stop", functools.partial(self.end, self.part()))

    def send(self, frame: Frame) -> None:
        """Queue a frame for the child; nothing happens while there is none.

        Raises:
            ChildGoneError: it died; `started` will be called for its successor.
            ChildBusyError: it takes nothing.
        """
        if self._supervisor is not None:
            self._supervisor.send(frame)

    def expect(self, silence_s: float | None) -> None:
        """Say how long the child may be silent; None = it owes nothing, 0 = end it now."""
        if self._supervisor is not None:
            self._supervisor.expect(silence_s)

    @property
    def is_here(self) -> bool:
        """Whether a child runs, or is between two deaths."""
        return self._supervisor is not None

    def _aside(self, name: str, work: Callable[[], object]) -> None:
        threading.Thread(target=work, name=f"{self._child}-{name}", daemon=True).start()

    def _replace(self, old: Supervisor, number: int) -> None:
        self.end(old)
        with self._lock:
            self._start(number)

    def _start(self, number: int) -> None:
        if number != self._number:
            return
        self._supervisor = Supervisor(
            self._command,
            Tie.LEASHED,
            functools.partial(self._on_frame, number),
            functools.partial(self._on_end, number),
        )
        try:
            self._supervisor.start()
        except OSError:
            self._give_up(None)
        else:
            self._kin.started()

    def _on_frame(self, number: int, frame: Frame) -> None:
        with self._lock:
            if number == self._number:
                self._kin.heard(frame)

    def _on_end(self, number: int, status: int | None) -> None:
        """The child ended unasked. Thread: its reader, which may wait."""
        with self._lock:
            supervisor = self._supervisor
            if number != self._number or supervisor is None:
                return
            self.is_loaded = False
            self.deaths += 1
            pause_s = self._patience.pause_s(time.monotonic())
            if pause_s is None:
                self._give_up(status)
                return
            self._kin.lost(False)
            self._kin.publish(ChildEnded(self._child, status, pause_s))
        try:
            has_started = supervisor.restart(pause_s)
        except OSError:
            has_started = False
        with self._lock:
            if number != self._number:
                return
            if has_started:
                self._kin.started()
            else:
                self._give_up(status)

    def _give_up(self, status: int | None) -> None:
        self._supervisor = None
        self.is_loaded = self.is_coming = False
        self._kin.lost(True)
        self._kin.publish(ChildEnded(self._child, status, None))
