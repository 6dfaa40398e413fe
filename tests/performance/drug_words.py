"""Drug names said by synthetic voices, heard by Whisper: how many are right, or suggested?

`python -m tests.performance.drug_words` scores what `tests/data/heard_drugs.tsv` keeps;
`--decode` makes that file anew. It needs espeak-ng and flite (Debian packages, for this alone) and
the starter models, and takes some minutes.
"""

from __future__ import annotations

import argparse
import io
import os
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import soundfile  # type: ignore[import-untyped]  # ships no types
import soxr  # type: ignore[import-untyped]  # ships no types

from app.clinical.lexicon import Lexicon
from app.clinical.suggestions import Suggester
from app.clinical.written import write
from app.domain.audio import SAMPLE_RATE
from app.domain.ids import SegmentId, WordId
from app.domain.transcript import Segment, Word
from app.engine_host.whisper_runtime import Audio, How, Whisper

REPOSITORY: Final = Path(__file__).resolve().parents[2]
NAMES: Final = REPOSITORY / "tests/data/spoken_drugs.txt"
HEARD: Final = REPOSITORY / "tests/data/heard_drugs.tsv"
CARRIERS: Final = (
    "The patient takes {} twice a day.",
    "We started her on {} last month.",
    "I would like to refill the {} today.",
)
VOICES: Final = {
    "us": ["espeak-ng", "-v", "en-us", "-s", "150", "--stdout", "TEXT"],
    "slt": ["flite", "-voice", "slt", "-t", "TEXT", "-o", "FILE"],
    "rms": ["flite", "-voice", "rms", "-t", "TEXT", "-o", "FILE"],
}
"""espeak-ng's American voice, flite's female and male ones."""
MODELS: Final = ("whisper-tiny.en", "whisper-base")
_HOW: Final = How(pad=300, beam=5)
"""The beam of final decodes in a short window, for time; full windows heard much the same."""
_TOP: Final = 3


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of one spoken name."""

    name: str
    voice: str
    model: str
    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        """The words in lower case without marks."""
        return " ".join(word.text.strip(".,?!").lower() for word in self.words)

    @property
    def is_right(self) -> bool:
        """Whether the name was heard as it was said."""
        return f" {self.name} " in f" {self.text} "


def read_heard(table: Path = HEARD) -> Iterator[Heard]:
    """Read a table of name, voice, model and words with probabilities."""
    for line in table.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        name, voice, model, said = line.split("\t")
        pairs = [each.rsplit("|", 1) for each in said.split(" ")]
        words = tuple(
            Word(WordId(f"w{index}"), text, index * 4800, index * 4800 + 4800, float(probability))
            for index, (text, probability) in enumerate(pairs)
        )
        yield Heard(name, voice, model, words)


def judge(heard: Heard, suggester: Suggester) -> str:
    """Return "right", "top 3", "lower", "other" (only other candidates) or "missed"."""
    segment = Segment(SegmentId("s"), heard.text, words=heard.words)
    if heard.is_right:
        return "right"
    ranks = [
        each.candidates.index(heard.name) if heard.name in each.candidates else -1
        for each in suggester.suggest(segment)
    ]
    if any(0 <= rank < _TOP for rank in ranks):
        return "top 3"
    if any(rank >= _TOP for rank in ranks):
        return "lower"
    return "other" if ranks else "missed"


def swapped(heard: Heard, names: frozenset[str]) -> int:
    """Count drugs that the written text names and the recognized words do not."""
    written = {each.strip(".,?!").lower() for each in write(heard.words)[0].split()}
    return len((written & names) - set(heard.text.split()))


def figures(heard: Iterator[Heard], suggester: Suggester) -> Counter[str]:
    """Count the judgments."""
    return Counter(judge(each, suggester) for each in heard)


def main() -> None:
    """Decode if asked, then print the figures by model and voice."""
    parser = argparse.ArgumentParser(prog="drug_words", description=__doc__)
    parser.add_argument("--decode", action="store_true")
    parser.add_argument("--models", type=Path, default=_default_models())
    asked = parser.parse_args()
    if asked.decode:
        _decode(asked.models)
    lexicons = REPOSITORY / "resources/lexicons"
    suggester, names = Suggester.load(lexicons), Lexicon.load(lexicons).drug_names
    rows = list(read_heard())
    for model in MODELS:
        for voice in (*VOICES, "all"):
            chosen = [each for each in rows if each.model == model and voice in {each.voice, "all"}]
            if chosen:
                swaps = sum(swapped(each, names) for each in chosen)
                _say(f"{model} {voice}", figures(iter(chosen), suggester), swaps)


def _say(label: str, counts: Counter[str], swaps: int) -> None:
    wrong = sum(counts.values()) - counts["right"]
    recall = counts["top 3"] / wrong if wrong else 1.0
    print(f"{label}: {dict(counts)}; top-3 recall of the wrong ones {recall:.1%}, {swaps} swapped")


def _default_models() -> Path:
    base = os.environ.get("XDG_DATA_HOME", str(Path.home() / ".local/share"))
    return Path(base) / "stethoscribe/models"


def _decode(models: Path) -> None:
    lines = [line for line in NAMES.read_text(encoding="utf-8").splitlines() if line[:1] != "#"]
    sounds = {
        (name, voice): _speak(voice, CARRIERS[(index + step) % len(CARRIERS)].format(name))
        for index, name in enumerate(lines)
        for step, voice in enumerate(VOICES)
    }
    rows = [
        "# name, voice, model, words with probabilities; made by tests/performance/drug_words.py"
    ]
    for model in MODELS:
        files = {each.name: each.read_bytes() for each in (models / model).iterdir()}
        whisper = Whisper(files, 2, "cpu", "int8")
        for (name, voice), pcm in sounds.items():
            found = whisper.take(pcm, _HOW).words
            said = " ".join(f"{word.text}|{word.probability:.2f}" for word in found)
            rows.append(f"{name}\t{voice}\t{model}\t{said}")
    HEARD.write_text("\n".join(rows) + "\n", encoding="utf-8")


def _speak(voice: str, text: str) -> Audio:
    scratch = Path("/dev/shm") if Path("/dev/shm").is_dir() else Path()  # flite needs a file
    target = scratch / f"stethoscribe-{os.getpid()}.wav"
    command = [{"TEXT": text, "FILE": str(target)}.get(each, each) for each in VOICES[voice]]
    done = subprocess.run(command, check=True, capture_output=True)
    data = done.stdout or target.read_bytes()
    target.unlink(missing_ok=True)
    pcm, rate = soundfile.read(io.BytesIO(data), dtype="float32")
    return np.asarray(soxr.resample(pcm, rate, SAMPLE_RATE), dtype=np.float32)


if __name__ == "__main__":
    main()
