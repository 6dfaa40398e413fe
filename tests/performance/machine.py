"""What a figure was measured on, said with it: cores, load, commit; and where results are kept."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

REPOSITORY: Final = Path(__file__).resolve().parents[2]
DATA: Final = REPOSITORY.parent / "shared" / "data"
RESULTS: Final = REPOSITORY / ".cache" / "bench"
"""Ignored by git."""
CODE: Final = "BENCH_CODE"


def conditions() -> dict[str, Any]:
    """Return the machine, how busy it is with other things, and which code runs."""
    return {
        "cpu": _cpu(),
        "cores": len(os.sched_getaffinity(0)),
        "load": [round(each, 2) for each in os.getloadavg()],
        "commit": _git("rev-parse", "--short", "HEAD") or "unknown",
        "code": code(),
        "at": time.strftime("%Y-%m-%d %H:%M:%S"),
    }


def say_conditions() -> None:
    """Print `conditions` in one line."""
    found = conditions()
    load = " ".join(map(str, found["load"]))
    print(
        f"{found['cpu']}, {found['cores']} cores, load {load}; "
        f"commit {found['commit']}, app {found['code']}"
    )


@dataclass(slots=True)
class Results:
    """Rows of one part in a JSON file: a run that was ended goes on where it stopped.

    Rows that another state of `app` gave are measured again.
    """

    path: Path

    def rows(self) -> dict[str, Any]:
        """Return the rows that this state of `app` gave, by their key."""
        wanted = code()
        return {
            key: row
            for key, row in self._all().items()
            if row.get("conditions", {}).get("code") == wanted
        }

    def put(self, key: str, row: dict[str, Any]) -> None:
        """Keep a row, with the conditions it was measured under."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        rows = self._all() | {key: {**row, "conditions": conditions()}}
        fresh = self.path.with_suffix(".new")
        fresh.write_text(json.dumps({"rows": rows}, indent=1), "utf-8")
        fresh.replace(self.path)

    def _all(self) -> dict[str, Any]:
        try:
            kept = json.loads(self.path.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return dict(kept.get("rows", {}))


@functools.cache
def code() -> str:
    """Return the tree of `app`, with a plus when files differ from it; as the process found it.

    A process that is started for a part of a run takes over what the run found.
    """
    if given := os.environ.get(CODE):
        return given
    tree = _git("rev-parse", "--short", "HEAD:app") or "unknown"
    return tree + ("+" if _git("status", "--porcelain", "--", "app") else "")


def _git(*words: str) -> str:
    done = subprocess.run(
        ["git", *words], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return "unknown processor"
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "unknown processor")
