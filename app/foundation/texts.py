"""Words for people: what happened and what to do, for every code in `domain/errors.py`.

One or two plain sentences each. Placeholders are filled from the facts of the error; a fact
that is missing reads as a neutral word, so these functions never raise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from typing_extensions import override

from app.domain.errors import AppError
from app.foundation.i18n import _

Fact = str | int | float

_TEXTS: Final[Mapping[str, str]] = {
    "app": "Something went wrong. Try again; your recordings and notes are safe.",
    "user": "This does not work like that. Check what you entered and try again.",
    "machine": "This computer could not do it. Try again, or ask whoever looks after it.",
    "engine": "A part of the program stopped. It is started again by itself.",
    "store": "A file is not as it should be. It was kept as it is; do not delete it.",
    "bug": (
        "The program made a mistake and wrote a report to its log folder. "
        "A running recording goes on."
    ),
    # -- people
    "wrong_password": "That password is not right. Check caps lock and try again.",
    "throttled": "Too many wrong passwords. Wait {wait}, then try again.",
    "account_exists": "There is an account of that name already. Choose another name.",
    "no_account": "There is no such account on this computer. Make one first.",
    "locked": "Your notes are locked. Unlock them with your password.",
    "reauthenticate": "Type your password again to sign.",
    "forbidden_by_policy": (
        "Your clinic does not allow this (policy {key}). Ask your administrator."
    ),
    # -- visits and notes
    "wrong_patient": (
        "The patient on the screen is not the patient of this note, so nothing was done. "
        "Open the right visit and try again."
    ),
    "consent_missing": (
        "There is no consent to record this visit. Ask everyone present, or type the note "
        "without a recording."
    ),
    "visit_state": "This is not possible while the visit is {from_state}.",
    "not_found": "The {kind} cannot be found. It may have been removed.",
    "signing_blocked": "Not ready to sign: {open}. Go through the marked lines first.",
    "draft_changed": (
        "The note has changed meanwhile, so nothing was done. Ask for the change again."
    ),
    "nothing_typed": "There is no text yet. Type what is to be added.",
    "not_signed": "This is made from a signed note. Sign the note first.",
    "look_up_off": "The look-up of codes is off. Turn it on in the settings.",
    "template": (
        "The note template cannot be used: {reason} (at {where}). Choose another template "
        "or mend this one."
    ),
    "auto_text": "Auto-text {number} cannot be kept: {reason}.",
    "evaluation_data_missing": (
        "There is no {file} in that folder. Name the folder with --data; "
        "resources/docs/evaluate.md says which files it may hold."
    ),
    "evaluation_data": (
        "{file} does not have the shape that resources/docs/evaluate.md describes "
        "({reason} at {place}). Mend that row, or leave the file out with --set."
    ),
    "transcript_file": (
        "This file does not hold a transcript that can be read. Choose a transcript in JSON format."
    ),
    "too_large": ("The note is too long for this format. Export it as a text file, or shorten it."),
    "language": (
        "The speech model {model} does not know the language {language}. Choose a multilingual "
        "model, or another language."
    ),
    "no_speech": (
        "There is too little speech to write a note from. Listen to the recording, or type "
        "the note."
    ),
    "voice_not_learned": (
        "Your voice could not be learned. Choose a recording of 30 s or more in which you alone "
        "speak."
    ),
    "already_recording": "A recording is running already. Finish it first.",
    "sound_gone": "There is no sound of this passage: it was erased, off the record or not heard.",
    "no_speaker": "No loudspeaker answers. Plug in a loudspeaker or headphones and try again.",
    "microphone_open": (
        "Nothing is played while the microphone records. Pause the recording, or stop it first."
    ),
    # -- the machine
    "disk_full": (
        "The disk is full ({free} left). Make room and try again; what was saved is safe."
    ),
    "file_access": (
        "A file or folder cannot be read or written. Choose another folder or check its "
        "permissions."
    ),
    "device_lost": (
        "The microphone is gone. What was heard is saved; plug it in again or choose another one."
    ),
    "device_missing": "No microphone was found. Plug one in, or choose another one.",
    "vault_busy": "Your notes are open in another program window. Close it there first.",
    "model_missing": (
        "The model {model} is not on this computer. Install it first; you can record now "
        "and transcribe later."
    ),
    "model_damaged": (
        "The model {model} is damaged ({reason}) and was not loaded. Install it again."
    ),
    "catalogue": "The list of models cannot be read. Install the program again.",
    # -- children
    "child_gone": "A part of the program is not running. It is started again by itself.",
    "child_busy": "A part of the program cannot keep up. Nothing is lost; it catches up later.",
    "engine_timeout": "A model did not answer in time. It is started again by itself.",
    "engine_failed": "A model failed ({cause}). It is tried again, or another one takes over.",
    "context_full": (
        "The visit is too long for this model ({tokens} of {context} tokens). "
        "Choose a model with more room, or type the note."
    ),
    "draft_rejected": (
        "What the model wrote cannot be used as a note section. Draft again or type it."
    ),
    # -- files we keep
    "corrupt": (
        "A file is damaged or not ours. It was kept as it is and nothing was written to it; "
        "restore it from a backup."
    ),
    "slot_corrupt": (
        "The stored key for this password is damaged, so the password cannot be tried. "
        "Use your recovery key."
    ),
    "too_new": (
        "A newer version of the program wrote this file, so it was left alone. "
        "Install the newer version."
    ),
}

TROUBLES: Final[Mapping[str, str]] = {
    "disk_low": "The disk is nearly full ({free} left). Make room soon.",
    "silence": "Nothing has been heard for a while. Check the microphone.",
    "clipping": "The sound is too loud. Move the microphone away or turn it down.",
    "muted": "The microphone is muted: no sound comes from it. Turn it on.",
    "too_quiet": "The microphone hears very little. Turn it up or move it closer.",
    "device_changed": (
        "The sound now comes from another microphone. Check that it hears everybody."
    ),
    "far_voice": "The voices are faint. Move the microphone closer.",
    "speech_behind": "The transcript is behind. Nothing is lost; it catches up.",
    "recorder_restarted": "The recorder stopped and was started again. A short gap is marked.",
    "smaller_model": (
        "The speech model failed, so {model} goes on in its place. No sound is lost; the last "
        "words come about {wait} after the end."
    ),
    "gpu_unused": (
        "The graphics card cannot be used, so speech runs on the processor. The words may come "
        "later; none is lost."
    ),
    "template_missing": (
        "The chosen note template cannot be used, so the usual one stands in. Look at your "
        "templates in the settings."
    ),
    "settings_reset": "Your settings could not be read, so the defaults hold for now.",
    "policy_rejected": (
        "The clinic's policy file has a fault ({key}), so the strictest rules hold. "
        "Tell your administrator."
    ),
}
"""Words for `TroubleArose` codes that are no errors."""

_REASONS: Final[Mapping[tuple[str, str], str]] = {
    ("weak_password", "short"): (
        "The password is too short. Use at least {minimum} characters; a few words will do."
    ),
    ("weak_password", "long"): "The password is too long. Use at most 1024 bytes.",
    ("weak_password", "common"): (
        "This password is one of those that are guessed first. Choose another one."
    ),
    ("recovery_key", "slip"): (
        "There is a typing mistake in the recovery key. Compare it group by group."
    ),
    ("recovery_key", "wrong"): (
        "This recovery key belongs to another account, or is an old one. Look for the right one."
    ),
    ("file_access", "profile"): (
        "This folder belongs to the program itself. Choose a folder of yours."
    ),
    ("file_access", "network"): (
        "The program's data cannot lie on a network drive. Choose a folder on this computer."
    ),
    ("audio_file", "empty"): "There is no sound in this file. Choose another one.",
    ("audio_file", "unknown"): (
        "This file is not sound that can be read. Choose a WAV, FLAC, OGG or MP3 file."
    ),
    ("audio_file", "m4a"): (
        "M4A files cannot be read. Save the recording as WAV or MP3, for example with "
        "`ffmpeg -i visit.m4a visit.wav`, and choose that file."
    ),
    ("audio_file", "cut"): ("The file ends in the middle. Copy it again from where it came from."),
    ("audio_file", "folder"): "This is a folder. Choose an audio file.",
    ("pack", "form"): (
        "This is not a pack of models. Choose the pack's folder or its .zip file, as you got it."
    ),
    ("pack", "signature"): (
        "The pack is not signed by anybody this computer trusts, or was changed since. Nothing was "
        "installed. Get it again from where it came from."
    ),
    ("pack", "content"): (
        "The pack does not hold what its maker signed. Nothing was installed. Copy it again from "
        "where it came from."
    ),
    ("pack", "newer"): "The pack {pack} needs a newer version of Stethoscribe. Install that first.",
    ("pack", "unknown"): (
        "The pack {pack} is not in the catalogue of this version, or your clinic does not allow "
        "it. Nothing was installed."
    ),
    ("pack", "native"): (
        "The pack {pack} holds program code, which only the maker of Stethoscribe may sign. "
        "Nothing was installed."
    ),
    ("pack", "folder"): (
        "Packs with program code go into a folder that only administrators can write to. Run this "
        "as an administrator."
    ),
    ("pack", "busy"): "Another import is running. Wait until it has ended, then try again.",
    ("gpu_unused", "gpu_library"): (
        "The graphics card cannot be used because its library (cuBLAS 12) is not installed. "
        "Speech runs on the processor."
    ),
    ("gpu_unused", "gpu_memory"): (
        "The graphics card has too little free memory for this model. Speech runs on the "
        "processor; a smaller model may be faster."
    ),
}
"""Codes whose words hang on a reason; the code alone stands in `_FALLBACKS`."""

_FALLBACKS: Final[Mapping[str, str]] = {
    "weak_password": "This password is too easy to guess. Choose a longer one.",
    "recovery_key": "This recovery key does not fit. Check it and try again.",
    "pack": "This pack cannot be installed. Get it again from where it came from.",
    "audio_file": "This audio file cannot be read. Choose a WAV, FLAC, OGG or MP3 file.",
}

_STATES: Final[Mapping[str, str]] = {
    "planned": "planned",
    "consented": "ready to record",
    "recording": "being recorded",
    "paused": "paused",
    "finishing": "being finished",
    "drafting": "being drafted",
    "in_review": "in review",
    "signed": "signed",
    "discarded": "discarded",
}

_KINDS: Final[Mapping[str, str]] = {
    "edit": "earlier change",
    "format": "format",
    "visit": "visit",
    "consent": "consent",
    "recording": "recording",
    "draft": "draft",
    "note": "note",
    "version": "version of the note",
    "claim": "line of the note",
    "section": "section",
    "template": "note template",
    "letter": "letter",
    "code": "code",
    "account": "account",
    "patient": "patient",
    "model": "model",
    "segment": "part of the transcript",
    "recording_key": "key of this recording",
}

_CAUSES: Final[Mapping[str, str]] = {
    "memory": "not enough memory",
    "load": "it could not be loaded",
    "files": "its files could not be opened",
    "no_model": "no model is loaded",
    "child_gone": "it stopped",
}

_DAMAGES: Final[Mapping[str, str]] = {
    "size": "wrong size",
    "hash": "wrong checksum",
    "missing": "a file is missing",
    "format": "wrong format",
}

FORMATS: Final[Mapping[str, str]] = {
    "clipboard_plain": "Copy as text",
    "text": "Text file",
    "fhir_bundle": "FHIR document",
    "fhir_docref": "FHIR document reference",
}
"""Names of export formats; show them through `format_name`."""


def words(error: BaseException) -> str:
    """Return what to tell a person about an error; foreign exceptions read as our mistake."""
    if isinstance(error, AppError):
        return words_for(error.code, error.facts)
    return words_for("bug")


def words_for(code: str, facts: Mapping[str, Fact] | Iterable[tuple[str, Fact]] = ()) -> str:
    """Return what to tell a person about a code, with its facts filled in.

    Args:
        code: of an `AppError`, a `RecordingFailed` or a `TroubleArose`.
        facts: names and values without PHI.
    """
    known = dict(facts)
    reason = str(known.get("reason", ""))
    text = _REASONS.get((code, reason)) or _FALLBACKS.get(code)
    text = text or _TEXTS.get(code) or TROUBLES.get(code)
    if text is None:
        return _("Something went wrong ({code}).").format(code=code)
    return _(text).format_map(_Facts(known))


def has_words(code: str) -> bool:
    """Return whether a code has words of its own."""
    return code in _TEXTS or code in _FALLBACKS or code in TROUBLES


def format_name(name: str) -> str:
    """Return the name of an export format for people."""
    return _(FORMATS.get(name, name))


def span(seconds: float) -> str:
    """Return a time to wait: `1 second`, `45 seconds`, `15 minutes`. Rounded up."""
    whole = max(1, -int(-seconds // 1))
    if whole < _IN_SECONDS:
        return _("1 second") if whole == 1 else _("{count} seconds").format(count=whole)
    return _("{count} minutes").format(count=-(-whole // 60))


_NAMES: Final[Mapping[str, Mapping[str, str]]] = {
    "from_state": _STATES,
    "to_state": _STATES,
    "kind": _KINDS,
    "reason": _DAMAGES,
    "cause": _CAUSES,
}
"""Facts whose values are codes with words of their own."""

_IN_SECONDS: Final = 120
"""Up to two minutes people count in seconds; chosen by ear."""


class _Facts(dict[str, Fact]):
    """Facts as the texts want them: wait, free, open, and codes turned into words."""

    def __missing__(self, name: str) -> str:
        match name:
            case "wait":
                return span(float(self.get("wait_s", 1)))
            case "free":
                return _("{count} MB").format(count=int(self.get("free_bytes", 0)) // 1_000_000)
            case "open":
                return self._open()
            case _:
                return "\u2026"

    @override
    def __getitem__(self, name: str) -> Fact:
        value = super().__getitem__(name) if name in self else self.__missing__(name)
        names = _NAMES.get(name)
        if names is not None:
            return _(names.get(str(value), str(value)))
        return value

    def _open(self) -> str:
        claims = int(self.get("open_claims", 0))
        sections = int(self.get("unseen_sections", 0))
        stale = int(self.get("stale_claims", 0))
        unfilled = int(self.get("unfilled_claims", 0))
        parts = []
        if claims:
            parts.append(
                _("1 line to check")
                if claims == 1
                else _("{count} lines to check").format(count=claims)
            )
        if sections:
            parts.append(
                _("1 section not seen")
                if sections == 1
                else _("{count} sections not seen").format(count=sections)
            )
        if stale:
            parts.append(
                _("1 line whose words changed")
                if stale == 1
                else _("{count} lines whose words changed").format(count=stale)
            )
        if unfilled:
            parts.append(
                _("1 line with a field to fill")
                if unfilled == 1
                else _("{count} lines with fields to fill").format(count=unfilled)
            )
        return ", ".join(parts) or _("something is open")
