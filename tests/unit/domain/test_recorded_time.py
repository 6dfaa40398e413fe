"""The recorded time leaves out what nobody kept, and nothing else."""

from __future__ import annotations

from app.domain.audio import SAMPLE_RATE, GapReason, RecordedTime, Stretch, StretchKind


def stretch(kind: StretchKind, start_s: int, end_s: int) -> Stretch:
    reason = GapReason.DEVICE if kind is StretchKind.GAP else None
    return Stretch(start_s * SAMPLE_RATE, end_s * SAMPLE_RATE, kind, reason)


def seconds(time: RecordedTime, *at_s: int) -> list[float]:
    return [time.seconds(each * SAMPLE_RATE) for each in at_s]


def test_it_stands_still_in_a_pause_and_off_the_record() -> None:
    time = RecordedTime.of(
        [stretch(StretchKind.OFF_RECORD, 60, 90), stretch(StretchKind.PAUSE, 10, 20)]
    )
    assert seconds(time, 0, 10, 15, 20, 60, 75, 90, 100) == [0, 10, 10, 10, 50, 50, 50, 60]
    assert time.all_unkept == 40 * SAMPLE_RATE


def test_what_overlaps_is_left_out_once() -> None:
    time = RecordedTime.of(
        [
            stretch(StretchKind.PAUSE, 10, 30),
            stretch(StretchKind.OFF_RECORD, 15, 20),
            stretch(StretchKind.OFF_RECORD, 30, 40),
        ]
    )
    assert seconds(time, 25, 40, 41) == [10, 10, 11]


def test_missing_and_inaudible_sound_was_recorded_time() -> None:
    time = RecordedTime.of(
        [stretch(StretchKind.GAP, 10, 20), stretch(StretchKind.INAUDIBLE, 30, 40)]
    )
    assert seconds(time, 50) == [50]
    assert RecordedTime().seconds(SAMPLE_RATE) == 1.0
