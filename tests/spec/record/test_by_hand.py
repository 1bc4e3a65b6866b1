"""What a person writes down: which words become which result, and which slips are caught."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from tests.facts import SAID

from pestle.definitions import folder
from pestle.pharmacy.definition import load_folders
from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.quantity import Quantity, Unit
from pestle.pharmacy.record import by_hand, observable_definitions
from pestle.pharmacy.record.moment import PartialDate
from pestle.pharmacy.record.observation import Observation
from pestle.pharmacy.refusal import Refused

OBSERVABLES = observable_definitions.read(
    load_folders(folder("observables"), kinds=observable_definitions.KINDS)
)
TODAY = date(2026, 11, 30)


def _write(kind: str, value: str, unit: str = "", taken: str = "2026-11-30") -> Observation:
    return by_hand.observation(
        OBSERVABLES, kind=kind, value=value, unit=unit, taken=taken, on=TODAY, told=SAID, id="x"
    )


@pytest.mark.parametrize(
    ("kind", "value", "unit", "becomes"),
    [
        ("body_weight", "72.5", "kg", Quantity(Decimal("72.5"), Unit("kg"))),
        ("body_weight", "72.5", "", Quantity(Decimal("72.5"), Unit("kg"))),
        ("body_weight", "160", "lb", Quantity(Decimal(160), Unit("lb"))),
        ("creatinine", "88", "", Quantity(Decimal(88), Unit("micromol/L"))),
        ("creatinine", "1.1", "mg/dL", Quantity(Decimal("1.1"), Unit("mg/dL"))),
        ("inr", "2.5", "", Quantity(Decimal("2.5"), Unit("1"))),
        ("pregnancy_status", "not_pregnant", "", Coded("not pregnant")),
    ],
)
def test_what_it_becomes(kind: str, value: str, unit: str, becomes: object) -> None:
    assert _write(kind, value, unit).value == becomes


def test_a_blood_pressure_is_one_result_with_two_values() -> None:
    found = _write("blood_pressure", "142/84")
    assert [getattr(part.value, "value", None) for part in found.components] == [142, 84]


@pytest.mark.parametrize(
    ("kind", "value", "unit", "taken", "rule"),
    [
        ("shoe_size", "42", "", "2026-11-30", "record.kind"),
        ("fbc", "1", "", "2026-11-30", "record.kind"),
        ("body_weight", "seventy", "kg", "2026-11-30", "quantity.not-a-number"),
        ("body_weight", "72,5", "kg", "2026-11-30", "quantity.not-a-number"),
        ("body_weight", "72.5", "mmol/L", "2026-11-30", "record.unit"),
        # Grams as kilograms, and a creatinine in mg/dL where micromol/L is meant.
        ("body_weight", "3500", "kg", "2026-11-30", "record.implausible"),
        ("creatinine", "1.1", "", "2026-11-30", "record.implausible"),
        ("pregnancy_status", "perhaps", "", "2026-11-30", "record.not-an-answer"),
        ("blood_pressure", "142", "", "2026-11-30", "record.blood-pressure"),
        ("blood_pressure", "84/142", "", "2026-11-30", "record.blood-pressure"),
        ("blood_pressure", "142/840", "", "2026-11-30", "record.implausible"),
        ("body_weight", "72.5", "kg", "", "record.no-day"),
        ("body_weight", "72.5", "kg", "2026-12-01", "record.day-ahead"),
        ("body_weight", "72.5", "kg", "30/11/2026", "date.unreadable"),
    ],
)
def test_slips_that_are_caught(kind: str, value: str, unit: str, taken: str, rule: str) -> None:
    with pytest.raises(Refused) as refused:
        _write(kind, value, unit, taken)
    assert refused.value.rule == rule


def test_a_condition_and_a_statement_take_a_year_alone() -> None:
    condition = by_hand.condition(what=" Asthma ", began="2011", note="", on=TODAY, told=SAID, id="x")
    assert (condition.what, condition.onset) == (Coded("Asthma"), PartialDate(2011))
    taken = by_hand.statement(medication=Coded("St John's wort"), starts="", on=TODAY, told=SAID, id="x")
    assert taken.starts is None
    with pytest.raises(Refused) as refused:
        by_hand.condition(what="x", began="", note="", on=TODAY, told=SAID, id="x")
    assert refused.value.rule == "record.no-condition"
    with pytest.raises(Refused) as refused:
        by_hand.statement(medication=Coded(" "), starts="", on=TODAY, told=SAID, id="x")
    assert refused.value.rule == "record.no-medicine"
