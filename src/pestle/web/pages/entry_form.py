"""The form of the entry check: what it offers for each line, what was typed, and the answers it gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pestle.pharmacy.dispensary.entry import counted_in, names_differ
from pestle.pharmacy.dosage import wording
from pestle.pharmacy.dosage.dose import Dosage
from pestle.pharmacy.medicines.concept import Product
from pestle.pharmacy.quantity import Unit, decimal, plain
from pestle.pharmacy.quantity import counted as counted_words
from pestle.pharmacy.refusal import Refusal, Refused
from pestle.web.actions.entry import Answer
from pestle.web.pages.prescription_lines import LineView
from pestle.web.pages.product_options import NONE, Option, named, option
from pestle.web.store.knowledge import dictionary

PESTLE, OWN, TYPED = "pestle", "own", "typed"


@dataclass(frozen=True, slots=True)
class EntryLine:
    """The form of one line: offered and typed. `chosen` is a product id, NONE, or empty."""

    line: LineView
    options: tuple[Option, ...]
    chosen: str
    search: str
    searched: bool
    unmatched: str
    names_differ: bool
    name_confirmed: bool
    quantity: str
    unit: str
    counted: str
    unit_confirmed: bool
    pestle: str
    own: str
    how: str
    typed: str

    @property
    def unit_words(self) -> str:
        """The unit beside the quantity, as a person counts it."""
        unit = self.counted or self.unit
        try:
            return counted_words(unit, decimal(self.quantity, place="quantity"))
        except Refused:
            return unit


def entry_lines(lines: Sequence[LineView], typed: Mapping[str, str] | None) -> tuple[EntryLine, ...]:
    """The form of every open line: as offered at first, or as it was typed."""
    return tuple(_entry_line(line, typed) for line in lines if line.open)


def answers(lines: Sequence[LineView], typed: Mapping[str, str]) -> list[Answer]:
    """What was answered. Raises `Refused` (``entry.wording-changed``) when the label would say other words
    than the person saw."""
    given = []
    refusals = []
    for line in (line for line in lines if line.open):
        chosen = typed.get(f"product-{line.id}", "")
        product = dictionary().product(chosen) if chosen not in ("", NONE) else None
        how = typed.get(f"how-{line.id}", "")
        pestle = _pestle_words(line.request.dosage, product)
        if how == PESTLE and pestle != typed.get(f"pestle-{line.id}", ""):
            refusals.append(
                Refusal("entry.wording-changed", "With this product the label says other words than you saw",
                        line.written, "Read the wording again, then complete the entry.")
            )  # fmt: skip
        own = _own_words(line.request.dosage)
        directions = {PESTLE: pestle, OWN: own, TYPED: typed.get(f"typed-{line.id}", "").strip()}.get(how, "")
        given.append(
            Answer(
                line_id=line.id,
                product_id="" if chosen == NONE else chosen,
                quantity=typed.get(f"quantity-{line.id}", ""),
                directions=directions,
                verbatim=bool(own) and directions == own,
                name_confirmed=bool(chosen) and typed.get(f"name-{line.id}") == chosen,
                unit_confirmed=bool(_counted(product)) and typed.get(f"unit-{line.id}") == _counted(product),
                unmatched=typed.get(f"unmatched-{line.id}", "") if chosen == NONE else "",
            )
        )
    if refusals:
        raise Refused(*refusals)
    return given


def _entry_line(line: LineView, typed: Mapping[str, str] | None) -> EntryLine:
    suggested = dictionary().product(dictionary().current(line.row.medication_code))
    before = line.row.product_id or (suggested.id if suggested else "")
    said = typed or {}
    chosen = said.get(f"product-{line.id}", "" if typed is not None else before)
    search = said.get(f"search-{line.id}", "").strip()
    product = dictionary().product(chosen) if chosen not in ("", NONE) else None
    quantity = line.request.quantity
    pestle, own = _pestle_words(line.request.dosage, product), _own_words(line.request.dosage)
    counted = _counted(product)
    return EntryLine(
        line=line,
        options=_options(suggested, product, search),
        chosen=chosen,
        search=search,
        searched=bool(search),
        unmatched=said.get(f"unmatched-{line.id}", ""),
        names_differ=product is not None and names_differ(line.written, product),
        name_confirmed=bool(chosen) and said.get(f"name-{line.id}") == chosen,
        quantity=said.get(f"quantity-{line.id}", plain(quantity.value) if quantity else ""),
        unit=quantity.unit.text if quantity else "",
        counted=counted if counted and quantity and Unit(counted) != quantity.unit else "",
        unit_confirmed=bool(counted) and said.get(f"unit-{line.id}") == counted,
        pestle=pestle,
        own=own,
        how=said.get(f"how-{line.id}", "" if typed is not None else _first(pestle, own)),
        typed=said.get(f"typed-{line.id}", ""),
    )  # fmt: skip


def _options(suggested: Product | None, chosen: Product | None, search: str) -> tuple[Option, ...]:
    found: dict[str, Option] = {}
    if suggested is not None:
        found[suggested.id] = option(suggested, "By its code")
    for each in named(search):
        found.setdefault(each.id, each)
    if chosen is not None:
        found.setdefault(chosen.id, option(chosen, "Chosen before"))
    return tuple(found.values())


def _first(pestle: str, own: str) -> str:
    """Which directions are offered first."""
    return PESTLE if pestle else OWN if own else TYPED


def _counted(product: Product | None) -> str:
    """What the product is counted in; empty where it is not known."""
    counted = counted_in(product, dictionary().packs(product.id)) if product else None
    return counted.unit.text if counted else ""


def _pestle_words(dosage: Dosage | None, product: Product | None) -> str:
    """Our own wording for the label; empty where the instruction cannot be said in it."""
    if dosage is None:
        return ""
    try:
        worded = wording.label(dosage, form=product.form if product else None)
    except Refused:
        return ""
    return "" if worded.verbatim else worded.text


def _own_words(dosage: Dosage | None) -> str:
    if dosage is None:
        return ""
    words = dosage.text or "; ".join(
        step.patient_instruction for step in dosage.steps if step.patient_instruction
    )
    return words.strip()
