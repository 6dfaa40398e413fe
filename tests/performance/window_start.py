"""A window in a process of its own: says when it can be used and how much memory it takes.

`python -m tests.performance.window_start BEGAN_S` with a profile in the environment. BEGAN_S is
the monotonic clock when the process was ordered.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from PySide6.QtCore import QTimer

from app import bootstrap
from app.domain.ports import Post
from app.foundation import hardening, paths
from app.ui import application
from app.ui.main_window import MainWindow
from app.workflow.services import Services


def memory_mb(pid: int | str = "self") -> float:
    """Return the resident memory of a process, in MB."""
    for line in Path(f"/proc/{pid}/status").read_text("ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def main() -> None:
    """Open the window as the program does; leave when it can be used."""
    began_s = float(sys.argv[1])
    paths.private_umask()
    hardening.harden()
    timer = QTimer()

    def make(post: Post) -> Services:
        built = bootstrap.build_window(post)
        timer.setInterval(2)
        timer.timeout.connect(look)
        timer.start()
        return built

    def look() -> None:
        from PySide6.QtWidgets import QApplication  # noqa: PLC0415 - after the application is made

        for window in QApplication.topLevelWidgets():
            if isinstance(window, MainWindow):
                page = window.unlock_page
                if page.creation.isVisible() or page.unlock.isVisible():
                    told = {"usable_s": time.monotonic() - began_s, "memory_mb": memory_mb()}
                    print(json.dumps(told), flush=True)
                    timer.stop()
                    window.close()

    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    sys.exit(application.run(make, sys.argv[:1]))


if __name__ == "__main__":
    main()
