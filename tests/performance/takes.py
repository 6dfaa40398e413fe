"""Decodes that are kept: the same sound in the same way is decoded once, and costs what is told.

A decode depends on its sound, on how it is asked for and on the loudest sound before; nothing
else. So a run on a simulated clock is the same on every machine, and the second run is quick.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, TextIO

import numpy as np

from app.engine_host.listening import Audio
from app.engine_host.loading import verified
from app.engine_host.whisper_runtime import (
    FULL_FRAMES,
    Heard,
    How,
    Take,
    Whisper,
    compute_types,
)
from tests.performance.chain import installed
from tests.performance.machine import REPOSITORY

_RUNTIME: Final = REPOSITORY / "app" / "engine_host" / "whisper_runtime.py"
_MEL_FRAME: Final = 160


@dataclass(frozen=True, slots=True)
class Price:
    """What a decode takes on the simulated machine, in seconds.

    Attributes:
        frame_s: for each mel frame, silence included.
        token_s: for each token of text, found greedily.
        beam: by how much a beam search of 5 makes tokens dearer.
    """

    frame_s: float
    token_s: float
    beam: float = 1.5

    def of(self, samples: int, how: How, take: Take) -> float:
        """Return what a decode takes. One that tried several temperatures tried them all."""
        frames = min(FULL_FRAMES, samples // _MEL_FRAME + how.pad)
        tries = 1 + 4 * (len(how.heats) - 1)
        text_s = self.token_s * (len(take.tokens) + 8) * (self.beam if how.beam > 1 else 1.0)
        return self.frame_s * frames + text_s * tries


PRICES: Final = {"tiny.en": Price(0.2e-3, 3.5e-3), "base": Price(0.45e-3, 7e-3)}
"""Two idle cores of an EPYC of 2022: a full window takes tiny.en .8 s, base 1.7 s."""


class Takes:
    """A model behind its kept decodes; loaded when one is not known.

    Args:
        name: of the model: `tiny.en`, `base` or an id.
        folder: where decodes are kept.
        slower: by what factor the simulated machine is slower than two idle cores.
    """

    def __init__(self, name: str, folder: Path, slower: float = 1.0) -> None:
        self._slower = slower
        self._name = name
        self._price = PRICES.get(name, PRICES["base"])
        state = hashlib.sha256(_RUNTIME.read_bytes()).hexdigest()[:8]
        self._path = folder / f"takes-{name}-{state}.jsonl"
        self._known: dict[str, Any] = {}
        self._model: Whisper | None = None
        self._file: TextIO | None = None
        self._loudest = -np.inf
        self.spent_s = 0.0
        """What all decodes took on the simulated machine."""
        self.fresh = 0
        if self._path.exists():
            for line in self._path.read_text("utf-8").splitlines():
                row = json.loads(line)
                self._known[row["key"]] = row

    def begin(self) -> None:
        """Begin a new recording."""
        self._loudest = -np.inf

    def take(self, pcm: Audio, how: How) -> Take:
        """Decode one window."""
        asked = f"{asdict(how)} {self._loudest:.5f}".encode()
        key = hashlib.sha256(np.ascontiguousarray(pcm).tobytes() + asked).hexdigest()[:24]
        row = self._known.get(key) or self._decoded(key, pcm, how)
        self._loudest = row["loudest"] if row["loudest"] is not None else -np.inf
        words = tuple(Heard(*each) for each in row["words"])
        take = Take(words, row["consumed"], row["logprob"], row["compression"], (*row["tokens"],))
        self.spent_s += self._slower * self._price.of(len(pcm), how, take)
        return take

    def _decoded(self, key: str, pcm: Audio, how: How) -> dict[str, Any]:
        if self._model is None:
            model = installed(self._name)
            files = verified(Path(model.folder), [asdict(each) for each in model.card.files])
            self._model = Whisper(files, 1, "cpu", compute_types("cpu")[0])
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("a", encoding="utf-8")
        self._model.speak("en")
        self._model._loudest = self._loudest
        take = self._model.take(pcm, how)
        loudest = float(self._model._loudest)
        row = {
            "key": key,
            "words": [[w.text, w.start, w.end, round(w.probability, 5)] for w in take.words],
            "consumed": take.consumed,
            "logprob": take.logprob,
            "compression": take.compression,
            "tokens": list(take.tokens),
            "loudest": loudest if np.isfinite(loudest) else None,
        }
        self._known[key] = row
        self.fresh += 1
        if self._file is not None:
            self._file.write(json.dumps(row) + "\n")
            self._file.flush()
        return row
