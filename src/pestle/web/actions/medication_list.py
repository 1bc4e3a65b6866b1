"""The medicines list of a practice is changed: by a set of changes in one transaction, and by a prescriber
who authorises what was prepared, or sends it back.

`apply` is the whole action. An action of its own that changes a list among other things (a letter that is
reconciled, a review that is finished) calls `applied` inside its transaction, and puts what it gives into its
own event.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pestle.pharmacy.frozen_json import plain
from pestle.pharmacy.people import Person
from pestle.pharmacy.practice.change import Change, changed, check_role
from pestle.pharmacy.practice.elsewhere import EntryState, entry_words
from pestle.pharmacy.practice.medicines_list import (
    Outcome as Decision,
)
from pestle.pharmacy.practice.medicines_list import (
    Standing,
    check_authorisation,
)
from pestle.pharmacy.record.medication import MedicationOrder, OrderAction
from pestle.pharmacy.record.provenance import Provenance, SourceKind
from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.store import medicines_list, models, monitoring, ordering, practice
from pestle.web.store import record as records


@dataclass(frozen=True, slots=True)
class Why:
    """Where a set of changes comes from: `reference` points at what asked for it (``letter:12``, empty where
    nothing did), `told_by` names who said so outside."""

    reference: str = ""
    told_by: str = ""


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of one change: its line, its order, and whether a prescriber has to authorise it."""

    listed: int
    order: int
    standing: str


def apply(
    *, by: Person, now: datetime, key: str, patient_id: int, changes: Sequence[Change], why: Why = Why()
) -> Outcome:
    """Makes all these changes of a patient's list, or none. The result has ``lines``: see `Applied`.

    Raises `Refused`: ``patient.unknown``, ``list.role``, ``list.no-changes``, ``list.no-such-line``,
    ``list.twice`` (one line in two changes), those of `check_change`.
    """

    def do() -> Deed:
        patient = locked_patient(patient_id, by=by)
        done = applied(changes, patient=patient, by=by, now=now, why=why)
        result = {"patient": patient.pk, "lines": [asdict(one) for one in done]}
        return Deed(f"patient:{patient.pk}", detail(changes, done, why), result)

    request = {"patient": patient_id, "changes": [plain(change) for change in changes], "why": asdict(why)}
    return once("practice.change_list", by=by, now=now, key=key, request=request, do=do)


def applied(
    changes: Sequence[Change], *, patient: models.Patient, by: Person, now: datetime, why: Why = Why()
) -> list[Applied]:
    """Makes the changes inside the transaction of another action, whose `patient` is locked (see
    `locked_patient`). Raises `Refused` as `apply`, with the reasons of every change that cannot be made."""
    check_role(by)
    if not changes:
        raise refuse("list.no-changes", "There is nothing to change")
    about = [change.listed for change in changes if change.listed is not None]
    if len(set(about)) < len(about):
        raise refuse("list.twice", "One line of the list cannot be changed twice at once")
    rows = medicines_list.locked(patient, about)
    if len(rows) < len(about):
        raise refuse("list.no-such-line", "This line is not on the list of this patient")
    on = now.astimezone(ZoneInfo(patient.site.time_zone)).date()
    done: list[Applied] = []
    refusals: list[Refusal] = []
    for change in changes:
        try:
            done.append(_made(change, rows.get(change.listed or 0), patient, by=by, now=now, on=on, why=why))
        except Refused as refused:
            refusals += refused.refusals
    if refusals:
        raise Refused(*refusals)
    # What was issued before a change says nothing of how it is ordered since.
    ordering.settle(rows.values(), on=on)
    monitoring.follow(patient, now=now)
    return done


def detail(changes: Sequence[Change], done: Sequence[Applied], why: Why) -> dict[str, Any]:
    """What an audit event tells of changes: ids, what was done, and the reasons."""
    return {
        "because": why.reference,
        "changes": [
            {"action": change.action.value, "reason": change.reason.strip(), **asdict(one)}
            for change, one in zip(changes, done, strict=True)
        ],
    }


