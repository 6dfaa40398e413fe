"""Frames survive the trip; anything else is refused, and not quoted."""

from __future__ import annotations

import io
import random
import struct

import pytest

from app.engines.wire import (
    MAX_HEADER_BYTES,
    MAX_PAYLOAD_BYTES,
    Frame,
    WireError,
    read_frame,
    write_frame,
)


def on_the_wire(*frames: Frame) -> bytes:
    stream = io.BytesIO()
    for frame in frames:
        write_frame(stream, frame)
    return stream.getvalue()


def with_header(header: bytes) -> bytes:
    return struct.pack("<I", len(header)) + header


@pytest.mark.parametrize(
    "frame",
    [
        Frame("ready"),
        Frame("words", {"text": "naïve Łódź 日本 \u202e", "at_sample": 16_000}),
        Frame("pcm", {"at_sample": 0}, payload=bytes(range(256)) * 125),
        Frame("sly", {"kind": "other", "bytes": 9}),
    ],
)
def test_frame_survives_the_trip(frame: Frame) -> None:
    assert read_frame(io.BytesIO(on_the_wire(frame))) == frame


def test_frames_arrive_in_order_then_end_of_stream() -> None:
    stream = io.BytesIO(on_the_wire(Frame("one", payload=b"x"), Frame("two")))
    kinds = [frame.kind if (frame := read_frame(stream)) else None for _ in range(3)]
    assert kinds == ["one", "two", None]


@pytest.mark.parametrize("cut", range(1, len(on_the_wire(Frame("pcm", {"n": 1}, b"abc")))))
def test_a_frame_cut_anywhere_is_an_error(cut: int) -> None:
    whole = on_the_wire(Frame("pcm", {"n": 1}, b"abc"))
    with pytest.raises(WireError):
        read_frame(io.BytesIO(whole[:cut]))


@pytest.mark.parametrize(
    "data",
    [
        struct.pack("<I", MAX_HEADER_BYTES + 1) + b"{}",
        with_header(b"not json"),
        with_header(b"\xff\xfe"),
        with_header(b"[1]"),
        with_header(b"{}"),
        with_header(b'{"kind": 1, "fields": {}, "bytes": 0}'),
        with_header(b'{"kind": "x", "fields": [], "bytes": 0}'),
        with_header(b'{"kind": "x", "fields": {}, "bytes": -1}'),
        with_header(b'{"kind": "x", "fields": {}, "bytes": %d}' % (MAX_PAYLOAD_BYTES + 1)),
        with_header(b"[" * 200_000),
    ],
)
def test_nonsense_is_refused(data: bytes) -> None:
    with pytest.raises(WireError):
        read_frame(io.BytesIO(data))


def test_random_bytes_never_raise_anything_else() -> None:
    dice = random.Random(7)
    for _ in range(2_000):
        stream = io.BytesIO(struct.pack("<I", dice.randrange(64)) + dice.randbytes(64))
        with pytest.raises(WireError):
            read_frame(stream)


def test_the_error_does_not_carry_what_the_peer_said() -> None:
    with pytest.raises(WireError) as caught:
        read_frame(io.BytesIO(with_header(b'{"kind": "words", ZZPHI-7F3A')))
    assert "ZZPHI" not in str(caught.value)
    assert caught.value.__context__ is None  # a JSONDecodeError would hold all of it


@pytest.mark.parametrize(
    "frame",
    [Frame("big", payload=bytes(MAX_PAYLOAD_BYTES + 1)), Frame("nan", {"level": float("nan")})],
)
def test_what_a_peer_would_refuse_is_not_sent(frame: Frame) -> None:
    stream = io.BytesIO()
    with pytest.raises(ValueError):
        write_frame(stream, frame)
    assert stream.getvalue() == b""
