"""What is erased is gone for good; all else reads as before, whatever happens meanwhile."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.audio.erasing import JournalEraser, is_copy
from app.audio.journal import JournalReader, JournalWriter, PartReader, part_file
from app.audio.journal_format import HEADER_SIZE, turn_file
from app.domain.audio import Gap, GapReason, MarkKind, Span, Stretch, StretchKind
from app.domain.errors import CorruptError, FileAccessError
from app.domain.ids import RecordingId, RecordingKeyId, UserId, new_id
from app.domain.ports import RecordingPlan
from app.foundation.sealing import make_key_pair

PAIR = make_key_pair()
SECRET = (PAIR.public, PAIR.private)


def plan_in(folder: Path, channels: int = 1) -> RecordingPlan:
    return RecordingPlan(
        recording=RecordingId(new_id()),
        part=0,
        owner=UserId(new_id()),
        key=RecordingKeyId(new_id()),
        public_key=PAIR.public,
        folder=str(folder),
        channels=channels,
    )


def tick(at_sample: int, channels: int) -> bytes:
    """Sound that says where it was spoken."""
    return b"".join(
        (at_sample * 2 + channel + 1 & 0xFFFF).to_bytes(2, "little") for channel in range(channels)
    )


def sound(start: int, count: int, channels: int = 1) -> bytes:
    return b"".join(tick(at, channels) for at in range(start, start + count))


def heard(folder: Path, plan: RecordingPlan) -> dict[int, bytes]:
    size = 2 * plan.channels
    found: dict[int, bytes] = {}
    for block in JournalReader(folder).read(plan.recording, PAIR.private):
        assert block.channels == plan.channels
        for number in range(len(block.pcm) // size):
            found[block.at_sample + number] = block.pcm[number * size : (number + 1) * size]
    return found


STEP = st.one_of(
    st.integers(1, 60),
    st.sampled_from(["gap", "pause", "bookmark", "restart", "long pause"]),
)


def write(plan: RecordingPlan, steps: list[int | str], *, is_closed: bool) -> None:
    """Write a visit. Restarts begin another part."""
    writer = JournalWriter(plan, 7)
    clock = 0
    for step in steps:
        if isinstance(step, int):
            writer.audio(clock, sound(clock, step, plan.channels))
            clock += step
        elif step == "gap":
            writer.gap(Gap(clock, 11, GapReason.OVERFLOW))
            clock += 11
        elif step == "bookmark":
            writer.mark(MarkKind.BOOKMARK, clock)
        elif step == "restart":
            writer.abandon()
            plan = replace(plan, part=plan.part + 1)
            writer = JournalWriter(plan, 8)
            clock += 13
            writer.gap(Gap(clock, 0, GapReason.RESTART))
        else:
            writer.mark(MarkKind.PAUSE, clock)
            clock += 17 if step == "pause" else 50
            writer.mark(MarkKind.RESUME, clock)
    if is_closed:
        writer.close(clock)
    else:
        writer.abandon()


@settings(deadline=None)
@given(
    steps=st.lists(STEP, max_size=12),
    spans=st.lists(st.tuples(st.integers(0, 300), st.integers(0, 120)), max_size=3),
    is_closed=st.booleans(),
    channels=st.sampled_from([1, 2]),
)
def test_what_is_outside_reads_the_same_and_nothing_of_the_inside_is_left(
    tmp_path_factory: pytest.TempPathFactory,
    steps: list[int | str],
    spans: list[tuple[int, int]],
    is_closed: bool,
    channels: int,
) -> None:
    folder = tmp_path_factory.mktemp("audio")
    plan = plan_in(folder, channels)
    write(plan, steps, is_closed=is_closed)
    reader = JournalReader(folder)
    before, state = heard(folder, plan), reader.inspect(plan.recording, PAIR.private)
    names = sorted(folder.iterdir())
    wanted = tuple(Span(start, start + count) for start, count in spans)
    JournalEraser(folder).erase(plan.recording, SECRET, wanted)
    inside = {at for span in wanted for at in range(span.start, span.end)}
    assert heard(folder, plan) == {at: tick for at, tick in before.items() if at not in inside}
    after = reader.inspect(plan.recording, PAIR.private)
    assert sorted(folder.iterdir()) == names
    assert (after.samples, after.is_closed, after.parts) == (state.samples, is_closed, state.parts)
    assert after.gaps == state.gaps
    erased = {
        at
        for each in after.stretches
        if each.kind is StretchKind.OFF_RECORD
        for at in range(each.start, each.end)
    }
    assert set(before) & inside <= erased <= inside
    kept = [each for each in after.stretches if each.kind is not StretchKind.OFF_RECORD]
    assert kept == list(state.stretches)


def test_the_old_keys_open_nothing_any_more(tmp_path: Path) -> None:
    plan = plan_in(tmp_path)
    write(plan, [100, "restart", 100], is_closed=True)
    first, second = (part_file(tmp_path, plan.recording, part) for part in (0, 1))
    old, untouched = first.read_bytes(), second.read_bytes()
    JournalEraser(tmp_path).erase(plan.recording, SECRET, (Span(10, 20),))
    new = first.read_bytes()
    assert new[:66] == old[:66]  # what it is; channels and start follow
    assert new[66:HEADER_SIZE] != old[66:HEADER_SIZE]  # nonce prefix and sealed key are fresh
    assert new[HEADER_SIZE : HEADER_SIZE + 100] != old[HEADER_SIZE : HEADER_SIZE + 100]
    assert second.read_bytes() == untouched


def test_erased_twice_is_erased(tmp_path: Path) -> None:
    plan = plan_in(tmp_path)
    write(plan, [100, 100], is_closed=True)
    eraser = JournalEraser(tmp_path)
    eraser.erase(plan.recording, SECRET, (Span(50, 150),))
    eraser.erase(plan.recording, SECRET, (Span(40, 60), Span(140, 160)))
    assert sorted(heard(tmp_path, plan)) == [*range(40), *range(160, 200)]
    stretches = JournalReader(tmp_path).inspect(plan.recording, PAIR.private).stretches
    assert {each.kind for each in stretches} == {StretchKind.OFF_RECORD}
    assert (stretches[0].start, max(each.end for each in stretches)) == (40, 160)


@pytest.mark.parametrize("where", [Span(0, 10), Span(95, 130), Span(250, 260)])
def test_damaged_sound_in_a_span_goes_too(tmp_path: Path, where: Span) -> None:
    """A cipher that only adds could be opened although its tag is wrong."""
    plan = plan_in(tmp_path)
    write(plan, [100, 100, 100], is_closed=True)
    path = part_file(tmp_path, plan.recording, 0)
    data = bytearray(path.read_bytes())
    at = HEADER_SIZE + 240 + 20  # in the second record
    data[at] ^= 1
    path.write_bytes(data)
    secret = bytes(data[at : at + 150])
    reader = JournalReader(tmp_path)
    before = reader.inspect(plan.recording, PAIR.private)
    JournalEraser(tmp_path).erase(plan.recording, SECRET, (where,))
    after = reader.inspect(plan.recording, PAIR.private)
    assert (after.samples, after.gaps) == (before.samples, before.gaps)
    assert secret not in path.read_bytes()


def test_a_part_that_cannot_be_read_is_refused_when_a_span_may_lie_in_it(tmp_path: Path) -> None:
    plan = plan_in(tmp_path)
    write(plan, [100, "restart", 100, "restart", 100], is_closed=True)
    path = part_file(tmp_path, plan.recording, 1)
    path.write_bytes(b"X" + path.read_bytes()[1:])
    eraser = JournalEraser(tmp_path)
    before = {each: each.read_bytes() for each in tmp_path.iterdir()}
    with pytest.raises(CorruptError):
        eraser.erase(plan.recording, SECRET, (Span(90, 120),))
    assert {each: each.read_bytes() for each in tmp_path.iterdir()} == before
    eraser.erase(plan.recording, SECRET, (Span(0, 90), Span(250, 300)))
    assert sorted(heard(tmp_path, plan)) == [*range(90, 100), *range(226, 250), *range(300, 326)]
    with pytest.raises(CorruptError):
        eraser.erase(plan.recording, (PAIR.public, make_key_pair().private), (Span(0, 5),))
    with pytest.raises(FileAccessError):
        eraser.erase(RecordingId(new_id()), SECRET, (Span(0, 5),))


def test_a_new_part_is_held_against_the_old_one(tmp_path: Path) -> None:
    plan = plan_in(tmp_path)
    write(plan, [50, 50, 50], is_closed=True)
    path = part_file(tmp_path, plan.recording, 0)
    span = Span(60, 70)
    old = tmp_path / "old"
    old.write_bytes(path.read_bytes())
    JournalEraser(tmp_path).erase(plan.recording, SECRET, (span,))
    whole = path.read_bytes()
    flipped = whole[:-30] + bytes([whole[-30] ^ 1]) + whole[-29:]
    found = []
    for data in (whole, whole + b"X", whole[:-1], whole[:-44], flipped, old.read_bytes()):
        path.write_bytes(data)
        parts = [PartReader(each, PAIR.private, plan.recording, 0) for each in (old, path)]
        found.append(is_copy(parts[0], parts[1], (span,)))
    assert found == [True, False, False, False, False, False]


ERASE = """
import sys
from pathlib import Path
from app.audio.erasing import JournalEraser
from app.domain.audio import Span
folder, recording, public, private = sys.argv[1:]
eraser = JournalEraser(Path(folder))
print("ready", flush=True)
eraser.erase(recording, (bytes.fromhex(public), bytes.fromhex(private)),
             (Span(1_000, 30_000), Span(45_000, 95_000)))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kills by signal")
