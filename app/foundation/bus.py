"""Who listens to which event. Main thread only; the post brings events here."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TypeVar

from app.foundation.log import get_logger

E = TypeVar("E")

_log = get_logger()


class Bus:
    """Tell each event to those who subscribed to its type or to a base class of it.

    Listeners are told in the order they subscribed, so workflow, which subscribes first,
    hears an event before the viewmodels do. A listener that raises is logged, by type and
    stack lines, and the next one is told all the same.
    """

    def __init__(self) -> None:
        self._numbers = itertools.count()
        self._listeners: dict[type, dict[int, Callable[[object], object]]] = {}

    def subscribe(self, kind: type[E], handler: Callable[[E], object]) -> Callable[[], None]:
        """Call `handler` with each event that is a `kind`.

        Returns:
            A function that ends this; calling it twice does no harm.
        """
        number = next(self._numbers)

        def listener(event: object) -> object:
            return handler(event) if isinstance(event, kind) else None

        self._listeners.setdefault(kind, {})[number] = listener

        def unsubscribe() -> None:
            self._listeners[kind].pop(number, None)

        return unsubscribe

    def dispatch(self, event: object) -> None:
        """Tell `event` to its listeners. Who unsubscribes meanwhile is not told any more."""
        waiting = {
            number: kind for kind in type(event).__mro__ for number in self._listeners.get(kind, ())
        }
        for number in sorted(waiting):
            listener = self._listeners[waiting[number]].get(number)
            if listener is None:
                continue
            try:
                listener(event)
            except Exception as error:  # noqa: BLE001 - one bad listener must not silence the others
                _log.error("listener_failed", exc_info=error)
