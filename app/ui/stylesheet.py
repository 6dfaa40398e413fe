"""The one style sheet, made from the colors. Widgets ask for a look by dynamic properties.

`kind` of a button: `primary`, `record`, `danger`, `quiet`, `link`; of a frame: `card`, `bar`,
`sunken`; of a label: `muted`, `title`, `heading`. No module sets a style sheet of its own.
"""

from __future__ import annotations

from dataclasses import asdict
from string import Template
from typing import Final

from app.ui.palettes import Colors

MARK: Final = 16
"""Side of a check box in device-independent pixels, at the usual size of text."""

_SHEET: Final = Template("""
QMainWindow, QDialog { background: $window; }
QToolTip { background: $sunken; color: $text; border: 1px solid $line_strong; padding: 4px; }
QLabel { background: transparent; }
QLabel[kind="muted"] { color: $muted; }
QLabel[kind="error"] { color: $unsupported; }
QLabel[kind="warning"] { color: $partly; }
QLabel[kind="good"] { color: $supported; }
QLabel[kind="accent"] { color: $accent; }
QLabel[kind="key"] {
  color: $text; background: $sunken; border: 1px solid $line; border-radius: 4px; padding: 2px 8px;
}

QFrame[kind="card"] { background: $surface; border: 1px solid $line; border-radius: 8px; }
QFrame[kind="bar"] { background: $surface; border: 0; border-bottom: 1px solid $line; }
QFrame[kind="bar"][mode="off"] {
  background: $partly_soft; border-top: 2px solid $partly; border-bottom: 2px solid $partly;
}
QFrame[kind="compact"] { background: $surface; border: 2px solid $line_strong; }
QFrame[kind="compact"][mode="off"] { background: $partly_soft; border-color: $partly; }
QFrame[kind="bar"][place="head"] {
  border-top-left-radius: 7px; border-top-right-radius: 7px;
}
QFrame[kind="foot"] {
  background: $surface; border: 0; border-top: 1px solid $line;
  border-bottom-left-radius: 7px; border-bottom-right-radius: 7px;
}
QFrame[kind="status"] { background: $window; border: 0; }
QFrame[kind="status"][busy="true"] { background: $surface; border-top: 1px solid $line; }
QFrame[kind="sunken"] { background: $sunken; border: 0; border-radius: 8px; }
QFrame[kind="offer"] { background: $accent_soft; border: 1px solid $accent; border-radius: 8px; }
QFrame[kind="line"] { background: $line; border: 0; }

QPushButton, QToolButton {
  background: $surface; color: $text; border: 1px solid $line_strong; border-radius: 6px;
  padding: 6px 14px; outline: 0;
}
QToolButton { padding: 6px 8px; }
QPushButton:hover, QToolButton:hover { background: $sunken; }
QPushButton:pressed, QToolButton:pressed, QToolButton:checked { background: $accent_soft; }
QPushButton:disabled, QToolButton:disabled {
  color: $disabled; border-color: $line; background: $surface;
}
QPushButton:focus, QToolButton:focus { border: 2px solid $focus; padding: 5px 13px; }
QToolButton:focus { padding: 5px 7px; }
QPushButton::menu-indicator, QToolButton::menu-indicator { image: none; width: 0; }

QPushButton[kind="primary"] { background: $accent; color: $on_accent; border-color: $accent; }
QPushButton[kind="primary"]:focus { border: 2px solid $text; }
QPushButton[kind="primary"]:disabled {
  background: $sunken; color: $disabled; border-color: $line;
}
QPushButton[kind="record"] {
  background: $recording; color: $on_recording; border-color: $recording;
}
QPushButton[kind="record"]:focus { border: 2px solid $text; }
QPushButton[kind="record"]:disabled {
  background: $sunken; color: $disabled; border-color: $line;
}
QPushButton[kind="danger"] { color: $unsupported; border-color: $unsupported; }
QPushButton[kind="quiet"], QToolButton[kind="quiet"] {
  background: transparent; border: 1px solid transparent;
}
QPushButton[kind="quiet"]:hover, QToolButton[kind="quiet"]:hover { background: $sunken; }
QPushButton[kind="quiet"]:focus, QToolButton[kind="quiet"]:focus { border: 2px solid $focus; }
QToolButton[kind="inLine"] {
  background: transparent; border: 1px solid transparent; padding: 0 8px;
}
QToolButton[kind="inLine"]:hover { background: $sunken; }
QPushButton[kind="small"] { padding: 2px 10px; }
QPushButton[kind="small"]:focus { padding: 1px 9px; }
QPushButton[kind="chip"] {
  background: $accent_soft; color: $accent; border: 1px solid $accent; border-radius: 10px;
  padding: 1px 10px;
}
QPushButton[kind="chip"]:hover { background: $accent; color: $on_accent; }
QPushButton[kind="chip"]:focus { border: 2px solid $text; padding: 0 9px; }
QPushButton[kind="chipKeep"] {
  background: $surface; color: $text; border: 1px solid $line_strong; border-radius: 10px;
  padding: 1px 10px;
}
QPushButton[kind="chipKeep"]:hover { background: $sunken; }
QPushButton[kind="chipKeep"]:focus { border: 2px solid $focus; padding: 0 9px; }
QPushButton[kind="off"] {
  background: $partly_soft; color: $partly; border-color: $partly;
}
QPushButton[kind="off"]:focus { border: 2px solid $text; }

QLineEdit, QPlainTextEdit, QComboBox {
  background: $surface; color: $text; border: 1px solid $line_strong; border-radius: 6px;
  padding: 6px 8px; selection-background-color: $accent; selection-color: $on_accent;
}
QLineEdit, QPlainTextEdit, QTextEdit { placeholder-text-color: $muted; }
QLineEdit:focus, QPlainTextEdit:focus, QComboBox:focus {
  border: 2px solid $focus; padding: 5px 7px;
}
QLineEdit:disabled, QComboBox:disabled { color: $disabled; border-color: $line; }
QComboBox { combobox-popup: 0; }
QComboBox::drop-down { border: 0; width: 28px; }
QComboBox::down-arrow { image: none; }
QComboBox QAbstractItemView {
  background: $surface; color: $text; border: 1px solid $line_strong;
  selection-background-color: $accent_soft; selection-color: $text;
}

QComboBox QAbstractItemView::item { padding: 5px 8px; }
QComboBox QAbstractItemView::item:selected { background: $accent_soft; color: $text; }

QTextEdit { background: $surface; color: $text; border: 2px solid transparent; border-radius: 8px; }
QTextEdit:focus { border: 2px solid $focus; }
QTableView {
  background: $surface; color: $text; border: 0;
  selection-background-color: $sunken; selection-color: $text; outline: 0;
}
QTableView:focus { selection-background-color: $accent_soft; }
QTableView::item { border-bottom: 1px solid $line; padding: 0 8px; }
QTreeView {
  background: $surface; color: $text; border: 1px solid $line; border-radius: 8px;
  selection-background-color: $accent_soft; selection-color: $text; outline: 0;
}
QTreeView::item { padding: 4px 0; }
QTreeView:focus { border: 2px solid $focus; }
QHeaderView { background: $surface; border: 0; }
QHeaderView::section {
  background: $surface; color: $muted; border: 0; border-bottom: 1px solid $line;
  padding: 8px 8px 8px 11px;
}
QScrollArea { background: transparent; border: 0; }
QScrollArea > QWidget > QWidget { background: transparent; }
QSplitter::handle { background: $window; }
QSplitter::handle:hover { background: $line; }

QCheckBox, QRadioButton {
  spacing: 8px; padding: 2px; border: 2px solid transparent; border-radius: 4px;
}
QCheckBox:focus, QRadioButton:focus { border-color: $focus; }

QCheckBox::indicator, QRadioButton::indicator {
  width: ${mark}px; height: ${mark}px; border: 1px solid $line_strong; background: $surface;
}
QCheckBox::indicator { border-radius: 4px; }
QRadioButton::indicator { border-radius: ${half}px; }
QCheckBox::indicator:checked { background: $accent; border-color: $accent; }
QRadioButton::indicator:checked {
  border-color: $accent;
  background: qradialgradient(cx: 0.5, cy: 0.5, radius: 0.5, fx: 0.5, fy: 0.5,
    stop: 0 $accent, stop: 0.55 $accent, stop: 0.65 $surface, stop: 1 $surface);
}

QLineEdit[kind="missing"] { color: $unsupported; border-color: $unsupported; }
QLineEdit[kind="word"] { border: 2px solid $focus; border-radius: 4px; padding: 0 4px; }

QTabBar { background: transparent; }
QTabBar::tab {
  background: transparent; color: $muted; border: 2px solid transparent;
  border-bottom: 2px solid transparent; padding: 6px 14px; margin-right: 4px;
}
QTabBar::tab:selected { color: $text; border-bottom: 2px solid $accent; }
QTabBar::tab:hover { color: $text; }
QTabBar::tab:focus { border: 2px solid $focus; border-radius: 6px; }

QListView, QTableWidget {
  background: $surface; color: $text; border: 1px solid $line; border-radius: 6px;
  selection-background-color: $accent_soft; selection-color: $text; outline: 0;
}
QTableWidget:focus { border: 2px solid $focus; }

QMenu { background: $surface; color: $text; border: 1px solid $line_strong; padding: 4px; }
QMenu::item { padding: 6px 24px 6px 12px; border-radius: 4px; }
QMenu::item:selected { background: $accent_soft; }
QMenu::item:disabled { color: $disabled; }
QMenu::separator { height: 1px; background: $line; margin: 4px 8px; }

QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QScrollBar::handle {
  background: $line_strong; border-radius: 4px; margin: 2px; min-height: 32px; min-width: 32px;
}
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QFrame[claim="blocking"] {
  background: $unsupported_soft; border: 1px solid $unsupported; border-radius: 6px;
}
QFrame[claim="plain"] {
  background: transparent; border: 1px solid transparent; border-radius: 6px;
}
QFrame[claim="plain"]:hover { background: $sunken; }
QFrame[claim="partly"] {
  background: $partly_soft; border: 1px solid transparent; border-radius: 6px;
}
QFrame[claim="doubt"] {
  background: $unsupported_soft; border: 1px solid transparent; border-radius: 6px;
}
QFrame[claim="resting"] {
  background: $evidence; border: 1px solid transparent; border-radius: 6px;
}
QListWidget::item { padding: 6px 8px; }
QFrame[claim="picked"] { background: $accent_soft; border: 2px solid $accent; border-radius: 6px; }
QFrame[claim="chosen"] { background: $accent_soft; border: 1px solid $accent; border-radius: 6px; }
QFrame[claim]:focus { border: 2px solid $focus; }
""")


def stylesheet(colors: Colors, scale: float = 1.0) -> str:
    """Return the style sheet of a look; `scale` is how much larger than usual text is."""
    mark = round(MARK * scale)
    return _SHEET.substitute(asdict(colors), mark=mark, half=mark // 2 + 1)
