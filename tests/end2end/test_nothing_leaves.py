"""Nothing leaves the room: the whole flow in an empty network, and no internet socket in it."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import Profile
from tests.end2end.product import FAST_MODEL, json_of, run_product

_EMPTY_NETWORK = ("unshare", "-rn")


def _can(*command: str) -> bool:
    if shutil.which(command[0]) is None:
        return False
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


@pytest.mark.skipif(not _can(*_EMPTY_NETWORK, "true"), reason="no user namespaces here")
@pytest.mark.skipif(not _can("strace", "true"), reason="strace is not installed or not allowed")
def test_the_whole_flow_works_alone_and_makes_no_internet_socket(
    user: Profile, tmp_path: Path
) -> None:
    trace = tmp_path / "trace"
    watched = ("strace", "-f", "--seccomp-bpf", "-qq", "-e", "trace=network", "-o", str(trace))
    out = user.home / "out"
    told = json_of(
        run_product(
            user,
            *("demo", "--json", "--model", FAST_MODEL, "--to", out),
            prefix=(*_EMPTY_NETWORK, *watched),
        )
    )
    assert told["exports"]
    engines = {each["engine"] for each in told["note"]["sections"]}
    assert "smollm2-135m" in engines, "the notes engine ran; what it wrote badly was quoted instead"
    calls = trace.read_text("utf-8", "replace")
    assert not re.findall(r"AF_INET6?\b", calls)
