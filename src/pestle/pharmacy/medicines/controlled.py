"""Is this product a controlled drug, and who says so?

What the dictionary or a message states of a product is taken as it is. Otherwise a list of substances
answers, ingredient by ingredient, and the strictest decides. "Not controlled" is an answer too: it is given
only when every ingredient is known, none is listed, and the list claims to be complete. Everything else is
unknown, and the answer names its list and whether anybody verified it.

Source: Misuse of Drugs Regulations 2001 (SI 2001/3998), Schedules 2 to 5; categories of dm+d
CONTROL_DRUG_CATEGORY.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pestle.pharmacy.medicines.concept import ControlledDrugCategory, Ingredient, Product
from pestle.pharmacy.medicines.formulary import category, listed, strength, text
from pestle.pharmacy.quantity import Ratio
from pestle.pharmacy.refusal import refuse


@dataclass(frozen=True, slots=True)
class Preparation:
    """A preparation that is in another category: these forms, and up to `at_most` where it is given."""

    forms: tuple[str, ...]
    category: ControlledDrugCategory
    at_most: Ratio | None = None


@dataclass(frozen=True, slots=True)
class Substance:
    """One listed substance, with whatever is named after it: "Codeine" is also "Codeine phosphate"."""

    name: str
    category: ControlledDrugCategory
    exceptions: tuple[Preparation, ...] = ()


@dataclass(frozen=True, slots=True)
class ControlledList:
    """The substances that are controlled. `complete`: what is not listed is not controlled."""

    title: str
    status: str
    substances: tuple[Substance, ...]
    complete: bool = False


def controlled_list(path: Path, head: Mapping[str, Any]) -> ControlledList:
    """The list in a definition of kind `controlled`.

    Raises `Refused`: ``definition.missing-field``, ``definition.wrong-value``.
    """
    found = []
    for number, row in enumerate(listed(head, "substances", place=path.name), start=1):
        place = f"{path.name}, substance {number}"
        if not isinstance(row, dict):
            raise refuse("definition.wrong-value", "is not a substance", place=place)
        found.append(
            Substance(
                text(row, "name", place=place),
                category(text(row, "category", place=place), place=f"{place}, category"),
                tuple(
                    _preparation(each, place=f"{place}, except")
                    for each in (listed(row, "except", place=place) if "except" in row else [])
                ),
            )
        )
    complete = head.get("complete")
    if not isinstance(complete, bool):
        raise refuse("definition.wrong-value", "says neither true nor false", place=f"{path.name}, complete")
    return ControlledList(str(head["title"]), str(head["status"]), tuple(found), complete)


def with_category(product: Product, listing: ControlledList) -> Product:
    """The product with its category and who says so, as far as either is known."""
    if product.controlled is not None or product.ingredients is None:
        return product
    by = f"{listing.title} ({listing.status})"
    answers = []
    for ingredient in product.ingredients:
        substance = _listed(ingredient, listing)
        if substance is None:
            continue
        answer = _of(substance, ingredient, product.form)
        if answer is None:
            return product
        answers.append((answer.schedule or 9, answer, substance.name))
    if answers:
        _, strictest, name = min(answers, key=lambda each: each[0])
        return replace(product, controlled=strictest, controlled_source=f"{by}: {name}")
    if not listing.complete:
        return product
    return replace(
        product, controlled=ControlledDrugCategory.NONE, controlled_source=f"{by}: no ingredient is listed"
    )


def _listed(ingredient: Ingredient, listing: ControlledList) -> Substance | None:
    name = ingredient.name.casefold()
    for substance in listing.substances:
        known = substance.name.casefold()
        if name == known or name.startswith(f"{known} "):
            return substance
    return None


def _of(substance: Substance, ingredient: Ingredient, form: str | None) -> ControlledDrugCategory | None:
    """The category of this preparation; None when an exception may hold and nobody can tell."""
    for exception in substance.exceptions:
        if form is None:
            return None
        if not form.casefold().endswith(exception.forms):
            continue
        if exception.at_most is None:
            return exception.category
        weaker = _at_most(ingredient.strength, exception.at_most)
        if weaker is None:
            return None
        if weaker:
            return exception.category
    return substance.category


def _at_most(strength: Ratio | None, limit: Ratio) -> bool | None:
    """Whether the strength is within the limit; None when it is unknown or in other units."""
    if strength is None:
        return None
    if strength.numerator.unit != limit.numerator.unit or strength.denominator.unit != limit.denominator.unit:
        return None
    return (
        strength.numerator.value * limit.denominator.value
        <= limit.numerator.value * strength.denominator.value
    )


def _preparation(row: Any, *, place: str) -> Preparation:
    if not isinstance(row, dict):
        raise refuse("definition.wrong-value", "is not an exception", place=place)
    limit = row.get("at_most")
    return Preparation(
        tuple(str(form).casefold() for form in listed(row, "forms", place=place)),
        category(text(row, "category", place=place), place=f"{place}, category"),
        strength(text(row, "at_most", place=place), place=f"{place}, at_most") if limit is not None else None,
    )
