"""Words for what the doctor looked at, by name and detail of a check."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.foundation.i18n import _

NAMES: Final[Mapping[str, str]] = {
    "encryption": "Disk",
    "swap": "Swap",
    "space": "Free disk",
    "clock": "Clock",
}

_WORDS: Final[Mapping[tuple[str, str], str]] = {
    ("encryption", "encrypted"): "encrypted",
    ("encryption", "plain"): (
        "not encrypted, as far as the system tells. Notes and recordings are encrypted by the "
        "program; the disk's own encryption guards what other programs keep. Turn it on"
    ),
    ("swap", "none"): "none: memory is never written to the disk",
    ("swap", "encrypted"): "encrypted",
    ("swap", "plain"): ("memory may be written to the disk as it is. Turn swap off, or encrypt it"),
    ("space", "free"): "{value} MB",
    ("clock", "kept"): "kept right by the system",
    ("clock", "alone"): (
        "nothing keeps it right. Compare date and time now and then; notes carry them"
    ),
    ("clock", "past"): "shows a day in the past. Set date and time before you record",
}

_TONES: Final[Mapping[str, str]] = {
    "heard": "the tone from the loudspeaker was heard",
    "not_heard": "the tone from the loudspeaker was not heard: muted, headphones, or far away?",
    "no_speaker": "no loudspeaker, so no tone was played",
}

_MEMORY: Final[Mapping[str, str]] = {
    "ok": "fits",
    "tight": "fits, but leaves little for other programs",
    "short": "too little: choose smaller models",
    "unknown": "memory of this computer is unknown",
}

_GPU: Final[Mapping[str, str]] = {
    "gpu_library": "found, but its library (cuBLAS 12) is not installed: install the GPU pack",
    "gpu_memory": "found, but it has too little free memory for this model",
    "gpu": "found, but it failed at its first work",
}


def check_words(name: str, detail: str, value: int = 0) -> str:
    """Return what was found, in words."""
    found = _WORDS.get((name, detail), "the system does not tell")
    return _(found).format(value=value)


def check_name(name: str) -> str:
    """Return the name of a check for people."""
    return _(NAMES.get(name, name))


def tone_words(tone: str) -> str:
    """Return what came of the tone."""
    return _(_TONES.get(tone, tone))


def memory_words(state: str) -> str:
    """Return whether the models fit."""
    return _(_MEMORY.get(state, state))


def gpu_words(trouble: str) -> str:
    """Return why a graphics card is not used."""
    return _(_GPU.get(trouble, trouble))
