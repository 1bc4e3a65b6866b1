"""What the checks look at, loaded from the tables, and what they answered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from pestle.pharmacy.checks.check import Proposed, ProposedLine
from pestle.pharmacy.checks.finding import Assessment, Fact, Finding, Severity, Tuned
from pestle.pharmacy.checks.run import assess_all
from pestle.pharmacy.definition import Source
from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.dosage.supply import Days, days_supply
from pestle.pharmacy.medicines.concept import Product
from pestle.pharmacy.record.medication import Medication, MedicationRequest, MedicationSupply
from pestle.pharmacy.record.provenance import Provenance, SourceKind
from pestle.pharmacy.record.record import Record
from pestle.web.store import models, patients, prescriptions
from pestle.web.store.knowledge import dictionary, knowledge

# Longer than any supply that a check looks back on.
_HISTORY = timedelta(days=400)


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
    record = Record(
        patient=patients.value(row.patient),
        allergies=patients.allergy_record(row.patient, known_at=now if as_known else None),
        supplies=_supplies(row, now=now, zone=zone, as_known=as_known),
    )
    return assess_all(proposed, record, knowledge=knowledge(), on=now.astimezone(zone).date())


def _line(line: models.Line, request: MedicationRequest) -> ProposedLine:
    product = dictionary().product(line.product_id) if line.product_id else None
    return ProposedLine(
        line=request.id,
        medication=_medication(request.medication, product),
        dosage=request.dosage,
        quantity=request.quantity,
        days_supply=days(request, product),
        controlled=request.controlled_drug,
        course=request.course_of_therapy,
        issue_number=request.repeat.issue_number if request.repeat else None,
    )


def _medication(written: Coded, product: Product | None) -> Medication:
    return Medication(written, product, dictionary().generic(product) if product else None)


def days(request: MedicationRequest, product: Product | None) -> Decimal | None:
    """How many days the prescribed quantity lasts at least; None when it cannot be told."""
    if request.dosage is None or request.quantity is None:
        return None
    answer = days_supply(request.dosage, request.quantity, product)
    return answer.least if isinstance(answer, Days) else None


def _supplies(
    row: models.Prescription, *, now: datetime, zone: ZoneInfo, as_known: bool
) -> tuple[MedicationSupply, ...]:
    earlier = (
        models.Line.objects.filter(
            prescription__patient=row.patient_id, state="supplied",
            prescription__hand_out__at__gte=now - _HISTORY,
        )
        .exclude(prescription=row)
        .select_related("prescription__hand_out", "prescription__order")
    )  # fmt: skip
    if as_known:
        earlier = earlier.filter(prescription__hand_out__at__lte=now)
    supplies = []
    for line in earlier:
        product = dictionary().product(line.product_id)
        request = prescriptions.request(prescriptions.signed(line.prescription), line)
        at = line.prescription.hand_out.at
        supplies.append(
            MedicationSupply(
                id=f"line:{line.pk}",
                medication=_medication(Coded(line.product_name), product),
                provenance=Provenance(SourceKind.PERSON, "supplied here", at, happened_at=at),
                on=at.astimezone(zone).date(),
                quantity=request.quantity,
                days_supply=days(request, product),
                order=request.id,
            )
        )
    return tuple(supplies)


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
