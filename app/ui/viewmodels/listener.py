"""What all viewmodels share: services, events, and the way futures come home. Main thread."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Signal

from app.domain.errors import AppError

if TYPE_CHECKING:
    from app.workflow.services import Services

E = TypeVar("E")
R = TypeVar("R")


class Listener(QObject):
    """A viewmodel: asks services, hears events, tells views.

    Signals:
        trouble_arose: an exception that a person must hear about; words are in `texts`.
    """

    trouble_arose = Signal(object)

    def __init__(self, services: Services, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._unsubscribes: list[Callable[[], None]] = []
        self.destroyed.connect(_Farewell(self._unsubscribes))

    def hear(self, kind: type[E], handler: Callable[[E], object]) -> None:
        """Call `handler` with each event of a kind, until this object is gone."""
        self._unsubscribes.append(self._services.bus.subscribe(kind, handler))

    def ask(
        self,
        question: Callable[[], Future[R]],
        done: Callable[[R], object],
        failed: Callable[[BaseException], object] | None = None,
    ) -> None:
        """Ask a service; `done` or `failed` comes later. Without `failed`, it is told as trouble.

        A service may also refuse at once, by raising: that is told like a failed future.
        """
        if_failed = failed or self.trouble_arose.emit
        try:
            future = question()
        except AppError as error:
            future = Future()
            future.set_exception(error)
        self._services.post.deliver(future, self, done, if_failed)


class _Farewell:
    """Ends subscriptions when the Qt object dies; must not hold the object itself."""

    def __init__(self, unsubscribes: list[Callable[[], None]]) -> None:
        self._unsubscribes = unsubscribes

    def __call__(self) -> None:
        while self._unsubscribes:
            self._unsubscribes.pop()()
