"""How much morphine by mouth does one unit of this product come to?

A unit is what prescribing data count: a tablet, a millilitre, a patch, an ampoule. Kind: morphine_equivalents
(``measures/prescribing/lists/*.yaml``); its factors stand beside those of the table of opioid factors that
the calculator has, so that no factor is written twice. An opioid of which the strength, the route or the
factor by that route is not known comes to nobody knows how much, and never to nothing.

Source: the definition's own, after OpenPrescribing's measure of oral morphine equivalents.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from pestle.pharmacy import definition as d
from pestle.pharmacy.calculators.opioid_equivalence import opioid_factors
from pestle.pharmacy.definition import Definition, Definitions
from pestle.pharmacy.dosage.units import MASS, VOLUME, unit_word
from pestle.pharmacy.medicines.concept import Ingredient, Product
from pestle.pharmacy.medicines.substances import Substances
from pestle.pharmacy.quantity import Quantity

KINDS = {"morphine_equivalents": frozenset({"table", "routes", "injected", "factors", "worn"})}
INJECTION = "injection"
_IN = {"mg a day": Fraction(1), "micrograms an hour": Fraction(1000, 24)}
_HOUR = "hour"
_MG = Fraction(MASS["milligram"])


@dataclass(frozen=True, slots=True)
class Equivalents:
    """mg of morphine by mouth for one mg, by substance and route; how long a patch is worn.

    `routes`: the dictionary's route (in lower case) to that of the factors. What has one of the words
    `injected` in its form is by injection. `worn` are hours, by substance and micrograms an hour (None: any).
    """

    name: str
    factors: Mapping[tuple[str, str], Fraction]
    routes: Mapping[str, str]
    injected: tuple[str, ...]
    worn: Mapping[tuple[str, Fraction | None], int]

    def opioids(self, product: Product, substances: Substances) -> tuple[tuple[str, Ingredient], ...]:
        """The ingredients that have a factor by any route, each after its substance."""
        named = ((substances.stem(each.name), each) for each in product.ingredients or ())
        known = {substance for substance, _ in self.factors}
        return tuple(pair for pair in named if pair[0] in known)


def per_unit(equivalents: Equivalents, product: Product, substances: Substances) -> Fraction | None:
    """mg of morphine by mouth for one unit of the product: zero of no opioid, None where nobody knows."""
    if product.ingredients is None:
        return None
    total = Fraction(0)
    for substance, ingredient in equivalents.opioids(product, substances):
        factor = _factor(equivalents, substance, product)
        amount = _milligrams(equivalents, substance, ingredient, product)
        if factor is None or amount is None:
            return None
        total += factor * amount
    return total


def _factor(equivalents: Equivalents, substance: str, product: Product) -> Fraction | None:
    """The one factor by all the routes of the product; None where they differ or one has none."""
    form = (product.form or "").casefold()
    if any(word in form for word in equivalents.injected):
        routes: set[str | None] = {INJECTION}
    else:
        routes = {equivalents.routes.get(route.casefold()) for route in product.routes or ()}
    found = {equivalents.factors.get((substance, route)) if route else None for route in routes}
    return found.pop() if len(found) == 1 else None


def _milligrams(
    equivalents: Equivalents, substance: str, ingredient: Ingredient, product: Product
) -> Fraction | None:
    """mg of the substance in one unit of the product."""
    strength, counted_in = ingredient.strength, product.base_unit
    amount = _in(strength.numerator, MASS) if strength else None
    if strength is None or amount is None or counted_in is None:
        return None
    each = amount / Fraction(strength.denominator.value)
    if strength.denominator.unit.text.casefold() == _HOUR:
        micrograms = each / Fraction(MASS["microgram"])
        hours = equivalents.worn.get((substance, micrograms)) or equivalents.worn.get((substance, None))
        return each / _MG * hours if hours is not None else None
    if strength.denominator.unit == counted_in.unit:
        return each / _MG
    # So much in a volume, of what is counted in another unit of volume, or in ampoules of one.
    volume = _in(Quantity(Decimal(1), counted_in.unit), VOLUME)
    if volume is None and product.unit_dose is not None:
        volume = _in(product.unit_dose, VOLUME)
    below = _in(strength.denominator, VOLUME)
    return amount / below * volume / _MG if below and volume is not None else None


def _in(quantity: Quantity, scale: Mapping[str, Decimal]) -> Fraction | None:
    """In the smallest unit of the scale; None where its unit is none of it."""
    size = scale.get(unit_word(quantity.unit.text) or "")
    return Fraction(quantity.value) * Fraction(size) if size is not None else None


def read(files: Definitions) -> Mapping[str, Equivalents]:
    """The equivalents of these definitions, by name."""
    tables = {table.country: table for table in map(opioid_factors, files.of("opioid_factors"))}
    found = {}
    for file in files.of("morphine_equivalents"):
        table = d.choice(file, "table", tables)
        factors = {
            (one.medicine, one.route): Fraction(one.factor) * _IN[one.unit] for one in table.factors.values()
        }
        found[file.name] = Equivalents(
            name=file.name,
            factors={**factors, **dict(_own(file))},
            routes={word: route for route, words in d.word_lists(file, "routes").items() for word in words},
            injected=d.texts(file, "injected"),
            worn=dict(_worn(file)),
        )
    return found


def _own(file: Definition) -> Iterator[tuple[tuple[str, str], Fraction]]:
    for entry in d.entries(file, "factors"):
        for route in entry.body.keys() - {"medicine"}:
            yield (d.text(entry, "medicine"), route), d.exact(entry, route)


def _worn(file: Definition) -> Iterator[tuple[tuple[str, Fraction | None], int]]:
    for entry in d.entries(file, "worn", fields=frozenset({"medicine", "of", "hours"})):
        medicine, hours = d.text(entry, "medicine"), d.number(entry, "hours")
        strengths = d.texts(entry, "of", empty=True)
        for strength in strengths or (None,):
            yield (medicine, Fraction(strength) if strength else None), hours
