"""A letter that came as FHIR lists the same lines as one that was pasted, with what was done to each."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.reconciliation_cases import names
from tests.wire.record.letters import CARE_CONNECT, ITK, NUMBER, bundle, statement

from pestle.pharmacy.practice.reconciliation.said import Says
from pestle.pharmacy.refusal import Refused
from pestle.wire.fhir.letter import ReceivedLetter, read_letter

AT = datetime(2026, 11, 30, 9, tzinfo=UTC)


def read(data: bytes) -> ReceivedLetter:
    return read_letter(data, names(), sender="Ashcombe General", received_at=AT)


@pytest.mark.parametrize(
    ("status", "says", "flag", "told"),
    [
        ("active", None, "", None),
        ("stopped", None, "", Says.STOPPED),
        ("on-hold", None, "", Says.ON_HOLD),
        ("completed", None, "", Says.COMPLETED),
        ("active", (CARE_CONNECT, "Added"), "", Says.ADDED),
        ("active", (CARE_CONNECT, "Amended"), "", Says.AMENDED),
        ("active", (ITK, "5"), "", Says.STOPPED),
        ("active", None, "6", Says.ON_HOLD),
        # The resource's own word before that of a list.
        ("active", (ITK, "1"), "5", Says.CONTINUED),
    ],
)
def test_what_was_done_is_said_by_a_code_or_by_the_status(
    status: str, says: tuple[str, str] | None, flag: str, told: Says | None
) -> None:
    one = statement("1", "Ramipril 2.5mg capsules", "One each day", status=status, says=says)
    (line,) = read(bundle(one, flags={"1": flag} if flag else None)).lines
    assert (line.name, line.change.says, line.directions.understood) == (
        "Ramipril 2.5mg capsules",
        told,
        True,
    )
    assert not line.change.unclear


@pytest.mark.parametrize("status", ["not-taken", "unknown"])
def test_a_status_that_does_not_say_what_was_done_is_for_a_person(status: str) -> None:
    (line,) = read(bundle(statement("1", "Ramipril 2.5mg capsules", "One each day", status=status))).lines
    assert line.change.unclear


def test_the_published_list_of_a_practice_is_read_whole(samples: Path) -> None:
    """GP Connect: each statement once, though a request stands beside it."""
    path = samples / "medrec" / "gpconnect" / "gpc-data-model--api-response-payload--medication.json"
    lines = read(path.read_bytes().replace(b"9999999999", NUMBER.encode())).lines
    assert [(line.name, line.directions.text, line.change.says) for line in lines] == [
        ("Amoxicillin 250mg capsules", "TAKE ONE DAILY", Says.COMPLETED),
        ("Aspirin 75mg dispersible tablets", "TAKE ONE DAILY", None),
    ]


def test_a_file_without_a_medicine_is_refused() -> None:
    data = bundle().replace(b"MedicationStatement", b"Observation")
    with pytest.raises(Refused):
        read(data)
