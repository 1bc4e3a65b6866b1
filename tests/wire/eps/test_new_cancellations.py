"""A cancellation that we write says what the public ones say, given the same facts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pestle.pharmacy.record.medication import LineStatus, Organisation, Prescription
from pestle.pharmacy.refusal import Refused
from pestle.wire.eps.cancellation import read_cancellation
from pestle.wire.eps.new_cancellation import new_cancellation
from pestle.wire.fhir.tree import Tree

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
MESSAGE = "8f0f2b1e-3f53-4a52-8d0a-0e0f4d7b2c11"
NUMBERS = ("016", "018", "027", "076", "078", "082", "084", "085", "087", "088", "090")


@pytest.mark.parametrize("number", NUMBERS)
def test_it_says_what_the_public_one_says(sample: Callable[[str], Tree], number: str) -> None:
    theirs = read_cancellation(sample(number), now=NOW)
    heading = {name: getattr(theirs.heading, name) for name in theirs.heading.__slots__}
    signed = Prescription(
        lines=(replace(theirs.line, status=LineStatus.ACTIVE, status_reason=None),),
        patient=theirs.patient,
        prescriber=theirs.requested_by,
        signed_at=NOW,
        **heading,
    )
    place = theirs.requested_by.organisation or Organisation("A83008")
    signed = replace(signed, prescriber=replace(signed.prescriber, organisation=place))
    written = new_cancellation(signed, line_id=theirs.line.id, reason=theirs.reason, message_id=MESSAGE)
    ours = read_cancellation(written, now=NOW)
    assert (ours.heading, ours.line, ours.reason) == (theirs.heading, theirs.line, theirs.reason)
    assert ours.patient == theirs.patient
    assert ours.requested_by == signed.prescriber


def test_an_item_that_is_not_there_is_not_taken_back(sample: Callable[[str], Tree]) -> None:
    theirs = read_cancellation(sample("078"), now=NOW)
    signed = Prescription(
        number=theirs.prescription_number, lines=(theirs.line,), patient=theirs.patient,
        prescriber=theirs.requested_by, prescription_type=None, signed_at=NOW,
    )  # fmt: skip
    with pytest.raises(Refused) as refused:
        new_cancellation(signed, line_id="another", reason=theirs.reason, message_id=MESSAGE)
    assert refused.value.rule == "eps.cancel-no-line"
