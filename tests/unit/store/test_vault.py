"""The vault from the outside: what is put in comes out, and what must not change does not."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from app.domain.draft import Owner
from app.domain.errors import (
    AppError,
    BugError,
    ConsentMissingError,
    CorruptError,
    NotFoundError,
    VaultBusyError,
    VisitStateError,
    WrongPatientError,
)
from app.domain.ids import ClaimId, ConsentId, PatientId, RecordingId, SegmentId, VisitId, new_id
from app.domain.review import Decision, Verdict
from app.domain.store_ports import ExportRow, VaultPort
from app.domain.transcript import Transcript
from app.domain.visit import Identifier, Visit, VisitState
from app.foundation import paths, sealing
from app.store.connection import Database
from app.store.keys import OpenKeys
from app.store.vault import Vault, create_vault, open_vault
from tests.unit.store.conftest import (
    NOW,
    make_consent,
    make_draft,
    make_recording,
    make_segment,
    make_version,
    make_visit,
    random_keys,
)


def kept(vault: VaultPort, visit: Visit | None = None) -> Visit:
    """Put a visit with a granted consent into the vault."""
    visit = visit or make_visit()
    vault.add_visit(visit)
    consent = make_consent(visit)
    vault.add_consent(consent)
    agreed = replace(visit.moved_to(VisitState.CONSENTED), consent=consent.id)
    vault.save_visit(agreed)
    return agreed


def names(vault: Vault, query: str) -> list[str]:
    return [each.visit.patient.family for each in vault.visits(query)]


# -- visits


def test_a_visit_returns_as_it_was_also_after_a_restart(tmp_path: Path, keys: OpenKeys) -> None:
    vault = open_vault(tmp_path, keys)
    visit = kept(vault)
    vault.close()
    vault = open_vault(tmp_path, keys)
    assert vault.visit(visit.id) == visit
    vault.close()


def test_visits_come_newest_first_whatever_the_clock_says(vault: Vault) -> None:
    first, second = make_visit("First"), make_visit("Second")
    vault.add_visit(first)
    vault.add_visit(replace(second, created_at=NOW - timedelta(days=3650)))
    assert names(vault, "") == ["Second", "First"]
    assert [each.visit.id for each in vault.visits(limit=1)] == [second.id]


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("Ångström", True),
        ("angstrom", True),
        ("NGST", True),
        ("eva ång", True),
        ("ev an", True),
        ("e", True),
        ("00123", True),
        ("mrn-001", True),
        ("", True),
        ("Eve", False),
        ("eva smith", False),
        ("zz", False),
        ('"', False),
        ("-", False),
        ("* OR *", False),
        ('eva" OR "x', False),
        ("\0", True),
        ("\ud800", False),
        ("x" * 10_000, False),
    ],
)
def test_visits_are_found_by_name_and_number(vault: Vault, query: str, is_found: bool) -> None:
    vault.add_visit(make_visit("Ångström", "Eva", "MRN-00123"))
    vault.add_visit(make_visit("Brown", "Bob", "MRN-99999"))
    assert ("Ångström" in names(vault, query)) is is_found
    assert ("Ångström" in [each.family for each in vault.patients(query)]) is is_found


def test_a_corrected_name_is_found_and_the_old_one_is_not(vault: Vault) -> None:
    visit = make_visit("Wrongname")
    vault.add_visit(visit)
    vault.save_visit(replace(visit, patient=replace(visit.patient, family="Rightname")))
    assert names(vault, "wrongname") == []
    assert names(vault, "rightname") == ["Rightname"]


@pytest.mark.parametrize(
    "name",
    [
        "\u202eevil\u2066",
        "\ud800",
        "nul\0nul",
        "e" + "\u0301" * 3000,
        "שלום",
        "'; DROP--",
        "\u2028",
    ],
)
def test_odd_names_are_kept_without_loss(vault: Vault, name: str) -> None:
    visit = make_visit(name, name, name)
    vault.add_visit(visit)
    assert vault.visit(visit.id) == visit
    if any(each.isalnum() for each in name):
        assert vault.visits(name)[0].visit == visit


def test_a_visit_never_changes_hands(vault: Vault) -> None:
    visit = kept(vault)
    other = make_visit("Other")
    with pytest.raises(WrongPatientError):
        vault.save_visit(replace(visit, patient=other.patient))
    with pytest.raises(WrongPatientError):
        vault.add_consent(replace(make_consent(visit), patient=other.patient.id))
    stranger = replace(make_version(visit, make_draft(visit)), patient=PatientId(new_id()))
    with pytest.raises(WrongPatientError):
        vault.add_version(stranger, VisitState.SIGNED)
    assert vault.visit(visit.id) == visit
    assert vault.versions(visit.id) == ()


def test_two_visits_share_a_patient(vault: Vault) -> None:
    one = make_visit()
    two = replace(one, id=VisitId(new_id()), patient=replace(one.patient, given="Janet"))
    vault.add_visit(one)
    vault.add_visit(two)
    assert vault.visit(one.id).patient.given == "Janet"
    assert len(vault.patients("roe")) == 1


def test_what_is_not_there_is_named(vault: Vault) -> None:
    nobody = make_visit()
    attempts: list[Callable[[], object]] = [
        lambda: vault.visit(nobody.id),
        lambda: vault.save_visit(nobody),
        lambda: vault.consent(ConsentId("x")),
        lambda: vault.withdraw_consent(ConsentId("x"), NOW),
        lambda: vault.add_consent(make_consent(nobody)),
        lambda: vault.add_recording(make_recording(nobody)),
        lambda: vault.recording_secret(RecordingId("x")),
        lambda: vault.close_recording(RecordingId("x"), 1),
        lambda: vault.put_segments(nobody.id, [make_segment(1)]),
        lambda: vault.transcript(nobody.id),
        lambda: vault.save_draft(make_draft(nobody)),
        lambda: vault.add_version(make_version(nobody, make_draft(nobody)), VisitState.SIGNED),
        lambda: vault.erase(nobody.id),
    ]
    for attempt in attempts:
        with pytest.raises(NotFoundError):
            attempt()
    assert vault.draft(nobody.id) is None
    assert vault.versions(nobody.id) == ()
    assert vault.decisions(nobody.id) == ()


# -- consent and recordings


def test_a_consent_is_committed_and_can_only_be_withdrawn(vault: Vault) -> None:
    visit = kept(vault)
    assert visit.consent is not None
    given = vault.consent(visit.consent)
    assert given.is_granted
    vault.withdraw_consent(given.id, NOW)
    vault.withdraw_consent(given.id, NOW + timedelta(days=1))
    assert vault.consent(given.id) == replace(given, withdrawn_at=NOW)
    assert not vault.consent(given.id).is_granted


def test_a_recording_needs_a_granted_consent(vault: Vault) -> None:
    visit = make_visit()
    vault.add_visit(visit)
    with pytest.raises(ConsentMissingError):
        vault.add_recording(make_recording(visit))
    declined = make_consent(visit, agreed=False)
    vault.add_consent(declined)
    vault.save_visit(replace(visit, consent=declined.id))
    with pytest.raises(ConsentMissingError):
        vault.add_recording(make_recording(visit))
    agreed = kept(vault, make_visit())
    vault.withdraw_consent(agreed.consent or ConsentId(""), NOW)
    with pytest.raises(ConsentMissingError):
        vault.add_recording(make_recording(agreed))
    assert vault.recordings() == ()


def test_each_recording_has_a_key_pair_of_its_own(vault: Vault) -> None:
    visit = kept(vault)
    rows = [make_recording(visit), make_recording(visit)]
    secrets = [vault.add_recording(row) for row in rows]
    assert vault.recordings(visit.id) == vault.recordings() == tuple(rows)
    assert [vault.recording_secret(row.id) for row in rows] == secrets
    assert secrets[0].private_key != secrets[1].private_key
    assert sealing.key_pair_of(secrets[0].private_key).public == secrets[0].public_key
    vault.close_recording(rows[0].id, 32_000)
    assert [row.samples for row in vault.recordings()] == [32_000, None]


def test_a_deleted_key_is_gone_from_every_byte(
    tmp_path: Path, vault: Vault, keys: OpenKeys
) -> None:
    row = make_recording(kept(vault))
    secret = vault.add_recording(row)
    vault.delete_key(row.id)
    with pytest.raises(NotFoundError):
        vault.recording_secret(row.id)
    log = paths.keys_file(tmp_path, keys.uid).with_name("keys.db-wal")
    assert log.stat().st_size == 0
    assert secret.private_key not in paths.keys_file(tmp_path, keys.uid).read_bytes()
    assert vault._secrets.rows("PRAGMA freelist_count") == [(0,)]


# -- transcript


def test_segments_are_added_replaced_and_ordered_by_time(vault: Vault) -> None:
    visit = kept(vault)
    late, early = make_segment(1, "Later.", 5000), make_segment(2, "First.", 100)
    vault.put_segments(visit.id, [late])
    vault.put_segments(visit.id, [early])
    assert vault.transcript(visit.id) == Transcript((early, late))
    better = make_segment(1, "Later, corrected.", 5000)
    vault.put_segments(visit.id, [better])
    assert vault.transcript(visit.id) == Transcript((early, better))
    vault.clear_segments(visit.id)
    assert vault.transcript(visit.id) == Transcript()


def test_a_transcript_without_times_keeps_its_order(vault: Vault) -> None:
    visit = kept(vault)
    segments = tuple(make_segment(number) for number in (3, 1, 2))
    vault.put_segments(visit.id, segments)
    assert vault.transcript(visit.id).segments == segments


def test_what_was_said_is_found_until_it_is_removed(vault: Vault) -> None:
    visit = kept(vault)
    vault.put_segments(visit.id, [make_segment(1, "Since Müller's fall the knee hurts.")])
    assert [each.visit.id for each in vault.find("muller kne")] == [visit.id]
    assert vault.find("elbow") == vault.find("") == vault.find("?") == ()
    vault.put_segments(visit.id, [make_segment(1, "The elbow hurts.")])
    assert vault.find("knee") == ()
    vault.clear_segments(visit.id)
    assert vault.find("elbow") == ()


# -- drafts and notes


def test_the_newest_draft_counts_and_earlier_ones_stay(vault: Vault) -> None:
    visit = kept(vault)
    one, two = make_draft(visit), make_draft(visit, "Takes ibuprofen.")
    assert not vault.visits()[0].has_draft
    vault.save_draft(one)
    vault.save_draft(two)
    assert vault.draft(visit.id) == two
    assert vault.drafts(visit.id) == (one, two)
    assert vault.visits()[0].has_draft
    assert len(vault.find("ibuprofen")) == 1
    assert vault.find("aspirin") == ()


def test_the_last_verdict_on_a_claim_counts(vault: Vault) -> None:
    visit = kept(vault)
    for verdict in (Verdict.ACCEPTED, Verdict.REMOVED):
        vault.save_decision(visit.id, Decision(ClaimId("c1"), verdict, NOW))
    vault.save_decision(visit.id, Decision(ClaimId("c2"), Verdict.MENDED, NOW))
    assert [(each.claim, each.verdict) for each in vault.decisions(visit.id)] == [
        ("c1", Verdict.REMOVED),
        ("c2", Verdict.MENDED),
    ]


def test_a_section_a_model_wrote_anew_is_unseen_again(vault: Vault) -> None:
    visit = kept(vault)
    vault.save_draft(make_draft(visit, claim="c1"))
    vault.mark_seen(visit.id, "plan")
    assert vault.seen(visit.id) == {"plan"}
    vault.save_draft(make_draft(visit, "Takes ibuprofen.", claim="c2"))
    assert vault.seen(visit.id) == frozenset()
    vault.mark_seen(visit.id, "plan")
    assert vault.seen(visit.id) == {"plan"}


def test_a_person_editing_a_section_does_not_make_it_unseen(vault: Vault) -> None:
    visit = kept(vault)
    draft = make_draft(visit)
    vault.save_draft(draft)
    vault.mark_seen(visit.id, "plan")
    section = draft.sections[0]
    own = replace(section.claims[0], id=ClaimId("mine"), owner=Owner.CLINICIAN)
    edited = replace(section, claims=(*section.claims, own))
    vault.save_draft(replace(draft, sections=(edited,)))
    assert vault.seen(visit.id) == {"plan"}


def test_a_line_marked_as_changed_is_unseen_until_it_is_seen_so(vault: Vault) -> None:
    visit = kept(vault)
    draft = make_draft(visit)
    vault.save_draft(draft)
    vault.mark_seen(visit.id, "plan")
    section = draft.sections[0]
    for heard in ("one print", "another print"):
        marked = tuple(replace(each, is_changed=True, heard=heard) for each in section.claims)
        vault.save_draft(replace(draft, sections=(replace(section, claims=marked),)))
        assert vault.seen(visit.id) == frozenset()
        vault.mark_seen(visit.id, "plan")
        assert vault.seen(visit.id) == {"plan"}
    vault.save_draft(draft)  # a person let the line stand
    assert vault.seen(visit.id) == {"plan"}


def test_signing_keeps_the_version_and_moves_the_visit_together(vault: Vault) -> None:
    visit = kept(vault)
    draft = make_draft(visit)
    first = make_version(visit, draft)
    vault.add_version(first, VisitState.SIGNED)
    second = replace(make_version(visit, draft, 2), replaces=1)
    vault.add_version(second, VisitState.SIGNED)
    assert vault.versions(visit.id) == (first, second)
    assert vault.visit(visit.id).state is VisitState.SIGNED
    assert vault.visits()[0].versions == 2
    with pytest.raises(AppError):
        vault.add_version(first, VisitState.IN_REVIEW)
    assert vault.visit(visit.id).state is VisitState.SIGNED


GUARDED = [
    "UPDATE versions SET body = '{}'",
    "DELETE FROM versions",
    "INSERT OR REPLACE INTO versions SELECT * FROM versions",
    "UPDATE exports SET format = 'x'",
    "DELETE FROM exports",
    "DELETE FROM consents",
    "UPDATE consents SET body = '{}'",
    "UPDATE consents SET id = 'x'",
    "UPDATE consents SET body = '{}', withdrawn_at = 'now'",
    "UPDATE consents SET withdrawn_at = NULL",
    "INSERT OR REPLACE INTO consents SELECT * FROM consents",
]


@pytest.mark.parametrize("statement", GUARDED)
def test_what_was_signed_or_agreed_cannot_be_changed(vault: Vault, statement: str) -> None:
    visit = kept(vault)
    version = make_version(visit, make_draft(visit))
    vault.add_version(version, VisitState.SIGNED)
    vault.add_export(ExportRow(version.note, 1, "text", "0" * 64, "file", NOW))
    before = everything(vault._vault)
    with pytest.raises(BugError):
        vault._vault.run(statement)
    assert everything(vault._vault) == before


def everything(database: Database) -> list[object]:
    return [
        database.rows(f"SELECT * FROM {table}") for table in ("versions", "exports", "consents")
    ]


def test_a_signature_is_that_of_the_owner(vault: Vault) -> None:
    signature, public = vault.sign_bytes(b"content")
    assert sealing.is_signed(public, signature, b"content")
    assert vault.sign_bytes(b"other")[1] == public


# -- erasing


def test_erasing_leaves_the_visit_and_the_consent_alone(vault: Vault) -> None:
    visit = kept(vault)
    row = make_recording(visit)
    vault.add_recording(row)
    vault.put_segments(visit.id, [make_segment(1)])
    vault.save_draft(make_draft(visit))
    vault.save_decision(visit.id, Decision(ClaimId("c1"), Verdict.ACCEPTED, NOW))
    vault.mark_seen(visit.id, "plan")
    for _ in range(2):
        assert vault.erase(visit.id) == (row.id,)
    with pytest.raises(NotFoundError):
        vault.recording_secret(row.id)
    assert vault.transcript(visit.id) == Transcript()
    assert vault.draft(visit.id) is None
    assert vault.decisions(visit.id) == ()
    assert vault.seen(visit.id) == frozenset()
    assert vault.find("aspirin") == ()
    assert vault.visit(visit.id) == visit


def test_a_signed_visit_is_not_erased(vault: Vault) -> None:
    visit = kept(vault)
    vault.put_segments(visit.id, [make_segment(1)])
    vault.add_version(make_version(visit, make_draft(visit)), VisitState.SIGNED)
    with pytest.raises(VisitStateError):
        vault.erase(visit.id)
    assert vault.transcript(visit.id).find(SegmentId("s1")) is not None


# -- opening


def test_a_second_opener_is_told_that_the_vault_is_busy(
    tmp_path: Path, keys: OpenKeys, vault: Vault
) -> None:
    assert vault.visits() == ()
    with pytest.raises(VaultBusyError):
        open_vault(tmp_path, keys)


def test_a_vault_that_failed_to_open_is_not_busy(tmp_path: Path, keys: OpenKeys) -> None:
    for wrong in (replace(keys, vault=bytes(32)), replace(keys, records=bytes(32))):
        with pytest.raises(CorruptError):
            open_vault(tmp_path, wrong)
    open_vault(tmp_path, keys).close()


def test_the_keys_of_one_user_open_nothing_of_another(tmp_path: Path, keys: OpenKeys) -> None:
    bob = random_keys(keys.uid)
    with pytest.raises(CorruptError):
        open_vault(tmp_path, bob)


def test_damage_of_one_vault_leaves_the_others_alone(tmp_path: Path, keys: OpenKeys) -> None:
    bob = random_keys()
    create_vault(tmp_path, bob)
    paths.vault_file(tmp_path, bob.uid).write_bytes(sealing.random_bytes(8192))
    with pytest.raises(CorruptError):
        open_vault(tmp_path, bob)
    assert len(list(paths.quarantine_folder(tmp_path, bob.uid).iterdir())) == 1
    assert list(paths.quarantine_folder(tmp_path, keys.uid).iterdir()) == []
    open_vault(tmp_path, keys).close()


def test_a_vault_in_order_is_closed_without_a_log(tmp_path: Path, keys: OpenKeys) -> None:
    vault = open_vault(tmp_path, keys)
    kept(vault)
    vault.close()
    assert not list(tmp_path.rglob("*-wal"))


def test_a_vault_lives_on_the_thread_it_was_opened_on(tmp_path: Path, keys: OpenKeys) -> None:
    with ThreadPoolExecutor(1) as lane:
        vault = lane.submit(open_vault, tmp_path, keys).result()
        with pytest.raises(BugError):
            vault.visits()
        lane.submit(vault.add_visit, replace(make_visit(), encounter_id="e")).result()
        assert len(lane.submit(vault.visits).result()) == 1
        lane.submit(vault.close).result()


def test_identifiers_of_a_patient_all_count(vault: Vault) -> None:
    visit = make_visit()
    two = (Identifier("A-77", "urn:one"), Identifier("B-88", "urn:two"))
    vault.add_visit(replace(visit, patient=replace(visit.patient, identifiers=two)))
    assert names(vault, "a-77") == names(vault, "b-88") == ["Roe"]
