"""The quick card: one page to print, with the keys, the marks, and what to do when. Main thread.

It is a PDF, not a print job: the print system of Linux is reached through a socket, and the program
opens none. Any PDF viewer prints it. The words are those of the shortcut sheet and the guide.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QBuffer, QLocale, QMarginsF, QObject, QSizeF, QTimer, QUrl, Signal
from PySide6.QtGui import QFont, QImage, QPageLayout, QPageSize, QPdfWriter, QTextDocument

from app.foundation.i18n import _
from app.ui import theme
from app.ui.palettes import LIGHT
from app.ui.views.guide_page import ICON, keys, shown_key
from app.ui.views.guide_texts import DICTATE, MARKS, TROUBLE, Chapter, Sign, Steps
from app.ui.widgets.actions import SHORTCUTS, SPOKEN

FILE_NAME: Final = "stethoscribe-quick-card.pdf"
DPI: Final = 600
ICON_PX: Final = 16
"""Side of an icon; a text document takes a pixel as 1/96 inch, whatever it is printed on."""
SHARP: Final = 6.0
"""Icons have so many pixels in one: 576 in an inch."""
MARGIN_MM: Final = 12.0
LARGEST: Final = 10.5
SMALLEST: Final = 6.0
"""Points. The largest size at which everything stands on one page is taken; a translation is
longer, a Letter page shorter. Under 6 pt nobody reads a card that hangs on a wall."""
STEP: Final = 0.5

CARD_KEYS: Final = (
    "new", "record", "dictate", "pause", "off_record", "bookmark", "stop", "compact", "next_offer",
    "next_open", "change", "undo", "sign", "copy", "copy_next", "export", "lock", "help", "guide",
)  # fmt: skip
STATEMENT_KEYS: Final = ("A", "F2, Enter", "Del", "Space")
"""Of `SPOKEN`, in the group of the note."""


@dataclass(frozen=True, slots=True)
class Card:
    """All that setting the page needs.

    Attributes:
        icons: by their address in the page, at print sharpness.
    """

    page: str
    title: str
    icons: Mapping[str, QImage]
    font: QFont
    paper: QPageSize


def lay_out_card(paper: QPageSize | None = None) -> Card:
    """Gather the words and icons of the card, for the paper size of the country."""
    look = theme.current()
    icons = {
        _address(each): look.paper_pixmap(each.icon, each.color, ICON_PX, SHARP).toImage()
        for chapter in (MARKS, TROUBLE)
        for each in chapter.parts
        if isinstance(each, Sign)
    }
    title = _("Stethoscribe: quick card")
    return Card(card_html(), title, icons, look.font(), paper or _paper())


class CardPress(QObject):
    """Sets and prints a card, a step each turn of the event loop: a recording may run meanwhile.

    Text is laid out on the thread of the window: Qt's layout needs its timers. The largest letters
    are tried first.

    Signals:
        made: the PDF, as bytes; empty when not even the smallest letters fit.
    """

    made = Signal(bytes)

    def __init__(self, card: Card, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._card, self._points = card, LARGEST
        self._target = QBuffer()
        self._target.open(QBuffer.OpenModeFlag.WriteOnly)
        self._writer = QPdfWriter(self._target)
        self._writer.setResolution(DPI)
        self._writer.setTitle(card.title)
        sides = QMarginsF(MARGIN_MM, MARGIN_MM, MARGIN_MM, MARGIN_MM)
        portrait, unit = QPageLayout.Orientation.Portrait, QPageLayout.Unit.Millimeter
        self._writer.setPageLayout(QPageLayout(card.paper, portrait, sides, unit))

    def start(self) -> None:
        """Begin; `made` follows."""
        QTimer.singleShot(0, self, self._set)

    def _set(self) -> None:
        document = _document(self._card, self._points, self._writer)
        if document.pageCount() == 1:
            QTimer.singleShot(0, self, lambda: self._print(document))
        elif self._points > SMALLEST:
            self._points -= STEP
            QTimer.singleShot(0, self, self._set)
        else:
            self.made.emit(b"")

    def _print(self, document: QTextDocument) -> None:
        document.print_(self._writer)
        self._target.close()
        self.made.emit(self._target.data().data())


def card_html() -> str:
    """Return what stands on the card."""
    named = [(SHORTCUTS[name].keys[0], SHORTCUTS[name].words) for name in CARD_KEYS]
    spoken = [
        (each.keys[0], each.words)
        for each in SPOKEN
        if each.keys[0] in STATEMENT_KEYS and each.group == "Note"
    ]
    left = _heading(_("Keys")) + _key_table(named) + _heading(_("On a statement"))
    left += _key_table(spoken) + _heading(_(DICTATE.title)) + _said(DICTATE)
    right = _heading(_(MARKS.title)) + _signs(MARKS)
    below = _heading(_(TROUBLE.title)) + _signs(TROUBLE)
    return (
        f"<h1>Stethoscribe</h1><p class='quiet'>{html.escape(_promise())}</p>"
        f"<table width='100%'><tr><td width='47%'>{left}</td><td width='3%'></td>"
        f"<td width='50%'>{right}{below}</td></tr></table>"
    )


def _promise() -> str:
    return _(
        "From the password to the recording: {new}, {record}, Enter. Everything stays on this "
        "computer. The recording comes first: whatever else fails, it goes on."
    ).format_map(keys())


def _paper() -> QPageSize:
    """Letter where that is usual, A4 elsewhere."""
    is_metric = QLocale().measurementSystem() is QLocale.MeasurementSystem.MetricSystem
    return QPageSize(QPageSize.PageSizeId.A4 if is_metric else QPageSize.PageSizeId.Letter)


def _document(card: Card, points: float, writer: QPdfWriter) -> QTextDocument:
    made = QTextDocument()
    made.documentLayout().setPaintDevice(writer)
    made.setPageSize(QSizeF(writer.width(), writer.height()))
    font = QFont(card.font)
    font.setPointSizeF(points)
    made.setDefaultFont(font)
    made.setDocumentMargin(0)
    made.setDefaultStyleSheet(_style(points))
    for address, icon in card.icons.items():
        made.addResource(int(QTextDocument.ResourceType.ImageResource.value), QUrl(address), icon)
    made.setHtml(card.page)
    return made


def _style(points: float) -> str:
    return (
        f"* {{ color: {LIGHT.text}; }}"
        f"h1 {{ font-size: {points * 1.9:.1f}pt; font-weight: 600; margin: 0; }}"
        f"h2 {{ font-size: {points * 1.15:.1f}pt; font-weight: 600; color: {LIGHT.accent}; }}"
        f".quiet {{ color: {LIGHT.muted}; }}"
        f"td.row {{ padding-bottom: {points * 0.3:.1f}px; }}"
    )


def _heading(words: str) -> str:
    return f"<h2>{html.escape(words)}</h2>"


def _key_table(rows: Iterable[tuple[str, str]]) -> str:
    lines = (
        f"<tr><td class='row' style='white-space: nowrap; font-weight: 600'>"
        f"{html.escape(shown_key(key))}&nbsp;&nbsp;</td>"
        f"<td class='row'>{html.escape(_(words))}</td></tr>"
        for key, words in rows
    )
    return f"<table cellspacing='0' cellpadding='0'>{''.join(lines)}</table>"


def _said(chapter: Chapter) -> str:
    lines = (each for part in chapter.parts if isinstance(part, Steps) for each in part.steps)
    rows = (f"<tr><td class='row'>{html.escape(_(each))}</td></tr>" for each in lines)
    return f"<table cellspacing='0' cellpadding='0'>{''.join(rows)}</table>"


def _address(sign: Sign) -> str:
    return f"{ICON}:{sign.icon}/{sign.color}"


def _signs(chapter: Chapter) -> str:
    shown = keys()
    lines = (
        f"<tr><td class='row'><img src='{_address(each)}'>&nbsp;&nbsp;</td>"
        f"<td class='row'><span style='font-weight: 600'>{html.escape(_(each.name))}</span> "
        f"{html.escape(_(each.words).format_map(shown))}</td></tr>"
        for each in chapter.parts
        if isinstance(each, Sign)
    )
    return f"<table cellspacing='0' cellpadding='0'>{''.join(lines)}</table>"
