"""What a bag label says, and what it refuses to be."""

import pytest

from pestle.pharmacy.documents.bag import BagLabel
from pestle.pharmacy.record.patient import Address, Name
from pestle.pharmacy.refusal import Refused

JANE = Name("Smith", ("Jane",), "Mrs")


def test_the_postcode_comes_last_and_empty_lines_are_left_out() -> None:
    label = BagLabel(JANE, Address(("12 Mill Lane", "", "Otley"), "LS21 3AB"), 2, "PESTLE:BAG:7", "B 14")
    assert label.address_lines == ("12 Mill Lane", "Otley", "LS21 3AB")
    assert label.contents == "2 prescriptions"
    cold = BagLabel(JANE, None, 1, "PESTLE:BAG:7-FRIDGE", part="Fridge part")
    assert cold.contents == "Fridge part of 1 prescription"


@pytest.mark.parametrize("address", [None, Address(()), Address(("", " "), "")])
def test_an_unknown_address_is_said(address: Address | None) -> None:
    assert BagLabel(JANE, address, 1, "PESTLE:BAG:7").address_lines == ("Address not known",)


def test_everything_that_is_missing_is_named_at_once() -> None:
    with pytest.raises(Refused) as refused:
        BagLabel(Name(""), None, 0, " ", marks=("FRIDGE\u200b",))
    assert [r.rule for r in refused.value.refusals] == [
        "bag.no-patient-name",
        "bag.no-prescriptions",
        "bag.no-code",
        "bag.invisible-character",
    ]
