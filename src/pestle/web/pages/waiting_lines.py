"""Which lines had waited for an answer that has come, and what is there to decide each by?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pestle.pharmacy.checks.finding import Severity
from pestle.web.pages.prescription_lines import LineView
from pestle.web.store import findings, models, prescriptions


def to_decide(
    row: models.Prescription,
    rows: Sequence[models.Line],
    lines: Sequence[LineView],
    queried: Sequence[models.Query],
    *,
    now: datetime,
) -> list[dict[str, Any]]:
    """Each such line, with what the checks find about it now and what was answered; the checks run only where
    there is one."""
    waiting = [
        line
        for line in lines
        if line.open and line.row.undecided and not any(one.holds for one in line.asked)
    ]
    if not waiting:
        return []
    found = findings.checked(row, prescriptions.open_lines(rows), now=now).entries
    told = [(line, [entry for entry in found if line.item in entry.lines]) for line in waiting]
    return [
        {
            "line": line,
            "entries": entries,
            "not_assessed": any(entry.finding.severity is Severity.NOT_ASSESSED for entry in entries),
            "answers": [
                event
                for one in queried
                if one.line_id in (None, line.id)
                for event in one.events.all()
                if event.verb in ("answer", "close")
            ],
        }
        for line, entries in told
    ]
