"""Tables of numbers go to the clipboard: as text with tabs, which spreadsheets put into their cells, and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication


def to_text(titles: Sequence[str], rows: Iterable[Sequence[object]], apart: str = "\t") -> str:
    """One line of titles, one a row; a value that holds what sets values `apart` is quoted (RFC 4180)."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=apart, lineterminator="\r\n")
    writer.writerow(titles)
    writer.writerows(rows)
    return text.getvalue()


def copy(titles: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """To the clipboard, as text and as what some programs ask for by name."""
    rows, data = list(rows), QMimeData()
    data.setText(to_text(titles, rows))
    data.setData("text/csv", to_text(titles, rows, ",").encode())
    QGuiApplication.clipboard().setMimeData(data)
