"""Is this product as good as that one? As many "no" as "yes", and what a person may lift.

Where the starter formulary has no such pair, the second product is an invented brand, marked so.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from pestle.definitions import folder
from pestle.pharmacy.medicines.concept import Level, Product
from pestle.pharmacy.medicines.dictionary import Dictionary, read
from pestle.pharmacy.medicines.equivalence import Equivalent, Kind, alternatives, equivalent, read_bars
from pestle.pharmacy.refusal import Refusal

STARTER = read(folder("formulary"))
BARS = read_bars(folder("equivalence"))
INVENTED = {
    "Examplon XL 10mg": "Morphine 10mg modified-release tablets",
    "Examplin 200mg": "Carbamazepine 200mg tablets",
    "Examplol 100": "Salbutamol 100micrograms/dose inhaler CFC free",
    "Examplium 10mg": "Omeprazole 10mg gastro-resistant capsules",
}


def _dictionary() -> Dictionary:
    known = {product.name: product for product in STARTER.products()}
    brands = [
        replace(
            known[generic], id=f"example-{name}", level=Level.AMP, name=name, generic_id=known[generic].id
        )
        for name, generic in INVENTED.items()
    ]
    return Dictionary(release=STARTER.release, products=[*known.values(), *brands])


DICTIONARY = _dictionary()
BY_NAME = {product.name: product for product in DICTIONARY.products()}

# one | the other | equivalent in what, empty for not at all | why not | lifted by a person
CASES = """
Amlodipine 5mg tablets         | Amlodipine 5mg tablets            | SAME        | |
Amlodipine 5mg tablets         | Istin 5mg tablets                 | OTHER_BRAND | |
Lyrica 75mg capsules           | Alzain 75mg capsules              | OTHER_BRAND | |
Omeprazole 10mg gastro-resistant capsules | Examplium 10mg         | OTHER_BRAND | |
Ramipril 5mg capsules          | Ramipril 5mg tablets              | OTHER_FORM  | |
Paracetamol 500mg tablets      | Paracetamol 500mg soluble tablets | OTHER_FORM  | |
Morphine 10mg modified-release tablets | Examplon XL 10mg | OTHER_BRAND | | modified-release
Carbamazepine 200mg tablets    | Examplin 200mg | OTHER_BRAND | | narrow-therapeutic-index
Salbutamol 100micrograms/dose inhaler CFC free | Examplol 100 | OTHER_BRAND | | inhaler-device
Omeprazole 10mg gastro-resistant capsules | Omeprazole 10mg gastro-resistant tablets | OTHER_FORM | | gastro-resistant
Amlodipine 5mg tablets         | Amlodipine 10mg tablets           | | other-strength |
Amlodipine 5mg tablets         | Istin 10mg tablets                | | other-strength |
Amlodipine 5mg tablets         | Amlodipine 5mg/5ml oral solution  | | other-strength |
Amlodipine 5mg tablets         | Ramipril 5mg tablets              | | other-medicine |
Amlodipine 5mg tablets         | Nizoral 2% cream                  | | brand-unknown |
Diclofenac potassium 50mg tablets | Diclofenac sodium 50mg gastro-resistant tablets | | other-medicine |
Morphine 10mg modified-release tablets | Examplon XL 10mg | | modified-release |
Morphine 10mg modified-release tablets | Examplon XL 10mg | | modified-release | inhaler-device
Carbamazepine 200mg tablets    | Examplin 200mg                    | | narrow-therapeutic-index |
Salbutamol 100micrograms/dose inhaler CFC free | Examplol 100      | | inhaler-device |
Omeprazole 10mg gastro-resistant capsules | Omeprazole 10mg gastro-resistant tablets | | gastro-resistant |
"""  # noqa: E501


@pytest.mark.parametrize(
    ("one", "other", "kind", "why", "lifted"),
    [[cell.strip() for cell in line.split("|")] for line in CASES.strip("\n").splitlines()],
)
def test_is_it_equivalent(one: str, other: str, kind: str, why: str, lifted: str) -> None:
    for first, second in ((one, other), (other, one)):
        answer = equivalent(
            BY_NAME[first], BY_NAME[second], dictionary=DICTIONARY, bars=BARS, lifted=lifted.split()
        )
        if kind:
            assert answer == Equivalent(Kind[kind], tuple(lifted.split()))
        else:
            assert isinstance(answer, Refusal)
            assert answer.rule == f"equivalence.{why}"
            assert answer.way_out


@pytest.mark.parametrize(
    ("moiety", "bar"),
    [
        ("Insulin glargine", "biologic"),
        ("Infliximab", "biologic"),
        ("Etanercept", "biologic"),
        ("Peginterferon alfa-2a", "biologic"),
        ("Heparinoid", ""),
        ("Amlodipine", ""),
        ("Digoxin specific antibody", ""),
        ("Theophylline + Ephedrine", "narrow-therapeutic-index"),
    ],
)
def test_what_a_bar_holds_for(moiety: str, bar: str) -> None:
    product = Product("1", Level.VMP, f"{moiety} 1mg", moiety=moiety)
    assert [each.name for each in BARS if each.holds_for(product)] == ([bar] if bar else [])


def test_one_moiety_with_another_salt_or_with_something_unknown_is_not_equivalent() -> None:
    capsule, tablet = BY_NAME["Ramipril 5mg capsules"], BY_NAME["Ramipril 5mg tablets"]
    assert tablet.ingredients
    salt = replace(tablet, ingredients=(replace(tablet.ingredients[0], name="Ramipril arginine"),))
    weak = replace(tablet, ingredients=(replace(tablet.ingredients[0], strength=None),))
    cases = {
        "other-salt": salt,
        "not-known": replace(tablet, routes=None),
        "other-route": replace(tablet, routes=("Rectal",)),
        "other-strength": weak,
    }
    for rule, product in cases.items():
        answer = equivalent(capsule, replace(product, id="1"), dictionary=DICTIONARY, bars=BARS)
        assert isinstance(answer, Refusal)
        assert answer.rule == f"equivalence.{rule}"


def test_an_id_of_long_ago_is_followed_step_by_step() -> None:
    today = BY_NAME["Ramipril 5mg tablets"]
    chain = {"1": "2", "2": "3", "3": today.id}
    dictionary = Dictionary(release=STARTER.release, products=[today], superseded=chain)
    for old in ("1", "2", "3"):
        answer = equivalent(replace(today, id=old), today, dictionary=dictionary, bars=BARS)
        assert answer == Equivalent(Kind.SAME)


# of | what is equivalent to it: name, in what, and the bars that a person would have to lift
ALTERNATIVES = """
Ramipril 5mg capsules | Tritace 5mg capsules: brand; Ramipril 5mg tablets: form
Istin 5mg tablets     | Amlodipine 5mg tablets: brand
Warfarin 1mg tablets  | Marevan 1mg tablets: brand, narrow-therapeutic-index
Examplin 200mg        | Carbamazepine 200mg tablets: brand, narrow-therapeutic-index
Nizoral 2% cream      |
"""


@pytest.mark.parametrize(
    ("of", "wanted"),
    [[cell.strip() for cell in line.split("|")] for line in ALTERNATIVES.strip("\n").splitlines()],
)
def test_what_else_there_is(of: str, wanted: str) -> None:
    found = {
        one.product.name: ", ".join([{"OTHER_BRAND": "brand", "OTHER_FORM": "form"}[one.kind.name],
                                     *(bar.name for bar in one.bars)])
        for one in alternatives(BY_NAME[of], dictionary=DICTIONARY, bars=BARS)
    }  # fmt: skip
    assert found == dict(each.split(": ") for each in wanted.split("; ") if each)


def test_what_else_there_is_agrees_with_asking_of_every_product_at_once() -> None:
    every = tuple(DICTIONARY.products())
    names = {bar.name for bar in BARS}
    generic = {product.id: product.level is Level.VMP for product in every}
    for product in every[::40]:
        answers = {
            other.id: equivalent(product, other, dictionary=DICTIONARY, bars=BARS, lifted=names)
            for other in every
        }
        slowly = {
            id_
            for id_, answer in answers.items()
            if isinstance(answer, Equivalent)
            and (answer.kind is Kind.OTHER_BRAND or (answer.kind is Kind.OTHER_FORM and generic[id_]))
        }
        found = {one.product.id for one in alternatives(product, dictionary=DICTIONARY, bars=BARS)}
        assert found == slowly, product.name
