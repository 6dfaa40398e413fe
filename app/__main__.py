"""The way in: without arguments the window, with arguments the command line."""

from __future__ import annotations

import sys

from app import bootstrap
from app.cli.face import Running
from app.cli.main import run
from app.foundation import hardening, paths
from app.foundation.bus import Bus
from app.foundation.inbox import Inbox


def main() -> None:
    """Open the window, or run the command that the arguments name."""
    if len(sys.argv) <= 1:
        window()
        return
    _prepare()
    run(sys.argv[1:], _make_running)


def window() -> None:
    """Open the window."""
    _prepare()
    from app.ui import application  # noqa: PLC0415 - the command line must start without Qt

    sys.exit(application.run(bootstrap.build_window, sys.argv))


def _prepare() -> None:
    paths.private_umask()
    hardening.harden()


def _make_running(is_demo: bool) -> Running:
    bus = Bus()
    inbox = Inbox(bus.dispatch)
    return Running(bootstrap.build(inbox, bus, is_demo=is_demo), inbox)


if __name__ == "__main__":
    main()
