"""The slow validator, made once per run."""

from __future__ import annotations

import pytest

from tests.fhir_validation.house import Check
from tests.fhir_validation.validators import CORE, pyfhircheck_check


@pytest.fixture(scope="session")
def pyfhircheck(tmp_path_factory: pytest.TempPathFactory) -> Check:
    """Return pyfhircheck with core package, US Core and supplements."""
    if not CORE.exists():
        pytest.skip("HL7's core package is not in .cache/fhir: run the set-up for tests")
    return pyfhircheck_check(tmp_path_factory.mktemp("evidence"))
