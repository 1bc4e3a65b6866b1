"""People and patients as values: what the tables hold is what the rules see."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from tests.web.actions.bench import JOHN, MARY, Bench

from pestle.pharmacy.people import Country, Registration, Role, SiteKind
from pestle.pharmacy.record.patient import Address, Gender, Name, Patient
from pestle.pharmacy.refusal import Refused
from pestle.web.store import models, patients
from pestle.web.store import people as stored


def test_a_person_has_the_roles_of_the_site_they_are_at(bench: Bench) -> None:
    user = models.User.objects.get(username="adam")
    adam = stored.person(user, bench.site.pk)
    assert adam is not None
    assert (adam.name, adam.site_id) == ("Adam Patel", bench.site.pk)
    assert adam.roles == {Role.TECHNICIAN, Role.ACCURACY_CHECKER}
    assert adam.registration == Registration("GPhC", "2999001")
    assert stored.person(user, bench.site.pk + 1) is None
    user.is_active = False
    assert stored.person(user, bench.site.pk) is None


def test_a_site(bench: Bench) -> None:
    site = stored.site(bench.site)
    assert (site.kind, site.country, site.code) == (SiteKind.COMMUNITY_PHARMACY, Country.ENGLAND, "FZZ01")
    assert site.address == ("1 High Street", "Ashcombe", "QX1 1AA")


EVERYTHING = replace(
    MARY,
    name=Name("O'Brien", ("Mary", "Ann"), "Mrs"),
    address=Address(("1 High Street", "Ashcombe"), "QX1 1AA"),
    gp_practice_code="Y99901",
    died=date(2026, 10, 30),
)
NOTHING = Patient(Name("Unknown"), None, Gender.UNKNOWN)


@pytest.mark.parametrize("patient", [MARY, JOHN, EVERYTHING, NOTHING])
def test_a_patient_is_kept_as_told(bench: Bench, patient: Patient) -> None:
    row, made = patients.find_or_make(bench.site.pk, patient)
    row.refresh_from_db()
    assert made
    assert patients.value(row) == patient


def test_a_patient_is_found_by_number_and_never_by_name(bench: Bench) -> None:
    first, _ = patients.find_or_make(bench.site.pk, MARY)
    again, made = patients.find_or_make(bench.site.pk, replace(MARY, gender=Gender.UNKNOWN))
    assert (again.pk, made) == (first.pk, False)
    assert patients.value(again) == MARY
    other, made = patients.find_or_make(bench.site.pk, replace(MARY, nhs_number=JOHN.nhs_number))
    assert made
    assert other.pk != first.pk
    # Without a number there is nothing to find anybody by.
    unknown = [patients.find_or_make(bench.site.pk, replace(MARY, nhs_number=None)) for _ in range(2)]
    assert [made for _, made in unknown] == [True, True]
    with pytest.raises(Refused) as refused:
        patients.find_or_make(bench.site.pk, replace(MARY, born=None))
    assert refused.value.rule == "patient.birth-date-differs"


def test_each_site_has_its_own_patients(bench: Bench) -> None:
    other = models.Site.objects.create(
        name="Low Street",
        code="FZZ02",
        kind="community_pharmacy",
        country="GB-ENG",
        time_zone="Europe/London",
    )
    first, _ = patients.find_or_make(bench.site.pk, MARY)
    second, made = patients.find_or_make(other.pk, MARY)
    assert made
    assert first.pk != second.pk
