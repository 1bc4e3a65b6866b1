"""What a local list says of a medicine: the nearest that it names counts, and nothing is an answer.

The table is for a pharmacist to read: the list, then what is asked of it.
"""

from __future__ import annotations

from datetime import date

import pytest
from tests.reconciliation_cases import names, product

from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.practice.traffic_light import (
    Agreement,
    Light,
    LightList,
    ListEntry,
    check_agreement,
    check_red,
    hospital_only,
)
from pestle.pharmacy.quantity import SNOMED
from pestle.pharmacy.refusal import Refused
from pestle.wire.tables.traffic_lights import read

RED, GREY, SHARED, AMBER, GREEN = Light
DOXAZOSIN = product("Doxazosin 4mg modified-release tablets").id
TABLE = f"""Drug;Code;RAG status;Indication;Shared care;Link
Methotrexate;;Amber;rheumatoid arthritis;yes;https://example.org/methotrexate
Methotrexate;;Red;cancer;;
Amlodipine;;Green;;;
Amlodipine 10mg tablets;;Specialist initiated;;;
Doxazosin;;green;;no;
Doxazosin 4mg modified-release tablets;{DOXAZOSIN};not recommended;;;
Warfarin injection;;hospital-only;;;
Lithium carbonate;;AMBER (shared care);;;
Unlicensed mixture;;red;;;
"""

# What is asked, and everything that the list says of it, the strictest first.
ASKED = [
    ("Methotrexate 2.5mg tablets", [RED, SHARED]),
    ("Amlodipine 5mg tablets", [GREEN]),
    ("Istin 5mg tablets", [GREEN]),
    ("Amlodipine 10mg tablets", [AMBER]),
    ("Istin 10mg tablets", [AMBER]),
    ("Doxazosin 4mg tablets", [GREEN]),
    ("Doxazosin 4mg modified-release tablets", [GREY]),
    ("Lithium carbonate 250mg tablets", [SHARED]),
    # An injection that the dictionary does not have is not every warfarin.
    ("Warfarin 3mg tablets", []),
    ("Warfarin injection", [RED]),
    ("unlicensed  MIXTURE", [RED]),
    ("Simvastatin 40mg tablets", []),
    # Misspelt is not sure, and not sure has no light.
    ("Amlodopine 5mg tablets", []),
]


@pytest.mark.parametrize(("medicine", "lights"), ASKED)
def test_what_the_list_says(medicine: str, lights: list[Light]) -> None:
    found = LightList(read(TABLE.encode()), names())
    assert [one.light for one in found.of(names().meant_by(Coded(medicine)))] == lights
    assert [one.medicine for one in found.unknown] == ["Warfarin injection", "Unlicensed mixture"]


def test_a_code_and_a_name_of_two_medicines_are_refused() -> None:
    wrong = ListEntry("row 7", "Warfarin 3mg tablets", product("Amlodipine 5mg tablets").id, Light.GREEN)
    with pytest.raises(Refused, match="another medicine"):
        LightList([wrong], names())


def test_an_order_that_is_coded_is_found_by_its_code() -> None:
    found = LightList(read(TABLE.encode()), names())
    written = Coded("amlod. 5", SNOMED, product("Amlodipine 5mg tablets").id)
    assert [one.light for one in found.of(names().meant_by(written))] == [GREEN]


FAULTS = [
    (";;Green;;;", "light.no-medicine"),
    ("Amlodipine;;purple;;;", "light.word"),
    ("Amlodipine;;Amber;;perhaps;", "light.agreement"),
    ("Amlodipine;3.97E+16;Green;;;", "light.code"),
]


def test_a_list_with_faults_is_refused_with_each_of_them() -> None:
    table = "\n".join(("Drug;Code;Status;For;SCA;Link", *(row for row, _ in FAULTS)))
    with pytest.raises(Refused) as refused:
        read(table.encode())
    assert [(one.rule, one.place) for one in refused.value.refusals] == [
        (rule, f"row {number}") for number, (_, rule) in enumerate(FAULTS, start=2)
    ]


def _person(role: Role) -> Person:
    return Person(1, "Sam Reed", frozenset({role}), 1)


def test_what_is_hospital_only_is_decided_by_a_prescriber_who_says_why() -> None:
    red = ListEntry("row 2", "Ciclosporin", "", Light.RED)
    for role in (Role.TECHNICIAN, Role.PHARMACIST):
        (why,) = check_red([red], name="Ciclosporin", words="the clinic asked", by=_person(role))
        assert why.rule == "light.red"
    (why,) = check_red([red], name="Ciclosporin", words=" ", by=_person(Role.PRESCRIBER))
    assert why.rule == "light.no-reason"
    assert not check_red([red], name="Ciclosporin", words="agreed", by=_person(Role.PRESCRIBER))


# What the line is for, and whether what is red for one condition and green for another is hospital only.
FOR = [("", False), ("psoriasis", False), ("Cancer", True), ("cancer of the breast", False)]


@pytest.mark.parametrize(("indication", "red"), FOR)
def test_what_the_line_is_for_decides_between_conditions(indication: str, red: bool) -> None:
    entries = [
        ListEntry("row 2", "Methotrexate", "", Light.RED, "cancer"),
        ListEntry("row 3", "Methotrexate", "", Light.GREEN, "rheumatoid arthritis"),
    ]
    assert hospital_only(entries, indication) is red
    assert not hospital_only([], indication)


def test_an_agreement_says_with_whom_and_since_when() -> None:
    on = date(2026, 11, 30)
    check_agreement(Agreement("Dr Lee, rheumatology", on), on=on, by=_person(Role.TECHNICIAN))
    with pytest.raises(Refused) as refused:
        check_agreement(Agreement("", date(2026, 12, 1)), on=on, by=_person(Role.RECEPTIONIST))
    assert [one.rule for one in refused.value.refusals] == [
        "agreement.role", "agreement.specialist", "agreement.day",
    ]  # fmt: skip
