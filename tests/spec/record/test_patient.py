"""Who is the patient? NHS numbers, names and ages as they are read, compared and shown.

943 476 5919 is the published example (NHS Data Dictionary, "NHS NUMBER"); the check digits of the others,
from the range kept for tests, were worked out by hand.
"""

from __future__ import annotations

from datetime import date

import pytest

from pestle.pharmacy.record.patient import Gender, Name, Patient, age_words, nhs_number, same_person
from pestle.pharmacy.refusal import Refused

# written -> digits, or the refusal
NUMBERS = [
    ("9434765919", "9434765919"),
    ("943 476 5919", "9434765919"),
    ("943-476-5919", "9434765919"),
    (" 943\u00a0476\u00a05919\t", "9434765919"),
    ("9990000018", "9990000018"),
    # Where 11 would stand as check digit, 0 does; where 10 would, there is no such number.
    ("9990001030", "9990001030"),
    ("9990000000", "nhs-number.check-digit"),
    ("9990000001", "nhs-number.check-digit"),
    ("9434765918", "nhs-number.check-digit"),
    ("9434765991", "nhs-number.check-digit"),
    ("9434756919", "nhs-number.check-digit"),
    ("0000000000", "nhs-number.repeated"),
    ("1111111111", "nhs-number.repeated"),
    ("9999999999", "nhs-number.repeated"),
    ("", "nhs-number.length"),
    ("943476591", "nhs-number.length"),
    ("94347659190", "nhs-number.length"),
    ("943476591X", "nhs-number.length"),
    ("943.476.5919", "nhs-number.length"),
    ("٩٤٣٤٧٦٥٩١٩", "nhs-number.length"),
]


@pytest.mark.parametrize(("written", "expected"), NUMBERS)
def test_nhs_numbers(written: str, expected: str) -> None:
    assert _read(written) == expected


def _read(written: str) -> str:
    try:
        return nhs_number(written).digits
    except Refused as refused:
        return refused.rule


def test_an_nhs_number_is_shown_3_3_4() -> None:
    assert str(nhs_number("9434765919")) == "943 476 5919"


# family, given, title -> shown
NAMES = [
    ("Smith", ("John",), "Mr", "SMITH, John (Mr)"),
    ("SMITH", ("JOHN", "paul"), "MR", "SMITH, John Paul (Mr)"),
    ("o'brien", ("Mary",), "", "O'BRIEN, Mary"),
    ("McDonald", ("Anne-Marie",), "Dr", "MCDONALD, Anne-Marie (Dr)"),
    ("Øverland", ("Zoë",), "", "ØVERLAND, Zoë"),
    ("Prince", (), "", "PRINCE"),
    ("Prince", (), "mx", "PRINCE (Mx)"),
]


@pytest.mark.parametrize(("family", "given", "prefix", "shown"), NAMES)
def test_names_as_shown(family: str, given: tuple[str, ...], prefix: str, shown: str) -> None:
    assert str(Name(family, given, prefix)) == shown


# born, on -> words, whole years
AGES = [
    ("1965-03-10", "2026-03-09", "60y", 60),
    ("1965-03-10", "2026-03-10", "61y", 61),
    ("2024-02-29", "2026-02-28", "23m", 1),
    ("2024-02-29", "2026-03-01", "2y", 2),
    ("2004-02-29", "2026-02-28", "21y", 21),
    ("2004-02-29", "2026-03-01", "22y", 22),
    ("2024-11-03", "2026-11-02", "23m", 1),
    ("2024-11-02", "2026-11-02", "2y", 2),
    ("2026-09-02", "2026-11-02", "2m", 0),
    ("2026-09-03", "2026-11-02", "8w", 0),
    ("2026-10-05", "2026-11-02", "4w", 0),
    ("2026-10-06", "2026-11-02", "27d", 0),
    ("2026-11-02", "2026-11-02", "0d", 0),
    ("2026-11-03", "2026-11-02", "age not known", None),
    (None, "2026-11-02", "age not known", None),
]


@pytest.mark.parametrize(("born", "on", "words", "years"), AGES)
def test_ages(born: str | None, on: str, words: str, years: int | None) -> None:
    day, birth = date.fromisoformat(on), date.fromisoformat(born) if born else None
    assert age_words(birth, on=day) == words
    assert Patient(Name("Smith"), birth, Gender.UNKNOWN).age(on=day) == years


BORN = date(1965, 3, 10)

# held: surname, born; sent: surname, born -> refusal
SAME = [
    ("Smith", BORN, "Smith", BORN, None),
    ("Smith", BORN, "SMITH", BORN, None),
    ("O'Brien", BORN, "OBRIEN", BORN, None),
    ("O'Brien", BORN, "O’Brien", BORN, None),
    ("Smith-Jones", BORN, "Smith Jones", BORN, None),
    ("Smith", BORN, "Smyth", BORN, "patient.surname-differs"),
    ("Smith", BORN, "Smith-Jones", BORN, "patient.surname-differs"),
    ("Smith", BORN, "Smith", date(1965, 10, 3), "patient.birth-date-differs"),
    ("Smith", BORN, "Smith", None, "patient.birth-date-differs"),
    ("Smith", None, "Smith", BORN, "patient.birth-date-differs"),
    ("Smith", None, "Smith", None, None),
    ("Smith", BORN, "Smyth", date(1965, 10, 3), "patient.birth-date-differs"),
]


@pytest.mark.parametrize(("held", "held_born", "sent", "sent_born", "rule"), SAME)
def test_is_it_the_same_person(
    held: str, held_born: date | None, sent: str, sent_born: date | None, rule: str | None
) -> None:
    first = Patient(Name(held, ("Ann",)), held_born, Gender.FEMALE)
    # The given name and the gender are no reason to stop: people are called many things.
    second = Patient(Name(sent, ("Nan",)), sent_born, Gender.UNKNOWN)
    if rule is None:
        same_person(first, second)
    else:
        with pytest.raises(Refused) as refused:
            same_person(first, second)
        assert refused.value.rule == rule
        assert "nothing has been changed" in (refused.value.refusals[0].way_out or "")
