"""What PulseAudio (or PipeWire in its place) says of our stream: the one caller of libpulse.

PortAudio cannot tell: when a microphone is unplugged, the sound server moves the stream to
another one, the stream stays active and no flag is set. So the server is asked. One thread; a
connection of its own. Only leading fields of libpulse's structures are read; their order is part
of its stable interface (pulse/introspect.h, libpulse.so.0).
"""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Callable, Mapping
from ctypes import POINTER, c_char_p, c_int, c_uint8, c_uint32, c_void_p
from dataclasses import dataclass
from typing import Any, Final

_WAIT_S: Final = 1.0
_READY: Final = 4
_FAILED: Final = frozenset({5, 6})
_DONE: Final = 1
_MONITOR: Final = ".monitor"  # PulseAudio and PipeWire name the sound of a loudspeaker so
_PROCESS_ID: Final = b"application.process.id"


class PulseGoneError(Exception):
    """There is no sound server, or it does not answer."""


@dataclass(frozen=True, slots=True)
class Routing:
    """Where our sound comes from.

    Attributes:
        source: name of the microphone our stream records from; empty without a stream.
        stream: index of the stream.
        default: name of the system's microphone.
        sources: all by name, with their index: one that was away comes back with another index.
    """

    source: str
    stream: int
    default: str
    sources: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Microphone:
    """A microphone of the sound server. `name` is stable, `label` is for people."""

    name: str
    label: str
    channels: int
    rate: int


class _SampleSpec(ctypes.Structure):
    _fields_ = (("format", c_int), ("rate", c_uint32), ("channels", c_uint8))


class _Server(ctypes.Structure):
    _fields_ = (
        ("user_name", c_char_p),
        ("host_name", c_char_p),
        ("server_version", c_char_p),
        ("server_name", c_char_p),
        ("sample_spec", _SampleSpec),
        ("default_sink_name", c_char_p),
        ("default_source_name", c_char_p),
    )


class _Source(ctypes.Structure):
    _fields_ = (
        ("name", c_char_p),
        ("index", c_uint32),
        ("description", c_char_p),
        ("sample_spec", _SampleSpec),
    )


class _Stream(ctypes.Structure):  # pa_source_output_info
    _fields_ = (
        ("index", c_uint32),
        ("name", c_char_p),
        ("owner_module", c_uint32),
        ("client", c_uint32),
        ("source", c_uint32),
    )


class _Client(ctypes.Structure):
    _fields_ = (
        ("index", c_uint32),
        ("name", c_char_p),
        ("owner_module", c_uint32),
        ("driver", c_char_p),
        ("proplist", c_void_p),
    )


_ON_SERVER: Final = ctypes.CFUNCTYPE(None, c_void_p, POINTER(_Server), c_void_p)
_ON_SOURCE: Final = ctypes.CFUNCTYPE(None, c_void_p, POINTER(_Source), c_int, c_void_p)
_ON_STREAM: Final = ctypes.CFUNCTYPE(None, c_void_p, POINTER(_Stream), c_int, c_void_p)
_ON_CLIENT: Final = ctypes.CFUNCTYPE(None, c_void_p, POINTER(_Client), c_int, c_void_p)
_ON_SUCCESS: Final = ctypes.CFUNCTYPE(None, c_void_p, c_int, c_void_p)


def load_library() -> Any | None:  # noqa: ANN401 - ctypes has no types for functions
    """Return libpulse, None where it is not installed."""
    try:
        library = ctypes.CDLL("libpulse.so.0")
    except OSError:
        return None
    pointer, context = c_void_p, c_void_p
    signatures: dict[str, tuple[Any, tuple[Any, ...]]] = {
        "pa_mainloop_new": (pointer, ()),
        "pa_mainloop_free": (None, (pointer,)),
        "pa_mainloop_get_api": (pointer, (pointer,)),
        "pa_mainloop_prepare": (c_int, (pointer, c_int)),
        "pa_mainloop_poll": (c_int, (pointer,)),
        "pa_mainloop_dispatch": (c_int, (pointer,)),
        "pa_context_new": (context, (pointer, c_char_p)),
        "pa_context_connect": (c_int, (context, c_char_p, c_int, pointer)),
        "pa_context_disconnect": (None, (context,)),
        "pa_context_unref": (None, (context,)),
        "pa_context_get_state": (c_int, (context,)),
        "pa_context_get_server_info": (pointer, (context, _ON_SERVER, pointer)),
        "pa_context_get_source_info_list": (pointer, (context, _ON_SOURCE, pointer)),
        "pa_context_get_source_output_info_list": (pointer, (context, _ON_STREAM, pointer)),
        "pa_context_get_client_info_list": (pointer, (context, _ON_CLIENT, pointer)),
        "pa_context_move_source_output_by_name": (
            pointer,
            (context, c_uint32, c_char_p, _ON_SUCCESS, pointer),
        ),
        "pa_operation_get_state": (c_int, (pointer,)),
        "pa_operation_unref": (None, (pointer,)),
        "pa_proplist_gets": (c_char_p, (pointer, c_char_p)),
    }
    for name, (result, arguments) in signatures.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


