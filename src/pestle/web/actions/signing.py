"""A prescriber signs what was prepared, each line as it was seen; the prescriptions leave as messages.

Items of one patient, one course and one length of supply go together, four to a prescription at most. Nothing
is sent by Pestle: the messages are kept to be taken away, as every outgoing one is, and carry no digital
signature.
"""

from __future__ import annotations

import hashlib
import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from zoneinfo import ZoneInfo

from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.people import Person
from pestle.pharmacy.practice.controlled import signing_refusals
from pestle.pharmacy.practice.next_issue import Decided, check_prepared
from pestle.pharmacy.practice.request import check_step
from pestle.pharmacy.quantity import plain
from pestle.pharmacy.record.medication import (
    CourseOfTherapy,
    LineStatus,
    MedicationRequest,
    Organisation,
    Practitioner,
    Prescription,
    RepeatIssue,
)
from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.actions.requests import Seen, locked
from pestle.web.store import (
    controlled_lines,
    medicines_list,
    models,
    notifications,
    ordering,
    patients,
    requests,
    short_issues,
)
from pestle.web.store import record as records
from pestle.web.store.knowledge import knowledge
from pestle.web.store.traffic_lights import Told
from pestle.wire.eps.new_order import new_order
from pestle.wire.eps.prescription_id import make_number
from pestle.wire.eps.systems import PRESCRIPTION_TYPE
from pestle.wire.fhir.tree import dump

MOST_ITEMS = 4
_ERD = CourseOfTherapy.REPEAT_DISPENSING
# The service's codes of a primary-care prescriber: no source names one for each profession, so that of the
# examples is used.
_TYPE = Coded("Primary Care Prescriber - Medical Prescriber", PRESCRIPTION_TYPE, "0101")


def sign(
    *,
    by: Person,
    now: datetime,
    key: str,
    lines: Sequence[Seen],
    reasons: Mapping[int, str] = MappingProxyType({}),
) -> Outcome:
    """Signs these prepared lines, of one patient or of many, or none of them. `reasons` say, by the id of the
    line, why a controlled drug is prescribed for so long.

    The result has ``prescriptions``: their ids. Raises `Refused`: ``request.none``, ``request.unknown``,
    ``request.list-changed`` (the list says something else since it was prepared), ``sign.no-number``,
    ``sign.red`` (hospital only by the local list, and not decided as that), those of `check_step`,
    `check_prepared` and (of a Schedule 2 or 3 drug) `signing_refusals`.
    """

    def do() -> Deed:
        seen = locked(lines, by=by, none="Tick what is signed")
        rows = [row for row, _ in seen]
        site = rows[0].patient.site
        on = now.astimezone(ZoneInfo(site.time_zone)).date()
        refusals: list[Refusal] = []
        said_why = {row.pk: why for row in rows if (why := reasons.get(row.pk, "").strip())}
        said = short_issues.of_lines(rows, now=now, lock=True)
        requests.lock_listed(rows)
        lights = requests.lights(rows)
        for row, version in seen:
            decided = said.get(row.listed_id or 0, short_issues.NOTHING).decided
            try:
                _check(row, version, decided, by=by, now=now, on=on)
                _check_red(row, lights)
            except Refused as refused:
                refusals += refused.refusals
            drug = controlled_lines.of(row)
            if drug is not None:
                rules = knowledge().controlled
                refusals += signing_refusals(drug, rules, reason=reasons.get(row.pk, ""), by=by)
        if refusals:
            raise Refused(*dict.fromkeys(refusals))
        made = [_prescribe(some, site, said_why, by=by, now=now, on=on) for some in _together(rows)]
        ordering.settle({row.listed.pk: row.listed for row in rows if row.listed}.values(), on=on)
        ids = [one.pk for one in made]
        detail = {"lines": [row.pk for row in rows], "prescriptions": [one.number for one in made]}
        detail |= {"reasons": {str(pk): why for pk, why in said_why.items()}} if said_why else {}
        return Deed("requests", detail, {"prescriptions": ids})

    request = {
        "lines": [[one.line, one.version] for one in lines],
        "reasons": {str(line): why for line, why in reasons.items()},
    }
    return once("practice.sign", by=by, now=now, key=key, request=request, do=do)


def _check(
    row: models.RequestLine, version: int, decided: Decided | None, *, by: Person, now: datetime, on: date
) -> None:
    line = medicines_list.value(row.listed) if row.listed else None
    task = requests.task(row)
    check_step(task, "sign", line=line, early=None, words="", by=by, now=now, on=on, seen=version)
    if row.listed is None or line is None or row.order_id != row.listed.order_id:
        raise refuse("request.list-changed", f"{row.text} was changed on the list since it was prepared",
                     way_out="Take it back and prepare it again.")  # fmt: skip
    following = short_issues.next_line(line)
    check_prepared(following, decided, short_issues.prepared(row, following), prepared_at=task.done[-1].at)
    if row.patient.nhs_number is None:
        raise refuse("sign.no-number", "A prescription of the service has an NHS number", place="NHS number")


def _check_red(row: models.RequestLine, lights: Mapping[int, Told]) -> None:
    """What became hospital only since it was prepared was not decided as that."""
    told = lights.get(row.listed_id or 0)
    if told and told.red and not row.though_red:
        raise refuse("sign.red", f"{row.text}: {told.words}, and nobody has decided to issue it all the same",
                     way_out="Take it back; a prescriber prepares it, and says why.")  # fmt: skip


