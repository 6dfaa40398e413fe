"""Notice when the sound system gives us another microphone, and go back to ours.

`Route` runs on a thread of its own, because a sound server may hang; `RoutePolicy` decides and
is pure. Windows and a plain ALSA device need none of it: there a stream ends with its device.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import Final

from app.engine_host.recorder.pulse import PulseGoneError, PulseServer, Routing, load_library

LOOK_EVERY_S: Final = 0.25
_TRY_AGAIN_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a look at the routing means.

    Attributes:
        has_changed: another microphone is heard since the last look.
        is_ours: it is the one that was asked for.
        move_to: let the stream record from this one; empty = leave it.
    """

    has_changed: bool = False
    is_ours: bool = True
    move_to: str = ""


class RoutePolicy:
    """Knows which microphone was asked for. The first one heard is.

    A stream goes back to a microphone that was away, and over to a new default. A stream that
    is elsewhere although its microphone never went away was moved by a person: so be it.

    Args:
        follows_default: no microphone was named: when the system's one changes, follow.
    """

    def __init__(self, *, follows_default: bool) -> None:
        self._follows_default = follows_default
        self._target = ""
        self._index: int | None = None  # the target's: another one tells that it was away
        self._current = ""
        self._default = ""
        self._may_move = False

    def judge(self, routing: Routing) -> Verdict:
        """Say what to do."""
        if not routing.source:
            return Verdict()
        if not self._target:
            self._aim_at(routing.source, routing)
            self._current = routing.source
            self._default = routing.default
            return Verdict()
        self._follow(routing)
        has_changed = routing.source != self._current
        self._current = routing.source
        index = routing.sources.get(self._target)
        is_here = index is not None
        if routing.source == self._target:
            self._index = index
            self._may_move = False
            return Verdict(has_changed)
        if is_here and index == self._index and not self._may_move:
            self._aim_at(routing.source, routing)
            return Verdict(has_changed, is_ours=False)
        self._may_move = True
        return Verdict(has_changed, is_ours=False, move_to=self._target if is_here else "")

    def _follow(self, routing: Routing) -> None:
        is_new = routing.default != self._default and routing.default in routing.sources
        if self._follows_default and is_new:
            self._default = routing.default
            self._aim_at(routing.default, routing)
            self._may_move = True

    def _aim_at(self, name: str, routing: Routing) -> None:
        self._target, self._index = name, routing.sources.get(name)


class Route:
    """Looks four times a second while a recording runs.

    Args:
        device: stable name of the microphone; empty = the default one.
    """

    def __init__(self, device: str) -> None:
        self._policy = RoutePolicy(follows_default=not device)
        self.changes: deque[Verdict] = deque()
        """Each change of the microphone. Route thread → journal thread."""
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="route", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more. Does not wait: the server may hang."""
        self._stopping.set()

    def _run(self) -> None:
        library = load_library()
        while library is not None and not self._stopping.is_set():
            try:
                server = PulseServer(library)
            except PulseGoneError:
                self._stopping.wait(_TRY_AGAIN_S)
                continue
            try:
                self._watch(server)
            except PulseGoneError:
                self._stopping.wait(_TRY_AGAIN_S)
            finally:
                server.close()

    def _watch(self, server: PulseServer) -> None:
        while not self._stopping.wait(LOOK_EVERY_S):
            routing = server.look()
            verdict = self._policy.judge(routing)
            if verdict.has_changed:
                self.changes.append(verdict)
            if verdict.move_to:
                server.move(routing.stream, verdict.move_to)
