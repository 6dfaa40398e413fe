"""Watches whether anybody uses the window, and asks for the lock in time. Main thread."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPointF, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QMouseEvent, QWindow
from typing_extensions import override

from app.foundation.i18n import _
from app.workflow.idling import IdleRules, IdleWatch, Step

if TYPE_CHECKING:
    from app.ui.viewmodels.recorder import RecorderModel
    from app.workflow.services import Services

LOOK_MS: Final = 1000
"""How often it is looked whether time is up; the warning counts the seconds."""

_Kind = QEvent.Type
WRITTEN: Final = _Kind(QEvent.registerEventType())
"""An input method wrote something: it goes to the part with the focus and passes no window."""
USES: Final = frozenset(
    {
        WRITTEN, _Kind.KeyPress, _Kind.MouseButtonPress, _Kind.MouseButtonDblClick,
        _Kind.Wheel, _Kind.TouchBegin, _Kind.TouchUpdate, _Kind.TabletPress, _Kind.TabletMove,
        _Kind.NativeGesture,
    }
)  # fmt: skip
"""What a person does by hand, or by a program that writes for them."""


class IdleModel(QObject):
    """Hears every key, pointer and wheel of all windows of the app while somebody is unlocked.

    It listens at the windows that can be seen, where all input arrives. A filter on the whole
    application, or on a window that is about to go, would meet objects that are half made or half
    gone, and the binding does not survive that.

    Signals:
        warned: what is about to happen, in words; empty = nothing is.
        cover_due: cover the screen; the recording goes on.
        lock_due: lock.
    """

    warned = Signal(str)
    cover_due = Signal()
    lock_due = Signal()

    def __init__(
        self,
        services: Services,
        recorder: RecorderModel,
        clock: Callable[[], float],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._recorder = recorder
        self._watch = IdleWatch(IdleRules.of(services.policy), clock)
        self._is_watched = not services.is_demo
        """A demonstration has made-up patients and a password that nobody knows."""
        self._words = ""
        self._pointer = QPointF(math.inf, math.inf)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.focusWindowChanged.connect(self._listen)
        recorder.state_changed.connect(self._on_recorder)

    def open(self) -> None:
        """Somebody unlocked: watch."""
        if self._is_watched:
            self._on_recorder()
            self._watch.open()
            self._timer.start()
            self._listen()

    def close(self) -> None:
        """Watch no more."""
        self._watch.close()
        self._timer.stop()
        for window in QGuiApplication.topLevelWindows():
            window.removeEventFilter(self)
        self._warn("")

    def uncover(self) -> None:
        """Whoever is unlocked came back."""
        self._watch.uncover()

    def use(self) -> bool:
        """Count something as use, e.g. a key from outside. False: too late, it is locked now."""
        is_in_time = self._watch.use()
        if not is_in_time or self._words:
            self.look()
        return is_in_time

    def look(self) -> None:
        """Do what is due."""
        self._listen()
        step = self._watch.step()
        if step is Step.COVER:
            self._warn("")
            self._watch.cover()
            self.cover_due.emit()
        elif step is Step.LOCK:
            self.close()
            self.lock_due.emit()
        else:
            self._warn(self._warning(step))

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note a use; one that comes too late reaches nobody."""
        kind = event.type()
        if (kind in USES and not _is_held(event)) or self._is_moved(event):
            return not self.use()
        if kind is _Kind.Hide:
            watched.removeEventFilter(self)
        return False

    def _listen(self) -> None:
        """Listen at every window that can be seen; a second time changes nothing."""
        if self._timer.isActive():
            for window in QGuiApplication.topLevelWindows():
                if window.isVisible():
                    window.installEventFilter(self)

    def _is_moved(self, event: QEvent) -> bool:
        """A window that opens below a resting pointer is told of a move, too."""
        if event.type() is not _Kind.MouseMove or not isinstance(event, QMouseEvent):
            return False
        before, self._pointer = self._pointer, event.globalPosition()
        return before != self._pointer

    def _on_recorder(self) -> None:
        self._watch.record(is_running=self._recorder.is_running)

    def _warning(self, step: Step) -> str:
        if step is Step.NOTHING:
            return ""
        if step is Step.WARN_HOURS:
            words = _("You unlocked many hours ago. The program locks in {seconds} s.")
        elif self._recorder.is_running:
            words = _("Nobody works here. The screen is covered in {seconds} s.")
        else:
            words = _("Nobody works here. The program locks in {seconds} s.")
        return words.format(seconds=math.ceil(self._watch.left_s))

    def _warn(self, words: str) -> None:
        if words != self._words:
            self._words = words
            self.warned.emit(words)


def tell_written(window: QWindow | None) -> None:
    """Tell the watch that an input method wrote into a part of this window."""
    if window is not None:
        QCoreApplication.postEvent(window, QEvent(WRITTEN))


def _is_held(event: QEvent) -> bool:
    """Whether a key repeats itself: a folder that lies on the keyboard works with nobody."""
    return isinstance(event, QKeyEvent) and event.isAutoRepeat()
