"""The way into a child: `python -m app.engine_host <name> [arguments]`.

Each child is imported only when it is asked for, so the recorder never loads a model library.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from typing import Final

from app.foundation.hardening import harden
from app.foundation.paths import private_umask
from app.foundation.priority import give_way, step_back

CHILDREN: Final = {
    "recorder": "app.engine_host.recorder.main",
    "speech": "app.engine_host.speech",
    "notes": "app.engine_host.notes",
}
"""Name of a child → the module whose `main(argv)` runs it."""


BACKGROUND: Final = "--background"
"""The argument that lets everything else go first."""
_PATIENT: Final = frozenset({"notes"})
"""Children that give way while somebody speaks: a note that is written meanwhile can wait, words
cannot (ADR 033)."""


def main(argv: Sequence[str]) -> None:
    """Run the child named first; the rest is its own, but for `--background`."""
    if not argv or argv[0] not in CHILDREN:
        sys.exit("This program is started by Stethoscribe.")
    private_umask()
    harden(is_child=True)
    if BACKGROUND in argv:
        step_back()
    elif argv[0] in _PATIENT:
        give_way()
    rest = [each for each in argv[1:] if each != BACKGROUND]
    importlib.import_module(CHILDREN[argv[0]]).main(rest)


if __name__ == "__main__":
    main(sys.argv[1:])
