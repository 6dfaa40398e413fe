"""What an administrator decides. Defaults are the strictest a clinic without set-up can work with.

Values and ranges: SECURITY.md 11. Reading the policy file is `foundation`'s work.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

ALL_FORMATS: Final = ("clipboard_plain", "text", "fhir_bundle", "fhir_docref")


@dataclass(frozen=True, slots=True)
class Policy:
    """The keys that exist so far, with their defaults."""

    min_password: int = 15
    idle_minutes: int = 10
    absolute_hours: int = 12
    while_recording: str = "privacy"
    reauth_minutes: int = 15
    export_unsigned: str = "banner"
    export_formats: tuple[str, ...] = ALL_FORMATS
    export_patient_in_filename: bool = False
    export_ai_line: bool = True
    clipboard_clear_s: int = 90
    recorder_alone_minutes: int = 15
    demo_allowed: bool = True
    models_keys: tuple[str, ...] = ()
    models_allow: tuple[str, ...] = ()
