"""What becomes of a line of the medicines list: put on it, changed, renewed, withheld, resumed, ended?

A change never edits an order: it makes the next one of the chain, or the first. Whoever changes the list (a
letter that was reconciled, a review, a person on the list's own page) says what is *wanted* and why; what has
to be authorised anew follows from the difference to what was authorised last.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from pestle.pharmacy.dosage.dose import Coded, Dosage
from pestle.pharmacy.people import Person
from pestle.pharmacy.practice.medicines_list import (
    MAY_PREPARE,
    REPEATS,
    SHORTEST,
    Listed,
    ListStatus,
    Standing,
)
from pestle.pharmacy.quantity import Quantity
from pestle.pharmacy.record.medication import (
    CourseOfTherapy,
    LineStatus,
    Medication,
    MedicationOrder,
    MedicationRequest,
    OrderAction,
    RepeatIssue,
)
from pestle.pharmacy.record.moment import PartialDate, whole
from pestle.pharmacy.record.provenance import Provenance
from pestle.pharmacy.refusal import Refusal, Refused

# Repeat Prescribing Toolkit (RPS and RCGP, October 2024): a repeat is authorised for at most twelve months.
LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a line is to be. A field that is None is not said; `wanted_of` gives what a line is now, to be
    changed with `dataclasses.replace`.

    `withheld`: not to be taken for the time being, until a day or with none. `prescribed_elsewhere`:
    recorded, never issued. `issues_allowed` counts every issue, the first too.
    """

    medication: Coded
    course: CourseOfTherapy
    dosage: Dosage | None = None
    quantity: Quantity | None = None
    days_supply: Decimal | None = None
    indication: Coded | None = None
    issues_allowed: int | None = None
    authorised_until: date | None = None
    review_by: date | None = None
    starts: PartialDate | None = None
    ends: PartialDate | None = None
    withheld: bool = False
    withheld_until: PartialDate | None = None
    prescribed_elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a list, and why. `listed` is the id of the line, None for a new one; `wanted` what it
    is to be, None where it ends. `seen` is the id of the order that the person saw there (None: nobody
    looked). `restores`: it was so before, and its newest order was a mistake, also one that ended it."""

    action: OrderAction
    reason: str
    listed: int | None = None
    wanted: Wanted | None = None
    seen: str | None = None
    restores: bool = False

    def __post_init__(self) -> None:
        if (self.listed is None) != (self.action is OrderAction.NEW):
            raise ValueError("a change is about a line of the list when, and only when, it is not new")
        if (self.wanted is None) != (self.action is OrderAction.DISCONTINUE):
            raise ValueError("a change says what is wanted when, and only when, the line does not end")


def new(wanted: Wanted, reason: str) -> Change:
    """Puts a medicine on the list."""
    return Change(OrderAction.NEW, reason, wanted=wanted)


def revise(line: Listed, wanted: Wanted, reason: str) -> Change:
    """Changes a line: dose, form, brand, course; withholds it or resumes it; moves it elsewhere."""
    return Change(OrderAction.REVISE, reason, line.id, wanted, line.order.id)


def renew(line: Listed, wanted: Wanted, reason: str) -> Change:
    """Authorises the same again: issues are counted from nought."""
    return Change(OrderAction.RENEW, reason, line.id, wanted, line.order.id)


def stop(line: Listed, reason: str) -> Change:
    """Ends a line."""
    return Change(OrderAction.DISCONTINUE, reason, line.id, None, line.order.id)


def restore(line: Listed, before: MedicationOrder, reason: str) -> Change:
    """Makes a line what it was under the order before its newest one, which was a mistake. Where that order
    was authorised, nothing new is: it may be issued from as before. What was recorded as prescribed elsewhere
    meanwhile is authorised anew."""
    return Change(OrderAction.REVISE, reason, line.id, wanted_of(before), line.order.id, restores=True)


def wanted_of(order: MedicationOrder) -> Wanted:
    """What an order says, as what is wanted."""
    request, repeat = order.request, order.request.repeat or RepeatIssue(None, None)
    return Wanted(
        medication=request.medication,
        course=request.course_of_therapy,
        dosage=request.dosage,
        quantity=request.quantity,
        days_supply=request.days_supply,
        indication=request.reason,
        issues_allowed=repeat.issues_allowed,
        authorised_until=repeat.authorisation_expires,
        review_by=repeat.review_by,
        starts=order.starts,
        ends=order.ends,
        withheld=request.status is LineStatus.ON_HOLD,
        withheld_until=order.withheld_until,
        prescribed_elsewhere=order.prescribed_elsewhere,
    )


@dataclass(frozen=True, slots=True)
class Changed:
    """What a change makes: the order that follows, and whether it may be issued from at once."""

    order: MedicationOrder
    standing: Standing


def changed(
    change: Change,
    *,
    line: Listed | None,
    authorised: MedicationOrder | None,
    id: str,
    told: Provenance,
    on: date,
) -> Changed:
    """The order that a change makes; `id` becomes its id, and `told` says by whom and when.

    `authorised` is the order of the chain that was authorised last. Raises `Refused` as `check_change`.
    """
    check_change(change, line=line, on=on)
    if change.wanted is None:
        assert line is not None
        request = replace(line.order.request, id=id, status=LineStatus.STOPPED)
        ended = replace(line.order, request=request, provenance=told, action=change.action,
                        follows=line.order.id, ends=whole(on), withheld_until=None)  # fmt: skip
        return Changed(ended, line.standing)
    order = _order(change, line, change.wanted, id, told, on)
    carried = authorised is not None and change.action is OrderAction.REVISE and _carries(authorised, order)
    needs = not carried and not order.prescribed_elsewhere
    return Changed(order, Standing.PREPARED if needs else Standing.AUTHORISED)


def check_change(change: Change, *, line: Listed | None, on: date) -> None:
    """Raises `Refused` with all that stands in the way: ``list.no-reason``, ``list.ended``, ``list.changed``
    (somebody changed the line since it was seen), ``list.nothing-changed``, ``list.no-medicine``,
    ``list.until-past``, ``list.issues``, ``list.authorised-too-long``, ``list.authorised-past``."""
    found = list(_change_refusals(change, line, on))
    if found:
        raise Refused(*found)


def check_role(by: Person) -> None:
    """Raises `Refused` (``list.role``) for who may not prepare changes of a medicines list."""
    if not by.has(*MAY_PREPARE):
        raise Refused(
            Refusal("list.role", f"The medicines list is for clinical staff; you are signed in as {by.title}")
        )


def _change_refusals(change: Change, line: Listed | None, on: date) -> Iterator[Refusal]:
    wanted = change.wanted
    name = line.name if line else wanted.medication.text if wanted else ""
    if len(change.reason.strip()) < SHORTEST:
        yield Refusal("list.no-reason", f"Say why, for {name}", "reason")
    if line is not None:
        if line.status is ListStatus.ENDED and not change.restores:
            yield Refusal("list.ended", f"{name} has ended", way_out="Put it on the list anew.")
        if change.seen is not None and change.seen != line.order.id:
            yield Refusal("list.changed", f"{name} has changed since you looked at it",
                          way_out="Look at the list again, then decide.")  # fmt: skip
        if wanted == wanted_of(line.order) and change.action is OrderAction.REVISE:
            yield Refusal("list.nothing-changed", f"{name} is this already")
    # What stood before is not judged anew: a day in it may have passed since.
    if wanted is not None and not change.restores:
        yield from _wanted_refusals(wanted, name, on)


def _wanted_refusals(wanted: Wanted, name: str, on: date) -> Iterator[Refusal]:
    if len(wanted.medication.text.strip()) < SHORTEST:
        yield Refusal("list.no-medicine", "Name the medicine", "medicine")
    if wanted.withheld_until is not None and wanted.withheld_until.last < on:
        yield Refusal("list.until-past", f"{name} cannot be withheld until a day that has passed", "until")
    if wanted.issues_allowed is not None and not 1 <= wanted.issues_allowed <= 99:
        yield Refusal("list.issues", "A number of issues is from 1 to 99", "issues")
    if wanted.authorised_until is not None:
        if wanted.authorised_until < on:
            yield Refusal(
                "list.authorised-past", f"{name} cannot be authorised until a day that has passed", "until"
            )
        elif wanted.authorised_until > on + LONGEST and wanted.course in REPEATS:
            yield Refusal(
                "list.authorised-too-long", "A repeat is authorised for twelve months at most", "until"
            )


def _order(
    change: Change, line: Listed | None, wanted: Wanted, id: str, told: Provenance, on: date
) -> MedicationOrder:
    repeat = RepeatIssue(None, wanted.issues_allowed, wanted.authorised_until, wanted.review_by)
    request = MedicationRequest(
        id=id,
        medication=wanted.medication,
        dosage=wanted.dosage,
        quantity=wanted.quantity,
        status=LineStatus.ON_HOLD if wanted.withheld else LineStatus.ACTIVE,
        intent="order",
        course_of_therapy=wanted.course,
        days_supply=wanted.days_supply,
        repeat=None if repeat == RepeatIssue(None, None) else repeat,
        reason=wanted.indication,
        endorsements=line.order.request.endorsements if line else (),
        notes=line.order.request.notes if line else (),
        controlled_drug=line.order.request.controlled_drug if line else None,
    )
    return MedicationOrder(
        request=request,
        medication=Medication(wanted.medication),
        provenance=told,
        action=change.action,
        follows=line.order.id if line else None,
        starts=wanted.starts or (line.order.starts if line else None) or whole(on),
        ends=wanted.ends,
        withheld_until=wanted.withheld_until if wanted.withheld else None,
        prescribed_elsewhere=wanted.prescribed_elsewhere,
    )


def _carries(authorised: MedicationOrder, order: MedicationOrder) -> bool:
    """Whether what was authorised covers the new order too: everything that is issued is the same. When it is
    reviewed, what it is for and whether it is withheld are not signed for."""

    def signed(one: MedicationOrder) -> tuple[object, ...]:
        request, repeat = one.request, one.request.repeat or RepeatIssue(None, None)
        return (
            request.medication, request.course_of_therapy, request.dosage, request.quantity,
            repeat.issues_allowed, repeat.authorisation_expires, one.prescribed_elsewhere,
        )  # fmt: skip

    return signed(authorised) == signed(order)
