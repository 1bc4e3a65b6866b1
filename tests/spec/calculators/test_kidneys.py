"""Kidney function: the figures were worked out by hand from the formulas, not by the program."""

from __future__ import annotations

import pytest
from tests.spec.calculators.table import answer, ask, rows

CLEARANCE = """
# (140 − 40) × 80 × 1.23 ÷ 100 = 98.4
age: 40, sex: male, weight: 80, creatinine: 100                                             | 98.4 mL/min
# (140 − 40) × 80 × 1.04 ÷ 100 = 83.2
age: 40, sex: female, weight: 80, creatinine: 100                                           | 83.2 mL/min
# (140 − 40) × 72 ÷ (72 × 1) = 100; × 0.85 for women
age: 40, sex: male, weight: 72, creatinine: 1 mg/dL, constants: us                          | 100 mL/min
age: 40, sex: female, weight: 72, creatinine: 1 mg/dL, constants: us                        | 85 mL/min
# 180 cm: 50 + 2.3 × (70.866 − 60) = 74.992 kg; (140 − 40) × 74.992 × 1.23 ÷ 100 = 92.24
age: 40, sex: male, weight: 120, creatinine: 100, weight-used: ideal, height: 180           | 92.2 mL/min
# adjusted: 74.992 + 0.4 × (120 − 74.992) = 92.995 kg
age: 40, sex: male, weight: 120, creatinine: 100, weight-used: adjusted, height: 180        | 114.4 mL/min
age: 40, sex: male, weight: 120, creatinine: 100, weight-used: ideal                        | calculator.missing (height)
age: 40, sex: male, weight: 60, creatinine: 100, weight-used: adjusted, height: 180         | calculator.below-ideal (weight)
age: 40, sex: male, weight: 80                                                              | calculator.missing (creatinine)
age: 40, weight: 80, creatinine: 100                                                        | calculator.missing (sex)
age: 17, sex: male, weight: 60, creatinine: 100                                             | calculator.out-of-range (age)
age: 40, sex: male, weight: 80, creatinine: 1.1                                             | calculator.out-of-range (creatinine)
age: 40, sex: male, weight: 80, creatinine: 1.1 mmol/L                                      | calculator.unknown-unit (creatinine)
age: 40, sex: male, weight: heavy, creatinine: 100                                          | calculator.not-a-number (weight)
age: 40.5, sex: male, weight: 80, creatinine: 100                                           | calculator.not-a-number (age)
age: 40, sex: unknown, weight: 80, creatinine: 100                                          | calculator.not-a-choice (sex)
age: 40, sex: male, weight: 80, creatinine: 100, bmi: 25                                    | calculator.not-asked (bmi)
"""  # noqa: E501


@pytest.mark.parametrize(("entered", "expected"), rows(CLEARANCE))
def test_creatinine_clearance(entered: str, expected: str) -> None:
    assert answer("creatinine-clearance", entered) == expected


def test_it_says_formula_weight_and_what_was_used() -> None:
    found = ask("creatinine-clearance", "age: 61, sex: female, weight: 72, creatinine: 98")
    assert found.formula == "(140 − 61) × 72 × 1.04 ÷ 98"
    assert found.meaning == "With the actual weight, 72 kg, and the UK constants"
    assert [(one.label, one.value) for one in found.used][:4] == [
        ("Age", "61 years"),
        ("Sex", "Female"),
        ("Weight", "72 kg"),
        ("Serum creatinine", "98 µmol/L"),
    ]
    assert found.warnings == ()


def test_beyond_the_paper_it_warns_and_answers() -> None:
    found = ask("creatinine-clearance", "age: 95, sex: female, weight: 50, creatinine: 98")
    assert found.warnings == ("Age is 95 years; the paper studied 18 to 92.",)


# At a creatinine of exactly κ both powers are 1: 141 × 0.993^50, × 1.018 for women.
EGFR = """
age: 50, sex: male, creatinine: 0.9 mg/dL                            | 99 mL/min/1.73 m²
age: 50, sex: female, creatinine: 0.7 mg/dL                          | 101 mL/min/1.73 m²
age: 50, sex: male, creatinine: 0.9 mg/dL, equation: ckd-epi-2021    | 104 mL/min/1.73 m²
age: 50, sex: female, creatinine: 0.7 mg/dL, equation: ckd-epi-2021  | 105 mL/min/1.73 m²
age: 17, sex: female, creatinine: 0.7 mg/dL                          | calculator.out-of-range (age)
"""


@pytest.mark.parametrize(("entered", "expected"), rows(EGFR))
def test_egfr(entered: str, expected: str) -> None:
    assert answer("egfr", entered) == expected


def test_egfr_names_its_category() -> None:
    assert ask("egfr", "age: 70, sex: male, creatinine: 200").meaning == "Category G4: severely decreased"


CATEGORIES = """
90 | G1
89.5 | G1
89.4 | G2
60 | G2
59 | G3a
45 | G3a
44 | G3b
30 | G3b
29 | G4
15 | G4
14 | G5
0 | G5
"""


@pytest.mark.parametrize(("egfr", "category"), rows(CATEGORIES))
def test_categories(egfr: str, category: str) -> None:
    assert answer("ckd-stage", f"egfr: {egfr}") == category


def test_a_child_above_what_was_studied_is_above_75_and_no_more() -> None:
    found = ask("egfr-child", "age: 8, height: 120, creatinine: 40")
    assert found.answer == "109.5 mL/min/1.73 m²"
    assert "“above 75”" in found.warnings[0]
    assert answer("egfr-child", "age: 18, height: 170, creatinine: 80") == "calculator.out-of-range (age)"
