"""The frames that the app and a child process exchange over stdin and stdout.

A frame is a 4-byte little-endian length, a JSON header of that length, and as many
bytes of raw payload (PCM audio) as the header announces. There is no pickle: a child
that was fed hostile audio must not be able to run code in the app.

Any thread; one thread at a time per stream.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final

PROTOCOL: Final = 1
MAX_HEADER_BYTES: Final = 1 << 20
MAX_PAYLOAD_BYTES: Final = 1 << 24  # 8.7 minutes of 16 kHz mono 16-bit PCM

_LENGTH = struct.Struct("<I")


class WireError(Exception):
    """The peer sent something that is not a frame, or stopped in the middle of one."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One message: a kind, small named values, and raw bytes."""

    kind: str
    fields: dict[str, Any] = field(default_factory=dict)
    payload: bytes = b""


def write_frame(stream: BinaryIO, frame: Frame) -> None:
    """Write one frame and flush it. Blocks while the peer does not read.

    Raises:
        OSError: the peer has closed its end.
        ValueError: the frame is larger than a peer would accept.
    """
    header = json.dumps(
        {"kind": frame.kind, "bytes": len(frame.payload), "fields": frame.fields},
        allow_nan=False,
    ).encode()
    if len(header) > MAX_HEADER_BYTES or len(frame.payload) > MAX_PAYLOAD_BYTES:
        raise ValueError(frame.kind)
    stream.write(_LENGTH.pack(len(header)) + header + frame.payload)
    stream.flush()


def read_frame(stream: BinaryIO) -> Frame | None:
    """Return the next frame, or None when the peer has closed its end between frames.

    Raises:
        WireError: what arrived is not a whole frame; the stream is useless from here.
    """
    first = stream.read(1)
    if not first:
        return None
    (size,) = _LENGTH.unpack(first + _exactly(stream, _LENGTH.size - 1))
    if size > MAX_HEADER_BYTES:
        raise WireError(f"header of {size} bytes")
    kind, fields, payload_bytes = _parse_header(_exactly(stream, size))
    return Frame(kind, fields, _exactly(stream, payload_bytes))


def _exactly(stream: BinaryIO, count: int) -> bytes:
    data = stream.read(count)
    if len(data) < count:
        raise WireError(f"cut off after {len(data)} of {count} bytes")
    return data


def _parse_header(raw: bytes) -> tuple[str, dict[str, Any], int]:
    try:
        header = json.loads(raw)
    except (ValueError, RecursionError):
        header = None  # not raised from here: a JSONDecodeError carries the text, maybe PHI
    match header:
        case {"kind": str(kind), "fields": dict(fields), "bytes": int(count)} if (
            0 <= count <= MAX_PAYLOAD_BYTES
        ):
            return kind, fields, count
    raise WireError("header lacks a valid kind, fields or bytes")
