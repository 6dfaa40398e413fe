"""The gate opens for speech and only for speech; clips keep their place on the audio clock."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.audio.windows import FRAME, LIVE, WHOLE, Clips, Edge, Gate
from app.domain.audio import SAMPLE_RATE, Span


def run(gate: Gate, chances: list[float]) -> list[Edge]:
    return [edge for chance in chances if (edge := gate.hear(chance)) is not None]


def test_one_loud_frame_opens_nothing_live() -> None:
    assert run(Gate(LIVE), [0.0] * 20 + [0.9] + [0.0] * 20) == []


def test_speech_is_let_in_with_a_margin_on_both_sides() -> None:
    gate = Gate(LIVE)
    opened, closed = run(gate, [0.0] * 40 + [0.9] * 20 + [0.0] * 40)
    assert opened == Edge(True, 40 * FRAME - LIVE.before)
    assert closed == Edge(False, 60 * FRAME + LIVE.after)


def test_an_open_gate_says_how_long_it_is_quiet_and_where_it_would_close() -> None:
    gate = Gate(LIVE)
    run(gate, [0.9] * 20 + [0.0] * 3)
    assert (gate.quiet, gate.closing) == (3 * FRAME, 23 * FRAME)
    run(gate, [0.0] * 7)
    assert (gate.quiet, gate.closing) == (10 * FRAME, 20 * FRAME + LIVE.after)
    run(gate, [0.0] * 20)
    assert (gate.quiet, gate.is_open) == (0, False)


def test_a_short_pause_keeps_the_gate_open() -> None:
    gate = Gate(WHOLE)
    assert len(run(gate, [0.9] * 10 + [0.0] * 50 + [0.9] * 10)) == 1
    assert gate.is_open


def test_margins_of_two_stretches_never_overlap() -> None:
    gate = Gate(LIVE)
    edges = run(gate, [0.9] * 10 + [0.0] * 26 + [0.9] * 10 + [0.0] * 40)
    assert [edge.is_open for edge in edges] == [True, False, True, False]
    assert edges[1].at_sample <= edges[2].at_sample


def test_the_longest_pause_inside_a_span_is_found() -> None:
    gate = Gate(LIVE)
    run(gate, [0.9] * 10 + [0.0] * 3 + [0.9] * 10 + [0.0] * 6 + [0.9] * 10)
    assert gate.pause(Span(0, 39 * FRAME)) == Span(23 * FRAME, 29 * FRAME)
    assert gate.pause(Span(0, 5 * FRAME)) == Span(0, 0)
    assert gate.has_speech(Span(0, 39 * FRAME)) == 30 * FRAME
    gate.forget(20 * FRAME)
    assert gate.pause(Span(20 * FRAME, 39 * FRAME)) == Span(23 * FRAME, 29 * FRAME)


def test_speech_is_what_the_gate_let_in() -> None:
    gate = Gate(LIVE)
    run(gate, [0.9] + [0.0] * 20 + [0.4] * 3 + [0.9] * 10 + [0.0] * 3 + [0.4] * 5 + [0.0] * 40)
    assert gate.speech(Span(0, 90 * FRAME)) == [
        Span(24 * FRAME, 34 * FRAME),
        Span(37 * FRAME, 42 * FRAME),
    ]
    assert gate.speech(Span(30 * FRAME + 7, 32 * FRAME)) == [Span(30 * FRAME + 7, 32 * FRAME)]


def test_the_calmest_moment_is_where_speech_is_least_likely() -> None:
    gate = Gate(LIVE)
    run(gate, [0.9] * 10 + [0.6] * 5 + [0.9] * 10 + [0.5] * 3 + [0.9] * 10)
    calm = gate.calmest(Span(0, 38 * FRAME))
    assert 26 * FRAME <= calm <= 27 * FRAME
    assert gate.calmest(Span(0, 20 * FRAME)) < 15 * FRAME
    assert gate.calmest(Span(90 * FRAME, 99 * FRAME)) == 90 * FRAME


def test_closing_by_force_ends_speech_where_the_sound_ends() -> None:
    gate = Gate(LIVE)
    run(gate, [0.9] * 10)
    assert gate.shut() == Edge(False, 10 * FRAME)
    assert gate.shut() is None


@given(st.lists(st.floats(0, 1), max_size=300))
def test_edges_alternate_in_time_and_all_loud_speech_is_inside(chances: list[float]) -> None:
    gate = Gate(WHOLE)
    edges = run(gate, chances)
    if (last := gate.shut()) is not None:
        edges.append(last)
    assert [edge.is_open for edge in edges] == [i % 2 == 0 for i in range(len(edges))]
    places = [edge.at_sample for edge in edges]
    assert places == sorted(places)
    inside = np.zeros(len(chances) * FRAME + SAMPLE_RATE, bool)
    for opened, closed in zip(places[::2], places[1::2], strict=True):
        inside[opened:closed] = True
    for i, chance in enumerate(chances):
        if chance >= WHOLE.open_at:
            assert inside[i * FRAME : (i + 1) * FRAME].all()


PIECES = st.lists(st.tuples(st.integers(0, 50), st.integers(1, 50)), min_size=1, max_size=8)


@given(PIECES, st.integers(0, 300), st.integers(0, 300))
def test_clips_know_where_each_sample_was(
    pieces: list[tuple[int, int]], dropped: int, taken: int
) -> None:
    clock: list[int] = []
    clips, at = Clips(), 0
    for gap, length in pieces:
        at += gap
        clips.add(at, np.arange(at, at + length, dtype=np.float32))
        clock += range(at, at + length)
        at += length
    clips.drop(dropped)
    clock = clock[dropped:]
    assert len(clips) == len(clock)
    assert clips.head(taken).tolist() == clock[:taken]
    assert [clips.clock(i) for i in range(len(clock))] == clock
    middle = at // 2
    clips.cut_after(middle)
    assert clips.head(1_000).tolist() == [each for each in clock if each < middle]
