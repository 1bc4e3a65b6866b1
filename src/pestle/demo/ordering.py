"""What became of what the invented practice signed: of one item a pharmacy told that nobody came for it, of
another nothing was heard; and a controlled drug that waits to be signed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from pestle.demo.messages import name_id
from pestle.demo.people import NAME, SITE_CODE
from pestle.pharmacy.dosage.dose import Coded, Dosage, DosageStep
from pestle.pharmacy.people import Person
from pestle.pharmacy.practice.change import Wanted, new
from pestle.pharmacy.practice.request import From
from pestle.pharmacy.quantity import SNOMED, Quantity
from pestle.pharmacy.record.medication import CourseOfTherapy, Organisation, Practitioner
from pestle.web.actions import medication_list, messages, requests, signing
from pestle.web.actions.requests import Seen
from pestle.web.store import models
from pestle.web.store.knowledge import dictionary
from pestle.wire.eps.codes import ItemStatus, NonDispensingReason
from pestle.wire.eps.dispense_notification import write_notification
from pestle.wire.eps.notification import SuppliedLine, notification_for
from pestle.wire.eps.order import read_order
from pestle.wire.fhir.tree import dump, parse

MORPHINE = "Morphine 10mg modified-release tablets"
_TOLD_AFTER = timedelta(days=35)


def signed_before(
    people: Mapping[str, Person], rows: Sequence[models.ListedMedicine], *, now: datetime
) -> None:
    """Two repeats of two patients are signed; of the first the pharmacy told that it was not collected."""
    for number, row in enumerate(rows):
        lines = _prepared(people, row, name_id("before", number), words="goes on a journey", now=now)
        done = signing.sign(
            by=people["dana"], now=now + timedelta(hours=1), key=name_id("before", number, "sign"),
            lines=lines,
        )  # fmt: skip
        if number == 0:
            _not_collected(people["priya"], done.result["prescriptions"][0], now=now + _TOLD_AFTER)


def _not_collected(by: Person, prescription: int, *, now: datetime) -> None:
    """The notification of the pharmacy, as the service passes it on."""
    message = models.IssuedPrescription.objects.get(pk=prescription).message
    order = read_order(parse(bytes(message.body)), now=now).prescription
    lines = []
    for line in order.lines:
        assert line.quantity is not None
        assert line.dosage is not None
        nothing = Quantity(Decimal(0), line.quantity.unit)
        lines.append(
            SuppliedLine(
                line, name_id("not dispensed", line.id), ItemStatus.NOT_DISPENSED, line.medication, nothing,
                line.dosage, NonDispensingReason.NOT_COLLECTED,
            )
        )  # fmt: skip
    told = notification_for(
        order, lines=tuple(lines), pharmacy=Organisation(SITE_CODE, NAME),
        performer=Practitioner("Adam Patel"), at=now, message_id=name_id("told", order.number),
        in_response_to=name_id("sent", order.number),
    )  # fmt: skip
    messages.receive(
        by=by, now=now, key=name_id("told", order.number, "taken in"), data=dump(write_notification(told)),
        name="dispense-notification.json", way="upload",
    )  # fmt: skip


def controlled(people: Mapping[str, Person], patient: models.Patient, *, now: datetime) -> None:
    """Morphine is put on the list of a patient and authorised; the request for it waits to be signed."""
    product = next(each for each in dictionary().products() if each.name == MORPHINE)
    assert product.base_unit is not None
    wanted = Wanted(
        Coded(product.name, SNOMED, product.id),
        CourseOfTherapy.REPEAT,
        Dosage((DosageStep(text="Take one tablet every 12 hours"),)),
        Quantity(Decimal(56), product.base_unit.unit),
        days_supply=Decimal(28),
        issues_allowed=3,
        authorised_until=now.date() + timedelta(days=84),
        review_by=now.date() + timedelta(days=84),
    )
    made = medication_list.apply(
        by=people["priya"], now=now, key=name_id("morphine"), patient_id=patient.pk,
        changes=[new(wanted, "started by the pain clinic, taken over by letter")],
    ).result["lines"][0]  # fmt: skip
    medication_list.authorise(
        by=people["dana"], now=now + timedelta(minutes=5), key=name_id("morphine", "authorised"),
        patient_id=patient.pk, orders=[made["order"]],
    )  # fmt: skip
    row = models.ListedMedicine.objects.get(pk=made["listed"])
    _prepared(people, row, name_id("morphine", "asked"), now=now + timedelta(minutes=10))


def _prepared(
    people: Mapping[str, Person], row: models.ListedMedicine, key: str, *, now: datetime, words: str = ""
) -> list[Seen]:
    """A line is asked for and prepared; gives it as the prescriber sees it."""
    asked = requests.ask(
        by=people["nina"], now=now, key=name_id(key, "ask"), patient_id=row.patient_id,
        came_from=From.PATIENT, name="by telephone", listed=[row.pk],
    )  # fmt: skip
    line = models.RequestLine.objects.get(request=asked.result["request"])
    requests.step(
        by=people["priya"], now=now + timedelta(minutes=10), key=name_id(key, "prepare"),
        lines=[Seen(line.pk, line.version)], verb="prepare", words=words,
    )  # fmt: skip
    return [Seen(line.pk, line.version + 1)]
