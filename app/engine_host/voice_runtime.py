"""Small networks through onnxruntime: Silero VAD and CAM++. The model's own thread only.

The only importer of onnxruntime. Silero says how likely each 32 ms is speech; it rides in the
faster-whisper wheel, whose hash the lock file pins. CAM++ says whose voice it is; its bytes come
from the caller, who held them against the catalogue.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import onnxruntime  # type: ignore[import-untyped]  # ships no types

FRAME: Final = 512
"""Samples of one frame at 16 kHz: 32 ms, as the network was trained."""
_BEFORE: Final = 64  # samples of the frame before that the network also sees
_NETWORK: Final = "assets/silero_vad_v6.onnx"

Audio = npt.NDArray[np.float32]


class VoiceActivity:
    """Silero VAD v6 with its state: sound may come in pieces of any length."""

    def __init__(self) -> None:
        self._session = _session(str(_network()), 1)
        self.reset()

    def reset(self) -> None:
        """Forget what was heard."""
        self._h = np.zeros((1, 1, 128), np.float32)
        self._c = np.zeros((1, 1, 128), np.float32)
        self._tail = np.zeros(_BEFORE, np.float32)

    def probabilities(self, pcm: Audio) -> list[float]:
        """Return the probability of speech in each frame.

        Args:
            pcm: mono float32 at 16 kHz, shape (n * FRAME,).

        Raises:
            ValueError: not a whole number of frames.
        """
        if len(pcm) % FRAME:
            raise ValueError(len(pcm))
        if not len(pcm):
            return []
        whole = np.concatenate([self._tail, pcm])
        frames = np.lib.stride_tricks.sliding_window_view(whole, _BEFORE + FRAME)[::FRAME]
        found, self._h, self._c = self._session.run(
            None, {"input": np.ascontiguousarray(frames), "h": self._h, "c": self._c}
        )
        self._tail = whole[-_BEFORE:]
        return [float(each) for each in np.ravel(found)]


class VoiceNetwork:
    """CAM++: from a picture of sound to a point that says whose voice it is.

    Args:
        model: the ONNX file, already held against its hash.
        threads: how many the network may use.
    """

    def __init__(self, model: bytes, threads: int) -> None:
        self._session = _session(model, threads)

    def points(self, features: Audio) -> Audio:
        """Return one point per picture, shape (n, 192), for features of shape (n, 80, frames)."""
        found: Audio = self._session.run(None, {"feat": features})[0]
        return found


def _session(model: str | bytes, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.inter_op_num_threads = 1
    options.intra_op_num_threads = threads
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(
        model, sess_options=options, providers=["CPUExecutionProvider"]
    )


def _network() -> Path:
    """Find the network beside faster-whisper without importing it."""
    found = importlib.util.find_spec("faster_whisper")
    if found is None or not found.submodule_search_locations:
        raise FileNotFoundError(_NETWORK)
    return Path(found.submodule_search_locations[0]) / _NETWORK
