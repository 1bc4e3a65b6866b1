"""Prescriptions: locked, loaded as values, moved along, told as a story."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import groupby

from django.db.models import Prefetch, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from pestle.pharmacy.dispensary.accuracy import SelfCheck
from pestle.pharmacy.dispensary.owing import Standing
from pestle.pharmacy.medicines.concept import BaseUnit
from pestle.pharmacy.people import Person
from pestle.pharmacy.quantity import Quantity, Unit
from pestle.pharmacy.record.medication import MedicationRequest, Prescription
from pestle.pharmacy.refusal import refuse
from pestle.pharmacy.worklist.workflow import Claim, Done, Task, Transition
from pestle.web.store import models
from pestle.web.store.patients import folded
from pestle.wire.eps.bundle import open_bundle
from pestle.wire.eps.order import read_prescription
from pestle.wire.fhir.element import root
from pestle.wire.fhir.tree import parse


def locked(prescription_id: int, *, site_id: int) -> models.Prescription:
    """The row, locked for this transaction. Raises `Refused` (``prescription.unknown``)."""
    # Without who claims it: a row that we waited for is read anew, what is joined to it is not (PostgreSQL,
    # "Read Committed"), so a claim made in the meantime would be missed.
    row = (
        models.Prescription.objects.select_for_update(of=("self",))
        .select_related("patient", "order", "site")
        .filter(pk=prescription_id, site_id=site_id)
        .first()
    )
    if row is None:
        raise refuse("prescription.unknown", "There is no such prescription at this site")
    return row


def search_text(patient: models.Patient, number: str, medicines: Iterable[str]) -> str:
    """What the search finds a prescription by."""
    return folded([patient.search, number, *medicines])[:1000]


def signed(row: models.Prescription) -> Prescription:
    """What was signed, read from the kept order."""
    return _read(bytes(row.order.body))


@lru_cache(maxsize=512)
def _read(body: bytes) -> Prescription:
    return read_prescription(open_bundle(root(parse(body))))


def task(row: models.Prescription) -> Task:
    """The prescription as the worklist's rules see it."""
    return Task(row.step, row.version, done(row), claim(row))


def claim(row: models.Prescription) -> Claim | None:
    """Who took it in hand last, which may have lapsed; None where nobody did."""
    if row.claimed_by is None or row.claimed_at is None:
        return None
    return Claim(row.claimed_by.pk, row.claimed_by.full_name, row.claimed_at)


def done(row: models.Prescription) -> tuple[Done, ...]:
    """What was done to it, in order."""
    return tuple(
        Done(entry["verb"], entry["person"], entry["name"], datetime.fromisoformat(entry["at"]))
        for entry in row.done
    )


# What a step may change of its prescription; everything else of it stays as it came.
_MOVED = (
    "done",
    "version",
    "step",
    "step_since",
    "claimed_by",
    "claimed_at",
    "closed_because",
    "self_check_began_at",
    "self_check_by",
    "due_at",
    "next_issue_on",
)


def move(
    row: models.Prescription, transition: Transition, *, by: Person, now: datetime, to: str | None = None
) -> None:
    """Takes the transition: remembers who did it, moves the task, and lets go of a claim when it moved."""
    row.done = [
        *row.done,
        {"verb": transition.verb, "person": by.id, "name": by.name, "at": now.isoformat()},
    ]
    row.version += 1
    target = to or transition.to
    if target != row.step:
        row.step, row.step_since = target, now
        row.claimed_by, row.claimed_at = None, None
    row.save(update_fields=_MOVED)


def lines(row: models.Prescription) -> list[models.Line]:
    """The lines in their order, with labels and prints, the packs that stand in the bag and those that are
    gone, in a fixed number of queries."""
    labels = models.Label.objects.filter(withdrawn=False).prefetch_related("prints")
    return list(
        row.lines.prefetch_related(
            Prefetch("picks", in_bag(), to_attr="standing"),
            GONE,
            Prefetch("labels", labels, to_attr="current"),
        )
    )


