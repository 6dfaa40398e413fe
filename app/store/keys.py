"""Key slots, wrapped keys and recovery keys as bytes: SECURITY.md 4.2 to 4.4. Any thread.

A password or a recovery key opens a slot; a slot holds the user master key (UMK); the UMK
unwraps the keys of vault, keys.db, sharing and signing. No cipher is named here: they live in
`foundation/sealing.py`.
"""

from __future__ import annotations

import enum
import struct
import unicodedata
import uuid
from dataclasses import dataclass, field
from typing import Final

from app.domain.errors import (
    CorruptError,
    RecoveryKeyError,
    SlotCorruptError,
    TooNewError,
    WrongPasswordError,
)
from app.domain.ids import UserId
from app.foundation import sealing
from app.foundation.sealing import Argon2Cost, BadTagError, Purpose

MAX_PASSWORD_BYTES: Final = 1024
"""Longest password in UTF-8: SECURITY.md, section 3."""

PASSWORD_SLOT_SIZE: Final = 128
RECOVERY_SLOT_SIZE: Final = 148
WRAPPED_SIZE: Final = 100

_VERSION: Final = 1
_SLOT_MAGIC: Final = b"SSKS"
_WRAP_MAGIC: Final = b"SSKW"
_ARGON2ID: Final = 1
_AES_GCM: Final = 1
_SEALED: Final = 2
_SLOT_HEADER: Final = struct.Struct(">4sBBBB16s16sIIB3s16s12s")
_RECOVERY_HEADER: Final = struct.Struct(">4sBBBB16s16s12s16s")
_WRAP_HEADER: Final = struct.Struct(">4sBBBB16s16s12s")
_SLOT_AAD: Final = b"stethoscribe/slot/v1"
_WRAP_AAD: Final = b"stethoscribe/wrap/v1"
_WRAP_INFO: Final = b"stethoscribe/wrap/v1|"
_SALT_SIZE: Final = 16

_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_SEED_SIZE: Final = 16
_CHECK_BITS: Final = 22
_GROUP: Final = 5
_RECOVERY_LENGTH: Final = 30
_RECOVERY_CHECK: Final = b"stethoscribe/recovery/v1"
_RECOVERY_X25519: Final = b"stethoscribe/recovery-x25519/v1"


class SlotType(enum.IntEnum):
    """Which key opens a slot. 3 (organization), 4 and 5 are reserved."""

    PASSWORD = 1
    RECOVERY = 2


class WrapPurpose(enum.IntEnum):
    """Which key is wrapped."""

    VAULT = 1
    X25519 = 2
    ED25519 = 3
    KEYS_DB = 4


@dataclass(frozen=True, slots=True)
class MasterKey:
    """A user master key and the random id that changes with it."""

    id: bytes
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SlotInputs:
    """Random parts of a slot; given only to reproduce published vectors."""

    salt: bytes
    nonce: bytes

    @classmethod
    def fresh(cls) -> SlotInputs:
        """Return new random ones."""
        return cls(sealing.random_bytes(_SALT_SIZE), sealing.random_bytes(sealing.NONCE_SIZE))


@dataclass(frozen=True, slots=True)
class OpenKeys:
    """What an unlocked account holds in memory. Never written, never shown.

    Attributes:
        vault, records: raw keys of vault.db and keys.db.
        sharing: X25519 private key.
        signing: Ed25519 private key.
    """

    uid: UserId
    vault: bytes = field(repr=False)
    records: bytes = field(repr=False)
    sharing: bytes = field(repr=False)
    signing: bytes = field(repr=False)


# -- passwords