def test_a_kill_at_any_moment_leaves_the_old_or_the_new_journal(tmp_path: Path) -> None:
    """Real processes are killed at moments spread over what an erasure takes."""
    dice = random.Random(3)
    seen: list[str] = []
    whole_s = 0.0
    for turn in range(14):
        folder = tmp_path / str(turn)
        folder.mkdir()
        plan = plan_in(folder)
        write_long(plan)
        before = heard(folder, plan)
        inside = {*range(1_000, 30_000), *range(45_000, 95_000)}
        after = {at: tick for at, tick in before.items() if at not in inside}
        began_s = time.monotonic()
        _erase_and_kill(folder, plan, None if not turn else whole_s * dice.random() * 0.6)
        whole_s = whole_s or time.monotonic() - began_s
        found = heard(folder, plan)
        assert found in (before, after)
        seen.append("new" if found == after else "old")
        was_turned = turn_file(folder, plan.recording).exists()
        JournalEraser(folder).settle_all()
        assert heard(folder, plan) == found
        assert sorted(path.suffix for path in folder.iterdir()) == [".saj"] * 2
        assert not was_turned or found == after
    print(f"an erasure took {whole_s:.2f} s; killed journals were {seen}")


def write_long(plan: RecordingPlan) -> None:
    block = bytes(range(256)) * 2
    for part in (0, 1):
        writer = JournalWriter(replace(plan, part=part), 7)
        for at_sample in range(part * 50_000, part * 50_000 + 50_000, 250):
            writer.audio(at_sample, block[:500])
        writer.close(part * 50_000 + 50_000)