def in_bag() -> QuerySet[models.Pick]:
    """The packs that stand in a line and have not left."""
    return (
        models.Pick.objects.filter(undoes=None, undone_by=None, supply=None)
        .select_related("batch")
        .order_by("pk")
    )


# The packs of a line that left, in the order of the hand-outs.
GONE = Prefetch(
    "picks",
    models.Pick.objects.exclude(supply=None)
    .select_related("batch", "supply__hand_out")
    .order_by("supply__hand_out", "pk"),
    to_attr="gone",
)


@dataclass(frozen=True, slots=True)
class Given:
    """What of a line left with one hand-out, in base units."""

    hand_out: models.HandOut
    picks: tuple[models.Pick, ...]

    @property
    def amount(self) -> int:
        """Base units."""
        return sum(pick.amount for pick in self.picks)


def given(line: models.Line) -> tuple[Given, ...]:
    """What left of a line that was loaded with `GONE`, the first hand-out first."""
    gone: list[models.Pick] = line.gone  # type: ignore[attr-defined]
    by_hand_out = groupby(gone, key=lambda pick: pick.supply.hand_out)
    return tuple(Given(hand_out, tuple(picks)) for hand_out, picks in by_hand_out)


def part(request: MedicationRequest, line: models.Line, amount: int) -> MedicationRequest:
    """The signed line with only so much of its quantity; itself where that is all of it."""
    if amount == line.wanted or request.quantity is None:
        return request
    if line.protocol and line.wanted:
        # Counted in another product: the same share of what was signed.
        share = request.quantity.value * amount / line.wanted
        return replace(request, quantity=replace(request.quantity, value=share))
    return replace(request, quantity=replace(quantity(amount, base(line)), unit=request.quantity.unit))


def standing(line: models.Line) -> Standing:
    """Where a line of which the quantity is settled stands."""
    picks = models.Pick.objects.filter(line=line, undoes=None, undone_by=None)
    sums = picks.aggregate(
        supplied=Coalesce(Sum("amount", filter=Q(supply__isnull=False)), 0),
        bagged=Coalesce(Sum("amount", filter=Q(supply=None)), 0),
    )
    return Standing(line.wanted or 0, owed=line.owed, **sums)


def open_lines(rows: Iterable[models.Line]) -> list[models.Line]:
    """Those that are still to be supplied."""
    return [line for line in rows if line.state == "open"]


def request(prescription: Prescription, line: models.Line) -> MedicationRequest:
    """The signed line behind a line on its way."""
    return next(request for request in prescription.lines if request.id == line.item_id)


def base(line: models.Line) -> BaseUnit:
    """What the line's stock is counted in."""
    return BaseUnit(Unit(line.unit), line.per_unit)


def quantity(amount: int, base: BaseUnit) -> Quantity:
    """Base units as a quantity."""
    return Quantity(Decimal(amount) / base.per_unit, base.unit)


def picked(line: models.Line) -> int:
    """Base units picked for the line so far, with what has left."""
    total = models.Pick.objects.filter(line=line, undoes=None, undone_by=None).aggregate(sum=Sum("amount"))
    return int(total["sum"] or 0)


def standing_picks(row: models.Prescription) -> list[models.Pick]:
    """Every pack that stands in an open line of the prescription and has not left."""
    here = in_bag().filter(line__prescription=row, line__state="open")
    return list(here.select_related("batch", "movement__source", "movement__target", "line"))


def self_check(row: models.Prescription, *, by: Person, pause_minutes: int | None) -> SelfCheck:
    """What is known of a self-check by this person."""
    pause = None if pause_minutes is None else timedelta(minutes=pause_minutes)
    began = row.self_check_began_at if row.self_check_by == by.id else None
    picks = standing_picks(row)
    rescanned = 0
    if began is not None and pause is not None:
        rescanned = (
            models.Rescan.objects.filter(pick__in=picks, by_id=by.id, at__gte=began + pause)
            .values("pick")
            .distinct()
            .count()
        )
    return SelfCheck(pause, began, len(picks), rescanned)
