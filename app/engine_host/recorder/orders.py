"""What the app asks of a recorder, from the thread that reads it to the journal thread."""

from __future__ import annotations

import os
import queue
import select
import time
from dataclasses import dataclass
from typing import Final

from app.domain.audio import MarkKind

_WAIT_S: Final = 0.5
_POLL_S: Final = 0.005


@dataclass(frozen=True, slots=True)
class Order:
    """What the app asks for.

    Attributes:
        word: go, mark, finish, or alone when the app is gone.
        asked_s: monotonic, when a mark was asked for.
    """

    word: str
    mark: MarkKind | None = None
    asked_s: float = 0.0


class Orders(queue.SimpleQueue[Order]):
    """Orders that were read. One thread reads, one obeys."""

    pipe: int | None = None
    """Number of the file they come from; None = there is none to look at."""

    def catch_up(self) -> None:
        """Let the reader take what lies in the pipe: after a stop sound must not overtake it.

        Waits half a second at most. Windows cannot look into a pipe: there it returns at once.
        """
        deadline_s = time.monotonic() + _WAIT_S
        while self._lies_unread() and time.monotonic() < deadline_s:
            time.sleep(_POLL_S)

    def _lies_unread(self) -> bool:
        if self.pipe is None or os.name != "posix":
            return False
        try:
            return bool(select.select([self.pipe], [], [], 0)[0])
        except (OSError, ValueError):  # closed: the app is gone
            return False
