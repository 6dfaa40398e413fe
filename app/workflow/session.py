"""The open vault of whoever is unlocked, and the threads that serve it. Main thread."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from app.domain.errors import LockedError
from app.domain.people import Account
from app.domain.store_ports import VaultPort
from app.foundation.jobs import Lane

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Session:
    """An unlocked account: its vault, the one thread that may touch it, its audio folder."""

    account: Account
    vault: VaultPort
    lane: Lane
    audio_folder: Path

    def ask(
        self, job: Callable[Concatenate[VaultPort, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> Future[R]:
        """Run `job(vault, …)` on the vault's lane. Any thread."""
        return self.lane.submit(job, self.vault, *args, **kwargs)


class Sessions:
    """Holds the session while someone is unlocked."""

    def __init__(self) -> None:
        self._session: Session | None = None
        self._told: list[Callable[[], object]] = []
        self._entered: list[Callable[[Session], object]] = []

    def on_leave(self, told: Callable[[], object]) -> None:
        """Have something called when nobody is unlocked any more."""
        self._told.append(told)

    def on_enter(self, told: Callable[[Session], object]) -> None:
        """Have something called when somebody is unlocked."""
        self._entered.append(told)

    @property
    def is_open(self) -> bool:
        """Whether somebody is unlocked."""
        return self._session is not None

    def current(self) -> Session:
        """Return the session.

        Raises:
            LockedError: nobody is unlocked.
        """
        if self._session is None:
            raise LockedError
        return self._session

    def set(self, session: Session | None) -> None:
        """Enter or leave a session. Main thread."""
        self._session = session
        if session is None:
            for told in self._told:
                told()
        else:
            for entered in self._entered:
                entered(session)
