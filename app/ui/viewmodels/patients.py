"""A patient as typed or pasted, and words for people, dates and times. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from app.domain.ids import PatientId, new_id
from app.domain.visit import Identifier, Patient, Sex
from app.foundation.i18n import _

OLDEST_YEAR: Final = 1900
"""Birth dates before this are typing errors; the oldest living people were born after it."""

OLDEST_AGE: Final = 110
"""Years up to which a two-digit year is read as the past century. Older are some hundred people in
the world (Gerontology Research Group): their year is typed in full."""

_SEXES: Final = {
    "m": Sex.MALE,
    "male": Sex.MALE,
    "man": Sex.MALE,
    "f": Sex.FEMALE,
    "female": Sex.FEMALE,
    "woman": Sex.FEMALE,
    "other": Sex.OTHER,
}
_DATE: Final = re.compile(
    r"\b(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}|\d{1,2} [A-Za-z]{3,9} \d{4}"
    r"|\d{1,2}\.\d{1,2}\.\d{2}|\d{1,2}/\d{1,2}/\d{2})\b"
)
_MONTHS: Final = (
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PatientFields:
    """What stands in the form.

    Attributes:
        terms: words that may come up, with commas between them.
    """

    family: str = ""
    given: str = ""
    birth_date: str = ""
    sex: Sex = Sex.UNKNOWN
    identifier: str = ""
    terms: str = ""

    @classmethod
    def of(cls, patient: Patient) -> PatientFields:
        """Return what the form says of a patient."""
        born = patient.birth_date
        number = patient.identifiers[0].value if patient.identifiers else ""
        return cls(
            patient.family,
            patient.given,
            born.isoformat() if born is not None else "",
            patient.sex,
            number,
        )

    def corrected(self, patient: Patient) -> Patient:
        """Return a patient as the form says; what it does not show stays.

        Raises:
            ValueError: see `patient`.
        """
        typed = self.patient()
        old = patient.identifiers
        number = typed.identifiers
        if old and number and old[0].value == number[0].value:
            number = old[:1]  # whose number it is was imported, and is not asked for
        return replace(typed, id=patient.id, identifiers=(*number, *old[1:]))

    def patient(self) -> Patient:
        """Return a new patient.

        Raises:
            ValueError: no family name, or a birth date that is none; the argument says which.
        """
        if not self.family.strip():
            raise ValueError("family")
        born = parse_date(self.birth_date)
        if self.birth_date.strip() and born is None:
            raise ValueError("birth_date")
        number = self.identifier.strip()
        return Patient(
            PatientId(new_id()),
            self.family.strip(),
            self.given.strip(),
            born,
            self.sex,
            (Identifier(number),) if number else (),
        )


def parse_date(text: str, today: date | None = None) -> date | None:
    """Read a birth date: `1980-05-17`, `17.05.1980`, `17 May 1980`, or `05/17/1980` (month first).

    None when it is no date, lies in the future or before `OLDEST_YEAR`, and where a year of two
    digits leaves it open in which century somebody was born.
    """
    found = possible_dates(text, today)
    return found[0] if len(found) == 1 else None


def possible_dates(text: str, today: date | None = None) -> tuple[date, ...]:
    """Return the birth dates a text can mean: two where a year of two digits leaves it open.

    With dots or slashes alone: in `61-05-17` nobody can tell the year from the day.
    """
    match = re.fullmatch(r"\s*(\w+)[-/. ]+(\w+)[-/. ]+(\w+)\s*", text)
    if match is None:
        return ()
    newest = today or datetime.now().astimezone().date()
    year, month, day = _order(match.groups(), "/" in text)
    is_short = re.fullmatch(r"\s*\d{1,2}([./])\d{1,2}\1\d\d\s*", text) is not None
    years = [f"19{year}", f"20{year}"] if is_short else [year]
    dates = [each for one in years if (each := _date(one, month, day)) is not None]
    oldest = newest.year - OLDEST_AGE if is_short else OLDEST_YEAR
    return tuple(each for each in dates if each.year >= oldest and each <= newest)


def parse_pasted(text: str) -> PatientFields:
    """Read a line as EHRs show patients: `Doe, Jane  F  05/17/1980  MRN 00123`.

    What is not recognized is left out; the person sees the form and mends it.
    """
    rest = " ".join(text.split())
    born = ""
    if (match := _DATE.search(rest)) is not None:
        born = match.group(1)
        rest = rest[: match.start()] + " " + rest[match.end() :]
    number = ""
    if (match := re.search(r"\b(?=[A-Z]*-?\d)[A-Z]{0,4}-?\d[\w-]{2,}\b", rest)) is not None:
        number = match.group(0)
        rest = rest[: match.start()] + " " + rest[match.end() :]
    sex = Sex.UNKNOWN
    words = []
    for word in re.sub(r"[()|;:]", " ", rest).split():
        plain = word.strip(",.").lower()
        if plain in _SEXES and sex is Sex.UNKNOWN:
            sex = _SEXES[plain]
        elif plain not in {"mrn", "dob", "born", "id", "sex", "years", "yrs", "#"}:
            words.append(word)
    family, given = _names(" ".join(words).strip(" ,-"))
    return PatientFields(family, given, born, sex, number)


class PastedLine:
    """Fills a form from a line that is pasted, or typed key by key.

    What half a line was taken for goes again with the next key: `Doe, M` is no man yet, and a
    name that stood in the form comes back when the line holds none after all.
    """

    def __init__(self) -> None:
        self._filled: dict[str, str | Sex] = {}
        self._before: dict[str, str | Sex] = {}

    def fill(self, text: str, now: PatientFields) -> PatientFields:
        """Return what the form is to say, which says `now`."""
        found, empty = parse_pasted(text), PatientFields()
        changed: dict[str, str | Sex] = {}
        for name in ("family", "given", "birth_date", "sex", "identifier"):
            stands, read = getattr(now, name), getattr(found, name)
            if name not in self._filled or stands != self._filled[name]:
                self._before[name] = stands  # typed by hand, or by nobody
            before = self._before[name]
            nothing = getattr(empty, name)
            if read != nothing:
                changed[name] = self._filled[name] = read
            elif text.strip() or before != nothing:  # an emptied line leaves what it filled in
                changed[name] = before
                self._filled.pop(name, None)
        return replace(now, **changed)  # type: ignore[arg-type]  # names and values are of one form


def born_words(patient: Patient, today: date | None = None) -> str:
    """Return the birth date in words that cannot be misread, and the age."""
    if patient.birth_date is None:
        return _("birth date unknown")
    return date_words(patient.birth_date, today)


def date_words(born: date, today: date | None = None) -> str:
    """Return `17 May 1980 (46 y)`."""
    now = today or datetime.now().astimezone().date()
    years = now.year - born.year - ((now.month, now.day) < (born.month, born.day))
    months = (now.year - born.year) * 12 + now.month - born.month - (now.day < born.day)
    age = (
        _("{years} y").format(years=years) if years > 1 else _("{months} mo").format(months=months)
    )
    return _("{day} {month} {year} ({age})").format(
        day=born.day, month=_month_words(born.month), year=born.year, age=age
    )


def _month_words(month: int) -> str:
    """Return a month in letters: a number could be the day."""
    months = (
        _("Jan"), _("Feb"), _("Mar"), _("Apr"), _("May"), _("Jun"),
        _("Jul"), _("Aug"), _("Sep"), _("Oct"), _("Nov"), _("Dec"),
    )  # fmt: skip
    return months[month - 1]


def identifier_words(patient: Patient) -> str:
    """Return the patient's first number, or that there is none."""
    return patient.identifiers[0].value if patient.identifiers else _("no identifier")


