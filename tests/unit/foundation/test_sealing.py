"""The ciphers: published vectors, and that no changed bit goes unseen."""

from __future__ import annotations

import struct

import pytest

from app.foundation import sealing
from app.foundation.sealing import Argon2Cost, BadTagError, Purpose

UID = bytes(range(0x10, 0x20))
RKID = bytes(range(0x20, 0x30))
EPHEMERAL = bytes(range(0x80, 0xA0))
PRIVATE = bytes(range(0xA0, 0xC0))
DEK = bytes(range(0xC0, 0xE0))


def journal_head() -> bytes:
    """Return the first 81 bytes of the journal vector in SECURITY.md 4.9."""
    head = b"SSAJ" + bytes([1, 1]) + struct.pack(">H", 192) + UID + bytes(4) + UID + RKID
    return head + struct.pack(">IBBQ", 16000, 1, 1, 1_780_000_000_000) + bytes(7)


def flipped(data: bytes) -> list[bytes]:
    """Return the data once for each bit, with that bit turned."""
    number, size = int.from_bytes(data, "big"), len(data)
    return [(number ^ 1 << bit).to_bytes(size, "big") for bit in range(size * 8)]


def test_the_journal_vector_is_reproduced() -> None:
    public = sealing.key_pair_of(PRIVATE).public
    head = journal_head()
    sealed = sealing.seal(public, DEK, Purpose.AUDIO, head, ephemeral_private=EPHEMERAL)
    header = head + sealed + bytes(31)
    cipher = sealing.RecordCipher(DEK, header, bytes(7))
    data = header
    for number, (kind, plaintext) in enumerate(
        [(1, struct.pack(">QI4h", 0, 4, 256, 512, 768, 1024)), (0x7F, struct.pack(">QI", 4, 0))]
    ):
        is_last = kind == 0x7F
        aad = bytes([kind, is_last, 0, 0]) + struct.pack(">II", len(plaintext) + 16, number)
        data += aad + cipher.encrypt(number, plaintext, aad, is_last=is_last)
    assert len(header) == 192
    assert sealing.sha256(data).hex() == (
        "d19901a321d56a00f3e6f5c323a8e28c81b78a451068035901a14b2452c93e4a"
    )


def test_hkdf_is_that_of_rfc_5869() -> None:
    """Test case 3: empty salt and info; the first 32 bytes."""
    found = sealing.hkdf(bytes([0x0B] * 22), b"", b"")
    assert found.hex() == "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"


def test_what_is_sealed_opens_for_its_owner_alone() -> None:
    alice, bob = sealing.make_key_pair(), sealing.make_key_pair()
    sealed = sealing.seal(alice.public, b"secret", Purpose.AUDIO, b"head")
    assert len(sealed) == len(b"secret") + sealing.SEAL_OVERHEAD
    assert sealing.unseal(alice.private, sealed, Purpose.AUDIO, b"head") == b"secret"
    for private, purpose, header in [
        (bob.private, Purpose.AUDIO, b"head"),
        (alice.private, Purpose.SLOT, b"head"),
        (alice.private, Purpose.AUDIO, b"Head"),
    ]:
        with pytest.raises(BadTagError):
            sealing.unseal(private, sealed, purpose, header)


def test_two_seals_of_the_same_thing_differ() -> None:
    public = sealing.make_key_pair().public
    assert len({sealing.seal(public, b"x", Purpose.AUDIO, b"h") for _ in range(20)}) == 20


def test_every_turned_bit_of_seal_and_header_is_seen() -> None:
    pair, head = sealing.key_pair_of(PRIVATE), journal_head()
    sealed = sealing.seal(pair.public, DEK, Purpose.AUDIO, head)
    for header in flipped(head):
        with pytest.raises(BadTagError):
            sealing.unseal(pair.private, sealed, Purpose.AUDIO, header)
    for bit, changed in enumerate(flipped(sealed)):
        try:
            opened = sealing.unseal(pair.private, changed, Purpose.AUDIO, head)
        except BadTagError:
            continue
        pytest.fail(f"bit {bit} from the end: {len(opened)} bytes opened")


