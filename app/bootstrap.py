"""The composition root: the one place where concrete classes meet."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from app import __version__
from app.audio.journal import JournalReader
from app.clinical.lexicon import load_lexicons
from app.domain.draft import Draft
from app.domain.errors import ForbiddenByPolicyError, ModelMissingError
from app.domain.ids import ModelId, VisitId
from app.domain.note import ExportNote
from app.domain.people import Clinic
from app.domain.policy import Policy
from app.domain.ports import Exporter, InstalledModel, NotesPort, Post, SpeechPort
from app.drafting.checker import TranscriptChecker
from app.drafting.extractive import ExtractiveDrafter
from app.drafting.omissions import find_omissions
from app.drafting.templates import Template, load_template
from app.engines import hardware
from app.engines.catalogue import Catalogue
from app.engines.notes import Notes
from app.engines.recorder import AudioDecoder, Recorder, finish_living, living_recordings
from app.engines.speech import Speech
from app.export.fhir_bundle import FhirBundleExporter
from app.export.fhir_docref import FhirDocumentReferenceExporter
from app.export.files import file_name, publish_file
from app.export.text import TextExporter
from app.foundation import paths
from app.foundation.bus import Bus
from app.foundation.config import Settings, read_settings
from app.foundation.crash import CrashReporter
from app.foundation.jobs import Pool
from app.foundation.log import open_log
from app.foundation.policy_file import read_policy
from app.store import accounts
from app.store.stored_accounts import StoredAccounts
from app.workflow.administration import Administration, Machine
from app.workflow.draft_run import Drafting, DraftSetup
from app.workflow.exporting import Exporting, ExportFrame
from app.workflow.file_transcription import FileTranscription
from app.workflow.listening import Listening
from app.workflow.measuring import Measuring
from app.workflow.note_editing import NoteEditing
from app.workflow.note_making import NoteMaking
from app.workflow.recovery import LeaseBook, Recovery
from app.workflow.reviewing import Reviewing
from app.workflow.services import Services
from app.workflow.session import Sessions
from app.workflow.signing import Signing
from app.workflow.transcribing import SpeechSetup, Transcribing
from app.workflow.unlocking import Unlocking
from app.workflow.visiting import Visiting

SAMPLE: Final = "samples/back_pain_visit.flac"
Publish = Callable[[object], None]
