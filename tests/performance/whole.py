"""`make bench ARGS=whole`: accuracy, time and memory of the whole product on real recordings.

Recordings are read from a folder outside the repository (`--data`, default `../shared/data`)
with `osce_audio/NAME.mp3` and `NAME.ref.txt`; without it the shipped sample is used.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from tests.performance.machine import DATA, REPOSITORY, say_conditions
from tests.performance.whole_runs import Run, run_demo
from tests.performance.word_error import Score, score

MODELS: Final = ("whisper-base", "whisper-tiny.en")


@dataclass(frozen=True, slots=True)
class Row:
    """One recording, one speech model, the whole product."""

    recording: str
    model: str
    seconds_of_sound: float
    seconds_taken: float
    word_error: float
    memory_mb: dict[str, int]
    claims: int
    supported: int


def main() -> dict[str, Any]:
    """Run the product on all recordings that the folder allows."""
    parser = argparse.ArgumentParser(prog="whole", description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--quick", action="store_true", help="the shipped sample alone")
    asked = parser.parse_args()
    say_conditions()
    recordings = _recordings(asked.data, is_quick=asked.quick)
    rows: list[Row] = []
    pooled: dict[str, Score] = {}
    for audio, reference in recordings:
        for model in MODELS:
            begun_s = time.monotonic()
            run = run_demo(audio, model)
            found = score(reference, run.text)
            pooled[model] = pooled[model] + found if model in pooled else found
            row = _row(audio, model, run, found, time.monotonic() - begun_s)
            rows.append(row)
            _say(row)
    for model, total in pooled.items():
        print(f"{model}: pooled word error {total.rate:.1%} of {total.words} words")
    return {"rows": [asdict(each) for each in rows]}


def _recordings(data: Path, *, is_quick: bool) -> list[tuple[Path, str]]:
    names = [] if is_quick else sorted((data / "osce_audio").glob("*.mp3"))
    found = [(each, _spoken(each.with_suffix(".ref.txt").read_text("utf-8"))) for each in names]
    if not found:
        if not is_quick:
            print(f"no recordings below {data}: the shipped sample alone")
        sample = REPOSITORY / "resources/samples/back_pain_visit"
        segments = json.loads(sample.with_suffix(".json").read_text("utf-8"))["segments"]
        text = " ".join(each["text"] for each in segments)
        found.append((sample.with_suffix(".flac"), text))
    return found


def _spoken(text: str) -> str:
    """Return what was said, without the `D:` and `P:` that name the speaker of a line."""
    return re.sub(r"^[DP]:", " ", text, flags=re.MULTILINE)


def _row(audio: Path, model: str, run: Run, found: Score, taken_s: float) -> Row:
    return Row(
        audio.stem,
        model,
        round(run.seconds_of_sound, 1),
        round(taken_s, 1),
        round(found.rate, 4),
        run.memory_mb,
        run.claims,
        run.supported,
    )


def _say(row: Row) -> None:
    memory = ", ".join(f"{name} {size} MB" for name, size in sorted(row.memory_mb.items()))
    print(
        f"{row.recording} {row.model}: word error {row.word_error:.1%}; "
        f"{row.seconds_of_sound:.0f} s of sound in {row.seconds_taken:.0f} s; "
        f"{row.supported} of {row.claims} claims supported; {memory}",
        flush=True,
    )


if __name__ == "__main__":
    main()