def password_bytes(password: str) -> bytes:
    """Return the bytes of a password: NFC, UTF-8, never trimmed or cut."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


# -- slots


def make_password_slot(
    uid: UserId,
    master: MasterKey,
    password: str,
    cost: Argon2Cost | None = None,
    inputs: SlotInputs | None = None,
) -> bytes:
    """Return a slot of type 1. Slow on purpose: one Argon2id run."""
    cost, inputs = cost or Argon2Cost(), inputs or SlotInputs.fresh()
    header = _SLOT_HEADER.pack(
        *(_SLOT_MAGIC, _VERSION, SlotType.PASSWORD, _ARGON2ID, _AES_GCM),
        *(uuid.UUID(uid).bytes, master.id),
        *(cost.memory_kib, cost.passes, cost.lanes, bytes(3)),
        *(inputs.salt, inputs.nonce),
    )
    kek = sealing.password_key(password_bytes(password), inputs.salt, cost)
    return header + sealing.encrypt(kek, inputs.nonce, master.key, _SLOT_AAD + header)


def read_cost(uid: UserId, slot: bytes) -> Argon2Cost:
    """Check all of a password slot that can be checked without the password.

    Raises:
        SlotCorruptError: not a slot, of another user, or with a cost nobody may ask for.
        TooNewError: a later version of the program made it.
    """
    _check_slot(uid, slot, SlotType.PASSWORD)
    parts = _SLOT_HEADER.unpack_from(slot)
    cost = Argon2Cost(*parts[7:10])
    if parts[3:5] != (_ARGON2ID, _AES_GCM) or parts[10] != bytes(3) or not cost.is_sane:
        raise SlotCorruptError
    return cost


def open_password_slot(uid: UserId, slot: bytes, password: str) -> MasterKey:
    """Return the UMK. Slow on purpose: one Argon2id run.

    Raises:
        WrongPasswordError: the password does not fit.
        SlotCorruptError, TooNewError: as `read_cost`; nothing was computed.
    """
    cost = read_cost(uid, slot)
    secret = password_bytes(password)
    if len(secret) > MAX_PASSWORD_BYTES:
        raise WrongPasswordError
    header, wrapped = slot[: _SLOT_HEADER.size], slot[_SLOT_HEADER.size :]
    parts = _SLOT_HEADER.unpack(header)
    kek = sealing.password_key(secret, parts[11], cost)
    try:
        key = sealing.decrypt(kek, parts[12], wrapped, _SLOT_AAD + header)
    except BadTagError:
        raise WrongPasswordError from None
    return MasterKey(parts[6], key)


def make_recovery_slot(
    uid: UserId, master: MasterKey, public_key: bytes, ephemeral_private: bytes | None = None
) -> bytes:
    """Return a slot of type 2: the UMK sealed to a recovery key's public half."""
    header = _RECOVERY_HEADER.pack(
        *(_SLOT_MAGIC, _VERSION, SlotType.RECOVERY, 0, _SEALED),
        *(uuid.UUID(uid).bytes, master.id, bytes(12), _recipient(public_key)),
    )
    return header + sealing.seal(
        public_key, master.key, Purpose.SLOT, header, ephemeral_private=ephemeral_private
    )


def open_recovery_slot(uid: UserId, slot: bytes, seed: bytes) -> MasterKey:
    """Return the UMK.

    Raises:
        RecoveryKeyError: a recovery key, but of another account or an older one.
        SlotCorruptError: not a slot, of another user, or changed.
        TooNewError: a later version of the program made it.
    """
    _check_slot(uid, slot, SlotType.RECOVERY)
    header, sealed = slot[: _RECOVERY_HEADER.size], slot[_RECOVERY_HEADER.size :]
    parts = _RECOVERY_HEADER.unpack(header)
    if parts[3:5] != (0, _SEALED) or parts[7] != bytes(12):
        raise SlotCorruptError
    pair = recovery_pair(seed)
    if not sealing.is_equal(parts[8], _recipient(pair.public)):
        raise RecoveryKeyError("wrong")
    try:
        key = sealing.unseal(pair.private, sealed, Purpose.SLOT, header)
    except BadTagError:
        raise SlotCorruptError from None
    return MasterKey(parts[6], key)


def _check_slot(uid: UserId, slot: bytes, kind: SlotType) -> None:
    size = PASSWORD_SLOT_SIZE if kind is SlotType.PASSWORD else RECOVERY_SLOT_SIZE
    if len(slot) < size or slot[:4] != _SLOT_MAGIC:
        raise SlotCorruptError
    if slot[4] > _VERSION:
        raise TooNewError
    if (slot[4], slot[5], len(slot)) != (_VERSION, kind, size):
        raise SlotCorruptError
    if slot[8:24] != uuid.UUID(uid).bytes:
        raise SlotCorruptError


