"""Every action of the window: its shortcut and its words. The F1 sheet is made from this table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from app.foundation.i18n import _

if TYPE_CHECKING:
    from app.ui.viewmodels.recorder import RecorderModel

WINDOW, VISIT, SAID, NOTE = "Window", "Recording", "Transcript", "Note"


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A key and what it does. `words` and `group` are English; `_()` them when shown."""

    keys: tuple[str, ...]
    words: str
    group: str


SHORTCUTS: Final = {
    "help": Shortcut(("F1",), "Show all shortcuts", WINDOW),
    "guide": Shortcut(("Shift+F1",), "Guide: how everything is done", WINDOW),
    "new": Shortcut(("Ctrl+N",), "New visit", WINDOW),
    "find": Shortcut(("Ctrl+F",), "Search visits", WINDOW),
    "back": Shortcut(("Alt+Left", "Esc"), "Back to the list of visits", WINDOW),
    "settings": Shortcut(("Ctrl+,",), "Settings", WINDOW),
    "lock": Shortcut(("Ctrl+L",), "Lock", WINDOW),
    "quit": Shortcut(("Ctrl+Q",), "Close the program", WINDOW),
    "take_up": Shortcut(("Ctrl+T",), "Take up an interrupted recording", WINDOW),
    "record": Shortcut(("F5",), "Record; asks for consent first", VISIT),
    "dictate": Shortcut(("Shift+F5",), "Dictate the note yourself", VISIT),
    "pause": Shortcut(("F6",), "Pause or resume", VISIT),
    "off_record": Shortcut(("Shift+F6",), "Off the record, or back on it", VISIT),
    "bookmark": Shortcut(("Ctrl+B",), "Bookmark this moment", VISIT),
    "stop": Shortcut(("F7",), "Stop", VISIT),
    "compact": Shortcut(("F10",), "Small recorder above all windows, and back", VISIT),
    "file": Shortcut(("Ctrl+O",), "Open an audio file", VISIT),
    "type": Shortcut(("Ctrl+T",), "Type the note without a recording", VISIT),
    "more": Shortcut(("Ctrl+M",), "More: patient, words, voice, consent withdrawn, give up", VISIT),
    "layout": Shortcut(("F9",), "Transcript, note, or both", VISIT),
    "find_said": Shortcut(("Ctrl+F",), "Find in the transcript", SAID),
    "play": Shortcut(("F3",), "Play what is lit up; again stops", SAID),
    "next_offer": Shortcut(("F4",), "Next words to check", SAID),
    "previous_offer": Shortcut(("Shift+F4",), "Previous words to check", SAID),
    "swap": Shortcut(("Ctrl+Shift+S",), "Swap clinician and patient", SAID),
    "next_open": Shortcut(("F8",), "Next statement to decide", NOTE),
    "previous_open": Shortcut(("Shift+F8",), "Previous statement to decide", NOTE),
    "add": Shortcut(("Ctrl+I",), "Add a line to the section, or to a signed note", NOTE),
    "change": Shortcut(("Ctrl+E",), "Change the picked statements", NOTE),
    "next_field": Shortcut(("Ctrl+J",), "Next field to fill", NOTE),
    "history": Shortcut(("Ctrl+H",), "Earlier drafts", NOTE),
    "look_up": Shortcut(("Ctrl+K",), "Look up a code, if that is turned on", NOTE),
    "undo": Shortcut(("Ctrl+Z",), "Undo the last change", NOTE),
    "sign": Shortcut(("Ctrl+Return", "Ctrl+Enter"), "Sign", NOTE),
    "copy": Shortcut(("Ctrl+Shift+C",), "Copy the whole note", NOTE),
    "copy_next": Shortcut(("Ctrl+Shift+X",), "Copy section after section: the next one", NOTE),
    "export": Shortcut(("Ctrl+S",), "Save the note as a file", NOTE),
    "draft": Shortcut(("Ctrl+D",), "Draft the note again", NOTE),
}

SPOKEN: Final = (
    Shortcut(("F2",), "Correct the word at the caret, or what is selected", SAID),
    Shortcut(("R",), "Who speaks on this line", SAID),
    Shortcut(("Del",), "Strike the selected lines from the record", SAID),
    Shortcut(("Ctrl+1 … 9",), "Copy a section", NOTE),
    Shortcut(("Up, Down",), "Previous or next statement", NOTE),
    Shortcut(("Space",), "Play what the statement rests on", NOTE),
    Shortcut(("F2, Enter",), "Edit the statement; Enter keeps, Esc leaves", NOTE),
    Shortcut(("A",), "Accept the statement", NOTE),
    Shortcut(("X, Ctrl+Click",), "Pick the statement beside others", NOTE),
    Shortcut(("Tab, Down",), "In a line: expand an auto-text, next field, choices", NOTE),
    Shortcut(("Del",), "Remove the statement", NOTE),
)
"""Keys that are handled where they are pressed, for the sheet only."""


def make_action(owner: QWidget, name: str, handler: Callable[[], object]) -> QAction:
    """Give a page an action from the table. Its keys work while the page is shown.

    The context is the window, not the focus: a page without a focused part hears its keys, too.
    Qt passes over the shortcuts of hidden pages.
    """
    shortcut = SHORTCUTS[name]
    made = QAction(_(shortcut.words), owner)
    made.setObjectName(f"action_{name}")
    made.setShortcuts([QKeySequence(each) for each in shortcut.keys])
    made.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
    made.triggered.connect(lambda _checked: handler())
    owner.addAction(made)
    return made


def make_recording_actions(owner: QWidget, recorder: RecorderModel) -> None:
    """Have a page or a window hear the keys of a recording that runs behind it.

    Somebody who says something private must not have to find the way back first.
    """
    for name, handler in (
        ("pause", recorder.pause_or_resume),
        ("off_record", recorder.off_or_on_record),
        ("bookmark", recorder.bookmark),
        ("stop", recorder.finish),
    ):
        make_action(owner, name, handler)
