from __future__ import annotations

from app.clinical.corrections import corrected
from app.domain.ids import SegmentId
from app.domain.transcript import RevisionCause, Segment
from tests.unit.clinical.spoken_forms import words


def segment(text: str) -> Segment:
    return Segment(SegmentId("s1"), text, words=words(text))


def test_corrected_words_are_written_in_their_form() -> None:
    said = segment("take fifteen milligrams")
    changed, revision = corrected(said, [said.words[1].id], "fifty", RevisionCause.PERSON)
    assert (changed.text, changed.spoken) == ("take 50 mg", "take fifty milligrams")
    assert (revision.before, revision.after) == ("fifteen", "fifty")


def test_corrected_words_of_another_language_have_no_forms() -> None:
    said = segment("toma fifteen milligrams")
    changed, _ = corrected(said, [said.words[1].id], "fifty", RevisionCause.PERSON, language="es")
    assert (changed.text, changed.forms) == ("toma fifty milligrams", ())
