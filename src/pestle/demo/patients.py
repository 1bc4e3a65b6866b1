"""Who are the invented patients?

NHS numbers are of the range 999 000 0000 to 999 999 9999, which is for tests, and have a right check digit.
Ages are told relative to a day, so that a baby stays a baby. Nobody here exists.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count

from pestle.pharmacy.record.patient import Address, Gender, Name, NhsNumber, Patient, nhs_number

SURGERY = "Y99901"
_DAYS_IN_FOUR_YEARS = 1461


@dataclass(frozen=True, slots=True)
class Invented:
    """A patient of the demo. `allergies`: ``none`` (asked, none known), ``unrecorded``, or a substance and
    its reaction: ``Penicillin: rash``. `key` is how the story names them."""

    key: str
    patient: Patient
    allergies: str


# key, title, given names, surname, sex, years, further days, first line of the address, allergies
_TABLE = """
abbott | Mrs | Margaret Rose | Abbott | f | 81 | 20 | 4 Chandler's Row | Penicillin: rash
abbott-jr | Mr | Daniel | Abbott | m | 52 | 211 | 4 Chandler's Row | none
ahmed | Ms | Nadia | Ahmed | f | 34 | 77 | 12 Weir Lane | none
ahmed-b | | Yusuf | Ahmed | m | 0 | 160 | 12 Weir Lane | unrecorded
baines | Mr | Colin | Baines | m | 67 | 301 | 88 Orchard Road | none
bell | Miss | Chloe | Bell | f | 19 | 12 | Flat 3, 7 Station Road | none
bell-sr | Mrs | Patricia | Bell | f | 70 | 145 | 31 Station Road | Aspirin: wheeze
carter | Mr | Leroy | Carter | m | 45 | 9 | 2 Mill Bank | none
chowdhury | Mr | Imran | Chowdhury | m | 58 | 190 | 19 High Street | none
davies | Mrs | Gwen | Davies | f | 95 | 33 | Hollybank Care Home | Trimethoprim: rash
davies-t | Mr | Thomas | Davies | m | 40 | 250 | 6 Coopers Court | unrecorded
doyle | Ms | Sinéad | Doyle | f | 29 | 300 | 15 Kiln Street | none
edwards | Mr | Frank | Edwards | m | 73 | 5 | 27 Orchard Road | none
evans-m | Master | Morgan | Evans | m | 6 | 88 | 9 The Green | none
fenwick | Mrs | Joan | Fenwick | f | 88 | 120 | Hollybank Care Home | none
garcia | Mr | José Luis | García Núñez | m | 37 | 310 | Flat 1, 40 High Street | none
green | Mr | Ian | Green | m | 61 | 66 | 3 The Green | none
green-k | Mrs | Kay | Green | f | 60 | 170 | 3 The Green | Codeine: vomiting
harris | Miss | Freya | Harris | f | 2 | 40 | 22 Weir Lane | none
hughes | Mr | Alun | Hughes | m | 79 | 200 | 14 Mill Bank | none
hussain | Mrs | Shazia | Hussain | f | 48 | 19 | 63 Orchard Road | none
ivanova | Ms | Tatiana | Ivanova | f | 55 | 91 | 8 Kiln Street | unrecorded
jones | Mr | David | Jones | m | 64 | 330 | 10 Tannery Close | none
jones-d | Mr | David | Jones | m | 33 | 14 | 101 Orchard Road | none
khan | Mr | Bilal | Khan | m | 26 | 222 | 5 Tannery Close | none
kowalski | Mrs | Agnieszka | Kowalska | f | 43 | 150 | 77 Station Road | none
lewis | | Ottilie | Lewis | f | 0 | 24 | 18 The Green | unrecorded
macdonald | Mr | Hamish | MacDonald | m | 69 | 48 | 29 Weir Lane | none
mensah | Mrs | Abena | Mensah | f | 51 | 280 | 44 Station Road | Ibuprofen: facial swelling
nguyen | Mr | Minh | Nguyen | m | 39 | 105 | 16 High Street | none
obrien | Mr | Patrick | O'Brien | m | 76 | 160 | 1 Mill Bank | none
okonkwo | Dr | Chidinma | Okonkwo | f | 46 | 260 | 52 Orchard Road | none
patel | Mrs | Hansa | Patel | f | 72 | 72 | 25 High Street | none
price | Mx | Robin | Price | o | 24 | 180 | Flat 9, 7 Station Road | none
quinn | Mr | Sean | Quinn | m | 57 | 30 | 11 Coopers Court | none
reid | Mrs | Elspeth | Reid | f | 84 | 240 | 20 Chandler's Row | none
singh | Mr | Harpreet | Singh | m | 50 | 100 | 36 Kiln Street | none
smith | Mrs | Ann | Smith | f | 66 | 275 | 13 Orchard Road | none
smith-a | Mrs | Anne | Smith | f | 63 | 18 | 130 Orchard Road | none
taylor | Mr | George | Taylor | m | 92 | 60 | Hollybank Care Home | none
wolfe | Lady | Alexandra Wilhelmina | Featherstonehaugh-Wolfeschlegelstein | f | 59 | 111 | Old Rectory | none
zhou | Ms | Mei | Zhou | f | 31 | 140 | 17 Tannery Close | none
"""
_SEX = {"f": Gender.FEMALE, "m": Gender.MALE, "o": Gender.OTHER}


def patients(*, on: date) -> dict[str, Invented]:
    """The invented patients by key, with the age that they always have, on this day."""
    rows = [[cell.strip() for cell in line.split("|")] for line in _TABLE.strip().splitlines()]
    return {row[0]: _invented(row, number, on) for number, row in enumerate(rows)}


def another(number: int, *, on: date) -> Patient:
    """One of any number of further patients, always the same for the same number from 0."""
    given, family = _GIVEN[number % len(_GIVEN)], _FAMILY[number // len(_GIVEN) % len(_FAMILY)]
    return Patient(
        name=Name(family, (given,)),
        born=on - timedelta(days=1000 + number * 7919 % 30000),
        gender=Gender.UNKNOWN,
        nhs_number=number_of(100_000 + number),
        address=Address((f"{number % 200 + 1} Quarry Road", "Ashcombe"), "QX1 2AB"),
        gp_practice_code=SURGERY,
    )


_GIVEN = (
    "Alice", "Brian", "Carol", "Dev", "Ella", "Farah", "Grace", "Henry", "Isla", "Jack", "Kiran", "Lily",
    "Mohammed", "Nora", "Oscar", "Priya", "Rosa", "Simon", "Tara", "Victor",
)  # fmt: skip
_FAMILY = (
    "Adams", "Begum", "Clarke", "Dixon", "Ellis", "Foster", "Gill", "Hill", "Iqbal", "James", "Knight",
    "Lowe", "Mason", "Nash", "Owen", "Parker", "Rahman", "Shaw", "Turner", "Ward", "Young",
)  # fmt: skip


def _invented(row: list[str], number: int, on: date) -> Invented:
    key, prefix, given, family, sex, years, days, line, allergies = row
    age = timedelta(days=int(years) * _DAYS_IN_FOUR_YEARS // 4 + int(days))
    patient = Patient(
        name=Name(family, tuple(given.split()), prefix),
        born=on - age,
        gender=_SEX[sex],
        nhs_number=number_of(number),
        address=Address((line, "Ashcombe"), "QX1 1AA"),
        gp_practice_code=SURGERY,
    )
    return Invented(key, patient, allergies)


def number_of(number: int) -> NhsNumber:
    """A patient's NHS number for tests. Where a body has no check digit, a far-off body stands in for it."""
    for body in count(1_000 + number * 3):
        digits = f"999{body % 1_000_000:06d}"
        check = 11 - sum(int(d) * w for d, w in zip(digits, range(10, 1, -1), strict=True)) % 11
        if check != 10:
            return nhs_number(f"{digits}{check % 11}")
    raise AssertionError("count() never ends")
