"""The window: stalls of the main thread, start, memory.

A heartbeat beats each 5 ms on the main thread. A stall is how much later than that the next beat
comes; beside it stands the processor time of the main thread in between, which other programs on
the machine do not lengthen.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QElapsedTimer, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.domain.audio import SAMPLE_RATE
from app.domain.events import ClaimGrown, ClaimWritten
from app.domain.ids import PatientId, SegmentId, VisitId, WordId
from app.domain.transcript import Segment, SpeakerRole, Word
from app.domain.visit import Identifier, Patient, Sex, Visit, VisitState
from app.ui.application import keep_for_good
from app.ui.courier import Courier
from app.ui.main_window import MainWindow
from app.ui.viewmodels.preferences import Preferences
from app.ui.views.consent import ConsentDialog
from tests.fakes.services import Stage, fill, make_stage
from tests.fakes.visits import NOW, TALK, sample_draft
from tests.fakes.world import PASSWORD, Shelf
from tests.performance.figures import percentile, table
from tests.performance.window_start import memory_mb
from tests.ui.studio import app_theme

BEAT_MS: Final = 5
VISITS: Final = 10_000
MINUTES: Final = 90
STARTS: Final = 5
GOALS: Final = {"p99_ms": 16.0, "worst_ms": 50.0, "start_s": 1.5, "memory_mb": 250.0}


@dataclass
class Watch:
    """Counts how late the beats come, in ms, and the main thread's own time between them."""

    late_ms: list[float] = field(default_factory=list)
    own_ms: list[float] = field(default_factory=list)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch while the block runs."""
        clock, timer = QElapsedTimer(), QTimer()
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        before = [time.thread_time()]

        def beat() -> None:
            self.late_ms.append(max(0.0, clock.nsecsElapsed() / 1e6 - BEAT_MS))
            now = time.thread_time()
            self.own_ms.append((now - before[0]) * 1000)
            before[0] = now
            clock.restart()

        timer.timeout.connect(beat)
        clock.start()
        timer.start(BEAT_MS)
        try:
            yield
        finally:
            timer.stop()

    def figures(self) -> dict[str, float]:
        """Return n, p99 and worst of both."""
        return {
            "n": len(self.late_ms),
            "p99_ms": round(percentile(self.late_ms, 99), 1),
            "worst_ms": round(percentile(self.late_ms, 100), 1),
            "own_p99_ms": round(percentile(self.own_ms, 99), 1),
            "own_worst_ms": round(percentile(self.own_ms, 100), 1),
        }


def settle(seconds: float) -> None:
    """Let the window work."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        QApplication.processEvents()
        time.sleep(0.0005)


def until(is_true: Callable[[], bool], timeout_s: float = 120.0) -> None:
    """Let the window work until something is true."""
    deadline_s = time.monotonic() + timeout_s
    while not is_true():
        if time.monotonic() > deadline_s:
            raise TimeoutError
        settle(0.01)


def opened(folder: Path) -> tuple[Stage, MainWindow]:
    """Return an unlocked window on services in memory."""
    app_theme().apply("light")
    courier = Courier()
    stage = make_stage(courier)
    courier.event_arrived.connect(stage.services.bus.dispatch)
    window = MainWindow(stage.services, Preferences(folder / "none.toml", courier))
    window.resize(1280, 800)
    window.show()
    account = stage.unlocking.add("Dr. Ada Miller")
    fill(stage)
    keep_for_good()  # as the program does
    window.session.unlock(account.uid, PASSWORD)
    settle(0.3)
    return stage, window


