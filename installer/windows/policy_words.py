"""English words for the group policy template. A key without an entry here stops the build."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

GENERAL: Final[Mapping[str, str]] = {
    "stethoscribe": "Stethoscribe",
    "supported": "Stethoscribe on Windows 10 and 11, 64 bit",
    "description": "What a clinic decides for Stethoscribe on its computers.",
    "rule": (
        "In doubt the strictest rules hold: if any one of these policies has a value out of its "
        "range or a name nobody knows, all of them are set aside, and every window says so. "
        "`stethoscribe-cli policy report` shows what is in force."
    ),
}

GROUPS: Final[Mapping[str, str]] = {
    "identity": "Accounts and passwords",
    "lock": "Locking",
    "sign": "Signing",
    "export": "Leaving the program",
    "clipboard": "Clipboard",
    "recorder": "Recording",
    "demo": "Demonstration",
    "models": "Models",
}

WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "serial": (
        "Number of this policy",
        "Raise it with every change: each computer then tells which one it has.",
    ),
    "identity.min_password": (
        "Shortest password, in characters",
        "New passwords must have at least so many characters. Passwords in use are not checked.",
    ),
    "lock.idle_minutes": (
        "Lock when nobody works here for, in minutes",
        "After so many minutes without a key or a click the program locks.",
    ),
    "lock.absolute_hours": (
        "Lock in any case after, in hours",
        "So many hours after the password was given the program locks, also while somebody works.",
    ),
    "lock.while_recording": (
        "When nobody works here during a recording",
        "A recording goes on in both cases.",
    ),
    "sign.reauth_minutes": (
        "Ask for the password to sign again after, in minutes",
        "0: each time.",
    ),
    "export.unsigned": (
        "Notes that are not signed",
        "Whether a note may leave the program before it is signed.",
    ),
    "export.formats": (
        "Ways a note may leave the program",
        "Only these are offered.",
    ),
    "export.patient_in_filename": (
        "Name of the patient in file names",
        "File names are seen in folders, lists of recent files and backups.",
    ),
    "export.ai_line": (
        "Line that says how the note was made",
        "Every text and file then says that a program drafted it and who reviewed it.",
    ),
    "clipboard.clear_seconds": (
        "Clear copies from the clipboard after, in seconds",
        "Only what the program itself copied, and only if nothing else was copied since.",
    ),
    "recorder.alone_minutes": (
        "End a recording whose window died after, in minutes",
        "The recorder goes on by itself for so long, so that a crash loses no sound. 0: at once.",
    ),
    "demo.allowed": (
        "Demonstration allowed",
        "The demonstration uses a sample recording and keeps nothing.",
    ),
    "models.keys": (
        "Other makers of models that are trusted",
        "Public keys, Ed25519 in base64. Packs signed with them may bring models of the "
        "catalogue, and never native code.",
    ),
    "models.allow": (
        "Packs that are allowed",
        "SHA-256 of their manifests, in small hexadecimal digits. Empty: every pack with a right "
        "signature.",
    ),
}
"""Key → title, and what it does."""

CHOICES: Final[Mapping[str, str]] = {
    "lock.while_recording=privacy": "Cover the screen, the window can still pause and stop",
    "lock.while_recording=full": "Lock the program",
    "export.unsigned=banner": "May leave, marked as drafts",
    "export.unsigned=block": "May not leave",
}
