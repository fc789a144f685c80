"""The one style sheet, from the tokens. Looks that are shared are asked for by the property `role` of a widget
(labels: caption, secondary, name, section, title, mono; buttons: primary, ghost, danger, small).

Qt's style sheets take arrows and ticks as files only: they are written, tinted, into the user's cache.
"""

from __future__ import annotations

import hashlib
import pathlib
import string
import tempfile
from collections.abc import Callable

import platformdirs

from gui.theme import tokens as t
from gui.theme.tokens import Tokens

_MARKS = {  # name: (path on a 12 px grid, colour token)
    "down": ("M3 4.6l3 3 3-3", "text2"),
    "up": ("M3 7.4l3-3 3 3", "text2"),
    "right": ("M4.6 3l3 3-3 3", "text3"),
    "open": ("M3 4.6l3 3 3-3", "text3"),
    "down_off": ("M3 4.6l3 3 3-3", "disabled"),
    "up_off": ("M3 7.4l3-3 3 3", "disabled"),
    "tick": ("M2.6 6.3l2.3 2.3 4.5-4.9", "on_accent"),
    "dash": ("M3 6h6", "on_accent"),
}


def _mark_files(tokens: Tokens) -> dict[str, str]:
    """Write the small marks that style sheets can only name as files; gives their paths."""
    svgs = {
        name: '<svg xmlns="http://www.w3.org/2000/svg" width="12" height="12" viewBox="0 0 12 12" fill="none" '
        f'stroke="{tokens.get(token)}" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round">'
        f'<path d="{path}"/></svg>'
        for name, (path, token) in _MARKS.items()
    }
    digest = hashlib.blake2b("".join(svgs.values()).encode(), digest_size=6).hexdigest()
    folder = pathlib.Path(platformdirs.user_cache_dir("strata", appauthor=False)) / "marks" / digest
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, svg in svgs.items():
            path = folder / f"{name}.svg"
            if not path.exists() or path.read_text(encoding="utf-8") != svg:
                path.write_text(svg, encoding="utf-8")
    except OSError:  # a home that cannot be written to
        folder = pathlib.Path(tempfile.mkdtemp(prefix="strata-marks-"))
        for name, svg in svgs.items():
            (folder / f"{name}.svg").write_text(svg, encoding="utf-8")
    return {name: (folder / f"{name}.svg").as_posix() for name in svgs}


def build(tokens: Tokens, points: Callable[[float], float]) -> str:
    """The application's style sheet; `points` turns px at 100 % into points."""
    values = {name: getattr(tokens, name) for name in Tokens.__slots__ if isinstance(getattr(tokens, name), str)}
    values |= {f"mark_{name}": path for name, path in _mark_files(tokens).items()}
    values |= {
        f"pt_{name}": f"{points(px):.2f}pt"
        for name, px in (
            ("caption", t.CAPTION),
            ("small", t.SMALL),
            ("body", t.BODY),
            ("name", t.NAME),
            ("dialog", t.DIALOG_TITLE),
            ("welcome", t.WELCOME),
            ("axis", t.AXIS),
        )
    }
    values |= {"mono": ", ".join(f'"{family}"' for family in t.MONO_FAMILIES)}
    values |= {"segment": tokens.input if tokens.dark else tokens.hover}
    values |= {"segment_on": tokens.hover if tokens.dark else tokens.raised}
    values |= {"field": f"{round(max(1.0, points(t.BODY) / 9.0) * (t.FIELD_HEIGHT - 2))}px"}
    return string.Template(_SHEET).substitute(values)


