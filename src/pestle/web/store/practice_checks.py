"""What the checks say of lines of a medicines list that are asked for, before any of them is issued."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from pestle.pharmacy.checks.check import Proposed, ProposedLine
from pestle.pharmacy.checks.finding import Finding
from pestle.pharmacy.checks.run import assess_all
from pestle.pharmacy.people import Country
from pestle.pharmacy.practice.controlled import controlled
from pestle.pharmacy.practice.medicines_list import Listed
from pestle.pharmacy.record.lasts import days_of
from pestle.web.store import models
from pestle.web.store import record as records
from pestle.web.store.knowledge import knowledge_in


def assess(patient: models.Patient, lines: Sequence[Listed], *, now: datetime) -> dict[str, list[Finding]]:
    """The findings by the id of the order that each is about; under an empty id those about several. The
    record is asked without the lines themselves, which are no second medicine beside what is proposed."""
    zone = ZoneInfo(patient.site.time_zone)
    record = records.load(patient, now=now, zone=zone)
    asked = {line.order.id for line in lines}
    others = tuple(order for order in record.orders or () if order.id not in asked)
    proposed = Proposed(tuple(_line(line) for line in lines), signed_on=now.astimezone(zone).date())
    known = knowledge_in(Country(patient.site.country).guidance)
    found: dict[str, list[Finding]] = {}
    for assessment in assess_all(
        proposed, replace(record, orders=others), knowledge=known, on=now.astimezone(zone).date()
    ):
        for finding in assessment.findings:
            about = finding.line if finding.line in asked else ""
            found.setdefault(about or "", []).append(finding)
    return found


def _line(line: Listed) -> ProposedLine:
    request = line.order.request
    # What is signed here says the quantity in words too.
    drug = controlled(
        line.order.medication, quantity=request.quantity, days=None, course=request.course_of_therapy
    )
    return ProposedLine(
        line=line.order.id,
        medication=line.order.medication,
        dosage=request.dosage,
        quantity=request.quantity,
        days_supply=days_of(line.order),
        controlled=request.controlled_drug if drug is None else drug.statement,
        course=request.course_of_therapy,
        issue_number=line.issues + 1,
    )
