"""Keeps what was measured, one line a note, so that an evaluation can go on where it was stopped.

A row holds figures and hashes, never a word of a transcript or a note. Blocks: pool.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from app.drafting.measures.scoring import Figures
from app.foundation import paths

FOLDER: Final = "rows"


@dataclass(frozen=True, slots=True)
class EvaluationRow:
    """The figures of one note.

    Attributes:
        key: hash of the model, the prompt, the rules and the data it depends on.
        failure: code of the error that ended the draft, empty when there is a note.
    """

    key: str
    system: str
    set: str
    source: str
    part: str
    header: str
    figures: Figures
    failure: str = ""


def row_key(*parts: str) -> str:
    """Return the key of a row from all that its figures depend on."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


class EvaluationRows:
    """The row files of one output folder, one for each system and set."""

    def __init__(self, folder: Path, *, is_resumed: bool) -> None:
        """Open a folder; what an earlier run left is read, or removed when it is not resumed.

        Raises:
            FileAccessError, DiskFullError: the folder cannot be used.
        """
        self._folder = paths.private_folder(paths.private_folder(folder) / FOLDER)
        self._known: dict[str, EvaluationRow] = {}
        for path in sorted(self._folder.glob("*.jsonl")):
            with paths.file_errors():
                if is_resumed:
                    self._read(path)
                else:
                    path.unlink()

    def find(self, key: str) -> EvaluationRow | None:
        """Return what was measured before, None if it was not.

        A draft that failed is tried again; too little speech for a note stays too little.
        """
        found = self._known.get(key)
        is_used = found is not None and (not found.failure or bool(found.figures.get("silent")))
        return found if is_used else None

    def add(self, row: EvaluationRow) -> None:
        """Keep a row at once.

        Raises:
            FileAccessError, DiskFullError.
        """
        self._known[row.key] = row
        name = "".join(each if each.isalnum() or each in "-_." else "_" for each in row.system)
        line = json.dumps(asdict(row), sort_keys=True).encode() + b"\n"
        with paths.file_errors():
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
            descriptor = os.open(self._folder / f"{name}.{row.set}.jsonl", flags, 0o600)
            with os.fdopen(descriptor, "ab") as file:
                file.write(line)

    def _read(self, path: Path) -> None:
        for line in path.read_bytes().splitlines():
            try:
                row = _SHAPE.validate_json(line)
            except ValidationError:  # a line cut by a crash: it is measured again
                continue
            self._known[row.key] = row


_SHAPE: Final = TypeAdapter(EvaluationRow)
