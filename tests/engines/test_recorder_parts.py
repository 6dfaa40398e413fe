"""The parts of the recorder that need no process: pen, tee, loss meter, warnings, traces."""

from __future__ import annotations

import contextlib
import io
import os
import random
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

from app.audio.journal import JournalReader, JournalWriter
from app.domain.audio import GapReason, MarkKind
from app.domain.ids import RecordingId, RecordingKeyId, UserId, new_id
from app.domain.ports import RecordingPlan
from app.engine_host.host import Outlet
from app.engine_host.recorder.loss_meter import LossMeter
from app.engine_host.recorder.pen import Pen
from app.engine_host.recorder.recording import PREROLL_SAMPLES, Preroll
from app.engine_host.recorder.tee import MAX_AUDIO, MAX_LEVELS, Tee
from app.engines.traces import RecorderState, RecorderStatus, Traces
from app.engines.wire import Frame, read_frame
from app.foundation.sealing import make_key_pair

PAIR = make_key_pair()


class Reading:
    """The app's end of a pipe, which reads nothing until it is asked to."""

    def __init__(self) -> None:
        read_end, write_end = os.pipe()
        self._stream = os.fdopen(read_end, "rb")
        self._far_end = os.fdopen(write_end, "wb")
        self.outlet = Outlet(self._far_end)

    def frame(self) -> Frame:
        frame = read_frame(self._stream)
        assert frame is not None
        return frame

    def leave(self) -> None:
        self._stream.close()

    def end(self, tee: Tee) -> None:
        """Close both ends, so that the tee's thread leaves."""
        tee.close()
        self.leave()
        for thread in threading.enumerate():
            if thread.name == "tee":
                thread.join(10)
        with contextlib.suppress(OSError):
            self._far_end.close()


def plan_in(folder: Path) -> RecordingPlan:
    return RecordingPlan(
        recording=RecordingId(new_id()),
        part=0,
        owner=UserId(new_id()),
        key=RecordingKeyId(new_id()),
        public_key=PAIR.public,
        folder=str(folder),
    )


@given(
    steps=st.lists(
        st.one_of(
            st.integers(1, 20_000),
            st.sampled_from([MarkKind.PAUSE, MarkKind.RESUME]),
            st.sampled_from([GapReason.OVERFLOW, GapReason.DEVICE]),
        ),
        max_size=12,
    )
)
def test_whatever_happens_the_journal_holds_what_was_heard_where_it_was_heard(
    tmp_path_factory: pytest.TempPathFactory, steps: list[int | MarkKind | GapReason]
) -> None:
    folder = tmp_path_factory.mktemp("audio")
    plan = plan_in(folder)
    tee = Tee(Outlet(io.BytesIO()), waits=False)
    pen = Pen(JournalWriter(plan, 0), tee, 0)
    expected: dict[int, int] = {}
    lost = 0
    for step in steps:
        if isinstance(step, MarkKind):
            pen.mark(step)
        elif isinstance(step, GapReason):
            lost += 0 if pen.is_paused else 50
            pen.lose(step, 50)
        else:
            pcm = (np.arange(pen.clock, pen.clock + step) % 30_000 + 1).astype(np.int16)
            if not pen.is_paused:
                expected |= dict(enumerate(pcm.tolist(), pen.clock))
            pen.hear(pcm)
    pen.finish()
    tee.drain(10)
    tee.close()
    reader = JournalReader(folder)
    found: dict[int, int] = {}
    for block in reader.read(plan.recording, PAIR.private):
        found |= dict(enumerate(np.frombuffer(block.pcm, "<i2").tolist(), block.at_sample))
    assert found == expected
    state = reader.inspect(plan.recording, PAIR.private)
    assert (state.is_closed, state.samples) == (True, pen.clock)
    assert sum(gap.count for gap in state.gaps) == lost


@given(counts=st.lists(st.integers(1, 20_000), max_size=12))
def test_the_preroll_is_the_newest_two_seconds(counts: list[int]) -> None:
    preroll = Preroll()
    whole = np.arange(sum(counts)).astype(np.int16)
    at = 0
    for count in counts:
        preroll.keep(whole[at : at + count])
        at += count
    kept = preroll.take()
    assert (kept is None) == (not counts)
    if kept is not None:
        assert np.array_equal(kept, whole[-PREROLL_SAMPLES:])
    assert preroll.take() is None


