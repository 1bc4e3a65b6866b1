"""Is this medicine, or this condition, on the list?

A list is a value with its source. A medicine is on it by its product, moiety, ingredient or BNF code, and
taken off it by an ingredient or BNF code that is excepted; a condition by its code in a system of which the
list has all codes, else by a code or its words. Whether a medicine that nobody matched to a product is on a
list cannot be told, unless its words name a substance.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pestle.pharmacy.definition import Source
from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.medicines.substances import Substances
from pestle.pharmacy.record.condition import Condition
from pestle.pharmacy.record.medication import Medication, dictionary_id
from pestle.pharmacy.record.observable import folded_words

_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class MedicineList:
    """Medicines by any of: `products` (ids of VMP, AMP or VTM), `ingredients` (stems), `bnf` (prefixes); and
    none that holds an ingredient of `but_not` or has a BNF code of `except_bnf`.

    `products` are as the list was written. `successors` are what has replaced some of them since, by the
    dictionary the list was read with; `ids` are both.
    `routes` and `forms` (in lower case; empty: any) narrow it; `but_not_routes` take off those that have
    no other route, `but_not_forms` those of these forms. `whole`: every medicine is on it, as when medicines
    are counted.
    """

    name: str
    title: str
    source: Source
    products: frozenset[str] = _NONE
    successors: frozenset[str] = _NONE
    ingredients: frozenset[str] = _NONE
    bnf: tuple[str, ...] = ()
    but_not: frozenset[str] = _NONE
    except_bnf: tuple[str, ...] = ()
    routes: frozenset[str] = _NONE
    but_not_routes: frozenset[str] = _NONE
    forms: frozenset[str] = _NONE
    but_not_forms: frozenset[str] = _NONE
    whole: bool = False
    ids: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not (self.products or self.ingredients or self.bnf or self.whole):
            raise ValueError("a list of medicines has at least one member")
        object.__setattr__(self, "ids", self.products | self.successors)


@dataclass(frozen=True, slots=True)
class ConditionList:
    """Conditions by `codes` (system, code), or by `words` (folded) where no system of the list is used.

    `some_codes`: its codes are some of those there are, so that a condition with another code is judged by
    its words too.
    """

    name: str
    title: str
    source: Source
    codes: frozenset[tuple[str, str]] = frozenset()
    words: frozenset[str] = _NONE
    some_codes: bool = False
    systems: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not (self.codes or self.words):
            raise ValueError("a list of conditions has at least one member")
        if self.some_codes and not (self.codes and self.words):
            raise ValueError("a list that has some of the codes has words for the others")
        whole = () if self.some_codes else self.codes
        object.__setattr__(self, "systems", frozenset(system for system, _ in whole))


@dataclass(frozen=True, slots=True)
class Described:
    """What is known of a medicine, made ready once to be held against many lists.

    `holds` are its substances, None when not known: `named` are then those that its words name. `routes` and
    `form` are in lower case.
    """

    matched: bool
    ids: frozenset[str]
    codes: tuple[str, ...]
    holds: frozenset[str] | None
    named: frozenset[str]
    routes: frozenset[str] | None
    form: str | None


def described(medication: Medication, *, substances: Substances) -> Described:
    """What is known of a medicine."""
    products = medication.products
    written = dictionary_id(medication.written)
    ids = {id_ for each in products for id_ in (each.id, each.generic_id, each.moiety_id) if id_}
    routes = next((each.routes for each in products if each.routes), None)
    form = next((each.form for each in products if each.form), None)
    holds = substances.in_products(products)
    return Described(
        matched=bool(products),
        ids=frozenset(ids | {written} if written else ids),
        codes=tuple(each.bnf_code for each in products if each.bnf_code),
        holds=holds,
        named=substances.in_words(medication.written.text) if holds is None else _NONE,
        routes=None if routes is None else frozenset(route.casefold() for route in routes),
        form=form.casefold() if form else None,
    )


def has_medicine(listed: MedicineList, medicine: Described) -> bool | None:
    """Whether a medicine is on the list, by what is known of it; None when that cannot be told."""
    if not medicine.matched:
        # The dictionary in use need not hold every product whose id somebody wrote.
        on = _by_id(listed, medicine.ids)
        if on is None:
            return _by_words(listed, medicine.named)
    else:
        on = _on(listed, medicine)
    if not on:
        return on
    narrowed = _narrowed(listed, medicine)
    return on if narrowed else narrowed


def has_condition(listed: ConditionList, condition: Condition) -> bool | None:
    """Whether a condition is on the list; None where only its words hold one of the list's."""
    return is_listed(listed, (condition.what, *condition.also))


def is_listed(listed: ConditionList, means: tuple[Coded, ...]) -> bool | None:
    """The same, of what a condition is called: its code, and the others for the same words."""
    coded = [each for each in means if each.system and each.code]
    if any((each.system, each.code) in listed.codes for each in coded):
        return True
    if any(each.system in listed.systems for each in coded):
        return False
    return _in_words(listed.words, means)


def _by_id(listed: MedicineList, ids: frozenset[str]) -> bool | None:
    """Whether a product of which only the id is known is on a list of products."""
    if not ids.isdisjoint(listed.ids):
        return True
    products_alone = not (listed.ingredients or listed.bnf or listed.whole)
    return False if ids and products_alone else None


def _on(listed: MedicineList, medicine: Described) -> bool | None:
    holds, codes = medicine.holds, medicine.codes
    if listed.except_bnf and any(code.startswith(listed.except_bnf) for code in codes):
        return False
    if holds is not None and not holds.isdisjoint(listed.but_not):
        return False
    if listed.whole or not medicine.ids.isdisjoint(listed.ids):
        return True
    if holds is not None and not holds.isdisjoint(listed.ingredients):
        return True
    if listed.bnf and any(code.startswith(listed.bnf) for code in codes):
        return True
    # A list of products alone is complete; one of ingredients or codes needs those of the product.
    if listed.ingredients and holds is not None:
        return False
    if listed.bnf and any(len(code) >= len(max(listed.bnf, key=len)) for code in codes):
        return False
    return None if listed.ingredients or listed.bnf else False


def _narrowed(listed: MedicineList, medicine: Described) -> bool | None:
    """Whether routes and form are those asked for."""
    answers: list[bool | None] = []
    if listed.routes or listed.but_not_routes:
        if medicine.routes is None:
            answers.append(None)
        else:
            answers.append(not listed.routes or not medicine.routes.isdisjoint(listed.routes))
            answers.append(not medicine.routes <= listed.but_not_routes)
    if listed.forms or listed.but_not_forms:
        if medicine.form is None:
            answers.append(None)
        else:
            answers.append(not listed.forms or medicine.form in listed.forms)
            answers.append(medicine.form not in listed.but_not_forms)
    if False in answers:
        return False
    return None if None in answers else True


def _by_words(listed: MedicineList, named: frozenset[str]) -> bool | None:
    if not named:
        return None
    if named & listed.but_not:
        return False
    if not (listed.whole or named & listed.ingredients):
        # What is named is known, and the list knows its ingredients; only codes could still put it there.
        return None if listed.bnf and not listed.ingredients else False
    narrowed = listed.routes or listed.but_not_routes or listed.forms or listed.but_not_forms
    return None if narrowed else True


def _in_words(words: frozenset[str], coded: tuple[Coded, ...]) -> bool | None:
    texts = [folded_words(each.text) for each in coded]
    if any(text in words for text in texts):
        return True
    return None if any(f" {word} " in f" {text} " for text in texts for word in words) else False
