"""What holds of every calculator, whatever is entered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pestle.definitions import folder
from pestle.pharmacy.calculators.creatinine_clearance import creatinine_clearance
from pestle.pharmacy.calculators.days_covered import proportion_of_days_covered
from pestle.pharmacy.calculators.doac_dose import dose, read_doac_rules
from pestle.pharmacy.calculators.egfr import egfr
from pestle.pharmacy.calculators.entry import Choice, Day, Input, Name, Number, Rows, YesNo
from pestle.pharmacy.calculators.mean_kinetic_temperature import mean_kinetic_temperature
from pestle.pharmacy.calculators.result import Result, result_json
from pestle.pharmacy.calculators.table import AnyCalculator, read_calculators
from pestle.pharmacy.calculators.units import Scale
from pestle.pharmacy.calculators.weight_dose import weight_dose
from pestle.pharmacy.refusal import Refused

CALCULATORS = read_calculators(folder("calculators"))
RULES = read_doac_rules(folder("calculators") / "doac_af.yaml").rules
DAYS = st.dates(date(2020, 1, 1), date(2026, 12, 31))
# Asked of each calculator or unit: the profile's examples are shared out among them.
FEW = settings(max_examples=max(5, settings().max_examples // 5))
EVERY = pytest.mark.parametrize("name", CALCULATORS)

NUMBERS = [
    (name, number.name)
    for name, one in CALCULATORS.items()
    for number in one.inputs
    if isinstance(number, Number)
]
OTHER_UNITS = [
    (name, number.name, scale.unit)
    for name, one in CALCULATORS.items()
    for number in one.inputs
    if isinstance(number, Number) and not number.whole
    for scale in number.scales[1:]
]

# In range each by itself, and together nothing that the formula holds for.
REFUSED = {
    f"calculator.{rule}"
    for rule in (
        "missing", "out-of-range", "below-ideal", "above-adult-maximum", "too-small", "not-used", "no-factor",
        "no-fill", "period-reversed",
    )
}  # fmt: skip

Entries = dict[str, str | tuple[str, ...]]


def _text(value: Decimal) -> str:
    return f"{value:f}"


def _entry(one: Input) -> st.SearchStrategy[Any]:
    """An answer that is in range, in the input's own unit."""
    if isinstance(one, Number):
        places = 0 if one.whole else 3
        return st.decimals(one.low, min(one.high, Decimal(10000)), places=places).map(_text)
    if isinstance(one, Choice):
        return st.sampled_from(list(one.options))
    if isinstance(one, YesNo):
        return st.sampled_from(["yes", "no"])
    if isinstance(one, Day):
        return DAYS.map(str)
    if isinstance(one, Name):
        return st.sampled_from(["a", "b c"])
    row = st.tuples(*(_entry(column) for column in one.columns)).map(" = ".join)
    return st.lists(row, min_size=1, max_size=4).map(tuple)


def _entries(calculator: AnyCalculator) -> st.SearchStrategy[Entries]:
    return st.fixed_dictionaries({one.name: _entry(one) for one in calculator.inputs})


def _outcome(calculator: AnyCalculator, entries: Mapping[str, str | tuple[str, ...]]) -> Result | str:
    try:
        return calculator.calculate(entries)
    except Refused as refused:
        return refused.rule


def _rules(
    calculator: AnyCalculator, entries: Mapping[str, str | tuple[str, ...]]
) -> set[tuple[str, str | None]]:
    try:
        calculator.calculate(entries)
    except Refused as refused:
        return {(one.rule, one.place) for one in refused.refusals}
    return set()


@EVERY
@FEW
@given(st.data())
def test_what_is_in_range_has_an_answer_or_a_named_refusal(name: str, data: st.DataObject) -> None:
    calculator = CALCULATORS[name]
    entries = data.draw(_entries(calculator))
    found = _outcome(calculator, entries)
    if isinstance(found, str):
        assert found in REFUSED
        return
    assert found.answer
    assert found.formula
    assert found.source
    assert {one.label for one in found.used} <= {one.label for one in calculator.inputs}
    assert "E+" not in str(result_json(found))


@EVERY
@FEW
@given(st.data())
def test_what_is_not_entered_is_missing_and_never_nothing(name: str, data: st.DataObject) -> None:
    calculator = CALCULATORS[name]
    entries = data.draw(_entries(calculator))
    wanted = [one for one in calculator.inputs if not one.optional and not getattr(one, "default", None)]
    left_out = data.draw(st.sampled_from(wanted))
    blank = data.draw(st.sampled_from([None, "", "  "]))
    given_ = {name: text for name, text in entries.items() if name != left_out.name}
    if blank is not None:
        given_[left_out.name] = blank
    with pytest.raises(Refused) as refused:
        calculator.calculate(given_)
    assert ("calculator.missing", left_out.name) in {(one.rule, one.place) for one in refused.value.refusals}


