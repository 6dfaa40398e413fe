"""Builds the voice model: CAM++ as an ONNX file, from the weights its makers published.

    python -m models.build_campplus WEIGHTS.pt OUT.onnx

`models.fetch` does it at set-up. Nothing is computed: weights are copied bit by bit, so every
machine writes the same bytes. Architecture: Wang et al. 2023, arXiv 2303.00332, and 3D-Speaker
(Apache-2.0), speakerlab/models/campplus. Input `feat` is (batch, 80, frames), output `emb` (batch,
192).
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from models.onnx_file import Graph
from models.torch_weights import Tensor, read

_EPSILON: Final = 1e-5
_BLOCKS: Final = ((12, 1), (24, 2), (16, 2))
"""(layers, dilation) of the three dense blocks; their kernels are 3 wide."""
_SEGMENT: Final = 100  # frames that share one context
_CHANNELS: Final = 128  # inside a dense layer
_FLAT: Final = 320  # 32 channels * 10 bands after the two-dimensional head


class _Builder:
    def __init__(self, weights: Mapping[str, Tensor]) -> None:
        self._weights = weights
        self.graph = Graph()

    def norm(self, x: str, name: str) -> str:
        """Batch normalization; the last one of the network has neither scale nor shift."""
        mean = self._weights[f"{name}.running_mean"]
        n = mean.shape[0]
        one, zero = (Tensor((n,), struct.pack("<f", v) * n) for v in (1.0, 0.0))
        scale = self._weights.get(f"{name}.weight", one)
        shift = self._weights.get(f"{name}.bias", zero)
        variance = self._weights[f"{name}.running_var"]
        inputs = [self.graph.constant(each) for each in (scale, shift, mean, variance)]
        return self.graph.node("BatchNormalization", x, *inputs, epsilon=_EPSILON)

    def rectified(self, x: str, name: str) -> str:
        return self.graph.node("Relu", self.norm(x, name))

    def conv(self, x: str, name: str, **attributes: Sequence[int]) -> str:
        kernel = self._weights[f"{name}.weight"]
        inputs = [self.graph.constant(kernel)]
        if (bias := self._weights.get(f"{name}.bias")) is not None:
            inputs.append(self.graph.constant(bias))
        shape = kernel.shape[2:]
        return self.graph.node("Conv", x, *inputs, out="", kernel_shape=shape, **attributes)

    def head(self, x: str) -> str:
        """Two-dimensional residual front: (batch, 80, t) to (batch, 320, t)."""
        graph = self.graph
        x = graph.node("Unsqueeze", x, graph.whole(1))
        x = self.rectified(self.conv(x, "head.conv1", pads=[1, 1, 1, 1]), "head.bn1")
        for name in ("layer1.0", "layer1.1", "layer2.0", "layer2.1"):
            x = self.residual(x, f"head.{name}", 2 if name.endswith(".0") else 1)
        x = self.conv(x, "head.conv2", pads=[1, 1, 1, 1], strides=[2, 1])
        x = self.rectified(x, "head.bn2")
        return graph.node("Reshape", x, graph.whole(0, _FLAT, -1))

    def residual(self, x: str, name: str, stride: int) -> str:
        y = self.conv(x, f"{name}.conv1", pads=[1, 1, 1, 1], strides=[stride, 1])
        y = self.conv(self.rectified(y, f"{name}.bn1"), f"{name}.conv2", pads=[1, 1, 1, 1])
        y = self.norm(y, f"{name}.bn2")
        if f"{name}.shortcut.0.weight" in self._weights:
            x = self.norm(
                self.conv(x, f"{name}.shortcut.0", strides=[stride, 1]), f"{name}.shortcut.1"
            )
        return self.graph.node("Relu", self.graph.node("Add", y, x))

    def dense(self, x: str, name: str, dilation: int) -> str:
        """One layer: what it adds is stacked on what came in, weighed by its context."""
        y = self.conv(self.rectified(x, f"{name}.nonlinear1.batchnorm"), f"{name}.linear1")
        y = self.rectified(y, f"{name}.nonlinear2.batchnorm")
        pads, dilations = [dilation, dilation], [dilation]
        local = self.conv(y, f"{name}.cam_layer.linear_local", pads=pads, dilations=dilations)
        mask = self.conv(self.context(y), f"{name}.cam_layer.linear1")
        mask = self.conv(self.graph.node("Relu", mask), f"{name}.cam_layer.linear2")
        added = self.graph.node("Mul", local, self.graph.node("Sigmoid", mask))
        return self.graph.node("Concat", x, added, axis=1)

    def context(self, y: str) -> str:
        """The mean over all frames plus the mean over the segment a frame lies in."""
        graph = self.graph
        over_all = graph.node("ReduceMean", y, graph.whole(-1), keepdims=1)
        means = graph.node(
            "AveragePool", y, kernel_shape=[_SEGMENT], strides=[_SEGMENT], ceil_mode=1
        )
        wide = graph.node("Unsqueeze", means, graph.whole(3))
        wide = graph.node("Tile", wide, graph.whole(1, 1, 1, _SEGMENT))
        wide = graph.node("Reshape", wide, graph.whole(0, _CHANNELS, -1))
        cut = graph.node("Slice", wide, graph.whole(0), self.frames(y), graph.whole(2))
        return graph.node("Add", over_all, cut)

    def frames(self, x: str) -> str:
        shape = self.graph.node("Shape", x)
        return self.graph.node("Slice", shape, self.graph.whole(2), self.graph.whole(3))

    def statistics(self, x: str) -> str:
        """Mean and sample deviation over the frames, stacked."""
        graph = self.graph
        last = graph.whole(-1)
        mean = graph.node("ReduceMean", x, last, keepdims=1)
        off = graph.node("Sub", x, mean)
        squares = graph.node("ReduceSum", graph.node("Mul", off, off), last, keepdims=1)
        count = graph.node("Cast", self.frames(x), to=1)
        less = graph.node("Sub", count, graph.constant(Tensor((1,), struct.pack("<f", 1.0))))
        deviation = graph.node("Sqrt", graph.node("Div", squares, less))
        return graph.node("Concat", mean, deviation, axis=1)


def build(weights: Mapping[str, Tensor]) -> bytes:
    """Return the network as an ONNX file.

    Raises:
        KeyError: a tensor is missing: these are no weights of CAM++.
    """
    builder = _Builder(weights)
    x = builder.conv(builder.head("feat"), "xvector.tdnn.linear", pads=[2, 2], strides=[2])
    x = builder.rectified(x, "xvector.tdnn.nonlinear.batchnorm")
    for block, (layers, dilation) in enumerate(_BLOCKS, 1):
        for layer in range(1, layers + 1):
            x = builder.dense(x, f"xvector.block{block}.tdnnd{layer}", dilation)
        transit = f"xvector.transit{block}"
        x = builder.conv(
            builder.rectified(x, f"{transit}.nonlinear.batchnorm"), f"{transit}.linear"
        )
    x = builder.statistics(builder.rectified(x, "xvector.out_nonlinear.batchnorm"))
    x = builder.conv(x, "xvector.dense.linear")
    x = builder.norm(x, "xvector.dense.nonlinear.batchnorm")
    builder.graph.node("Squeeze", x, builder.graph.whole(2), out="emb")
    return builder.graph.file("campplus", ("feat", ("B", 80, "T")), ("emb", ("B", 192)))


if __name__ == "__main__":
    with Path(sys.argv[1]).open("rb") as stream:
        Path(sys.argv[2]).write_bytes(build(read(stream)))
