"""What a release response brings: passed, failed, and passed but not acceptable."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pestle.pharmacy.record.medication import LineStatus
from pestle.pharmacy.refusal import Refused
from pestle.wire.eps.order import write_order
from pestle.wire.eps.receive import NotForUs, receive
from pestle.wire.eps.release import read_release
from pestle.wire.eps.release_request import read_release_request, write_release_request
from pestle.wire.fhir.tree import Tree, dump, thaw, tree

NOW = datetime(2026, 1, 1, tzinfo=UTC)
Sample = Callable[[str], Tree]


def test_a_request_says_who_asks_for_what_and_reads_back_as_the_same(sample: Sample) -> None:
    bulk = read_release_request(sample("058"))
    assert (bulk.pharmacy.code, bulk.performer.name, bulk.prescription_number) == (
        "VNE51",
        "Jackie Clark",
        None,
    )
    assert read_release_request(write_release_request(bulk)) == bulk
    one = replace(bulk, prescription_number="58EFB9-A83008-27693K")
    written = write_release_request(one)
    assert read_release_request(written) == one
    received = receive(dump(written), now=NOW)
    assert isinstance(received, NotForUs)
    assert received.sentence.endswith("to release 58EFB9-A83008-27693K")


def test_a_released_order_keeps_its_own_tree(sample: Sample) -> None:
    release = read_release(sample("055"), now=NOW)
    (order,) = release.orders
    assert order.tree.resource_type == "Bundle"
    assert order.message_id == thaw(order.tree.root)["identifier"]["value"]
    assert write_order(order.prescription, onto=order.tree) == order.tree


def test_a_cancelled_line_stays_with_its_reason(sample: Sample) -> None:
    for number in ("055", "057"):
        (order,) = read_release(sample(number), now=NOW).orders
        active, cancelled = order.prescription.lines[0], order.prescription.lines[3]
        assert active.status is LineStatus.ACTIVE
        assert active.dispense_status is not None
        assert active.dispense_status.code == "0008"
        assert cancelled.status is LineStatus.CANCELLED
        assert cancelled.dispense_status is not None
        assert cancelled.dispense_status.code == "0005"
        assert cancelled.status_reason is not None
        assert cancelled.status_reason.text == "Clinical contra-indication"


@pytest.mark.parametrize(
    ("number", "prescription"), [("054", "E8A23F-A83008-1C451X"), ("055", "819851-A83008-2EFE34")]
)
def test_a_failed_prescription_is_told_with_its_reason(
    sample: Sample, number: str, prescription: str
) -> None:
    release = read_release(sample(number), now=NOW)
    (failed,) = release.failed
    assert [str(issue) for issue in failed.issues] == ["Signature is invalid. (INVALID_VALUE)"]
    assert failed.tree is not None
    assert failed.prescription is not None
    assert failed.prescription.number == prescription
    assert prescription not in {order.prescription.number for order in release.orders}
    assert failed.place.startswith("Parameters.parameter[1].resource.entry[1]")


def test_a_passed_prescription_that_breaks_a_rule_does_not_hold_up_the_others(sample: Sample) -> None:
    draft = thaw(sample("055").root)
    good = draft["parameter"][0]["resource"]["entry"][0]
    bad = thaw(sample("046").root)
    draft["parameter"][0]["resource"]["entry"] = [{"fullUrl": "urn:uuid:1", "resource": bad}, good]
    release = read_release(tree(draft), now=NOW)
    assert [order.prescription.number for order in release.orders] == ["24F5DA-A83008-7EFE6Z"]
    (refused,) = release.refused
    assert [refusal.rule for refusal in refused.refusals] == ["eps.check-character"]
    assert refused.refusals[0].place == (
        "Parameters.parameter[0].resource.entry[0].resource.entry[1].resource.groupIdentifier.value"
    )
    assert refused.tree == sample("046")


def test_a_part_that_is_neither_passed_nor_failed_is_refused(sample: Sample) -> None:
    draft = thaw(sample("055").root)
    draft["parameter"][1]["name"] = "pendingPrescriptions"
    with pytest.raises(Refused) as refused:
        read_release(tree(draft), now=NOW)
    assert refused.value.rule == "eps.release-part"


def test_a_failure_without_a_message_and_a_message_without_a_reason_are_both_told(sample: Sample) -> None:
    draft = thaw(sample("055").root)
    entries = draft["parameter"][1]["resource"]["entry"]
    draft["parameter"][1]["resource"]["entry"] = entries[:1]
    (alone,) = read_release(tree(draft), now=NOW).failed
    assert (alone.tree, alone.prescription, len(alone.issues)) == (None, None, 1)
    draft["parameter"][1]["resource"]["entry"] = entries[1:]
    (silent,) = read_release(tree(draft), now=NOW).failed
    assert silent.prescription is not None
    assert silent.issues == ()
