"""The table of calculators: its names, its data, its JSON, and old values."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from pestle.definitions import folder
from pestle.pharmacy.calculators.creatinine_clearance import creatinine_clearance
from pestle.pharmacy.calculators.precision import rounded, shown
from pestle.pharmacy.calculators.result import result_json
from pestle.pharmacy.calculators.table import calculator_of, read_calculators
from pestle.pharmacy.refusal import Refused

CALCULATORS = read_calculators(folder("calculators"))
ENTERED = {"age": "61", "sex": "female", "weight": "150 lb", "creatinine": "98"}


def test_names_are_words_with_hyphens_and_everything_is_said() -> None:
    for name, one in CALCULATORS.items():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)
        assert one.title
        assert one.says.endswith(".")
        assert one.source.title
        names = [each.name for each in one.inputs]
        assert len(set(names)) == len(names)
        assert len({each.argument for each in one.inputs}) == len(names)


def test_an_unknown_calculator_is_refused_with_those_there_are() -> None:
    with pytest.raises(Refused) as refused:
        calculator_of(CALCULATORS, "qrisk3")
    assert refused.value.rule == "calculator.unknown"
    assert "news2" in (refused.value.refusals[0].way_out or "")


def test_everything_wrong_is_said_at_once() -> None:
    with pytest.raises(Refused) as refused:
        creatinine_clearance.calculate({"age": "x", "weight": "5", "colour": "red"})
    assert [(one.rule, one.place) for one in refused.value.refusals] == [
        ("calculator.not-asked", "colour"),
        ("calculator.not-a-number", "age"),
        ("calculator.missing", "sex"),
        ("calculator.out-of-range", "weight"),
        ("calculator.missing", "creatinine"),
    ]


def test_arguments_and_entries_give_the_same_result() -> None:
    entered = creatinine_clearance.calculate(ENTERED)
    called = creatinine_clearance(
        age_years=Decimal(61),
        sex="female",
        weight_kg=Decimal("68.0388555"),
        creatinine_umol_l=Decimal(98),
        constants="uk",
        weight_used="actual",
    )
    assert (entered.figure, entered.formula) == (called.figure, called.formula)
    assert entered.used[2].value == "150 lb (68.0389 kg)"
    assert called.used[2].value == "68.0389 kg"


def test_an_argument_out_of_range_is_refused_and_a_float_is_an_error() -> None:
    wrong = {"age_years": Decimal(12), "sex": "female", "weight_kg": Decimal(60),
             "creatinine_umol_l": Decimal(98), "constants": "uk", "weight_used": "actual"}  # fmt: skip
    with pytest.raises(Refused) as refused:
        creatinine_clearance(**wrong)  # type: ignore[arg-type]
    assert refused.value.rule == "calculator.out-of-range"
    with pytest.raises(TypeError):
        creatinine_clearance(**{**wrong, "age_years": 61.0})  # type: ignore[arg-type]


def test_a_value_of_more_than_a_year_ago_is_used_and_said() -> None:
    taken = {"weight": date(2019, 3, 12), "creatinine": date(2026, 11, 1)}
    found = creatinine_clearance.calculate(ENTERED, taken=taken, on=date(2026, 11, 22))
    assert found.warnings == ("Weight is from 12-Mar-2019, more than a year ago.",)
    assert found.used[2].value == "150 lb (68.0389 kg), of 12-Mar-2019"


def test_json_keeps_numbers_as_text() -> None:
    answer = result_json(creatinine_clearance.calculate({**ENTERED, "weight": "72"}))
    assert answer["figure"] == {
        "value": "60.4", "exact": "60.36244897959183673469387755", "unit": "mL/min",
    }  # fmt: skip
    assert answer["formula"] == "(140 − 61) × 72 × 1.04 ÷ 98"
    assert answer["warnings"] == []
    assert answer["source"] == {"title": "Cockcroft DW, Gault MH. Nephron 1976;16:31-41", "verified": False}


@pytest.mark.parametrize(
    ("value", "places", "expected"),
    [("0.5", 0, "1"), ("2.5", 0, "3"), ("-0.04", 1, "0.0"), ("81.45", 1, "81.5"), ("1E+3", 0, "1000")],
)
def test_rounding_is_half_up(value: str, places: int, expected: str) -> None:
    assert f"{rounded(Decimal(value), places):f}" == expected


def test_numbers_are_shown_plainly() -> None:
    assert [shown(Decimal(one)) for one in ("1E+3", "0.50", "0.00004", "12345.67891")] == [
        "1,000", "0.5", "0", "12,345.6789",
    ]  # fmt: skip


def test_a_number_in_the_data_that_is_none_is_refused(tmp_path: Path) -> None:
    for path in folder("calculators").glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        (tmp_path / path.name).write_text(text.replace("mg: 20}", "mg: twenty}"), encoding="utf-8")
    with pytest.raises(Refused) as refused:
        read_calculators(tmp_path)
    assert refused.value.rule == "definition.wrong-value"
    assert "steroids.yaml" in str(refused.value)
