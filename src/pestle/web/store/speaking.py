"""Conversations that are wanted before a bag leaves, and those that were held."""

from __future__ import annotations

from collections.abc import Iterable

from pestle.pharmacy.dispensary.speaking import Stop
from pestle.web.store import models


def wanted(row: models.Prescription, lines: Iterable[models.Line] | None = None) -> list[models.SpeakFirst]:
    """Those that nobody has held yet, the oldest first: about the whole, or about one of these lines (None:
    any that is still to be supplied)."""
    rows = models.SpeakFirst.objects.filter(prescription=row, answers=None, answered_by=None)
    rows = rows.select_related("line", "by").order_by("pk")
    if lines is None:
        return [one for one in rows if one.line is None or one.line.state == "open"]
    leaving = {line.pk for line in lines}
    return [one for one in rows if one.line_id is None or one.line_id in leaving]


def held(row: models.Prescription) -> list[models.SpeakFirst]:
    """What was said, the oldest first."""
    rows = models.SpeakFirst.objects.filter(prescription=row).exclude(answers=None)
    return list(rows.select_related("by", "answers__by", "line").order_by("pk"))


def stop(row: models.SpeakFirst) -> Stop:
    """The stop as a value."""
    line = row.line
    return Stop((line.product_name or line.medication_text) if line else "", row.words, row.by.full_name)
