"""Who is the patient, and is this message about the same person?

NHS numbers are ten digits with a modulus 11 check digit (NHS Data Dictionary, "NHS NUMBER"); numbers of
one repeated digit pass the sum and are refused all the same, because they are typed by habit.
A patient is found by number, never merged by name.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum

from pestle.pharmacy.refusal import refuse


@dataclass(frozen=True, slots=True)
class NhsNumber:
    """A valid NHS number: ten digits. Shown 3 3 4."""

    digits: str

    def __str__(self) -> str:
        return f"{self.digits[:3]} {self.digits[3:6]} {self.digits[6:]}"


def nhs_number(text: str, *, place: str = "NHS number") -> NhsNumber:
    """The NHS number that `text` writes; spaces and hyphens are allowed.

    Raises `Refused`: ``nhs-number.length``, ``nhs-number.repeated``, ``nhs-number.check-digit``.
    """
    digits = "".join(ch for ch in text if ch not in " -\t\u00a0")
    if len(digits) != 10 or not (digits.isascii() and digits.isdigit()):
        raise refuse("nhs-number.length", "An NHS number has ten digits", place=place)
    if len(set(digits)) == 1:
        raise refuse(
            "nhs-number.repeated", "One digit repeated ten times is nobody's NHS number", place=place
        )
    total = sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False))
    check = 11 - total % 11
    if check == 10 or check % 11 != int(digits[9]):
        raise refuse(
            "nhs-number.check-digit",
            "The check digit of this NHS number is wrong",
            place=place,
            way_out="Compare it with the source, digit by digit.",
        )
    return NhsNumber(digits)


class Gender(Enum):
    """FHIR AdministrativeGender."""

    MALE = "male"
    FEMALE = "female"
    OTHER = "other"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Name:
    """A person's name in parts, as sent."""

    family: str
    given: tuple[str, ...] = ()
    prefix: str = ""

    def __str__(self) -> str:
        """SURNAME, Given (Title): NHS Common User Interface NID and PAB-0049 to 0053."""
        given = " ".join(part.title() if part.isupper() or part.islower() else part for part in self.given)
        title = self.prefix.title() if self.prefix.isupper() or self.prefix.islower() else self.prefix
        text = self.family.upper()
        if given:
            text += f", {given}"
        return f"{text} ({title})" if title else text


@dataclass(frozen=True, slots=True)
class Address:
    """Lines as sent, and the postcode apart."""

    lines: tuple[str, ...]
    postcode: str = ""


@dataclass(frozen=True, slots=True)
class Patient:
    """Who the patient is. `nhs_number` is None where no number is known; `born` None where no date is."""

    name: Name
    born: date | None
    gender: Gender
    nhs_number: NhsNumber | None = None
    address: Address | None = None
    gp_practice_code: str | None = None
    died: date | None = None

    def age(self, *, on: date) -> int | None:
        """Completed years on a day; None when the birth date is not known or lies ahead."""
        if self.born is None or self.born > on:
            return None
        had_birthday = (on.month, on.day) >= (self.born.month, self.born.day)
        return on.year - self.born.year - (not had_birthday)


def age_words(born: date | None, *, on: date) -> str:
    """An age as the banner says it: 61y; under two years in months, under two months in weeks or days."""
    if born is None or born > on:
        return "age not known"
    days = (on - born).days
    months = (on.year - born.year) * 12 + on.month - born.month - (on.day < born.day)
    if months >= 24:
        return f"{months // 12}y"
    if months >= 2:
        return f"{months}m"
    return f"{days // 7}w" if days >= 28 else f"{days}d"


def same_person(held: Patient, sent: Patient) -> None:
    """Checks that a message is about the person we hold.

    Raises `Refused` (``patient.nhs-number-differs``, ``patient.birth-date-differs``,
    ``patient.surname-differs``): a person decides. A number that one of them lacks is not compared; the
    surname is compared without case, spaces, hyphens and apostrophes.
    """
    if held.nhs_number and sent.nhs_number and held.nhs_number != sent.nhs_number:
        raise refuse(
            "patient.nhs-number-differs",
            "This is the NHS number of somebody else",
            place="NHS number",
            way_out="Look for the patient by the number of the message; nothing has been changed.",
        )
    if held.born != sent.born:
        raise refuse(
            "patient.birth-date-differs",
            "We hold this patient with another date of birth",
            place="birth date",
            way_out="Compare both records and ask the sender; nothing has been changed.",
        )
    if _folded(held.name.family) != _folded(sent.name.family):
        raise refuse(
            "patient.surname-differs",
            "We hold this patient with another surname",
            place="surname",
            way_out="Ask whether the name has changed; nothing has been changed.",
        )


def _folded(name: str) -> str:
    return "".join(ch for ch in name.casefold() if ch.isalnum())
