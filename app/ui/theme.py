"""How the window looks: palette, style sheet, fonts and tinted icons. Main thread.

The theme belongs to the application object; `current()` finds it there, so no module holds
a state. Lengths are multiples of `UNIT`; sizes of text are factors of the system's.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from PySide6.QtCore import QByteArray, QObject, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QFontMetricsF,
    QGuiApplication,
    QIcon,
    QIconEngine,
    QPainter,
    QPalette,
    QPixmap,
)
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication
from typing_extensions import override

from app.ui.palettes import DARK, LIGHT, LOOKS, Colors
from app.ui.stylesheet import stylesheet

UNIT: Final = 8
"""The grid in device-independent pixels; Qt scales it with the screen."""

MIN_POINTS: Final = 10.5
"""Smallest base size of text, read at arm's length on a wall-mounted screen."""

_PROPERTY: Final = "stethoscribeTheme"
_FAMILY: Final = "Inter"


class Theme(QObject):
    """The look in effect.

    Signals:
        look_changed: colors are others now; who paints by hand repaints.
    """

    look_changed = Signal()

    def __init__(self, app: QApplication, resources: Path) -> None:
        super().__init__(app)
        self._app = app
        self._icons = resources / "icons"
        self._svg: dict[str, str] = {}
        self._made: dict[tuple[str, str, int, float], QPixmap] = {}
        self._look = "system"
        self._percent = 100
        self._motion = "system"
        self._caret_ms = app.cursorFlashTime()
        self.colors: Colors = LIGHT
        self._points = max(app.font().pointSizeF(), MIN_POINTS)
        self._family = _load_fonts(resources / "fonts") or app.font().family()
        app.setStyle("Fusion")
        app.setProperty(_PROPERTY, self)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._on_scheme_changed)
        self.apply("system")

    @property
    def look(self) -> str:
        """`system`, `light`, `dark` or `contrast`."""
        return self._look

    @property
    def is_still(self) -> bool:
        """Whether nothing is to move that need not: who moves something asks this first."""
        return self._motion == "reduced" or is_system_still()

    def calm(self, motion: str) -> None:
        """Move things less (`reduced`), or as much as the system does (`system`)."""
        self._motion = motion
        is_still = self.is_still
        self._app.setCursorFlashTime(0 if is_still else self._caret_ms)
        for effect in (
            Qt.UIEffect.UI_AnimateMenu,
            Qt.UIEffect.UI_FadeMenu,
            Qt.UIEffect.UI_AnimateCombo,
            Qt.UIEffect.UI_AnimateTooltip,
            Qt.UIEffect.UI_FadeTooltip,
        ):
            if is_still:
                self._app.setEffectEnabled(effect, False)

    def apply(self, look: str, percent: int = 100) -> None:
        """Take a look and a size of text in percent of the system's."""
        self._look, self._percent = look, percent
        dark = QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark
        self.colors = LOOKS.get(look, DARK if dark else LIGHT)
        self._app.setFont(self.font())
        self._app.setPalette(_qt_palette(self.colors))
        self._app.setStyleSheet(stylesheet(self.colors, self.scale))
        self.look_changed.emit()

    def font(self, factor: float = 1.0, strong: bool = False) -> QFont:
        """Return the one font, in one of its two weights."""
        font = QFont(self._family)
        font.setPointSizeF(self._points * self._percent / 100 * factor)
        font.setWeight(QFont.Weight.DemiBold if strong else QFont.Weight.Normal)
        return font

    @property
    def scale(self) -> float:
        """How much larger than usual text is; 1.0 for smaller text, too."""
        return max(1.0, self._percent / 100)

    def span(self, units: float) -> int:
        """Return a length in grid units that grows with the text, in pixels."""
        return round(units * UNIT * self.scale)

    def metrics(self, factor: float = 1.0, strong: bool = False) -> QFontMetricsF:
        """Return the measures of the one font."""
        return QFontMetricsF(self.font(factor, strong))

    def color(self, name: str) -> QColor:
        """Return a color by its duty (`palettes.Colors`)."""
        return QColor(str(getattr(self.colors, name)))

    def icon(self, name: str, color: str = "text") -> QIcon:
        """Return an icon that follows the look; `color` is a duty."""
        return QIcon(_TintedEngine(self, name, color))

    def pixmap(self, name: str, color: str, size: int, ratio: float) -> QPixmap:
        """Return an icon as pixels, `size` wide and high on a screen of `ratio`.

        Each is painted once: a list paints its icons at every turn of the wheel.
        """
        return self._pixmap(name, self.color(color).name(), size, ratio)

    def paper_pixmap(self, name: str, color: str, size: int, ratio: float) -> QPixmap:
        """Return an icon in the color of the light look, whatever look holds: paper is white."""
        return self._pixmap(name, str(getattr(LIGHT, color)), size, ratio)

    def _pixmap(self, name: str, ink: str, size: int, ratio: float) -> QPixmap:
        key = (name, ink, size, ratio)
        if key not in self._made:
            self._made[key] = self._render(name, ink, size, ratio)
        return self._made[key]

    def _render(self, name: str, ink: str, size: int, ratio: float) -> QPixmap:
        pixmap = QPixmap(round(size * ratio), round(size * ratio))
        if pixmap.isNull():  # a tool button without room for a moment asks for an icon of no size
            return pixmap
        pixmap.fill(Qt.GlobalColor.transparent)
        if name not in self._svg:
            self._svg[name] = (self._icons / f"{name}.svg").read_text("utf-8")
        tinted = self._svg[name].replace("currentColor", ink)
        painter = QPainter(pixmap)
        QSvgRenderer(QByteArray(tinted.encode())).render(painter)
        painter.end()
        pixmap.setDevicePixelRatio(ratio)
        return pixmap

    def _on_scheme_changed(self) -> None:
        if self._look == "system":
            self.apply("system", self._percent)


