"""A file recorded through the real child, and what happens when somebody dies meanwhile."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile  # type: ignore[import-untyped]  # ships no types

from app.audio.journal import JournalReader
from app.domain.audio import MarkKind, Stretch, StretchKind
from app.domain.errors import AlreadyRecordingError
from app.domain.events import (
    Bookmarked,
    ChildEnded,
    GapNoted,
    LevelMeasured,
    RecordingFailed,
    RecordingFinished,
    RecordingPaused,
    RecordingResumed,
    RecordingStarted,
    TroubleArose,
)
from app.domain.ids import ConsentId, RecordingId
from app.engines.recorder import (
    Recorder,
    finish_living,
    leave_note,
    living_recordings,
    recorder_status,
)
from app.engines.traces import RecorderState
from tests.engines.recording_desk import (
    CLIP,
    CLIP_SAMPLES,
    App,
    Desk,
    clip,
    consent,
    eventually,
    kill_recorder,
    recorder_pids,
)

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path / "audio")
    yield desk
    desk.leave()


def test_a_file_becomes_a_closed_journal_and_the_app_hears_all_of_it(desk: Desk) -> None:
    began_s = time.monotonic()
    desk.start(replace(desk.plan, file=str(CLIP)))
    assert desk.wait_for(RecordingFinished).samples == CLIP_SAMPLES
    print(f"11 s of file recorded in {time.monotonic() - began_s:.2f} s")
    assert np.array_equal(desk.sound(), clip())
    state = desk.state()
    assert (state.samples, state.is_closed, state.gaps) == (CLIP_SAMPLES, True, ())
    assert b"".join(pcm for _, pcm in desk.audio) == clip().tobytes()
    ends = [at + len(pcm) // 2 for at, pcm in desk.audio]
    assert [at for at, _ in desk.audio] == [0, *ends[:-1]]
    kinds = [type(event) for event in desk.said if not isinstance(event, LevelMeasured)]
    assert kinds == [RecordingStarted, RecordingFinished]
    assert desk.heard(LevelMeasured)
    assert eventually(lambda: [each.suffix for each in desk.folder.iterdir()] == [".saj"])


def test_a_second_recording_is_refused_while_one_runs_and_possible_afterwards(desk: Desk) -> None:
    desk.start(replace(desk.plan, file=str(CLIP), realtime=True))
    with pytest.raises(AlreadyRecordingError):
        desk.recorder.start(consent(), desk.plan)
    desk.end()
    again = Desk(desk.folder)
    again.start(replace(again.plan, file=str(CLIP)))
    again.wait_for(RecordingFinished)
    again.leave()


def test_realtime_means_the_speed_of_talk_and_finish_ends_it_in_order(desk: Desk) -> None:
    desk.start(replace(desk.plan, file=str(CLIP), realtime=True))
    desk.wait_for(RecordingStarted)
    began_s = time.monotonic()
    desk.wait_for_sound(2.0)
    assert time.monotonic() - began_s > 1.0  # not as fast as the disk
    samples = desk.end()
    assert samples < CLIP_SAMPLES / 2
    assert np.array_equal(desk.sound(), clip()[:samples])
    assert desk.state().is_closed


def test_a_paused_file_waits(desk: Desk) -> None:
    desk.start(replace(desk.plan, file=str(CLIP), realtime=True))
    desk.wait_for(RecordingStarted)
    desk.recorder.mark(MarkKind.PAUSE)
    paused = desk.wait_for(RecordingPaused)
    desk.recorder.mark(MarkKind.PAUSE)  # twice is once
    desk.recorder.mark(MarkKind.RESUME)
    assert desk.wait_for(RecordingResumed).at_sample == paused.at_sample
    assert len(desk.heard(RecordingPaused)) == 1
    samples = desk.end()
    assert np.array_equal(desk.sound(), clip()[:samples])


@pytest.mark.parametrize("pace", [4.0, 20.0])
def test_a_file_is_played_faster_than_talk_and_no_lateness_adds_up(desk: Desk, pace: float) -> None:
    """Frozen for a moment, it catches up: the end comes when it is due."""
    desk.start(replace(desk.plan, file=str(CLIP), realtime=True, pace=pace))
    desk.wait_for(RecordingStarted)
    began_s = time.monotonic()
    if sys.platform == "linux":
        (pid,) = recorder_pids()
        os.kill(pid, signal.SIGSTOP)
        time.sleep(0.3)  # less than the file lasts
        os.kill(pid, signal.SIGCONT)
    assert desk.wait_for(RecordingFinished).samples == CLIP_SAMPLES
    lasted_s = time.monotonic() - began_s
    due_s = CLIP_SAMPLES / 16_000 / pace
    print(f"pace {pace}: {lasted_s:.2f} s for {due_s:.2f} s")
    assert due_s - 0.3 < lasted_s < due_s + 0.6
    assert np.array_equal(desk.sound(), clip())


def test_a_bookmark_is_told_and_changes_nothing_else(desk: Desk) -> None:
    desk.start(replace(desk.plan, file=str(CLIP), realtime=True))
    desk.wait_for_sound(1.0)
    desk.recorder.mark(MarkKind.BOOKMARK)
    at_sample = desk.wait_for(Bookmarked).at_sample
    desk.wait_for_sound(2.0)
    samples = desk.end()
    state = desk.state()
    assert state.stretches == (Stretch(at_sample, at_sample, StretchKind.BOOKMARK),)
    assert np.array_equal(desk.sound(), clip()[:samples])
    assert not desk.heard(RecordingPaused)
    assert b"".join(pcm for _, pcm in desk.audio) == clip()[:samples].tobytes()


def test_withdrawn_consent_ends_the_recording_at_once(desk: Desk) -> None:
    desk.start(replace(desk.plan, file=str(CLIP), realtime=True))
    desk.wait_for(RecordingStarted)
    desk.recorder.mark(MarkKind.CONSENT_WITHDRAWN)
    assert desk.wait_for(RecordingFinished).samples < CLIP_SAMPLES
    assert desk.state().is_closed


@pytest.mark.parametrize(
    ("content", "code", "reason"),
    [
        (b"", "audio_file", "empty"),
        (b"Dear patient, this is a letter." * 99, "audio_file", "unknown"),
        (None, "file_access", None),
    ],
)
def test_what_is_no_sound_fails_with_its_reason(
    desk: Desk, tmp_path: Path, content: bytes | None, code: str, reason: str | None
) -> None:
    path = tmp_path / "visit.wav"
    if content is not None:
        path.write_bytes(content)
    desk.start(replace(desk.plan, file=str(path)))
    failed = desk.wait_for(RecordingFailed)
    assert (failed.code, dict(failed.facts).get("reason")) == (code, reason)
    assert desk.state().samples == 0


def test_a_cut_file_is_recorded_as_far_as_it_goes_and_said_to_be_cut(
    desk: Desk, tmp_path: Path
) -> None:
    path = tmp_path / "cut.flac"
    data = CLIP.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    desk.start(replace(desk.plan, file=str(path)))
    samples = desk.wait_for(RecordingFinished).samples
    assert 0 < samples < CLIP_SAMPLES
    assert desk.heard(TroubleArose) == [TroubleArose("audio_file", (("reason", "cut"),))]


def test_without_a_consent_nothing_is_written(desk: Desk) -> None:
    empty = replace(consent(), consent=ConsentId(""))
    desk.recorder.start(empty, replace(desk.plan, file=str(CLIP)))
    assert desk.failed_with() == "consent_missing"
    assert not desk.folder.exists()


@linux_only
def test_a_killed_recorder_is_replaced_and_no_sample_of_a_file_is_lost(desk: Desk) -> None:
    desk.start(replace(desk.plan, file=str(CLIP), realtime=True))
    desk.wait_for_sound(1.0)
    killed_s = time.monotonic()
    kill_recorder()
    assert desk.wait_for(ChildEnded) == ChildEnded("recorder", -signal.SIGKILL, 0.0)
    heard_s = desk.seconds()
    assert eventually(lambda: desk.seconds() > heard_s)
    print(f"recorder killed: sound again after {time.monotonic() - killed_s:.2f} s")
    samples = desk.end()
    state = desk.state()
    assert (state.parts, state.is_closed, state.samples, state.gaps) == (2, True, samples, ())
    assert np.array_equal(desk.sound(), clip()[:samples])
    assert len(desk.heard(RecordingStarted)) == 1


@linux_only
def test_a_recorder_that_dies_all_the_time_is_given_up_with_a_reason(desk: Desk) -> None:
    desk.start(replace(desk.plan, file=str(CLIP), realtime=True))
    desk.wait_for(RecordingStarted)
    desk.recorder.finish()
    kill_recorder()  # while it finishes: nothing is started again
    kinds = (RecordingFinished, RecordingFailed)
    assert eventually(lambda: any(isinstance(each, kinds) for each in desk.said))
    assert desk.state().parts == 1


@linux_only
def test_a_killed_app_does_not_end_the_recording_of_a_file(tmp_path: Path) -> None:
    app = App(tmp_path, file=str(CLIP), realtime=True)
    app.kill()
    reader = JournalReader(tmp_path)
    # Alone it hurries: nobody listens, so it is read to its end and closed.
    assert eventually(lambda: not living_recordings(tmp_path))
    state = reader.inspect(app.recording, app.key)
    assert (state.samples, state.is_closed) == (CLIP_SAMPLES, True)


@linux_only
def test_a_frozen_app_holds_up_no_one_and_is_found_by_the_next_start(tmp_path: Path) -> None:
    app = App(tmp_path, file=str(CLIP), realtime=True)
    os.kill(app.process.pid, signal.SIGSTOP)
    reader = JournalReader(tmp_path)
    before = reader.inspect(app.recording, app.key).samples
    assert eventually(lambda: reader.inspect(app.recording, app.key).samples > before + 16_000)
    assert living_recordings(tmp_path) == (app.recording,)
    leave_note(tmp_path, app.recording, "pause")
    assert eventually(lambda: state_of(tmp_path, app.recording) is RecorderState.PAUSED)
    leave_note(tmp_path, app.recording, "resume")
    assert eventually(lambda: state_of(tmp_path, app.recording) is RecorderState.RECORDING)
    app.kill()
    assert finish_living(tmp_path, app.recording, 20)
    assert reader.inspect(app.recording, app.key).is_closed
    assert living_recordings(tmp_path) == ()


def state_of(folder: Path, recording: RecordingId) -> RecorderState | None:
    status = recorder_status(folder, recording)
    return status.state if status is not None else None


@linux_only
def test_a_long_recording_takes_no_more_memory_than_a_short_one(desk: Desk, tmp_path: Path) -> None:
    """Twenty minutes, the second ten against the first: some 2 MB are taken in the first one."""
    path = tmp_path / "long.wav"
    with soundfile.SoundFile(path, "w", 16_000, 1, subtype="PCM_16") as file:
        for _ in range(110):
            file.write(clip())
    desk.start(replace(desk.plan, file=str(path), realtime=True, pace=120.0))
    desk.wait_for_sound(600.0)
    (pid,) = recorder_pids()
    early_mb = resident_mb(pid)
    desk.wait_for_sound(1_150.0)
    grown_mb = resident_mb(pid) - early_mb
    print(f"recorder: {early_mb:.1f} MB after 10 minutes, {grown_mb:+.1f} MB after 19")
    assert desk.wait_for(RecordingFinished).samples == 110 * CLIP_SAMPLES
    assert grown_mb < 2


def resident_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


def test_closing_without_a_recording_is_nothing() -> None:
    recorder = Recorder(print, print)
    recorder.finish()
    recorder.mark(MarkKind.PAUSE)
    recorder.close()


def test_no_gap_is_told_where_none_is(desk: Desk) -> None:
    desk.start(replace(desk.plan, file=str(CLIP)))
    desk.wait_for(RecordingFinished)
    assert not desk.heard(GapNoted)


@linux_only
def test_the_recorder_closes_its_memory_and_gains_no_rights(desk: Desk) -> None:
    desk.start(replace(desk.plan, file=str(CLIP), realtime=True))
    desk.wait_for(RecordingStarted)
    (pid,) = recorder_pids()
    status = Path(f"/proc/{pid}/status").read_text()
    assert "NoNewPrivs:\t1" in status
    limits = Path(f"/proc/{pid}/limits").read_text()
    assert "Max core file size        0                    0" in limits
    desk.end()
