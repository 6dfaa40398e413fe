"""Words that another start of the program left for this window: keys of the whole workstation.

`stethoscribe press pause` leaves one; a shortcut of the system, a foot pedal's program or a
dictation microphone's can be bound to it. Files are looked at on a lane; main thread otherwise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer, Signal

from app.foundation.jobs import Lane

if TYPE_CHECKING:
    from app.domain.ports import Post
    from app.foundation.instance import Instance

LOOK_MS: Final = 250
"""How soon a key of the whole workstation is heard."""


class Caller(QObject):
    """Looks for words four times a second.

    Signals:
        called: one of `app.foundation.instance.WORDS`.
    """

    called = Signal(str)

    def __init__(self, instance: Instance, post: Post, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._instance, self._post = instance, post
        self._lane = Lane("caller")
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._look)
        self._timer.start()
        self._is_looking = False

    def _look(self) -> None:
        if not self._is_looking:
            self._is_looking = True
            future = self._lane.submit(self._instance.calls)
            self._post.deliver(future, self, self._on_calls, lambda _error: self._on_calls([]))

    def _on_calls(self, words: list[str]) -> None:
        self._is_looking = False
        for word in words:
            self.called.emit(word)

    def close(self) -> None:
        """Look no more, and let another start take over."""
        self._timer.stop()
        self._lane.close()
        self._instance.release()
