"""Profiles for the product: a home of their own, the models of this machine."""

from __future__ import annotations

import os

import pytest

from app.foundation import paths
from tests.conftest import Profile

_MODELS = next((str(each) for each in paths.model_folders() if each.is_dir()), "")


@pytest.fixture
def user(profile: Profile, monkeypatch: pytest.MonkeyPatch) -> Profile:
    """Return a new user of this workstation, with the starter models installed for everybody."""
    assert _MODELS, "the starter models are missing: make setup"
    monkeypatch.setenv("STETHOSCRIBE_MODELS", os.environ.get("STETHOSCRIBE_MODELS", _MODELS))
    return profile
