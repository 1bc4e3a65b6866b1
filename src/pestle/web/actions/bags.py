"""What is ready is bagged, put on a shelf and moved; bags of one patient become one, and part again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Model

from pestle.pharmacy.dispensary.bag import (
    Item,
    Part,
    controlled_last_day,
    join_refusal,
    parts_of,
    put_refusal,
    shelf_names,
    take_out_refusal,
)
from pestle.pharmacy.dispensary.workflow import HAND_OUT
from pestle.pharmacy.ledger.storage import Condition
from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.refusal import Refused, refuse
from pestle.web.actions.may_leave import last_day_of
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.store import bags, instalments, models, places, prescriptions
from pestle.web.store.knowledge import dictionary

MAY_PUT = (Role.TECHNICIAN, Role.ACCURACY_CHECKER, Role.PHARMACIST)
MAY_NAME_SHELVES = (Role.MANAGER, Role.PHARMACIST)
_COLD = (Condition.FRIDGE.value, Condition.FREEZER.value)


def name_shelves(*, by: Person, now: datetime, key: str, names: str, part: Part) -> Outcome:
    """Puts shelves on record on which that part of a bag waits: see `shelf_names`. A name that was given up
    is used again.

    Raises `Refused`: ``shelf.role``, ``shelf.taken``, and those of `shelf_names`.
    """

    def do() -> Deed:
        _may_name(by)
        wanted = shelf_names(names)
        held = {row.name: row for row in models.BagShelf.objects.filter(site=by.site_id, name__in=wanted)}
        other = next((row for row in held.values() if row.part != part.value), None)
        if other is not None:
            raise refuse("shelf.taken", f"{other.name} is a {Part(other.part).shelf} already", place="names")
        models.BagShelf.objects.filter(pk__in=[row.pk for row in held.values()]).update(used=True)
        models.BagShelf.objects.bulk_create(
            models.BagShelf(site_id=by.site_id, name=name, part=part.value)
            for name in wanted
            if name not in held
        )
        detail = {"names": list(wanted), "part": part.value}
        return Deed(f"site:{by.site_id}", detail, {"shelves": len(wanted)})

    return once("bag.name_shelves", by=by, now=now, key=key, request={"names": names, "part": part.value},
                do=do)  # fmt: skip


def end_shelf(*, by: Person, now: datetime, key: str, shelf_id: int) -> Outcome:
    """A shelf is no longer used; nothing is put there any more. Raises `Refused`: ``shelf.role``,
    ``shelf.unknown``, ``shelf.not-empty``."""

    def do() -> Deed:
        _may_name(by)
        shelf = _shelf(shelf_id, by=by)
        there = next(
            (
                one
                for one in bags.of_site(by.site_id)
                if any(put is not None and put.shelf_id == shelf.pk for put in one.where.values())
            ),
            None,
        )
        if there is not None:
            raise refuse("shelf.not-empty", f"A bag lies on {shelf.name}", way_out="Move it first.")
        shelf.used = False
        shelf.save(update_fields=("used",))
        return Deed(f"site:{by.site_id}", {"shelf": shelf.name}, {"shelf": shelf.pk})

    return once("bag.end_shelf", by=by, now=now, key=key, request={"shelf": shelf_id}, do=do)


def put(
    *, by: Person, now: datetime, key: str, bag_id: int, shelf_id: int, seen: int | None = None
) -> Outcome:
    """Puts the part of the bag for which the shelf is there onto it, or moves it. `seen`: the last put of the
    bag that the page showed (0: none).

    Raises `Refused`: ``bag.role``, ``bag.unknown``, ``shelf.unknown``, ``bag.moved-meanwhile``, and those of
    `put_refusal`.
    """

    def do() -> Deed:
        _may_put(by)
        bag = bags.locked(bag_id, site_id=by.site_id)
        shelf = _shelf(shelf_id, by=by)
        part = Part(shelf.part)
        last = max((one.pk for one in bag.where.values() if one is not None), default=0)
        if seen is not None and seen != last:
            moved = models.BagPut.objects.select_related("by", "shelf").get(pk=last)
            where = f" on {moved.shelf.name}" if moved.shelf else ""
            raise refuse("bag.moved-meanwhile", f"{moved.by.full_name} has put it{where} since",
                         place="shelf", way_out="Look where it lies, then put it again.")  # fmt: skip
        wrong = put_refusal(bag.lying, part, shelf=shelf.name)
        if wrong is not None:
            raise Refused(wrong)
        row = models.BagPut.objects.create(bag=bag.bag, part=part.value, shelf=shelf, by_id=by.id, at=now)
        detail = {"part": part.value, "shelf": shelf.name}
        return Deed(f"bag:{bag.bag.pk}", detail, {"bag": bag.bag.pk, "shelf": shelf.name}, sealed=[row])

    request = {"bag": bag_id, "shelf": shelf_id, "seen": seen}
    return once("bag.put", by=by, now=now, key=key, request=request, do=do)


def join(*, by: Person, now: datetime, key: str, bag_id: int, other_id: int) -> Outcome:
    """Puts everything that is in the other bag into this one.

    Raises `Refused`: ``bag.role``, ``bag.unknown``, ``bag.not-ready``, and those of `join_refusal`."""

    def do() -> Deed:
        _may_put(by)
        both = {pk: bags.locked(pk, site_id=by.site_id) for pk in sorted({bag_id, other_id})}
        one, other = both[bag_id], both[other_id]
        wrong = join_refusal(one.lying, other.lying)
        if wrong is not None:
            raise Refused(wrong)
        ready = [_ready(row.pk, by=by) for row in other.prescriptions]
        rows = [_content(one.bag, row, by=by, now=now) for row in ready]
        detail = {"from": other.bag.pk, "prescriptions": [row.pk for row in other.prescriptions]}
        return Deed(f"bag:{one.bag.pk}", detail, {"bag": one.bag.pk}, sealed=rows)

    request = {"bag": bag_id, "other": other_id}
    return once("bag.join", by=by, now=now, key=key, request=request, do=do)


def take_out(*, by: Person, now: datetime, key: str, bag_id: int, prescription_id: int) -> Outcome:
    """Gives one of several prescriptions in a bag a bag of its own.

    Raises `Refused`: ``bag.role``, ``bag.unknown``, ``bag.not-in-it``, and those of `take_out_refusal`."""

    def do() -> Deed:
        _may_put(by)
        bag = bags.locked(bag_id, site_id=by.site_id)
        if prescription_id not in {row.pk for row in bag.prescriptions}:
            raise refuse("bag.not-in-it", "This prescription is not in the bag any more")
        wrong = take_out_refusal(bag.lying)
        if wrong is not None:
            raise Refused(wrong)
        made = packed(_ready(prescription_id, by=by), by=by, now=now)
        new = made[0].pk
        detail = {"prescription": prescription_id, "into": new}
        return Deed(f"bag:{bag.bag.pk}", detail, {"bag": new}, sealed=made)

    request = {"bag": bag_id, "prescription": prescription_id}
    return once("bag.take_out", by=by, now=now, key=key, request=request, do=do)


def pack(*, by: Person, now: datetime, key: str, prescription_id: int) -> Outcome:
    """Makes a bag for what became ready before bags were on record.

    Raises `Refused`: ``bag.role``, ``bag.not-ready``, ``bag.there-already``."""

    def do() -> Deed:
        _may_put(by)
        row = _ready(prescription_id, by=by)
        if bags.of_prescriptions([row.pk]):
            raise refuse("bag.there-already", "It lies in a bag already")
        made = packed(row, by=by, now=now)
        return Deed(f"bag:{made[0].pk}", {"prescription": row.pk}, {"bag": made[0].pk}, sealed=made)

    request = {"prescription": prescription_id}
    return once("bag.pack", by=by, now=now, key=key, request=request, do=do)


def packed(row: models.Prescription, *, by: Person, now: datetime) -> list[Model]:
    """A new bag with this prescription in it, inside a running action: the rows to be sealed."""
    bag = models.Bag.objects.create(site_id=row.site_id, patient_id=row.patient_id, by_id=by.id, at=now)
    return [bag, _content(bag, row, by=by, now=now)]


def repacked(row: models.Prescription, *, by: Person, now: datetime) -> Sequence[Model]:
    """What is in its bag has changed, inside a running action: the rows to be sealed. None of it where it is
    not ready, or lies in no bag."""
    last = models.BagContent.objects.filter(prescription=row).select_related("bag").order_by("pk").last()
    if row.step != HAND_OUT or last is None:
        return ()
    return [_content(last.bag, row, by=by, now=now)]


def _content(bag: models.Bag, row: models.Prescription, *, by: Person, now: datetime) -> models.BagContent:
    found = _items(row)
    return models.BagContent.objects.create(
        bag=bag, prescription=row, parts=[part.value for part in parts_of(found)],
        last_day=controlled_last_day(found), by_id=by.id, at=now,
    )  # fmt: skip


def _items(row: models.Prescription) -> list[Item]:
    """What stands in the bag, line by line."""
    picks = prescriptions.standing_picks(row)
    kept = places.keepings(row.site_id, {pick.batch.product_id for pick in picks})
    cold = {pick.line_id for pick in picks if (one := kept.get(pick.batch.product_id))
            and one.condition in _COLD}  # fmt: skip
    signed = prescriptions.signed(row)
    lines = [line for line in row.lines.all() if line.pk in {pick.line_id for pick in picks}]
    planned = instalments.planned(lines)
    found = []
    for line in lines:
        product = dictionary().product(line.product_id)
        # Each instalment has its own days.
        last_day = None if line.pk in planned else last_day_of(row, line, signed)
        found.append(Item(product.controlled if product else None, line.pk in cold, last_day))
    return found


def _ready(prescription_id: int, *, by: Person) -> models.Prescription:
    """The prescription, locked. Raises `Refused` (``bag.not-ready``) where it has left the bag by now."""
    row = prescriptions.locked(prescription_id, site_id=by.site_id)
    if row.step != HAND_OUT:
        raise refuse("bag.not-ready", "This prescription is not ready any more, or not yet")
    return row


def _shelf(shelf_id: int, *, by: Person) -> models.BagShelf:
    row = models.BagShelf.objects.filter(pk=shelf_id, site=by.site_id, used=True).first()
    if row is None:
        raise refuse("shelf.unknown", "There is no such shelf here, or it is no longer used", place="shelf")
    return row


def _may_put(by: Person) -> None:
    if not by.has(*MAY_PUT):
        raise refuse("bag.role", f"This is for the dispensary; you are signed in as {by.title}")


def _may_name(by: Person) -> None:
    if not by.has(*MAY_NAME_SHELVES):
        raise refuse("shelf.role", f"This is for managers and pharmacists; you are signed in as {by.title}")
