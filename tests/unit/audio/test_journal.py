"""What is in the journal comes back; what was damaged is a gap; nothing else ever comes."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import uuid
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.audio.journal import (
    HEADER_SIZE,
    JournalReader,
    JournalWriter,
    PartSecrets,
    part_file,
    part_numbers,
)
from app.audio.journal_format import channels_said
from app.domain.audio import Gap, GapReason, MarkKind
from app.domain.errors import CorruptError, DiskFullError, FileAccessError, TooNewError
from app.domain.ids import RecordingId, RecordingKeyId, UserId, new_id
from app.domain.ports import RecordingPlan
from app.foundation.sealing import key_pair_of, make_key_pair

PAIR = make_key_pair()


def plan_in(folder: Path, part: int = 0, recording: str = "") -> RecordingPlan:
    return RecordingPlan(
        recording=RecordingId(recording or new_id()),
        part=part,
        owner=UserId(new_id()),
        key=RecordingKeyId(new_id()),
        public_key=PAIR.public,
        folder=str(folder),
    )


def pcm(count: int, first: int = 1) -> bytes:
    return b"".join((first + n & 0x7FFF).to_bytes(2, "little") for n in range(count))


def write_visit(folder: Path) -> RecordingPlan:
    """0.5 s of sound, a gap of 100 samples, a pause of 400, sound, end: closed at 8,900."""
    plan = plan_in(folder)
    writer = JournalWriter(plan, 1_780_000_000_000)
    writer.audio(0, pcm(8_000))
    writer.gap(Gap(8_000, 100, GapReason.OVERFLOW))
    writer.audio(8_100, pcm(200, 9))
    writer.mark(MarkKind.PAUSE, 8_300)
    writer.mark(MarkKind.RESUME, 8_700)
    writer.audio(8_700, pcm(200, 5))
    writer.close(8_900)
    return plan


def test_the_bytes_are_those_of_the_published_vector(tmp_path: Path) -> None:
    private = bytes(range(0xA0, 0xC0))
    same = str(uuid.UUID(bytes=bytes(range(0x10, 0x20))))
    plan = RecordingPlan(
        recording=RecordingId(same),
        part=0,
        owner=UserId(same),
        key=RecordingKeyId(str(uuid.UUID(bytes=bytes(range(0x20, 0x30))))),
        public_key=key_pair_of(private).public,
        folder=str(tmp_path),
    )
    secrets = PartSecrets(bytes(range(0xC0, 0xE0)), bytes(7), bytes(range(0x80, 0xA0)))
    writer = JournalWriter(plan, 1_780_000_000_000, secrets)
    writer.audio(0, bytes.fromhex("0100020003000400"))
    writer.close(4)
    data = part_file(tmp_path, plan.recording, 0).read_bytes()
    assert len(data) == 280
    assert hashlib.sha256(data).hexdigest() == (
        "d19901a321d56a00f3e6f5c323a8e28c81b78a451068035901a14b2452c93e4a"
    )
    state = JournalReader(tmp_path).inspect(plan.recording, private)
    assert (state.samples, state.is_closed) == (4, True)


def test_what_was_written_comes_back_with_its_gaps_and_pauses(tmp_path: Path) -> None:
    plan = write_visit(tmp_path)
    reader = JournalReader(tmp_path)
    heard = list(reader.read(plan.recording, PAIR.private))
    assert [(each.at_sample, len(each.pcm) // 2) for each in heard] == [
        (0, 8_000),
        (8_100, 200),
        (8_700, 200),
    ]
    assert heard[1].pcm == pcm(200, 9)
    state = reader.inspect(plan.recording, PAIR.private)
    assert state.gaps == (Gap(8_000, 100, GapReason.OVERFLOW),)
    assert (state.samples, state.is_closed, state.parts, state.torn_bytes) == (8_900, True, 1, 0)


@pytest.mark.parametrize("from_sample", [1, 7_999, 8_000, 8_150, 8_899, 8_900, 99_999])
def test_reading_starts_at_any_sample(tmp_path: Path, from_sample: int) -> None:
    plan = write_visit(tmp_path)
    reader = JournalReader(tmp_path)
    whole = {
        each.at_sample + n: each.pcm[2 * n : 2 * n + 2]
        for each in reader.read(plan.recording, PAIR.private)
        for n in range(len(each.pcm) // 2)
    }
    tail = {
        each.at_sample + n: each.pcm[2 * n : 2 * n + 2]
        for each in reader.read(plan.recording, PAIR.private, from_sample)
        for n in range(len(each.pcm) // 2)
    }
    assert tail == {at: sample for at, sample in whole.items() if at >= from_sample}


def test_a_running_journal_can_be_read_and_says_that_it_is_open(tmp_path: Path) -> None:
    plan = plan_in(tmp_path)
    writer = JournalWriter(plan, 0)
    writer.audio(0, pcm(100))
    reader = JournalReader(tmp_path)
    assert [each.pcm for each in reader.read(plan.recording, PAIR.private)] == [pcm(100)]
    writer.audio(100, pcm(50))
    assert [len(each.pcm) for each in reader.read(plan.recording, PAIR.private, 100)] == [100]
    assert not reader.inspect(plan.recording, PAIR.private).is_closed
    writer.close(150)


def test_a_new_part_after_a_crash_is_read_on_and_the_gap_is_named(tmp_path: Path) -> None:
    plan = plan_in(tmp_path)
    first = JournalWriter(plan, 0)
    first.audio(0, pcm(100))
    first.abandon()
    second = JournalWriter(replace(plan, part=1, at_sample=400), 0)
    second.gap(Gap(400, 0, GapReason.RESTART))
    second.audio(400, pcm(100))
    second.close(500)
    state = JournalReader(tmp_path).inspect(plan.recording, PAIR.private)
    assert state.gaps == (Gap(100, 300, GapReason.RESTART),)
    assert (state.samples, state.is_closed, state.parts) == (500, True, 2)


def test_a_part_that_began_too_early_repeats_no_sound(tmp_path: Path) -> None:
    plan = plan_in(tmp_path)
    first = JournalWriter(plan, 0)
    first.audio(0, pcm(100))
    first.abandon()
    second = JournalWriter(replace(plan, part=1, at_sample=60), 0)
    second.audio(60, pcm(30, 61))
    second.audio(90, pcm(30, 91))
    second.close(120)
    heard = list(JournalReader(tmp_path).read(plan.recording, PAIR.private))
    assert b"".join(each.pcm for each in heard) == pcm(120)
    assert JournalReader(tmp_path).inspect(plan.recording, PAIR.private).gaps == ()


def test_a_journal_cut_anywhere_yields_no_wrong_sample_and_no_exception(tmp_path: Path) -> None:
    plan = plan_in(tmp_path)
    writer = JournalWriter(plan, 0)
    sizes = []
    for at_sample in range(0, 300, 100):
        writer.audio(at_sample, pcm(100, at_sample + 1))
        sizes.append(writer.size)
    writer.close(300)
    path = part_file(tmp_path, plan.recording, 0)
    whole = path.read_bytes()
    reader = JournalReader(tmp_path)
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        heard = b"".join(each.pcm for each in reader.read(plan.recording, PAIR.private))
        assert heard == pcm(100 * sum(cut >= size for size in sizes))
        state = reader.inspect(plan.recording, PAIR.private)
        assert not state.is_closed
        assert state.samples * 2 == len(heard)
        assert state.gaps == ()


def test_each_flipped_bit_is_a_named_error_a_gap_or_a_stop(tmp_path: Path) -> None:
    plan = plan_in(tmp_path)
    writer = JournalWriter(plan, 0)
    for at_sample in (0, 10, 20):
        writer.audio(at_sample, pcm(10, at_sample + 1))
    writer.close(30)
    path = part_file(tmp_path, plan.recording, 0)
    whole = path.read_bytes()
    reader = JournalReader(tmp_path)
    for position in range(len(whole)):
        broken = bytearray(whole)
        broken[position] ^= 1 << position % 8
        path.write_bytes(broken)
        if position < HEADER_SIZE:
            with pytest.raises((CorruptError, TooNewError)):
                reader.inspect(plan.recording, PAIR.private)
            continue
        state = reader.inspect(plan.recording, PAIR.private)
        for each in reader.read(plan.recording, PAIR.private):
            assert each.pcm == pcm(len(each.pcm) // 2, each.at_sample + 1)
        named = any(gap.reason is GapReason.DAMAGED for gap in state.gaps)
        assert named or state.torn_bytes


def test_a_damaged_record_is_a_gap_of_its_length_and_the_rest_is_heard(tmp_path: Path) -> None:
    plan = write_visit(tmp_path)
    path = part_file(tmp_path, plan.recording, 0)
    data = bytearray(path.read_bytes())
    data[HEADER_SIZE + 500] ^= 1
    path.write_bytes(data)
    reader = JournalReader(tmp_path)
    state = reader.inspect(plan.recording, PAIR.private)
    assert state.gaps[0] == Gap(0, 8_000, GapReason.DAMAGED)
    assert [each.at_sample for each in reader.read(plan.recording, PAIR.private)] == [8_100, 8_700]


def test_a_damaged_header_between_good_parts_costs_only_its_part(tmp_path: Path) -> None:
    plan = plan_in(tmp_path)
    for part in range(3):
        writer = JournalWriter(replace(plan, part=part), 0)
        writer.audio(part * 100, pcm(100))
        writer.abandon()
    path = part_file(tmp_path, plan.recording, 1)
    path.write_bytes(b"X" * 300)
    state = JournalReader(tmp_path).inspect(plan.recording, PAIR.private)
    assert state.gaps == (Gap(100, 100, GapReason.DAMAGED),)
    assert state.samples == 300


@pytest.mark.parametrize("mend", ["swapped", "doubled", "foreign"])
def test_records_cannot_be_moved(tmp_path: Path, mend: str) -> None:
    plan = plan_in(tmp_path)
    writer = JournalWriter(plan, 0)
    for at_sample in (0, 10, 20):
        writer.audio(at_sample, pcm(10))
    writer.close(30)
    path = part_file(tmp_path, plan.recording, 0)
    data = path.read_bytes()
    size = 12 + 12 + 20 + 16
    one, two = (data[HEADER_SIZE + n * size : HEADER_SIZE + (n + 1) * size] for n in (0, 1))
    rest = data[HEADER_SIZE + 2 * size :]
    renumbered = one[:8] + (1).to_bytes(4, "big") + one[12:]
    changed = {"swapped": two + one, "doubled": one + one, "foreign": one + renumbered}[mend]
    path.write_bytes(data[:HEADER_SIZE] + changed + rest)
    heard = list(JournalReader(tmp_path).read(plan.recording, PAIR.private))
    assert [each.at_sample for each in heard] == {"swapped": [], "doubled": [0]}.get(mend, [0, 20])


def test_another_key_a_newer_version_and_a_missing_journal_are_named(tmp_path: Path) -> None:
    plan = write_visit(tmp_path)
    reader = JournalReader(tmp_path)
    with pytest.raises(CorruptError):
        reader.inspect(plan.recording, make_key_pair().private)
    path = part_file(tmp_path, plan.recording, 0)
    data = bytearray(path.read_bytes())
    data[4] = 2
    path.write_bytes(data)
    with pytest.raises(TooNewError):
        reader.inspect(plan.recording, PAIR.private)
    with pytest.raises(FileAccessError):
        reader.inspect(RecordingId(new_id()), PAIR.private)


def test_two_channels_are_counted_as_one_clock_and_come_back_interleaved(tmp_path: Path) -> None:
    plan = replace(plan_in(tmp_path), channels=2)
    writer = JournalWriter(plan, 0)
    writer.audio(0, pcm(200))
    writer.gap(Gap(100, 50, GapReason.OVERFLOW))
    writer.audio(150, pcm(20))
    writer.close(160)
    assert part_file(tmp_path, plan.recording, 0).read_bytes()[64] == 2
    reader = JournalReader(tmp_path)
    heard = list(reader.read(plan.recording, PAIR.private))
    assert [(each.at_sample, each.pcm, each.channels) for each in heard] == [
        (0, pcm(200), 2),
        (150, pcm(20), 2),
    ]
    (tail,) = reader.read(plan.recording, PAIR.private, 155)
    assert (tail.at_sample, tail.pcm) == (155, pcm(20)[20:])
    state = reader.inspect(plan.recording, PAIR.private)
    assert (state.samples, state.gaps) == (160, (Gap(100, 50, GapReason.OVERFLOW),))


def test_a_part_of_other_channels_is_a_gap(tmp_path: Path) -> None:
    plan = plan_in(tmp_path)
    for part, channels in ((0, 1), (1, 2), (2, 1)):
        writer = JournalWriter(replace(plan, part=part, channels=channels), 0)
        writer.audio(part * 100, pcm(100))
        writer.close(part * 100 + 100)
    reader = JournalReader(tmp_path)
    heard = list(reader.read(plan.recording, PAIR.private))
    assert [(each.at_sample, each.channels) for each in heard] == [(0, 1), (200, 1)]
    gaps = reader.inspect(plan.recording, PAIR.private).gaps
    assert gaps == (Gap(100, 100, GapReason.DAMAGED),)


def test_what_a_part_says_of_its_channels_is_read_without_its_key(tmp_path: Path) -> None:
    plan = replace(plan_in(tmp_path), channels=2)
    JournalWriter(plan, 0).abandon()
    path = part_file(tmp_path, plan.recording, 0)
    assert channels_said(path) == 2
    data = path.read_bytes()
    for broken in (b"", data[:100], b"X" + data[1:], data[:64] + b"\x03" + data[65:]):
        path.write_bytes(broken)
        assert channels_said(path) == 0
    assert channels_said(tmp_path / "missing") == 0


def test_a_part_is_never_overwritten(tmp_path: Path) -> None:
    plan = write_visit(tmp_path)
    with pytest.raises(FileAccessError):
        JournalWriter(plan, 0)
    assert part_numbers(tmp_path, plan.recording) == (0,)


def test_the_file_is_private_and_holds_no_sound_in_the_clear(tmp_path: Path) -> None:
    plan = plan_in(tmp_path)
    writer = JournalWriter(plan, 0)
    writer.audio(0, b"ZZPHI-12" * 1_000)
    writer.close(4_000)
    path = part_file(tmp_path, plan.recording, 0)
    assert b"ZZPHI" not in path.read_bytes()
    assert sys.platform == "win32" or path.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(sys.platform != "linux", reason="mounts a tmpfs")
def test_a_full_disk_is_named_and_what_fitted_is_whole(tmp_path: Path) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(folder)]
    if os.getuid() or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("needs the right to mount a tmpfs")
    try:
        plan = plan_in(folder)
        writer = JournalWriter(plan, 0)
        written = _fill(writer)
        with pytest.raises(FileAccessError):
            writer.audio(written, pcm(10))  # its nonce is used up
        writer.close(written)
        state = JournalReader(folder).inspect(plan.recording, PAIR.private)
        assert (state.samples, state.is_closed, state.torn_bytes) == (written, True, 0)
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def _fill(writer: JournalWriter) -> int:
    """Write until the disk is full; return how many samples fitted."""
    for at_sample in range(0, 10_000_000, 8_000):
        try:
            writer.audio(at_sample, pcm(8_000))
        except DiskFullError:
            return at_sample
    pytest.fail("the disk never filled")


@given(tail=st.binary(max_size=600))
def test_garbage_after_good_records_never_raises(
    tmp_path_factory: pytest.TempPathFactory, tail: bytes
) -> None:
    folder = tmp_path_factory.mktemp("journal")
    plan = plan_in(folder)
    writer = JournalWriter(plan, 0)
    writer.audio(0, pcm(10))
    writer.abandon()
    with part_file(folder, plan.recording, 0).open("ab") as file:
        file.write(tail)
    assert JournalReader(folder).inspect(plan.recording, PAIR.private).samples == 10
