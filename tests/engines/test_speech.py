"""The real speech child with a real model: what it hears, and what happens when it dies."""

from __future__ import annotations

import hashlib
import json
import signal
import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
import soundfile  # type: ignore[import-untyped]  # ships no types

from app.domain.audio import SAMPLE_RATE
from app.domain.events import (
    ChildEnded,
    ChildFailed,
    ChildReady,
    HeardAgain,
    PartialHeard,
    RolesFound,
    SegmentFinished,
    SpeechFinished,
    SpeechProgressed,
    VoiceEnrolled,
    WordsCommitted,
    WordsRevised,
)
from app.domain.ports import InstalledModel, ModelFile, SpeechPlan
from app.domain.transcript import SpeakerRole
from app.engines.supervisor import Supervisor, Tie, child_command
from app.engines.wire import Frame
from tests.engines.hearing import DATA, Desk, base, eventually, noise, pcm_of, tiny, voices
from tests.performance.word_error import score

JFK = (
    "And so my fellow Americans, ask not what your country can do for you, ask what you can do"
    " for your country."
)
WHOLE = SpeechPlan(is_live=False)
LIVE = SpeechPlan(is_live=True)


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.speech.close()


def visit() -> str:
    turns = json.loads((DATA / "speech/neck_and_history.json").read_text("utf-8"))["turns"]
    return " ".join(turn["text"] for turn in turns)


@pytest.mark.parametrize("plan", [WHOLE, LIVE], ids=["whole", "live"])
def test_every_word_of_a_speech_is_heard_once(desk: Desk, plan: SpeechPlan) -> None:
    desk.ready()
    segments = desk.hear(replace(plan, first_segment=8), pcm_of("audio/jfk.flac"))
    assert score(JFK, desk.text).rate == 0.0
    assert [each.id for each in segments] == [f"s{8 + i:04d}" for i in range(len(segments))]
    words = [word for each in segments for word in each.words]
    assert len({word.id for word in words}) == len(words)
    assert all(a.end <= b.end and a.start <= b.start for a, b in pairwise(words))
    assert all(0 <= word.start < word.end <= 11 * SAMPLE_RATE for word in words)
    assert all(each.text == " ".join(word.text for word in each.words) for each in segments)


def test_words_are_committed_while_they_are_spoken_and_keep_their_ids(desk: Desk) -> None:
    desk.ready()
    desk.speech.open(LIVE)
    pcm = pcm_of("audio/jfk.flac")
    desk.talk(pcm)
    desk.speech.finish()
    desk.next(SpeechFinished)
    assert any(isinstance(event, PartialHeard) and event.words for event in desk.seen)
    committed = {word.id for word in desk.committed}
    final = {word.id for each in desk.segments for word in each.words}
    assert len(committed) >= 10
    assert len(committed) == len(desk.committed)
    assert len(committed & final) >= 0.9 * len(committed)
    assert score(JFK, desk.text).rate < 0.1


def test_a_visit_is_cut_into_turns_with_honest_roles(desk: Desk) -> None:
    desk.ready()
    segments = desk.hear(WHOLE, pcm_of("speech/neck_and_history.flac"))
    assert score(visit(), desk.text).rate < 0.1
    assert len(segments) >= 8
    roles = {each.text: each.role for each in segments}
    question = next(text for text in roles if "rashes or skin" in text)
    answer = next(text for text in roles if "swollen" in text)
    assert roles[question] is SpeakerRole.CLINICIAN
    assert roles[answer] is SpeakerRole.PATIENT
    assert all(each.role_confidence <= 0.9 for each in segments)


@pytest.mark.parametrize("plan", [WHOLE, LIVE], ids=["whole", "live"])
def test_silence_and_noise_have_no_words_even_with_hotwords(desk: Desk, plan: SpeechPlan) -> None:
    desk.ready()
    hotwords = ("troponin", "electrocardiogram", "penicillin")
    sound = noise(15, 0.0) + noise(15, 0.01) + noise(15, 0.2)
    assert desk.hear(replace(plan, hotwords=hotwords), sound) == []
    assert desk.committed == []


def test_hotwords_leave_the_punctuation_alone(desk: Desk) -> None:
    desk.ready()
    pcm = pcm_of("speech/neck_and_history.flac")
    desk.hear(replace(WHOLE, hotwords=("metoprolol", "lymph node")), pcm)
    assert desk.text.count("?") >= 3
    assert "metoprolol" not in desk.text.lower()
    assert score(visit(), desk.text).rate < 0.12


