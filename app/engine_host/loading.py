"""From files to a speech model that works and whose speed is known. The model's own thread."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from app.domain.audio import SAMPLE_RATE
from app.domain.errors import EngineFailedError, ModelDamagedError, ModelMissingError
from app.engine_host import gpu_libraries, whisper_runtime
from app.engine_host.whisper_runtime import FINAL, INTERIM, Audio, Cost, Whisper
from app.foundation import paths

CLIP_S: Final = 5
"""Of sound that is decoded to measure: about one turn of a talk (SPEECH.md section 3)."""
TOKENS_PER_S: Final = 3.5
"""Written in a second of talk: 150 words a minute, 1.3 tokens each, and the timestamps."""
WINDOW_S: Final = 30
_SLOW_S: Final = 0.25
"""An interim encode that takes longer makes measuring a whole window take seconds."""
_WHOLE_WINDOW: Final = 6.0
"""A full window's encode by that of 8 s. Measured on 2 cores: tiny.en 5.0, base 6.1."""


@dataclass(frozen=True, slots=True)
class Speed:
    """Seconds of work for a second of sound; 1.0 is as fast as talk.

    Attributes:
        interim: a decode of speech that still goes on.
        final: of a turn of 5 s, in a full window.
        whole: of a recording, in full windows that are full.
    """

    interim: float
    final: float
    whole: float


@dataclass(frozen=True, slots=True)
class Working:
    """A model that has decoded something.

    Attributes:
        trouble: why a GPU that is there is not used: `gpu_library`, `gpu_memory`, `gpu`.
    """

    model: Whisper
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Runtime:
    """What a model is loaded with.

    Attributes:
        make: loads a model from its files, with threads, device and number format.
        devices: names what may hold one, best first.
        compute_types: names what a device computes with, best first.
    """

    make: Callable[[Mapping[str, bytes], int, str, str], Whisper] = Whisper
    devices: Callable[[], Sequence[str]] = whisper_runtime.devices
    compute_types: Callable[[str], Sequence[str]] = whisper_runtime.compute_types


def verified(folder: Path, wanted: Sequence[Mapping[str, Any]]) -> dict[str, bytes]:
    """Read the files of a model, each once, and hash what was read.

    Raises:
        ModelMissingError: a file is not there.
        ModelDamagedError: a file is another one. Not a byte was parsed.
    """
    files: dict[str, bytes] = {}
    for each in wanted:
        try:
            with (folder / each["path"]).open("rb") as file:
                content = file.read(int(each["size"]) + 1)
        except OSError:
            raise ModelMissingError(folder.name) from None
        if len(content) != int(each["size"]):
            raise ModelDamagedError(folder.name, "size")
        if hashlib.sha256(content).hexdigest() != each["sha256"]:
            raise ModelDamagedError(folder.name, "hash")
        files[each["path"]] = content
    return files


def working(
    files: Mapping[str, bytes],
    threads: int,
    *,
    is_cpu: bool = False,
    runtime: Runtime | None = None,
) -> Working:
    """Load a model on the best device that really works: CUDA trouble shows at the first decode.

    Args:
        files: name → content of each model file.
        threads: CPU threads of one decode.
        is_cpu: leave the GPU alone: children died with it.
        runtime: what loads models; None = the real one.

    Raises:
        EngineFailedError: no device takes it.
    """
    runtime = runtime or Runtime()
    silence = np.zeros(SAMPLE_RATE, np.float32)
    trouble = ""
    for device in runtime.devices():
        if device == "cuda" and is_cpu:
            trouble = "gpu"
            continue
        if device == "cuda":
            of = gpu_libraries.layout()
            gpu_libraries.preload(
                gpu_libraries.find(of, paths.pack_root(), sys.path)
            )  # where it fails, the system's own may do: the decode tells
        for compute in runtime.compute_types(device):
            try:
                model = runtime.make(files, threads, device, compute)
                model.take(silence, INTERIM)
            except (RuntimeError, ValueError) as error:
                if device == "cuda":
                    trouble = _gpu_trouble(error)
                continue
            return Working(model, trouble if device != "cuda" else "")
    raise EngineFailedError("load")


def measured(model: Whisper) -> Speed:
    """Return how fast a model is here, from two decodes of noise with a fixed amount of text.

    Nothing is heard in noise, and a model that writes nothing looks fast: it has to write as
    much as talk would give.
    """
    pcm = murmur()
    tokens = round(CLIP_S * TOKENS_PER_S)
    quick = model.cost(pcm, INTERIM, tokens)
    if quick.encode_s <= _SLOW_S:
        half = model.cost(pcm, FINAL, tokens // 2)
        careful = Cost(half.encode_s, half.text_s * 2)
    else:
        careful = Cost(quick.encode_s * _WHOLE_WINDOW, quick.text_s * 2)
    whole_s = careful.encode_s + careful.text_s * WINDOW_S / CLIP_S
    return Speed(
        interim=(quick.encode_s + quick.text_s) / CLIP_S,
        final=(careful.encode_s + careful.text_s) / CLIP_S,
        whole=whole_s / WINDOW_S,
    )


def murmur() -> Audio:
    """Return 5 s that rise and fall like syllables, four a second; the same every time."""
    count = CLIP_S * SAMPLE_RATE
    noise = np.random.default_rng(16_000).normal(0.0, 0.1, count)
    swell = 0.5 - 0.5 * np.cos(2 * np.pi * 4 * np.arange(count) / SAMPLE_RATE)
    return (noise * swell).astype(np.float32)


def _gpu_trouble(error: Exception) -> str:
    """Say why a GPU does not work, without the library's own words."""
    text = str(error).lower()
    if "library" in text:
        return "gpu_library"
    return "gpu_memory" if "out of memory" in text else "gpu"
