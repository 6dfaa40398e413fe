"""Made-up notes for the exporters: five variants, and a strategy for endless ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

from hypothesis import strategies as st

from app.domain.ids import NoteId
from app.domain.note import (
    ExportAuthor,
    ExportModel,
    ExportNote,
    ExportOrganization,
    ExportPatient,
    ExportSection,
    ExportVisit,
    NoteStatus,
)
from app.domain.visit import Identifier, Sex, VisitClass
from app.export.fhir_codes import NOTE_TYPES, SECTION_CODES

ZONE = timezone(timedelta(hours=-5))

HOSTILE = (
    "{\\field{\\*\\fldinst HYPERLINK}}",
    "<script>alert(1)</script>",
    '<img src="x" onerror="y">',
    "]]><![CDATA[",
    "&amp; &lt; &#0; &nbsp;",
    '=HYPERLINK("x")',
    "|^~\\&\rMSH|",
    "one\r\ntwo\u2028three\u2029four\rfive",
    "\u202eright to left\u202c and \u2066isolated\u2069",
    "nul \x00 bell \x07 escape \x1b del \x7f c1 \x85",
    "lone \ud800 and \udfff surrogates \ufffe \uffff",
    "emoji \U0001f600 \U0001f468\u200d\U0001f469\u200d\U0001f467",
    "שלום عليكم",
    "non\u00a0breaking\u3000blanks",
    "   ",
    "\t",
    "\ufeffbom",
    "PLAN",
    "- bullet",
    "Not discussed",
)


def model(kind: str, digit: str) -> ExportModel:
    return ExportModel(kind, f"{kind}-example", "Example", "1.0", digit * 64)


SOAP = (
    ExportSection(
        "subjective", "Subjective", ("62-year-old with 3 days of productive cough.", "No fever.")
    ),
    ExportSection("objective", "Objective", ("BP 138/84.", "Lungs: rhonchi on the right.")),
    ExportSection("assessment", "Assessment", ("Acute bronchitis.",)),
    ExportSection("plan", "Plan", ("Supportive care", "Return if fever", "Albuterol 90 mcg")),
    ExportSection("allergies", "Allergies"),
)

FINAL = ExportNote(
    note_id=NoteId("7f3a2c1b-0000-4000-8000-000000000001"),
    version=1,
    status=NoteStatus.FINAL,
    type="11506-3",
    title="Progress note",
    patient=ExportPatient(
        "11111111-0000-4000-8000-000000000001",
        "Example",
        "Jane",
        date(1964, 2, 3),
        Sex.FEMALE,
        (Identifier("MRN123", "urn:oid:2.999.1.1"),),
    ),
    author=ExportAuthor("22222222-0000-4000-8000-000000000001", "Rivera", "A", npi="1234567893"),
    organization=ExportOrganization("33333333-0000-4000-8000-000000000001", "Example Clinic"),
    visit=ExportVisit(
        "44444444-0000-4000-8000-000000000001",
        VisitClass.AMBULATORY,
        datetime(2026, 11, 20, 9, 0, tzinfo=ZONE),
        datetime(2026, 11, 20, 9, 20, tzinfo=ZONE),
    ),
    sections=SOAP,
    edited_at=datetime(2026, 11, 20, 9, 25, tzinfo=ZONE),
    signed_at=datetime(2026, 11, 20, 9, 30, tzinfo=ZONE),
    models=(model("asr", "a"), model("llm", "b")),
)

DRAFT = replace(FINAL, status=NoteStatus.PRELIMINARY, signed_at=None)

AMENDED = replace(FINAL, version=2, status=NoteStatus.AMENDED, replaces=1)

COMBINED = replace(
    FINAL,
    sections=(
        ExportSection(
            "subjective",
            "Subjective",
            (),
            (
                ExportSection("chief complaint", "Chief complaint", ("Cough.",)),
                ExportSection("hpi", "History of present illness", ("Three days.",)),
                ExportSection("ros", "Review of systems"),
            ),
        ),
        ExportSection("exam", "Exam", ("Rhonchi.",)),
        ExportSection("assessment and plan", "Assessment and plan", ("Bronchitis: rest.",)),
        ExportSection("unheard_of", "Our own section", ("Something.",)),
    ),
)

NASTY = replace(
    FINAL,
    title=HOSTILE[1],
    patient=ExportPatient(
        "p\ud800|q",
        HOSTILE[8],
        HOSTILE[10],
        None,
        Sex.UNKNOWN,
        (Identifier(HOSTILE[6], "not a uri"), Identifier("  ", "urn:oid:2.999")),
    ),
    author=ExportAuthor("x", HOSTILE[2], HOSTILE[9], npi="123", local_id=HOSTILE[5]),
    organization=ExportOrganization("y", "\x00"),
    visit=replace(FINAL.visit, encounter_id=HOSTILE[6], end=None),
    sections=(
        ExportSection("plan", HOSTILE[3], HOSTILE),
        ExportSection("\x00", "\u2028", ("x\n\n\ny\t",)),
        ExportSection("hpi", "Only blanks", ("   ", "\x00")),
    ),
    models=(ExportModel("llm", HOSTILE[1], HOSTILE[2], HOSTILE[3], ""),),
    language="not a language",
)

VARIANTS = {
    "final": FINAL,
    "draft": DRAFT,
    "amended": AMENDED,
    "combined": COMBINED,
    "hostile": NASTY,
}

TEXTS = st.one_of(st.text(st.characters(), max_size=30), st.sampled_from(HOSTILE))
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TIMES = st.builds(
    datetime.fromtimestamp,
    st.integers(600_000_000, 4_000_000_000),  # 1989 to 2096
    ZONES,
)
KEYS = st.one_of(st.sampled_from(sorted(SECTION_CODES)), TEXTS)


def _sections(depth: int) -> st.SearchStrategy[tuple[ExportSection, ...]]:
    below = _sections(depth - 1) if depth else st.just(())
    claims = st.lists(TEXTS, max_size=4).map(tuple)
    return st.lists(st.builds(ExportSection, KEYS, TEXTS, claims, below), max_size=4).map(tuple)


def _honest(note: ExportNote) -> ExportNote:
    """Give a signed note its time, and take the models from a typed one."""
    is_signed = note.status in {NoteStatus.FINAL, NoteStatus.AMENDED}
    return replace(
        note,
        signed_at=note.edited_at + timedelta(minutes=1) if is_signed else None,
        models=() if note.provenance == "CLINAST" else note.models,
    )


NOTES = st.builds(
    ExportNote,
    note_id=TEXTS.map(NoteId),
    version=st.integers(1, 9),
    status=st.sampled_from(NoteStatus),
    type=st.sampled_from(sorted(NOTE_TYPES)),
    title=TEXTS,
    patient=st.builds(
        ExportPatient,
        TEXTS,
        TEXTS,
        TEXTS,
        st.none() | st.dates(date(1900, 1, 1), date(2100, 1, 1)),
        st.sampled_from(Sex),
        st.lists(
            st.builds(Identifier, TEXTS, st.sampled_from(("", "urn:oid:2.999.1", "no uri"))),
            max_size=2,
        ).map(tuple),
    ),
    author=st.builds(
        ExportAuthor, TEXTS, TEXTS, TEXTS, st.sampled_from(("", "1234567893", "12")), TEXTS
    ),
    organization=st.builds(ExportOrganization, TEXTS, TEXTS),
    visit=st.builds(
        ExportVisit, TEXTS, st.sampled_from(VisitClass), TIMES, st.none() | TIMES, TEXTS
    ),
    sections=_sections(1),
    edited_at=TIMES,
    signed_at=st.none(),
    replaces=st.none() | st.integers(1, 8),
    models=st.lists(
        st.builds(ExportModel, st.sampled_from(("asr", "llm")), TEXTS, TEXTS, TEXTS, TEXTS),
        max_size=3,
    ).map(tuple),
    language=st.sampled_from(("en", "en-US", "", "??")),
    provenance=st.sampled_from(("AIAST", "DICTAST", "CLINAST")),
    is_demo=st.booleans(),
    ai_line=st.booleans(),
).map(_honest)
