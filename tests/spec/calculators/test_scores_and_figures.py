"""Scores, blood, weight, supply, use, storage: small tables worked out by hand."""

from __future__ import annotations

import pytest
from tests.spec.calculators.table import answer, ask, rows

WELL = {"respiration": "16", "spo2": "97", "scale": "1", "oxygen": "no", "systolic": "120", "pulse": "75",
        "consciousness": "A", "temperature": "37.0"}  # fmt: skip
# one measurement changed -> points, response. The edges of every band.
NEWS2 = """
respiration: 8    | 3 | Low to medium
respiration: 9    | 1 | Low risk
respiration: 11   | 1 | Low risk
respiration: 12   | 0 | Low risk
respiration: 20   | 0 | Low risk
respiration: 21   | 2 | Low risk
respiration: 24   | 2 | Low risk
respiration: 25   | 3 | Low to medium
spo2: 91          | 3 | Low to medium
spo2: 92          | 2 | Low risk
spo2: 93          | 2 | Low risk
spo2: 94          | 1 | Low risk
spo2: 95          | 1 | Low risk
spo2: 96          | 0 | Low risk
spo2: 83, scale: 2 | 3 | Low to medium
spo2: 84, scale: 2 | 2 | Low risk
spo2: 86, scale: 2 | 1 | Low risk
spo2: 88, scale: 2 | 0 | Low risk
# on air any saturation of 93 and over is 0 on scale 2; on oxygen too much is as bad as too little
spo2: 97, scale: 2 | 0 | Low risk
spo2: 92, scale: 2, oxygen: yes | 2 | Low risk
spo2: 93, scale: 2, oxygen: yes | 3 | Low risk
spo2: 95, scale: 2, oxygen: yes | 4 | Low risk
spo2: 97, scale: 2, oxygen: yes | 5 | Medium
oxygen: yes       | 2 | Low risk
systolic: 90      | 3 | Low to medium
systolic: 100     | 2 | Low risk
systolic: 110     | 1 | Low risk
systolic: 111     | 0 | Low risk
systolic: 219     | 0 | Low risk
systolic: 220     | 3 | Low to medium
pulse: 40         | 3 | Low to medium
pulse: 50         | 1 | Low risk
pulse: 51         | 0 | Low risk
pulse: 90         | 0 | Low risk
pulse: 91         | 1 | Low risk
pulse: 110        | 1 | Low risk
pulse: 130        | 2 | Low risk
pulse: 131        | 3 | Low to medium
consciousness: C  | 3 | Low to medium
temperature: 35.0 | 3 | Low to medium
temperature: 35.1 | 1 | Low risk
temperature: 36.0 | 1 | Low risk
temperature: 36.1 | 0 | Low risk
temperature: 38.0 | 0 | Low risk
temperature: 100.4 °F | 0 | Low risk
temperature: 38.1 | 1 | Low risk
temperature: 39.0 | 1 | Low risk
temperature: 39.1 | 2 | Low risk
consciousness: V, temperature: 39.1 | 5 | Medium
consciousness: U, systolic: 80, pulse: 131 | 9 | High
"""


@pytest.mark.parametrize(("changed", "points", "response"), rows(NEWS2))
def test_news2(changed: str, points: str, response: str) -> None:
    entered = {**WELL, **dict(part.strip().split(": ") for part in changed.split(","))}
    found = ask("news2", ", ".join(f"{name}: {value}" for name, value in entered.items()))
    assert found.figure is not None
    assert str(found.figure.quantity.value) == points
    assert found.meaning.startswith(response)


def test_news2_names_what_counts_and_wants_everything() -> None:
    entered = ", ".join(f"{name}: {value}" for name, value in {**WELL, "pulse": "120", "spo2": "95"}.items())
    assert ask("news2", entered).formula == "SpO2 scale 1 1 + pulse 2"
    assert answer("news2", "respiration: 16") == "calculator.missing (spo2)"


NONE = "heart-failure: no, hypertension: no, diabetes: no, stroke: no, vascular: no"
CHA2DS2_VASC = f"""
age: 64, sex: male, {NONE}   | 0 points
age: 64, sex: female, {NONE} | 1 point
age: 65, sex: male, {NONE}   | 1 point
age: 74, sex: male, {NONE}   | 1 point
age: 75, sex: male, {NONE}   | 2 points
age: 75, sex: female, {NONE.replace("no", "yes")} | 9 points
age: 64, sex: male           | calculator.missing (heart-failure)
"""


@pytest.mark.parametrize(("entered", "expected"), rows(CHA2DS2_VASC))
def test_cha2ds2_vasc(entered: str, expected: str) -> None:
    assert answer("cha2ds2-vasc", entered) == expected


ORBIT = """
age: 74, anaemia: no, bleeding: no, egfr-below-60: no, antiplatelet: no     | 0 | Low
age: 75, anaemia: no, bleeding: no, egfr-below-60: yes, antiplatelet: no    | 2 | Low
age: 75, anaemia: yes, bleeding: no, egfr-below-60: no, antiplatelet: no    | 3 | Medium
age: 75, anaemia: yes, bleeding: yes, egfr-below-60: yes, antiplatelet: yes | 7 | High
"""