def authorise(
    *,
    by: Person,
    now: datetime,
    key: str,
    patient_id: int,
    orders: Sequence[int],
    outcome: Decision = Decision.AUTHORISED,
    reason: str = "",
) -> Outcome:
    """Authorises these prepared orders of a patient, or sends them back with a reason; all or none.

    `orders` are the ids of the order rows that the prescriber saw. Raises `Refused`: ``patient.unknown``,
    ``list.changed`` when one of them is not the newest of its line any more, those of `check_authorisation`.
    """

    def do() -> Deed:
        patient = locked_patient(patient_id, by=by)
        found = models.ListedMedicine.objects.filter(patient=patient, order__in=list(orders))
        rows = medicines_list.locked(patient, found.values_list("pk", flat=True))
        if not orders or len(rows) < len(set(orders)):
            raise refuse("list.changed", "The list has changed since you looked at it",
                         way_out="Look at the list again, then decide.")  # fmt: skip
        refusals: list[Refusal] = []
        for row in rows.values():
            try:
                check_authorisation(medicines_list.value(row), outcome, reason=reason, by=by)
            except Refused as refused:
                refusals += refused.refusals
        if refusals:
            raise Refused(*refusals)
        for row in rows.values():
            _decided(row, outcome, reason.strip(), by=by, now=now)
        told = {"orders": sorted(orders), "outcome": outcome.value, "reason": reason.strip()}
        return Deed(f"patient:{patient.pk}", told, {"patient": patient.pk, "orders": sorted(orders)})

    request = {"patient": patient_id, "orders": sorted(orders), "outcome": outcome.value, "reason": reason}
    return once("practice.authorise", by=by, now=now, key=key, request=request, do=do)


def locked_patient(patient_id: int, *, by: Person) -> models.Patient:
    """The patient's row, locked, so that one list is changed by one person at a time. Raises `Refused`
    (``patient.unknown``)."""
    found = models.Patient.objects.select_for_update(of=("self",)).select_related("site")
    row = found.filter(pk=patient_id, site=by.site_id).first()
    if row is None:
        raise refuse("patient.unknown", "There is no such patient at this site")
    return row


def _made(
    change: Change,
    row: models.ListedMedicine | None,
    patient: models.Patient,
    *,
    by: Person,
    now: datetime,
    on: date,
    why: Why,
) -> Applied:
    who = f"{by.name}, told by {why.told_by.strip()}" if why.told_by.strip() else by.name
    told = Provenance(SourceKind.PERSON, who, now, reference=why.reference or None)
    before = medicines_list.value(row) if row else None
    authorised = records.value(row.authorised) if row and row.authorised else None
    made = changed(change, line=before, authorised=authorised, id=str(uuid.uuid4()), told=told, on=on)
    order = records.new_row(patient, made.order, follows=row.order if row else None)
    assert isinstance(order, models.OrderFact)
    order.reason = change.reason.strip()
    order.save(force_insert=True)
    if row is None:
        row = models.ListedMedicine(site=patient.site, patient=patient)
    row.order, row.reason = order, ""
    if change.action is OrderAction.DISCONTINUE:
        row.reason = order.reason[:500]
    if change.action is OrderAction.RENEW:
        row.issues = 0
    medicines_list.settle(row, made.order, made.standing, at=now)
    if made.standing is Standing.AUTHORISED and change.action is not OrderAction.DISCONTINUE:
        row.authorised = order
    row.save()
    _to_enter(row, before.order if before else None, made.order, patient=patient, now=now)
    return Applied(row.pk, order.pk, made.standing.value)


def _to_enter(
    row: models.ListedMedicine,
    before: MedicationOrder | None,
    after: MedicationOrder,
    *,
    patient: models.Patient,
    now: datetime,
) -> None:
    """Where the record is kept in another system, what has to be entered there."""
    if not patient.site.record_elsewhere:
        return
    waiting = models.EntryElsewhere.objects.filter(listed=row, state__in=practice.OPEN_ENTRIES)
    waiting.update(state=EntryState.OVERTAKEN.value, judged_at=now)
    models.EntryElsewhere.objects.create(
        site=patient.site, patient=patient, listed=row, order=row.order, state=EntryState.TO_ENTER.value,
        asked_at=now, words=list(entry_words(before, after)),
    )  # fmt: skip


def _decided(
    row: models.ListedMedicine, outcome: Decision, reason: str, *, by: Person, now: datetime
) -> None:
    models.Authorisation.objects.create(
        order=row.order, outcome=outcome.value, reason=reason, by_id=by.id, at=now
    )
    row.standing, row.changed_at = outcome.value, now
    if outcome is Decision.AUTHORISED:
        row.authorised, row.reason = row.order, ""
        if row.order.follows_id is None or row.order.body.get("action") == OrderAction.RENEW.value:
            row.issues = 0
    else:
        row.reason = reason
    row.save()
