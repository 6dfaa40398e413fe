"""The start of the frozen program on Linux; the Windows twin of this rule is `launcher.c`.

One program for the app and its children. It lies outside `app/`, so that nothing in the app has
to import `app.engine_host`.
"""

from __future__ import annotations

import runpy
import sys
from typing import Final

CHILD_WORDS: Final = 3
"""Program, switch, name: what a child is started with at least."""


def main() -> None:
    """Run `app.engine_host` after `--child <name>`, else the app."""
    if len(sys.argv) >= CHILD_WORDS and sys.argv[1] == "--child":
        del sys.argv[1]
        runpy.run_module("app.engine_host", run_name="__main__", alter_sys=True)
    else:
        runpy.run_module("app", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
