"""May this pack go into this line, and how much of it? What is in the hand, and what comes of it."""

from __future__ import annotations

from datetime import date

import pytest
from tests.spec.dispensary.medicines import (
    BRAND,
    BRAND_28,
    DICTIONARY,
    LINCTUS,
    LINCTUS_100,
    OTHER_BRAND,
    SOMNOL,
    SOMNOL_10,
    SOMNOL_10_28,
    SOMNOL_28,
    SOMNOL_UNSAID,
    SOMNOL_WHOLE,
)

from pestle.pharmacy.dispensary.picking import PackInHand, Taken, take
from pestle.pharmacy.medicines.concept import Pack, Product
from pestle.pharmacy.medicines.expiry import expiry
from pestle.pharmacy.refusal import Refused

TODAY = date(2027, 3, 15)


def _take(
    pack: Pack,
    *,
    prescribed: Product = SOMNOL,
    wanted: int = 28,
    held: int = 1_000_000,
    printed: str = "2028-01",
    recall: str | None = None,
) -> Taken:
    product = DICTIONARY.product(pack.product_id)
    assert product is not None
    hand = PackInHand(pack, product, "B1", expiry(printed), held, recall)
    return take(hand, prescribed=prescribed, wanted=wanted, dictionary=DICTIONARY, on=TODAY)


# pack, wanted and held in base units (millilitres in thousandths), taken, a part pack?
HOW_MUCH = [
    (SOMNOL_28, 28, 28, 28, False),
    (SOMNOL_28, 29, 28, 28, False),
    (SOMNOL_28, 56, 1000, 28, False),
    (SOMNOL_28, 27, 28, 27, True),
    (SOMNOL_28, 1, 1, 1, True),
    (SOMNOL_WHOLE, 30, 30, 30, False),
    (SOMNOL_WHOLE, 60, 60, 30, False),
    (SOMNOL_UNSAID, 10, 56, 10, True),
    (BRAND_28, 28, 28, 28, False),
    (LINCTUS_100, 100_000, 100_000, 100_000, False),
    (LINCTUS_100, 2_500, 100_000, 2_500, True),
]


@pytest.mark.parametrize(("pack", "wanted", "held", "amount", "split"), HOW_MUCH)
def test_how_much_is_taken(pack: Pack, wanted: int, held: int, amount: int, split: bool) -> None:
    prescribed = LINCTUS if pack is LINCTUS_100 else SOMNOL
    assert _take(pack, prescribed=prescribed, wanted=wanted, held=held) == Taken(amount, split)


# pack, prescribed, wanted, held, printed expiry, recall -> every reason
REFUSED = [
    (SOMNOL_10_28, SOMNOL, 28, 28, "2028-01", None, ["equivalence.other-medicine"]),
    (LINCTUS_100, SOMNOL, 28, 28, "2028-01", None, ["equivalence.other-medicine"]),
    (SOMNOL_28, BRAND, 28, 28, "2028-01", None, ["equivalence.brand-only"]),
    (BRAND_28, OTHER_BRAND, 28, 28, "2028-01", None, ["equivalence.brand-only"]),
    (SOMNOL_28, SOMNOL, 0, 28, "2028-01", None, ["pick.line-complete"]),
    (SOMNOL_28, SOMNOL, -5, 28, "2028-01", None, ["pick.line-complete"]),
    (SOMNOL_28, SOMNOL, 28, 28, "2027-03-14", None, ["pick.expired"]),
    (SOMNOL_28, SOMNOL, 28, 28, "2027-02", None, ["pick.expired"]),
    (SOMNOL_28, SOMNOL, 28, 28, "2028-01", "EL(27)A/05", ["pick.recalled"]),
    (SOMNOL_28, SOMNOL, 28, 0, "2028-01", None, ["stock.not-in-stock"]),
    (SOMNOL_28, SOMNOL, 28, 27, "2028-01", None, ["stock.not-in-stock"]),
    (SOMNOL_28, SOMNOL, 10, 9, "2028-01", None, ["stock.not-in-stock"]),
    (SOMNOL_WHOLE, SOMNOL, 29, 30, "2028-01", None, ["pick.must-not-be-split"]),
    (SOMNOL_WHOLE, SOMNOL, 1, 30, "2028-01", None, ["pick.must-not-be-split"]),
    # Everything that is wrong is said at once.
    (SOMNOL_WHOLE, SOMNOL, 29, 0, "2026-12", "EL(27)A/05",
     ["pick.expired", "pick.recalled", "pick.must-not-be-split", "stock.not-in-stock"]),
    # But what is wrong with another medicine's pack is no matter.
    (SOMNOL_10_28, SOMNOL, 0, 0, "2026-12", "EL(27)A/05", ["equivalence.other-medicine"]),
]  # fmt: skip


@pytest.mark.parametrize(("pack", "prescribed", "wanted", "held", "printed", "recall", "rules"), REFUSED)
def test_what_is_refused_by_name(
    pack: Pack,
    prescribed: Product,
    wanted: int,
    held: int,
    printed: str,
    recall: str | None,
    rules: list[str],
) -> None:
    with pytest.raises(Refused) as refused:
        _take(pack, prescribed=prescribed, wanted=wanted, held=held, printed=printed, recall=recall)
    found = [each.rule for each in refused.value.refusals]
    if rules == ["equivalence.other-medicine"]:
        assert len(found) == 1
        assert found[0] in (
            "equivalence.other-medicine",
            "equivalence.other-strength",
            "equivalence.other-form",
        )
    else:
        assert found == rules


# printed on the pack -> usable on 15 March 2027?
EXPIRY = [
    ("2027-03-15", True),
    ("2027-03-14", False),
    ("2027-03-16", True),
    ("2027-03", True),
    ("2027-02", False),
    ("2027-04", True),
    ("2027-03-31", True),
]


@pytest.mark.parametrize(("printed", "usable"), EXPIRY)
def test_a_pack_may_be_used_on_its_last_day_and_a_month_to_its_end(printed: str, usable: bool) -> None:
    if usable:
        assert _take(SOMNOL_28, printed=printed).amount == 28
    else:
        with pytest.raises(Refused) as refused:
            _take(SOMNOL_28, printed=printed)
        assert refused.value.rule == "pick.expired"


def test_a_refusal_says_the_amounts_in_words() -> None:
    with pytest.raises(Refused) as refused:
        _take(LINCTUS_100, prescribed=LINCTUS, wanted=150_000, held=2_500)
    assert refused.value.refusals[0].reason == ("100 ml wanted, and the shelf holds 2.5 ml of this batch")
    with pytest.raises(Refused) as refused:
        _take(SOMNOL_28, wanted=1, held=0)
    assert refused.value.refusals[0].reason == (
        "1 tablet wanted, and the shelf holds 0 tablets of this batch"
    )
    assert SOMNOL_10.name not in str(refused.value)
