"""Writes PyTorch checkpoints for the tests, opcode by opcode: no PyTorch is needed."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Mapping
from zipfile import ZipFile

import numpy as np
from typing_extensions import override

from models.torch_weights import Tensor


def checkpoint(
    tensors: Mapping[str, Tensor], rebuild: str = "torch._utils _rebuild_tensor_v2"
) -> bytes:
    """Return the bytes of a checkpoint; `rebuild` is the name that its pickle calls."""
    stream = io.BytesIO()
    with ZipFile(stream, "w") as archive:
        body = [b"}("]
        for key, (name, tensor) in enumerate(tensors.items()):
            body.append(_text(name) + _called(rebuild, key, tensor))
            archive.writestr(f"archive/data/{key}", tensor.raw)
        archive.writestr("archive/data.pkl", b"".join([*body, b"u."]))
    return stream.getvalue()


def _called(rebuild: str, key: int, tensor: Tensor) -> bytes:
    kind = b"ctorch\nLongStorage\n" if tensor.is_whole else b"ctorch\nFloatStorage\n"
    count = 1
    rows: list[int] = []
    for size in reversed(tensor.shape):
        rows.insert(0, count)
        count *= size
    storage = b"(" + _text("storage") + kind + _text(str(key)) + _text("cpu") + _int(count) + b"tQ"
    name = "c{}\n{}\n".format(*rebuild.split(" ")).encode()
    rest = _int(0) + _row(tensor.shape) + _row(rows) + b"\x89ccollections\nOrderedDict\n)R"
    return name + b"(" + storage + rest + b"tR"


def _row(numbers: tuple[int, ...] | list[int]) -> bytes:
    return b"(" + b"".join(_int(n) for n in numbers) + b"t"


def _int(number: int) -> bytes:
    return f"I{number}\n".encode()


def _text(text: str) -> bytes:
    return f"V{text}\n".encode()


class SmallWeights(Mapping[str, Tensor]):
    """Makes each tensor of CAM++ as it is asked for: right shapes, made-up values."""

    def __init__(self) -> None:
        self.asked: dict[str, Tensor] = {}

    @override
    def __getitem__(self, name: str) -> Tensor:
        shape = _shape(name)
        if not shape:
            raise KeyError(name)
        seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4])
        count = int(np.prod(shape))
        values = (((np.arange(count, dtype=np.int64) * 7919 + seed) % 401) - 200).astype("<f4")
        scaled = np.abs(values) + 50 if name.endswith("running_var") else values
        raw = (scaled * np.float32(2**-10)).astype("<f4").tobytes()
        return self.asked.setdefault(name, Tensor(shape, raw))

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self.asked)

    @override
    def __len__(self) -> int:
        return len(self.asked)


def _shape(name: str) -> tuple[int, ...]:  # noqa: PLR0911 - a table of names
    *_, layer, kind = name.split(".")
    width = _width(name)
    if kind in ("running_mean", "running_var"):
        return (width,)
    if "bn" in layer or layer == "batchnorm" or ".shortcut.1" in name:
        return () if "xvector.dense" in name else (width,)
    if kind == "bias":
        return {"linear1": (64,), "linear2": (32,)}.get(layer, ()) if "cam_layer" in name else ()
    if name.startswith("head.conv1"):
        return (32, 1, 3, 3)
    if ".shortcut.0" in name:
        return (32, 32, 1, 1) if ".0.shortcut" in name else ()
    if name.startswith("head."):
        return (32, 32, 3, 3)
    if "cam_layer" in name:
        return {"linear_local": (32, 128, 3), "linear1": (64, 128, 1), "linear2": (32, 64, 1)}[
            layer
        ]
    return _linear(name)


def _linear(name: str) -> tuple[int, ...]:
    if "tdnnd" in name:
        return (128, _grown(name), 1)
    return {
        "xvector.tdnn.linear.weight": (128, 320, 5),
        "xvector.transit1.linear.weight": (256, 512, 1),
        "xvector.transit2.linear.weight": (512, 1024, 1),
        "xvector.transit3.linear.weight": (512, 1024, 1),
        "xvector.dense.linear.weight": (192, 1024, 1),
    }[name]


def _grown(name: str) -> int:
    """Channels that reach a dense layer: 32 more for each before it."""
    block, layer = (int("".join(filter(str.isdigit, part))) for part in name.split(".")[1:3])
    return (128, 256, 512)[block - 1] + 32 * (layer - 1)


def _width(name: str) -> int:
    if "tdnnd" in name:
        return _grown(name) if "nonlinear1" in name else 128
    for part, width in (
        ("transit1", 512), ("transit2", 1024), ("transit3", 1024), ("out_nonlinear", 512),
        ("dense", 192), ("tdnn", 128),
    ):  # fmt: skip
        if part in name:
            return width
    return 32
