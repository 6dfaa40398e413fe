"""`make bench ARGS=waits`: what the doctor promises against what happens on a whole recording.

The doctor measures each speech model with two decodes of noise and tells from that how long a
recording takes. Here the product then transcribes one, and both are compared.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import soundfile  # type: ignore[import-untyped]  # ships no types

from app.engines.tiers import TALK
from tests.performance.figures import table
from tests.performance.machine import DATA, REPOSITORY, say_conditions

MODELS: Final = ("whisper-tiny.en", "whisper-base")
GOAL: Final = 0.25
"""How far a promise may be from what happens: part of what happens."""


def main() -> dict[str, Any]:
    """Ask the doctor, transcribe, compare."""
    parser = argparse.ArgumentParser(prog="waits", description=__doc__)
    parser.add_argument("--audio", type=Path, default=DATA / "osce_audio" / "CAR0001.mp3")
    parser.add_argument("--program", nargs="+", default=[sys.executable, "-m", "app"])
    parser.add_argument("--quick", action="store_true", help="the shipped sample, the small model")
    asked = parser.parse_args()
    say_conditions()
    audio: Path = asked.audio
    models: Sequence[str] = MODELS
    if asked.quick or not audio.is_file():
        audio, models = REPOSITORY / "resources/samples/back_pain_visit.flac", MODELS[:1]
    length_s = soundfile.info(audio).duration
    told = _json(asked.program, "doctor", "--json")
    speeds = {each["model"]: each for each in told["speeds"]}
    rows, figures = [], []
    for model in (each for each in models if each in speeds):
        promised_s = speeds[model]["load_s"] + length_s * TALK * speeds[model]["work_per_second"]
        begun_s = time.monotonic()
        _json(asked.program, "transcribe", str(audio), "--model", model, "--json")
        took_s = time.monotonic() - begun_s
        off = promised_s / took_s - 1
        rows.append((model, round(promised_s, 1), round(took_s, 1), f"{off:+.0%}"))
        figures.append({"model": model, "promised_s": promised_s, "took_s": took_s, "off": off})
    print(f"{audio.name}, {length_s:.0f} s")
    print(table(("model", "promised s", "took s", "off"), rows))
    print(
        "within the goal" if all(abs(e["off"]) <= GOAL for e in figures) else "NOT within the goal"
    )
    return {"sound_s": length_s, "rows": figures, "note": told["note"], "memory": told["memory"]}


def _json(program: Sequence[str], *arguments: str) -> Any:
    """Run the product in a home of its own with the models of this machine."""
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(
            [*program, *arguments],
            cwd=REPOSITORY,
            env={**os.environ, "STETHOSCRIBE_ROOT": home},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=False,
        )
    if done.returncode != 0:
        raise SystemExit(f"{arguments[0]} ended with {done.returncode}")
    return json.loads(done.stdout)


if __name__ == "__main__":
    main()
