"""Accounts: who may open which vault."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from app.domain.ids import UserId


class AccountRole(enum.StrEnum):
    """What an account may do. The first account is both."""

    CLINICIAN = "clinician"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Account:
    """A person who can unlock a vault on this workstation. Lives in the org database."""

    uid: UserId
    name: str
    roles: frozenset[AccountRole]
    family: str = ""
    given: str = ""
    npi: str = ""


@dataclass(frozen=True, slots=True)
class Clinic:
    """The organization that keeps the notes."""

    id: str
    name: str
