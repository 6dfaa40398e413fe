"""Threads for blocking work. Qt-free; see ui/courier.py and inbox.py for the way back."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class Lane:
    """One thread, one queue, strict order: the only way to a database.

    Each open vault has its own lane, and so has the org database. A job is a plain
    function; its arguments are frozen data, so it needs no lock.
    """

    def __init__(self, name: str) -> None:
        self._executor = ThreadPoolExecutor(1, thread_name_prefix=name)

    def submit(self, job: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        """Queue a job. Any thread; never blocks.

        Raises:
            RuntimeError: the lane is closed.
        """
        return self._executor.submit(job, *args, **kwargs)

    def close(self) -> None:
        """Finish what is queued, then end. Blocks: a write once accepted is never dropped."""
        self._executor.shutdown(wait=True)


class Pool:
    """A few threads for work without an order: hashing, checks, rendering an export."""

    def __init__(self, threads: int = 3) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="work")

    def submit(self, job: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        """Queue a job. Any thread; never blocks.

        Raises:
            RuntimeError: the pool is closed.
        """
        return self._executor.submit(job, *args, **kwargs)

    def close(self) -> None:
        """Cancel what has not begun, wait for the rest."""
        self._executor.shutdown(wait=True, cancel_futures=True)
