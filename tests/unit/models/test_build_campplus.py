"""The voice model is written the same everywhere, and runs."""

from __future__ import annotations

import hashlib
import struct
from typing import Final

import numpy as np
import onnxruntime  # type: ignore[import-untyped]  # ships no types
import pytest

from models.build_campplus import build
from models.onnx_file import Graph
from models.torch_weights import Tensor
from tests.unit.models.checkpoints import SmallWeights

SAME_EVERYWHERE: Final = "009acd76dfaef1ed5a275af62656c4086ffe67730c5644c69b8f87744aa8996b"
"""sha256 of the network with the small weights below, on every system and Python."""


@pytest.fixture(scope="module")
def network() -> bytes:
    return build(SmallWeights())


def test_the_same_weights_give_the_same_bytes_everywhere(network: bytes) -> None:
    assert build(SmallWeights()) == network
    assert hashlib.sha256(network).hexdigest() == SAME_EVERYWHERE


def test_the_network_turns_any_number_of_frames_into_192_numbers(network: bytes) -> None:
    session = onnxruntime.InferenceSession(network, providers=["CPUExecutionProvider"])
    for frames in (48, 148, 450):
        feat = np.zeros((2, 80, frames), np.float32)
        (found,) = session.run(None, {"feat": feat})
        assert found.shape == (2, 192)
        assert np.isfinite(found).all()


def test_weights_of_another_network_are_refused() -> None:
    with pytest.raises(KeyError):
        build({"head.conv1.weight": Tensor((1,), b"\0" * 4)})


def test_the_mean_over_an_unfinished_segment_counts_its_frames_only() -> None:
    """PyTorch's `avg_pool1d` with `ceil_mode` does, and the weights were trained with it."""
    graph = Graph()
    graph.node("AveragePool", "x", out="y", kernel_shape=[100], strides=[100], ceil_mode=1)
    content = graph.file("pool", ("x", ("B", 1, "T")), ("y", ("B", 1, "S")))
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    for frames in (74, 100, 150, 230):
        (found,) = session.run(None, {"x": np.ones((1, 1, frames), np.float32)})
        assert np.allclose(found, 1)
        assert found.shape[2] == -(-frames // 100)


def test_numbers_are_written_as_protocol_buffers_want_them() -> None:
    graph = Graph()
    graph.node("Op", "x", out="y", a=0.5, b=-1, c=[300])
    content = graph.file("n", ("x", (1,)), ("y", (1,)))
    assert struct.pack("<f", 0.5) in content
    assert b"\x18" + b"\xff" * 9 + b"\x01" in content  # -1 in 64 bits
    assert b"\x40\xac\x02" in content  # 300 in two bytes
