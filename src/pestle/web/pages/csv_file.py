"""How does a list leave as a file that a spreadsheet opens?

A cell that begins like a formula gets an apostrophe in front, so that no spreadsheet runs it (OWASP, CSV
injection). UTF-8 with a byte order mark, since spreadsheets take bare UTF-8 for something else.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from django.http import HttpResponse

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_file(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> HttpResponse:
    """The rows as an attachment. `name` is the file's and holds nothing of a patient."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([cell(value) for value in row] for row in rows)
    return HttpResponse(
        text.getvalue().encode("utf-8-sig"),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def cell(value: object) -> str:
    """A value as the text of a cell that is never run."""
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
