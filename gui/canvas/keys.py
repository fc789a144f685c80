"""What the keys do while the canvas has the focus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent

from gui.canvas import editing, menu

if TYPE_CHECKING:
    from gui.canvas.view import CanvasView

Key = Qt.Key
ARROWS = {Key.Key_Left: "left", Key.Key_Right: "right", Key.Key_Up: "up", Key.Key_Down: "down"}
STEPS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}


def press(view: CanvasView, event: QKeyEvent) -> bool:
    """Act on a key; whether it meant anything."""
    key, held = event.key(), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    if key == Key.Key_Escape:
        return _escape(view)
    if key in ARROWS and held == Qt.KeyboardModifier.AltModifier:
        dx, dy = STEPS[ARROWS[Key(key)]]
        editing.nudge(view, dx * editing.NUDGE, dy * editing.NUDGE)
        return True
    if key in ARROWS and not held:
        editing.select_along(view, ARROWS[Key(key)])
        return True
    if held == Qt.KeyboardModifier.ControlModifier:
        return _with_control(view, key)
    if held == Qt.KeyboardModifier.ShiftModifier:
        return _with_shift(view, key)
    return _alone(view, key) if not held else False


def _escape(view: CanvasView) -> bool:
    """Cancel the gesture; else let go of the selection."""
    if view.cancel_gesture():
        return True
    view.select_wires(frozenset())
    view.document.select(frozenset())
    return True


def _alone(view: CanvasView, key: int) -> bool:
    if key in (Key.Key_Delete, Key.Key_Backspace):
        view.delete_selection()
    elif key == Key.Key_Tab:
        view.open_add_by_name()
    elif key == Key.Key_F:
        view.fit()
    elif key in (Key.Key_Return, Key.Key_Enter):
        view.edit_selected_parameter()
    elif key == Key.Key_F2:
        view.rename_selected()
    elif key == Key.Key_N:
        _next_probe(view)
    elif key == Key.Key_P:
        document = view.document
        document.pin_probe(document.probe, document.probe not in document.pinned_probes)
    elif key == Key.Key_Menu:
        menu.open_menu(view, view.mapToGlobal(QPoint(40, 40)), None)
    else:
        return False
    return True


def _next_probe(view: CanvasView) -> None:
    """The next of the fixed probe samples, on every node."""
    look = view.document.look
    if look is not None and look.probe_count > 1:
        view.probe_requested.emit((view.document.probe + 1) % look.probe_count)


def _with_shift(view: CanvasView, key: int) -> bool:
    if key == Key.Key_A:
        view.open_add_by_name()
    elif key == Key.Key_F:
        view.fit_selection()
    elif key == Key.Key_F10:
        menu.open_menu(view, view.mapToGlobal(QPoint(40, 40)), None)
    else:
        return False
    return True


def _with_control(view: CanvasView, key: int) -> bool:
    if key == Key.Key_A:
        view.select_all()
    elif key == Key.Key_D:
        editing.duplicate_selection(view)
    elif key == Key.Key_0:
        view.zoom_reset()
    elif key in (Key.Key_Equal, Key.Key_Plus):
        view.zoom_in()
    elif key == Key.Key_Minus:
        view.zoom_out()
    else:
        return False
    return True
