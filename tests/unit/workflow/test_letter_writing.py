"""Letters come from the signed text alone, are signed themselves, and leave by the same door."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from app.clinical.lexicon import Lexicon
from app.domain.draft import Support
from app.domain.errors import (
    NotFoundError,
    NothingTypedError,
    NotSignedError,
    SigningBlockedError,
    WrongPatientError,
)
from app.domain.ids import NoteId, PatientId, TemplateId
from app.domain.visit import UnsignedLetter, Visit
from app.drafting.letters import LetterMaker
from app.drafting.plain_words import PlainWords
from app.drafting.routing import Router
from app.foundation import paths, sealing
from app.workflow.letter_writing import LetterWriting
from app.workflow.room import Room
from app.workflow.signing import signed_content
from app.workflow.templating import Templating
from tests.unit.workflow.conftest import Desk, claim
from tests.unit.workflow.test_exporting import exporting

LEXICONS = paths.resources() / "lexicons"
SUMMARY = TemplateId("after-visit-summary")


@pytest.fixture(scope="module")
def tools() -> tuple[LetterMaker, PlainWords]:
    maker = LetterMaker(Lexicon.load(LEXICONS), Router.load(LEXICONS / "sections.json"))
    return maker, PlainWords.load(LEXICONS / "plain_words.tsv")


@pytest.fixture
def letters(desk: Desk, tools: tuple[LetterMaker, PlainWords], tmp_path: Path) -> LetterWriting:
    room = Room(desk.bus, desk.inbox, desk.sessions, desk.pool, desk.policy)
    templating = Templating(room, paths.resources() / "templates", lambda uid: tmp_path / uid)
    return LetterWriting(room, templating, desk.signing, lambda: tools)


def signed(desk: Desk) -> Visit:
    visit = desk.reviewed(
        claim("Dyspnea on exertion for 3 weeks.", Support.SUPPORTED),
        claim("Takes metoprolol 25 mg b.i.d. for hypertension.", Support.SUPPORTED),
    )
    desk.result(desk.editing.add(visit.id, "plan", "Return in 2 weeks.\nLipid panel this week."))
    desk.see_all(visit.id)
    desk.result(desk.signing.sign(visit.id, visit.patient.id))
    return visit


def test_nothing_is_made_from_an_unsigned_note(desk: Desk, letters: LetterWriting) -> None:
    visit = desk.reviewed(claim("Back pain for two days", Support.SUPPORTED))
    with pytest.raises(NotSignedError):
        desk.result(letters.make(visit.id, SUMMARY))
    with pytest.raises(NotFoundError):
        desk.result(letters.make(signed(desk).id, TemplateId("soap")))


def test_a_summary_says_in_everyday_words_what_was_signed(
    desk: Desk, letters: LetterWriting
) -> None:
    letter = desk.result(letters.make(signed(desk).id, SUMMARY))
    text = " ".join(each.text for each in letter.draft.claims)
    for words in (
        "Shortness of breath when active for 3 weeks.",
        "Takes metoprolol 25 mg twice a day for high blood pressure.",
        "Return in 2 weeks.",
        "Cholesterol blood test this week.",
    ):
        assert words in text
    assert letter.wanted_grade == 6
    assert letter.left_out == ()
    colleague = desk.result(letters.make(letter.draft.visit, TemplateId("referral")))
    assert "Dyspnea" in " ".join(each.text for each in colleague.draft.claims)
    assert colleague.wanted_grade is None


def test_the_reading_level_is_measured(letters: LetterWriting) -> None:
    hard = letters.measure(
        "Antihypertensive pharmacotherapy necessitates continuous ambulatory monitoring of "
        "physiological parameters indefinitely."
    )
    easy = letters.measure("Take one pill in the morning. Come back if you have pain again.")
    assert hard.grade is not None
    assert easy.grade is not None
    assert easy.grade < 6 < hard.grade
    assert "antihypertensive" in hard.hard


def test_a_letter_is_changed_signed_kept_and_leaves_with_its_own_identity(
    desk: Desk, letters: LetterWriting, tmp_path: Path
) -> None:
    visit = signed(desk)
    letter = desk.result(letters.make(visit.id, SUMMARY))
    texts = ["\n".join(each.text for each in part.claims) for part in letter.draft.sections]
    texts[-1] += "\nCall us at any time."
    letter = letters.edited(letter, texts)
    with pytest.raises(WrongPatientError):
        desk.result(letters.sign(letter, PatientId("")))
    version = desk.result(letters.sign(letter, visit.patient.id))
    record = desk.result(desk.visiting.open(visit.id))
    told = version.attestation
    content = signed_content(version.note, 1, record.visit, version.draft, told.at)
    assert sealing.is_signed(told.public_key, told.signature, content)
    assert desk.result(letters.signed(visit.id)) == (version,)
    assert version.note != record.versions[0].note
    assert version.made_from == 1
    door, folder = exporting(desk), paths.private_folder(tmp_path / "out")
    text = desk.result(door.text(visit.id, visit.patient.id, letter=version.note))
    assert "Call us at any time." in text
    assert "DRAFT" not in text
    assert "WHY YOU CAME" in text
    path = desk.result(
        door.file(visit.id, visit.patient.id, "fhir_bundle", folder, letter=version.note)
    )
    assert "_after-visit-summary_" in path.name  # it is not the note
    composition = json.loads(path.read_text("utf-8"))["entry"][0]["resource"]
    assert (composition["status"], composition["title"]) == ("final", "After-visit summary")
    assert "Shortness" not in desk.result(door.text(visit.id, visit.patient.id))
    with pytest.raises(NotFoundError):
        desk.result(door.text(visit.id, visit.patient.id, letter=NoteId("none")))


def test_an_empty_letter_or_one_with_a_field_is_not_signed(
    desk: Desk, letters: LetterWriting
) -> None:
    visit = signed(desk)
    letter = desk.result(letters.make(visit.id, SUMMARY))
    blank = letters.edited(letter, ["" for _ in letter.draft.sections])
    with pytest.raises(NothingTypedError):
        desk.result(letters.sign(blank, visit.patient.id))
    open_ = letters.edited(letter, ["[[when]]", *("" for _ in letter.draft.sections[1:])])
    with pytest.raises(SigningBlockedError):
        desk.result(letters.sign(open_, visit.patient.id))


def test_what_is_typed_in_a_letter_is_kept_until_that_letter_is_signed(
    desk: Desk, letters: LetterWriting
) -> None:
    visit = signed(desk)
    letter = desk.result(letters.make(visit.id, SUMMARY))
    keys = tuple(each.key for each in letter.draft.sections)
    texts = ("Call us.", *("" for _ in keys[1:]))
    mine = UnsignedLetter(SUMMARY, letter.version, 8, keys, texts)
    other = replace(mine, template=TemplateId("referral"), grade=None)
    for each in (mine, other):
        desk.result(desk.visiting.keep_letter(visit.id, each.template, each))
    assert desk.result(desk.visiting.open(visit.id)).visit.letters == (mine, other)
    desk.result(letters.sign(letter, visit.patient.id))  # at a terminal, as it was made
    assert desk.result(desk.visiting.open(visit.id)).visit.letters == (mine, other)
    desk.result(letters.sign(letters.edited(letter, texts), visit.patient.id))
    assert desk.result(desk.visiting.open(visit.id)).visit.letters == (other,)
    desk.result(desk.visiting.keep_letter(visit.id, other.template, None))
    assert desk.result(desk.visiting.open(visit.id)).visit.letters == ()
    unsigned = desk.reviewed(claim("Back pain for two days", Support.SUPPORTED))
    with pytest.raises(NotSignedError):
        desk.result(desk.visiting.keep_letter(unsigned.id, SUMMARY, mine))


def test_no_text_is_lost_where_the_template_of_a_letter_changed() -> None:
    kept = UnsignedLetter(SUMMARY, 1, 6, ("why", "do", "call"), ("Pain.", "Rest.", "Call us."))
    assert kept.texts_for(("why", "do", "call")) == kept.texts
    assert kept.texts_for(("do", "new")) == ("Rest.", "Pain.\nCall us.")