def _recipient(public_key: bytes) -> bytes:
    return sealing.sha256(public_key)[:16]


# -- wrapped keys


def wrap_key(
    uid: UserId, master: MasterKey, purpose: WrapPurpose, key: bytes, nonce: bytes | None = None
) -> bytes:
    """Return a key under the UMK, 100 bytes. `nonce` is for vectors only."""
    nonce = sealing.random_bytes(sealing.NONCE_SIZE) if nonce is None else nonce
    header = _WRAP_HEADER.pack(
        *(_WRAP_MAGIC, _VERSION, purpose, _AES_GCM, 0),
        *(uuid.UUID(uid).bytes, master.id, nonce),
    )
    return header + sealing.encrypt(_wrap_kek(master, purpose), nonce, key, _WRAP_AAD + header)


def unwrap_key(uid: UserId, master: MasterKey, purpose: WrapPurpose, wrapped: bytes) -> bytes:
    """Return the key.

    Raises:
        CorruptError: not a wrapped key, of another user, UMK or purpose, or changed.
        TooNewError: a later version of the program made it.
    """
    if len(wrapped) != WRAPPED_SIZE or wrapped[:4] != _WRAP_MAGIC:
        raise CorruptError
    if wrapped[4] > _VERSION:
        raise TooNewError
    parts = _WRAP_HEADER.unpack_from(wrapped)
    if parts[1:7] != (_VERSION, purpose, _AES_GCM, 0, uuid.UUID(uid).bytes, master.id):
        raise CorruptError
    header, data = wrapped[: _WRAP_HEADER.size], wrapped[_WRAP_HEADER.size :]
    return sealing.decrypt(_wrap_kek(master, purpose), parts[7], data, _WRAP_AAD + header)


def _wrap_kek(master: MasterKey, purpose: WrapPurpose) -> bytes:
    return sealing.hkdf(master.key, b"", _WRAP_INFO + str(int(purpose)).encode("ascii"))


# -- recovery keys on paper


def make_seed() -> bytes:
    """Return a fresh recovery seed: 16 random bytes."""
    return sealing.random_bytes(_SEED_SIZE)


def recovery_text(seed: bytes) -> str:
    """Return a seed for paper: six groups of five Crockford digits with 22 check bits."""
    number = int.from_bytes(seed, "big") << _CHECK_BITS | _check_bits(seed)
    digits = ""
    for _ in range(_RECOVERY_LENGTH):
        number, digit = divmod(number, len(_CROCKFORD))
        digits = _CROCKFORD[digit] + digits
    return "-".join(digits[at : at + _GROUP] for at in range(0, _RECOVERY_LENGTH, _GROUP))


def read_recovery_text(text: str) -> bytes:
    """Return the seed of a typed recovery key. Case, blanks, hyphens, O, I and L do not matter.

    Raises:
        RecoveryKeyError: mistyped (`slip`): the check bits or the length do not fit.
    """
    letters = "".join(each for each in text.upper() if not each.isspace() and each != "-")
    letters = letters.translate(str.maketrans("OIL", "011"))
    if len(letters) != _RECOVERY_LENGTH or not set(letters) <= set(_CROCKFORD):
        raise RecoveryKeyError("slip")
    number = 0
    for letter in letters:
        number = number * len(_CROCKFORD) + _CROCKFORD.index(letter)
    seed = (number >> _CHECK_BITS).to_bytes(_SEED_SIZE, "big")
    if number & ((1 << _CHECK_BITS) - 1) != _check_bits(seed):
        raise RecoveryKeyError("slip")
    return seed


def recovery_pair(seed: bytes) -> sealing.KeyPair:
    """Return the X25519 pair of a recovery seed."""
    return sealing.key_pair_of(sealing.hkdf(seed, b"", _RECOVERY_X25519))


def _check_bits(seed: bytes) -> int:
    digest = sealing.sha256(_RECOVERY_CHECK + seed)
    return int.from_bytes(digest[:3], "big") >> (24 - _CHECK_BITS)
