"""The one home of ciphers: SECURITY.md, sections 3 and 4.

Key derivation, sealing to a public key, small blobs, audio records, passwords, signatures. Any
thread; nothing here does I/O. What bytes a slot or a journal is made of is told in
`store/keys.py` and `audio/journal.py`. Secrets are plain `bytes`: Python cannot erase them.
"""

from __future__ import annotations

import enum
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from typing import Final

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.domain.errors import CorruptError

KEY_SIZE: Final = 32
"""Bytes of every key here: AES-256, ChaCha20, X25519, Ed25519."""

TAG_SIZE: Final = 16
"""Bytes that AES-GCM and ChaCha20-Poly1305 add to what they encrypt."""

NONCE_SIZE: Final = 12
"""Bytes of a nonce of both ciphers."""

SEAL_OVERHEAD: Final = KEY_SIZE + TAG_SIZE
"""Bytes that `seal` adds: the ephemeral public key and the tag."""

RECORD_PREFIX_SIZE: Final = 7
"""Random bytes of a journal's header that begin each record's nonce."""

_SEAL_INFO: Final = b"stethoscribe/seal/v1|"
_RECORD_INFO: Final = b"stethoscribe/saj-record/v1"
_KEK_INFO: Final = b"stethoscribe/kek/v1"


class BadTagError(CorruptError):
    """The bytes were changed, or the key is another one. Which of both, nobody can tell."""


class Purpose(enum.StrEnum):
    """What a sealed blob is for. One sealed for one purpose never opens as another."""

    SLOT = "slot"
    AUDIO = "audio"
    SHARE = "share"
    AUDIT = "audit"
    BACKUP = "backup"


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A raw X25519 or Ed25519 pair, 32 bytes each."""

    public: bytes
    private: bytes = field(repr=False)


# -- basics


def random_bytes(count: int) -> bytes:
    """Return `count` bytes from the operating system's generator."""
    return secrets.token_bytes(count)


def sha256(data: bytes) -> bytes:
    """Return the 32-byte SHA-256 digest."""
    return hashlib.sha256(data).digest()


def is_equal(left: bytes, right: bytes) -> bool:
    """Compare in a time that does not tell where the first difference is."""
    return hmac.compare_digest(left, right)


def hkdf(ikm: bytes, salt: bytes, info: bytes) -> bytes:
    """Return 32 bytes of HKDF-SHA256 (RFC 5869). An empty salt means 32 zero bytes there."""
    kdf = HKDF(algorithm=hashes.SHA256(), length=KEY_SIZE, salt=salt or None, info=info)
    return kdf.derive(ikm)


# -- sealing to a public key: SECURITY.md 4.1


def make_key_pair() -> KeyPair:
    """Return a fresh X25519 pair."""
    return key_pair_of(random_bytes(KEY_SIZE))


def key_pair_of(private: bytes) -> KeyPair:
    """Return the X25519 pair of a 32-byte private key."""
    return KeyPair(
        X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw(), private
    )


def seal(
    public_key: bytes,
    plaintext: bytes,
    purpose: Purpose,
    header: bytes,
    *,
    ephemeral_private: bytes | None = None,
) -> bytes:
    """Encrypt so that only the holder of the private key can read it.

    Args:
        public_key: the recipient's X25519 key, 32 bytes.
        plaintext: anything, usually a 32-byte key.
        purpose: goes into the key derivation.
        header: all that stands before the sealed bytes; bound, not encrypted. Never empty.
        ephemeral_private: for published test vectors only. A second use breaks the cipher.

    Returns:
        E (32) ‖ ciphertext ‖ tag (16): `SEAL_OVERHEAD` longer than the plaintext.
    """
    pair = key_pair_of(random_bytes(KEY_SIZE) if ephemeral_private is None else ephemeral_private)
    key = _seal_key(pair.private, public_key, pair.public + public_key, purpose)
    # A zero nonce is right: the key is used once, because the ephemeral pair is.
    return pair.public + encrypt(key, bytes(NONCE_SIZE), plaintext, header)


def unseal(private_key: bytes, sealed: bytes, purpose: Purpose, header: bytes) -> bytes:
    """Open what `seal` made.

    Raises:
        BadTagError: changed, cut, for another key or another purpose.
    """
    if len(sealed) < SEAL_OVERHEAD:
        raise BadTagError
    ephemeral = sealed[:KEY_SIZE]
    public_key = key_pair_of(private_key).public
    key = _seal_key(private_key, ephemeral, ephemeral + public_key, purpose)
    return decrypt(key, bytes(NONCE_SIZE), sealed[KEY_SIZE:], header)


def _seal_key(private: bytes, public: bytes, salt: bytes, purpose: Purpose) -> bytes:
    try:
        peer = X25519PublicKey.from_public_bytes(public)
        shared = X25519PrivateKey.from_private_bytes(private).exchange(peer)
    except ValueError:  # a point of low order: nobody honest makes one
        raise BadTagError from None
    return hkdf(shared, salt, _SEAL_INFO + purpose.value.encode("ascii"))


