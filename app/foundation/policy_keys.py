"""The keys of a policy: types, ranges and defaults, checked and told. SECURITY.md 11."""

from __future__ import annotations

import base64
import enum
import types
from dataclasses import asdict, dataclass
from typing import Annotated, Any, Final, Literal, get_args, get_origin

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo

from app.domain.policy import ALL_FORMATS, Policy
from app.foundation.sealing import KEY_SIZE


def _check_key(text: str) -> str:
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError:
        raise ValueError("key") from None
    if len(key) != KEY_SIZE:
        raise ValueError("key")
    return text


_PublicKey = Annotated[str, AfterValidator(_check_key)]
"""An Ed25519 public key, base64."""
_Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class PolicyModel(BaseModel):
    """Keys, types and ranges. A `min_password` below 15 needs MFA, which is not there yet."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    serial: Annotated[int, Field(ge=0)] = 0
    min_password: Annotated[int, Field(alias="identity.min_password", ge=15, le=64)] = 15
    idle_minutes: Annotated[int, Field(alias="lock.idle_minutes", ge=1, le=30)] = 10
    absolute_hours: Annotated[int, Field(alias="lock.absolute_hours", ge=1, le=24)] = 12
    while_recording: Annotated[Literal["privacy", "full"], Field(alias="lock.while_recording")] = (
        "privacy"
    )
    reauth_minutes: Annotated[int, Field(alias="sign.reauth_minutes", ge=0, le=60)] = 15
    export_unsigned: Annotated[Literal["banner", "block"], Field(alias="export.unsigned")] = (
        "banner"
    )
    export_formats: Annotated[
        list[Literal["clipboard_plain", "text", "fhir_bundle", "fhir_docref"]],
        Field(alias="export.formats"),
    ] = list(ALL_FORMATS)
    export_patient_in_filename: Annotated[bool, Field(alias="export.patient_in_filename")] = False
    export_ai_line: Annotated[bool, Field(alias="export.ai_line")] = True
    clipboard_clear_s: Annotated[int, Field(alias="clipboard.clear_seconds", ge=15, le=300)] = 90
    recorder_alone_minutes: Annotated[int, Field(alias="recorder.alone_minutes", ge=0, le=60)] = 15
    demo_allowed: Annotated[bool, Field(alias="demo.allowed")] = True
    models_keys: Annotated[list[_PublicKey], Field(alias="models.keys", max_length=32)] = []
    models_allow: Annotated[list[_Hash], Field(alias="models.allow", max_length=512)] = []


class Kind(enum.Enum):
    """What a key holds."""

    NUMBER = "number"
    SWITCH = "switch"
    CHOICE = "choice"
    LIST = "list"


MOST: Final = 2**31 - 1
"""Highest number of a key without a limit of its own: what a policy editor offers at most."""


@dataclass(frozen=True, slots=True)
class PolicyKey:
    """One key, as it is told to people and to policy editors.

    Attributes:
        name: as administrators write it: `lock.idle_minutes`.
        field: its name in `Policy`.
        default: what holds when the key is absent.
        lowest, highest: of a number; both 0 for other kinds.
        choices: what a choice or an entry of a list may be; empty: anything of its form.
    """

    name: str
    field: str
    kind: Kind
    default: object
    lowest: int = 0
    highest: int = 0
    choices: tuple[str, ...] = ()


def policy_keys() -> tuple[PolicyKey, ...]:
    """Return every key, `serial` too, in the order of SECURITY.md 11."""
    defaults = {"serial": 0, **asdict(Policy())}
    return tuple(
        _told(name, field, defaults[name]) for name, field in PolicyModel.model_fields.items()
    )


def _told(name: str, field: FieldInfo, default: object) -> PolicyKey:
    named = field.alias or name
    kind = _kind(field.annotation)
    if kind is Kind.NUMBER:
        lowest = _limit(field, "ge", 0)
        return PolicyKey(named, name, kind, default, lowest, _limit(field, "le", MOST))
    return PolicyKey(named, name, kind, default, choices=_choices(field.annotation))


def _kind(annotation: object) -> Kind:
    if annotation is bool:
        return Kind.SWITCH
    if annotation is int:
        return Kind.NUMBER
    if isinstance(annotation, types.GenericAlias):
        return Kind.LIST
    return Kind.CHOICE


def _limit(field: FieldInfo, name: str, otherwise: int) -> int:
    found = [getattr(each, name) for each in field.metadata if hasattr(each, name)]
    return int(found[0]) if found else otherwise


def _choices(annotation: Any) -> tuple[str, ...]:  # noqa: ANN401 - any annotation
    inner = get_args(annotation)[0] if _kind(annotation) is Kind.LIST else annotation
    return tuple(get_args(inner)) if get_origin(inner) is Literal else ()
