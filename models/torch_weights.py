"""Reads the tensors of a PyTorch checkpoint without PyTorch. No code from the file is run.

A checkpoint is a zip archive: `data.pkl` names the tensors, the files beside it hold their bytes.
The pickle may name only what a plain dictionary of tensors needs; anything else is refused.
"""

from __future__ import annotations

import math
import pickle
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any, Final
from zipfile import BadZipFile, ZipFile

from typing_extensions import override

_WIDTHS: Final = {"FloatStorage": 4, "LongStorage": 8}
_REBUILD: Final = ("torch._utils", "_rebuild_tensor_v2")


class WeightsError(Exception):
    """The file is no checkpoint of plain tensors. Nothing in it was run."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """One tensor. `raw` is little-endian in row order: float32, or int64 where `is_whole`."""

    shape: tuple[int, ...]
    raw: bytes
    is_whole: bool = False


def read(stream: IO[bytes]) -> Mapping[str, Tensor]:
    """Return the tensors by name.

    Args:
        stream: the checkpoint; can seek.

    Raises:
        WeightsError: it is no zip archive, names anything but tensors, or is cut short.
    """
    try:
        with ZipFile(stream) as archive:
            (listing,) = [name for name in archive.namelist() if name.endswith("/data.pkl")]
            root = listing.removesuffix("data.pkl")
            with archive.open(listing) as pickled:
                found = _Reader(pickled, archive, root).load()
    except (BadZipFile, KeyError, ValueError, EOFError, TypeError, pickle.PickleError) as error:
        raise WeightsError(type(error).__name__) from None
    if not isinstance(found, dict) or not all(isinstance(v, Tensor) for v in found.values()):
        raise WeightsError("not a dictionary of tensors")
    return found


class _Reader(pickle.Unpickler):
    def __init__(self, pickled: IO[bytes], archive: ZipFile, root: str) -> None:
        super().__init__(pickled)
        self._archive = archive
        self._root = root

    @override
    def find_class(self, module_name: str, global_name: str, /) -> Any:
        if (module_name, global_name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module_name, global_name) == _REBUILD:
            return _tensor
        if module_name == "torch" and global_name in _WIDTHS:
            return global_name
        raise pickle.UnpicklingError("a name that no tensor needs")

    @override
    def persistent_load(self, pid: Any) -> Any:
        _, kind, key, _, _ = pid
        return kind, self._archive.read(f"{self._root}data/{key}")


def _tensor(
    storage: tuple[str, bytes],
    offset: int,
    size: tuple[int, ...],
    stride: tuple[int, ...],
    *_: object,
) -> Tensor:
    kind, raw = storage
    rows = tuple(math.prod(size[i + 1 :]) for i in range(len(size)))
    if any(n > 1 and s != row for n, s, row in zip(size, stride, rows, strict=True)):
        raise pickle.UnpicklingError("a tensor that is not in row order")
    width = _WIDTHS[kind]
    part = raw[offset * width : (offset + math.prod(size)) * width]
    if len(part) != math.prod(size) * width:
        raise pickle.UnpicklingError("a tensor that is cut short")
    return Tensor(tuple(size), part, is_whole=kind == "LongStorage")
