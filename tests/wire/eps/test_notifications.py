"""The dispense notifications of the service read, and ours have their shape and pass the same rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from pestle.pharmacy.dosage.dose import Coded, Dosage, DosageStep
from pestle.pharmacy.record.medication import MedicationRequest, Organisation, Practitioner, Prescription
from pestle.pharmacy.record.patient import Address
from pestle.pharmacy.refusal import Refused
from pestle.wire.eps.codes import ItemStatus, NonDispensingReason, PrescriptionStatus
from pestle.wire.eps.dispense_notification import read_notification, write_notification
from pestle.wire.eps.notification import SuppliedLine, SupplyNotification, notification_for
from pestle.wire.eps.order import read_order
from pestle.wire.fhir.tree import Tree, dump, parse, thaw

NOW = datetime(2022, 11, 27, 11, 45, tzinfo=UTC)
MESSAGE = "5f1d7a52-3f0e-4a53-9a55-0e3bb1a0c003"
READABLE = ("040", "060", "061", "063", "066")
EXAMPLES = ("060", "061", "063", "064", "066")
PHARMACIST = Practitioner(
    "Mr Peter Potion",
    (
        Coded("7654321", "https://fhir.nhs.uk/Id/sds-user-id", "7654321"),
        Coded("2083469", "https://fhir.hl7.org.uk/Id/gphc-number", "2083469"),
        Coded("741555508105", "https://fhir.nhs.uk/Id/sds-role-profile-id", "741555508105"),
    ),
    Coded(
        "S0030:G0100:R0620", "https://fhir.nhs.uk/CodeSystem/NHSDigital-SDS-JobRoleCode", "S0030:G0100:R0620"
    ),
    telephone="0532567890",
)
PHARMACY = Organisation(
    "VNE51",
    "The Simple Pharmacy",
    Address(("17 Austhorpe Road", "Crossgates", "Leeds"), "LS15 8BA"),
    "0113 3180277",
)
Sample = Callable[[str], Tree]


@pytest.mark.parametrize("number", READABLE)
def test_an_example_reads_and_is_written_again_as_the_same_supply(sample: Sample, number: str) -> None:
    supply = read_notification(sample(number))
    without_note = replace(
        supply,
        lines=tuple(
            replace(line, reason=None) if line.reason is NonDispensingReason.OWINGS_NOTE else line
            for line in supply.lines
        ),
    )
    assert read_notification(parse(dump(write_notification(without_note)))) == without_note


def test_what_an_example_says(sample: Sample) -> None:
    supply = read_notification(sample("061"))
    assert supply.heading.number == "24F5DA-A83008-7EFE6Z"
    assert supply.status is PrescriptionStatus.WITH_DISPENSER_ACTIVE
    assert [line.status for line in supply.lines] == [
        ItemStatus.FULLY_DISPENSED,
        ItemStatus.FULLY_DISPENSED,
        ItemStatus.PARTLY_DISPENSED,
        ItemStatus.CANCELLED,
    ]
    assert str(supply.lines[2].quantity) == "15 tablets"
    assert supply.lines[0].dosage.text == "20 tablets. One tablet to be taken two times a day"
    assert supply.pharmacy.code == "VNE51"
    assert supply.performer.name == "Mr Peter Potion"
    assert supply.handed_over_at == NOW
    assert supply.reimbursement_authority == "T1450"
    assert supply.prescriber_role == "200102238987"


def test_ours_has_the_shape_of_the_examples(sample: Sample) -> None:
    """No field that no example has, and every field that all of them have."""
    ours = _paths(thaw(write_notification(_supply(sample)).root))
    theirs = [_paths(thaw(sample(number).root)) for number in EXAMPLES]
    assert ours - set().union(*theirs) == set()
    # Ours has no second name for the Bundle, and an address that is lines and a postcode.
    address = ".entry[].resource<Organization>.address[].city"
    assert set.intersection(*theirs) - ours == {".id", address}


def test_ours_passes_our_own_reading(sample: Sample) -> None:
    supply = _supply(sample)
    assert read_notification(parse(dump(write_notification(supply)))) == supply
    assert supply.status is PrescriptionStatus.WITH_DISPENSER_ACTIVE
    assert [one.text for one in supply.performer.identifiers] == ["7654321", "741555508105"]


@pytest.mark.parametrize(
    ("statuses", "whole"),
    [
        ("0001 0001 0001 0001", "0006"),
        ("0001 0001 0001 0005", "0006"),
        ("0001 0002 0005 0006", "0006"),
        ("0001 0001 0001 0003", "0003"),
        ("0001 0001 0001 0004", "0003"),
        ("0002 0002 0002 0002", "0007"),
        ("0002 0005 0006 0006", "0007"),
    ],
)
def test_where_the_prescription_stands(sample: Sample, statuses: str, whole: str) -> None:
    supply = _supply(sample, tuple(ItemStatus(code) for code in statuses.split()))
    assert supply.status.value == whole
    dispense = thaw(write_notification(supply).root)["entry"][1]["resource"]
    assert dispense["extension"][0]["valueCoding"]["code"] == whole


def test_every_line_is_told_once(sample: Sample) -> None:
    prescription = _prescription(sample)
    lines = tuple(_supplied(line, ItemStatus.FULLY_DISPENSED) for line in prescription.lines)
    for wrong in (lines[:3], (*lines[:3], lines[0])):
        with pytest.raises(Refused) as refused:
            _notify(prescription, wrong)
        assert refused.value.rule == "eps.notification-lines"


@pytest.mark.parametrize(
    ("status", "reason", "rule"),
    [
        (ItemStatus.WITH_DISPENSER, None, "eps.item-status"),
        (ItemStatus.NOT_DISPENSED, None, "eps.non-dispensing-reason"),
        (ItemStatus.OWING, NonDispensingReason.OWINGS_NOTE, "eps.non-dispensing-reason"),
    ],
)
def test_what_may_not_be_said(
    sample: Sample, status: ItemStatus, reason: NonDispensingReason | None, rule: str
) -> None:
    prescription = _prescription(sample)
    lines = tuple(replace(_supplied(line, status), reason=reason) for line in prescription.lines)
    with pytest.raises(Refused) as refused:
        write_notification(_notify(prescription, lines))
    assert refused.value.rule == rule


def _prescription(sample: Sample) -> Prescription:
    return read_order(sample("001"), now=NOW).prescription


def _supply(
    sample: Sample,
    statuses: tuple[ItemStatus, ...] = (
        ItemStatus.FULLY_DISPENSED,
        ItemStatus.PARTLY_DISPENSED,
        ItemStatus.OWING,
        ItemStatus.CANCELLED,
    ),
) -> SupplyNotification:
    prescription = _prescription(sample)
    supplied = zip(prescription.lines, statuses, strict=True)
    return _notify(prescription, tuple(_supplied(line, status) for line, status in supplied))


def _notify(prescription: Prescription, lines: tuple[SuppliedLine, ...]) -> SupplyNotification:
    return notification_for(
        prescription,
        lines=lines,
        pharmacy=PHARMACY,
        performer=PHARMACIST,
        at=NOW,
        message_id=MESSAGE,
        in_response_to="46183abc-9fad-4673-85db-ce2cb6614732",
    )


def _supplied(line: MedicationRequest, status: ItemStatus) -> SuppliedLine:
    assert line.quantity is not None
    handed_over = status in (ItemStatus.FULLY_DISPENSED, ItemStatus.PARTLY_DISPENSED)
    reason = NonDispensingReason.NOT_COLLECTED if status is ItemStatus.NOT_DISPENSED else None
    return SuppliedLine(
        request=line,
        dispense_id=line.id.replace("4c", "5c"),
        status=status,
        medication=line.medication,
        quantity=line.quantity if handed_over else replace(line.quantity, value=Decimal(0)),
        dosage=Dosage((DosageStep(text="One to be taken twice a day"),)),
        reason=reason,
    )


def _paths(node: Any, path: str = "") -> set[str]:
    if isinstance(node, dict):
        kind = node.get("resourceType") or (node["url"].rsplit("/", 1)[-1] if "url" in node else "")
        inner = f"{path}<{kind}>" if kind else path
        return {one for key, value in node.items() for one in _paths(value, f"{inner}.{key}")}
    if isinstance(node, list):
        return {one for value in node for one in _paths(value, f"{path}[]")}
    return {path.replace("<Bundle>", "")}
