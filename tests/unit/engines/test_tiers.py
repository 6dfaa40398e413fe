"""Which model a machine carries, from what was measured on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import ModelMissingError
from app.domain.events import SpeechSpeedMeasured
from app.domain.ids import ModelId
from app.domain.ports import InstalledModel, ModelCard, ModelFile
from app.engines.hardware import Hardware
from app.engines.tiers import Tiers, able, choose, estimate, live_load, outlook, wait_after


def model(
    name: str, megabytes: int, memory_mb: int, languages: Sequence[str] = ("en",)
) -> InstalledModel:
    file = ModelFile("model.bin", megabytes * 1_000_000, "0" * 64)
    card = ModelCard(
        ModelId(name), "speech", name, "", "", "MIT", "", (file,), memory_mb,
        languages=tuple(languages), tier="starter",
    )  # fmt: skip
    return InstalledModel(card, f"models/{name}")


TINY = model("whisper-tiny.en", 75, 320)
BASE = model("whisper-base", 145, 380, "*")
SMALL = model("whisper-small.en", 484, 900)
TURBO = model("whisper-large-v3-turbo", 1618, 3200, "*")
ALL = (SMALL, TINY, TURBO, BASE)
MACHINE = Hardware("Linux", "a CPU", 2, 16_000, 8_000, ("avx2",), ())
TINY_2_CORES = SpeechSpeedMeasured("whisper-tiny.en", 0.040, 0.130, "cpu", "int8", 0.052)
BASE_2_CORES = SpeechSpeedMeasured("whisper-base", 0.070, 0.290, "cpu", "int8", 0.110)


def as_fast(speed: SpeechSpeedMeasured, times: float) -> SpeechSpeedMeasured:
    return replace(
        speed,
        interim=speed.interim / times,
        final=speed.final / times,
        whole=speed.whole / times,
    )


def names(tier_of: Sequence[tuple[InstalledModel, SpeechSpeedMeasured]]) -> tuple[str, str]:
    tier = choose(ALL, MACHINE, tier_of)
    return tier.live.card.id, tier.second.card.id if tier.second is not None else ""


def test_the_load_is_what_was_measured_on_two_cores() -> None:
    assert live_load(TINY_2_CORES) == pytest.approx(0.35, abs=0.05)
    assert live_load(BASE_2_CORES) == pytest.approx(0.70, abs=0.05)


def test_two_cores_listen_with_tiny_and_hear_again_with_small() -> None:
    live, second = names([(TINY, TINY_2_CORES)])
    assert live == "whisper-tiny.en"
    assert second == "whisper-small.en"


def test_a_machine_twice_as_fast_listens_with_base() -> None:
    assert names([(TINY, as_fast(TINY_2_CORES, 2))])[0] == "whisper-base"


def test_a_gpu_listens_with_the_largest_model_and_needs_no_second_pass() -> None:
    quick = replace(as_fast(TINY_2_CORES, 60), device="cuda", compute="float16")
    tier = choose(ALL, MACHINE, [(TINY, quick)])
    assert tier.live is TURBO
    assert tier.second is None
    assert tier.name == "gpu"


def test_a_machine_that_is_too_slow_for_all_gets_the_smallest_and_no_second_pass() -> None:
    tier = choose(ALL, MACHINE, [(TINY, as_fast(TINY_2_CORES, 0.1))])
    assert tier.live is TINY
    assert tier.second is None
    assert tier.load > 1.0
    assert tier.wait_s(15) == pytest.approx(5 * 1.3 + 4 + 900 * (0.85 * 1.3 - 1))


def test_what_was_measured_outranks_what_was_guessed_from_another_model() -> None:
    slow_base = replace(BASE_2_CORES, whole=2.0)
    quick_tiny = as_fast(TINY_2_CORES, 2)
    assert names([(TINY, quick_tiny), (BASE, slow_base)])[0] == "whisper-tiny.en"


def test_a_model_that_does_not_fit_into_memory_is_not_proposed() -> None:
    little = replace(MACHINE, memory_mb=1_000)
    tier = choose(ALL, little, [(TINY, as_fast(TINY_2_CORES, 100))])
    assert tier.live is BASE


def test_before_anything_was_measured_the_cores_decide() -> None:
    assert choose(ALL, MACHINE, ()).live is TINY
    assert choose(ALL, replace(MACHINE, cores=8), ()).live is SMALL
    tier = choose(ALL, MACHINE, ())
    assert (tier.load, tier.wait_s(15), tier.second_wait_s(15), tier.second) == (0, 0, 0, None)
    assert tier.name == "starter"


def test_only_models_that_know_the_language_are_proposed() -> None:
    assert choose(ALL, MACHINE, [(TINY, TINY_2_CORES)], "fr").live is BASE
    with pytest.raises(ModelMissingError):
        choose((TINY, SMALL), MACHINE, (), "fr")


def test_the_wait_after_a_visit_is_one_turn_while_speech_keeps_up() -> None:
    assert wait_after(TINY_2_CORES, 15) == wait_after(TINY_2_CORES, 60) == pytest.approx(0.65)


def test_the_wait_after_a_visit_grows_with_it_when_speech_does_not_keep_up() -> None:
    slow = as_fast(TINY_2_CORES, 0.08)
    assert wait_after(slow, 15) == pytest.approx(5 * 1.625 + 4 + 900 * (0.85 * 1.625 - 1))


def test_the_second_pass_of_fifteen_minutes_takes_minutes_at_most() -> None:
    tier = choose((TINY, BASE), MACHINE, [(TINY, TINY_2_CORES), (BASE, BASE_2_CORES)])
    assert tier.second is BASE
    assert tier.second_wait_s(15) == pytest.approx(84.15)


@given(st.floats(0.01, 500))
def test_a_faster_machine_never_gets_a_smaller_live_model(times: float) -> None:
    def size(factor: float) -> int:
        tier = choose(ALL, MACHINE, [(TINY, as_fast(TINY_2_CORES, factor))])
        return tier.live.card.memory_mb

    assert size(times) <= size(times * 1.5)


def test_a_guess_grows_with_the_weights() -> None:
    guess = estimate(BASE, [(TINY, TINY_2_CORES)])
    assert guess is not None
    assert guess.model == "whisper-base"
    assert guess.whole == pytest.approx(BASE_2_CORES.whole, rel=0.15)
    assert estimate(BASE, []) is None


def test_able_leaves_out_other_roles() -> None:
    notes = InstalledModel(replace(TINY.card, role="notes"), "")
    assert able((notes, TINY), "en") == [TINY]


def test_a_model_that_keeps_dying_gives_way_to_the_next_smaller_one() -> None:
    tiers = Tiers(lambda: ALL, MACHINE)
    assert tiers.instead(TURBO) is SMALL
    assert tiers.instead(SMALL) is BASE
    assert tiers.instead(BASE) is TINY
    assert tiers.instead(TINY) is None
    with pytest.raises(ModelMissingError):
        tiers.tier()


def test_a_model_that_failed_is_not_proposed_again() -> None:
    tiers = Tiers(lambda: ALL, MACHINE)
    tiers.note(as_fast(TINY_2_CORES, 2))
    assert tiers.tier().live is BASE
    assert tiers.instead(BASE) is TINY
    assert tiers.tier().live is TINY
    assert tiers.instead(BASE, "fr") is None


def test_the_wait_with_a_smaller_model_is_told() -> None:
    tiers = Tiers(lambda: ALL, MACHINE)
    assert tiers.wait_s(TINY, 15) == 1
    tiers.note(as_fast(BASE_2_CORES, 0.1))
    assert tiers.wait_s(TINY, 15) == round(
        wait_after(estimate(TINY, [(BASE, as_fast(BASE_2_CORES, 0.1))]) or TINY_2_CORES, 15)
    )


def test_the_outlook_says_tier_speed_and_waits() -> None:
    tier = choose((TINY, BASE), MACHINE, [(TINY, TINY_2_CORES), (BASE, BASE_2_CORES)])
    found = outlook(tier, 15)
    assert (found.tier, found.live, found.second) == ("starter", TINY.card.name, BASE.card.name)
    assert found.speed == TINY_2_CORES
    assert found.load == pytest.approx(live_load(TINY_2_CORES))
    assert (found.wait_s, found.second_wait_s) == (tier.wait_s(15), tier.second_wait_s(15))
    assert outlook(choose((TINY,), MACHINE, ())).second == ""
