"""The child's small parts: letters, stop texts, loops, and a file that must be the right one."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import ModelDamagedError, ModelMissingError
from app.domain.ports import ModelFile
from app.engine_host.answers import Speller, is_cycling, prolonged
from app.engine_host.notes import open_verified


def spelled(data: bytes, cuts: list[int], stops: tuple[str, ...] = ()) -> str:
    speller = Speller(stops)
    shown = ""
    ends = [*sorted(cuts), len(data)]
    for begin, end in zip([0, *sorted(cuts)], ends, strict=True):
        if not speller.has_stopped:
            speller.take(data[begin:end])
            shown += speller.text()
    return shown + speller.text(is_last=True)


@given(st.text(max_size=40), st.data())
def test_any_cut_of_the_bytes_spells_the_same_text(text: str, data: st.DataObject) -> None:
    raw = text.encode()
    cuts = data.draw(st.lists(st.integers(0, len(raw)), max_size=6))
    assert spelled(raw, cuts) == text


@given(st.text("abSTOP \n", max_size=30), st.data())
def test_nothing_of_a_stop_text_is_ever_shown(text: str, data: st.DataObject) -> None:
    raw = text.encode()
    cuts = data.draw(st.lists(st.integers(0, len(raw)), max_size=6))
    assert spelled(raw, cuts, ("STOP",)) == text.split("STOP", maxsplit=1)[0]


def test_a_letter_that_never_ends_is_replaced() -> None:
    assert spelled(b"ab\xf0\x9f", []) == "ab\ufffd"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It is a note. " * 10, True),
        ("- One. [1]\n" + "sure not " * 20, True),
        ("Chest pain for two days, worse when lying down, better when sitting up. " * 2, False),
        ("", False),
    ],
)
def test_a_loop_is_seen(text: str, expected: bool) -> None:
    assert is_cycling(text) is expected


def test_a_token_that_would_prolong_a_repeated_run_is_named_with_the_length_of_the_run() -> None:
    tokens = [1, 2, 3, 4, 5, 6, 9, 1, 2, 3, 4, 5]
    assert prolonged(tokens, set()) == {6: 5}
    assert prolonged(tokens, {3}) == {}  # a run does not reach across a break
    assert prolonged(tokens, {6}) == {}  # and a break is never held back
    assert prolonged([1, 2, 3], set()) == {}


def wanted(data: bytes) -> ModelFile:
    return ModelFile("m.gguf", len(data), hashlib.sha256(data).hexdigest())


def test_the_right_file_is_lent_with_a_stamp_that_spares_the_next_hash(tmp_path: Path) -> None:
    (tmp_path / "m.gguf").write_bytes(b"weights")
    with open_verified(tmp_path, wanted(b"weights"), None) as (file, stamp):
        assert file.fileno() > 0
    forged = ModelFile("m.gguf", 7, "0" * 64)
    with open_verified(tmp_path, forged, stamp):  # known in this session: not hashed again
        pass
    with pytest.raises(ModelDamagedError), open_verified(tmp_path, forged, [0, *stamp[1:]]):
        pass


def test_a_file_that_was_changed_behind_its_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "m.gguf").write_bytes(b"weighed")
    with pytest.raises(ModelDamagedError), open_verified(tmp_path, wanted(b"weights"), None):
        pass
    (tmp_path / "m.gguf").write_bytes(b"weight")
    with pytest.raises(ModelDamagedError), open_verified(tmp_path, wanted(b"weights"), None):
        pass
    (tmp_path / "m.gguf").unlink()
    with pytest.raises(ModelMissingError), open_verified(tmp_path, wanted(b"weights"), None):
        pass
