"""Who pays the prescription charge in England, and what is asked: the tables that came with the program."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

import pestle.definitions
from pestle.pharmacy.dispensary.charge import (
    Charged,
    ChargedItem,
    Declarant,
    Declared,
    Evidence,
    charge,
    read_charges,
    worth_a_certificate,
)
from pestle.pharmacy.record.patient import Gender, Name, Patient
from pestle.pharmacy.refusal import Refused

CHARGES = read_charges(Path(pestle.definitions.__file__).parent / "payment")
TODAY = date(2026, 11, 30)
PATIENT, SEEN, NOT_SEEN = Declarant.PATIENT, Evidence.SEEN, Evidence.NOT_SEEN
TWO = (ChargedItem("1"), ChargedItem("2"))
PILL = (ChargedItem("1", ("CC",)),)


def aged(years: int | None) -> Patient:
    """Somebody whose birthday is today; None: the date of birth is not known."""
    born = None if years is None else date(TODAY.year - years, TODAY.month, TODAY.day)
    return Patient(Name("Somebody"), born, Gender.UNKNOWN)


def charged(
    declared: Declared | None,
    *,
    age: int | None = 40,
    items: tuple[ChargedItem, ...] = TWO,
    on: date = TODAY,
) -> Charged:
    return charge(items, declared, patient=aged(age), charges=CHARGES, on=on)


PAYS = Declared("0001", by=PATIENT)
ON_HC2 = Declared("0009", SEEN, PATIENT, certificate_ends=date(2026, 12, 1))

# age, what was answered, and what is missing or wrong
REFUSED = [
    (40, None, ["charge.not-asked"]),
    (40, Declared(""), ["charge.not-asked"]),
    (40, Declared("0099", SEEN, PATIENT), ["charge.unknown-code"]),
    (40, Declared("0001"), ["charge.not-declared"]),
    (40, PAYS, []),
    # The date of birth shows it, so nobody is asked.
    (15, Declared("0002"), []),
    (16, Declared("0002"), ["charge.age"]),
    (60, Declared("0004"), []),
    (59, Declared("0004"), ["charge.age"]),
    # It does not when it is not known.
    (None, Declared("0004"), ["charge.evidence-missing", "charge.not-declared"]),
    (None, Declared("0004", NOT_SEEN, PATIENT), []),
    (18, Declared("0003", SEEN, PATIENT), []),
    (19, Declared("0003", SEEN, PATIENT), ["charge.age"]),
    (17, Declared("0003"), ["charge.evidence-missing", "charge.not-declared"]),
    # Not seen is an answer too: it is for the payer to look into.
    (40, Declared("0008", NOT_SEEN, PATIENT), []),
    (40, Declared("0007", NOT_SEEN, PATIENT), []),
    (40, Declared("0007", SEEN, PATIENT), ["charge.certificate-missing"]),
    (40, ON_HC2, []),
    (40, replace(ON_HC2, certificate_ends=TODAY), []),
    (40, replace(ON_HC2, certificate_ends=date(2026, 11, 29)), ["charge.certificate-ended"]),
    (40, Declared("0013", SEEN, PATIENT), ["charge.ended"]),
    (40, Declared("0010", by=PATIENT), ["charge.not-only-contraceptives"]),
]  # fmt: skip


@pytest.mark.parametrize(("age", "declared", "rules"), REFUSED)
def test_what_is_asked(age: int | None, declared: Declared | None, rules: list[str]) -> None:
    try:
        charged(declared, age=age)
        found = []
    except Refused as refused:
        found = [each.rule for each in refused.refusals]
    assert found == rules


# items, the code, the day -> items that are paid for, and pence together
PENCE = [
    (TWO, "0001", TODAY, 2, 1980),
    (TWO, "0004", TODAY, 0, 0),
    (PILL, "0001", TODAY, 0, 0),
    (PILL + TWO[1:], "0001", TODAY, 1, 990),
    (PILL, "0010", TODAY, 0, 0),
    (TWO, "0001", date(2025, 4, 6), 2, 1980),
    # Nobody has said what it is from April 2027 on: not known is not nought.
    (TWO, "0001", date(2027, 4, 1), 2, None),
    (TWO, "0001", date(2024, 4, 30), 2, None),
]


@pytest.mark.parametrize(("items", "code", "on", "paid", "pence"), PENCE)
def test_what_is_paid(
    items: tuple[ChargedItem, ...], code: str, on: date, paid: int, pence: int | None
) -> None:
    age = 70 if code == "0004" else 40
    found = charged(Declared(code, by=PATIENT), age=age, items=items, on=on)
    assert (len(found.paid), found.pence) == (paid, pence)


def test_the_age_that_the_date_of_birth_shows() -> None:
    shown = {age: CHARGES.by_age(aged(age), on=TODAY) for age in (0, 15, 16, 59, 60, 101, None)}
    assert {age: each.code if each else None for age, each in shown.items()} == {
        0: "0002", 15: "0002", 16: None, 59: None, 60: "0004", 101: "0004", None: None,
    }  # fmt: skip


def test_a_code_that_has_ended_is_offered_no_more_and_one_in_doubt_says_so() -> None:
    assert "0013" in {each.code for each in CHARGES.choices(on=date(2025, 4, 5))}
    assert "0013" not in {each.code for each in CHARGES.choices(on=date(2025, 4, 6))}
    income_support = CHARGES.exemptions["0011"]
    assert income_support.doubted(on=date(2026, 4, 14)) == ""
    assert "may have ended" in income_support.doubted(on=date(2026, 4, 15))


def test_from_how_many_items_a_certificate_pays() -> None:
    three_months, a_year = CHARGES.certificates
    assert worth_a_certificate(three_months, 990) == 4
    assert worth_a_certificate(a_year, 990) == 12


def test_every_code_of_the_service_is_there() -> None:
    assert list(CHARGES.exemptions) == [f"{number:04d}" for number in range(1, 16)]
    assert [code for code, each in CHARGES.exemptions.items() if each.pays] == ["0001"]


# age, what was answered, and what is wrong on paper
ON_PAPER = [
    (40, PAYS, ["charge.not-signed"]),
    (40, replace(PAYS, signed=True), []),
    (40, Declared("0008", SEEN, PATIENT), ["charge.not-signed"]),
    (40, Declared("0008", NOT_SEEN, PATIENT, signed=True), []),
    (70, Declared("0004"), []),
    # Nobody knows the age, so somebody signs.
    (None, Declared("0004", NOT_SEEN, PATIENT), ["charge.not-signed"]),
]


@pytest.mark.parametrize(("age", "declared", "rules"), ON_PAPER)
def test_whoever_declares_signs_the_paper(age: int | None, declared: Declared, rules: list[str]) -> None:
    try:
        signed: list[str] | bool | None = charge(
            TWO, declared, patient=aged(age), charges=CHARGES, on=TODAY, paper=True
        ).signed
    except Refused as refused:
        signed = [each.rule for each in refused.refusals]
    assert signed == (rules or (None if age == 70 else True))
