"""How loud it is, as a bar that a glance can read. Main thread."""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from app.domain.audio import Level
from app.foundation.i18n import _
from app.ui import theme

FLOOR_DBFS: Final = -60.0
"""Left end of the bar: below the noise floor of a quiet room with a laptop microphone."""

GOOD_DBFS: Final = -30.0
"""Speech at one meter lies above this; below it "hard to hear" is said in words."""

FALL_DB: Final = 1.5
"""How far the peak mark falls per measurement, 20 a second: 30 dB/s, near IEC 60268-10 type I."""


STEP_DB: Final = 10
"""Steps of the bar where less is to move: silent, faint, good and loud can still be told apart."""


class LevelMeter(QWidget):
    """Shows loudness (bar), recent peak (mark) and clipping (the bar's end changes color)."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("levelMeter")
        self.setAccessibleName(_("Sound level"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._rms = FLOOR_DBFS
        self._peak = FLOOR_DBFS
        self._is_clipping = False
        theme.current().look_changed.connect(self.update)

    def show_level(self, level: Level) -> None:
        """Show a measurement."""
        shown = (self._rms, self._peak, self._is_clipping)
        self._is_clipping = level.is_clipping
        if theme.current().is_still:
            self._rms = round(_bounded(level.rms_dbfs) / STEP_DB) * STEP_DB
            self._peak = FLOOR_DBFS  # no mark that falls
        else:
            self._rms = _bounded(level.rms_dbfs)
            self._peak = max(_bounded(level.peak_dbfs), self._peak - FALL_DB)
        if shown != (self._rms, self._peak, self._is_clipping):
            self.update()

    def clear(self) -> None:
        """Show silence."""
        self._rms = self._peak = FLOOR_DBFS
        self._is_clipping = False
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(20 * theme.UNIT, 2 * theme.UNIT)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(8 * theme.UNIT, 2 * theme.UNIT)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        height = theme.UNIT
        whole = QRectF(0, (self.height() - height) / 2, self.width(), height)
        painter.setBrush(look.color("line"))  # it shows on cards and on sunken ground alike
        painter.drawRoundedRect(whole, height / 2, height / 2)
        painter.setBrush(look.color("recording" if self._is_clipping else "supported"))
        if (share := _share(self._rms)) > 0:
            bar = QRectF(whole.x(), whole.y(), max(height, whole.width() * share), height)
            painter.drawRoundedRect(bar, height / 2, height / 2)
        if (share := _share(self._peak)) > 0:
            at = min(whole.width() - 2, whole.width() * share)
            painter.setBrush(look.color("text"))
            painter.drawRect(QRectF(at, whole.y() - 2, 2, height + 4))
        painter.end()


def _bounded(dbfs: float) -> float:
    return FLOOR_DBFS if math.isinf(dbfs) or math.isnan(dbfs) else max(FLOOR_DBFS, min(0.0, dbfs))


def _share(dbfs: float) -> float:
    return 1.0 - dbfs / FLOOR_DBFS
