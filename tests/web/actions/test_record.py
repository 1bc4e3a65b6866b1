"""What a person tells us of a patient: recorded, followed, never edited; corrected with a reason."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from tests.web.actions.bench import NOW, Bench, a_key, together

from pestle.pharmacy.record.allergy import AllergyKind, AllergyStatus, ReactionSeverity
from pestle.pharmacy.refusal import Refused
from pestle.web.actions import patients, record
from pestle.web.actions.once import Outcome
from pestle.web.store import models
from pestle.web.store import patients as stored
from pestle.web.store.worklist import waiting


def _patient(bench: Bench) -> int:
    bench.take_in()
    return models.Patient.objects.get().pk


def _allergy(bench: Bench, patient: int, **changed: Any) -> int:
    told: dict[str, Any] = {
        "by": bench.tess,
        "key": a_key(),
        "substance": "penicillin",
        "kind": AllergyKind.ALLERGY,
        "reaction": "rash",
        "severity": ReactionSeverity.MODERATE,
        "told_by": "the patient",
    }
    record.record_allergy(now=NOW, patient_id=patient, **{**told, **changed})
    return models.AllergyFact.objects.latest("pk").pk


def _status(patient: int) -> AllergyStatus:
    return stored.allergy_record(models.Patient.objects.get(pk=patient)).status


def _none_known(bench: Bench, patient: int) -> Outcome:
    return record.record_no_known_allergies(
        by=bench.tess, now=NOW, key=a_key(), patient_id=patient, told_by="the patient"
    )


def _retract(bench: Bench, fact: int, **changed: Any) -> Outcome:
    told: dict[str, Any] = {"by": bench.ruth, "key": a_key(), "reason": "tested by an allergist"}
    return record.retract_allergy(now=NOW, fact_id=fact, **{**told, **changed})


def test_what_is_known_of_allergies_follows_what_was_told(bench: Bench) -> None:
    patient = _patient(bench)
    assert _status(patient) is AllergyStatus.NOT_RECORDED
    _none_known(bench, patient)
    assert _status(patient) is AllergyStatus.NONE_KNOWN
    fact = _allergy(bench, patient)
    assert _status(patient) is AllergyStatus.KNOWN
    with pytest.raises(Refused) as refused:
        _none_known(bench, patient)
    assert refused.value.rule == "allergy.some-known"
    _retract(bench, fact)
    # What was said before the allergy does not rise again: somebody asks anew.
    assert _status(patient) is AllergyStatus.NOT_RECORDED
    _none_known(bench, patient)
    assert _status(patient) is AllergyStatus.NONE_KNOWN
    assert models.AllergyFact.objects.count() == 4


def test_who_may_and_with_which_words(bench: Bench) -> None:
    patient = _patient(bench)
    fact = _allergy(bench, patient)
    for act, rule in (
        (lambda: _allergy(bench, patient, by=bench.mo), "record.role"),
        (lambda: _allergy(bench, patient, substance=" x "), "allergy.no-substance"),
        (lambda: _allergy(bench, patient + 1), "patient.unknown"),
        (lambda: _retract(bench, fact, by=bench.adam), "record.role"),
        (lambda: _retract(bench, fact, reason=""), "allergy.no-reason"),
        (lambda: _retract(bench, fact + 1), "allergy.unknown"),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.rule == rule
    assert models.AllergyFact.objects.get().who == "Tess Okafor, told by the patient"


def test_an_allergy_is_retracted_once(own_bench: Bench) -> None:
    fact = _allergy(own_bench, _patient(own_bench))
    done, refused = together(
        lambda: _retract(own_bench, fact), lambda: _retract(own_bench, fact, by=own_bench.samuel)
    )
    assert (len(done), [each.rule for each in refused]) == (1, ["allergy.unknown"])


def _correct(bench: Bench, patient: int, **changed: Any) -> Outcome:
    told: dict[str, Any] = {
        "by": bench.tess,
        "key": a_key(),
        "family": "O'Brien",
        "born": date(1965, 3, 10),
        "reason": "passport seen",
    }
    return patients.correct(now=NOW, patient_id=patient, **{**told, **changed})


def test_a_surname_is_corrected_and_found_by_it(bench: Bench) -> None:
    patient = _patient(bench)
    _correct(bench, patient, family=" Byrne ")
    held = models.Patient.objects.get()
    assert (held.family, held.born) == ("Byrne", date(1965, 3, 10))
    site = bench.site.pk
    assert [waiting(site, now=NOW, search=name).total for name in ("byrne", "obrien", "furosemide")] == [
        1,
        0,
        1,
    ]
    event = models.AuditEvent.objects.get(action="record.correct_patient")
    assert event.detail == {"changed": ["surname"], "reason": "passport seen"}


def test_corrections_that_are_refused(bench: Bench) -> None:
    patient = _patient(bench)
    for changed, rule in (
        ({"by": bench.mo, "family": "Byrne"}, "patient.role"),
        ({}, "patient.nothing-changed"),
        ({"family": " "}, "patient.no-surname"),
        ({"born": date(2026, 11, 3)}, "patient.not-yet-born"),
        ({"family": "Byrne", "reason": ""}, "patient.no-reason"),
    ):
        with pytest.raises(Refused) as refused:
            _correct(bench, patient, **changed)
        assert refused.value.rule == rule
    assert models.Patient.objects.get().family == "O'Brien"