def _together(rows: Sequence[models.RequestLine]) -> Iterator[list[models.RequestLine]]:
    """What goes on one prescription; every line of one says the same length of supply."""
    groups: dict[tuple[object, ...], list[models.RequestLine]] = defaultdict(list)
    for row in rows:
        assert row.listed is not None
        erd = row.listed.course == _ERD.value
        limits = (row.listed.issues_allowed, row.listed.authorised_until) if erd else ()
        groups[row.patient_id, erd, requests.days(row), limits].append(row)
    for several in groups.values():
        for at in range(0, len(several), MOST_ITEMS):
            yield several[at : at + MOST_ITEMS]


def _prescribe(
    rows: Sequence[models.RequestLine],
    site: models.Site,
    reasons: Mapping[int, str],
    *,
    by: Person,
    now: datetime,
    on: date,
) -> models.IssuedPrescription:
    first, days = rows[0], requests.days(rows[0])
    assert first.listed is not None
    erd = first.listed.course == _ERD.value
    items = {row.pk: str(uuid.uuid4()).upper() for row in rows}
    allowed = first.listed.issues_allowed or 1
    signed = Prescription(
        number=_number(site.code),
        id=str(uuid.uuid4()),
        lines=tuple(_item(row, items[row.pk], days) for row in rows),
        patient=patients.value(first.patient),
        prescriber=_prescriber(by, site),
        prescription_type=_TYPE,
        signed_at=now,
        starts_on=on,
        ends_on=on + timedelta(days=allowed * (days or 28)) if erd else None,
        nominated_pharmacy=first.patient.nominated_pharmacy or None,
        dispensing_site_preference="P1" if first.patient.nominated_pharmacy else "0004",
        authored_on=now.isoformat(timespec="seconds"),
    )
    body = dump(new_order(signed, message_id=str(uuid.uuid4())))
    message = models.Message.objects.create(
        site=site, direction="out", way="download", kind="prescription-order", body=body,
        digest=hashlib.sha256(body).hexdigest(), at=now, outcome="sent",
        name=f"prescription-order-{signed.number}.json", summary=f"Prescription, {len(rows)} items",
    )  # fmt: skip
    made = models.IssuedPrescription.objects.create(
        site=site, patient=first.patient, number=signed.number, course=first.listed.course,
        issues=allowed if erd else 1, interval=days if erd else None, starts_on=on, message=message,
        by_id=by.id, at=now,
    )  # fmt: skip
    for row, line in zip(rows, signed.lines, strict=True):
        _issued(row, line, made, reasons.get(row.pk, ""), by=by, now=now, on=on, days=days)
    return made


def _item(row: models.RequestLine, item_id: str, days: int | None) -> MedicationRequest:
    assert row.listed is not None
    order = records.value(row.listed.order)
    request: MedicationRequest = order.request
    course, repeat = request.course_of_therapy, request.repeat or RepeatIssue(None, None)
    drug = controlled_lines.of(row)
    number = row.listed.issues + 1 if course is CourseOfTherapy.REPEAT else None
    told = RepeatIssue(number, repeat.issues_allowed, repeat.authorisation_expires)
    intents = {CourseOfTherapy.REPEAT: "instance-order", _ERD: "original-order"}
    return replace(
        request,
        id=item_id,
        status=LineStatus.ACTIVE,
        intent=intents.get(course, "order"),
        quantity=requests.quantity(row, order),
        controlled_drug=request.controlled_drug if drug is None else drug.statement,
        days_supply=None if days is None else Decimal(days),
        substitution_allowed=False,
        repeat=None if course is CourseOfTherapy.ACUTE else told,
    )


def _issued(
    row: models.RequestLine,
    line: MedicationRequest,
    made: models.IssuedPrescription,
    reason: str,
    *,
    by: Person,
    now: datetime,
    on: date,
    days: int | None,
) -> None:
    listed = row.listed
    assert listed is not None
    item = models.IssuedItem.objects.create(
        prescription=made, listed=listed, order=listed.order, item_id=line.id, text=row.text,
        quantity=str(line.quantity or ""),
    )  # fmt: skip
    models.ItemStanding.objects.create(item=item, site_id=made.site_id, signed_on=on)
    listed.issues += made.issues
    listed.last_issued = max(on, listed.last_issued or on)
    listed.save(update_fields=("issues", "last_issued"))
    models.Issue.objects.create(
        listed=listed, order=listed.order, patient=row.patient, on=on, number=listed.issues,
        quantity=plain(line.quantity.value * made.issues).replace(",", "") if line.quantity else "",
        unit=line.quantity.unit.text[:60] if line.quantity else "",
        days=None if days is None else days * made.issues, source_id=line.id, recorded_at=now,
    )  # fmt: skip
    row.item = item
    to = next(one for one in requests.transitions("sign"))
    requests.move(row, to, by=by, at=now, words=reason)


def _number(code: str) -> str:
    drawn = uuid.uuid4().hex.upper()
    return make_number(first=drawn[:6], ods=code[:6], second=drawn[6:11])


def _prescriber(by: Person, site: models.Site) -> Practitioner:
    place: Organisation = notifications.organisation(site)
    return replace(notifications.performer(by, place), telephone=site.telephone)
