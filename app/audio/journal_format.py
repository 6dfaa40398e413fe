"""The bytes of a sealed journal and the names of its files: SECURITY.md 4.5. Pure; any thread."""

from __future__ import annotations

import os
import struct
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from app.domain.audio import BYTES_PER_SAMPLE, SAMPLE_RATE
from app.domain.errors import CorruptError, TooNewError
from app.domain.ids import RecordingId, RecordingKeyId, UserId
from app.domain.ports import RecordingPlan
from app.foundation.sealing import (
    KEY_SIZE,
    RECORD_PREFIX_SIZE,
    SEAL_OVERHEAD,
    TAG_SIZE,
    Purpose,
    RecordCipher,
    random_bytes,
    seal,
    unseal,
)

MAGIC: Final = b"SSAJ"
VERSION: Final = 1
HEADER_SIZE: Final = 192
AUDIO: Final = 0x01
GAP: Final = 0x02
MARK: Final = 0x03
END: Final = 0x7F
UNVERIFIED: Final = 0
"""Never on disk: how a reader calls a record with a wrong tag."""
MAX_CIPHERTEXT: Final = 1 << 20
MAX_CHANNELS: Final = 2

_CHACHA20_POLY1305: Final = 1
_S16LE: Final = 1
_OPEN: Final = struct.Struct(">4sBBH16sI16s16sIBBQ7s")  # the 81 bytes before the sealed key
HEAD: Final = struct.Struct(">BBHII")  # type, last, zero, length, number
BODY: Final = struct.Struct(">QI")  # sample, count
MIN_CIPHERTEXT: Final = BODY.size + TAG_SIZE
_PADDING: Final = bytes(HEADER_SIZE - _OPEN.size - KEY_SIZE - SEAL_OVERHEAD)


@dataclass(frozen=True, slots=True)
class PartSecrets:
    """What a part draws at random. Given by hand only for published test vectors."""

    dek: bytes = field(default_factory=lambda: random_bytes(KEY_SIZE), repr=False)
    prefix: bytes = field(default_factory=lambda: random_bytes(RECORD_PREFIX_SIZE))
    ephemeral_private: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Header:
    """What the header of a part says, and the cipher of its records.

    Attributes:
        channels: 1, or 2 where two microphones are kept apart; their samples are interleaved.
        started_ms: since the epoch.
    """

    owner: UserId
    key: RecordingKeyId
    channels: int
    started_ms: int
    cipher: RecordCipher = field(repr=False)

    @property
    def frame_size(self) -> int:
        """Bytes that one tick of the audio clock takes."""
        return BYTES_PER_SAMPLE * self.channels


@dataclass(frozen=True, slots=True)
class Record:
    """A verified record, or one of kind `UNVERIFIED` with the samples it may have held."""

    kind: int
    at_sample: int = 0
    count: int = 0
    body: bytes = field(default=b"", repr=False)


def pack_header(
    plan: RecordingPlan, started_ms: int, secrets: PartSecrets
) -> tuple[bytes, RecordCipher]:
    """Return the 192 bytes that begin a part, and the cipher of its records."""
    opening = _OPEN.pack(
        MAGIC,
        VERSION,
        _CHACHA20_POLY1305,
        HEADER_SIZE,
        uuid.UUID(plan.recording).bytes,
        plan.part,
        uuid.UUID(plan.owner).bytes,
        uuid.UUID(plan.key).bytes,
        SAMPLE_RATE,
        plan.channels,
        _S16LE,
        started_ms,
        secrets.prefix,
    )
    sealed = seal(
        plan.public_key,
        secrets.dek,
        Purpose.AUDIO,
        opening,
        ephemeral_private=secrets.ephemeral_private,
    )
    header = opening + sealed + _PADDING
    return header, RecordCipher(secrets.dek, header, secrets.prefix)


def read_header(header: bytes, private_key: bytes, recording: RecordingId, part: int) -> Header:
    """Open the header of this part.

    Raises:
        CorruptError: damaged, of another part, or for another key.
        TooNewError: a newer version wrote it.
    """
    fields = _OPEN.unpack_from(header)
    magic, version, aead, size, rid, number, owner, key, rate, channels, form, started, prefix = (
        fields
    )
    if magic == MAGIC and version > VERSION:
        raise TooNewError
    ours = (MAGIC, VERSION, _CHACHA20_POLY1305, HEADER_SIZE, uuid.UUID(recording).bytes, part)
    if (magic, version, aead, size, rid, number) != ours:
        raise CorruptError
    if (rate, form) != (SAMPLE_RATE, _S16LE) or not 1 <= channels <= MAX_CHANNELS:
        raise CorruptError
    if header[-len(_PADDING) :] != _PADDING:
        raise CorruptError
    sealed = header[_OPEN.size : HEADER_SIZE - len(_PADDING)]
    dek = unseal(private_key, sealed, Purpose.AUDIO, header[: _OPEN.size])
    return Header(
        owner=UserId(str(uuid.UUID(bytes=owner))),
        key=RecordingKeyId(str(uuid.UUID(bytes=key))),
        channels=channels,
        started_ms=started,
        cipher=RecordCipher(dek, header, prefix),
    )


def channels_said(path: Path) -> int:
    """Return how many channels a part says it has, without its key; 0 when it cannot be read."""
    try:
        with path.open("rb") as file:
            header = file.read(HEADER_SIZE)
    except OSError:
        return 0
    if len(header) < HEADER_SIZE or not header.startswith(MAGIC):
        return 0
    channels: int = _OPEN.unpack_from(header)[9]
    return channels if 1 <= channels <= MAX_CHANNELS else 0


# -- files


def part_file(folder: Path, recording: RecordingId, part: int) -> Path:
    """Return where a part of a journal lies."""
    return folder / f"{recording}.{part}.saj"


def new_part_file(folder: Path, recording: RecordingId, part: int) -> Path:
    """Return where a part lies while it is written anew."""
    return folder / f"{recording}.{part}.saj.new"


def turn_file(folder: Path, recording: RecordingId) -> Path:
    """Return the file that, while it is there, makes the new parts the journal."""
    return folder / f"{recording}.turn"


def part_numbers(folder: Path, recording: RecordingId) -> tuple[int, ...]:
    """Return the numbers of the parts on disk, in order."""
    names = (path.name.split(".")[-2] for path in folder.glob(f"{recording}.*.saj"))
    return tuple(sorted(int(name) for name in names if name.isdecimal()))


def current_file(folder: Path, recording: RecordingId, part: int) -> Path:
    """Return the file that holds a part now: the new one where a rewrite was cut off at its end."""
    new = new_part_file(folder, recording, part)
    if os.path.lexists(turn_file(folder, recording)) and os.path.lexists(new):
        return new
    return part_file(folder, recording, part)
