"""A claim is stale exactly when what it rests on reads otherwise now."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.draft import Claim, Draft, Owner, Section
from app.domain.ids import ClaimId, DraftId, SegmentId, TemplateId, VisitId
from app.domain.transcript import Segment, SpeakerRole
from app.drafting.staleness import draft_printed, stale_claims, watched

COUNT = 6
IDS = [SegmentId(f"s{number}") for number in range(COUNT)]
evidences = st.lists(st.sampled_from(IDS), max_size=4, unique=True).map(tuple)
texts = st.text("ab\u00e9019/<>%\n ", max_size=12).map(lambda text: " ".join(text.split()))
"""No capitals and no commas: of these words each change counts."""


def draft_of(evidence: list[tuple[SegmentId, ...]], owners: list[Owner]) -> Draft:
    claims = tuple(
        Claim(ClaimId(str(number)), "text", ids, owner=owner)
        for number, (ids, owner) in enumerate(zip(evidence, owners, strict=False))
    )
    section = Section("plan", "Plan", claims)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return Draft(DraftId("d"), VisitId("v"), TemplateId("soap"), (section,), "", at)


def changed(segments: list[Segment], place: int, what: str) -> list[Segment]:
    """Return the segments with one of them changed, or another one behind them."""
    now = list(segments)
    if what == "role":
        now[place] = replace(now[place], role=SpeakerRole.CLINICIAN)
    elif what == "gone":
        del now[place]
    elif what == "elsewhere":
        now.append(Segment(SegmentId("new"), "more"))
    else:
        now[place] = replace(now[place], text=what)
    return now


@given(
    st.lists(texts, min_size=COUNT, max_size=COUNT),
    st.lists(evidences, min_size=1, max_size=5),
    st.lists(st.sampled_from(list(Owner)), min_size=5, max_size=5),
    st.sampled_from(range(COUNT)),
    st.sampled_from(["role", "gone", "elsewhere"]) | texts,
)
def test_what_rests_on_a_changed_segment_is_stale_and_nothing_else(
    said: list[str],
    evidence: list[tuple[SegmentId, ...]],
    owners: list[Owner],
    place: int,
    what: str,
) -> None:
    segments = [Segment(id_, text) for id_, text in zip(IDS, said, strict=True)]
    draft = draft_printed(draft_of(evidence, owners), segments)
    assert stale_claims(draft, segments) == ()
    now = changed(segments, place, what)
    touched = {each.id for each in set(segments) - set(now)}
    wanted = [
        each.id
        for each in draft.claims
        if each.owner is Owner.MODEL and touched & set(each.evidence)
    ]
    some = [each for each in now if each.id in watched(draft)]
    assert [each.id for each in stale_claims(draft, some)] == wanted


@pytest.mark.parametrize(
    ("said", "now", "is_stale"),
    [
        ("Okay. And when, 2/10?", "okay and when 2/10", False),
        ("Take 1.5 mg.", "Take 15 mg.", True),
        ("saturation <95%", "saturation >95%", True),
        ("No fever.", "fever.", True),
    ],
)
def test_commas_and_capitals_are_no_words(said: str, now: str, is_stale: bool) -> None:
    draft = draft_printed(draft_of([(IDS[0],)], [Owner.MODEL]), [Segment(IDS[0], said)])
    assert bool(stale_claims(draft, [Segment(IDS[0], now)])) is is_stale
