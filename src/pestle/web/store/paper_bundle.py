"""The paper prescriptions of a month, loaded for their bundle."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from pestle.pharmacy.dispensary.paper_bundle import Bundle, Form, bundle
from pestle.pharmacy.dispensary.prescription_kind import kind_of
from pestle.pharmacy.dispensary.workflow import CLOSED
from pestle.web.store import models, payment, prescriptions


def of_month(site: models.Site, month: date) -> tuple[Bundle, Mapping[int, models.Prescription]]:
    """The bundle, and its prescriptions by id; a fixed number of queries. What was begun and is not finished
    waits, whatever its month."""
    zone = ZoneInfo(site.time_zone)
    first = month.replace(day=1)
    next_first = (first + timedelta(days=32)).replace(day=1)
    begins, ends = (datetime(day.year, day.month, 1, tzinfo=zone) for day in (first, next_first))
    typed = models.Prescription.objects.filter(
        site=site, typed_in__isnull=False, hand_outs__isnull=False
    ).distinct()
    rows = [
        row
        for found in (
            typed.filter(step=CLOSED, step_since__gte=begins, step_since__lt=ends),
            typed.exclude(step=CLOSED),
        )
        for row in found.select_related("patient", "order", "site").prefetch_related("lines", "charges")
        if kind_of(prescriptions.signed(row)).goes_in_bundle
    ]
    return bundle([_form(row, zone) for row in rows], month=month), {row.pk: row for row in rows}


def _form(row: models.Prescription, zone: ZoneInfo) -> Form:
    charge = payment.charge_of(row)
    lines = list(row.lines.all())
    dispensed = [line for line in lines if line.state in ("supplied", "open")]
    paid = None
    pence = None
    if charge is not None:
        free = set(charge.free_items)
        pays = bool(charge.paid_items)
        paid = sum(pays and line.item_id not in free for line in dispensed)
        pence = charge.item_pence * paid if charge.item_pence is not None else None if paid else 0
    return Form(
        id=row.pk,
        items=len(dispensed),
        paid_items=paid,
        pence=pence,
        finished_on=row.step_since.astimezone(zone).date() if row.step == CLOSED else None,
        signed=charge.signed if charge else None,
    )
