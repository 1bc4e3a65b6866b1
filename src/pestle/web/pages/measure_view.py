"""How does a page say what a measure found: a rate with its interval, months as a line, practices among
others?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

from django.urls import reverse

from pestle.pharmacy.measures.rate import Rate, deciles
from pestle.pharmacy.worklist import patient_task
from pestle.web.pages.column_chart import column_chart
from pestle.web.pages.line_chart import line_chart
from pestle.web.pages.next_task import name_of
from pestle.web.pages.words import short_date
from pestle.web.store import measures, models

# Fewer practices have no tenths.
FEWEST_FOR_DECILES = 10
_MONTHS = 24
_TASKS = {
    patient_task.OPEN: "on the worklist",
    patient_task.DONE: "done",
    patient_task.NOT_NEEDED: "not needed",
}


def per_cent(share: Fraction | float | None) -> str:
    """11.7 %; of nobody, a dash."""
    return "–" if share is None else f"{100 * float(share):.1f} %"


def rate_row(rate: Rate) -> dict[str, Any]:
    """A rate in words."""
    low, high = rate.interval or (None, None)
    return {
        "found": rate.found,
        "asked": rate.asked,
        "unsure": rate.unsure,
        "share": per_cent(rate.share),
        "interval": f"{per_cent(low)} to {per_cent(high)}" if rate.interval else "–",
    }


def trend(history: Sequence[models.MeasureResult]) -> dict[str, Any]:
    """The last result of each month: a picture where there are two or more, and the rows of its table."""
    of_month = {(row.on.year, row.on.month): row for row in history}
    rows = list(of_month.values())[-_MONTHS:]
    points = [
        (_at(row.on), _hundredths(share)) for row in rows if (share := measures.rate(row).share) is not None
    ]
    chart = None
    if len(points) > 1:
        chart = line_chart(points, begin=points[0][0], end=points[-1][0], band=None)
    changed = {row.pk for before, row in pairwise(rows) if before.definition != row.definition}
    return {
        "chart": chart,
        "first": short_date(rows[0].on) if rows else "",
        "last": short_date(rows[-1].on) if rows else "",
        "rows": [
            {"on": row.on, "result": row.pk, "changed": row.pk in changed, **rate_row(measures.rate(row))}
            for row in reversed(rows)
        ],
    }


def practices(rates: Mapping[str, Rate]) -> dict[str, Any]:
    """Each practice with its rate, the highest first, and among which tenth it lies; with the picture."""
    shares = {code: rate.share for code, rate in rates.items() if rate.share is not None}
    tenths = deciles(list(shares.values())) if len(shares) >= FEWEST_FOR_DECILES else ()
    ordered = sorted(rates, key=lambda code: (-(shares.get(code) or 0), code))
    return {
        "rows": [
            {"code": code, "tenth": _tenth(shares.get(code), tenths), **rate_row(rates[code])}
            for code in ordered
        ],
        "deciles": [per_cent(one) for one in tenths],
        "fewest": FEWEST_FOR_DECILES,
        "chart": column_chart([(code, [round(100 * shares[code])]) for code in ordered if code in shares]),
    }


def patient_row(
    row: models.MeasureFinding,
    *,
    change: str,
    task: models.PatientTaskStanding | None,
) -> dict[str, Any]:
    """A patient as the list shows them."""
    why = measures.evidence(row)
    return {
        "id": row.pk,
        "number": row.number,
        "name": name_of(row.patient) if row.patient else f"Patient {row.number}",
        "born": row.patient.born if row.patient else None,
        "href": reverse("patient", kwargs={"patient_id": row.patient_id}) if row.patient_id else "",
        "practice": row.practice or "not known",
        "why": why.brief,
        "missing": list(why.missing),
        "change": change,
        "task": _TASKS[task.state] if task else "",
        "task_open": task is not None and task.state == patient_task.OPEN,
        "task_href": reverse("task", kwargs={"task_id": task.task_id}) if task else "",
    }


def _tenth(share: Fraction | None, tenths: Sequence[Fraction]) -> str:
    if share is None or not tenths:
        return "–"
    return str(1 + sum(share > one for one in tenths))


def _at(on: date) -> datetime:
    return datetime.combine(on, time(12), UTC)


def _hundredths(share: Fraction) -> Decimal:
    return (Decimal(share.numerator) * 100 / Decimal(share.denominator)).quantize(Decimal("0.1"))
