"""Is this medicine, or this condition, on the list?

A list is a value with its source. A medicine is on it by its product, moiety, ingredient or BNF code, and
taken off it by an ingredient or BNF code that is excepted; a condition by its code in a system that the list
uses, else by its words. Whether a medicine that nobody matched to a product is on a list cannot be told,
unless its words name a substance.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pestle.pharmacy.definition import Source
from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.medicines.concept import Product
from pestle.pharmacy.medicines.substances import Substances
from pestle.pharmacy.record.condition import Condition
from pestle.pharmacy.record.medication import Medication
from pestle.pharmacy.record.observable import folded_words

_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class MedicineList:
    """Medicines by any of: `products` (ids of VMP, AMP or VTM), `ingredients` (stems), `bnf` (prefixes); and
    none that holds an ingredient of `but_not` or has a BNF code of `except_bnf`.

    `routes` and `forms` (in lower case; empty: any) narrow it; `but_not_routes` take off those that have
    no other route. `whole`: every medicine is on it, as when medicines are counted.
    """

    name: str
    title: str
    source: Source
    products: frozenset[str] = _NONE
    ingredients: frozenset[str] = _NONE
    bnf: tuple[str, ...] = ()
    but_not: frozenset[str] = _NONE
    except_bnf: tuple[str, ...] = ()
    routes: frozenset[str] = _NONE
    but_not_routes: frozenset[str] = _NONE
    forms: frozenset[str] = _NONE
    whole: bool = field(default=False)

    def __post_init__(self) -> None:
        if not (self.products or self.ingredients or self.bnf or self.whole):
            raise ValueError("a list of medicines has at least one member")


@dataclass(frozen=True, slots=True)
class ConditionList:
    """Conditions by `codes` (system, code), or by `words` (folded) where no system of the list is used."""

    name: str
    title: str
    source: Source
    codes: frozenset[tuple[str, str]] = frozenset()
    words: frozenset[str] = _NONE

    def __post_init__(self) -> None:
        if not (self.codes or self.words):
            raise ValueError("a list of conditions has at least one member")


def has_medicine(listed: MedicineList, medication: Medication, *, substances: Substances) -> bool | None:
    """Whether a medicine is on the list, by what is known of it; None when that cannot be told."""
    products = medication.products
    if not products:
        return _by_words(listed, medication.written.text, substances)
    on = _on(listed, products, substances)
    if not on:
        return on
    narrowed = _narrowed(listed, products)
    return on if narrowed else narrowed


def has_condition(listed: ConditionList, condition: Condition) -> bool | None:
    """Whether a condition is on the list; None where only its words hold one of the list's."""
    coded = [each for each in (condition.what, *condition.also) if each.system and each.code]
    if any((each.system, each.code) in listed.codes for each in coded):
        return True
    systems = {system for system, _ in listed.codes}
    if any(each.system in systems for each in coded):
        return False
    return _in_words(listed.words, (condition.what, *condition.also))


def _on(listed: MedicineList, products: tuple[Product, ...], substances: Substances) -> bool | None:
    if listed.whole:
        return True
    codes = [each.bnf_code for each in products if each.bnf_code]
    holds = substances.in_products(products)
    if any(code.startswith(listed.except_bnf) for code in codes if listed.except_bnf):
        return False
    if holds is not None and holds & listed.but_not:
        return False
    ids = {id_ for each in products for id_ in (each.id, each.generic_id, each.moiety_id) if id_}
    if ids & listed.products or (holds is not None and holds & listed.ingredients):
        return True
    if listed.bnf and any(code.startswith(listed.bnf) for code in codes):
        return True
    # A list of products alone is complete; one of ingredients or codes needs those of the product.
    if listed.ingredients and holds is not None:
        return False
    if listed.bnf and any(len(code) >= len(max(listed.bnf, key=len)) for code in codes):
        return False
    return None if listed.ingredients or listed.bnf else False


def _narrowed(listed: MedicineList, products: tuple[Product, ...]) -> bool | None:
    """Whether routes and forms are those asked for."""
    answers: list[bool | None] = []
    if listed.routes or listed.but_not_routes:
        routes = next((each.routes for each in products if each.routes), None)
        if routes is None:
            answers.append(None)
        else:
            folded = {route.casefold() for route in routes}
            answers.append(not listed.routes or bool(folded & listed.routes))
            answers.append(not folded <= listed.but_not_routes)
    if listed.forms:
        form = next((each.form for each in products if each.form), None)
        answers.append(None if form is None else form.casefold() in listed.forms)
    if False in answers:
        return False
    return None if None in answers else True


def _by_words(listed: MedicineList, written: str, substances: Substances) -> bool | None:
    phrases, _ = substances.recognise(written, names=_NONE)
    named = substances.all_of(phrases)
    if not named:
        return None
    if named & listed.but_not:
        return False
    if not named & listed.ingredients:
        # What is named is known, and the list knows its ingredients; only codes could still put it there.
        return None if listed.bnf and not listed.ingredients else False
    return None if listed.routes or listed.but_not_routes or listed.forms else True


def _in_words(words: frozenset[str], coded: tuple[Coded, ...]) -> bool | None:
    texts = [folded_words(each.text) for each in coded]
    if any(text in words for text in texts):
        return True
    return None if any(f" {word} " in f" {text} " for text in texts for word in words) else False
