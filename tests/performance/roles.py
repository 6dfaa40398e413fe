"""Who said it, per word: clinician enrolled, nobody enrolled, and by words alone.

    python -m tests.performance.roles [--data FOLDER] [--model ID] [--whole]

Each OSCE clip is a visit of its own (with `--whole` the two recordings too). Whisper's words and
their times come from the batch listener, segments and speakers from the reporter, as in the
product. The clinician's voiceprint is learned from the clinician's turns in the *next* clips of the
same recording, 30 s of them, never from what is scored.

A word is right when its segment has the role of the reference word it is aligned to; words that
stand for no reference word are not counted, an unknown role is wrong. cpWER: the words of each
speaker joined, errors under the best pairing of speakers (Watanabe et al. 2020, CHiME-6).
"""

from __future__ import annotations

import argparse
import itertools
import json
import re
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import soundfile  # type: ignore[import-untyped]  # ships no types
from rapidfuzz.distance import Levenshtein

from app.clinical.speaker_cues import Row, SpeakerCues
from app.domain.audio import SAMPLE_RATE
from app.domain.ids import ModelId
from app.domain.transcript import SpeakerRole
from app.engine_host.batch import Batch
from app.engine_host.listening import Audio, Changed, Spoken
from app.engine_host.reporting import Reporter, Voices
from app.engine_host.speakers import Speakers
from app.engine_host.voice_runtime import VoiceActivity
from app.engine_host.voiceprints import Voiceprints
from app.engine_host.whisper_runtime import Whisper
from app.engines.catalogue import Catalogue
from app.engines.wire import Frame
from app.foundation import paths
from tests.performance.figures import table
from tests.performance.word_error import Score, normalized, score

REPOSITORY: Final = Path(__file__).resolve().parents[2]
ENROLMENT: Final = 30 * SAMPLE_RATE
HOW: Final = ("enrolled", "nobody", "words")
ROLES: Final = {"D": SpeakerRole.CLINICIAN.value, "P": SpeakerRole.PATIENT.value}
Said = tuple[str, str]  # role, text


@dataclass(frozen=True, slots=True)
class Visit:
    """A recording, its reference, and where the clinician can be enrolled from.

    Attributes:
        said: (D or P, text) of each turn.
        enrolment: sound of the clinician from elsewhere in the same recording.
    """

    name: str
    pcm: Audio
    said: tuple[Said, ...]
    enrolment: Audio
    enrolled_from: str


@dataclass(slots=True)
class Tape:
    """An ear that writes down what it is told, so that it can be told again."""

    calls: list[Callable[[Reporter], None]] = field(default_factory=list)

    def opened(self, at_sample: int, pcm: Audio) -> None:
        kept = np.array(pcm)
        self.calls.append(lambda reporter: reporter.opened(at_sample, kept))

    def final(self, words: Sequence[Spoken], changed: Sequence[Changed] = ()) -> None:
        self.calls.append(lambda reporter: reporter.final(words, changed))

    def partial(self, words: Sequence[Spoken]) -> None:
        pass

    def committed(self, words: Sequence[Spoken]) -> None:
        pass

    def unheard(self, spans: Sequence[Any]) -> None:
        pass

    def settled(self, at_sample: int) -> None:
        pass


@dataclass(slots=True)
class Shelf:
    """An outlet that keeps frames."""

    frames: list[Frame] = field(default_factory=list)

    def send(self, frame: Frame) -> None:
        self.frames.append(frame)


@dataclass(slots=True)
class Found:
    """What one way of telling came to, over some visits."""

    right: int = 0
    settled: int = 0
    words: int = 0
    errors: Score = field(default_factory=lambda: Score(0, 0, 0, 0))
    plain: Score = field(default_factory=lambda: Score(0, 0, 0, 0))
    seconds: float = 0.0
    sound_s: float = 0.0

    def __iadd__(self, other: Found) -> Found:
        self.right += other.right
        self.settled += other.settled
        self.words += other.words
        self.errors += other.errors
        self.plain += other.plain
        self.seconds += other.seconds
        self.sound_s += other.sound_s
        return self

    def figures(self) -> dict[str, float | int]:
        """Return the figures by name."""
        return {
            "words": self.words,
            "right_during": round(self.right / self.words, 4),
            "right_settled": round(self.settled / self.words, 4),
            "cpwer": round(self.errors.rate, 4),
            "wer": round(self.plain.rate, 4),
            "core_share": round(self.seconds / self.sound_s, 4),
        }


def main() -> dict[str, Any]:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="roles", description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--data", type=Path, default=REPOSITORY.parent / "shared/data")
    parser.add_argument("--model", default="whisper-tiny.en")
    parser.add_argument("--whole", action="store_true", help="the two recordings too")
    asked = parser.parse_args()
    return measure(asked.data, asked.model, is_whole=asked.whole)


