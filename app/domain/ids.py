"""Names for the things we keep. All are plain strings; those on disk are random UUIDs."""

from __future__ import annotations

import uuid
from typing import NewType

UserId = NewType("UserId", str)
PatientId = NewType("PatientId", str)
VisitId = NewType("VisitId", str)
ConsentId = NewType("ConsentId", str)
RecordingId = NewType("RecordingId", str)
RecordingKeyId = NewType("RecordingKeyId", str)
SegmentId = NewType("SegmentId", str)
WordId = NewType("WordId", str)
DraftId = NewType("DraftId", str)
ClaimId = NewType("ClaimId", str)
NoteId = NewType("NoteId", str)
ModelId = NewType("ModelId", str)
TemplateId = NewType("TemplateId", str)


def new_id() -> str:
    """Return a fresh random UUID in its canonical lower-case form. Never reused, never an MRN."""
    return str(uuid.uuid4())
