"""Looking at the machine, and choosing a speech model for it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from app.domain.errors import ModelMissingError
from app.domain.ids import ModelId
from app.domain.ports import InstalledModel, ModelCard, ModelFile
from app.engines.hardware import choose_speech, free_disk, look, physical_cores, speech_threads


def model(name: str, size_mb: int, *languages: str, role: str = "speech") -> InstalledModel:
    file = ModelFile("model.bin", size_mb << 20, "0" * 64)
    card = ModelCard(
        ModelId(name), role, name, "", "", "MIT", "", (file,), size_mb + 200, languages=languages
    )
    return InstalledModel(card, "")


TINY, BASE, TURBO = model("tiny", 75, "en"), model("base", 145, "*"), model("turbo", 1_600, "*")
ALL = [TURBO, TINY, model("llm", 100, "en", role="notes"), BASE]


@pytest.mark.parametrize(
    ("cores", "is_live", "has_gpu", "chosen"),
    [
        (2, True, False, TINY),
        (2, False, False, BASE),
        (4, True, False, BASE),
        (16, True, False, BASE),
        (16, False, True, TURBO),
    ],
)
def test_the_largest_model_that_keeps_up_is_chosen(
    cores: int, is_live: bool, has_gpu: bool, chosen: InstalledModel
) -> None:
    assert choose_speech(ALL, cores, is_live=is_live, has_gpu=has_gpu) is chosen


def test_a_model_must_know_the_language() -> None:
    assert choose_speech(ALL, 2, is_live=True, language="de") is BASE
    with pytest.raises(ModelMissingError):
        choose_speech([TINY], 2, is_live=True, language="de")


def test_a_model_that_is_too_large_is_better_than_none() -> None:
    assert choose_speech([TURBO], 2, is_live=True) is TURBO


def test_one_core_is_left_to_the_rest_of_the_visit() -> None:
    assert [speech_threads(cores) for cores in (1, 2, 4, 8, 64)] == [1, 2, 3, 7, 8]


def test_this_machine_has_cores_and_a_disk(tmp_path: Path) -> None:
    found = look()
    assert found.cores == physical_cores() >= 1
    free = shutil.disk_usage(tmp_path).free
    assert abs(free_disk(tmp_path / "not" / "there") - free) < 1 << 30


def test_what_the_system_says_is_read(tmp_path: Path) -> None:
    gpu = tmp_path / "proc/driver/nvidia/gpus/0000:01:00.0"
    gpu.mkdir(parents=True)
    (gpu / "information").write_text("Model: \t\t NVIDIA H200\nIRQ:   7\n", "utf-8")
    cpu = "processor: 0\nmodel name\t: Some CPU\nflags\t\t: fpu avx avx2 fma\n\nprocessor: 1\n"
    (tmp_path / "proc/cpuinfo").write_text(cpu, "utf-8")
    memory = "MemTotal:  16384000 kB\nMemAvailable: 8192000 kB\nHugePages_Total: 0\n"
    (tmp_path / "proc/meminfo").write_text(memory, "utf-8")
    found = look(tmp_path)
    assert found.gpus == ("NVIDIA H200",)
    assert (found.cpu, found.flags) == ("Some CPU", ("avx", "avx2", "fma"))
    assert (found.memory_mb, found.free_memory_mb) == (16_000, 8_000)


def test_a_system_that_says_nothing_is_no_trouble(tmp_path: Path) -> None:
    found = look(tmp_path)
    assert (found.gpus, found.flags, found.memory_mb) == ((), (), 0)
    assert found.cores >= 1
