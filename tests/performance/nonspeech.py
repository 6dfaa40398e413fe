"""`make bench ARGS="nonspeech"`: how many words come out of half an hour in which nobody speaks.

Ten kinds of noise at rising levels, through the real speech child with 20 drug names as
hotwords: what stock settings answered with "troponin, electrocardiogram, penicillin". Fed as
fast as it is taken. Every word is an error; the goal is none. In the end 11 s of real speech show
that the child was not deaf; its words are counted apart. A second table says how many of the 22
words of that speech are lost when it follows half a minute of each noise at once.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from app.domain.audio import SAMPLE_RATE
from app.domain.events import PartialHeard, SpeechFinished, SpeechUnheard
from app.domain.ports import SpeechPlan
from app.domain.transcript import Word
from tests.engines.hearing import Desk, pcm_of
from tests.performance.chain import installed
from tests.performance.fault_stage import SAID
from tests.performance.figures import table
from tests.performance.machine import say_conditions
from tests.performance.matching import losses
from tests.performance.noises import MAKERS, made

HOTWORDS: Final = (
    "lisinopril", "metformin", "atorvastatin", "apixaban", "levothyroxine", "amoxicillin",
    "penicillin", "troponin", "electrocardiogram", "warfarin", "furosemide", "prednisone",
    "albuterol", "gabapentin", "sertraline", "omeprazole", "losartan", "insulin", "naproxen",
    "clopidogrel",
)  # fmt: skip
SPEECH: Final = "audio/jfk.flac"
_WAIT_S: Final = 1_800.0


@dataclass(frozen=True, slots=True)
class Programme:
    """The sound of a run and what it is made of: each kind lies at its index times `each`."""

    pcm: npt.NDArray[np.int16]
    kinds: tuple[str, ...]
    each: int

    def is_noise(self, sample: int) -> bool:
        """Return whether a sample lies before the speech in the end."""
        return sample < self.each * len(self.kinds)

    def kind_at(self, sample: int) -> str:
        """Return the kind of noise at a sample."""
        return self.kinds[min(max(0, sample) // self.each, len(self.kinds) - 1)]


def programme(minutes: float, kinds: tuple[str, ...] = tuple(MAKERS)) -> Programme:
    """Return all kinds of noise one after the other, equally long."""
    seconds = 60 * minutes / len(kinds)
    parts = [made(kind, seconds, seed) for seed, kind in enumerate(kinds, 11)]
    speech = np.frombuffer(pcm_of(SPEECH), np.int16)
    return Programme(np.concatenate([*parts, speech]), kinds, len(parts[0]))


def main() -> dict[str, Any]:
    """Count the words and print where they came from."""
    parser = argparse.ArgumentParser(prog="nonspeech", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--model", action="append", help="tiny.en, base, or a model's id")
    parser.add_argument("--kind", action="append", choices=tuple(MAKERS))
    parser.add_argument("--mode", choices=("live", "batch", "both"), default="both")
    asked = parser.parse_args()
    say_conditions()
    sound = programme(asked.minutes, tuple(asked.kind or MAKERS))
    modes = ("live", "batch") if asked.mode == "both" else (asked.mode,)
    rows = [
        _measure(model, mode, sound)
        for model in asked.model or ("tiny.en", "base")
        for mode in modes
    ]
    print(f"\nWords from {asked.minutes:g} minutes without speech, 20 hotwords set; the goal is 0")
    head = ("model", "mode", "words", "shown", "control", "unheard s", "took s", "from")
    print(table(head, [tuple(row[name] for name in ROW) for row in rows]))
    for row in rows:
        for kind, text in row["texts"]:
            print(f"{row['model']} {row['mode']}, {kind}: {text}")
    after = _after((asked.model or ["tiny.en"])[0], sound.kinds)
    print("\nSpeech right after a noise that ends at -15 dBFS: words of 22")
    print(table(("noise", "lost", "changed", "told as unheard s"), after))
    return {"minutes": asked.minutes, "rows": rows, "after": after}


ROW: Final = ("model", "mode", "words", "shown", "control", "unheard_s", "took_s", "from")


def _measure(model: str, mode: str, sound: Programme) -> dict[str, Any]:
    desk = Desk()
    began_s = time.monotonic()
    try:
        desk.ready(installed(model))
        desk.speech.open(SpeechPlan(is_live=mode == "live", hotwords=HOTWORDS))
        desk.feed(sound.pcm.tobytes(), wait_s=_WAIT_S)
        desk.speech.finish()
        desk.next(SpeechFinished, _WAIT_S)
    finally:
        desk.speech.close()
    final = [word for segment in desk.segments for word in segment.words]
    all_words = {word.id: word for word in (*desk.committed, *final)}
    words = {key: each for key, each in all_words.items() if sound.is_noise(each.end)}
    partial = [each.words for each in desk.seen if isinstance(each, PartialHeard) and each.words]
    shown = [each for each in partial if sound.is_noise(each[-1].end)]
    spans = [span for each in desk.seen if isinstance(each, SpeechUnheard) for span in each.spans]
    kinds = Counter(sound.kind_at(word.start) for word in words.values())
    return {
        "model": model,
        "mode": mode,
        "words": len(words),
        "shown": len(shown),
        "control": len(all_words) - len(words),
        "unheard_s": round(sum(span.end - span.start for span in spans) / SAMPLE_RATE, 1),
        "took_s": round(time.monotonic() - began_s),
        "from": ", ".join(f"{kind} {count}" for kind, count in kinds.items()),
        "kinds": dict(kinds),
        "texts": _texts(sound, list(words.values())),
    }


def _after(model: str, kinds: tuple[str, ...]) -> list[tuple[str, int, int, float]]:
    """Return for each noise what is lost of speech that follows it, and what is told of that."""
    found = []
    desk = Desk()
    try:
        desk.ready(installed(model))
        for kind in kinds:
            desk.seen.clear()
            segments = desk.hear(SpeechPlan(), programme(0.5, (kind,)).pcm.tobytes())
            lost = losses(SAID, " ".join(each.spoken for each in segments))
            spans = [s for e in desk.seen if isinstance(e, SpeechUnheard) for s in e.spans]
            unheard_s = sum(span.end - span.start for span in spans) / SAMPLE_RATE
            found.append((kind, lost.lost, lost.changed, round(unheard_s, 1)))
    finally:
        desk.speech.close()
    return found


def _texts(sound: Programme, words: list[Word]) -> list[tuple[str, str]]:
    texts: dict[str, list[str]] = {}
    for word in sorted(words, key=lambda each: each.start):
        texts.setdefault(sound.kind_at(word.start), []).append(word.text)
    return [(kind, " ".join(said)) for kind, said in texts.items()]


if __name__ == "__main__":
    main()
