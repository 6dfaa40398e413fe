"""All the services of one running app, as the window and the command line get them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from app.domain.policy import Policy
from app.domain.ports import Post
from app.foundation.bus import Bus
from app.foundation.policy_file import PolicyReading
from app.workflow.administration import Administration
from app.workflow.coding import Coding
from app.workflow.correcting import Correcting
from app.workflow.dictating import Dictating
from app.workflow.exporting import Exporting
from app.workflow.file_transcription import FileTranscription
from app.workflow.following import Following
from app.workflow.history import History
from app.workflow.letter_writing import LetterWriting
from app.workflow.listening import Listening
from app.workflow.note_editing import NoteEditing
from app.workflow.note_making import NoteMaking
from app.workflow.playback import Playback
from app.workflow.recovery import Recovery
from app.workflow.reviewing import Reviewing
from app.workflow.rewriting import Rewriting
from app.workflow.second_pass import SecondPass
from app.workflow.signing import Signing
from app.workflow.teaching import Teaching
from app.workflow.templating import Templating
from app.workflow.unlocking import Unlocking
from app.workflow.visiting import Visiting

if TYPE_CHECKING:
    from app.workflow.evaluating import Evaluating


@dataclass(frozen=True, slots=True)
class Services:
    """Everything a face of the app may ask for. Main thread.

    Attributes:
        bus: where events are subscribed to.
        post: the way home for futures.
        evaluating: makes what measures notes; few starts need it.
        sample: the recording that ships with the product.
        is_demo: this is the throw-away profile.
        policy_reading: the policy in force and where it comes from, for those it binds.
    """

    bus: Bus
    post: Post
    policy: Policy
    unlocking: Unlocking
    templating: Templating
    visiting: Visiting
    listening: Listening
    note_making: NoteMaking
    note_editing: NoteEditing
    following: Following
    history: History
    rewriting: Rewriting
    reviewing: Reviewing
    signing: Signing
    letter_writing: LetterWriting
    coding: Coding
    exporting: Exporting
    recovery: Recovery
    administration: Administration
    correcting: Correcting
    dictating: Dictating
    second_pass: SecondPass
    teaching: Teaching
    file_transcription: FileTranscription
    playback: Playback
    evaluating: Callable[[], Evaluating]
    sample: Path
    shut_down: Callable[[], None]
    is_demo: bool = False
    policy_reading: PolicyReading = field(
        default_factory=lambda: PolicyReading(Policy(), "default")
    )

    def close(self) -> None:
        """Settle a running recording, then close engines, work, lanes and locks. Blocks."""
        self.shut_down()
