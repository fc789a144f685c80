"""Whether a window can be opened at all, asked before Qt is touched: Qt ends the process without a display or with a
library missing. Only Linux needs asking. Imports nothing of Qt."""

from __future__ import annotations

import ctypes
import os
import pathlib
import sys
import time
from collections.abc import Callable, Mapping

HEADLESS = "Without a window: python main.py train PROJECT.strata (all commands: python main.py --help)."

# Shared libraries that Qt's wheels expect of the system, with the Debian and Ubuntu packages that hold them.
QT_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libX11.so.6": "libx11-6",
    "libdbus-1.so.3": "libdbus-1-3",
}
XCB_LIBRARIES = {
    "libxcb.so.1": "libxcb1",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
}
PATIENCE_FOR_THE_SERVER = 3.0  # seconds
WAYLAND_LIBRARIES = {"libwayland-client.so.0": "libwayland-client0", "libwayland-cursor.so.0": "libwayland-cursor0"}


def obstacle(
    environment: Mapping[str, str] | None = None,
    *,
    loads: Callable[[str], bool] | None = None,
    answers: Callable[[str], bool] | None = None,
) -> str | None:
    """Why no window can be opened and what to do about it, in one paragraph; None where nothing stands in the way.

    `loads` says whether a shared library can be loaded, `answers` whether an X server answers at a DISPLAY.
    """
    if not sys.platform.startswith("linux"):
        return None
    environment = os.environ if environment is None else environment
    loads, answers = loads or _loads, answers or _answers
    wanted = environment.get("QT_QPA_PLATFORM", "").split(":")[0].split(";")[0]
    display, wayland = environment.get("DISPLAY", ""), environment.get("WAYLAND_DISPLAY", "")
    if not wanted and not display and not wayland:
        return (
            "There is no display to open a window on: neither DISPLAY nor WAYLAND_DISPLAY is set. Start Strata in a "
            f"desktop session or with ‘xvfb-run python main.py’. {HEADLESS}"
        )
    missing = {name: package for name, package in QT_LIBRARIES.items() if not loads(name)}
    platform = wanted or ("wayland" if wayland and _wayland_socket(environment) else "xcb")
    if platform == "xcb":
        missing |= {name: package for name, package in XCB_LIBRARIES.items() if not loads(name)}
    elif platform == "wayland":
        missing |= {name: package for name, package in WAYLAND_LIBRARIES.items() if not loads(name)}
    if missing:
        return missing_libraries(missing)
    if platform == "xcb" and not (display and answers(display)):
        said = f"no X server answers at DISPLAY={display}" if display else "DISPLAY is not set"
        return (
            f"There is no display to open a window on: {said}. Start Strata in a desktop session or with "
            f"‘xvfb-run python main.py’. {HEADLESS}"
        )
    return None


def missing_libraries(missing: Mapping[str, str]) -> str:
    """The sentence for libraries that are missing, with the command that installs them."""
    names, packages = ", ".join(missing), " ".join(sorted(set(missing.values())))
    return (
        f"The window needs system libraries that are not installed: {names}. On Debian or Ubuntu: "
        f"sudo apt-get install {packages}. {HEADLESS}"
    )


def import_problem(error: ImportError) -> str:
    """The sentence for a PySide6 that cannot be imported."""
    text = str(error)
    name = text.split(":")[0].strip()
    if "cannot open shared object file" in text:
        package = (QT_LIBRARIES | XCB_LIBRARIES | WAYLAND_LIBRARIES).get(name)
        if package:
            return missing_libraries({name: package})
        return (
            f"The window needs a system library that is not installed: {name}. On Debian or Ubuntu, "
            f"‘apt-file search {name}’ names its package. {HEADLESS}"
        )
    return (
        f"The window needs PySide6, which cannot be imported ({text}). "
        f"Install what Strata needs: python -m pip install -r requirements.txt. {HEADLESS}"
    )


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def _answers(display: str) -> bool:
    """Whether an X server answers; a server that is only starting (xvfb-run, a session script) is given a moment."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return False
    end = time.monotonic() + PATIENCE_FOR_THE_SERVER
    while not (connected := _connects(xcb, display)) and time.monotonic() < end:
        time.sleep(0.1)
    return connected


def _connects(xcb: ctypes.CDLL, display: str) -> bool:
    """One attempt, with libxcb, which Qt will use too."""
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(display.encode(), None)
    failed = bool(xcb.xcb_connection_has_error(connection))
    xcb.xcb_disconnect(connection)
    return not failed


def _wayland_socket(environment: Mapping[str, str]) -> bool:
    path = pathlib.Path(environment.get("XDG_RUNTIME_DIR", ""), environment.get("WAYLAND_DISPLAY", ""))
    return path.is_socket()
