"""The line of time: how loud it was, what is missing, what is marked, what is heard. Main thread.

Every mark has a shape of its own beside its color. The drawing of the sound is kept until the
sound, the size or the look is another, so that a moving place costs one line.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QLineF, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget
from typing_extensions import override

from app.domain.audio import SAMPLE_RATE, Span, Stretch, StretchKind
from app.foundation.i18n import _
from app.ui import theme
from app.ui.viewmodels.lines import stretch_words
from app.ui.viewmodels.patients import clock_words
from app.ui.viewmodels.timeline import STEP

if TYPE_CHECKING:
    from app.ui.viewmodels.timeline import TimelineModel

MARK: Final = 14
"""Side of a mark's icon in device-independent pixels."""

_MARKS: Final = {
    StretchKind.GAP: ("unsupported", "unsupported"),
    StretchKind.INAUDIBLE: ("partly", "partly"),
    StretchKind.OFF_RECORD: ("off_record", "partly"),
    StretchKind.PAUSE: ("pause", "muted"),
    StretchKind.BOOKMARK: ("bookmark", "accent"),
}
_HATCHES: Final = {
    StretchKind.GAP: Qt.BrushStyle.BDiagPattern,
    StretchKind.INAUDIBLE: Qt.BrushStyle.HorPattern,
}
_PAGES: Final = {Qt.Key.Key_PageUp: -6, Qt.Key.Key_PageDown: 6}
_ARROWS: Final = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class Waveform(QWidget):
    """Draws a `TimelineModel`. Arrows move by 5 s, Page keys by 30 s, Space plays or stops.

    Signals:
        seek_asked: a sample on the audio clock.
        play_asked: play, or stop.
    """

    seek_asked = Signal(int)
    play_asked = Signal()

    def __init__(self, model: TimelineModel) -> None:
        super().__init__()
        self.setObjectName("waveform")
        self.setAccessibleName(_("Timeline"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._model = model
        self._picture: QPixmap | None = None
        model.changed.connect(self._redraw)
        model.moved.connect(self.update)
        theme.current().look_changed.connect(self._redraw)

    @override
    def sizeHint(self) -> QSize:
        return QSize(40 * theme.UNIT, 5 * theme.UNIT)

    def _redraw(self) -> None:
        self._picture = None
        self.setAccessibleDescription(self.words())
        self.update()

    def words(self) -> str:
        """Return what a screen reader says: the place, the length, and what is marked."""
        model = self._model
        parts = [
            _("{place} of {length}").format(
                place=clock_words(model.recorded_s(model.position)),
                length=clock_words(model.length_s),
            )
        ]
        if covered := sum(each.end - each.start for each in model.covered):
            words = _("words in {length}").format(length=clock_words(covered / SAMPLE_RATE))
            parts.append(words)
        if model.inaudible:
            words = _("not understood: {length}")
            parts.append(words.format(length=clock_words(model.inaudible / SAMPLE_RATE)))
        parts += [
            f"{clock_words(model.recorded_s(each.start))} {stretch_words(each)}"
            for each in model.stretches
            if each.kind in _MARKS
        ]
        return ", ".join(parts)

    # -- places

    def _x(self, at_sample: int) -> float:
        return self._inner().left() + self._inner().width() * at_sample / max(
            1, self._model.samples
        )

    def _sample(self, x: float) -> int:
        inner = self._inner()
        return round((x - inner.left()) / max(1.0, inner.width()) * self._model.samples)

    def _inner(self) -> QRectF:
        return QRectF(self.rect()).adjusted(theme.UNIT, 2, -theme.UNIT, -2)

    def _mark_at(self, x: float) -> Stretch | None:
        near = [
            each
            for each in self._model.stretches
            if each.kind in _MARKS
            and self._x(each.start) - MARK / 2 <= x <= self._x(each.end) + MARK / 2
        ]
        return near[0] if near else None

    # -- painting

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        if self._picture is None:
            self._picture = self._draw()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture)
        if self._model.can_play:
            self._draw_place(painter)
        if self.hasFocus():
            pen = painter.pen()
            pen.setColor(theme.current().color("focus"))
            pen.setWidth(2)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)
        painter.end()

    def _draw_place(self, painter: QPainter) -> None:
        look = theme.current()
        position = self._model.position
        if look.is_still:  # a hand that jumps once a second moves less than one that glides
            position -= position % SAMPLE_RATE
        x = self._x(position)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(look.color("text"))
        painter.drawLine(QLineF(x, 3, x, self.height() - 3))
        painter.setBrush(look.color("text"))
        head = [QPointF(x - 4, 2), QPointF(x + 4, 2), QPointF(x, 8)]
        painter.drawPolygon(QPolygonF(head))

    def _draw(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        picture = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        look = theme.current()
        painter.setBrush(look.color("sunken"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0, 1, 0, -1), 4, 4)
        self._draw_spans(painter, self._model.lit, "evidence", 2, self.height() - 4)
        self._draw_stretches(painter)
        self._draw_peaks(painter)
        self._draw_coverage(painter)
        self._draw_marks(painter)
        painter.end()
        return picture

    def _draw_spans(
        self, painter: QPainter, spans: Sequence[Span], color: str, top: float, height: float
    ) -> None:
        painter.setBrush(theme.current().color(color))
        for span in spans:
            left, right = self._x(span.start), self._x(span.end)
            painter.drawRect(QRectF(left, top, max(3.0, right - left), height))

    def _draw_stretches(self, painter: QPainter) -> None:
        """Hatch what is missing; the hatch leans the other way for what was off the record.

        What was spoken and not understood has level lines.
        """
        look = theme.current()
        for each in self._model.stretches:
            if each.kind not in _MARKS or each.end <= each.start:
                continue
            brush = painter.brush()
            brush.setStyle(_HATCHES.get(each.kind, Qt.BrushStyle.FDiagPattern))
            brush.setColor(look.color(_MARKS[each.kind][1]))
            painter.setBrush(brush)
            left, right = self._x(each.start), self._x(each.end)
            painter.drawRect(QRectF(left, 2, max(4.0, right - left), self.height() - 4))

    def _draw_peaks(self, painter: QPainter) -> None:
        peaks, samples = self._model.peaks, max(1, self._model.samples)
        inner = self._inner()
        columns = min(len(peaks), int(inner.width() / 2))
        if not columns:
            return
        heard = inner.width() * (len(peaks) * (SAMPLE_RATE // 2)) / samples
        step = min(heard, inner.width()) / columns
        middle, tall = inner.center().y(), inner.height() / 2 - 3
        painter.setBrush(theme.current().color("line_strong"))
        for column in range(columns):
            first = column * len(peaks) // columns
            last = max(first + 1, (column + 1) * len(peaks) // columns)
            high = max(1.0, tall * max(peaks[first:last]) ** 0.5)
            left = inner.left() + column * step
            painter.drawRect(QRectF(left, middle - high, max(1.0, step - 1), 2 * high))

    def _draw_coverage(self, painter: QPainter) -> None:
        """Underline where words are; nothing is drawn while a recording grows."""
        self._draw_spans(painter, self._model.covered, "accent", self.height() - 5, 3)

    def _draw_marks(self, painter: QPainter) -> None:
        look = theme.current()
        top = (self.height() - MARK) // 2
        for each in self._model.stretches:
            if each.kind in _MARKS:
                icon, color = _MARKS[each.kind]
                middle = round((self._x(each.start) + self._x(each.end)) / 2)
                box = QRect(middle - MARK // 2, top, MARK, MARK)
                painter.setBrush(look.color("surface"))
                painter.drawEllipse(box.adjusted(-2, -2, 2, 2))
                look.icon(icon, color).paint(painter, box)

    # -- Qt

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._picture = None

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            self.seek_asked.emit(self._sample(event.position().x()))

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        here, steps = self._model.position, {**_ARROWS, **_PAGES}
        if key in steps:
            self.seek_asked.emit(here + steps[key] * STEP)
        elif key in {Qt.Key.Key_Home, Qt.Key.Key_End}:
            self.seek_asked.emit(0 if key == Qt.Key.Key_Home else self._model.samples)
        elif key in {Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.play_asked.emit()
        else:
            super().keyPressEvent(event)

    @override
    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            x = event.pos().x()
            mark = self._mark_at(x)
            at_sample = mark.start if mark is not None else self._sample(x)
            words = clock_words(self._model.recorded_s(max(0, at_sample)))
            text = f"{words} {stretch_words(mark)}" if mark is not None else words
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)
