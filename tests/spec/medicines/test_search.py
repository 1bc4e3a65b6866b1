"""What a technician types, and which product has to come first. A search offers; it never chooses."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pestle.definitions import folder
from pestle.pharmacy.medicines.concept import Level
from pestle.pharmacy.medicines.dictionary import Dictionary, read
from pestle.pharmacy.medicines.search import Index

FORMULARY = read(folder("formulary"))
INDEX = Index(FORMULARY)

# typed | the first offered
FIRST = """
amlodipine 5mg tablets     | Amlodipine 5mg tablets
amlod 5                    | Amlodipine 5mg tablets
istin                      | Istin 5mg tablets
furosmide 40               | Furosemide 40mg tablets
frusemide 40               | Furosemide 40mg tablets
amoxycillin 250 caps       | Amoxicillin 250mg capsules
cocodamol 30/500           | Co-codamol 30mg/500mg tablets
morphine 10 mr             | Morphine 10mg modified-release tablets
levothyroxin 25mcg         | Levothyroxine sodium 25microgram tablets
diclofenac ec 50           | Diclofenac sodium 50mg gastro-resistant tablets
bisoprolol 1.25            | Bisoprolol 1.25mg tablets
nystatin 100,000           | Nystatin 100,000units/ml oral suspension
salbutmol                  | Salbutamol 100micrograms/dose inhaler CFC free
prednisolne 5              | Prednisolone 5mg tablets
lyrica 75                  | Lyrica 75mg capsules
nizoral                    | Nizoral 2% cream
LOSARTAN  50MG             | Losartan 50mg tablets
qwertyuiop                 |
                           |
"""


@pytest.mark.parametrize(
    ("typed", "first"),
    [[cell.strip() for cell in line.split("|")] for line in FIRST.strip("\n").splitlines()],
)
def test_the_first_offer(typed: str, first: str) -> None:
    hits = INDEX.search(typed)
    assert (hits[0].product.name if hits else "") == first


def test_a_brand_is_offered_with_its_generic_and_a_generic_with_its_brand() -> None:
    assert "Amlodipine 5mg tablets" in {hit.product.name for hit in INDEX.search("istin 5")}
    assert "Istin 5mg tablets" in {hit.product.name for hit in INDEX.search("amlodipine 5")}


def test_part_of_a_word_finds_every_name_with_it() -> None:
    assert {"Ramipril", "Lisinopril", "Captopril"} <= {
        hit.product.moiety for hit in INDEX.search("pril", limit=500)
    }


def test_a_name_near_another_carries_a_warning() -> None:
    assert INDEX.search("amlodipine")[0].look_alike == ("Felodipine",)
    assert INDEX.search("furosemide")[0].look_alike == ()


def test_what_is_discontinued_comes_last_however_well_it_fits() -> None:
    stopped = [
        replace(product, discontinued=True) if product.name == "Amlodipine 5mg tablets" else product
        for product in FORMULARY.products()
    ]
    index = Index(Dictionary(release=FORMULARY.release, products=stopped))
    assert index.search("amlodipine 5mg tablets", limit=100)[-1].product.name == "Amlodipine 5mg tablets"


def test_no_more_than_asked_for_and_the_best_first() -> None:
    hits = INDEX.search("amoxicillin", limit=3)
    assert len(hits) == 3
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert all(0 <= hit.score <= 100 for hit in hits)


def test_a_makers_product_that_has_only_its_generics_name_is_found_with_the_generic() -> None:
    generic = next(one for one in FORMULARY.products() if one.name == "Amlodipine 5mg tablets")
    made = [
        replace(generic, id=f"example-{at}", level=Level.AMP, generic_id=generic.id, maker=f"Maker {at}")
        for at in range(40)
    ]
    known = Dictionary(release=FORMULARY.release, products=[*FORMULARY.products(), *made])
    found = [hit.product.id for hit in Index(known).search("amlodipine 5")]
    assert found == [hit.product.id for hit in INDEX.search("amlodipine 5")]
    assert len(known.brands(generic.id)) == 41
