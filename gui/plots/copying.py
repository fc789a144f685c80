"""Tables of numbers go to the clipboard as CSV (RFC 4180): plain numbers that any program reads."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication


def to_csv(titles: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """One line of titles, one a row; values apart by commas, quoted where they hold one."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(titles)
    writer.writerows(rows)
    return text.getvalue()


def copy(titles: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """To the clipboard, as text and as what a spreadsheet asks for."""
    text = to_csv(titles, rows)
    data = QMimeData()
    data.setText(text)
    data.setData("text/csv", text.encode())
    QGuiApplication.clipboard().setMimeData(data)
