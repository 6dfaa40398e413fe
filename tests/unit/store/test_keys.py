"""Slots, wrapped keys, recovery keys: published vectors and bad inputs."""

from __future__ import annotations

import unicodedata
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import (
    AppError,
    CorruptError,
    RecoveryKeyError,
    SlotCorruptError,
    StoreError,
    TooNewError,
    WrongPasswordError,
)
from app.domain.ids import UserId
from app.foundation import sealing
from app.foundation.sealing import Argon2Cost
from app.store import keys
from app.store.keys import MasterKey, SlotInputs, WrapPurpose

UID = UserId(str(uuid.UUID(bytes=bytes(range(0x10, 0x20)))))
OTHER = UserId(str(uuid.UUID(int=7)))
MASTER = MasterKey(bytes(range(0x20, 0x30)), bytes(range(0x40, 0x60)))
SEED = bytes(range(16))
CHEAP = Argon2Cost(19_456, 2, 1)


def cheap_slot(password: str = "secret") -> bytes:
    return keys.make_password_slot(UID, MASTER, password, CHEAP)


def flip(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


# -- vectors of SECURITY.md 4.9


def test_the_recovery_vector_is_reproduced() -> None:
    assert keys.recovery_text(SEED) == "000G4-0R40M-30E20-9185G-R38E1-YD482"
    assert keys.recovery_pair(SEED).public.hex() == (
        "bcfd8ad64841c329ebea665f409a4df29c26d08c38e28039dfd029321c8c180d"
    )


def test_the_password_slot_vector_is_reproduced() -> None:
    slot = keys.make_password_slot(
        UID,
        MASTER,
        "correct horse battery staple",
        inputs=SlotInputs(bytes(range(0x60, 0x70)), bytes(12)),
    )
    assert sealing.sha256(slot).hex() == (
        "fc72041ba2085a01dccc54956823f44cecabe245a0e94bcbd3bc80d1c2a5f2df"
    )
    assert keys.open_password_slot(UID, slot, "correct horse battery staple") == MASTER


def test_the_recovery_slot_vector_is_reproduced() -> None:
    slot = keys.make_recovery_slot(
        UID, MASTER, keys.recovery_pair(SEED).public, bytes(range(0x80, 0xA0))
    )
    assert sealing.sha256(slot).hex() == (
        "9e30d007fe1bb61c5d8b14180040187b1b0c081a781b4fe30ca5809e4508cdfe"
    )
    assert keys.open_recovery_slot(UID, slot, SEED) == MASTER


# -- passwords


def test_twins_of_a_password_are_equal() -> None:
    composed = "Fühlen Sie Schmerzen é"
    slot = cheap_slot(unicodedata.normalize("NFC", composed))
    assert keys.open_password_slot(UID, slot, unicodedata.normalize("NFD", composed)) == MASTER


@pytest.mark.parametrize(
    "typed", ["secret ", " secret", "Secret", "secre", "", "secret\0", "x" * 1025]
)
def test_blanks_case_and_nul_count(typed: str) -> None:
    with pytest.raises(WrongPasswordError):
        keys.open_password_slot(UID, cheap_slot(), typed)


@pytest.mark.parametrize("password", ["", " ", "a\0b", "\0", "\ud800", "🩺" * 200])
def test_any_password_opens_its_own_slot(password: str) -> None:
    assert keys.open_password_slot(UID, cheap_slot(password), password) == MASTER


def test_a_password_of_a_megabyte_is_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    slot = cheap_slot()
    monkeypatch.setattr(sealing, "password_key", lambda *_: pytest.fail("computed"))
    with pytest.raises(WrongPasswordError):
        keys.open_password_slot(UID, slot, "x" * 1_000_000)


# -- damaged slots


@pytest.mark.parametrize(
    ("offset", "data"),
    [
        (40, (4 * 1024**2 - 1).to_bytes(4, "big")),
        (40, bytes([255] * 4)),
        (40, (19_455).to_bytes(4, "big")),
        (44, bytes(4)),
        (44, (1).to_bytes(4, "big")),
        (44, (11).to_bytes(4, "big")),
        (48, b"\0"),
        (48, b"\x11"),
        (49, b"\1"),
        (6, b"\2"),
        (7, b"\2"),
        (5, b"\2"),
        (4, b"\0"),
        (0, b"X"),
        (8, b"X"),
    ],
)
def test_a_slot_with_a_bad_field_is_named_and_nothing_is_computed(
    offset: int, data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    slot = cheap_slot()
    broken = slot[:offset] + data + slot[offset + len(data) :]
    monkeypatch.setattr(sealing, "password_key", lambda *_: pytest.fail("computed"))
    with pytest.raises(SlotCorruptError):
        keys.open_password_slot(UID, broken, "secret")


def test_a_slot_of_a_later_version_is_too_new() -> None:
    for slot in (
        cheap_slot(),
        keys.make_recovery_slot(UID, MASTER, keys.recovery_pair(SEED).public),
    ):
        later = slot[:4] + b"\x09" + slot[5:]
        with pytest.raises(TooNewError):
            keys.open_password_slot(UID, later, "secret")


def test_a_slot_of_another_user_is_corrupt() -> None:
    with pytest.raises(SlotCorruptError):
        keys.open_password_slot(OTHER, cheap_slot(), "secret")
    slot = keys.make_recovery_slot(UID, MASTER, keys.recovery_pair(SEED).public)
    with pytest.raises(SlotCorruptError):
        keys.open_recovery_slot(OTHER, slot, SEED)


@pytest.mark.parametrize("size", [0, 3, 79, 80, 127])
def test_a_cut_slot_is_corrupt(size: int) -> None:
    with pytest.raises(SlotCorruptError):
        keys.open_password_slot(UID, cheap_slot()[:size], "secret")


def test_a_turned_bit_in_each_byte_of_a_password_slot_is_seen() -> None:
    slot = cheap_slot()
    for byte in range(len(slot)):
        with pytest.raises((SlotCorruptError, WrongPasswordError, TooNewError)):
            keys.open_password_slot(UID, flip(slot, byte * 8 + byte % 8), "secret")


def test_every_turned_bit_of_a_recovery_slot_is_seen() -> None:
    slot = keys.make_recovery_slot(UID, MASTER, keys.recovery_pair(SEED).public)
    for bit in range(len(slot) * 8):
        with pytest.raises((SlotCorruptError, RecoveryKeyError, TooNewError)):
            keys.open_recovery_slot(UID, flip(slot, bit), SEED)


# -- wrapped keys


def test_every_turned_bit_of_a_wrapped_key_is_seen() -> None:
    wrapped = keys.wrap_key(UID, MASTER, WrapPurpose.VAULT, bytes(32))
    assert len(wrapped) == keys.WRAPPED_SIZE
    assert keys.unwrap_key(UID, MASTER, WrapPurpose.VAULT, wrapped) == bytes(32)
    for bit in range(len(wrapped) * 8):
        with pytest.raises(StoreError):
            keys.unwrap_key(UID, MASTER, WrapPurpose.VAULT, flip(wrapped, bit))


def test_a_wrapped_key_serves_one_purpose_user_and_master_key() -> None:
    wrapped = keys.wrap_key(UID, MASTER, WrapPurpose.VAULT, bytes(32))
    other_master = MasterKey(MASTER.id, bytes(32))
    for uid, master, purpose in [
        (UID, MASTER, WrapPurpose.KEYS_DB),
        (OTHER, MASTER, WrapPurpose.VAULT),
        (UID, other_master, WrapPurpose.VAULT),
    ]:
        with pytest.raises(CorruptError):
            keys.unwrap_key(uid, master, purpose, wrapped)


@given(st.binary(max_size=200))
def test_garbage_is_never_a_slot_or_a_wrapped_key(data: bytes) -> None:
    for attempt in (
        lambda: keys.open_password_slot(UID, data, "secret"),
        lambda: keys.open_recovery_slot(UID, data, SEED),
        lambda: keys.unwrap_key(UID, MASTER, WrapPurpose.VAULT, data),
    ):
        with pytest.raises(AppError):
            attempt()


# -- recovery keys


@given(st.binary(min_size=16, max_size=16))
def test_a_recovery_key_comes_back_as_typed(seed: bytes) -> None:
    text = keys.recovery_text(seed)
    assert keys.read_recovery_text(text) == seed
    sloppy = f" {text.lower().replace('-', ' ').replace('0', 'o').replace('1', 'l')}\n"
    assert keys.read_recovery_text(sloppy) == seed


def test_every_single_slip_in_a_recovery_key_is_noticed() -> None:
    text = keys.recovery_text(SEED).replace("-", "")
    for at in range(30):
        for letter in "0123456789ABCDEFGHJKMNPQRSTVWXYZ":
            if letter != text[at]:
                with pytest.raises(RecoveryKeyError) as caught:
                    keys.read_recovery_text(text[:at] + letter + text[at + 1 :])
                assert caught.value.facts["reason"] == "slip"


@pytest.mark.parametrize("text", ["", "000G4", "U" * 30, "é" * 30, "0" * 31, "x" * 1_000_000])
def test_what_is_no_recovery_key_is_a_slip(text: str) -> None:
    with pytest.raises(RecoveryKeyError) as caught:
        keys.read_recovery_text(text)
    assert caught.value.facts["reason"] == "slip"


def test_another_recovery_key_is_told_from_a_slip() -> None:
    slot = keys.make_recovery_slot(UID, MASTER, keys.recovery_pair(SEED).public)
    with pytest.raises(RecoveryKeyError) as caught:
        keys.open_recovery_slot(UID, slot, bytes(16))
    assert caught.value.facts["reason"] == "wrong"
