"""What live speech leaves in the vault is kept, is found again, and is erased for good."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.domain.audio import Gap, GapReason, Span, Stretch, StretchKind
from app.domain.draft import Owner
from app.domain.errors import VisitStateError
from app.domain.ids import ClaimId, ModelId, SegmentId, WordId
from app.domain.transcript import (
    Difference,
    Revision,
    RevisionCause,
    RoleFound,
    SpeakerRole,
    Transcript,
)
from app.domain.visit import Visit, VisitState
from app.domain.vocabulary import Macro, Replacement, Vocabulary, VoiceEnrolment
from app.foundation import paths
from app.store.keys import OpenKeys
from app.store.vault import Vault
from tests.unit.store.conftest import NOW, make_draft, make_segment, make_version, make_visit

SECOND = 16_000


def kept(vault: Vault) -> Visit:
    visit = make_visit()
    vault.add_visit(visit)
    return visit


def change(segment: str, after: str) -> Revision:
    return Revision(
        (WordId(f"word of {segment}"),), "before", after, RevisionCause.FINAL, SegmentId(segment)
    )


def test_stretches_come_in_order_of_time_and_once(vault: Vault) -> None:
    visit = kept(vault)
    gap = Stretch(3 * SECOND, 4 * SECOND, StretchKind.GAP, GapReason.DEVICE)
    mark = Stretch(SECOND, SECOND, StretchKind.BOOKMARK)
    vault.add_stretches(visit.id, [gap, mark])
    vault.add_stretches(visit.id, [mark])
    found = vault.transcript(visit.id)
    assert found.stretches == (mark, gap)
    assert found.gaps == (Gap(3 * SECOND, SECOND, GapReason.DEVICE),)


def test_roles_found_later_replace_those_of_their_segments_alone(vault: Vault) -> None:
    visit = kept(vault)
    one, two = make_segment(1, "How are you?", 0), make_segment(2, "Bad.", SECOND)
    vault.put_segments(visit.id, [one, two])
    vault.set_roles(
        visit.id,
        [
            RoleFound(one.id, SpeakerRole.CLINICIAN, 0.9, "A"),
            RoleFound(SegmentId("gone"), SpeakerRole.PATIENT, 0.9, "B"),
        ],
    )
    first, second = vault.transcript(visit.id).segments
    assert (first.role, first.role_confidence, first.speaker) == (SpeakerRole.CLINICIAN, 0.9, "A")
    assert first.text == one.text
    assert second == two


def test_a_role_that_a_person_set_is_changed_by_a_person_alone(vault: Vault) -> None:
    visit = kept(vault)
    one = make_segment(1, "How are you?", 0)
    vault.put_segments(visit.id, [one])
    for role, sure, expected in (
        (SpeakerRole.OTHER, 1.0, SpeakerRole.OTHER),
        (SpeakerRole.PATIENT, 0.99, SpeakerRole.OTHER),
        (SpeakerRole.CLINICIAN, 1.0, SpeakerRole.CLINICIAN),
    ):
        vault.set_roles(visit.id, [RoleFound(one.id, role, sure, "A")])
        assert vault.transcript(visit.id).segments[0].role is expected


def test_what_is_struck_is_gone_with_its_history_and_drafts(
    tmp_path: Path, vault: Vault, keys: OpenKeys
) -> None:
    visit = kept(vault)
    said = [
        make_segment(i, text, i * SECOND) for i, text in enumerate(["One.", "Zanzibar.", "Two."])
    ]
    vault.put_segments(visit.id, said)
    vault.add_revisions(visit.id, [change(each.id, "x") for each in said])
    vault.set_differences(visit.id, [Difference(each.id, 0, 1, "a", "b") for each in said])
    vault.save_draft(make_draft(visit))
    middle = said[1]
    gone = vault.strike(visit.id, Span(middle.start, middle.start + 10))
    assert gone == (middle.id,)
    found = vault.transcript(visit.id)
    assert [each.text for each in found.segments] == ["One.", "Two."]
    assert [each.segment for each in found.revisions] == [said[0].id, said[2].id]
    assert [each.segment for each in vault.differences(visit.id)] == [said[0].id, said[2].id]
    assert [each.kind for each in found.stretches] == [StretchKind.OFF_RECORD]
    assert vault.draft(visit.id) is None
    assert not vault.find("zanzibar")
    assert paths.vault_file(tmp_path, keys.uid).with_name("vault.db-wal").stat().st_size == 0


def test_no_word_from_the_time_that_is_struck_stays_elsewhere(vault: Vault) -> None:
    visit = kept(vault)
    vault.put_segments(visit.id, [make_segment(1, "One.", 0)])
    taken_back = Revision((WordId("w9"),), "Zanzibar", "", RevisionCause.FINAL, None)
    vault.add_revisions(visit.id, [change("s1", "x"), taken_back])
    one = SegmentId("s1")
    outside = Difference(one, 0, SECOND, "a", "b")
    vault.set_differences(visit.id, [outside, Difference(one, SECOND, 3 * SECOND, "c", "Zanzibar")])
    assert vault.strike(visit.id, Span(2 * SECOND, 4 * SECOND)) == ()
    assert [each.after for each in vault.transcript(visit.id).revisions] == ["x"]
    assert vault.differences(visit.id) == (outside,)


def test_what_a_person_wrote_stays_where_it_does_not_rest_on_what_is_struck(vault: Vault) -> None:
    visit = kept(vault)
    vault.put_segments(visit.id, [make_segment(1), make_segment(2, "Bad.", SECOND)])
    draft = make_draft(visit)
    (quoted,) = draft.sections[0].claims
    lines = tuple(
        replace(quoted, id=ClaimId(text), text=text, owner=owner, evidence=evidence)
        for text, owner, evidence in (
            ("typed", Owner.CLINICIAN, ()),
            ("mended", Owner.CLINICIAN, (SegmentId("s1"), SegmentId("s2"))),
            ("inserted", Owner.CLINICIAN, (SegmentId("s2"),)),
            ("macro", Owner.MACRO, ()),
            ("modelled", Owner.MODEL, (SegmentId("s2"),)),
        )
    )
    section = replace(draft.sections[0], claims=lines)
    vault.save_draft(replace(draft, sections=(section,)))
    assert vault.strike(visit.id, Span(0, SECOND // 2)) == ("s1",)
    (left,) = vault.drafts(visit.id)
    assert [each.text for each in left.claims] == ["typed", "inserted", "macro"]
    assert left.id != draft.id
    assert vault.find("mended") == ()
    assert vault.find("typed") != ()


def test_nothing_is_struck_from_a_signed_visit(vault: Vault) -> None:
    visit = kept(vault)
    vault.put_segments(visit.id, [make_segment(1, "Said.", 0)])
    vault.add_version(make_version(visit, make_draft(visit)), VisitState.SIGNED)
    with pytest.raises(VisitStateError):
        vault.strike(visit.id, Span(0, SECOND))
    assert vault.transcript(visit.id).segments


def test_erasing_a_visit_erases_what_was_heard_of_it(vault: Vault) -> None:
    visit = kept(vault)
    segment = make_segment(1, "Said.", 0)
    vault.put_segments(visit.id, [segment])
    vault.add_revisions(visit.id, [change(segment.id, "x")])
    vault.add_stretches(visit.id, [Stretch(0, 0, StretchKind.BOOKMARK)])
    vault.set_differences(visit.id, [Difference(segment.id, 0, 1, "a", "b")])
    vault.erase(visit.id)
    assert vault.transcript(visit.id) == Transcript()
    assert vault.differences(visit.id) == ()


def test_a_vocabulary_is_kept_whole(vault: Vault) -> None:
    assert vault.vocabulary() == Vocabulary()
    taught = Vocabulary(
        ("tirzepatide",), (Replacement("nigh ha", "NYHA"),), (Macro("normal exam", "Lungs clear."),)
    )
    vault.save_vocabulary(taught)
    assert vault.vocabulary() == taught


def test_a_voice_that_is_revoked_is_gone_from_every_byte(
    tmp_path: Path, vault: Vault, keys: OpenKeys
) -> None:
    voice = VoiceEnrolment(bytes(range(256)) * 3, NOW, 31.5, ModelId("campplus"))
    vault.save_voice(voice)
    assert vault.voice() == voice
    vault.save_voice(None)
    assert vault.voice() is None
    assert vault._vault.rows("SELECT count(*) FROM profile") == [(0,)]
    assert paths.vault_file(tmp_path, keys.uid).with_name("vault.db-wal").stat().st_size == 0
