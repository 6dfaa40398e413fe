"""Writes ONNX files: the part of the format that an exported network needs, and no library.

The same graph gives the same bytes on every machine, which a catalogue of hashes asks for.
Field numbers are those of onnx.proto; fields are written in the order of their numbers.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Final

from models.torch_weights import Tensor

IR_VERSION: Final = 9
OPSET: Final = 19
_FLOAT, _INT64 = 1, 7  # TensorProto.DataType
_F, _I, _INTS = 1, 2, 7  # AttributeProto.AttributeType
_VARINT, _BYTES, _FIXED32 = 0, 2, 5  # wire types

Attribute = float | int | Sequence[int]
Dim = int | str


class Graph:
    """Collects nodes and constants in the order they are made; every value gets a name."""

    def __init__(self) -> None:
        self._nodes: list[bytes] = []
        self._constants: list[bytes] = []
        self._count = 0

    def constant(self, tensor: Tensor) -> str:
        """Add a constant and return its name."""
        name = self._name("w")
        dims = b"".join(_number(1, n) for n in tensor.shape)
        kind = _number(2, _INT64 if tensor.is_whole else _FLOAT)
        self._constants.append(dims + kind + _text(8, name) + _bytes(9, tensor.raw))
        return name

    def whole(self, *numbers: int) -> str:
        """Add a row of int64 as a constant and return its name."""
        raw = struct.pack(f"<{len(numbers)}q", *numbers)
        return self.constant(Tensor((len(numbers),), raw, is_whole=True))

    def node(self, kind: str, *inputs: str, out: str = "", **attributes: Attribute) -> str:
        """Add an operation and return the name of its result."""
        out = out or self._name("t")
        parts = [_text(1, name) for name in inputs]
        parts += [_text(2, out), _text(4, kind)]
        parts += [_bytes(5, _attribute(name, attributes[name])) for name in sorted(attributes)]
        self._nodes.append(b"".join(parts))
        return out

    def file(
        self, name: str, given: tuple[str, Sequence[Dim]], found: tuple[str, Sequence[Dim]]
    ) -> bytes:
        """Return the whole file: one float32 input, one float32 output."""
        graph = b"".join(_bytes(1, node) for node in self._nodes) + _text(2, name)
        graph += b"".join(_bytes(5, constant) for constant in self._constants)
        graph += _bytes(11, _value(*given)) + _bytes(12, _value(*found))
        opset = _text(1, "") + _number(2, OPSET)
        return _number(1, IR_VERSION) + _bytes(7, graph) + _bytes(8, opset)

    def _name(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}{self._count}"


def _varint(number: int) -> bytes:
    number &= (1 << 64) - 1  # negative numbers are 64-bit two's complement
    out = bytearray()
    while number > 0x7F:  # noqa: PLR2004 - seven bits a byte
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _number(field: int, number: int) -> bytes:
    return _varint(field << 3 | _VARINT) + _varint(number)


def _bytes(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | _BYTES) + _varint(len(content)) + content


def _text(field: int, text: str) -> bytes:
    return _bytes(field, text.encode())


def _attribute(name: str, value: Attribute) -> bytes:
    if isinstance(value, float):
        body, kind = _varint(2 << 3 | _FIXED32) + struct.pack("<f", value), _F
    elif isinstance(value, int):
        body, kind = _number(3, value), _I
    else:
        body, kind = b"".join(_number(8, each) for each in value), _INTS
    return _text(1, name) + body + _number(20, kind)


def _value(name: str, shape: Sequence[Dim]) -> bytes:
    dims = (_number(1, dim) if isinstance(dim, int) else _text(2, dim) for dim in shape)
    tensor = _number(1, _FLOAT) + _bytes(2, b"".join(_bytes(1, dim) for dim in dims))
    return _text(1, name) + _bytes(2, _bytes(1, tensor))