@pytest.mark.parametrize("plan", [WHOLE, LIVE], ids=["whole", "live"])
def test_words_behind_a_pause_stand_where_they_were_said(desk: Desk, plan: SpeechPlan) -> None:
    desk.ready()
    pcm = pcm_of("audio/jfk.flac")
    later = 60 * SAMPLE_RATE
    desk.speech.open(plan)
    desk.feed(pcm)
    desk.feed(pcm, later)
    desk.speech.finish()
    assert desk.next(SpeechFinished).decoded_to == later + len(pcm) // 2
    words = [word for each in desk.segments for word in each.words]
    first = [word for word in words if word.end <= len(pcm) // 2]
    second = [word for word in words if word.start >= later]
    assert len(first) == len(second) == len(words) / 2 == 22


@pytest.mark.parametrize("plan", [WHOLE, LIVE], ids=["whole", "live"])
def test_a_killed_child_loses_no_word(desk: Desk, plan: SpeechPlan) -> None:
    desk.ready()
    desk.speech.open(plan)
    pcm = pcm_of("speech/neck_and_history.flac")
    desk.feed(pcm[: 9 * 32_000])
    if plan.is_live:
        desk.next(SegmentFinished)
    desk.signal(signal.SIGKILL)
    assert desk.next(ChildEnded).pause_s == 0.0
    desk.feed(pcm[9 * 32_000 :], 9 * SAMPLE_RATE)
    desk.speech.finish()
    desk.next(SpeechFinished)
    assert score(visit(), desk.text).rate < 0.15
    assert [each.id for each in desk.segments] == [
        f"s{i:04d}" for i in range(1, len(desk.segments) + 1)
    ]
    assert all(a.end <= b.start for a, b in pairwise(desk.segments))


def test_a_word_told_before_a_crash_keeps_its_id(desk: Desk) -> None:
    desk.ready()
    desk.speech.open(LIVE)
    pcm = pcm_of("audio/jfk.flac")
    desk.talk(pcm[: 7 * 32_000])
    if not desk.committed:
        desk.next(WordsCommitted)
    desk.signal(signal.SIGKILL)
    desk.next(ChildEnded)
    desk.feed(pcm[7 * 32_000 :], 7 * SAMPLE_RATE)
    desk.speech.finish()
    desk.next(SpeechFinished)
    assert score(JFK, desk.text).rate < 0.1
    committed = [word.id for word in desk.committed]
    final = [word.id for each in desk.segments for word in each.words]
    changes = [event for event in desk.seen if isinstance(event, WordsRevised)]
    revised = {word for event in changes for each in event.revisions for word in each.words}
    assert committed
    assert len(set(committed)) == len(committed)
    assert len(set(final)) == len(final)
    assert set(committed) <= {*final} | revised
    texts = {word.id: word.text for word in desk.committed}
    for word in (word for each in desk.segments for word in each.words):
        assert word.id in revised or plain(texts.get(word.id, word.text)) == plain(word.text)


def plain(text: str) -> str:
    return text.lower().strip(" .,;?!")


@pytest.mark.skipif(base() is None, reason="whisper-base is not installed")
@pytest.mark.parametrize("plan", [WHOLE, LIVE], ids=["whole", "live"])
def test_another_language_is_heard_in_its_own_words(desk: Desk, plan: SpeechPlan) -> None:
    desk.ready(base())
    desk.hear(replace(plan, language="de"), pcm_of("speech/german_synthetic.flac"))
    heard = desk.text.lower()
    for word in ("guten morgen", "drei tagen", "kopfschmerzen", "gestern abend"):
        assert word in heard


@pytest.mark.skipif(voices() is None, reason="the voice model is not installed")
def test_voices_are_told_apart_and_told_again_at_the_end(desk: Desk) -> None:
    desk.ready(voices=voices())
    segments = desk.hear(WHOLE, pcm_of("speech/neck_and_history.flac"))
    assert {each.speaker for each in segments} >= {"A", "B"}
    kinds = [type(event) for event in desk.seen]
    assert kinds.index(RolesFound) < kinds.index(SpeechFinished)
    found = next(event for event in desk.seen if isinstance(event, RolesFound))
    assert {each.segment for each in found.roles} <= {each.id for each in segments}


def test_without_a_voice_model_no_voice_is_learned(desk: Desk) -> None:
    desk.ready()
    desk.speech.enroll(pcm_of("audio/jfk.flac"))
    learned = desk.next(VoiceEnrolled)
    assert learned.voiceprint == b""
    assert learned.speech_s > 5


@pytest.mark.skipif(voices() is None, reason="the voice model is not installed")
def test_a_child_that_dies_learns_no_voice_and_says_so(desk: Desk) -> None:
    desk.ready(voices=voices())
    desk.signal(signal.SIGSTOP)
    desk.speech.enroll(pcm_of("audio/jfk.flac"))
    desk.signal(signal.SIGKILL)
    assert desk.next(VoiceEnrolled).voiceprint == b""
    desk.next(ChildReady)
    sample = Path(__file__).parents[2] / "resources/samples/back_pain_visit"
    sound, _ = soundfile.read(sample.with_suffix(".flac"), dtype="int16")
    turns = json.loads(sample.with_suffix(".json").read_text("utf-8"))["segments"]
    said = [
        sound[round(each["start_s"] * SAMPLE_RATE) : round(each["end_s"] * SAMPLE_RATE)]
        for each in turns
        if each["role"] == "clinician"
    ]
    desk.speech.enroll(b"".join(each.tobytes() for each in said))
    assert len(desk.next(VoiceEnrolled).voiceprint) == 4 * 192


def test_a_passage_is_heard_again_with_names_in_mind(desk: Desk) -> None:
    desk.ready()
    pcm = pcm_of("audio/jfk.flac")
    desk.speech.hear_again(pcm, ("metformin", "lisinopril"), "en")
    words = desk.next(HeardAgain).words
    assert words is not None
    assert score(JFK, " ".join(each.text for each in words)).rate < 0.2
    assert 0 <= words[0].start < words[-1].end <= len(pcm) // 2


def test_nothing_is_heard_again_while_a_recording_is_heard(desk: Desk) -> None:
    desk.ready()
    desk.speech.open(WHOLE)
    desk.feed(pcm_of("audio/jfk.flac"))
    desk.speech.hear_again(pcm_of("audio/jfk.flac"), ("metformin",), "en")
    assert desk.next(HeardAgain).words is None
    desk.speech.finish()
    desk.next(SpeechFinished)
    assert score(JFK, desk.text).rate == 0.0


def test_dictation_is_heard_without_roles(desk: Desk) -> None:
    desk.ready()
    segments = desk.hear(replace(LIVE, is_dictation=True), pcm_of("speech/neck_and_history.flac"))
    assert score(visit(), desk.text).rate < 0.2
    assert {each.role for each in segments} == {SpeakerRole.UNKNOWN}


def test_a_child_killed_after_the_last_sound_still_finishes(desk: Desk) -> None:
    desk.ready()
    desk.speech.open(WHOLE)
    desk.feed(pcm_of("audio/jfk.flac"))
    desk.signal(signal.SIGSTOP)
    desk.speech.finish()
    desk.signal(signal.SIGKILL)
    desk.next(SpeechFinished)
    assert score(JFK, desk.text).rate == 0.0


def test_a_child_that_hangs_is_replaced() -> None:
    desk = Desk(silence_s=3.0)
    try:
        desk.ready()
        desk.speech.open(WHOLE)
        desk.signal(signal.SIGSTOP)
        desk.feed(pcm_of("audio/jfk.flac"))
        desk.speech.finish()
        assert desk.next(ChildEnded).status == -signal.SIGKILL
        desk.next(SpeechFinished)
        assert score(JFK, desk.text).rate == 0.0
    finally:
        desk.speech.close()


def test_a_slow_child_is_never_more_than_ten_seconds_behind(desk: Desk) -> None:
    desk.ready()
    desk.speech.open(LIVE)
    desk.signal(signal.SIGSTOP)
    second = bytes(2 * SAMPLE_RATE)
    taken = 0
    while desk.speech.feed(taken * SAMPLE_RATE, second):
        taken += 1
    assert taken == 10
    desk.signal(signal.SIGCONT)
    assert eventually(lambda: desk.speech.feed(taken * SAMPLE_RATE, second))


def test_nothing_is_taken_before_the_model_is_there(desk: Desk) -> None:
    desk.speech.load(tiny())
    desk.speech.open(LIVE)
    assert not desk.speech.feed(0, bytes(3_200))
    desk.next(ChildReady)
    assert desk.speech.feed(0, bytes(3_200))


def test_a_second_recording_begins_anew(desk: Desk) -> None:
    desk.ready()
    desk.speech.open(LIVE)
    desk.feed(pcm_of("speech/neck_and_history.flac")[: 8 * 32_000])
    desk.hear(WHOLE, pcm_of("audio/jfk.flac"))  # the first was given up
    last = [each for each in desk.segments if "country" in each.text]
    assert last
    assert desk.segments[-1].end_s <= 11.0


def damaged(model: InstalledModel, sha256: str, size: int | None = None) -> InstalledModel:
    first, *others = model.card.files
    wrong = ModelFile(first.path, first.size if size is None else size, sha256)
    return InstalledModel(replace(model.card, files=(wrong, *others)), model.folder)


@pytest.mark.parametrize(
    ("size", "reason"), [(None, "hash"), (1, "size"), (10_000, "size")], ids=str
)
def test_a_model_file_that_is_another_one_is_refused(
    desk: Desk, size: int | None, reason: str
) -> None:
    desk.speech.load(damaged(tiny(), "0" * 64, size))
    failed = desk.next(ChildFailed)
    assert failed.code == "model_damaged"
    assert dict(failed.facts)["reason"] == reason
    assert not desk.speech.feed(0, bytes(3_200))


def test_a_model_that_cannot_be_parsed_is_told_and_ends_nothing_else(
    desk: Desk, tmp_path: Path
) -> None:
    junk = bytes(range(256)) * 40
    files = []
    for each in tiny().card.files:
        (tmp_path / each.path).write_bytes(junk)
        files.append(ModelFile(each.path, len(junk), hashlib.sha256(junk).hexdigest()))
    card = replace(tiny().card, files=tuple(files))
    desk.speech.load(InstalledModel(card, str(tmp_path)))
    assert desk.next(ChildFailed).code == "engine_failed"
    desk.ready()


def test_a_model_that_is_not_there_is_named(desk: Desk, tmp_path: Path) -> None:
    desk.speech.load(replace(tiny(), folder=str(tmp_path / "whisper-tiny.en")))
    assert desk.next(ChildFailed).code == "model_missing"


def test_after_a_refused_model_another_one_loads(desk: Desk) -> None:
    desk.speech.load(damaged(tiny(), "0" * 64))
    desk.next(ChildFailed)
    desk.ready()
    assert "Americans" in " ".join(each.text for each in desk.hear(WHOLE, pcm_of("audio/jfk.flac")))


def test_a_child_that_always_dies_is_given_up() -> None:
    desk = Desk(command=[sys.executable, "-c", "raise SystemExit(3)"])
    try:
        desk.speech.load(tiny())
        pauses: list[float | None] = []
        while not pauses or pauses[-1] is not None:
            pauses.append(desk.next(ChildEnded).pause_s)
        assert pauses == [0.0, 1.0, 4.0, None]
        assert not desk.speech.feed(0, bytes(3_200))
    finally:
        desk.speech.close()


def test_progress_tells_how_far_speech_has_got(desk: Desk) -> None:
    desk.ready()
    desk.hear(LIVE, noise(5, 0.0))
    told = [event for event in desk.seen if isinstance(event, SpeechProgressed)]
    assert told[-1].decoded_to >= 4 * SAMPLE_RATE
    assert all(a.decoded_to <= b.decoded_to for a, b in pairwise(told))


def test_sound_without_a_place_ends_the_child() -> None:
    frames: list[Frame] = []
    ends: list[int | None] = []
    supervisor = Supervisor(child_command("speech"), Tie.LEASHED, frames.append, ends.append)
    supervisor.start()
    try:
        assert eventually(lambda: any(each.kind == "ready" for each in frames), 30.0)
        supervisor.send(Frame("dictate"))
        assert eventually(lambda: any(each.kind == "failed" for each in frames))
        supervisor.send(Frame("audio", {"session": "what?"}, b"\0"))
        assert eventually(lambda: ends == [1])
    finally:
        supervisor.stop()
