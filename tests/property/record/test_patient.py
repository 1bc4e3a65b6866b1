"""NHS numbers, names and ages for any input."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from pestle.pharmacy.record.patient import Gender, Name, Patient, age_words, nhs_number, same_person
from pestle.pharmacy.refusal import Refused

BODIES = st.text("0123456789", min_size=9, max_size=9)
DATES = st.dates(date(1900, 1, 1), date(2100, 1, 1))


def _read(text: str) -> str | None:
    """The digits; None where the text is refused as no NHS number."""
    try:
        return nhs_number(text).digits
    except Refused as refused:
        if not refused.rule.startswith("nhs-number."):
            raise
        return None


def _valid(digits: str) -> bool:
    """The rule as a remainder: digits times 10 down to 1 add up to a multiple of eleven."""
    return sum(int(digit) * (10 - place) for place, digit in enumerate(digits)) % 11 == 0


@given(BODIES)
def test_at_most_one_check_digit_is_right(body: str) -> None:
    right = [body + last for last in "0123456789" if _read(body + last)]
    expected = [body + last for last in "0123456789" if _valid(body + last) and len({*body, last}) > 1]
    assert right == expected
    assert len(right) <= 1


@given(BODIES, st.integers(0, 9), st.integers(1, 9), st.integers(0, 8))
def test_a_wrong_digit_and_two_swapped_are_found(body: str, at: int, by: int, swap: int) -> None:
    digits = next((body + last for last in "0123456789" if _valid(body + last)), None)
    if digits is None or len(set(digits)) == 1:
        return
    wrong = digits[:at] + str((int(digits[at]) + by) % 10) + digits[at + 1 :]
    swapped = digits[:swap] + digits[swap + 1] + digits[swap] + digits[swap + 2 :]
    for changed in {wrong, swapped} - {digits}:
        assert _read(changed) is None


@given(st.text(max_size=14))
def test_any_text_is_a_number_or_refused_by_name(text: str) -> None:
    digits = _read(text)
    if digits is not None:
        assert _valid(digits)
        assert _read(str(nhs_number(digits))) == digits


@given(DATES, DATES)
def test_ages_grow_and_are_said(born: date, on: date) -> None:
    age = Patient(Name("A"), born, Gender.UNKNOWN).age(on=on)
    words = age_words(born, on=on)
    assert (age is None) == (words == "age not known") == (born > on)
    if age is not None:
        assert age >= 0
        assert words.endswith("y") == (age >= 2)
        assert not words.endswith("y") or words == f"{age}y"


@given(st.text(max_size=8), st.text(max_size=8), DATES)
def test_a_person_is_the_same_as_themselves_however_written(family: str, given_name: str, born: date) -> None:
    held = Patient(Name(family, (given_name,)), born, Gender.FEMALE)
    same_person(held, held)
    for written in (f" {family} ", f"{family}-", f"'{family}"):
        same_person(held, Patient(Name(written), born, Gender.UNKNOWN))
