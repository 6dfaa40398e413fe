"""How a device and a number format are chosen, and how a model is measured: no model is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import numpy as np
import pytest

from app.domain.errors import EngineFailedError
from app.engine_host import loading
from app.engine_host.loading import Runtime, Working, measured, murmur
from app.engine_host.whisper_runtime import Audio, Cost, How, Take, Whisper

FORMATS = {"cuda": ("float16", "int8_float16"), "cpu": ("int8", "float32")}


class Machine:
    """A machine on which some devices and formats fail at the first decode, others at loading."""

    def __init__(self, troubles: Mapping[tuple[str, str], str], *, fails_late: bool = True) -> None:
        self.troubles = troubles
        self.fails_late = fails_late
        self.tried: list[tuple[str, str]] = []

    def make(self, _files: object, _threads: int, device: str, compute: str) -> Whisper:
        self.tried.append((device, compute))
        if not self.fails_late:
            self.check(device, compute)
        return cast("Whisper", Model(self, device, compute))

    def check(self, device: str, compute: str) -> None:
        if (device, compute) in self.troubles:
            raise RuntimeError(self.troubles[device, compute])

    def working(self, *, is_cpu: bool = False) -> Working:
        runtime = Runtime(self.make, lambda: ("cuda", "cpu"), lambda each: FORMATS[each])
        return loading.working({}, 2, is_cpu=is_cpu, runtime=runtime)


class Model:
    def __init__(self, machine: Machine, device: str, compute: str) -> None:
        self.machine, self.device, self.compute = machine, device, compute

    def take(self, pcm: Audio, _how: How) -> Take:
        assert not pcm.any()
        self.machine.check(self.device, self.compute)
        return Take((), len(pcm))


def place(found: Working) -> tuple[str, str, str]:
    return found.model.device, found.model.compute, found.trouble


@pytest.mark.parametrize("fails_late", [True, False])
def test_a_gpu_that_works_is_used(fails_late: bool) -> None:
    assert place(Machine({}, fails_late=fails_late).working()) == ("cuda", "float16", "")


def test_a_gpu_too_small_for_one_format_takes_the_next() -> None:
    machine = Machine({("cuda", "float16"): "CUDA failed with error out of memory"})
    assert place(machine.working()) == ("cuda", "int8_float16", "")


@pytest.mark.parametrize("fails_late", [True, False])
@pytest.mark.parametrize(
    ("words", "trouble"),
    [
        ("Library libcublas.so.12 is not found or cannot be loaded", "gpu_library"),
        ("CUDA failed with error out of memory", "gpu_memory"),
        ("cuBLAS failed with status CUBLAS_STATUS_NOT_SUPPORTED", "gpu"),
    ],
)
def test_a_gpu_that_fails_leaves_the_work_to_the_processor_and_says_why(
    words: str, trouble: str, fails_late: bool
) -> None:
    broken = {("cuda", each): words for each in FORMATS["cuda"]}
    machine = Machine(broken, fails_late=fails_late)
    assert place(machine.working()) == ("cpu", "int8", trouble)
    assert machine.tried == [("cuda", "float16"), ("cuda", "int8_float16"), ("cpu", "int8")]


def test_after_deaths_the_gpu_is_left_alone_and_that_is_told() -> None:
    machine = Machine({})
    assert place(machine.working(is_cpu=True)) == ("cpu", "int8", "gpu")
    assert machine.tried == [("cpu", "int8")]


def test_a_model_that_no_device_takes_is_told() -> None:
    broken = {(device, each): "no" for device, all_ in FORMATS.items() for each in all_}
    with pytest.raises(EngineFailedError):
        Machine(broken).working()


class Clock:
    """A model whose decodes take a known time."""

    def __init__(self, encode_s: float, token_s: float) -> None:
        self.encode_s, self.token_s = encode_s, token_s
        self.asked: list[tuple[int, int]] = []

    def cost(self, pcm: Audio, how: How, tokens: int) -> Cost:
        assert pcm.any()
        self.asked.append((how.pad, tokens))
        return Cost(self.encode_s * (5 if how.pad > 300 else 1), tokens * self.token_s)


def speed_of(clock: Clock) -> Any:
    return measured(cast("Whisper", clock))


def test_speed_is_work_per_second_of_sound() -> None:
    clock = Clock(0.1, 0.01)
    speed = speed_of(clock)
    assert speed.interim == pytest.approx((0.1 + 18 * 0.01) / 5)
    assert speed.final == pytest.approx((0.5 + 18 * 0.01) / 5)
    assert speed.whole == pytest.approx((0.5 + 6 * 18 * 0.01) / 30)
    assert clock.asked == [(300, 18), (3000, 9)]


def test_a_slow_model_is_measured_with_one_short_decode() -> None:
    clock = Clock(1.0, 0.05)
    speed = speed_of(clock)
    assert len(clock.asked) == 1
    assert speed.final > speed.interim


def test_the_sound_to_measure_with_is_the_same_every_time() -> None:
    assert np.array_equal(murmur(), murmur())
    assert len(murmur()) == 5 * 16_000
    assert 0.01 < float(np.abs(murmur()).mean()) < 0.1