# -- small blobs: AES-256-GCM


def encrypt(key: bytes, nonce: bytes, plaintext: bytes, aad: bytes) -> bytes:
    """Encrypt a small blob; 16 bytes longer.

    Raises:
        ValueError: `aad` is empty. Every blob is bound to something.
    """
    if not aad:
        raise ValueError("empty aad")
    return AESGCM(key).encrypt(nonce, plaintext, aad)


def decrypt(key: bytes, nonce: bytes, ciphertext: bytes, aad: bytes) -> bytes:
    """Open what `encrypt` made.

    Raises:
        BadTagError: wrong key, nonce or aad, or changed bytes.
    """
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, aad)
    except (InvalidTag, ValueError):
        raise BadTagError from None


# -- audio records: ChaCha20-Poly1305 as a STREAM, SECURITY.md 4.5


class RecordCipher:
    """Encrypts and opens the records of one part of a journal.

    The nonce is prefix ‖ record number (u32, big-endian) ‖ last (u8), so a record neither moves
    nor ends a file it did not end. A number must never be used twice under one DEK.
    """

    def __init__(self, dek: bytes, header: bytes, prefix: bytes) -> None:
        """Derive the key of this part from its DEK and its whole header (192 bytes)."""
        if len(prefix) != RECORD_PREFIX_SIZE:
            raise ValueError(len(prefix))
        self._cipher = ChaCha20Poly1305(hkdf(dek, sha256(header), _RECORD_INFO))
        self._prefix = prefix

    def encrypt(self, number: int, plaintext: bytes, aad: bytes, *, is_last: bool = False) -> bytes:
        """Return ciphertext ‖ tag. `aad` is the record's 12-byte head."""
        return self._cipher.encrypt(self._nonce(number, is_last), plaintext, aad)

    def decrypt(self, number: int, data: bytes, aad: bytes, *, is_last: bool = False) -> bytes:
        """Open what `encrypt` made.

        Raises:
            BadTagError: changed, moved, or of another part.
        """
        try:
            return self._cipher.decrypt(self._nonce(number, is_last), data, aad)
        except (InvalidTag, ValueError):
            raise BadTagError from None

    def _nonce(self, number: int, is_last: bool) -> bytes:
        return self._prefix + number.to_bytes(4, "big") + bytes([is_last])


# -- passwords

_SANE_MEMORY_KIB: Final = range(19_456, 1_048_576 + 1)
_SANE_PASSES: Final = range(2, 10 + 1)
_SANE_LANES: Final = range(1, 16 + 1)


@dataclass(frozen=True, slots=True)
class Argon2Cost:
    """What one guess costs: RFC 9106, section 4, second recommended option (0.19 s measured)."""

    memory_kib: int = 65_536
    passes: int = 3
    lanes: int = 4

    @property
    def is_sane(self) -> bool:
        """Whether a stored cost may be tried: an edited 4 TiB must not hang a login."""
        return (
            self.memory_kib in _SANE_MEMORY_KIB
            and self.passes in _SANE_PASSES
            and self.lanes in _SANE_LANES
        )

    def is_below(self, other: Argon2Cost) -> bool:
        """Whether a guess is cheaper in some respect than `other` asks for."""
        return self.memory_kib < other.memory_kib or self.passes < other.passes


def password_key(password: bytes, salt: bytes, cost: Argon2Cost, extra: bytes = b"") -> bytes:
    """Return the key-encryption key of a password: Argon2id, then HKDF.

    Args:
        password: normalized UTF-8: see `store.keys.password_bytes`.
        salt: 16 random bytes.
        cost: must be sane.
        extra: a second factor's secret.

    Raises:
        ValueError: the cost is out of bounds; nothing was computed.
    """
    if not cost.is_sane:
        raise ValueError("argon2 cost")
    raw = hash_secret_raw(
        secret=password,
        salt=salt,
        time_cost=cost.passes,
        memory_cost=cost.memory_kib,
        parallelism=cost.lanes,
        hash_len=KEY_SIZE,
        type=Type.ID,
    )
    return hkdf(raw + extra, salt, _KEK_INFO)


# -- signatures: Ed25519


def make_signing_pair() -> KeyPair:
    """Return a fresh Ed25519 pair."""
    return signing_pair_of(random_bytes(KEY_SIZE))


def signing_pair_of(private: bytes) -> KeyPair:
    """Return the Ed25519 pair of a 32-byte private key."""
    public = Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()
    return KeyPair(public, private)


def sign(private: bytes, content: bytes) -> bytes:
    """Return the 64-byte Ed25519 signature."""
    return Ed25519PrivateKey.from_private_bytes(private).sign(content)


def is_signed(public: bytes, signature: bytes, content: bytes) -> bool:
    """Return whether `signature` over `content` is by the holder of this public key."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, content)
    except (InvalidSignature, ValueError):
        return False
    return True
