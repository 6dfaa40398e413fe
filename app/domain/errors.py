"""What can go wrong, by whose fault. The type says whose fault it is, the code what now.

Arguments never hold what was said, typed or drafted; words for people stand in
`foundation/texts.py` under the error's code, with its `facts` as placeholders.
"""

from __future__ import annotations

from typing import ClassVar


class AppError(Exception):
    """Base of all errors we raise on purpose. `facts` are numbers and names without PHI."""

    code: ClassVar[str] = "app"

    def __init__(self, **facts: str | int | float) -> None:
        super().__init__(self.code)
        self.facts = facts


class UserError(AppError):
    """The user can mend it."""

    code = "user"


class MachineError(AppError):
    """The machine is the cause: disk, device, driver."""

    code = "machine"


class EngineError(AppError):
    """A child process failed: retry or fall back."""

    code = "engine"


class StoreError(AppError):
    """A file we keep is not as we left it: stop writing, keep the file."""

    code = "store"


class BugError(AppError):
    """Our mistake: a crash report goes to disk, the recording goes on."""

    code = "bug"


class WrongPasswordError(UserError):
    """The password does not open the slot."""

    code = "wrong_password"


class WeakPasswordError(UserError):
    """The new password is too short, too long or too common."""

    code = "weak_password"

    def __init__(self, reason: str, minimum: int) -> None:
        super().__init__(reason=reason, minimum=minimum)


class ThrottledError(UserError):
    """Too many wrong passwords: wait."""

    code = "throttled"

    def __init__(self, wait_s: int) -> None:
        super().__init__(wait_s=wait_s)
        self.wait_s = wait_s


class RecoveryKeyError(UserError):
    """The recovery key was mistyped (`reason` = slip) or is another one (`reason` = wrong)."""

    code = "recovery_key"

    def __init__(self, reason: str) -> None:
        super().__init__(reason=reason)


class AccountExistsError(UserError):
    """There is an account of that name already."""

    code = "account_exists"


class NoAccountError(UserError):
    """There is no such account, or none at all."""

    code = "no_account"


class LockedError(UserError):
    """The vault is locked."""

    code = "locked"


class WrongPatientError(UserError):
    """The patient in the banner is not the patient of the visit, consent or note."""

    code = "wrong_patient"


class ConsentMissingError(UserError):
    """No consent to record, or it was declined or withdrawn."""

    code = "consent_missing"


class VisitStateError(UserError):
    """The visit is not in a state that allows this."""

    code = "visit_state"

    def __init__(self, from_state: str, to_state: str) -> None:
        super().__init__(from_state=from_state, to_state=to_state)


class NotFoundError(UserError):
    """There is no such thing; `kind` says what was looked for."""

    code = "not_found"

    def __init__(self, kind: str) -> None:
        super().__init__(kind=kind)


class SigningBlockedError(UserError):
    """Claims that could do harm are open, or sections were not seen."""

    code = "signing_blocked"

    def __init__(
        self,
        open_claims: int,
        unseen_sections: int,
        stale_claims: int = 0,
        unfilled_claims: int = 0,
    ) -> None:
        super().__init__(
            open_claims=open_claims,
            unseen_sections=unseen_sections,
            stale_claims=stale_claims,
            unfilled_claims=unfilled_claims,
        )


class DraftChangedError(UserError):
    """The draft is another one than the one a proposal was made for."""

    code = "draft_changed"


class NothingTypedError(UserError):
    """A text is needed and there is none."""

    code = "nothing_typed"


class NotSignedError(UserError):
    """Letters come from a signed note only, and this note is not signed."""

    code = "not_signed"


class LookUpOffError(UserError):
    """The look-up of codes is turned off."""

    code = "look_up_off"


class ReauthenticationError(UserError):
    """Signing needs the password again."""

    code = "reauthenticate"


class ForbiddenByPolicyError(UserError):
    """An administrator's policy does not allow it."""

    code = "forbidden_by_policy"

    def __init__(self, key: str) -> None:
        super().__init__(key=key)


class AudioFileError(UserError):
    """The file cannot be read as sound; `reason`: empty, unknown, m4a, cut or folder."""

    code = "audio_file"

    def __init__(self, reason: str) -> None:
        super().__init__(reason=reason)
        self.reason = reason


class LanguageError(UserError):
    """The speech model does not know the language of the visit."""

    code = "language"

    def __init__(self, model: str, language: str) -> None:
        super().__init__(model=model, language=language)


class TooLargeError(UserError):
    """The note is longer than this format can hold: at most `limit_bytes`."""

    code = "too_large"


