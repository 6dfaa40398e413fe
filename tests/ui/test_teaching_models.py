"""Vocabulary and voice: what a clinician teaches is kept at once, and forgotten when asked."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from app.domain.ids import VisitId
from app.domain.vocabulary import Macro, Replacement, Vocabulary
from app.ui.viewmodels.vocabulary import EntryKind, VocabularyModel, terms_in
from app.ui.viewmodels.voice import VoiceModel, visit_words
from tests.fakes.services import Stage, fill

TERMS, REPLACEMENTS, MACROS = EntryKind.TERMS, EntryKind.REPLACEMENTS, EntryKind.MACROS


@pytest.fixture
def vocabulary(stage: Stage) -> VocabularyModel:
    stage.world.account = stage.unlocking.add("Dr. Ada Miller")
    return VocabularyModel(stage.services)


@pytest.fixture
def voice(stage: Stage) -> VoiceModel:
    stage.world.account = stage.unlocking.add("Dr. Ada Miller")
    fill(stage)
    return VoiceModel(stage.services)


def test_each_change_is_kept_at_once(stage: Stage, vocabulary: VocabularyModel) -> None:
    vocabulary.put(TERMS, None, (" Eliquis ",))
    vocabulary.put(REPLACEMENTS, None, ("and why heart", "NYHA"))
    vocabulary.put(MACROS, None, ("lungs", ".lungs", "Clear."))
    vocabulary.put(TERMS, 0, ("Xarelto",))
    expected = Vocabulary(
        ("Xarelto",), (Replacement("and why heart", "NYHA"),), (Macro("lungs", "Clear.", ".lungs"),)
    )
    assert stage.teaching.kept == expected
    vocabulary.remove(REPLACEMENTS, 0)
    assert stage.teaching.kept.replacements == ()


def test_empty_and_double_entries_are_refused(vocabulary: VocabularyModel) -> None:
    vocabulary.put(TERMS, None, ("Eliquis",))
    assert "every field" in vocabulary.refusal(REPLACEMENTS, None, ("said", " "))
    assert "already" in vocabulary.refusal(TERMS, None, ("eliquis",))
    assert vocabulary.refusal(TERMS, 0, ("eliquis",)) == ""


def test_an_auto_text_with_a_mistake_is_refused_and_told_why(vocabulary: VocabularyModel) -> None:
    vocabulary.put(MACROS, None, ("lungs", ".lungs", "Clear."))
    assert vocabulary.refusal(MACROS, None, ("heart", "", "No murmur.")) == ""
    assert "taken" in vocabulary.refusal(MACROS, None, ("heart", ".LUNGS", "No murmur."))
    assert "already" in vocabulary.refusal(MACROS, None, ("Lungs", "", "Clear."))
    assert "shortcut must be" in vocabulary.refusal(MACROS, None, ("heart", "a b", "No murmur."))
    assert "partner" in vocabulary.refusal(MACROS, None, ("heart", "", "No [[murmur."))


def test_what_was_kept_is_read_and_leaves_with_the_lock(
    qtbot: QtBot, stage: Stage, vocabulary: VocabularyModel
) -> None:
    stage.teaching.kept = Vocabulary(("Eliquis",))
    with qtbot.waitSignal(vocabulary.changed):
        vocabulary.load()
    assert vocabulary.rows(TERMS) == [("Eliquis",)]
    vocabulary.clear()
    assert vocabulary.rows(TERMS) == []
    assert stage.teaching.kept.terms == ("Eliquis",)


def test_too_many_terms_are_said_plainly(vocabulary: VocabularyModel) -> None:
    for number in range(21):
        vocabulary.put(TERMS, None, (f"word{number}",))
    assert vocabulary.note.startswith("21 terms")


def test_typed_terms_are_parted_and_kept_once() -> None:
    assert terms_in("a b,  c ;\nc,") == ("a b", "c")


def test_a_voice_is_learned_told_and_forgotten(
    qtbot: QtBot, stage: Stage, voice: VoiceModel
) -> None:
    voice.load()
    qtbot.waitUntil(lambda: len(voice.visits) == 4)
    assert "Okafor" in visit_words(voice.visits[0])
    assert voice.words == "No voice is kept."
    with qtbot.waitSignal(voice.learned):
        voice.learn(VisitId("v-review"))
    assert stage.teaching.learned_from == ["v-review"]
    assert "42 s" in voice.words
    voice.forget()
    qtbot.waitUntil(lambda: voice.voice is None)
    assert stage.teaching.enrolment is None


def test_a_visit_without_the_clinician_teaches_nothing(
    qtbot: QtBot, stage: Stage, voice: VoiceModel
) -> None:
    with qtbot.waitSignal(voice.trouble_arose):
        voice.learn(VisitId("v0"))
    assert not voice.is_busy
    assert stage.teaching.enrolment is None


def test_without_its_model_no_voice_is_learned(stage: Stage, voice: VoiceModel) -> None:
    stage.teaching.can_learn_voices = False
    voice.learn(VisitId("v-review"))
    assert not voice.is_busy
    assert stage.teaching.learned_from == []