def list_visits(stage: Stage, window: MainWindow) -> dict[str, float]:
    """10,000 visits: listed, scrolled from end to end, searched by typing."""
    for number in range(VISITS):
        patient = Patient(
            PatientId(f"p{number}"), f"Family{number % 977}", f"Given{number % 89}",
            date(1930, 1, 1) + timedelta(days=number * 3), Sex.FEMALE,
            (Identifier(f"MRN {number:07d}"),),
        )  # fmt: skip
        visit = Visit(VisitId(f"many{number}"), patient, NOW, VisitState.SIGNED)
        stage.world.shelves[visit.id] = Shelf(visit)
    watch, page = Watch(), window.library_page
    with watch.watching():
        window.library.refresh()
        until(lambda: window.library.table.rowCount() > VISITS)
        bar = page.table.verticalScrollBar()
        for step in range(120):
            bar.setValue(bar.maximum() * step // 120)
            settle(0.01)
        for letter in "family12":
            QTest.keyClicks(page.search, letter)
            settle(0.08)
        until(lambda: window.library.table.rowCount() < VISITS)
    page.search.clear()
    for number in range(VISITS):
        del stage.world.shelves[VisitId(f"many{number}")]
    window.library.refresh()
    settle(0.2)
    return watch.figures()


def long_transcript(stage: Stage, window: MainWindow) -> dict[str, float]:
    """A visit of 90 minutes: opened, scrolled from end to end, searched."""
    shelf = stage.world.shelf(VisitId("v-review"))
    shelf.segments[:] = list(_segments(MINUTES))
    desk, find = window.visit_page.transcript, window.visit_page.said.finder
    watch = Watch()
    with watch.watching():
        window.open_visit("v-review")
        until(lambda: desk.document().blockCount() >= len(shelf.segments))
        bar = desk.verticalScrollBar()
        for step in range(200):
            bar.setValue(bar.maximum() * step // 200)
            settle(0.01)
        window.visit_page.said.start_finding()
        for letter in "word 1399":
            QTest.keyClicks(find, letter)
            settle(0.05)
        for _ in range(20):
            QTest.keyClick(find, Qt.Key.Key_Return)
            settle(0.02)
    return {"lines": len(shelf.segments), **watch.figures()}


def _segments(minutes: int) -> Iterator[Segment]:
    """Some 16 turns of 9 words a minute: what people say in a visit."""
    at = 0
    for number in range(minutes * 16):
        role, text = TALK[number % len(TALK)]
        texts = f"{text} word {number}".split()
        length = 60 * SAMPLE_RATE // 16
        words = tuple(
            Word(WordId(f"w{number}.{place}"), word, at + place * 6_000, at + place * 6_000 + 5_000)
            for place, word in enumerate(texts)
        )
        yield Segment(
            SegmentId(f"s{number:05d}"), " ".join(texts), role, start=at, end=at + length,
            words=words,
        )  # fmt: skip
        at += length


def stream(stage: Stage, window: MainWindow) -> dict[str, float]:
    """Levels 20 times a second, words as they come and a note that streams, beside each other."""
    window.open_visit("v4")
    until(lambda: window.visit.visit is not None and window.visit.visit.id == "v4")
    window.visit.record()
    settle(0.2)
    asked = next(each for each in window.findChildren(ConsentDialog) if each.isVisible())
    asked.agree.click()
    settle(0.2)
    stage.listening.sound_arrives()
    draft = sample_draft(VisitId("v4"))
    stage.note_making.begin(VisitId("v4"))
    watch = Watch()
    with watch.watching():
        for turn in range(160):
            stage.listening.tick(0.5, -20)
            if turn % 4 == 0:
                role, text = TALK[turn // 4 % len(TALK)]
                stage.listening.hear(text, role or SpeakerRole.PATIENT)
            section = draft.sections[turn // 40 % len(draft.sections)]
            claim = section.claims[turn % len(section.claims)] if section.claims else None
            if claim is not None:
                publish = stage.services.post.publish
                publish(ClaimGrown(VisitId("v4"), section.key, claim.text[: turn % 40]))
                if turn % 8 == 7:
                    named = replace(claim, id=type(claim.id)(f"live{turn}"))
                    publish(ClaimWritten(VisitId("v4"), section.key, named))
            settle(0.05)
    stage.listening.finish()
    settle(0.3)
    return watch.figures()


def starts(folder: Path) -> dict[str, float]:
    """The program from its order to a usable first screen, in a profile of its own."""
    found: list[dict[str, float]] = []
    for number in range(STARTS):
        home = folder / f"home{number}"
        home.mkdir(mode=0o700, parents=True)
        env = os.environ | {
            "HOME": str(home), "XDG_DATA_HOME": str(home / "data"),
            "XDG_CONFIG_HOME": str(home / "config"), "QT_QPA_PLATFORM": "offscreen",
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-m", "tests.performance.window_start", str(time.monotonic())],
            env=env, capture_output=True, text=True, check=True, timeout=60,
        )  # fmt: skip
        found.append(json.loads(done.stdout.splitlines()[-1]))
    usable = sorted(each["usable_s"] for each in found)
    return {
        "n": STARTS,
        "median_s": round(usable[STARTS // 2], 2),
        "worst_s": round(usable[-1], 2),
        "memory_mb": round(max(each["memory_mb"] for each in found), 1),
    }


def main() -> dict[str, Any]:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="window", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("bench-window"))
    chosen = parser.parse_args()
    load = os.getloadavg()[0]
    figures: dict[str, Any] = {"start": starts(chosen.folder)}
    stage, window = opened(chosen.folder)
    for name, part in (
        ("10,000 visits", list_visits), ("90 minutes", long_transcript), ("streaming", stream),
    ):  # fmt: skip
        figures[name] = part(stage, window)
    figures["memory_mb"] = round(memory_mb(), 1)
    figures["load"] = (round(load, 1), round(os.getloadavg()[0], 1))
    print(f"load {figures['load'][0]} to {figures['load'][1]}; goals {GOALS}")
    print(f"start: {figures['start']}; memory after all parts {figures['memory_mb']} MB")
    names = ("n", "p99_ms", "worst_ms", "own_p99_ms", "own_worst_ms")
    rows = [
        [name, *(figures[name][each] for each in names)]
        for name in ("10,000 visits", "90 minutes", "streaming")
    ]
    print(table(["part", *names], rows))
    return figures


if __name__ == "__main__":
    main()
