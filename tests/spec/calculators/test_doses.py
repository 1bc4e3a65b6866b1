"""Doses: by weight, of carboplatin, of anticoagulants, and equivalents; worked out by hand."""

from __future__ import annotations

import pytest
from tests.spec.calculators.table import answer, ask, rows

# dose mg/kg, weight, adult maximum, strength, in mL, measured to -> what is given
BY_WEIGHT = """
# 15 × 18 = 270 mg = 11.25 mL of 120 mg in 5 mL
15 mg/kg          | 18 kg   | 1 g    | 120 mg | 5 mL | 0.05 mL        | 11.25 mL (270 mg)
15 mg/kg          | 18 kg   | 1 g    | 120 mg | 5 mL | 0.1 mL         | 11.2 mL (268.8 mg)
15 mg/kg          | 18 kg   | 1 g    | 120 mg | 5 mL | 0.5 mL         | 11 mL (264 mg)
# the same child in pounds, the same dose in micrograms
15 mg/kg          | 18 kg   | 1 g    | 120 mg | 5 mL | 0.25 mL        | 11.25 mL (270 mg)
15,000 micrograms/kg | 18 kg | 1 g   | 120 mg | 5 mL | 0.25 mL        | 11.25 mL (270 mg)
# tablets: 15 × 18 = 270 mg of 500 mg = 0.54
15 mg/kg          | 18 kg   | 1 g    | 500 mg |      | half tablet    | 0.5 tablet (250 mg)
15 mg/kg          | 18 kg   | 1 g    | 500 mg |      | tablet         | 1 tablet (500 mg)
15 mg/kg          | 16 kg   | 1 g    | 500 mg |      | tablet         | calculator.too-small (measure)
# a half goes down: 10 × 12.5 = 125 mg of 250 mg = 0.5
10 mg/kg          | 12.5 kg | 1 g    | 250 mg |      | tablet         | calculator.too-small (measure)
10 mg/kg          | 37.5 kg | 1 g    | 250 mg |      | tablet         | 1 tablet (250 mg)
# above the adult maximum; and up to it, but not over it by rounding
15 mg/kg          | 70 kg   | 1 g    | 500 mg |      | tablet         | calculator.above-adult-maximum (dose)
10 mg/kg          | 95 kg   | 999 mg | 500 mg |      | tablet         | 1 tablet (500 mg)
15 mg/kg          | 18 kg   | 1 g    | 120 mg |      | 0.1 mL         | calculator.missing (strength-in)
15 mg/kg          | 0.1 kg  | 1 g    | 120 mg | 5 mL | 0.1 mL         | calculator.out-of-range (weight)
"""


@pytest.mark.parametrize("row", rows(BY_WEIGHT), ids=" ".join)
def test_dose_by_weight(row: tuple[str, ...]) -> None:
    *entered, expected = row
    names = ("dose", "weight", "adult-maximum", "strength", "strength-in", "measure")
    entries = ((name, value.replace(",", "")) for name, value in zip(names, entered, strict=True))
    assert (
        answer("weight-dose", ", ".join(f"{name}: {value}" for name, value in entries if value)) == expected
    )


def test_rounding_is_said_in_percent_and_a_large_one_is_referred() -> None:
    entered = "dose: 15, weight: 18, adult-maximum: 1 g, strength: 500"
    small = ask("weight-dose", f"{entered}, measure: 0.1 mL, strength-in: 5")
    assert [str(one) for one in small.also] == ["270 mg", "270 mg", "2.7 mL", "0 %"]
    assert small.warnings == ()
    large = ask("weight-dose", f"{entered}, measure: half tablet")
    assert str(large.also[-1]) == "-7.4 %"
    assert large.warnings == (
        "Rounding changes the dose by −7.4 %: a pharmacist decides whether that is near enough.",
    )


CARBOPLATIN = """
# 5 × (75 + 25)
auc: 5, gfr: 75, gfr-is: estimated   | 500 mg
auc: 5, gfr: 125, gfr-is: estimated  | 750 mg
auc: 5, gfr: 140, gfr-is: estimated  | 750 mg
auc: 5, gfr: 140, gfr-is: measured   | 825 mg
auc: 5, gfr: 75                      | calculator.missing (gfr-is)
auc: 9, gfr: 75, gfr-is: measured    | calculator.out-of-range (auc)
"""


@pytest.mark.parametrize(("entered", "expected"), rows(CARBOPLATIN))
def test_carboplatin(entered: str, expected: str) -> None:
    assert answer("carboplatin-dose", entered) == expected


