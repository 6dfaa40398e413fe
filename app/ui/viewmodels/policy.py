"""What the clinic decided, in words: every rule in force, its value, and who set it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from app.foundation import texts
from app.foundation.i18n import _
from app.foundation.policy_file import PolicyReading, PolicyRow, rows


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the page.

    Attributes:
        is_set: the clinic's file sets it, or strict rules hold because that file has a fault.
    """

    key: str
    title: str
    value: str
    source: str
    is_set: bool


def policy_rules(reading: PolicyReading) -> tuple[Rule, ...]:
    """Return every rule in force, those that somebody set first."""
    found = [_rule(each) for each in rows(reading)]
    return tuple(sorted(found, key=lambda each: not each.is_set))


def policy_summary(reading: PolicyReading) -> str:
    """Return in a sentence or two who decided."""
    if reading.source == "strict":
        return texts.words_for("policy_rejected", {"key": reading.trouble})
    if reading.source == "file":
        text = _("Your clinic has set rules (policy number {serial}). You cannot change them here.")
        return text.format(serial=reading.serial)
    return _("Your clinic has set no rules on this computer. These hold from the start.")


def _rule(row: PolicyRow) -> Rule:
    sources = {
        "default": _("As delivered"),
        "file": _("Set by your clinic"),
        "strict": _("Strictest, because the file has a fault"),
    }
    title = _(_TITLES[row.key]) if row.key in _TITLES else row.key
    source = sources.get(row.source, row.source)
    return Rule(row.key, title, _value(row), source, row.source != "default")


def _value(row: PolicyRow) -> str:
    shown = _VALUES.get(row.key)
    if shown is not None:
        return shown(row.value)
    if isinstance(row.value, bool):
        return _("yes") if row.value else _("no")
    return str(row.value)


def _formats(value: object) -> str:
    names = value if isinstance(value, tuple) else ()
    return ", ".join(texts.format_name(str(each)) for each in names) or _("none")


def _unsigned(value: object) -> str:
    return _("marked as a draft") if value == "banner" else _("not allowed")


def _minutes(value: object) -> str:
    return _("1 minute") if value == 1 else _("{count} minutes").format(count=value)


def _seconds(value: object) -> str:
    return _("{count} seconds").format(count=value)


def _characters(value: object) -> str:
    return _("{count} characters").format(count=value)


def _hours(value: object) -> str:
    return _("1 hour") if value == 1 else _("{count} hours").format(count=value)


def _while_recording(value: object) -> str:
    if value == "privacy":
        return _("the screen is covered, the recording goes on")
    return _("the program locks, the recording goes on")


def _reauth(value: object) -> str:
    return _minutes(value) if value else _("every time")


def _count(value: object) -> str:
    names = value if isinstance(value, tuple) else ()
    return str(len(names)) if names else _("none")


_TITLES: Final[Mapping[str, str]] = {
    "identity.min_password": "Shortest password",
    "lock.idle_minutes": "Locks when nobody works here for",
    "lock.absolute_hours": "Locks in any case after",
    "lock.while_recording": "When nobody works here during a recording",
    "sign.reauth_minutes": "Password to sign asked again after",
    "export.unsigned": "Unsigned notes leave",
    "export.formats": "Notes leave as",
    "export.patient_in_filename": "Name of the patient in file names",
    "export.ai_line": "Line in every file that says how the note was made",
    "clipboard.clear_seconds": "Copies are cleared after",
    "recorder.alone_minutes": "A recording without its window ends after",
    "demo.allowed": "Demonstration allowed",
    "models.keys": "Other makers of models that are trusted",
    "models.allow": "Models allowed beside the catalogue",
}

_VALUES: Final[Mapping[str, Callable[[object], str]]] = {
    "identity.min_password": _characters,
    "lock.idle_minutes": _minutes,
    "lock.absolute_hours": _hours,
    "lock.while_recording": _while_recording,
    "sign.reauth_minutes": _reauth,
    "export.unsigned": _unsigned,
    "export.formats": _formats,
    "clipboard.clear_seconds": _seconds,
    "recorder.alone_minutes": _minutes,
    "models.keys": _count,
    "models.allow": _count,
}
