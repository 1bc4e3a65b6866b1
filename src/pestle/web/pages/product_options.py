"""Which products of the dictionary may be meant, for a person to choose one?"""

from __future__ import annotations

from dataclasses import dataclass

from pestle.pharmacy.medicines.concept import Product
from pestle.web.pages.prescription_lines import schedule_words
from pestle.web.store.knowledge import medicine_index

# Posted for “not in the dictionary”; an id is never this word.
NONE = "none"


@dataclass(frozen=True, slots=True)
class Option:
    """A product that may be meant, how it was found, and what to beware of."""

    id: str
    name: str
    found: str
    schedule: str
    look_alike: tuple[str, ...] = ()
    discontinued: bool = False


def option(product: Product, found: str, look_alike: tuple[str, ...] = ()) -> Option:
    """The product as one that may be meant."""
    return Option(
        product.id, product.name, found, schedule_words(product), look_alike, product.discontinued is True
    )


def named(search: str) -> tuple[Option, ...]:
    """Those whose names fit the words; none for no words."""
    hits = medicine_index().search(search) if search else ()
    return tuple(option(hit.product, "Found by name", hit.look_alike) for hit in hits)
