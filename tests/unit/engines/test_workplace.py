"""Disk, swap, space and clock, read from a made-up /proc and /sys."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from app.engines.memory_plan import SMALL_WINDOW, WINDOW, Kept, kept, note_outlook, plan_memory
from app.engines.workplace import FIRST_DAY_S, clock, encryption, look_around, space, swap
from tests.unit.engines.packs import Workshop


@pytest.fixture
def system(tmp_path: Path) -> Path:
    (tmp_path / "proc").mkdir()
    return tmp_path


def device(system: Path, uuid: str = "", *below: str) -> Path:
    """Make the block device that this very folder lies on, as /sys shows it."""
    number = system.stat().st_dev
    made = system / f"sys/dev/block/{os.major(number)}:{os.minor(number)}"
    (made / "dm").mkdir(parents=True)
    (made / "dm/uuid").write_text(uuid + "\n")
    for index, name in enumerate(below):
        (made / f"slaves/d{index}/dm").mkdir(parents=True)
        (made / f"slaves/d{index}/dm/uuid").write_text(name)
    return made


def test_a_crypt_mapping_is_encrypted(system: Path) -> None:
    device(system, "CRYPT-LUKS2-abc")
    assert encryption(system / "not" / "yet", system).state == "ok"


def test_a_volume_on_crypt_mappings_is_encrypted(system: Path) -> None:
    device(system, "LVM-x", "CRYPT-LUKS2-a", "CRYPT-LUKS2-b")
    assert encryption(system, system).state == "ok"


def test_one_plain_disk_below_makes_it_plain(system: Path) -> None:
    device(system, "LVM-x", "CRYPT-LUKS2-a", "part-1")
    found = encryption(system, system)
    assert (found.state, found.detail) == ("warning", "plain")


def test_what_the_system_does_not_tell_is_unknown(system: Path, tmp_path: Path) -> None:
    assert encryption(system, system).state == "unknown"
    elsewhere = tmp_path / "no" / "proc"
    elsewhere.mkdir(parents=True)
    assert encryption(system, elsewhere).state == "unknown"
    assert swap(elsewhere).state == "unknown"
    assert clock(elsewhere).state == "unknown"


@pytest.mark.parametrize(
    ("rows", "state", "detail"),
    [
        ("", "ok", "none"),
        ("/dev/zram0 partition 100 0 -2\n", "ok", "encrypted"),
        ("/dev/dm-9 partition 100 0 -2\n", "ok", "encrypted"),
        ("/dev/vdb9 partition 100 0 -2\n", "warning", "plain"),
        ("/dev/zram0 partition 1 0 5\n/dev/vdb9 partition 100 0 -2\n", "warning", "plain"),
    ],
)
def test_swap_is_safe_in_memory_or_encrypted(
    system: Path, rows: str, state: str, detail: str
) -> None:
    (system / "proc/swaps").write_text("Filename Type Size Used Priority\n" + rows)
    for name, uuid in (("dm-9", "CRYPT-PLAIN-x"), ("vdb9", "")):
        (system / f"sys/class/block/{name}/dm").mkdir(parents=True)
        (system / f"sys/class/block/{name}/dm/uuid").write_text(uuid)
    found = swap(system)
    assert (found.state, found.detail) == (state, detail)


def test_space_is_told_in_megabytes(tmp_path: Path) -> None:
    found = space(tmp_path / "not" / "yet")
    assert found.value > 0
    assert found.state in {"ok", "warning", "fault"}


def test_a_clock_in_the_past_is_a_fault() -> None:
    assert clock(now_s=FIRST_DAY_S - 1).state == "fault"
    assert clock(now_s=time.time()).detail in {"kept", "alone", "not_told"}


def test_this_machine_can_be_looked_at(tmp_path: Path) -> None:
    assert [each.name for each in look_around(tmp_path)] == ["encryption", "swap", "space", "clock"]


def test_memory_is_planned_for_both_engines(tmp_path: Path) -> None:
    shop = Workshop(tmp_path)
    shop.packs().install(str(shop.folder()))
    (model,) = shop.catalogue().installed("speech")
    assert plan_memory(model, model, 16_000).state == "ok"
    assert plan_memory(model, model, 16_000).need_mb == 2 * 7 + 250
    assert plan_memory(model, model, 400).state == "tight"
    assert plan_memory(model, model, 270).state == "short"
    assert plan_memory(None, None, 0).state == "unknown"
    windows = [kept(plan_memory(model, model, memory)) for memory in (0, 16_000, 400, 270)]
    roomy = Kept(WINDOW, "f16")
    assert windows == [roomy, roomy, Kept(SMALL_WINDOW, "f16"), Kept(SMALL_WINDOW, "q8_0")]


def test_a_note_waits_for_reading_and_writing() -> None:
    assert note_outlook("Qwen", 160, 40).wait_s == pytest.approx(12)
    assert note_outlook("", 0, 0).wait_s == 0
