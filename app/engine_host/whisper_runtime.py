"""Whisper by faster-whisper: one window of sound in, words out. The model's own thread only.

The only importer of faster-whisper and CTranslate2. Model files come as bytes that were
hashed before; nothing is looked up, downloaded or read from a folder here.
"""

from __future__ import annotations

import importlib.machinery
import itertools
import math
import os
import sys
import time
import types
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from app.domain.audio import SAMPLE_RATE

FULL_FRAMES: Final = 3_000
"""Mel frames of the 30 s window that Whisper was trained on; a frame is 10 ms."""
FULL_SAMPLES: Final = 30 * SAMPLE_RATE
_FRAME: Final = SAMPLE_RATE // 100
_TOKENS_PER_S: Final = 12
"""Bounds what a loop can cost. CTranslate2 grants half of it and of the 16 tokens to begin with, so
8 + 6 per second; no turn of the development clips needs more than 80 % of that."""
_PROMPT_TOKENS: Final = 223  # what Whisper allows before the text
_HOTWORD_TOKENS: Final = 60  # SPEECH.md section 4
_RANGE: Final = 2.0
"""Of the mel spectrogram: what is 80 dB below the loudest is cut off (openai/whisper: 8 / 4)."""
_MAX_COMPRESSION: Final = 2.4  # above: the text repeats itself (openai/whisper)
_MIN_LOGPROB: Final = -1.0  # below: the model guesses (openai/whisper)
_NO_SPEECH: Final = 0.6  # above, and guessing: nobody spoke (openai/whisper)
_CLOSING: Final = "\"'.。,，!！?？:：”)]}、"  # noqa: RUF001 - what Whisper writes
_OPENING: Final = "\"'“¿([{-"
_PRIMITIVES: Final = "16"
"""Kernels that oneDNN keeps. By default it keeps 1,024, one for each length of sound it ever saw:
tiny.en grew by 300 MB in a visit of 90 minutes; with 16 it stays flat and is no slower."""
_ENDINGS: Final = frozenset(".。!！?？")  # noqa: RUF001 - what Whisper writes

Audio = npt.NDArray[np.float32]
_Opaque: TypeAlias = Any  # objects of libraries that ship no types


@dataclass(frozen=True, slots=True)
class How:
    """How much care one decode takes.

    Attributes:
        pad: mel frames of silence after the sound; the window never exceeds 30 s.
        beam: width of the beam search at temperature 0.
        heats: temperatures tried in turn while the text loops or is a guess.
        unlike: a row of so many tokens may not come twice; 0 allows it.
        context: text said just before.
        before: tokens of the window before, as `Take.tokens` gives them; used instead of `context`.
        hotwords: words that may come up.
    """

    pad: int = FULL_FRAMES
    beam: int = 5
    heats: tuple[float, ...] = (0.0,)
    unlike: int = 0
    context: str = ""
    before: tuple[int, ...] = ()
    hotwords: str = ""


INTERIM: Final = How(pad=300, beam=1)
"""For speech that still goes on. Pads of 1 s and less made base repeat itself (SPEECH.md 0.3)."""
FINAL: Final = How()
"""For speech that has ended."""
HEATED: Final = (0.2, 0.4, 0.6, 0.8, 1.0)
"""Temperatures for when nothing else gave fair text; the ladder of openai/whisper."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A word in a window: `start` and `end` are samples from the window's first."""

    text: str
    start: int
    end: int
    probability: float

    def moved(self, samples: int) -> Heard:
        """Return the word later by so many samples."""
        return replace(self, start=self.start + samples, end=self.end + samples)


@dataclass(frozen=True, slots=True)
class Take:
    """What one window sounded like.

    Attributes:
        consumed: samples from the window's first that these words account for. Less than the
            window when Whisper stopped before its end: the rest begins the next window.
        tokens: the text with its timestamps: what the next window may be told.
    """

    words: tuple[Heard, ...]
    consumed: int
    logprob: float = 0.0
    compression: float = 0.0
    tokens: tuple[int, ...] = ()

    @property
    def is_fair(self) -> bool:
        """Whether the text neither repeats itself nor is a guess."""
        return self.compression <= _MAX_COMPRESSION and self.logprob >= _MIN_LOGPROB


