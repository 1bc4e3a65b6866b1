"""In which parts does what is ready lie, on which shelf may each part lie, and what may share a bag?

A prescription that has passed the accuracy check lies in a bag. What is kept cold, and what is kept in the
cupboard for controlled drugs, is a part of the bag that lies elsewhere. Several prescriptions of one patient
may share a bag; each is handed out by itself.

Which controlled drugs are kept in the cupboard: Misuse of Drugs (Safe Custody) Regulations 1973, regulation
5, by the categories of dm+d; from memory and unverified. A schedule that is not known is treated as one that
has to be.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum

from pestle.pharmacy.medicines.concept import ControlledDrugCategory as Category
from pestle.pharmacy.refusal import Refusal, refuse

MOST_SHELVES = 200
_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z ./-]{0,11}")
_RUN = re.compile(r"([A-Za-z ./-]*)(\d{1,4})\s*\.\.\s*([A-Za-z ./-]*)(\d{1,4})")
_CUPBOARD = frozenset(
    {Category.SCHEDULE_1, Category.SCHEDULE_2, Category.SCHEDULE_3_NO_REGISTER, Category.SCHEDULE_3_TEMAZEPAM}
)


class Part(Enum):
    """A part of a bag, and with it the kind of shelf that it lies on; the value is stored."""

    BAG = "bag"
    FRIDGE = "fridge"
    CUPBOARD = "cupboard"

    @property
    def words(self) -> str:
        """The part, as a list says it."""
        return {"bag": "Bag", "fridge": "Fridge part", "cupboard": "CD part"}[self.value]

    @property
    def inside(self) -> str:
        """The part, in a sentence."""
        return {"bag": "bag", "fridge": "fridge part", "cupboard": "CD part"}[self.value]

    @property
    def shelf(self) -> str:
        """The kind of shelf it lies on."""
        return {"bag": "shelf", "fridge": "fridge", "cupboard": "cupboard for controlled drugs"}[self.value]


@dataclass(frozen=True, slots=True)
class Item:
    """A line in a bag: its category (None: not known), whether it is kept cold, and its last day (None: not
    known)."""

    controlled: Category | None
    cold: bool
    last_day: date | None = None

    @property
    def part(self) -> Part:
        """Where it lies. The cupboard comes before the fridge: it is the law's, the other the maker's."""
        if self.controlled is None or self.controlled in _CUPBOARD:
            return Part.CUPBOARD
        return Part.FRIDGE if self.cold else Part.BAG

    @property
    def held_to_28_days(self) -> bool:
        """Whether its last day is flagged: Schedules 1 to 4, and what is not known."""
        return self.controlled is None or self.controlled.schedule in (1, 2, 3, 4)


@dataclass(frozen=True, slots=True)
class Lying:
    """A bag: whose, how many prescriptions are in it, its parts, with whom it is out (empty: it is here)."""

    id: int
    patient_id: int
    prescriptions: int
    parts: frozenset[Part]
    out: str = ""


def parts_of(items: Iterable[Item]) -> tuple[Part, ...]:
    """The parts in which these lines lie."""
    found = {item.part for item in items}
    return tuple(part for part in Part if part in found)


def controlled_last_day(items: Iterable[Item]) -> date | None:
    """The last day on which every controlled drug among these lines may be supplied; None where there is
    none, or its day is not known."""
    return min((item.last_day for item in items if item.held_to_28_days and item.last_day), default=None)


def out_refusal(out: str) -> Refusal | None:
    """Why nothing is done with a bag that is not here: ``bag.out``."""
    if not out:
        return None
    return Refusal("bag.out", f"The bag is out for delivery with {out}",
                   way_out="Say on the round what became of it, or wait until it is back.")  # fmt: skip


def put_refusal(bag: Lying, part: Part, *, shelf: str) -> Refusal | None:
    """Why nothing of a bag is put on a shelf for a part: ``bag.empty``, ``bag.wrong-shelf``, ``bag.out``."""
    if not bag.prescriptions:
        return Refusal("bag.empty", "Nothing that is ready is in this bag any more", "shelf")
    if part not in bag.parts:
        has = " and ".join(f"a {one.shelf}" for one in Part if one in bag.parts)
        return Refusal(
            "bag.wrong-shelf",
            f"{shelf} is a {part.shelf}, and what is in this bag goes on {has}",
            "shelf",
            "Choose a shelf of that kind.",
        )
    return out_refusal(bag.out)


def join_refusal(bag: Lying, other: Lying) -> Refusal | None:
    """Why two bags do not become one: ``bag.same``, ``bag.empty``, ``bag.other-patient``, ``bag.out``."""
    if bag.id == other.id:
        return Refusal("bag.same", "It is in this bag already")
    if not bag.prescriptions or not other.prescriptions:
        return Refusal("bag.empty", "One of the two bags is empty by now")
    if bag.patient_id != other.patient_id:
        return Refusal("bag.other-patient", "Nothing of another patient goes into this bag",
                       way_out="Compare name, date of birth and address on both labels.")  # fmt: skip
    return out_refusal(bag.out or other.out)


def take_out_refusal(bag: Lying) -> Refusal | None:
    """Why a prescription does not get a bag of its own: ``bag.only-one``, ``bag.out``."""
    if bag.prescriptions < 2:
        return Refusal("bag.only-one", "Nothing else is in this bag")
    return out_refusal(bag.out)


def shelf_names(text: str) -> tuple[str, ...]:
    """The names that somebody typed for shelves: one a line or between commas, and ``A1..A20`` for a run.

    Raises `Refused`: ``shelf.none``, ``shelf.name``, ``shelf.run``, ``shelf.too-many``.
    """
    found: list[str] = []
    for said in (" ".join(one.split()) for one in re.split(r"[,\n]", text)):
        if ".." in said:
            found += _run(said)
        elif said:
            found.append(said)
    if not found:
        raise refuse("shelf.none", "Say how the shelves are called", place="names")
    wrong = next((name for name in found if not _NAME.fullmatch(name)), None)
    if wrong is not None:
        raise refuse("shelf.name", f"“{wrong}” is no name of a shelf: 1 to 12 letters and digits",
                     place="names")  # fmt: skip
    if len(found) > MOST_SHELVES:
        raise refuse("shelf.too-many", f"More than {MOST_SHELVES} shelves at once", place="names")
    return tuple(dict.fromkeys(found))


def _run(said: str) -> list[str]:
    match = _RUN.fullmatch(said)
    first, last = (int(match[2]), int(match[4])) if match else (1, 0)
    if match is None or match[3] not in ("", match[1]) or not first <= last < first + MOST_SHELVES:
        raise refuse("shelf.run", f"“{said}” is no run of shelves such as A1..A20", place="names")
    width = len(match[2]) if match[2].startswith("0") else 0
    return [f"{match[1]}{number:0{width}d}" for number in range(first, last + 1)]


def label_marks(parts: Collection[Part], *, last_day: str, speak: bool) -> tuple[str, ...]:
    """What the label of the bag says beside the name: which parts lie elsewhere, the last day of a controlled
    drug in words (empty: none), and that a pharmacist speaks to the patient first."""
    elsewhere = tuple(mark for part, mark in _MARKS if part in parts)
    day = (f"CD BY {last_day}",) if last_day else ()
    return elsewhere + day + (("SPEAK FIRST",) if speak else ())


_MARKS = ((Part.FRIDGE, "FRIDGE"), (Part.CUPBOARD, "CD"))
