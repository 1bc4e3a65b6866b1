"""What the checks look at, loaded from the tables, and what they answered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pestle.pharmacy.checks.check import Proposed, ProposedLine
from pestle.pharmacy.checks.finding import Assessment, Fact, Finding, Severity, Tuned
from pestle.pharmacy.checks.run import assess_all
from pestle.pharmacy.definition import Source
from pestle.pharmacy.people import Country
from pestle.pharmacy.record.lasts import reckoned
from pestle.pharmacy.record.medication import MedicationRequest
from pestle.web.store import models, prescriptions, record_here, shortages
from pestle.web.store import record as records
from pestle.web.store.knowledge import dictionary, knowledge_in


def assess(
    row: models.Prescription,
    lines: Iterable[models.Line],
    *,
    now: datetime,
    as_known: bool = False,
) -> tuple[Assessment, ...]:
    """Every check's answer for these lines of a prescription, on the day of `now` at the site.

    With `as_known` nothing is seen that was recorded after `now`: what would have been found then.
    """
    zone = ZoneInfo(row.site.time_zone)
    signed = prescriptions.signed(row)
    proposed = Proposed(
        lines=tuple(
            _line(line, prescriptions.request(signed, line))
            for line in (lines if as_known else prescriptions.open_lines(lines))
        ),
        signed_on=signed.signed_at.astimezone(zone).date() if signed.signed_at else None,
        starts_on=signed.starts_on,
    )
    record = records.load(row.patient, now=now, zone=zone, beside=row, as_known=as_known)
    known = knowledge_in(Country(row.site.country).guidance)
    return assess_all(proposed, record, knowledge=known, on=now.astimezone(zone).date())


def _line(line: models.Line, request: MedicationRequest) -> ProposedLine:
    product = dictionary().product(line.product_id) if line.product_id else None
    return ProposedLine(
        line=request.id,
        medication=record_here.matched(request.medication, product),
        # How what is supplied under a shortage protocol is taken stands on the label alone.
        dosage=shortages.dosage(line) if line.protocol else request.dosage,
        quantity=shortages.quantity(line) if line.protocol else request.quantity,
        days_supply=reckoned(request, product),
        controlled=request.controlled_drug,
        course=request.course_of_therapy,
        issue_number=request.repeat.issue_number if request.repeat else None,
    )


def stored(assessments: tuple[Assessment, ...]) -> list[dict[str, Any]]:
    """Assessments as the record keeps them."""
    return [_plain(asdict(assessment)) for assessment in assessments]


def restored(rows: list[dict[str, Any]]) -> tuple[Assessment, ...]:
    """Assessments as the record kept them, as values again."""
    return tuple(
        Assessment(row["check"], row["title"], tuple(_finding(found) for found in row["findings"]))
        for row in rows
    )


def _finding(row: dict[str, Any]) -> Finding:
    source = row["source"]
    return Finding(
        **{
            # A check that was signed before rules had names says none.
            "rule": "",
            **row,
            "severity": Severity(row["severity"]),
            "source": Source(
                **{
                    **source,
                    "checked_on": _day(source["checked_on"]),
                    "next_review": _day(source["next_review"]),
                }
            ),
            "tuned": _tuned(row.get("tuned")),
            "why": tuple(Fact(**{**fact, "on": _day(fact["on"])}) for fact in row["why"]),
        }
    )


def _tuned(row: dict[str, Any] | None) -> Tuned | None:
    if row is None:
        return None
    was, on = Severity(row["was"]), date.fromisoformat(row["on"])
    return Tuned(**{**row, "was": was, "on": on, "by": tuple(row["by"])})


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return getattr(value, "value", value)
