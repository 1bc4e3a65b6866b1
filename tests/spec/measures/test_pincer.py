"""The thirteen PINCER indicators, one patient a row.

Each row: a patient as “age, sex; what and how long before the day”, and how they stand. Times are calendar
months (3m), with days more (3m+1d is a day further back). Beside the plain cases stand those in which public
code is known to have gone wrong: no age limit, the wrong list of tests, a test looked for among the
medicines, a *not* left out, a diagnosis sought in the last three months only, *and* before *or*. The lists
are of 2023: naproxen and omeprazole stand here by ids of today, all other medicines by an id of their list.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from pestle.definitions import folder
from pestle.pharmacy.criteria.patient_day import PatientDay
from pestle.pharmacy.criteria.span import Span, SpanUnit
from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.measures import library
from pestle.pharmacy.measures.compile import verdicts
from pestle.pharmacy.measures.measure import stands
from pestle.pharmacy.measures.rows import Rows
from pestle.pharmacy.medicines.dictionary import read as read_dictionary
from pestle.pharmacy.quantity import SNOMED, Quantity, Unit
from pestle.pharmacy.record.allergy import AllergyRecord, AllergyStatus
from pestle.pharmacy.record.condition import Condition
from pestle.pharmacy.record.medication import Medication, MedicationSupply, matched
from pestle.pharmacy.record.moment import whole
from pestle.pharmacy.record.observation import Comparator, Observation
from pestle.pharmacy.record.patient import Gender, Name, Patient
from pestle.pharmacy.record.provenance import Provenance, SourceKind
from pestle.pharmacy.record.record import Record

ON = date(2026, 11, 1)
SAID = Provenance(SourceKind.IMPORT, "GP record", datetime(2026, 11, 1, tzinfo=UTC))
DICTIONARY = read_dictionary(folder("formulary"))
LIBRARY = library.read(*map(folder, library.FOLDERS), dictionary=DICTIONARY)
MEDICINES = {
    "NSAID": "pincer_nsaid", "PPI": "pincer_ulcer_healing", "anticoagulant": "pincer_anticoagulant",
    "aspirin": "pincer_aspirin", "clopidogrel": "pincer_other_antiplatelet",
    "propranolol": "pincer_beta_blocker", "ACE": "pincer_ace_arb", "loop": "pincer_loop_diuretic",
    "methotrexate": "pincer_methotrexate", "lithium": "pincer_lithium", "amiodarone": "pincer_amiodarone",
}  # fmt: skip
# Ids of the dictionary in use, each of which replaced one of the list.
TODAY = {"naproxen": "42107811000001100", "omeprazole": "42356411000001102"}
CONDITIONS = {
    "ulcer": "pincer_peptic_ulcer", "bleed": "pincer_gi_bleed", "asthma": "pincer_asthma",
    "resolved": "pincer_asthma_resolved", "failure": "pincer_heart_failure",
}  # fmt: skip
TESTS = {
    "eGFR": "pincer_egfr", "creatinine": "pincer_renal_function", "potassium": "pincer_electrolytes",
    "FBC": "pincer_full_blood_count", "LFT": "pincer_liver_function", "level": "pincer_lithium_level",
    "TFT": "pincer_thyroid_function",
}  # fmt: skip

ROWS = """
A    70 F; NSAID 1m                                                          found
A    70 F; NSAID 1m; PPI 2m                                                  not asked
A    70 F; NSAID 1m; PPI 3m+1d                                               found
A    70 F; NSAID 3m                                                          found
A    70 F; NSAID 3m+1d                                                       not found
A    70 F; naproxen 1m                                                       found
A    70 F; NSAID 1m; omeprazole 1m                                           not asked
A    64 F; NSAID 1m                                                          not asked
A    70 unknown; NSAID 1m                                                    cannot tell
A    70 F died 1m; NSAID 2m                                                  not asked
A    70 F elsewhere; NSAID 1m                                                cannot tell
B    40 M; ulcer 40m; NSAID 1m                                               found
B    40 M; bleed 3m; NSAID 1m                                                found
B    40 M; ulcer 2m; NSAID 1m                                                not asked
B    40 M; ulcer 40m; NSAID 1m; PPI 1m                                       not asked
B    17 M; ulcer 40m; NSAID 1m                                               not asked
C    40 M; ulcer 40m; aspirin 1m                                             found
C    40 M; ulcer 40m; clopidogrel 1m                                         found
C    40 M; ulcer 40m; NSAID 1m                                               not found
D    40 M; anticoagulant 2m; NSAID 1m                                        found
D    40 M; anticoagulant 2m; NSAID 1m; PPI 1m                                found
D    40 M; anticoagulant 4m; NSAID 1m                                        not asked
E    40 M; anticoagulant 2m; aspirin 2m+27d                                  found
E    40 M; anticoagulant 2m; aspirin 2m+28d                                  not found
E    40 M; anticoagulant 2m; aspirin 2m; PPI 2m                              not asked
F    40 M; aspirin 1m; clopidogrel 1m+27d                                    found
F    40 M; aspirin 1m; clopidogrel 1m+28d                                    not found
F    40 M; aspirin 1m; aspirin 1m                                            not found
G    40 M; asthma 60m; propranolol 1m                                        found
G    40 M; asthma 2m; propranolol 1m                                         not asked
G    40 M; asthma 60m; resolved 50m; propranolol 1m                          not asked
G    40 M; asthma 60m; resolved 50m; asthma 20m; propranolol 1m              found
G    40 M; asthma 60m; resolved 60m; propranolol 1m                          not asked
G    40 M; asthma 60m; resolved 1m; propranolol 1m                           found
I    40 M; failure 60m; NSAID 1m                                             found
I    40 M; failure 60m                                                       not found
I    40 M; failure 1m; NSAID 1m                                              not asked
K    40 M; eGFR 44 40m; NSAID 1m                                             found
K    40 M; eGFR 45 40m; NSAID 1m                                             not asked
K    40 M; eGFR 44 40m; eGFR 60 5m; NSAID 1m                                 not asked
K    40 M; eGFR 44 40m; eGFR 60 2m; NSAID 1m                                 found
K    40 M; eGFR <30 40m; NSAID 1m                                            found
K    40 M; eGFR <45 40m; NSAID 1m                                            not asked
K    40 M; eGFR >30 40m; NSAID 1m                                            not asked
K    40 M; eGFR <1 40m; NSAID 1m                                             not asked
K    40 M; eGFR 0 40m; NSAID 1m                                              not asked
K    40 M; NSAID 1m                                                          not asked
AC   80 F; ACE 16m; ACE 1m                                                   found
AC   80 F; ACE 16m; ACE 1m; creatinine 2m                                    found
AC   80 F; ACE 16m; ACE 1m; creatinine 2m; potassium 15m                     not found
AC   80 F; ACE 16m; ACE 1m; creatinine 2m; potassium 15m+1d                  found
AC   74 F; ACE 16m; ACE 1m                                                   not asked
AC   74 F; loop 16m; loop 1m                                                 not asked
AC   80 F; loop 16m; loop 1m                                                 found
AC   80 F; loop 16m; ACE 1m                                                  not asked
AC   80 F; ACE 14m; ACE 1m                                                   not asked
AC   80 F; ACE 16m; ACE 7m                                                   not asked
ME-FBC 40 F; methotrexate 4m; methotrexate 1m; LFT 1m                        found
ME-FBC 40 F; methotrexate 4m; methotrexate 1m; FBC 1m                        not found
ME-LFT 40 F; methotrexate 4m; methotrexate 1m; FBC 1m                        found
ME-LFT 40 F; methotrexate 4m; methotrexate 1m; LFT 1m                        not found
ME-FBC 40 F; methotrexate 1m                                                 not asked
LI   40 F; lithium 4m; lithium 1m                                            found
LI   40 F; lithium 4m; lithium 1m; level 3m                                  not found
LI   40 F; lithium 4m; lithium 1m; level 4m                                  found
AM   40 F; amiodarone 7m; amiodarone 1m                                      found
AM   40 F; amiodarone 7m; amiodarone 1m; TFT 6m                              not found
AM   40 F; amiodarone 4m; amiodarone 1m                                      not asked
"""
CASES = [re.split(r"\s{2,}", re.sub(r"^(\S+)\s+", r"\1  ", line)) for line in ROWS.strip().splitlines()]


@pytest.mark.parametrize(("letter", "facts", "standing"), CASES)
def test_how_a_patient_stands(letter: str, facts: str, standing: str) -> None:
    measure = LIBRARY.measures[f"pincer_{letter.lower().replace('-', '_')}"]
    told = stands(measure, PatientDay(_record(facts), on=ON, substances=LIBRARY.substances))
    assert told.standing.value == standing


def test_the_query_says_the_same_of_all_of_them() -> None:
    rows = Rows()
    for number, (_, facts, _) in enumerate(CASES):
        rows.add(number, _record(facts))
    population = rows.population(LIBRARY.substances)
    for name, measure in LIBRARY.measures.items():
        if not name.startswith("pincer_"):
            continue
        found = verdicts(population, {"found": measure.found}, on=ON).to_pyarrow().to_pylist()
        said = {row["patient"]: row["found"] is True for row in found}
        for number, (_, facts, _) in enumerate(CASES):
            day = PatientDay(_record(facts), on=ON, substances=LIBRARY.substances)
            assert said[number] == (stands(measure, day).standing.value == "found"), (name, facts)


def test_a_list_stays_as_published_and_today_s_ids_stand_beside_it() -> None:
    nsaids = LIBRARY.terms.medicines["pincer_nsaid"]
    assert len(nsaids.products) == 1466
    assert len(nsaids.successors) == 35, "of the starter formulary"
    for id_ in nsaids.successors:
        assert id_ not in nsaids.products
        product = DICTIONARY.product(id_)
        assert product is not None
        assert product.routes == ("Oral",)


def _record(facts: str) -> Record:
    person, *rest = facts.split("; ")
    age, sex, *more = person.split()
    found: dict[str, list[object]] = {"medicines": [], "conditions": [], "results": []}
    for place, fact in enumerate(rest):
        what, *value, when = fact.split()
        if what in MEDICINES:
            id_ = min(LIBRARY.terms.medicines[MEDICINES[what]].products)
            found["medicines"].append(_supply(place, Medication(Coded(what, SNOMED, id_)), when))
        elif what in TODAY:
            medication = matched(Coded(what, SNOMED, TODAY[what]), DICTIONARY)
            found["medicines"].append(_supply(place, medication, when))
        elif what in CONDITIONS:
            code = min(LIBRARY.terms.conditions[CONDITIONS[what]].codes)
            found["conditions"].append(
                Condition(str(place), Coded(what, *code), SAID, onset=whole(_day(when)))
            )
        else:
            found["results"].append(_result(str(place), what, value, when))
    return Record(
        patient=Patient(
            Name("Example"), _day(f"{int(age) * 12}m"), _GENDERS[sex],
            gp_practice_code=None if more == ["elsewhere"] else "EX1",
            died=_day(more[1]) if more[:1] == ["died"] else None,
        ),
        allergies=AllergyRecord(AllergyStatus.NOT_RECORDED),
        supplies=tuple(found["medicines"]),  # type: ignore[arg-type]
        conditions=tuple(found["conditions"]),  # type: ignore[arg-type]
        observations=tuple(found["results"]),  # type: ignore[arg-type]
    )  # fmt: skip


def _supply(place: int, medication: Medication, when: str) -> MedicationSupply:
    return MedicationSupply(str(place), medication, SAID, on=_day(when), days_supply=Decimal(28))


_GENDERS = {"F": Gender.FEMALE, "M": Gender.MALE, "unknown": Gender.UNKNOWN}


def _result(id_: str, what: str, value: list[str], when: str) -> Observation:
    sign = Comparator(value[0][0]) if value and value[0][0] in "<>" else None
    number = Decimal(value[0].lstrip("<>")) if value else Decimal(1)
    code = min(LIBRARY.terms.observables[TESTS[what]].codes)
    return Observation(
        id_, Coded(what, *code), SAID, whole(_day(when)), Quantity(number, Unit("mL/min/{1.73_m2}")), sign
    )


def _day(when: str) -> date:
    match = re.fullmatch(r"(\d+)m(?:\+(\d+)d)?", when)
    assert match
    return Span(int(match[1]), SpanUnit.MONTHS).before(ON) - timedelta(days=int(match[2] or 0))
