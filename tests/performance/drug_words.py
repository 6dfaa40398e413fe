"""Drug names said by synthetic voices, heard by Whisper: how many are right, or suggested?

`python -m tests.performance.drug_words` scores what `tests/data/heard_drugs.tsv` keeps, and once
more with the second hearings of doubtful words that `heard_again.tsv` keeps; `--decode` makes both
files anew. It needs espeak-ng and flite (Debian packages, for this alone) and
the starter models, and takes some minutes.
"""

from __future__ import annotations

import argparse
import io
import os
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import soundfile  # type: ignore[import-untyped]  # ships no types
import soxr  # type: ignore[import-untyped]  # ships no types

from app.clinical.lexicon import Lexicon
from app.clinical.second_names import Again, merged, passage
from app.clinical.suggestions import Suggester
from app.clinical.written import write
from app.domain.audio import SAMPLE_RATE
from app.domain.ids import SegmentId, WordId
from app.domain.transcript import Segment, Word
from app.engine_host.whisper_runtime import Audio, How, Whisper
from app.engine_host.whisper_runtime import Heard as Spoken

REPOSITORY: Final = Path(__file__).resolve().parents[2]
NAMES: Final = REPOSITORY / "tests/data/spoken_drugs.txt"
HEARD: Final = REPOSITORY / "tests/data/heard_drugs.tsv"
AGAIN: Final = REPOSITORY / "tests/data/heard_again.tsv"
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
        yield Heard(name, voice, model, _words(said, "w"))


def read_again(table: Path = AGAIN) -> dict[tuple[str, str, str], list[tuple[Word, ...]]]:
    """Read second hearings by name, voice and model: one for each doubt, in their order."""
    found: dict[tuple[str, str, str], list[tuple[Word, ...]]] = {}
    for line in table.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            name, voice, model, *said = line.split("\t")
            found[name, voice, model] = [_words(each, "again") for each in said]
    return found


def judge(
    heard: Heard, suggester: Suggester, again: Sequence[tuple[Word, ...]] | None = None
) -> str:
    """Return "right", "top 3", "lower", "other" (only other candidates) or "missed".

    Args:
        heard: the first hearing.
        suggester: whose suggestions are judged.
        again: second hearings, one for each doubt; None = there was none.
    """
    segment = segment_of(heard)
    if heard.is_right:
        return "right"
    suggestions = suggester.suggest(segment)
    for doubt, words in zip(suggester.doubts(segment), again, strict=True) if again else ():
        suggestions = merged(suggester, segment, suggestions, Again(doubt, words))
    ranks = [
        each.candidates.index(heard.name) if heard.name in each.candidates else -1
        for each in suggestions
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


def figures(
    heard: Iterable[Heard],
    suggester: Suggester,
    again: Mapping[tuple[str, str, str], Sequence[tuple[Word, ...]]] | None = None,
) -> Counter[str]:
    """Count the judgments, with second hearings if they are given."""
    hearings = again or {}
    return Counter(
        judge(each, suggester, hearings.get((each.name, each.voice, each.model))) for each in heard
    )


def segment_of(heard: Heard) -> Segment:
    """Return what was heard as a segment."""
    end = heard.words[-1].end if heard.words else 0
    return Segment(SegmentId("s"), heard.text, end=end, words=heard.words)


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
    rows, again = list(read_heard()), read_again()
    for model in MODELS:
        for voice in (*VOICES, "all"):
            chosen = [each for each in rows if each.model == model and voice in {each.voice, "all"}]
            if chosen:
                swaps = sum(swapped(each, names) for each in chosen)
                _say(f"{model} {voice}", figures(chosen, suggester), swaps)
                _say(f"{model} {voice}, heard again", figures(chosen, suggester, again), swaps)


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
    suggester = Suggester.load(REPOSITORY / "resources/lexicons")
    made = "words with probability, first and last sample; made by tests/performance/drug_words.py"
    rows = [f"# name, voice, model, {made}"]
    hearings = [f"# name, voice, model, and for each doubt {made}"]
    for model in MODELS:
        files = {each.name: each.read_bytes() for each in (models / model).iterdir()}
        whisper = Whisper(files, 2, "cpu", "int8")
        for (name, voice), pcm in sounds.items():
            whisper.speak("en")
            said = _said(whisper.take(pcm, _HOW).words, 0)
            rows.append(f"{name}\t{voice}\t{model}\t{said}")
            heard = Heard(name, voice, model, _words(said, "w"))
            segment = segment_of(heard)
            row = [name, voice, model]
            for doubt in suggester.doubts(segment):
                span = passage(segment, doubt)
                whisper.speak("en")
                how = replace(_HOW, hotwords=", ".join(doubt.names))
                row.append(_said(whisper.take(pcm[span.start : span.end], how).words, span.start))
            hearings.append("\t".join(row))
    HEARD.write_text("\n".join(rows) + "\n", encoding="utf-8")
    AGAIN.write_text("\n".join(hearings) + "\n", encoding="utf-8")


def _said(words: Iterable[Spoken], start: int) -> str:
    return " ".join(
        f"{each.text}|{each.probability:.2f}|{each.start + start}|{each.end + start}"
        for each in words
    )


def _words(said: str, prefix: str) -> tuple[Word, ...]:
    rows = [each.rsplit("|", 3) for each in said.split(" ") if each]
    return tuple(
        Word(WordId(f"{prefix}{index}"), text, int(start), int(end), float(probability))
        for index, (text, probability, start, end) in enumerate(rows)
    )


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