def _erase_and_kill(folder: Path, plan: RecordingPlan, after_s: float | None) -> None:
    root = Path(__file__).parents[3]
    process = subprocess.Popen(
        [sys.executable, "-c", ERASE, str(folder), plan.recording,
         PAIR.public.hex(), PAIR.private.hex()],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(root)},
    )  # fmt: skip
    assert process.stdout is not None
    with process.stdout as output:
        assert output.readline() == b"ready\n"
        if after_s is not None:
            time.sleep(after_s)  # the moment is what is tested
            process.send_signal(signal.SIGKILL)
        process.wait(30)


@pytest.mark.parametrize("steps", range(12))
def test_a_crash_between_any_two_steps_leaves_the_old_or_the_new_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    plan = plan_in(tmp_path)
    write(plan, [100, "restart", 100], is_closed=True)
    before = heard(tmp_path, plan)
    _crash_after(monkeypatch, steps)
    with pytest.raises(PowerCutError):
        JournalEraser(tmp_path).erase(plan.recording, SECRET, (Span(50, 150),))
    monkeypatch.undo()
    found = heard(tmp_path, plan)
    assert found in (before, {at: tick for at, tick in before.items() if not 50 <= at < 150})
    JournalEraser(tmp_path).settle_all()
    assert heard(tmp_path, plan) == found
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".saj"] * 2


class PowerCutError(BaseException):
    """Stands for the end of the process."""


def _crash_after(patch: pytest.MonkeyPatch, steps: int) -> None:
    """Let so many changes of the folder happen, then none."""
    left = [steps]

    def counted(name: str, owner: object) -> None:
        real = getattr(owner, name)

        def step(*arguments: object, **names: object) -> object:
            if not left[0]:
                raise PowerCutError
            left[0] -= 1
            return real(*arguments, **names)

        patch.setattr(owner, name, step)

    counted("open", os)
    counted("replace", Path)
    counted("unlink", Path)


def test_a_removed_journal_leaves_no_file(tmp_path: Path) -> None:
    plan = plan_in(tmp_path)
    write(plan, [100], is_closed=True)
    other = plan_in(tmp_path)
    write(other, [100], is_closed=True)
    part_file(tmp_path, plan.recording, 0).with_suffix(".saj.new").write_bytes(b"half")
    JournalEraser(tmp_path).remove(plan.recording)
    assert list(tmp_path.iterdir()) == [part_file(tmp_path, other.recording, 0)]


def test_stretches_are_told_in_order_and_open_ones_end_with_the_journal(tmp_path: Path) -> None:
    plan = plan_in(tmp_path)
    writer = JournalWriter(plan, 0)
    writer.audio(0, sound(0, 100))
    writer.mark(MarkKind.BOOKMARK, 100)
    writer.mark(MarkKind.OFF_RECORD_BEGIN, 100)
    writer.mark(MarkKind.OFF_RECORD_END, 150)
    writer.audio(150, sound(150, 50))
    writer.gap(Gap(200, 30, GapReason.DEVICE))
    writer.mark(MarkKind.PAUSE, 230)
    writer.mark(MarkKind.BOOKMARK, 240)
    writer.abandon()
    state = JournalReader(tmp_path).inspect(plan.recording, PAIR.private)
    assert state.stretches == (
        Stretch(100, 100, StretchKind.BOOKMARK),
        Stretch(100, 150, StretchKind.OFF_RECORD),
        Stretch(200, 230, StretchKind.GAP, GapReason.DEVICE),
        Stretch(230, 240, StretchKind.PAUSE),
        Stretch(240, 240, StretchKind.BOOKMARK),
    )
    assert state.gaps == (Gap(200, 30, GapReason.DEVICE),)
