"""Names of microphones that stay the same when one is plugged in again. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

_ADDRESS: Final = re.compile(r" \(hw:\d+,\d+\)$")
"""ALSA numbers its cards in the order in which they were plugged in."""


def stable_names(devices: Sequence[tuple[str, str]]) -> list[str]:
    """Return a name for each (host API, name), without what changes; twins are numbered."""
    seen: Counter[str] = Counter()
    names = []
    for api, name in devices:
        stable = f"{api}: {_ADDRESS.sub('', name)}"
        seen[stable] += 1
        names.append(stable if seen[stable] == 1 else f"{stable} #{seen[stable]}")
    return names