class TranscriptFileError(UserError):
    """The JSON file does not hold a transcript of our shape."""

    code = "transcript_file"


class EvaluationDataMissingError(UserError):
    """The data to evaluate on is not there; `file` is the first that was looked for."""

    code = "evaluation_data_missing"

    def __init__(self, file: str) -> None:
        super().__init__(file=file)


class EvaluationDataError(UserError):
    """A file of data to evaluate on does not have its documented shape.

    `place` names the row and field; `reason` is of a fixed list and quotes nothing.
    """

    code = "evaluation_data"

    def __init__(self, file: str, place: str, reason: str) -> None:
        super().__init__(file=file, place=place, reason=reason)


class TemplateError(UserError):
    """A note template cannot be used; `where` names the key."""

    code = "template"

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(where=where, reason=reason)


class AutoTextError(UserError):
    """An auto-text cannot be kept; `number` counts in its file from 1, `reason` is what to do."""

    code = "auto_text"

    def __init__(self, number: int, reason: str) -> None:
        super().__init__(number=number, reason=reason)


class NoSpeechError(UserError):
    """Too little speech to make a note."""

    code = "no_speech"


class VoiceNotLearnedError(UserError):
    """Too little speech to know a voice by, or more than one voice."""

    code = "voice_not_learned"


class AlreadyRecordingError(UserError):
    """A recording runs already."""

    code = "already_recording"


class SoundGoneError(UserError):
    """There is no sound of this passage: erased, off the record, or never heard."""

    code = "sound_gone"


class MicrophoneOpenError(UserError):
    """Sound is not played while the microphone would hear it."""

    code = "microphone_open"


class DiskFullError(MachineError):
    """No space left."""

    code = "disk_full"

    def __init__(self, free_bytes: int = 0) -> None:
        super().__init__(free_bytes=free_bytes)


class FileAccessError(MachineError):
    """A file or folder cannot be read or written."""

    code = "file_access"


class DeviceLostError(MachineError):
    """The microphone is gone."""

    code = "device_lost"


class DeviceMissingError(MachineError):
    """There is no microphone, or not the one asked for."""

    code = "device_missing"


class NoSpeakerError(MachineError):
    """No loudspeaker or headphones answer."""

    code = "no_speaker"


class VaultBusyError(MachineError):
    """Another process has the vault open."""

    code = "vault_busy"


class ModelMissingError(MachineError):
    """A model is not on this machine."""

    code = "model_missing"

    def __init__(self, model: str) -> None:
        super().__init__(model=model)


class ModelDamagedError(MachineError):
    """A model file has the wrong size or hash; it was not loaded."""

    code = "model_damaged"

    def __init__(self, model: str, reason: str) -> None:
        super().__init__(model=model, reason=reason)


class CatalogueError(MachineError):
    """The model catalogue cannot be read."""

    code = "catalogue"


class PackError(UserError):
    """A pack of models or libraries was refused; nothing of it was kept.

    `reason`: form, signature, content, newer, unknown, native or folder; `pack` names it as far
    as it is known.
    """

    code = "pack"

    def __init__(self, reason: str, pack: str = "") -> None:
        super().__init__(reason=reason, pack=pack)
        self.reason = reason


class ChildGoneError(EngineError):
    """The child is not running, or no longer ours."""

    code = "child_gone"


class ChildBusyError(EngineError):
    """The child does not keep up: its outbox is full. Nothing was sent."""

    code = "child_busy"


class EngineTimeoutError(EngineError):
    """A child did not answer in time."""

    code = "engine_timeout"


class EngineFailedError(EngineError):
    """A child answered that it failed; `cause` is its code."""

    code = "engine_failed"

    def __init__(self, cause: str) -> None:
        super().__init__(cause=cause)


class ContextFullError(EngineError):
    """A prompt of `tokens` does not fit a model's window of `context`. Nothing was cut."""

    code = "context_full"

    def __init__(self, tokens: int, context: int) -> None:
        super().__init__(tokens=tokens, context=context)


class DraftRejectedError(EngineError):
    """What the model wrote is not a section."""

    code = "draft_rejected"


class CorruptError(StoreError):
    """A file is damaged or foreign. It is kept."""

    code = "corrupt"


class SlotCorruptError(StoreError):
    """A key slot is damaged: the password cannot even be tried."""

    code = "slot_corrupt"


class TooNewError(StoreError):
    """A newer version of the program wrote this file. Nothing was touched."""

    code = "too_new"
