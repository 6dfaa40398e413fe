"""The product as a user runs it: a process of its own, in a profile of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from tests.conftest import Profile

REPOSITORY: Final = Path(__file__).resolve().parents[2]
SAMPLE: Final = REPOSITORY / "resources/samples/back_pain_visit.flac"
SAMPLE_TRANSCRIPT: Final = REPOSITORY / "resources/samples/back_pain_visit.json"
FAST_MODEL: Final = "whisper-tiny.en"
LIMIT_S: Final = 400


def run_product(
    profile: Profile,
    *arguments: str | Path,
    prefix: Sequence[str] = (),
    password: str | None = None,
    env: dict[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run `stethoscribe` with these arguments in the profile's home; text comes back."""
    command = [*prefix, sys.executable, "-m", "app", *map(str, arguments)]
    pass_fds: tuple[int, ...] = ()
    reader = None
    if password is not None:
        reader, writer = os.pipe()
        os.write(writer, password.encode() + b"\n")
        os.close(writer)
        command += ["--password-fd", str(reader)]
        pass_fds = (reader,)
    try:
        return subprocess.run(
            command,
            cwd=profile.home,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY), **(env or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
            pass_fds=pass_fds,
        )
    finally:
        if reader is not None:
            os.close(reader)


def child_of(parent: int, name: str) -> int:
    """Return the process id of an app's child: recorder, speech or notes.

    The recorder that works is the oldest; a younger one waits to take over.
    """
    found: list[int] = []
    for path in Path(f"/proc/{parent}/task").glob("*/children"):
        for pid in path.read_text("ascii").split():
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            if name.encode() in words:
                found.append(int(pid))
    if not found:
        raise LookupError(name)
    return min(found)


def json_of(done: subprocess.CompletedProcess[str]) -> Any:
    """Return what a command printed, after it ended well."""
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
