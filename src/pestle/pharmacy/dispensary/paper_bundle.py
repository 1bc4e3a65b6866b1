"""How are the paper prescriptions of a month sorted for the payer, and how many are in each group?

What is paid for paper is paid by the forms themselves: at the end of the month they go to the NHS Business
Services Authority, those for which a charge was paid apart from the exempt ones. A form of which any item was
paid for is with the paid. A form goes with the month in which nothing more was to come of it; until then it
waits. A form of which nobody was asked whether the charge is paid belongs to neither group, and is settled
first.

Source: professional knowledge of the monthly submission; the Drug Tariff was not read. Unverified.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum


class Group(Enum):
    """Where a form lies in the bundle; the value is said."""

    PAID = "Charge paid"
    EXEMPT = "Exempt"
    NOT_ASKED = "Nobody was asked"


@dataclass(frozen=True, slots=True)
class Form:
    """A form as the bundle counts it: what the caller names it by, its items that were dispensed, for how
    many of them a charge was paid (None: nobody was asked), pence together (None: not known), when it was
    finished (None: not yet), and whether the declaration on it is signed (None: it needs none)."""

    id: int
    items: int
    paid_items: int | None
    pence: int | None
    finished_on: date | None
    signed: bool | None = None

    @property
    def group(self) -> Group:
        """Where it lies."""
        if self.paid_items is None:
            return Group.NOT_ASKED
        return Group.PAID if self.paid_items else Group.EXEMPT


@dataclass(frozen=True, slots=True)
class Sorted:
    """One group: its forms in the order of the day, how many items and paid items, and pence (None: one of
    them is not known)."""

    group: Group
    forms: tuple[Form, ...]

    @property
    def items(self) -> int:
        """All items of its forms."""
        return sum(form.items for form in self.forms)

    @property
    def paid_items(self) -> int:
        """Those for which a charge was paid."""
        return sum(form.paid_items or 0 for form in self.forms)

    @property
    def pence(self) -> int | None:
        """The charges together."""
        known = [form.pence for form in self.forms if form.pence is not None]
        return sum(known) if len(known) == len(self.forms) else None


@dataclass(frozen=True, slots=True)
class Bundle:
    """The forms of a month by group, and those that wait: something of them is still to come."""

    month: date
    groups: tuple[Sorted, ...]
    waiting: tuple[Form, ...]

    @property
    def forms(self) -> int:
        """How many forms go, with those that are to be settled first."""
        return sum(len(group.forms) for group in self.groups)


def bundle(forms: Iterable[Form], *, month: date) -> Bundle:
    """The bundle of a month, which is any day of it. A form of which nothing was dispensed is in none."""
    given = [form for form in forms if form.items]
    of_month = sorted(
        (form for form in given if form.finished_on and _same(form.finished_on, month)),
        key=lambda form: (form.finished_on or month, form.id),
    )
    return Bundle(
        month.replace(day=1),
        tuple(Sorted(group, tuple(form for form in of_month if form.group is group)) for group in Group),
        tuple(sorted((form for form in given if form.finished_on is None), key=lambda form: form.id)),
    )


def _same(day: date, month: date) -> bool:
    return (day.year, day.month) == (month.year, month.month)
