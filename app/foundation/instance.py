"""One running window per profile. No socket: a lease says who is there, a note calls them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from filelock import FileLock

from app.foundation.letterbox import is_leased, leave_note, take_lease, take_notes
from app.foundation.paths import private_folder

RAISE: Final = "raise"
"""The note of a second start: show your window."""

WORDS: Final = frozenset({RAISE, "record", "pause", "off-record", "bookmark", "stop", "compact"})
"""What can be asked of a window that runs, from outside it."""


class Instance:
    """The right to be the one running window of a profile. Release it at the end."""

    def __init__(self, lease: FileLock, notes: Path) -> None:
        self._lease = lease
        self._notes = notes

    def calls(self) -> list[str]:
        """Return the words that were left since the last call, oldest first. Blocks: use a lane."""
        return take_notes(self._notes, WORDS)

    def release(self) -> None:
        """Let another start take over. Safe to call twice."""
        self._lease.release()


def claim_instance(root: Path) -> Instance | None:
    """Become the one instance of the profile in `root`, an existing private folder.

    Returns:
        None when another one runs: it was left a note and will raise its window.

    Raises:
        OSError: the folder cannot be written.
    """
    notes = private_folder(root / "instance.notes")
    lease = take_lease(root / "instance.lease")
    if lease is None:
        leave_note(notes, RAISE)
        return None
    take_notes(notes, WORDS)  # left for one that is gone
    return Instance(lease, notes)


def call(root: Path, word: str) -> bool:
    """Leave a word of `WORDS` for the window of a profile; return whether there is one.

    Raises:
        OSError: the folder cannot be written.
    """
    notes = root / "instance.notes"
    if not notes.is_dir() or not is_leased(root / "instance.lease"):
        return False
    leave_note(notes, word)
    return True
