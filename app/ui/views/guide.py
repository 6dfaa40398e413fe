"""The guide: short chapters in a window of its own, searched and turned by keyboard. Main thread.

It is not modal and holds nothing of a patient: it may stand beside a recording and a locked window.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, QUrl, Signal
from PySide6.QtGui import (
    QImage,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPixmap,
    QResizeEvent,
    QShortcut,
    QTextCursor,
)
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from app.foundation import paths
from app.foundation.i18n import _
from app.ui import theme
from app.ui.viewmodels.pace import Pace
from app.ui.views.guide_page import (
    ICON,
    PICTURE,
    chapter_html,
    chapter_words,
    page_style,
)
from app.ui.views.guide_texts import CHAPTERS, Chapter
from app.ui.widgets.field_icons import FieldIcons
from app.ui.widgets.parts import button, label, screen_area, set_kind
from app.ui.widgets.plain_text import LineEdit, ReadingBox

if TYPE_CHECKING:
    from collections.abc import Iterable

SIZE: Final = (130, 88)
"""Wanted size in grid units, before the text is enlarged."""
ROOM: Final = 0.92
"""Part of the screen it may take."""
LIST: Final = 36
"""Width of the list of chapters in grid units."""
MOST_LIST: Final = 0.4
"""Part of the width it takes at most; the page is what is read."""
PICTURES: Final = "guide"


class GuideWindow(QWidget):
    """Chapters on the left, the page on the right.

    Signals:
        shortcuts_asked, card_asked: the sheet of keys, the quick card.
    """

    shortcuts_asked = Signal()
    card_asked = Signal()

    def __init__(self) -> None:
        super().__init__(None, Qt.WindowType.Window)  # no parent: it may stand behind the window
        self.setObjectName("guide")
        self.setWindowTitle(_("Guide"))
        self.setWindowIcon(theme.current().icon("app"))
        self.search = LineEdit()
        self.search.setObjectName("guideSearch")
        self.search.setAccessibleName(_("Search the guide"))
        self.search.setPlaceholderText(_("Search the guide (Ctrl+F)"))
        FieldIcons(self.search).offer_clear()
        self.chapters = QListWidget()
        self.chapters.setObjectName("guideChapters")
        self.chapters.setAccessibleName(_("Chapters"))
        self.chapters.setWordWrap(True)
        self.chapters.setTextElideMode(Qt.TextElideMode.ElideNone)
        self.chapters.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.text = GuideText()
        self._nothing = label(_("Nothing found."), "muted")
        self._nothing.setObjectName("guideNothing")
        self.keys = button("guideShortcuts", _("All shortcuts"), "help", hint="F1")
        self.card = button("guideCard", _("Quick card…"), "export")
        self.leave = button("guideClose", _("Close"), kind="primary", hint="Esc")
        self._place()
        self._connect()
        self._look_for("")
        self._fit()

    def _place(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(theme.UNIT)
        left.addWidget(self.search)
        left.addWidget(self._nothing)
        left.addWidget(self.chapters, 1)
        self._left = QWidget()
        self._left.setLayout(left)
        left.setContentsMargins(0, 0, 0, 0)
        row = QHBoxLayout()
        row.setSpacing(2 * theme.UNIT)
        row.addWidget(self._left)
        row.addWidget(self.text, 1)
        foot = QHBoxLayout()
        foot.setSpacing(theme.UNIT)
        foot.addWidget(self.keys)
        foot.addWidget(self.card)
        foot.addStretch(1)
        foot.addWidget(self.leave)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[2 * theme.UNIT] * 4)
        column.setSpacing(2 * theme.UNIT)
        column.addLayout(row, 1)
        column.addLayout(foot)

    def _connect(self) -> None:
        self.search.textChanged.connect(self._look_for)
        self.search.installEventFilter(self)
        self.chapters.currentItemChanged.connect(lambda _now, _before: self._show())
        self.keys.clicked.connect(self.shortcuts_asked)
        self.card.clicked.connect(self.card_asked)
        self.leave.clicked.connect(self.close)
        theme.current().look_changed.connect(self._on_look)
        for keys, handler in (
            ("Ctrl+F", self._focus_search),
            ("F1", self.shortcuts_asked.emit),
            ("Ctrl+PgDown", lambda: self.turn(1)),
            ("Ctrl+PgUp", lambda: self.turn(-1)),
            ("Esc", self._on_escape),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(handler)

    def appear(self) -> None:
        """Come to the front, at the chapter that was read last."""
        self.show()
        self.raise_()
        self.activateWindow()
        self.chapters.setFocus(Qt.FocusReason.OtherFocusReason)

    def open_at(self, key: str) -> None:
        """Come to the front at a chapter."""
        self.search.clear()
        for row in range(self.chapters.count()):
            if self._chapter(self.chapters.item(row)).key == key:
                self.chapters.setCurrentRow(row)
        self.appear()

    def turn(self, step: int) -> None:
        """Turn to the next chapter, or the previous one (-1)."""
        row = self.chapters.currentRow() + step
        if 0 <= row < self.chapters.count():
            self.chapters.setCurrentRow(row)

    @property
    def chapter(self) -> Chapter | None:
        """The chapter that is shown."""
        row = self.chapters.currentRow()
        return self._chapter(self.chapters.item(row)) if row >= 0 else None

    @staticmethod
    def _chapter(item: QListWidgetItem) -> Chapter:
        found: Chapter = item.data(Qt.ItemDataRole.UserRole)
        return found

    # -- searching

    def _look_for(self, wanted: str) -> None:
        """List the chapters that hold all the words; stay at the one that is open if it does."""
        words = wanted.casefold().split()
        open_key = self.chapter.key if self.chapter is not None else ""
        found = [each for each in CHAPTERS if _holds(each, words)]
        self.chapters.blockSignals(True)
        self.chapters.clear()
        for each in found:
            item = QListWidgetItem(_(each.title))
            item.setToolTip(item.text())
            item.setData(Qt.ItemDataRole.UserRole, each)
            self.chapters.addItem(item)
        rows = [row for row, each in enumerate(found) if each.key == open_key]
        self.chapters.setCurrentRow(rows[0] if rows else 0)
        self.chapters.blockSignals(False)
        self._nothing.setVisible(not found)
        self.chapters.setVisible(bool(found))
        set_kind(self.search, "kind", "" if found else "missing")
        self.search.setAccessibleDescription("" if found else _("Nothing found."))
        self._show()

    def _show(self) -> None:
        chapter = self.chapter
        self.text.show_chapter(chapter, self.search.text().split())
        name = _("Page: {title}").format(title=_(chapter.title)) if chapter else _("Page")
        self.text.setAccessibleName(name)

    def _focus_search(self) -> None:
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def _on_escape(self) -> None:
        """Leave the search first, then the guide."""
        if self.search.hasFocus() and self.search.text():
            self.search.clear()
        else:
            self.close()

    # -- Qt

    def _on_look(self) -> None:
        self._fit_list()
        self._show()

    def _fit_list(self) -> None:
        """Leave most of the width to the page, however large the text is."""
        self._left.setFixedWidth(min(theme.current().span(LIST), round(self.width() * MOST_LIST)))

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_list()

    def _fit(self) -> None:
        room = screen_area(self).size() * ROOM
        span = theme.current().span
        self.resize(QSize(span(SIZE[0]), span(SIZE[1])).boundedTo(room))

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """From the search, Down goes to the chapters and Enter to the page."""
        if watched is self.search and isinstance(event, QKeyEvent):
            if event.type() is QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Down:
                self.chapters.setFocus(Qt.FocusReason.OtherFocusReason)
                return True
            enters = {Qt.Key.Key_Return, Qt.Key.Key_Enter}
            if event.type() is QEvent.Type.KeyPress and event.key() in enters:
                self.text.next_hit()
                return True
        return super().eventFilter(watched, event)


class GuideText(ReadingBox):
    """One page. Pictures take the width there is; what is searched for is lit up."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("guideText")
        self.setTabChangesFocus(True)
        self._chapter: Chapter | None = None
        self._words: list[str] = []
        self._pace = Pace(self._on_resized, self, 100)
        self._width = 0

    def show_chapter(self, chapter: Chapter | None, words: Iterable[str]) -> None:
        """Show a chapter with words lit up, at the first of them; None shows nothing."""
        self._words = list(words)
        if chapter is not self._chapter:
            self.verticalScrollBar().setValue(0)
        self._chapter = chapter
        self._render()
        cursors = self._light_up()
        if cursors:
            self.setTextCursor(cursors[0])

    def next_hit(self) -> None:
        """Go to the next place that is lit up, around the end if need be."""
        here, places = self.textCursor().selectionEnd(), self._hits()
        later = [each for each in places if each.selectionStart() >= here]
        if places:
            self.setTextCursor((later or places)[0])

    @override
    def loadResource(self, kind: int, name: QUrl | str) -> object:
        """Give icons in the color of the look, and pictures no wider than the page."""
        url = name if isinstance(name, QUrl) else QUrl(name)
        look, ratio = theme.current(), self.devicePixelRatioF()
        if url.scheme() == ICON:
            icon, _slash, color = url.path().partition("/")
            return look.pixmap(icon, color, look.span(2.5), ratio)
        if url.scheme() == PICTURE:
            return self._picture(url.path(), ratio)
        return None  # nothing else is loaded, from nowhere

    def _picture(self, name: str, ratio: float) -> QPixmap:
        found = QImage(str(picture_path(name)))
        wide = min(found.width(), self._width) if self._width else found.width()
        small = found.scaledToWidth(
            max(1, round(wide * ratio)), Qt.TransformationMode.SmoothTransformation
        )
        made = QPixmap.fromImage(small if found.width() > wide * ratio else found)
        made.setDevicePixelRatio(made.width() / max(1, wide))
        painter = QPainter(made)  # a frame: window and page have the same color
        painter.setPen(theme.current().color("line_strong"))
        painter.drawRect(QRectF(0.5, 0.5, wide - 1, made.deviceIndependentSize().height() - 1))
        painter.end()
        return made

    def _render(self) -> None:
        self._width = max(0, self.viewport().width() - 6 * theme.UNIT)
        document = self.document()
        document.clear()
        document.setDocumentMargin(2 * theme.UNIT)
        document.setDefaultStyleSheet(page_style())
        self.setHtml(chapter_html(self._chapter) if self._chapter is not None else "")

    def _light_up(self) -> list[QTextCursor]:
        found = self._hits()
        selections = []
        for cursor in found:
            each = QTextEdit.ExtraSelection()
            each.cursor = cursor
            each.format.setBackground(theme.current().color("evidence"))
            selections.append(each)
        self.setExtraSelections(selections)
        return found

    def _hits(self) -> list[QTextCursor]:
        found: list[QTextCursor] = []
        for word in self._words:
            cursor = self.document().find(word)
            while not cursor.isNull():
                found.append(cursor)
                cursor = self.document().find(word, cursor)
        return sorted(found, key=lambda each: each.selectionStart())

    def _on_resized(self) -> None:
        place = self.verticalScrollBar().value()
        self._render()
        self._light_up()
        self.verticalScrollBar().setValue(place)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._pace.ask_again()


def picture_path(name: str) -> Path:
    """Return the picture in the look that holds now."""
    return paths.resources() / PICTURES / theme.current().colors.name / f"{name}.png"


def _holds(chapter: Chapter, words: list[str]) -> bool:
    text = chapter_words(chapter).casefold()
    return all(each in text for each in words)
