"""Is the entry of a line complete: the medicine, the quantity to count out, the directions for the label?

The technician answers every line. What the message cannot settle stays open until a person has settled it: a
medicine that the dictionary does not know, a quantity in another unit than the product is counted in.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from pestle.pharmacy.ledger.base_unit import base_unit, base_units
from pestle.pharmacy.medicines.concept import BaseUnit, Pack, Product
from pestle.pharmacy.quantity import Quantity
from pestle.pharmacy.record.medication import MedicationRequest
from pestle.pharmacy.refusal import Refusal, Refused


@dataclass(frozen=True, slots=True)
class LineEntry:
    """What the technician answered for one line. `product` is None when `unmatched` says why not."""

    line: str
    product: Product | None
    quantity: Decimal | None
    directions: str
    verbatim: bool
    name_confirmed: bool = False
    unit_confirmed: bool = False
    unmatched: str = ""


@dataclass(frozen=True, slots=True)
class Entered:
    """A line that can go to the clinical check. `wanted` is in base units of `base`."""

    line: str
    product: Product | None
    base: BaseUnit | None
    wanted: int | None
    directions: str
    verbatim: bool
    unmatched: str = ""


def counted_in(product: Product, packs: tuple[Pack, ...]) -> BaseUnit | None:
    """What a product is counted in: its unit of measure, else that of its packs; None when unknown."""
    if product.base_unit is not None:
        return base_unit(product.base_unit.unit)
    return base_unit(packs[0].unit) if packs else None


def names_differ(prescribed: str, product: Product) -> bool:
    """Whether the words on the prescription are other words than the product's name.

    Senders write a code of one medicine beside the name of another, so a matching code is not enough.
    """
    return _letters(prescribed) != _letters(product.name)


def enter(request: MedicationRequest, entry: LineEntry, *, packs: tuple[Pack, ...]) -> Entered:
    """The line as entered.

    Raises `Refused`, naming the line: ``entry.not-matched``, ``entry.invalid-product``,
    ``entry.name-differs``, ``entry.no-quantity``, ``entry.other-quantity``, ``entry.unit-differs``,
    ``entry.unit-unknown``, ``entry.no-directions``, and those of `base_units`.
    """
    place = request.medication.text
    if entry.product is None:
        if not entry.unmatched.strip():
            raise Refused(
                Refusal("entry.not-matched", "No product is chosen for this line", place,
                        "Search by name; if it is not in the dictionary, say so for the pharmacist.")
            )  # fmt: skip
        return Entered(request.id, None, None, None, "", False, entry.unmatched.strip())
    if not entry.product.valid:
        raise Refused(
            Refusal("entry.invalid-product", "The dictionary no longer allows this product", place,
                    "Search for the one that took its place, or ask the prescriber.")
        )  # fmt: skip
    if names_differ(place, entry.product) and not entry.name_confirmed:
        raise Refused(
            Refusal("entry.name-differs", f"The prescription does not say “{entry.product.name}”", place,
                    "Confirm that they are the same medicine, or choose another product.")
        )  # fmt: skip
    if entry.quantity is None or request.quantity is None:
        raise Refused(Refusal("entry.no-quantity", "The quantity to supply is missing", place))
    if not entry.directions.strip():
        raise Refused(
            Refusal("entry.no-directions", "The directions for the label are missing", place,
                    "Copy the prescriber's own words, or ask the prescriber.")
        )  # fmt: skip
    if entry.quantity != request.quantity.value:
        raise Refused(
            Refusal("entry.other-quantity", f"The prescription says {request.quantity}", place,
                    "Enter the quantity prescribed; another one is for the prescriber to change.")
        )  # fmt: skip
    base = counted_in(entry.product, packs)
    if base is None:
        raise Refused(
            Refusal(
                "entry.unit-unknown", "The dictionary does not say what this product is counted in", place
            )
        )
    if base.unit != request.quantity.unit and not entry.unit_confirmed:
        raise Refused(
            Refusal(
                "entry.unit-differs",
                f"The prescription counts in {request.quantity.unit}, this product is counted in {base.unit}",
                place,
                f"Confirm that {entry.quantity} {base.unit} is meant.",
            )
        )
    wanted = base_units(Quantity(entry.quantity, base.unit), base)
    return Entered(request.id, entry.product, base, wanted, entry.directions.strip(), entry.verbatim)


def _letters(name: str) -> str:
    return "".join(ch for ch in name.casefold() if ch.isalnum())
