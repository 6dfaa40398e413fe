"""Stethoscribe: the clinical note, written while clinician and patient talk."""

from typing import Final

__version__: Final = "0.1.0"