def test_marks_end_what_they_began_and_bookmarks_change_nothing(tmp_path: Path) -> None:
    plan = plan_in(tmp_path)
    tee = Tee(Outlet(io.BytesIO()), waits=False)
    pen = Pen(JournalWriter(plan, 0), tee, 0)
    second = np.ones(16_000, np.int16)
    orders = (
        MarkKind.RESUME,  # of nothing
        MarkKind.BOOKMARK,
        MarkKind.PAUSE,
        MarkKind.BOOKMARK,
        MarkKind.OFF_RECORD_BEGIN,
        MarkKind.OFF_RECORD_BEGIN,
        MarkKind.RESUME,
        MarkKind.OFF_RECORD_END,
    )
    for order in orders:
        pen.hear(second)
        pen.mark(order)
    pen.finish()
    tee.close()
    state = JournalReader(tmp_path).inspect(plan.recording, PAIR.private)
    assert [
        (each.kind.value, each.start // 16_000, each.end // 16_000) for each in state.stretches
    ] == [
        ("bookmark", 2, 2),
        ("pause", 3, 5),
        ("bookmark", 4, 4),
        ("off_record", 5, 7),
    ]
    assert state.gaps == ()


class Witness(Tee):
    """A tee that looks into the journal each time it is told of sound."""

    def __init__(self, plan: RecordingPlan) -> None:
        super().__init__(Outlet(io.BytesIO()), waits=False)
        self._plan = plan
        self.told = b""

    @override
    def audio(self, at_sample: int, pcm: bytes) -> None:
        reader = JournalReader(Path(self._plan.folder))
        self.told += pcm
        on_disk = reader.read(self._plan.recording, PAIR.private)
        assert b"".join(block.pcm for block in on_disk) == self.told


def test_sound_is_told_only_when_the_journal_has_it(tmp_path: Path) -> None:
    plan = plan_in(tmp_path)
    witness = Witness(plan)
    pen = Pen(JournalWriter(plan, 0), witness, 0)
    for count in (1_000, 1_000, 20_000, 5_000):
        pen.hear(np.ones(count, np.int16))
        assert pen.has_started == bool(witness.told)
    pen.finish()
    assert len(witness.told) == 2 * 27_000
    witness.close()


def test_an_app_that_does_not_read_holds_up_no_microphone_and_is_told_what_it_missed() -> None:
    reading = Reading()
    tee = Tee(reading.outlet, waits=False)
    block = bytes(16_000)
    for number in range(MAX_AUDIO + 50):  # far more than a pipe holds; never blocks
        tee.audio(number * 8_000, block)
        tee.level(Frame("level"))
    frames = [reading.frame() for _ in range(10)]  # it reads again
    tee.audio(2_000_000, block)
    while frames[-1].kind != "dropped":
        frames.append(reading.frame())
    heard = [frame.fields["at_sample"] for frame in frames if frame.kind == "audio"]
    assert heard == [number * 8_000 for number in range(len(heard))]
    assert len(heard) >= MAX_AUDIO
    missed = {"at_sample": len(heard) * 8_000, "count": 2_000_000 - len(heard) * 8_000}
    assert frames[-1].fields == missed
    assert reading.frame().fields["at_sample"] == 2_000_000
    assert [frame.kind for frame in frames].count("level") <= MAX_LEVELS
    reading.end(tee)


def test_a_file_waits_for_the_app_until_the_app_is_gone() -> None:
    reading = Reading()
    tee = Tee(reading.outlet, waits=True)
    done = threading.Event()

    def tell() -> None:
        for number in range(2 * MAX_AUDIO):
            tee.audio(number, bytes(16_000))
        done.set()

    writer = threading.Thread(target=tell)
    writer.start()
    for number in range(MAX_AUDIO // 2):
        assert reading.frame().fields["at_sample"] == number
    assert not done.is_set()
    reading.leave()
    assert done.wait(10)
    writer.join()
    reading.end(tee)


def test_late_blocks_and_a_slow_clock_are_no_loss() -> None:
    dice = random.Random(7)
    meter = LossMeter(48_000)
    for block in range(1, 200 * 50):
        now_s = block * 0.02 * 1.0001 + dice.choice([0.0, 0.01, 0.08, 0.4])  # 100 ppm, jitter
        assert meter.note(block * 960, now_s) == 0.0


@pytest.mark.parametrize("lost_s", [0.15, 1.0, 30.0])
def test_what_a_driver_dropped_is_measured_once(lost_s: float) -> None:
    meter = LossMeter(48_000)
    found = [
        meter.note(block * 960, block * 0.02 + (lost_s if block > 500 else 0.0))
        for block in range(1, 2_000)
    ]
    losses = [each for each in found if each]
    assert losses == pytest.approx([lost_s], abs=0.01)


def test_the_status_comes_back_and_garbage_is_nothing(tmp_path: Path) -> None:
    traces = Traces(tmp_path, RecordingId(new_id()))
    assert traces.read_status() is None
    status = RecorderStatus(RecorderState.PAUSED, 16_000, 1, 12.5, -20.5, is_alone=True)
    traces.write_status(status)
    assert traces.read_status() == status
    for garbage in (b"", b"[]", b"{}", b"\xff", b'{"state": "dancing"}'):
        traces.status.write_bytes(garbage)
        assert traces.read_status() is None
    traces.remove()
    assert list(tmp_path.iterdir()) == []


def test_looking_for_a_recorder_leaves_no_file(tmp_path: Path) -> None:
    assert not Traces(tmp_path, RecordingId(new_id())).is_living
    assert list(tmp_path.iterdir()) == []
