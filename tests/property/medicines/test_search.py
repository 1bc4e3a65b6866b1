"""Whatever is typed, a search answers; and any product's own name finds it first."""

from __future__ import annotations

import re

from hypothesis import given, strategies

from pestle.definitions import folder
from pestle.pharmacy.medicines.concept import Product
from pestle.pharmacy.medicines.dictionary import read
from pestle.pharmacy.medicines.search import Index

FORMULARY = read(folder("formulary"))
INDEX = Index(FORMULARY)
PRODUCTS = tuple(FORMULARY.products())


@given(strategies.text(max_size=60), strategies.integers(0, 30))
def test_any_text_is_answered(typed: str, limit: int) -> None:
    hits = INDEX.search(typed, limit)
    assert len(hits) <= limit
    assert len({hit.product.id for hit in hits}) == len(hits)


@given(strategies.sampled_from(PRODUCTS))
def test_a_products_own_name_finds_it(product: Product) -> None:
    assert product in [hit.product for hit in INDEX.search(product.name, limit=3)]


LONG = [product for product in PRODUCTS if re.match(r"[^\W\d_]{7,}\b(?!-)", product.name)]


@given(strategies.sampled_from(LONG), strategies.data())
def test_one_wrong_letter_in_a_long_name_still_finds_it(
    product: Product, data: strategies.DataObject
) -> None:
    first = product.name.split()[0]
    place = data.draw(strategies.integers(1, len(first) - 1))
    wrong = first[:place] + "x" + first[place + 1 :]
    assert product in [hit.product for hit in INDEX.search(wrong, limit=len(PRODUCTS))]
