"""The arithmetic of who said it: alignment and cpWER."""

from __future__ import annotations

from app.engines.wire import Frame
from tests.performance.roles import aligned, cp_errors, roles

SAID = (("D", "Where is the pain?"), ("P", "In my chest."), ("D", "Thank you."))


def test_each_heard_word_gets_the_role_of_the_reference_word_it_stands_for() -> None:
    found = aligned(SAID, ["where is the pain in", "my chest", "um thank you very"])
    assert found == [["clinician"] * 4 + ["patient"], ["patient"] * 2, ["clinician"] * 2]


def test_the_names_of_speakers_do_not_matter_for_cpwer() -> None:
    heard = [("x", "Where is the pain? Thank you."), ("y", "In my chest.")]
    assert cp_errors(SAID, heard).rate == 0


def test_a_word_given_to_the_wrong_speaker_counts_twice() -> None:
    heard = [("x", "Where is the pain in? Thank you."), ("y", "My chest.")]
    found = cp_errors(SAID, heard)
    assert (found.inserted, found.deleted, found.words) == (1, 1, 9)


def test_a_speaker_nobody_is_counts_as_invented() -> None:
    heard = [("x", "Where is the pain? Thank you."), ("y", "In my"), ("unknown", "chest.")]
    found = cp_errors(SAID, heard)
    assert (found.inserted, found.deleted) == (1, 1)


def test_settled_rows_replace_what_was_told_during_the_visit() -> None:
    words = [[1, "Do", 0, 10, 1.0], [2, "you?", 10, 20, 1.0]]
    final = {"words": words, "speaker": "A", "role": "patient", "confidence": 0.8}
    rows = [[0, 20, "A", "clinician", 0.9]]
    found = roles([Frame("final", final), Frame("roles", {"rows": rows})])
    assert found == (["patient"], ["clinician"], ["Do you?"])
