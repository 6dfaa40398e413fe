"""Nothing leaves the room: no network, no socket, no plain text on disk."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import Profile
from tests.end2end.product import FAST_MODEL, json_of, run_product

_CAN_UNSHARE = shutil.which("unshare") is not None and (
    subprocess.run(["unshare", "-rn", "true"], check=False, capture_output=True).returncode == 0
)


@pytest.mark.skipif(not _CAN_UNSHARE, reason="no user namespaces here")
def test_the_whole_flow_works_without_a_network(user: Profile) -> None:
    told = json_of(
        run_product(
            user,
            *("demo", "--json", "--model", FAST_MODEL, "--to", user.home / "out"),
            prefix=("unshare", "-rn"),
        )
    )
    assert told["exports"]


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_no_process_makes_an_internet_socket(user: Profile, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    prefix = ("strace", "-f", "-qq", "-e", "trace=network", "-o", str(trace))
    done = run_product(
        user,
        *("demo", "--json", "--model", FAST_MODEL, "--to", user.home / "out"),
        prefix=prefix,
    )
    assert done.returncode == 0, done.stderr
    lines = trace.read_text("utf-8", "replace")
    assert not re.findall(r"AF_INET6?\b", lines)
