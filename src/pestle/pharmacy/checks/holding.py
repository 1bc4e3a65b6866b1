"""Which medicines are looked at, which substances does each hold, and does it act only where it is put?

Looked at are the lines, and what the patient has on the day by any fact of the record. The substances are
those of the matched product; where there is none, those that the name as written says: enough to find
something, never enough to find nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from pestle.pharmacy.checks.check import ProposedLine, called, not_assessed
from pestle.pharmacy.checks.finding import Fact, Finding
from pestle.pharmacy.criteria.lists import Described
from pestle.pharmacy.medicines.local_routes import LocalRoutes
from pestle.pharmacy.quantity import plain
from pestle.pharmacy.record.medication import (
    Medication,
    MedicationOrder,
    MedicationStatement,
    MedicationSupply,
)
from pestle.pharmacy.record.moment import PartialDate

Said = ProposedLine | MedicationOrder | MedicationStatement | MedicationSupply


@dataclass(frozen=True, slots=True)
class Holding:
    """A medicine, by which fact, and its substances. `whole` is False where more may be in it.

    `routes` are those of its product, in lower case; `local`: all of them act mainly where it is put, and an
    unknown route does not.
    `sure` is False where the fact leaves open whether the patient has it.
    """

    said: Said
    substances: frozenset[str]
    whole: bool
    routes: frozenset[str]
    local: bool
    sure: bool = True

    @property
    def medication(self) -> Medication:
        """The medicine."""
        return self.said.medication

    @property
    def name(self) -> str:
        """What to call it."""
        return self.said.medication.name

    @property
    def line(self) -> str | None:
        """The id of the line that it is; None for what the patient has."""
        return self.said.line if isinstance(self.said, ProposedLine) else None


def holding(said: Said, known: Described, local_routes: LocalRoutes, *, sure: bool = True) -> Holding:
    """A medicine by this fact, from what is known of it."""
    routes = frozenset(
        route.casefold() for product in said.medication.products for route in product.routes or ()
    )
    return Holding(
        said,
        known.named if known.holds is None else known.holds,
        whole=known.holds is not None,
        routes=routes,
        local=bool(routes) and routes <= local_routes.routes,
        sure=sure,
    )


def medicine(held: Holding) -> str:
    """By what one medicine is told from another, whichever brand or fact it is: the generic product, else
    the name as written."""
    product = held.medication.product
    return (product.generic_id or product.id) if product else called(held.medication)


def in_order(several: Iterable[Holding]) -> list[Holding]:
    """Lines first, then by name and by what says so: an order that depends on nothing but them."""
    found = list(several)
    if len(found) < 2:
        return found
    return sorted(found, key=lambda held: (held.line is None, held.name, medicine(held), repr(fact(held))))


def fact(held: Holding) -> Fact:
    """What says that the patient has it, or is to have it."""
    said = held.said
    if isinstance(said, ProposedLine):
        return Fact(f"On this prescription: {held.name}")
    unsure = "" if held.sure else "; whether it is still taken is not certain"
    if isinstance(said, MedicationSupply):
        lasts = (
            "not known for how long" if said.days_supply is None else f"for {plain(said.days_supply)} days"
        )
        return Fact(f"Supplied: {held.name}, {lasts}", said.on, said.provenance.who)
    word = "Ordered" if isinstance(said, MedicationOrder) else "Said to be taken"
    return Fact(f"{word}: {held.name}{unsure}", _day(said.starts), said.provenance.who)


def _day(moment: PartialDate | None) -> date | None:
    return moment.first if moment else None


def not_whole(check: str, held: tuple[Holding, ...], *, question: str) -> list[Finding]:
    """What could not be asked of medicines whose substances are not known, one finding for each medicine."""
    found: dict[tuple[str, str | None], Finding] = {}
    for each in held:
        if each.whole:
            continue
        matched = each.medication.product is not None
        because = "its active substances are not known" if matched else "it is not matched to a product"
        found.setdefault(
            (called(each.medication), each.line),
            not_assessed(
                check,
                rule="substances",
                about=(each.said,),
                what=f"{each.name} was not checked {question}",
                because=f"For {each.name}, {because}",
                do="Match it to a product whose ingredients are known, or compare it by hand.",
            ),
        )
    return list(found.values())
