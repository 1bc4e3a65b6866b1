"""Which category of controlled drug, and who says so. Unknown is an answer, and never "not controlled"."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pestle.definitions import folder
from pestle.pharmacy.medicines.concept import ControlledDrugCategory as Category
from pestle.pharmacy.medicines.concept import Ingredient, Level, Product
from pestle.pharmacy.medicines.controlled import ControlledList, Preparation, Substance, with_category
from pestle.pharmacy.medicines.dictionary import read
from pestle.pharmacy.medicines.formulary import strength

FORMULARY = read(folder("formulary"))
BY_NAME = {product.name: product for product in FORMULARY.products()}

# product | schedule: 2 to 5, "none" for not controlled, "?" for unknown | who says so
CASES = """
Morphine 10mg modified-release tablets          | 2    | EPS prescription message
Morphine 15mg modified-release tablets          | 2    | Morphine
Fentanyl 25micrograms/hour transdermal patches  | 2    | Fentanyl
Durogesic DTrans 50micrograms/hour transdermal patches | 2 | Fentanyl
Pregabalin 300mg capsules                       | 3    | Pregabalin
Lyrica 75mg capsules                            | 3    | Pregabalin
Temazepam 10mg tablets                          | 3    | Temazepam
Diazepam 2mg tablets                            | 4    | Diazepam
Zopiclone 7.5mg tablets                         | 4    | Zopiclone
Co-codamol 30mg/500mg tablets                   | 5    | Codeine
Amlodipine 5mg tablets                          | none | no ingredient is listed
Istin 5mg tablets                               | none | no ingredient is listed
Co-amilofruse 5mg/40mg tablets                  | none | dm+d CONTROL_INFO
Nizoral 2% cream                                | ?    |
"""


@pytest.mark.parametrize(
    ("name", "schedule", "by"),
    [[cell.strip() for cell in line.split("|")] for line in CASES.strip().splitlines()],
)
def test_the_category_of_a_product_of_the_formulary(name: str, schedule: str, by: str) -> None:
    if name not in BY_NAME:
        pytest.fail(f"{name} is not in the formulary")
    product = BY_NAME[name]
    said = "?" if product.controlled is None else str(product.controlled.schedule or "none")
    assert said == schedule
    assert by in product.controlled_source
    assert bool(product.controlled_source) == (product.controlled is not None)


def test_what_comes_from_an_unverified_list_says_so() -> None:
    assert "(unverified)" in BY_NAME["Diazepam 2mg tablets"].controlled_source


LIST = ControlledList(
    "A list",
    "unverified",
    (
        Substance(
            "Morphine",
            Category.SCHEDULE_2,
            (Preparation(("oral solution",), Category.SCHEDULE_5, strength("10 mg / 5 ml", place="")),),
        ),
        Substance("Tramadol", Category.SCHEDULE_3_EXEMPT_SAFE_CUSTODY),
    ),
    complete=True,
)


def _product(*ingredients: str, form: str | None = "Oral solution") -> Product:
    parts = [each.split(" = ") for each in ingredients]
    return Product(
        "1", Level.VMP, "A medicine", form=form,
        ingredients=tuple(
            Ingredient(part[0], strength=strength(part[1], place="") if part[1:] else None) for part in parts
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("product", "category"),
    [
        (_product("Morphine = 10 mg / 5 ml"), Category.SCHEDULE_5),
        (_product("Morphine = 2 mg / 1 ml"), Category.SCHEDULE_5),
        (_product("Morphine = 20 mg / 1 ml"), Category.SCHEDULE_2),
        (_product("Morphine sulfate = 10 mg / 1 tablet", form="Tablet"), Category.SCHEDULE_2),
        (_product("Morphine"), None),
        (_product("Morphine = 1 gram / 1 litre"), None),
        (_product("Morphine = 10 mg / 5 ml", form=None), None),
        (_product("Apomorphine"), Category.NONE),
        (_product("Paracetamol", "Tramadol"), Category.SCHEDULE_3_EXEMPT_SAFE_CUSTODY),
        (_product("Tramadol", "Morphine = 20 mg / 1 ml"), Category.SCHEDULE_2),
        (replace(_product(), ingredients=None), None),
    ],
)
def test_the_rule(product: Product, category: Category | None) -> None:
    assert with_category(product, LIST).controlled is category


def test_a_list_that_is_not_complete_never_says_that_something_is_not_controlled() -> None:
    assert with_category(_product("Paracetamol"), replace(LIST, complete=False)).controlled is None


def test_the_dictionary_itself_comes_before_the_list() -> None:
    stated = replace(_product("Tramadol"), controlled=Category.NONE, controlled_source="dm+d")
    assert with_category(stated, LIST) is stated