# medicine | country | age | sex | weight | creatinine | verapamil | P-gp inhibitor -> dose
# A man of 70 kg and 60 years: (140 − 60) × 70 × 1.23 ÷ creatinine = 6888 ÷ creatinine.
DOAC = """
apixaban    | uk | 60 | male   | 70 | 100      | no  | no  | 5 mg twice a day
# one of three is not enough, two are
apixaban    | uk | 80 | male   | 70 | 100      | no  | no  | 5 mg twice a day
apixaban    | uk | 80 | male   | 60 | 100      | no  | no  | 2.5 mg twice a day
apixaban    | uk | 80 | male   | 61 | 133      | no  | no  | 2.5 mg twice a day
apixaban    | uk | 79 | male   | 61 | 133      | no  | no  | 5 mg twice a day
# clearance 28.7 alone is enough in the UK, not in the US; below 15 it is not used in the UK
apixaban    | uk | 60 | male   | 70 | 240      | no  | no  | 2.5 mg twice a day
apixaban    | us | 60 | male   | 70 | 240      | no  | no  | 5 mg twice a day
apixaban    | uk | 60 | male   | 70 | 500      | no  | no  | calculator.not-used (creatinine)
# 1.5 mg/dL is enough in the US
apixaban    | us | 80 | male   | 70 | 1.5 mg/dL | no | no  | 2.5 mg twice a day
rivaroxaban | uk | 60 | male   | 70 | 100      | no  | no  | 20 mg once a day with food
rivaroxaban | uk | 60 | male   | 70 | 140      | no  | no  | 15 mg once a day with food
rivaroxaban | uk | 60 | male   | 70 | 500      | no  | no  | calculator.not-used (creatinine)
edoxaban    | uk | 60 | male   | 70 | 100      | no  | no  | 60 mg once a day
edoxaban    | uk | 60 | male   | 60 | 100      | no  | no  | 30 mg once a day
edoxaban    | us | 60 | male   | 60 | 100      | no  | no  | 60 mg once a day
edoxaban    | uk | 60 | male   | 70 | 100      | no  | yes | 30 mg once a day
edoxaban    | us | 60 | male   | 70 | 100      | no  | yes | 60 mg once a day
edoxaban    | uk | 60 | male   | 70 | 140      | no  | no  | 30 mg once a day
# above 95 the US avoids it
edoxaban    | us | 60 | male   | 70 | 60       | no  | no  | calculator.not-used (creatinine)
edoxaban    | uk | 60 | male   | 70 | 60       | no  | no  | 60 mg once a day
dabigatran  | uk | 60 | male   | 70 | 100      | no  | no  | 150 mg twice a day
dabigatran  | uk | 80 | male   | 70 | 100      | no  | no  | 110 mg twice a day
dabigatran  | uk | 60 | male   | 70 | 100      | yes | no  | 110 mg twice a day
dabigatran  | us | 80 | male   | 70 | 100      | yes | no  | 150 mg twice a day
dabigatran  | uk | 60 | male   | 70 | 240      | no  | no  | calculator.not-used (creatinine)
dabigatran  | us | 60 | male   | 70 | 240      | no  | no  | 75 mg twice a day
dabigatran  | us | 60 | male   | 70 | 500      | no  | no  | calculator.not-used (creatinine)
"""


@pytest.mark.parametrize("row", rows(DOAC), ids=" ".join)
def test_doac(row: tuple[str, ...]) -> None:
    *entered, expected = row
    names = ("medicine", "rules", "age", "sex", "weight", "creatinine", "verapamil", "p-gp-inhibitor")
    pairs = zip(names, entered, strict=True)
    assert answer("doac-dose", ", ".join(f"{name}: {value}" for name, value in pairs)) == expected


def test_a_doac_dose_names_what_reduced_it() -> None:
    found = ask(
        "doac-dose",
        "medicine: apixaban, age: 81, sex: female, weight: 58, creatinine: 98, verapamil: no,"
        " p-gp-inhibitor: no",
    )
    assert found.meaning == "Reduced dose"
    assert "age 80 and over, weight 60 kg or less (2 are needed)" in found.formula
    assert found.also[0].label == "Creatinine clearance: (140 − 81) × 58 × 1.04 ÷ 98"


OPIOIDS = """
rules: uk, opioid: codeine by mouth = 240                       | 24 mg OME/day
rules: us, opioid: codeine by mouth = 240                       | 36 MME/day
rules: uk, opioid: tramadol by mouth = 400                      | 40 mg OME/day
rules: us, opioid: tramadol by mouth = 400                      | 80 MME/day
rules: uk, opioid: morphine by mouth = 30; fentanyl patch = 25  | 90 mg OME/day
# the table counts the patch of 12 as 30 mg, not as 12 × 2.4
rules: uk, opioid: fentanyl patch = 12                          | 30 mg OME/day
rules: us, opioid: fentanyl patch = 12                          | 28.8 MME/day
rules: us, opioid: dihydrocodeine by mouth = 60                 | calculator.no-factor (opioid)
rules: uk, opioid: heroin = 60                                  | calculator.not-a-choice (opioid)
rules: uk, opioid: codeine by mouth                             | calculator.missing (opioid)
rules: uk                                                       | calculator.missing (opioid)
"""


@pytest.mark.parametrize(("entered", "expected"), rows(OPIOIDS))
def test_opioids(entered: str, expected: str) -> None:
    assert answer("opioid-equivalence", entered) == expected


STEROIDS = """
medicine: hydrocortisone, dose: 20, instead: prednisolone       | 5 mg
medicine: prednisolone, dose: 30, instead: dexamethasone        | 4.5 mg
medicine: dexamethasone, dose: 750 micrograms, instead: prednisolone | 5 mg
medicine: prednisolone, instead: dexamethasone                  | calculator.missing (dose)
"""


@pytest.mark.parametrize(("entered", "expected"), rows(STEROIDS))
def test_steroids(entered: str, expected: str) -> None:
    assert answer("steroid-equivalence", entered) == expected


def test_the_card_counts_dexamethasone_differently_and_says_so() -> None:
    found = ask("steroid-equivalence", "medicine: dexamethasone, dose: 2, instead: prednisolone")
    assert "0.5 mg of dexamethasone" in found.warnings[1]