@pytest.mark.parametrize(("entered", "points", "band"), rows(ORBIT))
def test_orbit(entered: str, points: str, band: str) -> None:
    found = ask("orbit", entered)
    assert found.answer.startswith(points)
    assert found.meaning == f"{band} risk of bleeding"


FIGURES = """
ideal-body-weight    | sex: male, height: 180                              | 75 kg
ideal-body-weight    | sex: female, height: 60 in                          | 45.5 kg
ideal-body-weight    | sex: female, height: 59 in                          | calculator.out-of-range (height)
adjusted-body-weight | sex: male, height: 180, weight: 120                 | 93 kg
adjusted-body-weight | sex: male, height: 180, weight: 60                  | calculator.below-ideal (weight)
body-mass-index      | weight: 81, height: 1.8 m                           | 25 kg/m²
body-surface-area    | height: 160, weight: 90                             | 2 m²
corrected-calcium    | calcium: 2.2, albumin: 30                           | 2.4 mmol/L
corrected-calcium    | calcium: 2.2, albumin: 40                           | 2.2 mmol/L
corrected-calcium    | calcium: 8 mg/dL, albumin: 3 g/dL, convention: us   | 8.8 mg/dL
corrected-calcium    | calcium: 2.2                                        | calculator.missing (albumin)
hba1c                | hba1c: 48                                           | 48 mmol/mol = 6.5 %
hba1c                | hba1c: 6.5 %                                        | 48 mmol/mol = 6.5 %
hba1c                | hba1c: 53                                           | 53 mmol/mol = 7 %
hba1c                | hba1c: 6.5                                          | calculator.out-of-range (hba1c)
defined-daily-doses  | amount: 28 g, ddd: 500 mg                           | 56 DDD
ddd-rate             | ddds: 3650, days: 365, people: 1000                 | 0.01 DDD a person a day
days-of-therapy      | agent: vancomycin = 10; meropenem = 7, patient-days: 850 | 20 days for 1,000 patient days
mean-kinetic-temperature | temperature: 25; 25; 77 °F                      | 25 °C
anticholinergic-burden | scale: aec, medicine: a = 3; b = 1                | 4 points on AEC (Bishara 2017)
anticholinergic-burden | scale: aec, medicine: a = 3; b = not-listed       | at least 3 points on AEC (Bishara 2017)
anticholinergic-burden | medicine: a = 3; b = 1                            | calculator.missing (scale)
inhaler-carbon       | inhaler: Ventolin 100 Evohaler, inhalers: 2         | 56.52 kg CO2e
"""  # noqa: E501


@pytest.mark.parametrize(("calculator", "entered", "expected"), rows(FIGURES))
def test_figures(calculator: str, entered: str, expected: str) -> None:
    assert answer(calculator, entered) == expected


def test_mean_kinetic_temperature_weighs_the_warm_hours_more() -> None:
    # e^(10,000/278.15 − 10,000/298.15) = 11.1525; ln((2 + 11.1525) ÷ 3) = 1.47799;
    # 1/T = 0.003595182 − 0.000147799
    found = ask("mean-kinetic-temperature", "temperature: 5; 5; 25")
    assert found.answer == "16.93 °C"
    assert str(found.also[0]) == "11.67 °C"


# fills | from | to -> proportion of days covered, possession ratio
SUPPLY = """
2022-01-01 = 30; 2022-02-01 = 30; 2022-03-05 = 30 | 2022-01-01 | 2022-03-31 | 0.967 | 1
# early: carried forward, and beyond the end not counted
2022-01-01 = 30; 2022-01-11 = 30                  | 2022-01-01 | 2022-01-30 | 1     | 2
2022-01-01 = 10; 2022-01-21 = 10                  | 2022-01-01 | 2022-01-30 | 0.667 | 0.667
# counted from the first fill in the period
2022-01-16 = 15; 2022-01-31 = 1                   | 2022-01-01 | 2022-01-30 | 1     | 1
2022-01-16 = 15; 2022-01-17 = 1                   | 2022-01-30 | 2022-01-01 | calculator.period-reversed (end) | calculator.period-reversed (end)
2021-01-16 = 15; 2021-01-17 = 1                   | 2022-01-01 | 2022-01-30 | calculator.no-fill (fill) | calculator.no-fill (fill)
2022-01-16 = 15; x = 1                            | 2022-01-01 | 2022-01-30 | calculator.not-a-day (fill) | calculator.not-a-day (fill)
"""  # noqa: E501


@pytest.mark.parametrize(("fills", "start", "end", "covered", "possessed"), rows(SUPPLY))
def test_adherence(fills: str, start: str, end: str, covered: str, possessed: str) -> None:
    entered = f"fill: {fills}, start: {start}, end: {end}"
    assert answer("proportion-of-days-covered", entered) == covered
    assert answer("medication-possession-ratio", entered) == possessed


def test_a_fill_outside_the_period_is_named() -> None:
    found = ask(
        "proportion-of-days-covered",
        "fill: 2022-01-16 = 15; 2022-01-31 = 1, start: 2022-01-01, end: 2022-01-30",
    )
    assert found.warnings == ("Not counted, because outside the period: 31-Jan-2022.",)