@pytest.mark.parametrize("size", [0, 1, 31, 32, 47, 48])
def test_a_cut_seal_does_not_open(size: int) -> None:
    pair = sealing.make_key_pair()
    sealed = sealing.seal(pair.public, DEK, Purpose.AUDIO, b"head")
    with pytest.raises(BadTagError):
        sealing.unseal(pair.private, sealed[:size], Purpose.AUDIO, b"head")


def test_a_point_of_low_order_is_refused() -> None:
    with pytest.raises(BadTagError):
        sealing.seal(bytes(32), DEK, Purpose.AUDIO, b"head")
    with pytest.raises(BadTagError):
        sealing.unseal(PRIVATE, bytes(80), Purpose.AUDIO, b"head")


def test_a_blob_is_always_bound_to_something() -> None:
    with pytest.raises(ValueError, match="aad"):
        sealing.encrypt(DEK, bytes(12), b"x", b"")


def test_every_turned_bit_of_a_record_is_seen() -> None:
    cipher = sealing.RecordCipher(DEK, bytes(192), bytes(7))
    data = cipher.encrypt(3, b"sound", b"head")
    assert cipher.decrypt(3, data, b"head") == b"sound"
    for changed in flipped(data):
        with pytest.raises(BadTagError):
            cipher.decrypt(3, changed, b"head")
    for number, head, is_last in [(4, b"head", False), (3, b"hood", False), (3, b"head", True)]:
        with pytest.raises(BadTagError):
            cipher.decrypt(number, data, head, is_last=is_last)


def test_a_record_of_another_header_does_not_open() -> None:
    data = sealing.RecordCipher(DEK, bytes(192), bytes(7)).encrypt(0, b"sound", b"head")
    for header in flipped(bytes(192)):
        with pytest.raises(BadTagError):
            sealing.RecordCipher(DEK, header, bytes(7)).decrypt(0, data, b"head")
    with pytest.raises(ValueError):
        sealing.RecordCipher(DEK, bytes(192), bytes(6))


@pytest.mark.parametrize(
    ("memory", "passes", "lanes", "is_sane"),
    [
        (65_536, 3, 4, True),
        (19_456, 2, 1, True),
        (1_048_576, 10, 16, True),
        (19_455, 3, 4, False),
        (2**32 - 1, 3, 4, False),
        (65_536, 1, 4, False),
        (65_536, 0, 4, False),
        (65_536, 11, 4, False),
        (65_536, 3, 0, False),
        (65_536, 3, 17, False),
    ],
)
def test_a_cost_outside_the_bounds_is_not_even_tried(
    memory: int, passes: int, lanes: int, is_sane: bool
) -> None:
    cost = Argon2Cost(memory, passes, lanes)
    assert cost.is_sane is is_sane
    if not is_sane:
        with pytest.raises(ValueError, match="cost"):
            sealing.password_key(b"x", bytes(16), cost)


def test_a_signature_tells_content_and_signer() -> None:
    pair, other = sealing.make_signing_pair(), sealing.make_signing_pair()
    signature = sealing.sign(pair.private, b"note")
    assert sealing.signing_pair_of(pair.private) == pair
    assert sealing.is_signed(pair.public, signature, b"note")
    assert not sealing.is_signed(pair.public, signature, b"nota")
    assert not sealing.is_signed(other.public, signature, b"note")
    assert not sealing.is_signed(b"short", signature, b"note")
    assert not any(sealing.is_signed(pair.public, each, b"note") for each in flipped(signature))


def test_secrets_do_not_show_in_a_repr() -> None:
    pair = sealing.key_pair_of(PRIVATE)
    assert PRIVATE.hex() not in repr(pair)
    assert repr(PRIVATE) not in repr(pair)