def is_system_still(system: str = sys.platform) -> bool:
    """Whether the system asks for less motion, where Qt tells it.

    Qt 6.11 tells it on Windows, through the effects of the desktop; the Linux desktops keep it
    where only the session bus leads. A later Qt names it outright.
    """
    hints = QGuiApplication.styleHints().accessibility()
    told = getattr(hints, "motionPreference", None)
    if told is not None:
        return str(told()).endswith("ReducedMotion")
    return system == "win32" and not QApplication.isEffectEnabled(Qt.UIEffect.UI_General)


def current() -> Theme:
    """Return the theme of the running application."""
    app = QApplication.instance()
    theme = app.property(_PROPERTY) if app is not None else None
    if not isinstance(theme, Theme):
        raise TypeError
    return theme


class _TintedEngine(QIconEngine):
    """Paints an SVG in the color that its duty has now.

    In a box wider than high it stands at the left: a button asks for a gap before its words so.
    """

    def __init__(self, theme: Theme, name: str, color: str) -> None:
        super().__init__()
        self._theme, self._name, self._color = theme, name, color

    @override
    def clone(self) -> QIconEngine:
        return _TintedEngine(self._theme, self._name, self._color)

    @override
    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        size = min(rect.width(), rect.height())
        pixmap = self._pixmap(mode, size, painter.device().devicePixelRatioF())
        is_wide = rect.width() > rect.height()
        painter.drawPixmap(
            QRectF(
                rect.x() + (0 if is_wide else (rect.width() - size) / 2),
                rect.y() + (rect.height() - size) / 2,
                size,
                size,
            ).toRect(),
            pixmap,
        )

    @override
    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self._pixmap(mode, min(size.width(), size.height()), 1.0)

    @override
    def scaledPixmap(
        self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float
    ) -> QPixmap:
        side = min(size.width(), size.height())
        icon = self._pixmap(mode, round(side / scale), scale)
        if icon.isNull() or size.width() <= size.height():
            return icon
        wide = QPixmap(size)
        wide.setDevicePixelRatio(scale)
        wide.fill(Qt.GlobalColor.transparent)
        painter = QPainter(wide)
        painter.drawPixmap(0, 0, icon)
        painter.end()
        return wide

    def _pixmap(self, mode: QIcon.Mode, size: int, ratio: float) -> QPixmap:
        duty = "disabled" if mode is QIcon.Mode.Disabled else self._color
        return self._theme.pixmap(self._name, duty, size, ratio)


def _load_fonts(folder: Path) -> str:
    """Load our font; empty when it is not there, then the system's serves."""
    families: list[str] = []
    for path in sorted(folder.glob("*.ttf")):
        number = QFontDatabase.addApplicationFont(str(path))
        families += QFontDatabase.applicationFontFamilies(number) if number >= 0 else []
    return _FAMILY if _FAMILY in families else ""


def _qt_palette(colors: Colors) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette()
    for name, value in (
        (role.Window, colors.window),
        (role.WindowText, colors.text),
        (role.Base, colors.surface),
        (role.AlternateBase, colors.sunken),
        (role.Text, colors.text),
        (role.Button, colors.surface),
        (role.ButtonText, colors.text),
        (role.BrightText, colors.on_accent),
        (role.Highlight, colors.accent),
        (role.HighlightedText, colors.on_accent),
        (role.Accent, colors.accent),
        (role.Link, colors.accent),
        (role.ToolTipBase, colors.sunken),
        (role.ToolTipText, colors.text),
        (role.PlaceholderText, colors.muted),
        (role.Light, colors.sunken),
        (role.Midlight, colors.sunken),
        (role.Mid, colors.line),
        (role.Dark, colors.line_strong),
        (role.Shadow, colors.line),
    ):
        palette.setColor(name, QColor(value))
    for name in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, name, QColor(colors.disabled))
    return palette