def sex_words(sex: Sex) -> str:
    """Return a sex for people; empty when unknown."""
    words = {Sex.MALE: _("male"), Sex.FEMALE: _("female"), Sex.OTHER: _("other")}
    return words.get(sex, "")


def clock_words(seconds: float) -> str:
    """Return `3:12`, or `1:03:12` from an hour on.

    >>> clock_words(192.7)
    '3:12'
    """
    whole = max(0, int(seconds))
    hours, minutes = divmod(whole // 60, 60)
    if hours:
        return f"{hours}:{minutes:02}:{whole % 60:02}"
    return f"{minutes}:{whole % 60:02}"


def _order(parts: tuple[str, ...], has_slash: bool) -> tuple[str, str, str]:
    first, second, third = parts
    if len(first) == 4:  # noqa: PLR2004 - a year
        return first, second, third
    if second.isalpha() or not has_slash:
        return third, second, first
    return third, first, second


def _date(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), _month(month), int(day))
    except ValueError:
        return None


def _month(text: str) -> int:
    if text.isalpha():
        return _MONTHS.index(text[:3].lower()) + 1
    return int(text)


def _names(text: str) -> tuple[str, str]:
    if "," in text:
        family, _comma, given = text.partition(",")
        return family.strip(), given.strip(" ,")
    *given_names, family = text.split() or [""]
    return family, " ".join(given_names)
