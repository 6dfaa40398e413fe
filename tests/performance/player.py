"""paplay with a clock: which sample of a clip leaves the sound device at which moment."""

from __future__ import annotations

import bisect
import os
import re
import statistics
import subprocess
import threading
import time
from pathlib import Path
from typing import Final

from tests.fakes.pulse import SINK, wait_until

LATENCY_MS: Final = 1_000
"""Of its buffer, so that a busy machine does not make it stutter; its clock does not mind."""
_TOLD: Final = re.compile(rb"Time: ([\d.]+) sec; Latency: (\d+) usec")


class Player:
    """Plays one file into the null sink. `paplay -v` says 20 times a second where it is.

    Its time is the stream time of the server: the sample that leaves the sink now. It agrees with
    where the clip lies in the journal (`live` prints by how much); should the player stutter, the
    times of the samples behind that are later, too.
    """

    def __init__(self, clip: Path, sink: str = SINK) -> None:
        self._readings: list[tuple[float, float]] = []  # position, moment; both rise
        self.position_s = 0.0
        self._process = subprocess.Popen(
            ["paplay", "-v", f"--device={sink}", f"--latency-msec={LATENCY_MS}", str(clip)],
            stderr=subprocess.PIPE,
            env=dict(os.environ),
        )
        self._reader = threading.Thread(target=self._read, name="player", daemon=True)
        self._reader.start()

    @property
    def is_playing(self) -> bool:
        """Whether the first sample has left the device and the last one has not."""
        return bool(self._readings) and self._process.poll() is None

    def left_s(self, at_s: float) -> float:
        """Return when a moment of the clip left the device, on the monotonic clock."""
        positions = [position for position, _ in self._readings]
        behind = bisect.bisect_left(positions, at_s)
        near = self._readings[max(0, behind - 5) : behind + 5]
        return at_s + statistics.median(now_s - position for position, now_s in near)

    def played_s(self, now_s: float) -> float:
        """Return which moment of the clip left the device at a moment of the monotonic clock."""
        moments = [at_s for _, at_s in self._readings]
        behind = min(bisect.bisect_left(moments, now_s), len(moments) - 1)
        position_s, at_s = self._readings[behind]
        return max(0.0, position_s + now_s - at_s)

    def wait_for_start(self) -> None:
        """Wait until sound leaves the device: a fresh null sink takes up to 2 s."""
        wait_until(lambda: len(self._readings) >= 5, "nothing is played")

    def wait_for_position(self, seconds: float) -> None:
        """Wait until the clip has been played so far, or has ended."""
        wait_until(
            lambda: self.position_s >= seconds or self._process.poll() is not None,
            "the player stands still",
            seconds + 20.0,
        )

    def wait(self) -> None:
        """Wait until all has been played."""
        self._process.wait()
        self._reader.join(5.0)

    def stop(self) -> None:
        """Stop playing."""
        self._process.terminate()
        self.wait()
        if self._process.stderr is not None:
            self._process.stderr.close()

    def _read(self) -> None:
        assert self._process.stderr is not None
        while told := os.read(self._process.stderr.fileno(), 4_096):
            now_s = time.monotonic()
            for position, _ in _TOLD.findall(told)[-1:]:
                self.position_s = float(position)
                if self.position_s > (self._readings[-1][0] if self._readings else 0.0):
                    self._readings.append((self.position_s, now_s))
