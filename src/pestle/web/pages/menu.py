"""What stands in the menu, for whom: in its row, and behind “More”.

The row has room for five. Which five follows from the role by which a person is named; all else that they may
open is one step further, in the same order for everybody.
"""

from __future__ import annotations

from dataclasses import dataclass

from pestle.pharmacy.people import Person, Role, SiteKind
from pestle.web.actions.measures import MAY_MEASURE
from pestle.web.pages.walls import PRACTICES, only_requests

ROW = 5


@dataclass(frozen=True, slots=True)
class Item:
    """A place of the menu by the name of its route; `roles` may open it, None: everybody."""

    name: str
    label: str
    roles: tuple[Role, ...] | None = None


@dataclass(frozen=True, slots=True)
class Menu:
    """What a person sees: `row` at once, `more` when they ask for it."""

    row: tuple[Item, ...]
    more: tuple[Item, ...]


ITEMS = (
    Item("worklist", "Worklist"),
    Item("bags", "Bags"),
    Item("patients", "Patients"),
    Item("tasks", "Tasks"),
    Item("stock", "Stock"),
    Item("messages", "Messages"),
    Item("medicines", "Medicines"),
    Item("calculators", "Calculators"),
    Item("measures", "Measures", MAY_MEASURE),
    Item("near-misses", "Near misses"),
    Item("definitions", "Definitions"),
    Item("manage", "Manage", (Role.MANAGER, Role.PHARMACIST)),
)
_BENCH = ("worklist", "patients", "stock", "messages", "medicines")
_CLINICAL = ("worklist", "patients", "stock", "medicines", "calculators")
FIRST: dict[Role, tuple[str, ...]] = {
    Role.PHARMACIST: _CLINICAL,
    Role.PRESCRIBER: _CLINICAL,
    Role.ACCURACY_CHECKER: _BENCH,
    Role.TECHNICIAN: _BENCH,
    Role.NURSE: _CLINICAL,
    Role.RECEPTIONIST: _BENCH,
    Role.MANAGER: ("worklist", "patients", "stock", "messages", "manage"),
    Role.SYSTEM: _BENCH,
}


AT_A_PRACTICE = (
    Item("worklist", "Worklist"),
    Item("practice-requests", "Requests"),
    Item("patients", "Patients"),
    Item("tasks", "Tasks"),
    Item("queries", "Queries"),
    Item("letters", "Letters"),
    Item("practice-sign", "To sign"),
    Item("practice-issued", "Signed"),
    Item("practice-batches", "Repeat dispensing"),
    Item("practice-ordering", "Ordering and waste"),
    Item("practice-authorise", "To authorise"),
    Item("practice-elsewhere", "To enter"),
    Item("practice-imports", "Imports"),
    Item("monitoring", "Monitoring"),
    Item("reviews", "Reviews"),
    Item("messages", "Messages"),
    Item("medicines", "Medicines"),
    Item("traffic-lights", "Traffic lights"),
    Item("calculators", "Calculators"),
    Item("measures", "Measures", MAY_MEASURE),
    Item("definitions", "Definitions"),
    Item("manage", "Manage", (Role.MANAGER, Role.PHARMACIST)),
)
_PRACTICE_ROW = ("worklist", "practice-requests", "patients", "tasks", "queries")
_RECEPTION = (Item("worklist", "Worklist"), Item("practice-requests", "Requests"))


def menu(person: Person, kind: SiteKind = SiteKind.COMMUNITY_PHARMACY) -> Menu:
    """The menu of a person at a site of this kind."""
    if only_requests(kind, person):
        return Menu(_RECEPTION, ())
    if kind in PRACTICES:
        may = [one for one in AT_A_PRACTICE if one.roles is None or person.has(*one.roles)]
        return Menu(
            tuple(one for one in may if one.name in _PRACTICE_ROW),
            tuple(one for one in may if one.name not in _PRACTICE_ROW),
        )
    first = FIRST[person.named_by] if person.named_by else _BENCH
    may = [one for one in ITEMS if one.roles is None or person.has(*one.roles)]
    row = tuple(one for one in may if one.name in first)
    more = tuple(one for one in may if one.name not in first)
    return Menu(row, more)
