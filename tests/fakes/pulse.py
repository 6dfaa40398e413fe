"""A private PulseAudio with a null sink: a microphone that hears what is played. SPEECH.md 7.

Fixture `pulse` (module scope): skips with a reason where PulseAudio or its ALSA plugin is not
installed. Children find the server through the environment, whatever HOME is. Import it:
`from tests.fakes.pulse import pulse  # noqa: F401`.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

SINK = "visit"
MICROPHONE = "visitmon"
"""Name of the ALSA device that records what the sink plays. It is the default one, too."""

_HURRIED = "norewinds=1"
"""Sound comes in blocks of 50 ms at most, as a sound card's does. By default the first block of a
stream that comes anew is up to 2 s late, and with it lies in the past of who asked for it."""
_ALSA = f"""
</usr/share/alsa/alsa.conf>
pcm.{MICROPHONE} {{
    type pulse
    device "{SINK}.monitor"
    hint {{ show on description "{SINK}" }}
}}
pcm.!default {{
    type pulse
    device "{SINK}.monitor"
    hint {{ show on description "default" }}
}}
"""


@dataclass(slots=True)
class Pulse:
    """A running server. It is a daemon, so no test leaves a child behind that restarts it."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def pid(self) -> int:
        """The server's process id."""
        return int((self.folder / "pid").read_text(encoding="ascii"))

    def start(self) -> None:
        """Start the server and wait until it answers."""
        subprocess.run(
            [
                "pulseaudio", "-n", "--daemonize=yes", "--exit-idle-time=-1", "--disable-shm=yes",
                f"--load=module-native-protocol-unix socket={self.folder}/native auth-anonymous=1",
                f"--load=module-null-sink sink_name={SINK} rate=48000 {_HURRIED}",
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=os.environ | self.environment,
        )  # fmt: skip
        wait_until(self._answers, "the sound server does not answer")

    def stop(self) -> None:
        """End the server, by its id."""
        pid = self.pid
        os.kill(pid, signal.SIGTERM)
        wait_until(lambda: not Path(f"/proc/{pid}").exists(), "the sound server does not end")

    def kill(self) -> None:
        """Kill the server, by its id."""
        pid = self.pid
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not _is_running(pid), "the sound server does not die")
        for left in ("pid", "native"):  # where nobody reaps orphans the next one would not start
            (self.folder / left).unlink(missing_ok=True)

    def unload(self, sink: str = SINK) -> None:
        """Unplug the microphone that hears what this sink plays."""
        for line in self.control("list", "short", "modules").splitlines():
            number, module, arguments, *_ = [*line.split("\t"), "", ""]
            if "null-sink" in module and f"sink_name={sink}" in arguments.split():
                self.control("unload-module", number)

    def load(self, sink: str = SINK, rate: int = 48_000, channels: int = 2) -> None:
        """Plug such a microphone in."""
        self.control(
            "load-module", "module-null-sink", f"sink_name={sink}", f"rate={rate}",
            f"channels={channels}", _HURRIED,
        )  # fmt: skip

    def heard_from(self) -> list[str]:
        """Return the names of the microphones that streams record from now."""
        names = dict(
            line.split("\t")[:2] for line in self.control("list", "short", "sources").splitlines()
        )
        return [names.get(line.split("\t")[1], "") for line in self.listeners()]

    def control(self, *words: str) -> str:
        """Run `pactl` and return what it says."""
        done = subprocess.run(
            ["pactl", *words],
            check=True,
            capture_output=True,
            text=True,
            env=os.environ | self.environment,
        )
        return done.stdout

    def listeners(self) -> list[str]:
        """Return the streams that record now."""
        return self.control("list", "short", "source-outputs").splitlines()

    @contextlib.contextmanager
    def playing(self, clip: Path, sink: str = SINK) -> Iterator[subprocess.Popen[bytes]]:
        """Play a clip into the microphone while the block runs."""
        player = subprocess.Popen(
            ["paplay", f"--device={sink}", str(clip)], env=os.environ | self.environment
        )
        try:
            yield player
        finally:
            player.terminate()
            player.wait()

    def _answers(self) -> bool:
        with contextlib.suppress(subprocess.CalledProcessError):
            return SINK in self.control("list", "short", "sinks")
        return False


def _is_running(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def wait_until(is_true: Callable[[], bool], what: str, timeout_s: float = 20.0) -> None:
    """Wait for a condition; fail the test with `what` when it does not come."""
    deadline_s = time.monotonic() + timeout_s
    while not is_true():
        if time.monotonic() > deadline_s:
            pytest.fail(what)
        time.sleep(0.02)


def missing() -> str:
    """Return why no private sound server can run here; empty when one can."""
    if sys.platform != "linux" or not all(map(shutil.which, ("pulseaudio", "pactl", "paplay"))):
        return "PulseAudio is not installed"
    plugin = "alsa-lib/libasound_module_pcm_pulse.so"
    if not any(Path("/usr/lib").glob(f"*/{plugin}")) and not Path("/usr/lib", plugin).exists():
        return "the ALSA plugin for PulseAudio (libasound2-plugins) is not installed"
    return ""


@contextlib.contextmanager
def private_server(alsa: str = "") -> Iterator[Pulse]:
    """Run a private PulseAudio; the environment of this process and its children points at it.

    Args:
        alsa: further devices, in the language of `asound.conf`.
    """
    folder = Path(tempfile.mkdtemp(prefix="pulse"))  # short: a socket's path has 107 bytes
    (folder / "alsa.conf").write_text(_ALSA + alsa)
    server = Pulse(folder)
    server.environment = {
        "XDG_RUNTIME_DIR": str(folder),
        "PULSE_SERVER": f"unix:{folder}/native",
        "PULSE_COOKIE": str(folder / "cookie"),
        "PULSE_STATE_PATH": str(folder),
        "PULSE_RUNTIME_PATH": str(folder),
        "ALSA_CONFIG_PATH": str(folder / "alsa.conf"),
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in server.environment.items():
            patch.setenv(name, value)
        server.start()
        try:
            yield server
        finally:
            server.stop()
            shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def pulse() -> Iterator[Pulse]:
    """Start a private PulseAudio; the environment of this process and its children points at it."""
    if reason := missing():
        pytest.skip(reason)
    with private_server() as server:
        yield server
