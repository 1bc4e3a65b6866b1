"""Which pack may go into a bag for which prescription (UK primary care)."""

from __future__ import annotations

import pytest

from pestle.definitions import folder
from pestle.pharmacy.medicines.concept import Product
from pestle.pharmacy.medicines.dictionary import read
from pestle.pharmacy.medicines.equivalence import may_supply

FORMULARY = read(folder("formulary"))
BY_NAME = {product.name: product for product in FORMULARY.products()}

# prescribed | in the hand | refusal, empty where it may be supplied
CASES = """
Amlodipine 5mg tablets         | Amlodipine 5mg tablets                          |
Amlodipine 5mg tablets         | Istin 5mg tablets                               |
Istin 5mg tablets              | Istin 5mg tablets                               |
Istin 5mg tablets              | Amlodipine 5mg tablets                          | equivalence.brand-only
Pregabalin 75mg capsules       | Lyrica 75mg capsules                            |
Lyrica 75mg capsules           | Alzain 75mg capsules                            | equivalence.brand-only
Amlodipine 5mg tablets         | Amlodipine 10mg tablets                         | equivalence.other-strength
Amlodipine 5mg tablets         | Istin 10mg tablets                              | equivalence.other-strength
Istin 5mg tablets              | Istin 10mg tablets                              | equivalence.other-strength
Ramipril 5mg capsules          | Ramipril 5mg tablets                            | equivalence.other-form
Diclofenac potassium 50mg tablets | Amlodipine 5mg tablets              | equivalence.other-medicine
Amlodipine 5mg tablets         | Felodipine 5mg modified-release tablets         | equivalence.other-medicine
Amlodipine 5mg tablets         | Nizoral 2% cream                                | equivalence.brand-unknown
Nizoral 2% cream               | Nizoral 2% cream                                |
Nizoral 2% cream               | Amlodipine 5mg tablets                          | equivalence.other-medicine
"""


@pytest.mark.parametrize(
    ("prescribed", "hand", "rule"),
    [[cell.strip() for cell in line.split("|")] for line in CASES.strip("\n").splitlines()],
)
def test_may_this_be_supplied(prescribed: str, hand: str, rule: str) -> None:
    refusal = may_supply(BY_NAME[prescribed], BY_NAME[hand], FORMULARY)
    assert (refusal.rule if refusal else "") == rule


def test_the_sentence_says_what_is_in_the_hand_and_what_was_prescribed() -> None:
    refusal = may_supply(BY_NAME["Co-codamol 30mg/500mg tablets"], BY_NAME["Istin 5mg tablets"], FORMULARY)
    assert refusal is not None
    assert refusal.reason == "This is Istin 5mg tablets; the prescription says co-codamol 30mg/500mg tablets"


def test_an_id_of_yesterday_is_the_same_product() -> None:
    today = BY_NAME["Furosemide 40mg tablets"]
    yesterday = Product("317972000", today.level, today.name)
    assert FORMULARY.current(yesterday.id) == today.id
    assert may_supply(yesterday, today, FORMULARY) is None
