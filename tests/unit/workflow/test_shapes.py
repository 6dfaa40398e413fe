"""The JSON shapes other programs rely on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.errors import FileAccessError, TranscriptFileError
from app.domain.ids import SegmentId, WordId
from app.domain.transcript import Segment, SpeakerRole, Transcript, Word
from app.workflow.shapes import read_transcript, transcript_shape


def test_a_transcript_needs_nothing_but_text(tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    path.write_text('{"segments": [{"text": "Any fever?"}, {"role": "patient", "text": "No."}]}')
    found = read_transcript(path)
    assert [each.id for each in found.segments] == ["s0001", "s0002"]
    assert [each.role for each in found.segments] == [SpeakerRole.UNKNOWN, SpeakerRole.PATIENT]


@pytest.mark.parametrize(
    ("given_role", "role"),
    [("D", "clinician"), ("doctor", "clinician"), ("Patient", "patient"), ("mother", "other")],
)
def test_other_names_of_roles_are_known(tmp_path: Path, given_role: str, role: str) -> None:
    path = tmp_path / "t.json"
    path.write_text(json.dumps({"segments": [{"role": given_role, "text": "Hello."}]}))
    assert read_transcript(path).segments[0].role.value == role


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "not json ZZPHI-1",
        '{"segments": [{"role": "patient"}]}',
        '{"segments": [{"text": "a", "start_s": -1}]}',
        '{"segments": [{"text": "a", "end_s": "NaN"}]}',
        '{"segments": [{"text": "a", "id": 1}, {"text": "b", "id": 1}]}',
    ],
)
def test_another_shape_is_refused_without_quoting_it(tmp_path: Path, text: str) -> None:
    path = tmp_path / "t.json"
    path.write_text(text)
    with pytest.raises(TranscriptFileError) as caught:
        read_transcript(path)
    assert caught.value.__context__ is None
    assert "ZZPHI" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileAccessError):
        read_transcript(tmp_path / "none.json")


words = st.lists(
    st.builds(
        Word,
        st.just(WordId("w1")),
        st.text("abc?", min_size=1, max_size=5),
        st.integers(0, 16_000),
        st.integers(16_000, 32_000),
        st.floats(0, 1),
    ),
    max_size=3,
).map(tuple)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.text(min_size=1).map(str.strip), st.sampled_from(SpeakerRole), words),
        max_size=5,
    )
)
def test_what_is_written_can_be_read_again(
    tmp_path: Path, rows: list[tuple[str, SpeakerRole, tuple[Word, ...]]]
) -> None:
    segments = tuple(
        Segment(SegmentId(f"s{number}"), text, role, 1.0, number * 16, number * 16 + 8, spoken)
        for number, (text, role, spoken) in enumerate(rows)
    )
    path = tmp_path / "t.json"
    path.write_text(json.dumps(transcript_shape(Transcript(segments))), "utf-8")
    again = read_transcript(path)
    for before, after in zip(segments, again.segments, strict=True):
        assert (after.id, after.role, after.text) == (before.id, before.role, before.text)
        assert abs(after.start - before.start) <= 16
