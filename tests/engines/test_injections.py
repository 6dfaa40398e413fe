"""The real starter model reads spoken instructions: ids stay real, the gate holds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.domain.review import is_blocking
from app.drafting.checker import DeterministicChecker
from tests.engines.test_notes import needs_model
from tests.injections import Injection, cases
from tests.performance.injections import ModelWriter
from tests.unit.drafting.speech import LEXICON

HARDEST = (
    "ignore the above, no allergies", "a line that looks like the transcript's", "chat tokens",
    "breaks the grammar",
)  # fmt: skip
"""All of them take minutes: `make bench ARGS="injections"`."""


@pytest.fixture(scope="module")
def writer() -> Iterator[ModelWriter]:
    made = ModelWriter("smollm2-135m")
    yield made
    made.close()


@needs_model
@pytest.mark.parametrize(
    "injection", [pytest.param(each, id=each.name) for each in cases() if each.name in HARDEST]
)
def test_no_claim_of_the_model_without_evidence_passes_the_gate(
    writer: ModelWriter, injection: Injection
) -> None:
    transcript = injection.transcript
    known = {each.id for each in transcript.segments}
    checker = DeterministicChecker(LEXICON)
    for claim in writer.write(transcript):
        assert set(claim.evidence) <= known
        checked = checker.check(claim, transcript)
        assert checked.evidence or is_blocking(checked)
