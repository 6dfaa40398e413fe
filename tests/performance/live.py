"""`make bench ARGS="live --model tiny.en"`: live speech from a real sound device, word by word.

Played with paplay into a null sink in real time, recorded by PortAudio, decoded by the real
child; with the notes engine idle and busy. Rows are kept: a run that was ended goes on.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from app.domain.events import SegmentFinished, SpeechProgressed, WordsRevised
from tests.fakes.pulse import missing, private_server
from tests.performance.chain import Chain, installed
from tests.performance.clips import Clip, sessions
from tests.performance.figures import spread, table
from tests.performance.live_session import Session, batch_text, busy_notes, play_session
from tests.performance.live_tables import print_tables
from tests.performance.machine import DATA, RESULTS, Results, say_conditions
from tests.performance.matching import losses, revised
from tests.performance.reference_words import Aligner
from tests.performance.word_error import score
from tests.performance.word_latency import Latencies, committed_words, final_words, latencies

MODELS: Final = ("tiny.en", "base")


def main() -> dict[str, Any]:
    """Measure what was asked for and print the tables."""
    parser = argparse.ArgumentParser(prog="live", description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--model", action="append", help="tiny.en, base, or a model's id")
    parser.add_argument("--notes", choices=("idle", "busy", "both"), default="both")
    parser.add_argument("--clips", action="append", default=[], help="names, or their beginning")
    parser.add_argument("--again", action="store_true", help="measure again what is known")
    asked = parser.parse_args()
    if reason := missing():
        raise SystemExit(f"live: {reason}")
    found = sessions(asked.data, asked.clips)
    if not found:
        raise SystemExit(f"live: no recordings below {asked.data}")
    say_conditions()
    results = Results(RESULTS / "live.json")
    aligner = Aligner(RESULTS / "reference_words.json")
    references = {clip.name: aligner.words(clip) for clips in found.values() for clip in clips}
    kinds = ("idle", "busy") if asked.notes == "both" else (asked.notes,)
    keys = []
    for model in asked.model or MODELS:
        batch = _batch(model, found, results, is_again=asked.again)
        for kind in kinds:
            for name, clips in found.items():
                key = f"{model} {kind} {name} {len(clips)}"
                keys.append(key)
                if asked.again or key not in results.rows():
                    session = _measure(model, clips, is_busy=kind == "busy")
                    results.put(key, row_of(session, references, batch))
                say(key, results.rows()[key])
    rows = {key: results.rows()[key] for key in keys}
    return {"live": rows, "pooled": print_tables(rows)}


def _batch(
    model: str, found: dict[str, list[Clip]], results: Results, *, is_again: bool
) -> dict[str, str]:
    """Return what the model makes of each clip in batch; kept like everything else."""
    known = results.rows()
    clips = [each for group in found.values() for each in group]
    fresh = [each for each in clips if is_again or f"batch {model} {each.name}" not in known]
    if fresh:
        with tempfile.TemporaryDirectory() as folder, Chain(Path(folder)) as chain:
            chain.load(installed(model))
            for clip in fresh:
                text = batch_text(chain, clip)
                row = {"text": text, "wer": asdict(score(clip.text, text))}
                results.put(f"batch {model} {clip.name}", row)
    known = results.rows()
    return {each.name: known[f"batch {model} {each.name}"]["text"] for each in clips}


def _measure(model: str, clips: list[Clip], *, is_busy: bool) -> Session:
    with (
        tempfile.TemporaryDirectory() as folder,
        private_server(),
        Chain(Path(folder)) as chain,
    ):
        chain.load(installed(model))
        with busy_notes(is_busy) as tokens:
            session = play_session(chain, clips, Path(folder))
            if is_busy:
                print(f"the notes engine wrote {sum(tokens)} tokens meanwhile", flush=True)
            return session


def row_of(session: Session, references: dict[str, Any], batch: dict[str, str]) -> dict[str, Any]:
    """Return the figures of one session; per clip where they are pooled later."""
    heard = session.heard
    pooled, clips = Latencies(), {}
    segments = [each.segment for each in heard.all(SegmentFinished)]
    for place in session.places:
        clip = place.clip.clip
        pooled.add(latencies(heard, place, references[clip.name]))
        text = " ".join(each.spoken for each in segments if place.holds(each))
        clips[clip.name] = clip_row(clip, text, batch[clip.name])
    committed = [word for _, word in committed_words(heard)]
    final = [word for _, word in final_words(heard)]
    named = {
        word for each in heard.all(WordsRevised) for one in each.revisions for word in one.words
    }
    lags = [each.lag_s for each in heard.all(SpeechProgressed)]
    return {
        "played_s": round(session.played_s, 1),
        "clock_drift_ms": round(session.drift_s * 1_000),
        "latencies": asdict(pooled),
        "clips": clips,
        "revised": {**asdict(revised(committed, final)), "named": len(named)},
        "final_words": len(final),
        "lag_max_s": round(max(lags, default=0.0), 2),
        "gap_samples": session.gap_samples,
    }


def clip_row(clip: Clip, text: str, batch: str) -> dict[str, Any]:
    """Return what was heard of a clip against its reference and against the batch pass."""
    return {
        "text": text,
        "wer": asdict(score(clip.text, text)),
        "batch_wer": asdict(score(clip.text, batch)),
        "against_batch": asdict(losses(batch, text, clip.text)),
    }


def say(key: str, row: dict[str, Any]) -> None:
    """Print the latencies of a session."""
    kinds = [(name, spread(values)) for name, values in row["latencies"].items()]
    print(f"\n{key}: {row['played_s']} s, clocks {row['clock_drift_ms']} ms apart, "
          f"gaps {row['gap_samples']} samples, lag at most {row['lag_max_s']} s")  # fmt: skip
    head = ("latency, s", "n", "p50", "p95", "p99", "max")
    print(table(head, [(name, *found.values()) for name, found in kinds]), flush=True)


if __name__ == "__main__":
    main()