def measure(
    data: Path, model: str = "whisper-tiny.en", *, is_whole: bool = False
) -> dict[str, Any]:
    """Return role right per word, cpWER and cost for each way of telling; print a table.

    Args:
        data: the folder with `osce_clips` and `osce_audio`.
        model: id of the speech model.
        is_whole: measure the whole recordings too.
    """
    visits = [*clips(data), *(recordings(data) if is_whole else ())]
    if not visits:
        print(f"no OSCE clips below {data}")
        return {}
    voiceprints = Voiceprints(_content("campplus")["campplus.onnx"])
    whisper = Whisper(_content(model), 1, "cpu", "int8")
    rows: list[list[str | int | float]] = []
    total = {"clips": {how: Found() for how in HOW}, "recordings": {how: Found() for how in HOW}}
    for visit in visits:
        tape = _heard(whisper, visit.pcm)
        for how in HOW:
            found = told(visit, tape, how, voiceprints)
            total["clips" if "_" in visit.name else "recordings"][how] += found
            rows.append([visit.name, how, *found.figures().values(), visit.enrolled_from])
    for group, ways in total.items():
        rows += [
            [group, how, *each.figures().values(), ""] for how, each in ways.items() if each.words
        ]
    print(table(["visit", "voice", *Found(words=1, sound_s=1).figures(), "enrolled from"], rows))
    millis = embedding_ms(voiceprints, visits[0].pcm)
    print(f"one point of 1.5 s: {millis:.0f} ms of one core")
    figures = {
        group: {how: each.figures() for how, each in ways.items() if each.words}
        for group, ways in total.items()
    }
    return {"model": model, "embedding_ms": round(millis, 1), **figures}


def told(visit: Visit, tape: Tape, how: str, voiceprints: Voiceprints) -> Found:
    """Return how well one way tells who speaks in a visit."""
    voices: Voices | None = None
    if how != "words":
        learned = voiceprints.learn(visit.enrolment) if how == "enrolled" else b""
        if how == "enrolled" and not learned:
            raise SystemExit(f"{visit.name}: the clinician's voice could not be learned")
        voices = Speakers(voiceprints, learned, 2)
    shelf = Shelf()
    reporter = Reporter(shelf, 1, voices)  # type: ignore[arg-type]  # an outlet in all it does here
    begun_s = time.process_time()
    for call in tape.calls:
        call(reporter)
    reporter.finished(0)
    taken_s = time.process_time() - begun_s
    during, settled, texts = roles(shelf.frames)
    found = Found(seconds=taken_s if voices else 0.0, sound_s=len(visit.pcm) / SAMPLE_RATE)
    wanted = aligned(visit.said, texts)
    for want, first, last in zip(wanted, during, settled, strict=True):
        found.words += sum(each != "" for each in want)
        found.right += sum(each == first for each in want if each)
        found.settled += sum(each == last for each in want if each)
    found.errors = cp_errors(visit.said, list(zip(settled, texts, strict=True)))
    found.plain = score(_joined(text for _, text in visit.said), _joined(texts))
    return found


def roles(frames: Sequence[Frame]) -> tuple[list[str], list[str], list[str]]:
    """Return, for each segment, its role when told, its role in the end, and its text."""
    cues, during, rows = SpeakerCues(), [], []
    spans: list[tuple[int, int]] = []
    for fields in (each.fields for each in frames if each.kind == "final"):
        text = " ".join(word[1] for word in fields["words"])
        row = (
            text,
            fields.get("speaker", ""),
            fields.get("role", ""),
            fields.get("confidence", 0.0),
        )
        during.append(cues.hear(*row)[0].value)
        rows.append(row)
        spans.append((fields["words"][0][2], fields["words"][-1][3]))
    for fields in (each.fields for each in frames if each.kind == "roles"):
        rows = [_again(row, spans[i], fields["rows"]) for i, row in enumerate(rows)]
    settled = [role.value for role, _ in cues.settle(rows)]
    return during, settled, [row[0] for row in rows]


def aligned(said: Sequence[Said], texts: Sequence[str]) -> list[list[str]]:
    """Return the reference role of each heard word, segment by segment; "" for an extra word."""
    wanted = [(word, ROLES[role]) for role, text in said for word in normalized(text)]
    heard = [(word, i) for i, text in enumerate(texts) for word in normalized(text)]
    found: list[list[str]] = [[] for _ in texts]
    for step in Levenshtein.opcodes([w for w, _ in wanted], [w for w, _ in heard]):
        if step.tag in ("equal", "replace"):
            length = min(step.src_end - step.src_start, step.dest_end - step.dest_start)
            for i in range(length):
                found[heard[step.dest_start + i][1]].append(wanted[step.src_start + i][1])
    return found