@pytest.mark.parametrize(("calculator", "one", "other"), OTHER_UNITS, ids=str)
@FEW
@given(st.data())
def test_the_unit_of_entry_never_changes_the_result(
    calculator: str, one: str, other: str, data: st.DataObject
) -> None:
    asked = CALCULATORS[calculator]
    number = next(each for each in asked.inputs if isinstance(each, Number) and each.name == one)
    scale = number.scale(other)
    assert scale is not None
    entries = data.draw(_entries(asked))
    # A value in range, written in the other unit; in the first unit it may have no end: 30 digits are enough.
    inside = Fraction(data.draw(st.decimals(number.low, number.high, places=3)))
    value = Decimal(round((inside - scale.offset) / scale.factor * 1000)) / 1000
    base = scale.convert(value)
    assume(number.low <= base <= number.high)
    first = _outcome(asked, {**entries, one: f"{_text(value)} {other}"})
    second = _outcome(asked, {**entries, one: _text(base)[:38]})
    if isinstance(first, str) or isinstance(second, str):
        assert first == second
    else:
        assert first.answer == second.answer


@pytest.mark.parametrize(("calculator", "one"), NUMBERS, ids=str)
def test_beyond_its_range_a_figure_is_refused_by_name(calculator: str, one: str) -> None:
    asked = CALCULATORS[calculator]
    number = next(each for each in asked.inputs if isinstance(each, Number) and each.name == one)
    for beyond in (number.low - Decimal("0.0001"), number.high + Decimal("0.0001")):
        found = _rules(asked, {one: _text(beyond)})
        assert ("calculator.out-of-range", one) in found
    for inside in (number.low, number.high):
        assert one not in {place for _, place in _rules(asked, {one: _text(inside)})}


@EVERY
@FEW
@given(text=st.text(max_size=60), data=st.data())
def test_any_text_is_an_answer_or_refused(name: str, text: str, data: st.DataObject) -> None:
    calculator = CALCULATORS[name]
    one = data.draw(st.sampled_from(calculator.inputs))
    found = _rules(calculator, {one.name: (text,) if isinstance(one, Rows) else text})
    assert all(rule.startswith("calculator.") for rule, _ in found)


ADULT = {
    "age_years": st.integers(18, 120).map(Decimal),
    "sex": st.sampled_from(["female", "male"]),
    "creatinine_umol_l": st.integers(20, 2000).map(Decimal),
}
WEIGHTS = st.integers(25, 350).map(Decimal)


@given(**ADULT, weight_kg=WEIGHTS, constants=st.sampled_from(["uk", "us"]), worse=st.integers(0, 500))
def test_a_better_creatinine_never_lowers_the_clearance(
    age_years: Decimal, sex: Any, creatinine_umol_l: Decimal, weight_kg: Decimal, constants: Any, worse: int
) -> None:
    assume(creatinine_umol_l + worse <= 2000)
    better, other = (
        _number(creatinine_clearance(age_years=age_years, sex=sex, creatinine_umol_l=one, weight_kg=weight_kg,
                                     constants=constants, weight_used="actual"))
        for one in (creatinine_umol_l, creatinine_umol_l + worse)
    )  # fmt: skip
    assert better >= other > 0


@given(**ADULT, equation=st.sampled_from(["ckd-epi-2009", "ckd-epi-2021"]), older=st.integers(0, 60))
def test_egfr_falls_with_age_and_creatinine_and_is_what_floats_say(
    age_years: Decimal, sex: Any, creatinine_umol_l: Decimal, equation: Any, older: int
) -> None:
    assume(age_years + older <= 120)
    young, old = (
        _number(egfr(age_years=one, sex=sex, creatinine_umol_l=creatinine_umol_l, equation=equation))
        for one in (age_years, age_years + older)
    )
    assert young >= old > 0
    # The obvious twin, in binary fractions.
    kappa, year = (0.7 if sex == "female" else 0.9), equation[-4:]
    alpha = {"2009": (-0.329, -0.411), "2021": (-0.241, -0.302)}[year][sex == "male"]
    constant, beta, per_year, female = {
        "2009": (141, -1.209, 0.993, 1.018), "2021": (142, -1.2, 0.9938, 1.012),
    }[year]  # fmt: skip
    ratio = float(creatinine_umol_l) / 88.4 / kappa
    twin = constant * min(ratio, 1) ** alpha * max(ratio, 1) ** beta * per_year ** float(age_years)
    assert float(young) == pytest.approx(twin * (female if sex == "female" else 1), rel=1e-9)


