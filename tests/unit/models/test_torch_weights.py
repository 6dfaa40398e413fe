"""Checkpoints are read without PyTorch, and nothing in them is ever run."""

from __future__ import annotations

import io
import struct
from zipfile import ZipFile

import pytest

from models.torch_weights import Tensor, WeightsError, read
from tests.unit.models.checkpoints import checkpoint

PAIR = {
    "a.weight": Tensor((2, 3), struct.pack("<6f", *range(6))),
    "a.count": Tensor((), struct.pack("<q", 7), is_whole=True),
}


def test_tensors_come_with_name_shape_and_bytes() -> None:
    assert read(io.BytesIO(checkpoint(PAIR))) == PAIR


@pytest.mark.parametrize("name", ["os system", "builtins eval", "torch load", "pickle loads"])
def test_a_checkpoint_that_names_anything_but_tensors_is_refused(name: str) -> None:
    with pytest.raises(WeightsError):
        read(io.BytesIO(checkpoint(PAIR, rebuild=name)))


def test_a_tensor_that_is_cut_short_is_refused() -> None:
    short = {"a": Tensor((4,), b"\0" * 8)}
    with pytest.raises(WeightsError):
        read(io.BytesIO(checkpoint(short)))


def test_what_is_no_checkpoint_is_refused() -> None:
    empty = io.BytesIO()
    with ZipFile(empty, "w") as archive:
        archive.writestr("other", b"")
    for content in (b"", b"no archive", empty.getvalue()):
        with pytest.raises(WeightsError):
            read(io.BytesIO(content))
    pickled = io.BytesIO()
    with ZipFile(pickled, "w") as archive:
        archive.writestr("archive/data.pkl", b"I1\n.")
    with pytest.raises(WeightsError):
        read(pickled)
