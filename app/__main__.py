"""The way in: without arguments the window, with arguments the command line.

Each imports what the other does not need only when it is its turn: the command line starts
without Qt, and the window without the command line, which took a sixth of its imports.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from app.foundation import hardening, paths

if TYPE_CHECKING:
    from app.cli.face import Running


def main() -> None:
    """Open the window, or run the command that the arguments name."""
    if len(sys.argv) <= 1:
        window()
        return
    _prepare()
    # An uninstall asks for it: no library that fails to load may stand in its way.
    if sys.argv[1] == "purge":
        from app.cli.purging import run_alone  # noqa: PLC0415

        run_alone(sys.argv[1:])
        return
    from app.cli.main import run  # noqa: PLC0415

    run(sys.argv[1:], _make_running)


def window() -> None:
    """Open the window."""
    _prepare()
    from app import bootstrap  # noqa: PLC0415
    from app.ui import application  # noqa: PLC0415

    sys.exit(application.run(bootstrap.build_window, sys.argv))


def _prepare() -> None:
    paths.private_umask()
    hardening.harden()


def _make_running(is_demo: bool) -> Running:
    from app import bootstrap  # noqa: PLC0415
    from app.cli.face import Running  # noqa: PLC0415
    from app.foundation.bus import Bus  # noqa: PLC0415
    from app.foundation.inbox import Inbox  # noqa: PLC0415

    bus = Bus()
    inbox = Inbox(bus.dispatch)
    return Running(bootstrap.build(inbox, bus, is_demo=is_demo), inbox)


if __name__ == "__main__":
    main()