@given(
    mg_kg=st.decimals(Decimal("0.01"), Decimal(100), places=2),
    kg=st.decimals(Decimal("0.4"), Decimal(150), places=1),
    most=st.decimals(Decimal(1), Decimal(5000), places=0),
    strength=st.decimals(Decimal(1), Decimal(500), places=0),
    volume=st.decimals(Decimal(1), Decimal(10), places=0),
    measure=st.sampled_from(["0.01 mL", "0.05 mL", "0.1 mL", "0.2 mL", "0.25 mL", "0.5 mL", "1 mL",
                             "tablet", "half tablet", "quarter tablet"]),
)  # fmt: skip
def test_what_is_measured_can_be_and_is_never_above_the_adult_maximum(
    mg_kg: Decimal, kg: Decimal, most: Decimal, strength: Decimal, volume: Decimal, measure: Any
) -> None:
    step = {"tablet": Fraction(1), "half tablet": Fraction(1, 2), "quarter tablet": Fraction(1, 4)}.get(
        measure
    )
    step = step or Fraction(measure.removesuffix(" mL"))
    liquid = measure.endswith("mL")
    try:
        found = weight_dose(dose_mg_kg=mg_kg, weight_kg=kg, adult_maximum_mg=most, strength_mg=strength,
                            measure=measure, strength_in_ml=volume if liquid else None)  # fmt: skip
    except Refused as refused:
        rule = refused.rule
    else:
        rule = ""
    above = Fraction(mg_kg) * Fraction(kg) > Fraction(most)
    assert above == (rule == "calculator.above-adult-maximum")
    if rule:
        assert above or rule == "calculator.too-small"
        return
    amount = Fraction(_number(found))
    mg = amount * Fraction(strength) / (Fraction(volume) if liquid else 1)
    exact = Fraction(mg_kg) * Fraction(kg) * (Fraction(volume) if liquid else 1) / Fraction(strength)
    assert amount > 0
    assert (amount / step).denominator == 1
    assert mg <= Fraction(most)
    assert abs(amount - exact) <= step


@given(
    rule=st.sampled_from(list(RULES.values())),
    clearance=st.integers(1, 94).map(Decimal),
    better=st.integers(0, 93).map(Decimal),
    age=st.integers(18, 100).map(Decimal),
    weight=WEIGHTS,
    takes=st.frozensets(st.sampled_from(["verapamil", "p-gp"])),
)
def test_better_kidneys_never_lower_a_doac_dose(
    rule: Any, clearance: Decimal, better: Decimal, age: Decimal, weight: Decimal, takes: frozenset[str]
) -> None:
    """Up to 94: above 95 one rule has an upper bound."""
    assume(clearance + better <= 94)
    rank = {"calculator.not-used": 0, rule.reduced: 1, rule.usual: 2}

    def at(rate: Decimal) -> int:
        try:
            return rank[
                dose(rule, clearance_ml_min=rate, age_years=age, weight_kg=weight,
                     creatinine_umol_l=Decimal(100), takes=takes).answer
            ]  # fmt: skip
        except Refused as refused:
            return rank[refused.rule]

    assert at(clearance + better) >= at(clearance)


@given(st.lists(st.integers(-500, 600).map(lambda tenths: Decimal(tenths) / 10), min_size=1, max_size=8))
def test_the_kinetic_mean_lies_between_the_arithmetic_one_and_the_highest(readings: list[Decimal]) -> None:
    found = mean_kinetic_temperature(
        temperature=tuple((one,) for one in readings), delta_h_kj_mol=Decimal("83.144")
    )
    kinetic, slack = _number(found), Decimal("1e-20")
    assert found.also[0].quantity.value - slack <= kinetic <= max(readings) + slack


@given(st.lists(st.tuples(DAYS, st.integers(1, 60).map(Decimal)), min_size=1, max_size=6), DAYS)
def test_covered_days_lie_inside_the_period(fills: list[Any], end: date) -> None:
    start = min(day for day, _ in fills)
    assume(start <= end)
    found = proportion_of_days_covered(fill=tuple(fills), start=start, end=end, counted_from="start",
                                       early_fills="carried")  # fmt: skip
    assert 0 < _number(found) <= 1


@given(st.decimals(Decimal("0.001"), Decimal(10**6), places=3), st.data())
def test_a_conversion_is_exact(value: Decimal, data: st.DataObject) -> None:
    scales: list[Scale] = [
        scale for one in CALCULATORS.values() for number in one.inputs if isinstance(number, Number)
        for scale in number.scales
    ]  # fmt: skip
    scale = data.draw(st.sampled_from(scales))
    exact = Fraction(value) * scale.factor + scale.offset
    assert abs(Fraction(scale.convert(value)) - exact) <= abs(exact) / 10**33


def _number(found: Result) -> Decimal:
    assert found.figure is not None
    return found.figure.quantity.value
