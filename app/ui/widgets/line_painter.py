"""Writes the lines of a transcript into a text document. Main thread.

One block per line: name and time, a tab, the words. Formats are made once per look.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtGui import QTextBlockFormat, QTextCharFormat, QTextCursor, QTextOption

from app.domain.audio import StretchKind
from app.domain.transcript import SpeakerRole, Word
from app.foundation.i18n import _
from app.ui import theme
from app.ui.viewmodels.lines import (
    DOUBTFUL,
    Line,
    Piece,
    pieces,
    role_words,
    speaker_words,
    stretch_words,
)
from app.ui.viewmodels.patients import clock_words

_ROLE_COLORS: Final = {
    SpeakerRole.CLINICIAN: "clinician",
    SpeakerRole.PATIENT: "patient",
    SpeakerRole.OTHER: "other",
    SpeakerRole.UNKNOWN: "muted",
}
_STRETCH_COLORS: Final = {
    StretchKind.GAP: "unsupported",
    StretchKind.INAUDIBLE: "partly",
    StretchKind.BOOKMARK: "accent",
}
NARROW: Final = 2.6
"""Names may take this part of the width at most: 1 / 2.6."""

NARROW_GUTTER: Final = 2.0 * theme.UNIT
"""Where the page has no room for a column of names, words follow the name on its line."""

LINE_PERCENT: Final = 125


class LinePainter:
    """Formats of one look, and how a line is written with them."""

    def __init__(self) -> None:
        self._formats: dict[tuple[str, ...], QTextCharFormat] = {}
        self._blocks: dict[tuple[bool, int], QTextBlockFormat] = {}
        self._gutter = 0.0
        self.is_narrow = False

    def forget(self) -> None:
        """Take the colors and sizes anew: the look is another."""
        self._formats.clear()
        self._blocks.clear()
        self._gutter = 0.0

    @property
    def gutter(self) -> float:
        """Width of the column with names and times, in pixels."""
        if self.is_narrow:
            return NARROW_GUTTER
        if not self._gutter:
            from_theme = theme.current()
            metrics = from_theme.metrics(1.0, strong=True)
            small = from_theme.metrics(0.85)
            name = max(
                metrics.horizontalAdvance(role_words(SpeakerRole.CLINICIAN) + "?"),
                metrics.horizontalAdvance(role_words(SpeakerRole.UNKNOWN) + " A"),
            )
            self._gutter = name + small.horizontalAdvance("  1:00:00") + 2.0 * theme.UNIT
        return self._gutter

    def fit(self, width: int) -> bool:
        """Take the column of names away from a narrow page; return whether that is another."""
        before, self.is_narrow = self.is_narrow, False
        self.is_narrow = width < NARROW * self.gutter
        if self.is_narrow is not before:
            self._blocks.clear()
        return self.is_narrow is not before

    def block(self, is_turn: bool, height: int = 0) -> QTextBlockFormat:
        """Return the format of a block; `height` in pixels is fixed for a line of buttons."""
        key = (is_turn, height)
        if key not in self._blocks:
            made = QTextBlockFormat()
            made.setLeftMargin(self.gutter)
            made.setTextIndent(-self.gutter)
            tab = QTextOption.Tab(self.gutter, QTextOption.TabType.LeftTab)
            made.setTabPositions([tab])
            heights = QTextBlockFormat.LineHeightTypes
            if height:
                made.setLineHeight(height, heights.FixedHeight.value)
            else:
                made.setLineHeight(LINE_PERCENT, heights.ProportionalHeight.value)
            made.setTopMargin(theme.UNIT if is_turn else theme.UNIT / 4)
            self._blocks[key] = made
        return self._blocks[key]

    def write(self, cursor: QTextCursor, line: Line) -> None:
        """Write a line into the empty block of the cursor. A line of buttons stays empty."""
        if line.segment is not None:
            if line.is_turn:
                self._write_name(cursor, line)
            cursor.insertText("\t", self._format("text"))
            self.write_pieces(cursor, pieces(line.segment, line.revisions))
        elif line.stretch is not None:
            color = _STRETCH_COLORS.get(line.stretch.kind, "muted")
            time = clock_words(line.at_s)
            cursor.insertText(time, self._format("muted", "small"))
            cursor.insertText("\t" + stretch_words(line.stretch), self._format(color, "stretch"))

    def _write_name(self, cursor: QTextCursor, line: Line) -> None:
        segment = line.segment
        if segment is None:
            return
        name = self._format(_ROLE_COLORS[segment.role], "strong")
        cursor.insertText(speaker_words(segment), name)
        if segment.end:
            time = self._format("muted", "small")
            # the last blank parts it from the words where the tab has no room
            cursor.insertText(f"  {clock_words(line.at_s)} ", time)

    def write_pieces(self, cursor: QTextCursor, said: tuple[Piece, ...]) -> None:
        """Write pieces with one blank between them, in as few runs as their looks allow."""
        run: list[str] = []
        plain = self._format("text")
        for place, piece in enumerate(said):
            if piece.is_remark:
                cursor.insertText(piece.text, self._format("muted", "stretch"))
                continue
            blank = " " if place + 1 < len(said) else ""
            if not (piece.is_doubtful or piece.spoken or piece.before):
                run.append(piece.text + blank)
                continue
            if run:
                cursor.insertText("".join(run), plain)
                run = []
            cursor.insertText(piece.text, self._marked(piece))
            if blank:
                cursor.insertText(blank, plain)
        if run:
            cursor.insertText("".join(run), plain)

    def write_words(self, cursor: QTextCursor, words: tuple[Word, ...], color: str) -> None:
        """Write words of the open utterance."""
        said = tuple(
            Piece(each.text, place, 1, color == "text" and each.probability < DOUBTFUL)
            for place, each in enumerate(words)
        )
        if color == "text":
            self.write_pieces(cursor, said)
        else:
            cursor.insertText(" ".join(each.text for each in said), self._format(color))

    def write_mark(self, cursor: QTextCursor) -> None:
        """Write the name column of the open utterance."""
        cursor.insertText("…\t", self._format("muted"))

    def _marked(self, piece: Piece) -> QTextCharFormat:
        """A word that is doubtful, written otherwise than said, or changed."""
        kind = "doubtful" if piece.is_doubtful else "written"
        if piece.before:
            kind = "changed"
        made = QTextCharFormat(self._format("text", kind))
        made.setToolTip(piece_words(piece))
        return made

    def _format(self, color: str, kind: str = "") -> QTextCharFormat:
        key = (color, kind)
        if key not in self._formats:
            self._formats[key] = _make_format(color, kind)
        return self._formats[key]


def piece_words(piece: Piece) -> str:
    """Return what is to be known of a word: how it was said, what stood here, that it is unsure."""
    parts = []
    if piece.before:
        parts.append(_("Before: {text}").format(text=piece.before))
    if piece.spoken:
        parts.append(_("Said: {text}").format(text=piece.spoken))
    if piece.is_doubtful:
        parts.append(_("Heard unclearly"))
    return " · ".join(parts)


def _make_format(color: str, kind: str) -> QTextCharFormat:
    look = theme.current()
    made = QTextCharFormat()
    made.setForeground(look.color(color))
    font = look.font(0.85 if kind == "small" else 1.0, strong=kind == "strong")
    if kind == "stretch":
        font.setItalic(True)
    made.setFont(font)
    lines = {
        "doubtful": (QTextCharFormat.UnderlineStyle.DotLine, "partly"),
        "changed": (QTextCharFormat.UnderlineStyle.SingleUnderline, "line_strong"),
    }
    if kind in lines:
        style, ink = lines[kind]
        made.setUnderlineStyle(style)
        made.setUnderlineColor(look.color(ink))
    return made
