"""Where does a bag lie, and what must nobody overlook? The same words on every list, page and label."""

from __future__ import annotations

from datetime import date
from typing import Any

from pestle.pharmacy.checks.finding import Severity
from pestle.pharmacy.dispensary.bag import Part, label_marks
from pestle.pharmacy.dispensary.owing import ends_soon
from pestle.pharmacy.documents.bag import BagLabel
from pestle.pharmacy.medicines.barcode import bag_code
from pestle.web.pages import words
from pestle.web.store import bags, patients
from pestle.web.store.bags import BagAt

Flag = tuple[Severity, str]


def flags(bag: BagAt, *, on: date) -> list[Flag]:
    """Everything about a bag that somebody at a list has to know, where it lies first."""
    return [*lies(bag), *care(bag, on=on)]


def lies(bag: BagAt) -> list[Flag]:
    """Where it is: out for delivery, or where each of its parts lies."""
    if bag.out_with:
        return [(Severity.NOTE, f"Out for delivery, {bag.out_with}"), *elsewhere(bag)]
    found = []
    for part in bag.parts:
        shelf = bag.shelf_of(part)
        name = "" if part is Part.BAG else f"{part.words}: "
        nowhere = "On no shelf" if part is Part.BAG else f"{part.words}: on no shelf"
        found.append((Severity.NOTE, f"{name}{shelf}") if shelf else (Severity.INTERRUPT, nowhere))
    if bag.stop is not None:
        found.append((Severity.NOTE, f"On the round of {bag.stop.round.driver}"))
    return found


def elsewhere(bag: BagAt) -> list[Flag]:
    """The parts of it that do not lie in the bag itself."""
    return [(Severity.NOTE, part.words) for part in bag.parts if part is not Part.BAG]


def care(bag: BagAt, *, on: date) -> list[Flag]:
    """What comes before handing it out, and what else there is to know."""
    found: list[Flag] = []
    if bag.last_day is not None:
        day = words.weekday(bag.last_day)
        if bag.last_day < on:
            found.append((Severity.HARD_STOP, f"CD: last day was {day}"))
        else:
            near = ends_soon(bag.last_day, on=on)
            found.append((Severity.INTERRUPT if near else Severity.NOTE, f"CD: last day {day}"))
    if bag.speak:
        found.append((Severity.INTERRUPT, "Speak first"))
    if len(bag.prescriptions) > 1:
        found.append((Severity.NOTE, f"{len(bag.prescriptions)} in the bag"))
    if bag.tries:
        found.append((Severity.INTERRUPT, f"{words.count(bag.tries, 'attempt')} to deliver failed"))
    return found


def at_hand_out(prescription_id: int, *, on: date) -> dict[str, Any]:
    """What the page of a hand-out shows of the bag, and of what else is in it."""
    bag = bags.of_prescriptions([prescription_id]).get(prescription_id)
    return {
        "bag": bag,
        "bag_flags": flags(bag, on=on) if bag else [],
        "in_same_bag": [(row.pk, row.number) for row in bag.prescriptions if row.pk != prescription_id]
        if bag
        else [],
        "out_with": bag.out_with if bag else "",
    }


def on_telephone(bag: BagAt) -> str:
    """Where it is, as somebody says it on the telephone: shelf B4, fridge."""
    if bag.out_with:
        return "out for delivery"
    shelf = bag.shelf_of(Part.BAG) if Part.BAG in bag.parts else None
    said = [f"shelf {shelf}"] if shelf else []
    said += [word for part, word in ((Part.FRIDGE, "fridge"), (Part.CUPBOARD, "CD cupboard"))
             if part in bag.parts and bag.shelf_of(part)]  # fmt: skip
    if any(bag.shelf_of(part) is None for part in bag.parts):
        said.append("not on its shelf yet")
    return ", ".join(said)


def labels(bag: BagAt) -> list[BagLabel]:
    """A label for each part of the bag; a bag without a part of its own begins with the first that it has."""
    who, day = patients.value(bag.patient), bag.last_day
    marks = label_marks(bag.parts, last_day=words.short_date(day) if day else "", speak=bag.speak)
    return [
        BagLabel(
            who.name, who.address, len(bag.prescriptions), bag_code(bag.bag.pk, _name(part)),
            shelf=str(bag.shelf_of(part) or ""), part="" if part is Part.BAG else part.words, marks=marks,
        )
        for part in bag.parts
    ]  # fmt: skip


def _name(part: Part) -> str:
    return "" if part is Part.BAG else part.value
