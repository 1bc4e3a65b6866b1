"""A record arrives: what of it is new, the same, changed, older, or something else under the same id?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from tests.facts import ASTHMA, AT, ONE_OF_EACH, SAID, WEIGHT

from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.quantity import SNOMED
from pestle.pharmacy.record.arrival import Held, Sent, Verdict, compare, for_this_patient
from pestle.pharmacy.record.condition import ClinicalStatus
from pestle.pharmacy.record.kinds import RecordFact
from pestle.pharmacy.record.patient import Gender, Name, Patient, nhs_number
from pestle.pharmacy.refusal import Refused

RESOLVED = replace(ASTHMA, status=ClinicalStatus.RESOLVED)
CODED = replace(ASTHMA, what=Coded("Asthma", SNOMED, "195967001"))
OTHER_WORDS = replace(ASTHMA, what=Coded("Bronchial asthma", SNOMED, "195967001"))
OTHER_CODE = replace(ASTHMA, what=Coded("Asthma", SNOMED, "1"))
DIABETES = replace(ASTHMA, what=Coded("Diabetes"))
OTHER_TELLER = replace(ASTHMA, provenance=replace(SAID, who="Nurse B", recorded_at=AT + timedelta(days=9)))
LATER, EARLIER = AT + timedelta(days=1), AT - timedelta(days=1)


def _held(fact: RecordFact, **said: object) -> Held:
    return replace(Held(fact.id, 1, fact, fact, AT), **said)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("held", "sent", "verdict"),
    [
        # held                                    sent                        what becomes of it
        ([], Sent(ASTHMA, "x"), Verdict.NEW),
        ([_held(ASTHMA)], Sent(ASTHMA, "x"), Verdict.SAME),
        ([_held(ASTHMA)], Sent(OTHER_TELLER, "x"), Verdict.SAME),
        ([_held(ASTHMA)], Sent(RESOLVED, "x"), Verdict.FOLLOWS),
        ([_held(ASTHMA)], Sent(RESOLVED, "x", LATER), Verdict.FOLLOWS),
        ([_held(ASTHMA)], Sent(RESOLVED, "x", EARLIER), Verdict.OLDER),
        ([_held(ASTHMA)], Sent(replace(ASTHMA, id="c2"), "x"), Verdict.NEW),
        ([_held(ASTHMA)], Sent(replace(WEIGHT, id="c1"), "x"), Verdict.NEW),
        # The same code is the same thing in other words; other words without a code are not.
        ([_held(CODED)], Sent(OTHER_WORDS, "x"), Verdict.FOLLOWS),
        ([_held(CODED)], Sent(OTHER_CODE, "x"), Verdict.CLASHES),
        ([_held(ASTHMA)], Sent(DIABETES, "x"), Verdict.CLASHES),
        # A person here retracted it, or corrected it: the sender's own last word is what counts.
        ([_held(ASTHMA, retracted=True)], Sent(ASTHMA, "x"), Verdict.RETRACTED),
        ([_held(ASTHMA, retracted=True)], Sent(RESOLVED, "x"), Verdict.FOLLOWS),
        ([_held(RESOLVED, told=ASTHMA)], Sent(ASTHMA, "x"), Verdict.SAME),
        ([_held(ASTHMA, told=None)], Sent(ASTHMA, "x"), Verdict.FOLLOWS),
    ],
)
def test_what_becomes_of_it(held: list[Held], sent: Sent, verdict: Verdict) -> None:
    (arrival,) = compare(held, [sent])
    assert arrival.verdict is verdict
    assert arrival.taken is (verdict in (Verdict.NEW, Verdict.FOLLOWS))


@pytest.mark.parametrize("fact", ONE_OF_EACH, ids=lambda fact: type(fact).__name__)
def test_every_kind_arrives_and_is_known_when_it_comes_again(fact: RecordFact) -> None:
    assert [one.verdict for one in compare([], [Sent(fact, "x")])] == [Verdict.NEW]
    assert [one.verdict for one in compare([_held(fact)], [Sent(fact, "x")])] == [Verdict.SAME]


def test_twice_in_one_file_is_once_and_two_versions_in_one_file_are_not_chosen_between() -> None:
    sent = [Sent(ASTHMA, "1"), Sent(ASTHMA, "2"), Sent(RESOLVED, "3")]
    assert [one.verdict for one in compare([], sent)] == [Verdict.NEW, Verdict.SAME, Verdict.CLASHES]


MARY = Patient(Name("O'Brien", ("Mary",)), date(1965, 3, 10), Gender.FEMALE, nhs_number("9434765919"))
NO_NUMBER = replace(MARY, nhs_number=None)


@pytest.mark.parametrize(
    ("held", "sent", "rule"),
    [
        (MARY, MARY, None),
        (MARY, replace(MARY, name=Name("OBRIEN", ("M",))), None),
        (MARY, NO_NUMBER, "patient.nhs-number-missing"),
        (MARY, replace(MARY, nhs_number=nhs_number("9990001030")), "patient.nhs-number-differs"),
        (MARY, replace(MARY, born=date(1965, 10, 3)), "patient.birth-date-differs"),
        (MARY, replace(MARY, name=Name("Byrne")), "patient.surname-differs"),
        # Where we know no number there is none to compare.
        (NO_NUMBER, MARY, None),
        (NO_NUMBER, replace(NO_NUMBER, born=None), "patient.birth-date-differs"),
    ],
)
def test_it_is_the_patient_whose_page_is_open(held: Patient, sent: Patient, rule: str | None) -> None:
    if rule is None:
        for_this_patient(held, sent)
        return
    with pytest.raises(Refused) as refused:
        for_this_patient(held, sent)
    assert refused.value.rule == rule