def cp_errors(said: Sequence[Said], heard: Sequence[Said]) -> Score:
    """Return the word errors with the words of each speaker joined, best pairing of speakers."""
    wanted, got = _streams(said), _streams(heard)
    size = max(len(wanted), len(got))
    wanted += [""] * (size - len(wanted))
    got += [""] * (size - len(got))
    pairings = (
        [score(want, each) for want, each in zip(wanted, order, strict=True)]
        for order in itertools.permutations(got)
    )
    best = min(pairings, key=lambda scores: sum(map(_errors, scores)))
    return sum(best, Score(0, 0, 0, 0))


def embedding_ms(voiceprints: Voiceprints, pcm: Audio) -> float:
    """Return the processor time of one point of 1.5 s: the median of 20, in milliseconds."""
    piece = pcm[: 3 * SAMPLE_RATE // 2]
    taken = []
    for _ in range(20):
        begun_s = time.process_time()
        voiceprints.embed(piece)
        taken.append(1000 * (time.process_time() - begun_s))
    return statistics.median(taken)


def clips(data: Path) -> Iterator[Visit]:
    """Return the eight clips; the clinician is enrolled from those that follow."""
    files = sorted((data / "osce_clips").glob("*.json"))
    for path in files:
        same = [each for each in files if each.name[:7] == path.name[:7]]
        turn = same.index(path)
        others = [*same[turn + 1 :], *same[:turn]]
        said = [(each["speaker"][0], each["text"]) for each in _turns(path)]
        enrolment, names = _enrolment(others)
        yield Visit(path.stem, _sound(path.with_suffix(".flac")), tuple(said), enrolment, names)


def recordings(data: Path) -> Iterator[Visit]:
    """Return the two recordings from the end of their first clip on, which enrolls."""
    for path in sorted((data / "osce_audio").glob("*.ref.txt")):
        name = path.name.split(".")[0]
        (first, *_) = sorted((data / "osce_clips").glob(f"{name}_*.json"))
        offset = json.loads(first.read_text("utf-8"))["offset"]
        enrolment, names = _enrolment([first])
        said = re.findall(r"^([DP]):(.*)$", path.read_text("utf-8"), re.MULTILINE)
        last = _turns(first)[-1]["text"]
        behind = next(i for i, (_, text) in enumerate(said) if text.strip() == last.strip()) + 1
        pcm = _sound(path.with_name(f"{name}.mp3"))[round(offset[1] * SAMPLE_RATE) :]
        yield Visit(name, pcm, tuple(said[behind:]), enrolment, names)


def _enrolment(files: Sequence[Path]) -> tuple[Audio, str]:
    """Return 30 s of the clinician's turns and the names of the clips they are from."""
    parts: list[Audio] = []
    names: list[str] = []
    for path in files:
        pcm = _sound(path.with_suffix(".flac"))
        names.append(path.stem[8:])
        for turn in _turns(path):
            if turn["speaker"] == "Doctor" and sum(map(len, parts)) < ENROLMENT:
                start, end = (round(turn[key] * SAMPLE_RATE) for key in ("start", "end"))
                parts.append(pcm[start:end])
        if sum(map(len, parts)) >= ENROLMENT:
            break
    return np.concatenate(parts), "+".join(names)


def _turns(path: Path) -> list[dict[str, Any]]:
    turns: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["turns"]
    return turns


def _heard(whisper: Whisper, pcm: Audio) -> Tape:
    tape = Tape()
    whisper.speak("en")
    listener = Batch(whisper.take, VoiceActivity(), tape, 0)
    for at_sample in range(0, len(pcm), SAMPLE_RATE):
        listener.hear(pcm[at_sample : at_sample + SAMPLE_RATE], len(pcm))
    listener.finish()
    return tape


def _again(row: Row, span: tuple[int, int], settled: Sequence[Sequence[Any]]) -> Row:
    for start, end, *rest in settled:
        if (start, end) == span:
            return (row[0], *rest)
    return row


def _streams(said: Sequence[Said]) -> list[str]:
    return [_joined(text for who, text in said if who == each) for each in dict(said)]


def _joined(texts: Iterator[str] | Sequence[str]) -> str:
    return " ".join(texts)


def _errors(each: Score) -> int:
    return each.substituted + each.deleted + each.inserted


def _content(model: str) -> dict[str, bytes]:
    installed = Catalogue(paths.catalogue(), paths.model_folders()).find(ModelId(model))
    folder = Path(installed.folder)
    return {each.path: (folder / each.path).read_bytes() for each in installed.card.files}


def _sound(path: Path) -> Audio:
    pcm, rate = soundfile.read(path, dtype="float32")
    if rate != SAMPLE_RATE or pcm.ndim != 1:
        raise SystemExit(f"{path.name} is not 16 kHz mono")
    return np.asarray(pcm, np.float32)


if __name__ == "__main__":
    main()
