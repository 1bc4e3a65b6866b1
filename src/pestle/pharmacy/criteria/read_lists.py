"""Which medicines or conditions does a list in a definition hold?

Kinds: medicine_list (``codelists/medicines``), condition_list (``codelists/conditions``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from pestle.pharmacy import definition as d
from pestle.pharmacy.criteria.lists import ConditionList, MedicineList
from pestle.pharmacy.definition import Definition
from pestle.pharmacy.medicines.dictionary import Dictionary
from pestle.pharmacy.medicines.medicine_class import WHICH, Classes
from pestle.pharmacy.quantity import SNOMED
from pestle.pharmacy.record.observable import folded_words

LISTED = WHICH | {"products", "bnf", "except_bnf"}
_WORDS_OF = ("routes", "but_not_routes", "forms", "but_not_forms")
NARROWED = frozenset({*_WORDS_OF, "systemic"})
KINDS = {
    "medicine_list": LISTED | NARROWED,
    "condition_list": frozenset({"snomed", "some_codes", "words"}),
}


def listed(
    file: Definition, classes: Classes, local_routes: Iterable[str], dictionary: Dictionary | None
) -> MedicineList:
    """The medicines of a definition, or of a small list where it is used.

    An id that the dictionary has replaced since brings what replaced it: the record of a patient has the id
    of today, and a list that of the day it was published.
    """
    products = frozenset(d.texts(file, "products", empty=True))
    later = (each for id_ in products for each in dictionary.replaced(id_)) if dictionary else ()
    by_substance = any(name in file.body for name in ("ingredients", "classes"))
    try:
        whole = MedicineList(
            name=file.name,
            title=file.title,
            source=file.source,
            products=products,
            successors=frozenset(later) - products,
            ingredients=classes.meant(file) if by_substance else frozenset(),
            bnf=d.texts(file, "bnf", empty=True),
            but_not=classes.substances.all_of(d.texts(file, "but_not", empty=True)),
            except_bnf=d.texts(file, "except_bnf", empty=True),
        )
    except ValueError as error:
        raise d.wrong(file, "ingredients", f"or classes, products or bnf: {error}") from None
    return narrowed(whole, file, local_routes)


def narrowed(whole: MedicineList, by: Definition, local_routes: Iterable[str]) -> MedicineList:
    """The list with the routes and forms that stand beside it, where any do."""
    narrower = {
        name: frozenset(word.casefold() for word in d.texts(by, name))
        for name in _WORDS_OF
        if name in by.body
    }
    if d.flag(by, "systemic"):
        narrower["but_not_routes"] = narrower.get("but_not_routes", whole.but_not_routes) | frozenset(
            local_routes
        )
    return replace(whole, **narrower) if narrower else whole  # type: ignore[arg-type]


def conditions(file: Definition) -> ConditionList:
    """The conditions of a definition."""
    codes = frozenset((SNOMED, code) for code in d.texts(file, "snomed", empty=True))
    words = frozenset(map(folded_words, d.texts(file, "words", empty=True)))
    try:
        return ConditionList(
            file.name, file.title, file.source, codes, words, some_codes=d.flag(file, "some_codes")
        )
    except ValueError as error:
        raise d.wrong(file, "words", f"or snomed: {error}") from None