class PulseServer:
    """A connection to the sound server. One thread.

    Raises:
        PulseGoneError: it cannot be reached.
    """

    def __init__(self, library: Any) -> None:  # noqa: ANN401 - ctypes
        self._pulse = library
        self._loop = library.pa_mainloop_new()
        self._context = library.pa_context_new(
            library.pa_mainloop_get_api(self._loop), b"Stethoscribe"
        )
        no_autospawn = 1
        if library.pa_context_connect(self._context, None, no_autospawn, None) < 0:
            self.close()
            raise PulseGoneError
        try:
            self._run_until(lambda: self._state() == _READY)
        except PulseGoneError:
            self.close()
            raise

    def close(self) -> None:
        """Leave. The last call."""
        self._pulse.pa_context_disconnect(self._context)
        self._pulse.pa_context_unref(self._context)
        self._pulse.pa_mainloop_free(self._loop)

    def look(self) -> Routing:
        """Ask where our stream records from.

        Raises:
            PulseGoneError: no answer; close this connection.
        """
        default: list[str] = []
        names: dict[int, str] = {}
        clients: set[int] = set()
        streams: list[tuple[int, int, int]] = []

        def on_server(_: object, info: Any, __: object) -> None:  # noqa: ANN401 - ctypes
            default.append(_text(info.contents.default_source_name))

        def on_source(_: object, info: Any, end: int, __: object) -> None:  # noqa: ANN401
            if not end:
                names[info.contents.index] = _text(info.contents.name)

        def on_client(_: object, info: Any, end: int, __: object) -> None:  # noqa: ANN401
            if not end and self._is_ours(info.contents.proplist):
                clients.add(info.contents.index)

        def on_stream(_: object, info: Any, end: int, __: object) -> None:  # noqa: ANN401
            if not end:
                stream = info.contents
                streams.append((stream.client, stream.index, stream.source))

        self._ask("pa_context_get_server_info", _ON_SERVER(on_server))
        self._ask("pa_context_get_client_info_list", _ON_CLIENT(on_client))
        # The microphones after the stream: were it the other way, a microphone that goes between
        # the two answers would look as if it were still there and a person had moved the stream.
        self._ask("pa_context_get_source_output_info_list", _ON_STREAM(on_stream))
        self._ask("pa_context_get_source_info_list", _ON_SOURCE(on_source))
        ours = [(index, source) for client, index, source in streams if client in clients]
        index, source = ours[-1] if ours else (0, -1)
        return Routing(
            names.get(source, ""),
            index,
            default[0] if default else "",
            {name: number for number, name in names.items()},
        )

    def microphones(self) -> tuple[Microphone, ...]:
        """Return all microphones, without what only hears loudspeakers. Raises as `look` does."""
        found: list[Microphone] = []

        def on_source(_: object, info: Any, end: int, __: object) -> None:  # noqa: ANN401
            if not end:
                source = info.contents
                name, spec = _text(source.name), source.sample_spec
                label = _text(source.description) or name
                found.append(Microphone(name, label, int(spec.channels), int(spec.rate)))

        self._ask("pa_context_get_source_info_list", _ON_SOURCE(on_source))
        return tuple(each for each in found if not each.name.endswith(_MONITOR))

    def move(self, stream: int, source: str) -> None:
        """Let our stream record from this microphone. Raises as `look` does."""
        name = source.encode()
        self._ask(
            "pa_context_move_source_output_by_name", _ON_SUCCESS(_ignore), c_uint32(stream), name
        )

    def _ask(self, name: str, answer: Any, *arguments: object) -> None:  # noqa: ANN401 - ctypes
        """Run one request to its end; `answer` is called meanwhile, on this thread."""
        operation = getattr(self._pulse, name)(self._context, *arguments, answer, None)
        if not operation:
            raise PulseGoneError
        try:
            self._run_until(lambda: self._pulse.pa_operation_get_state(operation) == _DONE)
        finally:
            self._pulse.pa_operation_unref(operation)

    def _run_until(self, is_done: Callable[[], bool]) -> None:
        deadline_s = time.monotonic() + _WAIT_S
        while not is_done():
            left_s = deadline_s - time.monotonic()
            if left_s <= 0 or self._state() in _FAILED:
                raise PulseGoneError
            if self._pulse.pa_mainloop_prepare(self._loop, int(left_s * 1_000_000)) < 0:
                raise PulseGoneError
            if self._pulse.pa_mainloop_poll(self._loop) < 0:
                raise PulseGoneError
            if self._pulse.pa_mainloop_dispatch(self._loop) < 0:
                raise PulseGoneError

    def _state(self) -> int:
        return int(self._pulse.pa_context_get_state(self._context))

    def _is_ours(self, properties: int) -> bool:
        found = self._pulse.pa_proplist_gets(properties, _PROCESS_ID)
        return bool(found == str(os.getpid()).encode())


def microphones() -> tuple[Microphone, ...]:
    """Return the microphones of the sound server; none where there is no server. Blocks 1 s."""
    library = load_library()
    if library is None:
        return ()
    try:
        server = PulseServer(library)
    except PulseGoneError:
        return ()
    try:
        return server.microphones()
    except PulseGoneError:
        return ()
    finally:
        server.close()


def _text(raw: bytes | None) -> str:
    return (raw or b"").decode("utf-8", "replace")


def _ignore(*_: object) -> None:
    """The next look tells whether the stream moved."""
