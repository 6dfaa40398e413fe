"""The quick card: one page to print, with the keys, the marks, and what to do when. Main thread.

It is a PDF, not a print job: the print system of Linux is reached through a socket, and the program
opens none. Any PDF viewer prints it. The words are those of the shortcut sheet and the guide.
"""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import Final

from PySide6.QtCore import QBuffer, QLocale, QMarginsF, QSizeF, QUrl
from PySide6.QtGui import QPageLayout, QPageSize, QPdfWriter, QTextDocument
from typing_extensions import override

from app.foundation.i18n import _
from app.ui import theme
from app.ui.palettes import LIGHT
from app.ui.views.guide_page import ICON, keys, shown_key
from app.ui.views.guide_texts import DICTATE, MARKS, TROUBLE, Chapter, Sign, Steps
from app.ui.widgets.actions import SHORTCUTS, SPOKEN

FILE_NAME: Final = "stethoscribe-quick-card.pdf"
DPI: Final = 600
SCREEN_DPI: Final = 96
"""A text document takes the pixels of an image as 1/96 inch, whatever it is printed on."""
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


def card_pdf(size: QPageSize | None = None) -> bytes:
    """Return the card as a PDF of one page, in the paper size of the country.

    Raises:
        ValueError: not even the smallest letters fit; a text has become far too long.
    """
    target = QBuffer()
    target.open(QBuffer.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(target)
    writer.setResolution(DPI)
    writer.setTitle(_("Stethoscribe: quick card"))
    margins = QMarginsF(MARGIN_MM, MARGIN_MM, MARGIN_MM, MARGIN_MM)
    writer.setPageLayout(
        QPageLayout(
            size or _paper(), QPageLayout.Orientation.Portrait, margins, QPageLayout.Unit.Millimeter
        )
    )
    _fitting(writer).print_(writer)
    target.close()
    return bytes(target.data().data())


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


class _Card(QTextDocument):
    """The text of the card. Icons are drawn for paper: in the light look, at print sharpness."""

    def __init__(self, points: float, room: QSizeF) -> None:
        super().__init__()
        font = theme.current().font()
        font.setPointSizeF(points)
        self.setDefaultFont(font)
        self._icon_px = round(points * 1.25 * SCREEN_DPI / 72)
        self.setDocumentMargin(0)
        self.setDefaultStyleSheet(_style(points))
        self.setHtml(card_html())
        self.setPageSize(room)

    @override
    def loadResource(self, kind: int, name: QUrl | str) -> object:
        url = name if isinstance(name, QUrl) else QUrl(name)
        if url.scheme() != ICON:
            return None
        icon, _slash, color = url.path().partition("/")
        return theme.current().paper_pixmap(icon, color, self._icon_px, SHARP).toImage()


def _fitting(writer: QPdfWriter) -> QTextDocument:
    room = QSizeF(writer.width(), writer.height())
    points = LARGEST
    while points >= SMALLEST:
        made = _Card(points, room)
        made.documentLayout().setPaintDevice(writer)
        made.setPageSize(room)
        if made.pageCount() == 1:
            return made
        points -= STEP
    raise ValueError("the card is too long")


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


def _signs(chapter: Chapter) -> str:
    shown = keys()
    lines = (
        f"<tr><td class='row'><img src='{ICON}:{each.icon}/{each.color}'>&nbsp;&nbsp;</td>"
        f"<td class='row'><span style='font-weight: 600'>{html.escape(_(each.name))}</span> "
        f"{html.escape(_(each.words).format_map(shown))}</td></tr>"
        for each in chapter.parts
        if isinstance(each, Sign)
    )
    return f"<table cellspacing='0' cellpadding='0'>{''.join(lines)}</table>"
