"""An engine for the tests that misbehaves on request. Run as a program by test_supervisor."""

from __future__ import annotations

import ctypes
import os
import threading
import time

from app.domain.errors import EngineTimeoutError
from app.engine_host.host import Outlet, claim_stdio, serve
from app.engines.wire import Frame

TICK_S = 0.01


def main() -> None:
    """Serve frames; die, babble or hang when told to."""
    stdin, outlet = claim_stdio()
    cancelled = threading.Event()
    print("a banner that some library prints on stdout")

    def transcribe(frame: Frame) -> None:
        for index in range(3):
            outlet.send(Frame("partial", {"index": index, "bytes_heard": len(frame.payload)}))

    def write_forever(frame: Frame) -> None:
        while not cancelled.is_set():
            outlet.send(Frame("token", {"text": "word "}))
            time.sleep(TICK_S)
        outlet.send(Frame("cancelled", {"request": frame.fields["request"]}))

    serve(
        stdin,
        outlet,
        handlers={
            "audio": transcribe,
            "draft": write_forever,
            "abort": lambda _: os.abort(),
            "segfault": lambda _: ctypes.string_at(0),
            "babble": lambda _: _babble(outlet),
            "hang": lambda _: time.sleep(60),
            "environment": lambda _: outlet.send(Frame("environment", dict(os.environ))),
            "fail": _fail,
            "give_up": _give_up,
        },
        urgent={"cancel": lambda _: cancelled.set()},
    )


def _babble(outlet: Outlet) -> None:
    os.write(outlet._stream.fileno(), b"\xff" * 64)
    time.sleep(60)


def _fail(_: Frame) -> None:
    raise ValueError("what the patient said")


def _give_up(_: Frame) -> None:
    raise EngineTimeoutError(seconds=3)


if __name__ == "__main__":
    main()
