"""Four states of knowledge are four different things."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pestle.pharmacy.record.allergy import Allergy, AllergyKind, AllergyRecord, AllergyStatus
from pestle.pharmacy.record.provenance import Provenance, SourceKind

ASKED = Provenance(SourceKind.PERSON, "Tess Okafor", datetime(2026, 11, 2, tzinfo=UTC))
PENICILLIN = Allergy("penicillin", AllergyKind.ALLERGY, ASKED)


def test_what_can_be_said() -> None:
    assert AllergyRecord(AllergyStatus.KNOWN, (PENICILLIN,)).allergies == (PENICILLIN,)
    assert AllergyRecord(AllergyStatus.NONE_KNOWN, stated=ASKED).stated is ASKED
    assert AllergyRecord(AllergyStatus.NOT_RECORDED).stated is None
    assert AllergyRecord(AllergyStatus.UNAVAILABLE).allergies == ()


@pytest.mark.parametrize("status", [each for each in AllergyStatus if each is not AllergyStatus.KNOWN])
def test_allergies_are_listed_only_where_they_are_known(status: AllergyStatus) -> None:
    with pytest.raises(ValueError, match="listed when, and only when"):
        AllergyRecord(status, (PENICILLIN,), stated=ASKED)


def test_known_allergies_are_listed() -> None:
    with pytest.raises(ValueError, match="listed when, and only when"):
        AllergyRecord(AllergyStatus.KNOWN)


def test_none_known_needs_somebody_who_asked() -> None:
    with pytest.raises(ValueError, match="needs who recorded it"):
        AllergyRecord(AllergyStatus.NONE_KNOWN)
