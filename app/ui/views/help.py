"""Help in one place: the guide, the sheet of shortcuts, the quick card. Main thread."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.foundation import texts
from app.foundation.i18n import _
from app.ui.views.files import ask_for_folder
from app.ui.views.guide import GuideWindow
from app.ui.views.quick_card import FILE_NAME, CardPress, lay_out_card
from app.ui.views.shortcuts import ShortcutSheet
from app.ui.widgets.actions import make_action, make_recording_actions

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.ui.viewmodels.preferences import Preferences
    from app.ui.viewmodels.recorder import RecorderModel
    from app.ui.viewmodels.workstation import WorkstationModel


class HelpDesk(QObject):
    """Opens what helps. The guide is made when it is first asked for, and kept.

    Signals:
        told: words and weight for the status line.
    """

    told = Signal(str, str)

    def __init__(
        self,
        window: QWidget,
        workstation: WorkstationModel,
        preferences: Preferences,
        recorder: RecorderModel,
    ) -> None:
        super().__init__(window)
        self._recorder = recorder
        self._window, self._workstation, self._preferences = window, workstation, preferences
        self.guide: GuideWindow | None = None
        make_action(window, "help", self.show_shortcuts)
        make_action(window, "guide", self.show_guide)
        workstation.card_saved.connect(self._on_saved)

    def show_guide(self) -> None:
        """Bring the guide to the front."""
        if self.guide is None:
            self.guide = GuideWindow()
            make_recording_actions(self.guide, self._recorder)
            self.guide.shortcuts_asked.connect(self.show_shortcuts)
            self.guide.card_asked.connect(self.ask_card)
        self.guide.appear()

    def show_shortcuts(self) -> None:
        """Show the F1 sheet, in front of the window that asks."""
        for open_one in (*self._window.findChildren(ShortcutSheet), *self._sheets_of_guide()):
            open_one.close()
        in_guide = self.guide is not None and self.guide.isActiveWindow()
        sheet = ShortcutSheet(self.guide if in_guide else self._window)
        make_recording_actions(sheet, self._recorder)
        sheet.show()

    def ask_card(self) -> None:
        """Ask for a folder and save the quick card there."""
        in_guide = self.guide is not None and self.guide.isActiveWindow()
        parent = self.guide if in_guide and self.guide is not None else self._window
        ask_for_folder(parent, self._preferences.settings.export_folder, self._save)

    def close(self) -> None:
        """Close the guide: without the window there is nobody to ask."""
        if self.guide is not None:
            self.guide.close()
            self.guide.deleteLater()
            self.guide = None

    def _sheets_of_guide(self) -> list[ShortcutSheet]:
        return self.guide.findChildren(ShortcutSheet) if self.guide is not None else []

    def _save(self, folder: Path) -> None:
        press = CardPress(lay_out_card(), self)
        press.made.connect(lambda pdf: self._on_printed(bytes(pdf), folder))
        press.made.connect(press.deleteLater)
        press.start()

    def _on_printed(self, pdf: bytes, folder: Path) -> None:
        if pdf:
            self._workstation.save_card(pdf, folder / FILE_NAME)
        else:
            self.told.emit(texts.words_for("bug"), "warning")

    def _on_saved(self) -> None:
        words = _("The quick card is saved as {name}. Open it with any PDF viewer to print it.")
        self.told.emit(words.format(name=FILE_NAME), "info")
