"""Which prescription may be claimed for, until when, and for which month it counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from pestle.pharmacy.dispensary.payment_claim import (
    Answer,
    LineToClaim,
    ToClaim,
    Told,
    amend_refusals,
    claim_refusals,
    month_of_payment,
)

SUPPLIED = date(2026, 11, 3)
DONE = LineToClaim("amoxicillin", final=True, dispensed=True, endorsed=True)
NOT_DONE = LineToClaim("codeine", final=True, dispensed=False, endorsed=True)
OWED = LineToClaim("ramipril", final=False, dispensed=True, endorsed=True)
BARE = replace(DONE, endorsed=False)
READY = ToClaim((DONE, NOT_DONE), (Told(SUPPLIED),), charge_recorded=True)
WITHDRAWN = Told(SUPPLIED, withdrawn=True)
REPEAT = replace(READY, repeat_dispensing=True, signed_on=date(2025, 12, 1))

# the prescription, the day, and why not
TABLE = [
    (READY, date(2026, 11, 3), []),
    (replace(READY, lines=(DONE, OWED)), SUPPLIED, ["claim.not-final"]),
    (replace(READY, lines=(NOT_DONE,)), SUPPLIED, ["claim.nothing-dispensed"]),
    (replace(READY, lines=(BARE, BARE)), SUPPLIED, ["claim.endorsement-missing"] * 2),
    (replace(READY, charge_recorded=False), SUPPLIED, ["claim.exemption-missing"]),
    (replace(READY, told=()), SUPPLIED, ["claim.notification-missing"]),
    (replace(READY, told=(WITHDRAWN,)), SUPPLIED, ["claim.notification-withdrawn"]),
    (replace(READY, told=(WITHDRAWN, Told(SUPPLIED))), SUPPLIED, ["claim.notification-withdrawn"]),
    (replace(READY, told=(Told(SUPPLIED, final=False),)), SUPPLIED, ["claim.notification-not-final"]),
    (replace(READY, told=(Told(SUPPLIED, final=False), Told(SUPPLIED))), SUPPLIED, []),
    (replace(READY, told=(Told(SUPPLIED, answer=Answer.REFUSED),)), SUPPLIED, ["claim.notification-refused"]),
    (replace(READY, told=(Told(SUPPLIED, answer=Answer.ACCEPTED),)), SUPPLIED, []),
    # 180 days from 3 November 2026: 2 May 2027.
    (READY, date(2027, 5, 2), []),
    (READY, date(2027, 5, 3), ["claim.out-of-time"]),
    # What was owed was supplied later, and the days run from then.
    (replace(READY, told=(Told(SUPPLIED), Told(date(2026, 11, 20)))), date(2027, 5, 19), []),
    (REPEAT, date(2026, 12, 1), []),
    (REPEAT, date(2026, 12, 2), ["claim.out-of-time"]),
    (replace(READY, claimed=Answer.NONE), SUPPLIED, ["claim.already-made"]),
    (replace(READY, claimed=Answer.ACCEPTED), SUPPLIED, ["claim.already-made"]),
    (replace(READY, claimed=Answer.REFUSED), SUPPLIED, []),
]


@pytest.mark.parametrize(("prescription", "on", "rules"), TABLE)
def test_why_it_is_not_claimed(prescription: ToClaim, on: date, rules: list[str]) -> None:
    assert [each.rule for each in claim_refusals(prescription, on=on)] == rules


AMEND = [
    (READY, SUPPLIED, ["claim.none-made"]),
    (replace(READY, claimed=Answer.REFUSED), SUPPLIED, ["claim.none-made"]),
    (replace(READY, claimed=Answer.ACCEPTED), date(2026, 12, 5), []),
    (replace(READY, claimed=Answer.NONE), date(2026, 12, 6), ["claim.amended-too-late"]),
    (replace(READY, claimed=Answer.NONE, lines=(BARE,)), SUPPLIED, ["claim.endorsement-missing"]),
]


@pytest.mark.parametrize(("prescription", "on", "rules"), AMEND)
def test_why_its_claim_is_not_amended(prescription: ToClaim, on: date, rules: list[str]) -> None:
    assert [each.rule for each in amend_refusals(prescription, on=on)] == rules


@pytest.mark.parametrize(
    ("supplied", "claimed", "month"),
    [
        (date(2026, 11, 3), date(2026, 11, 3), date(2026, 11, 1)),
        (date(2026, 11, 30), date(2026, 12, 5), date(2026, 11, 1)),
        (date(2026, 11, 30), date(2026, 12, 6), date(2026, 12, 1)),
        (date(2026, 12, 31), date(2027, 1, 5), date(2026, 12, 1)),
        (date(2026, 12, 31), date(2027, 1, 6), date(2027, 1, 1)),
    ],
)
def test_for_which_month_it_counts(supplied: date, claimed: date, month: date) -> None:
    assert month_of_payment(supplied_on=supplied, claimed_on=claimed) == month