_SHEET = """
QMainWindow, QMenuBar, QStatusBar { background: $window; }
QMainWindow::separator { background: $line; width: 1px; height: 1px; margin: 0; padding: 0; }
QMainWindow::separator:hover { background: $accent; }
QWidget { selection-background-color: $accent_fill; selection-color: $on_accent; }
QToolTip { background: $raised; color: $text; border: 1px solid $line_strong; padding: 4px 6px; }

QMenuBar { border-bottom: 1px solid $line; padding: 2px 6px; spacing: 2px; }
QMenuBar::item { padding: 4px 9px; border-radius: 4px; color: $text2; background: transparent; }
QMenuBar::item:selected, QMenuBar::item:pressed { background: $hover; color: $text; }
QMenu { background: $raised; border: 1px solid $line_strong; border-radius: 8px; padding: 5px; color: $text; }
QMenu::item { padding: 5px 26px 5px 10px; border-radius: 5px; }
QMenu::icon { padding-left: 8px; }
QMenu::item:selected { background: $accent_soft; }
QMenu::item:disabled { color: $disabled; }
QMenu::separator { height: 1px; background: $line; margin: 4px 6px; }
QMenu::right-arrow { image: url("$mark_right"); width: 12px; height: 12px; right: 6px; }
QMenu::indicator { width: 14px; height: 14px; left: 6px; }
QMenu::indicator:checked { image: url("$mark_tick"); background: $accent_fill; border-radius: 4px; }

QToolBar { background: $panel; border: 0; border-bottom: 1px solid $line; padding: 0; spacing: 0; }
QStatusBar { border-top: 1px solid $line; color: $text2; }
QStatusBar::item { border: 0; }
QStatusBar QLabel { color: $text2; font-size: $pt_small; }

QDockWidget { color: $text; }
QDockWidget > QWidget, QWidget[role="panel"] { background: $panel; }
QWidget[role="titlebar"] { background: $panel; border-bottom: 1px solid $line; }
QFrame[role="rule"] { background: $line; border: 0; max-height: 1px; min-height: 1px; }
QFrame[role="divider"] { background: $line; border: 0; max-width: 1px; min-width: 1px; }
QFrame[role="card"] { background: $raised; border: 1px solid $line; border-radius: 8px; }
QFrame[role="popup"] { background: $raised; border: 1px solid $line_strong; border-radius: 8px; }
QFrame[role="error-bar"] { background: $err_soft; border: 0; border-bottom: 1px solid $err; }
QFrame[role="error-row"] { background: $err_soft; border: 0; border-left: 3px solid transparent;
  border-bottom: 1px solid $err; }
QFrame[role="problem-row"] { border: 0; border-left: 3px solid transparent; border-bottom: 1px solid $line; }
QFrame[current="true"] { border-left-color: $accent; }
QFrame[role="problem-row"][current="true"] { background: $accent_soft; }
QFrame[role="note"] { background: $accent_soft; border: 0; border-radius: 6px; }
QScrollArea { background: transparent; border: 0; }
QScrollArea > QWidget > QWidget { background: transparent; }

QLabel { background: transparent; color: $text; }
QLabel:disabled { color: $disabled; }
QLabel[role="caption"] { color: $text3; font-size: $pt_caption; }
QLabel[role="axis"] { color: $text3; font-size: $pt_axis; }
QLabel[role="secondary"] { color: $text2; }
QLabel[role="small"] { color: $text2; font-size: $pt_small; }
QLabel[role="name"] { font-size: $pt_name; font-weight: 600; }
QLabel[role="section"] { color: $text2; font-size: $pt_small; font-weight: 600; }
QLabel[role="dock-title"] { font-weight: 600; }
QLabel[role="title"] { font-size: $pt_dialog; font-weight: 600; }
QLabel[role="welcome"] { font-size: $pt_welcome; font-weight: 600; }
QLabel[role="mono"] { font-family: $mono; }
QLabel[role="error"] { color: $err; }
QLabel[role="warning"] { color: $warn; }
QLabel[role="ok"] { color: $ok; }
QLabel[role="key"] { font-family: $mono; font-size: $pt_axis; color: $text3; border: 1px solid $line_strong;
  border-radius: 4px; padding: 0 4px; }

QPushButton, QToolButton[role="button"] { background: $raised; color: $text; border: 1px solid $line_strong;
  border-radius: 6px; padding: 0 10px; min-height: 26px; font-weight: 500; }
QPushButton:hover, QToolButton[role="button"]:hover { background: $hover; }
QPushButton:pressed { background: $accent_soft; }
QPushButton:disabled { color: $disabled; background: transparent; border-color: transparent; }
QPushButton[role="primary"], QPushButton:default { background: $accent_fill; border-color: $accent_fill;
  color: $on_accent; }
QPushButton[role="primary"]:hover, QPushButton:default:hover { background: $accent_fill; border-color: $accent; }
QPushButton[role="primary"]:disabled { background: transparent; border-color: transparent; color: $disabled; }
QPushButton[role="ghost"] { background: transparent; border-color: transparent; color: $text2; }
QPushButton[role="ghost"]:hover { background: $hover; color: $text; }
QPushButton[role="danger"] { border-color: $err; color: $err; }
QPushButton[role="link"] { background: transparent; border: 0; color: $accent; padding: 0; text-align: left; }
QPushButton[role="small"] { min-height: 22px; padding: 0 8px; font-size: $pt_small; border-radius: 5px; }
QPushButton[role="chip"] { background: $input; border: 1px solid $line; border-radius: 5px; color: $text2;
  min-height: 22px; max-height: 22px; padding: 0 8px; font-size: $pt_small; font-weight: 400; }
QPushButton[role="chip"]:hover { border-color: $line_strong; color: $text; }
QPushButton[role="status"] { background: transparent; border: 0; border-radius: 4px; color: $text; font-weight: 500;
  font-size: $pt_small; min-height: 24px; max-height: 24px; padding: 0 4px; }
QPushButton[role="status"]:hover { background: $hover; }
QPushButton::menu-indicator { image: none; width: 0; }
QToolButton { background: transparent; border: 1px solid transparent; border-radius: 6px; color: $text2; }
QToolButton:hover { background: $hover; color: $text; }
QToolButton:pressed { background: $accent_soft; }
QToolButton:checked { background: $hover; color: $text; }
QToolButton:disabled { color: $disabled; }
QToolButton::menu-indicator { image: none; }

QLineEdit, QAbstractSpinBox, QComboBox, QPlainTextEdit, QTextEdit { background: $input; color: $text;
  border: 1px solid $control; border-radius: 6px; padding: 0 8px; min-height: $field; }
QPlainTextEdit, QTextEdit { padding: 6px 8px; }
QLineEdit:focus, QAbstractSpinBox:focus, QComboBox:focus, QPlainTextEdit:focus, QTextEdit:focus {
  border-color: $accent; }
QLineEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled { color: $disabled; border-color: $line_strong; }
QLineEdit[problem="true"], QAbstractSpinBox[problem="true"], QComboBox[problem="true"] { border-color: $err; }
QLineEdit[role="mono"], QAbstractSpinBox { font-family: $mono; }
QAbstractSpinBox { padding: 0 20px 0 0; }
QAbstractSpinBox QLineEdit, QComboBox QLineEdit { border: 0; padding: 0 0 0 7px; background: transparent;
  min-height: 0; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { subcontrol-origin: border; width: 20px; border: 0;
  background: transparent; }
QAbstractSpinBox::up-button { subcontrol-position: top right; margin: 2px 2px 0 0; border-radius: 3px; }
QAbstractSpinBox::down-button { subcontrol-position: bottom right; margin: 0 2px 2px 0; border-radius: 3px; }
QAbstractSpinBox::up-button:hover, QAbstractSpinBox::down-button:hover { background: $hover; }
QAbstractSpinBox::up-arrow { image: url("$mark_up"); width: 10px; height: 10px; }
QAbstractSpinBox::down-arrow { image: url("$mark_down"); width: 10px; height: 10px; }
QAbstractSpinBox::up-arrow:off, QAbstractSpinBox::up-arrow:disabled { image: url("$mark_up_off"); }
QAbstractSpinBox::down-arrow:off, QAbstractSpinBox::down-arrow:disabled { image: url("$mark_down_off"); }
QComboBox { padding: 0 2px 0 8px; }
QComboBox::drop-down { subcontrol-origin: border; subcontrol-position: right; width: 24px; border: 0; }
QComboBox::down-arrow { image: url("$mark_down"); width: 12px; height: 12px; }
QComboBox::down-arrow:disabled { image: url("$mark_down_off"); }
QComboBox QAbstractItemView { background: $raised; border: 1px solid $line_strong; border-radius: 6px; padding: 4px;
  selection-background-color: $accent_soft; selection-color: $text; outline: 0; }
QComboBox QAbstractItemView::item { min-height: 24px; padding: 0 6px; border-radius: 4px; }

QCheckBox, QRadioButton { spacing: 8px; color: $text; background: transparent; min-height: 24px; }
QCheckBox:disabled, QRadioButton:disabled { color: $disabled; }
QCheckBox::indicator, QRadioButton::indicator { width: 14px; height: 14px; border: 1px solid $control;
  border-radius: 4px; background: $input; }
QRadioButton::indicator { border-radius: 8px; }
QCheckBox::indicator:checked { background: $accent_fill; border-color: $accent_fill; image: url("$mark_tick"); }
QCheckBox::indicator:indeterminate { background: $accent_fill; border-color: $accent_fill; image: url("$mark_dash"); }
QRadioButton::indicator:checked { border: 5px solid $accent_fill; width: 6px; height: 6px; background: $on_accent; }
QCheckBox::indicator:focus, QRadioButton::indicator:focus { border-color: $accent; }

QSlider::groove:horizontal { height: 4px; background: $line_strong; border-radius: 2px; }
QSlider::sub-page:horizontal { background: $accent_fill; border-radius: 2px; }
QSlider::handle:horizontal { width: 12px; height: 12px; margin: -5px 0; border-radius: 7px; background: $raised;
  border: 1px solid $control; }
QSlider::handle:horizontal:hover, QSlider::handle:horizontal:focus { border: 2px solid $accent; width: 10px;
  height: 10px; }
QProgressBar { background: $input; border: 0; border-radius: 2px; max-height: 4px; min-height: 4px; }
QProgressBar::chunk { background: $accent_fill; border-radius: 2px; }

QAbstractItemView { background: $panel; color: $text; border: 0; outline: 0; alternate-background-color: $panel; }
QAbstractItemView::item { border: 0; }
QTreeView::item, QListView::item, QTableView::item { min-height: 26px; padding: 1px 4px; }
QTreeView::item:hover, QListView::item:hover, QTableView::item:hover { background: $hover; }
QTreeView::item:selected, QListView::item:selected, QTableView::item:selected { background: $accent_soft;
  color: $text; }
QTreeView::branch { background: transparent; }
QTreeView::branch:has-children:closed { image: url("$mark_right"); }
QTreeView::branch:has-children:open { image: url("$mark_open"); }
QListView[role="popup-list"] { background: transparent; }
QHeaderView { background: $panel; }
QHeaderView::section { background: $panel; color: $text2; border: 0; border-bottom: 1px solid $line;
  padding: 0 6px; min-height: 24px; font-size: $pt_small; }
QTableCornerButton::section { background: $panel; border: 0; }

QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: $line_strong; border-radius: 3px; margin: 2px; min-height: 28px; min-width: 28px; }
QScrollBar::handle:hover { background: $control; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QAbstractScrollArea::corner { background: transparent; }

QTabWidget::pane { border: 0; border-top: 1px solid $line; top: -1px; background: $panel; }
QTabWidget::tab-bar { left: 6px; }
QTabBar { background: transparent; border: 0; }

QFrame[role="segments"] { background: $segment; border: 1px solid $line; border-radius: 6px; }
QFrame[role="segments"] QToolButton { border-radius: 4px; padding: 1px 8px; font-size: $pt_small; color: $text2;
  background: transparent; border: 1px solid transparent; }
QFrame[role="segments"] QToolButton:hover { color: $text; }
QFrame[role="segments"] QToolButton:checked { background: $segment_on; color: $text; font-weight: 500;
  border: 1px solid $line_strong; }
QFrame[role="toast"] { background: $raised; border: 1px solid $line_strong; border-radius: 8px; }
QDialog, QMessageBox { background: $panel; }
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QSplitter::handle { background: $line; }
"""
