"""Memory that is taken again and again comes from the kernel once."""

from __future__ import annotations

import subprocess
import sys

import pytest

_TAKE = """
import resource
import numpy as np
from app.engine_host.heap import keep_heap
assert keep_heap() or {plain}
for _ in range(3):
    np.empty(40_000_000, np.uint8).fill(1)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(5):
    np.empty(40_000_000, np.uint8).fill(1)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def _page_faults(*, plain: bool) -> int:
    code = _TAKE.format(plain=plain)
    if plain:
        code = code.replace("keep_heap() or", "True or")
    ran = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return int(ran.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="malloc of glibc")
def test_large_blocks_are_the_same_pages_again() -> None:
    assert _page_faults(plain=False) < 100 < _page_faults(plain=True)