@dataclass(frozen=True, slots=True)
class Cost:
    """What a decode took in seconds: for hearing the sound, and for writing and timing words."""

    encode_s: float
    text_s: float


@dataclass(frozen=True, slots=True)
class _Raw:
    tokens: tuple[int, ...]
    logprob: float
    compression: float
    no_speech: float


def devices() -> tuple[str, ...]:
    """Return what may hold a model, best first. A GPU that is listed may still not work."""
    import ctranslate2  # type: ignore[import-untyped]  # noqa: PLC0415 - late, see `_library`

    return ("cuda", "cpu") if ctranslate2.get_cuda_device_count() else ("cpu",)


def compute_types(device: str) -> tuple[str, ...]:
    """Return the number formats this device can compute with, best first."""
    import ctranslate2  # noqa: PLC0415 - late, see `_library`

    wanted = {"cuda": ("float16", "int8_float16", "int8_float32", "float32")}
    able = ctranslate2.get_supported_compute_types(device)
    return tuple(each for each in wanted.get(device, ("int8", "float32")) if each in able)


class Whisper:
    """One loaded model.

    Args:
        files: name → content of each model file.
        threads: CPU threads of one decode.
        device: `cpu` or `cuda`.
        compute: one of `compute_types(device)`.
    """

    def __init__(self, files: Mapping[str, bytes], threads: int, device: str, compute: str) -> None:
        faster_whisper = _library()
        self._fw = faster_whisper
        self._model = faster_whisper.WhisperModel(
            "model", device=device, compute_type=compute, cpu_threads=threads, files=dict(files)
        )
        self.device = device
        self.compute = compute
        self.speak("en")

    @property
    def is_multilingual(self) -> bool:
        """Whether the model knows more than English."""
        return bool(self._model.model.is_multilingual)

    def speak(self, language: str) -> None:
        """Set the language, an ISO 639-1 code, and begin a new recording."""
        self._loudest = -math.inf
        tokenizer = self._fw.tokenizer
        known = language if language in tokenizer._LANGUAGE_CODES else "en"  # noqa: SLF001
        self._tokenizer = tokenizer.Tokenizer(
            self._model.hf_tokenizer, self.is_multilingual, task="transcribe", language=known
        )
        self._suppressed = self._fw.transcribe.get_suppressed_tokens(self._tokenizer, [-1])

    def take(self, pcm: Audio, how: How) -> Take:
        """Decode one window.

        Args:
            pcm: mono float32 at 16 kHz, shape (n,); what lies beyond 30 s is not heard.
            how: the care to take.
        """
        pcm = pcm[:FULL_SAMPLES]
        mel = self._model.feature_extractor(pcm, padding=0)[:, :FULL_FRAMES]
        heard = mel.shape[1]
        if not heard:
            return Take((), len(pcm))
        self._loudest = max(self._loudest, float(mel.max()))
        encoded = self._encode(np.maximum(mel, self._loudest - _RANGE), how.pad)
        raw = self._generate(encoded, len(pcm), how)
        if raw.no_speech > _NO_SPEECH and raw.logprob < _MIN_LOGPROB:
            return Take((), len(pcm), raw.logprob, raw.compression)
        used, spoken = self._used(raw.tokens, heard)
        tokens = self._spoken(used, heard)
        words = self._words(encoded, tokens, heard) if tokens else ()
        consumed = len(pcm) if spoken >= heard else spoken * _FRAME
        return Take(words, consumed, raw.logprob, raw.compression, used)

    def cost(self, pcm: Audio, how: How, tokens: int) -> Cost:
        """Measure a decode that writes so many tokens, whatever there is to hear.

        Args:
            pcm: as for `take`; not empty.
            how: pad and beam count; the rest is left out.
            tokens: at most 224, the most that Whisper writes for a window.
        """
        begun_s = time.perf_counter()
        mel = self._model.feature_extractor(pcm, padding=0)[:, :FULL_FRAMES]
        encoded = self._encode(mel, how.pad)
        heard_s = time.perf_counter()
        found = self._model.model.generate(
            encoded,
            [self._model.get_prompt(self._tokenizer, [], without_timestamps=True)],
            max_length=2 * tokens,  # CTranslate2 leaves half of it to the prompt
            beam_size=how.beam,
            suppress_tokens=[*self._suppressed, self._tokenizer.eot],
        )[0]
        text = [each for each in found.sequences_ids[0] if each < self._tokenizer.eot]
        self._model.find_alignment(self._tokenizer, [text], encoded, mel.shape[1])
        return Cost(heard_s - begun_s, time.perf_counter() - heard_s)

    def _encode(self, mel: Audio, pad: int) -> _Opaque:
        """Encode at most 30 s. The encoder halves the width, so it is even."""
        heard = mel.shape[1]
        width = min(FULL_FRAMES, heard + pad + (heard + pad) % 2)
        return self._model.encode(np.pad(mel, ((0, 0), (0, width - heard))))

    def _generate(self, encoded: _Opaque, samples: int, how: How) -> _Raw:
        tokenizer = self._tokenizer
        context = list(how.before) or (tokenizer.encode(f" {how.context}") if how.context else [])
        most = _PROMPT_TOKENS - (_HOTWORD_TOKENS if how.hotwords else 0)
        hotwords = self._limited(how.hotwords)
        prompt = self._model.get_prompt(tokenizer, context[-most:], hotwords=hotwords)
        limit = min(448, len(prompt) + 16 + samples * _TOKENS_PER_S // SAMPLE_RATE)
        tries: list[_Raw] = []
        for heat in how.heats:
            tries.append(self._try(encoded, prompt, limit, replace(how, heats=(heat,))))
            if tries[-1].compression <= _MAX_COMPRESSION and (
                tries[-1].logprob >= _MIN_LOGPROB or tries[-1].no_speech > _NO_SPEECH
            ):
                return tries[-1]
        fair = [each for each in tries if each.compression <= _MAX_COMPRESSION]
        return max(fair or tries, key=lambda each: each.logprob)

    def _try(self, encoded: _Opaque, prompt: list[int], limit: int, how: How) -> _Raw:
        heat = how.heats[0]
        settings = (
            {"num_hypotheses": 5, "sampling_topk": 0, "sampling_temperature": heat}
            if heat
            else {"beam_size": how.beam}
        )
        found = self._model.model.generate(
            encoded,
            [prompt],
            max_length=limit,
            return_scores=True,
            return_no_speech_prob=True,
            suppress_blank=True,
            suppress_tokens=self._suppressed,
            max_initial_timestamp_index=50,
            no_repeat_ngram_size=how.unlike,
            **settings,
        )[0]
        tokens = tuple(found.sequences_ids[0])
        text = self._tokenizer.decode(list(tokens)).strip().encode()
        return _Raw(
            tokens,
            logprob=found.scores[0] * len(tokens) / (len(tokens) + 1),
            compression=len(text) / len(zlib.compress(text)) if text else 0.0,
            no_speech=found.no_speech_prob,
        )

    def _limited(self, hotwords: str) -> str | None:
        tokens = self._tokenizer.encode(f" {hotwords}")[:_HOTWORD_TOKENS] if hotwords else []
        return self._tokenizer.decode(tokens).strip() or None

    def _used(self, tokens: tuple[int, ...], heard: int) -> tuple[tuple[int, ...], int]:
        """Return the tokens that count, and the mel frame up to which they tell the sound.

        Timestamps come in pairs between stretches of text. When the last pair is closed and
        more was begun, what follows it is incomplete: it is left to the next window.
        """
        first = self._tokenizer.timestamp_begin
        cuts = [i for i in range(1, len(tokens)) if min(tokens[i - 1 : i + 1]) >= first]
        is_open = len(tokens) < 2 or tokens[-1] < first or tokens[-2] >= first  # noqa: PLR2004
        if not cuts or not is_open:
            return tokens, heard
        return tokens[: cuts[-1]], min(heard, 2 * (tokens[cuts[-1] - 1] - first))

    def _spoken(self, tokens: Sequence[int], heard: int) -> list[int]:
        """Return the text tokens. Text whose timestamp lies in the padding was not spoken."""
        first, end = self._tokenizer.timestamp_begin, self._tokenizer.eot
        kept: list[int] = []
        for token in tokens:
            if token >= first and 2 * (token - first) >= heard - 10 and kept:
                break
            if token < end:
                kept.append(token)
        return _unlooped(kept)

    def _words(self, encoded: _Opaque, tokens: list[int], heard: int) -> tuple[Heard, ...]:
        found = self._model.find_alignment(self._tokenizer, [tokens], encoded, heard)[0]
        _shorten(found)
        self._fw.transcribe.merge_punctuations(found, _OPENING, _CLOSING)
        return _glued(found)


def _library() -> _Opaque:
    """Import faster-whisper without PyAV: we never let it open a file (INSTALL.md section 3)."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # two engines share the cores
    for maker in ("ONEDNN", "DNNL"):  # the second is its older name
        os.environ.setdefault(f"{maker}_PRIMITIVE_CACHE_CAPACITY", _PRIMITIVES)
    if "av" not in sys.modules:
        stub = types.ModuleType("av", "Stands in for PyAV, which is not used.")
        stub.__spec__ = importlib.machinery.ModuleSpec("av", None)
        sys.modules["av"] = stub
    import faster_whisper  # type: ignore[import-untyped]  # noqa: PLC0415 - the stub must be there first
    import faster_whisper.tokenizer  # type: ignore[import-untyped]  # noqa: PLC0415
    import faster_whisper.transcribe  # type: ignore[import-untyped]  # noqa: PLC0415

    return faster_whisper


def _shorten(found: list[dict[str, Any]]) -> None:
    """Cut words next to a full stop that swallowed the pause; the rule is faster-whisper's."""
    lengths = [word["end"] - word["start"] for word in found if word["end"] > word["start"]]
    longest = 2 * min(0.7, float(np.median(lengths))) if lengths else 0.0
    for before, word in itertools.pairwise(found):
        if word["end"] - word["start"] > longest:
            if word["word"] in _ENDINGS:
                word["end"] = word["start"] + longest
            elif before["word"] in _ENDINGS:
                word["start"] = word["end"] - longest


def _glued(found: list[dict[str, Any]]) -> tuple[Heard, ...]:
    """Return whole written words: "-year" and "-old" belong to the "55" before them."""
    words: list[Heard] = []
    for each in found:
        text = str(each["word"])
        if not text.strip():
            continue
        word = Heard(
            text.strip(),
            round(float(each["start"]) * SAMPLE_RATE),
            round(float(each["end"]) * SAMPLE_RATE),
            float(each["probability"]),
        )
        if words and (not text.startswith(" ") or not any(c.isalnum() for c in text)):
            last = words.pop()
            word = Heard(
                last.text + word.text,
                last.start,
                max(last.end, word.end),
                min(last.probability, word.probability),
            )
        words.append(word)
    return tuple(word for word in words if any(c.isalnum() for c in word.text))


def _unlooped(tokens: list[int]) -> list[int]:
    """Cut a tail that repeats itself; what is said once more is kept, a third time is a loop."""
    for period in range(1, len(tokens) // 2 + 1):
        repeated = 0
        while (
            repeated + period < len(tokens)
            and tokens[-1 - repeated] == tokens[-1 - repeated - period]
        ):
            repeated += 1
        if repeated >= max(2 * period, 6):
            return tokens[: len(tokens) - repeated]
    return tokens
