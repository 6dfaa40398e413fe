"""Looks up ICD-10-CM codes when a person asks, and only where they turned it on. Main thread.

Documentation only (PRODUCT.md, pillar 8): nothing calls this for a draft, and what a person
chooses is written as their own line.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from app.domain.draft import Draft
from app.domain.errors import LookUpOffError
from app.domain.ids import ClaimId, VisitId
from app.workflow.note_editing import NoteEditing
from app.workflow.room import Room

if TYPE_CHECKING:  # the search brings numpy, which few need: it is turned on by a person
    from app.clinical.icd10 import IcdHit as IcdHit  # noqa: PLC0414 - the window names it, too
    from app.clinical.icd10 import IcdIndex
    from app.clinical.icd10_table import IcdEntry

R = TypeVar("R")


class Coding:
    """Finds codes by words, with slips of the pen.

    Args:
        room: the pool.
        editing: writes the chosen code.
        table: `codes.tsv.xz`; read at the first search.
        is_on: off unless the clinician turned it on.
    """

    def __init__(self, room: Room, editing: NoteEditing, table: Path, *, is_on: bool) -> None:
        self._pool = room.pool
        self._editing = editing
        self._table = table
        self._is_on = is_on
        self._loading = threading.Lock()  # guards _index
        self._index: IcdIndex | None = None

    @property
    def is_on(self) -> bool:
        """Whether codes may be looked up."""
        return self._is_on

    def turn(self, is_on: bool) -> None:
        """Turn the look-up on or off."""
        self._is_on = is_on

    def find(self, text: str, limit: int = 20) -> Future[tuple[IcdHit, ...]]:
        """Return the codes that fit words a person selected or typed, the best first.

        The future raises LookUpOffError.
        """
        return self._when_on(lambda index: index.search(text, limit))

    def below(self, code: str) -> Future[tuple[IcdEntry, ...]]:
        """Return the codes one step below a code.

        The future raises LookUpOffError.
        """
        return self._when_on(lambda index: index.below(code))

    def release(self) -> Future[str]:
        """Return which release of the classification this is.

        The future raises LookUpOffError.
        """
        return self._when_on(lambda index: index.release)

    def write(
        self, visit: VisitId, section: str, entry: IcdEntry, after: ClaimId | None = None
    ) -> Future[Draft]:
        """Write a code into the note, as a line of the clinician's own."""
        return self._editing.add(visit, section, code_line(entry), after=after)

    def _when_on(self, search: Callable[[IcdIndex], R]) -> Future[R]:
        if not self._is_on:
            future: Future[R] = Future()
            future.set_exception(LookUpOffError())
            return future
        return self._pool.submit(lambda: search(self._loaded()))

    def _loaded(self) -> IcdIndex:
        with self._loading:
            if self._index is None:
                from app.clinical.icd10 import IcdIndex  # noqa: PLC0415

                self._index = IcdIndex.load(self._table)
            return self._index


def code_line(entry: IcdEntry) -> str:
    """Return a code as it is written into a note."""
    return f"{entry.title} (ICD-10-CM {entry.code})"
