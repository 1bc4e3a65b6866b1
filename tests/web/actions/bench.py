"""An invented pharmacy on a real database, and the steps that its people take, by their names.

Every step goes through its action with a key of its own, as from a page that was opened once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from django.db import connections

from pestle.demo.messages import Item, a_prescription, written
from pestle.pharmacy.dispensary.clinical import Decision
from pestle.pharmacy.dispensary.collection import Collection, Collector, Identity
from pestle.pharmacy.dispensary.not_dispensed import NotDispensed
from pestle.pharmacy.dispensary.owing import Missing, OwingReason
from pestle.pharmacy.ledger.controlled import Source
from pestle.pharmacy.ledger.recall import AlertKind, RecallLevel
from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.record.medication import Prescription
from pestle.pharmacy.record.patient import Gender, Name, Patient, nhs_number
from pestle.pharmacy.refusal import Refused
from pestle.web.actions import (
    accuracy,
    assembly,
    clinical,
    entry,
    hand_out,
    lines,
    messages,
    owings,
    recalls,
    responsible,
    stock,
)
from pestle.web.actions.once import Outcome
from pestle.web.store import clinical as stored_clinical
from pestle.web.store import models, prescriptions
from pestle.web.store import people as stored_people
from pestle.web.store.knowledge import dictionary

NOW = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
SIGNED = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)

MARY = Patient(Name("O'Brien", ("Mary",), "Mrs"), date(1965, 3, 10), Gender.FEMALE, nhs_number("9434765919"))
JOHN = Patient(Name("Smith", ("John",), "Mr"), date(1950, 7, 1), Gender.MALE, nhs_number("9990001030"))

FUROSEMIDE = Item("Furosemide 40mg tablets", "28", "Take one tablet in the morning")
PARACETAMOL = Item("Paracetamol 500mg tablets", "64", "Take two tablets four times a day")
DIAZEPAM = Item("Diazepam 2mg tablets", "28", "Take one tablet at night")
MORPHINE = Item("Morphine 10mg modified-release tablets", "60", "Take one tablet twice a day")

# GTINs of invented packs: 28 furosemide of two makers, 32 paracetamol, 28 diazepam, 60 morphine.
FUROSEMIDE_28, FUROSEMIDE_28_B, PARACETAMOL_32 = "9521000000773", "9521000000841", "9521000001541"
DIAZEPAM_28, MORPHINE_60 = "9521000001190", "9521000003019"
GTINS = {
    FUROSEMIDE.medicine: FUROSEMIDE_28,
    PARACETAMOL.medicine: PARACETAMOL_32,
    DIAZEPAM.medicine: DIAZEPAM_28,
    MORPHINE.medicine: MORPHINE_60,
}
WHOLESALER = Source("Ashcombe Wholesale Ltd", "2 Depot Road, Ashcombe", "INV-0042")
STEPS = ("entry", "clinical", "assemble", "accuracy", "hand_out", "closed")

_keys = count(1)


def a_key() -> str:
    """A key that no other command has."""
    return f"key-{next(_keys)}"


def ordered(
    *items: Item,
    key: str = "a",
    patient: Patient = MARY,
    signed_at: datetime = SIGNED,
    starts_on: date | None = None,
) -> Prescription:
    """A prescription as the surgery sends it; another `key` is another prescription."""
    return a_prescription(patient, items or (FUROSEMIDE,), signed_at=signed_at, key=key, starts_on=starts_on)


def together(*calls: Callable[[], Outcome]) -> tuple[list[Outcome], list[Refused]]:
    """Makes the calls at the same moment, each in a thread with a connection of its own."""
    barrier = threading.Barrier(len(calls))

    def run(call: Callable[[], Outcome]) -> Outcome | Refused:
        try:
            barrier.wait()
            return call()
        except Refused as refused:
            return refused
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        results = list(pool.map(run, calls))
    return (
        [result for result in results if isinstance(result, Outcome)],
        [result for result in results if isinstance(result, Refused)],
    )


@dataclass
class Bench:
    """The pharmacy and its people: Tess and Leon are technicians, Adam checks accuracy, Ruth and Samuel are
    pharmacists, Mo manages. Ruth is the responsible pharmacist from when a bag is ready."""

    site: models.Site
    people: dict[str, Person] = field(default_factory=dict)

    @property
    def tess(self) -> Person:
        return self.people["tess"]

    @property
    def leon(self) -> Person:
        return self.people["leon"]

    @property
    def adam(self) -> Person:
        return self.people["adam"]

    @property
    def ruth(self) -> Person:
        return self.people["ruth"]

    @property
    def samuel(self) -> Person:
        return self.people["samuel"]

    @property
    def mo(self) -> Person:
        return self.people["mo"]

    def row(self, prescription: int) -> models.Prescription:
        """The prescription as the database has it now."""
        return models.Prescription.objects.select_related("site", "patient", "order").get(pk=prescription)

    def lines(self, prescription: int) -> list[models.Line]:
        return list(models.Line.objects.filter(prescription=prescription).order_by("place"))

    def receive(self, data: bytes, *, by: Person | None = None, now: datetime = NOW, **other: Any) -> Outcome:
        return messages.receive(
            by=by or self.tess,
            now=now,
            data=data,
            **{"key": a_key(), "name": "a.json", "way": "upload", **other},
        )

    def take_in(self, *items: Item, now: datetime = NOW, **how: Any) -> int:
        """Receives a prescription, and gives its id."""
        result = self.receive(written(ordered(*items, **how)), now=now).result
        assert len(result["prescriptions"]) == 1, result
        return int(result["prescriptions"][0])

    def answers(self, prescription: int) -> list[entry.Answer]:
        row = self.row(prescription)
        signed = prescriptions.signed(row)
        answers = []
        for line in prescriptions.open_lines(self.lines(prescription)):
            quantity = prescriptions.request(signed, line).quantity
            assert quantity is not None
            product = dictionary().current(line.medication_code)
            answers.append(entry.Answer(line.pk, product, str(quantity.value), "Take ONE", verbatim=False))
        return answers

    def enter(
        self, prescription: int, *, by: Person | None = None, now: datetime = NOW, **other: Any
    ) -> Outcome:
        return entry.complete_entry(
            by=by or self.tess, now=now, prescription_id=prescription,
            **{"key": a_key(), "seen": None, "answers": self.answers(prescription), **other},
        )  # fmt: skip

    def decide(
        self, prescription: int, *, by: Person | None = None, now: datetime = NOW, **other: Any
    ) -> Outcome:
        """Approves every open line, with an answer to each finding, unless told otherwise."""
        rows = prescriptions.open_lines(self.lines(prescription))
        found = [
            finding
            for assessment in stored_clinical.assess(self.row(prescription), rows, now=now)
            for finding in assessment.findings
        ]
        given = {
            "key": a_key(),
            "seen": None,
            "decisions": [Decision(line.item_id, approved=True) for line in rows],
            "answers": {finding.key: "spoke to the prescriber" for finding in found},
            "seen_not_assessed": True,
        }
        return clinical.decide_lines(
            by=by or self.ruth, now=now, prescription_id=prescription, **{**given, **other}
        )

    def labels(
        self, prescription: int, *, by: Person | None = None, now: datetime = NOW, **other: Any
    ) -> Outcome:
        return assembly.print_labels(
            by=by or self.tess,
            now=now,
            prescription_id=prescription,
            **{"key": a_key(), "seen": None, **other},
        )

    def stock(
        self,
        gtin: str,
        packs: int,
        *,
        number: str = "B1",
        expiry: str = "2028-01",
        by: Person | None = None,
        **other: Any,
    ) -> Outcome:
        return stock.receive_batch(
            by=by or self.tess, gtin=gtin, number=number, expiry_text=expiry, packs=packs,
            **{"key": a_key(), "now": NOW, "source": WHOLESALER, **other},
        )  # fmt: skip

    def recall(
        self, gtin: str, number: str, *, by: Person | None = None, reference: str = "EL(26)A/40"
    ) -> Outcome:
        """A class 2 alert about one batch, or (empty) every batch, of a pack."""
        return recalls.record_alert(
            by=by or self.ruth, now=NOW, key=a_key(), kind=AlertKind.CLASS_2, reference=reference,
            level=RecallLevel.PATIENT, deadline=NOW, packs=[(gtin, number)],
        )  # fmt: skip

    def pick(
        self,
        line: int,
        gtin: str,
        *,
        number: str = "B1",
        expiry: str = "2028-01",
        by: Person | None = None,
        **other: Any,
    ) -> Outcome:
        return assembly.pick(
            by=by or self.tess, line_id=line, gtin=gtin, number=number, expiry_text=expiry,
            **{"key": a_key(), "now": NOW, "scanned": "", **other},
        )  # fmt: skip

    def pick_all(self, prescription: int, *, by: Person | None = None, now: datetime = NOW) -> None:
        """Receives what is wanted and picks it."""
        for line in prescriptions.open_lines(self.lines(prescription)):
            gtin = GTINS[line.product_name]
            while prescriptions.standing(line).missing:
                self.stock(gtin, 1, by=self.leon, now=now)
                self.pick(line.pk, gtin, by=by, now=now)

    def owe(
        self,
        line: int,
        amount: int,
        *,
        by: Person | None = None,
        now: datetime = NOW,
        reason: OwingReason = OwingReason.WHOLESALER,
        **other: Any,
    ) -> Outcome:
        """Notes so many base units of a line as owed, promised for the next day."""
        given = {
            "key": a_key(),
            "seen": None,
            "missing": [Missing(amount, reason)] if amount else [],
            "promised_on": now.date() + timedelta(days=1),
        }
        return owings.owe(by=by or self.tess, now=now, line_id=line, **{**given, **other})

    def rest(
        self, prescription: int, *, by: Person | None = None, now: datetime = NOW, **other: Any
    ) -> Outcome:
        """Brings back what is owed."""
        return owings.assemble_rest(
            by=by or self.tess, now=now, prescription_id=prescription,
            **{"key": a_key(), "seen": None, **other},
        )  # fmt: skip

    def assembled(
        self, prescription: int, *, by: Person | None = None, now: datetime = NOW, **other: Any
    ) -> Outcome:
        return assembly.complete_assembly(
            by=by or self.tess,
            now=now,
            prescription_id=prescription,
            **{"key": a_key(), "seen": None, **other},
        )

    def assemble(self, prescription: int, *, now: datetime = NOW) -> Outcome:
        """Labels, every pack, and on to the accuracy check."""
        self.labels(prescription, now=now)
        self.pick_all(prescription, now=now)
        return self.assembled(prescription, now=now)

    def in_charge(self) -> None:
        """Ruth signs on as the responsible pharmacist, where nobody has; of several threads one does."""
        if not models.ResponsibleEntry.objects.exists():
            with suppress(Refused):
                responsible.sign_on(by=self.ruth, now=SIGNED - timedelta(days=900), key=a_key())

    def passed(
        self, prescription: int, *, by: Person | None = None, now: datetime = NOW, **other: Any
    ) -> Outcome:
        self.in_charge()
        return accuracy.pass_accuracy(
            by=by or self.adam,
            now=now,
            prescription_id=prescription,
            **{"key": a_key(), "seen": None, **other},
        )

    def sent_back(
        self, prescription: int, *, by: Person | None = None, now: datetime = NOW, **other: Any
    ) -> Outcome:
        return accuracy.fail_accuracy(
            by=by or self.adam, now=now, prescription_id=prescription,
            **{"key": a_key(), "seen": None, "reason": "one pack is wrong", **other},
        )  # fmt: skip

    def handed_out(
        self, prescription: int, *, by: Person | None = None, now: datetime = NOW, **other: Any
    ) -> Outcome:
        given = {
            "key": a_key(),
            "seen": None,
            "collection": Collection(Collector.PATIENT, identity=Identity.SHOWN),
            "counselling": ["with water"],
        }
        return hand_out.hand_out(
            by=by or self.tess, now=now, prescription_id=prescription, **{**given, **other}
        )

    def withhold(self, line: int, *, by: Person | None = None, now: datetime = NOW, **other: Any) -> Outcome:
        given = {"key": a_key(), "seen": None, "reason": NotDispensed.EXPIRED, "words": "no longer valid"}
        return lines.withhold(by=by or self.ruth, now=now, line_id=line, **{**given, **other})

    def at(self, step: str, *items: Item, now: datetime = NOW, **how: Any) -> int:
        """A prescription that was taken to that step: Tess works, Ruth decides, Adam checks."""
        prescription = self.take_in(*items, now=now, **how)
        for way in (self.enter, self.decide, self.assemble, self.passed, self.handed_out)[
            : STEPS.index(step)
        ]:
            way(prescription, now=now)
        assert self.row(prescription).step == step
        return prescription


def open_bench() -> Bench:
    """The pharmacy, opened on the database that is there."""
    site = models.Site.objects.create(
        name="High Street Pharmacy", code="FZZ01", kind="community_pharmacy", country="GB-ENG",
        time_zone="Europe/London", address=["1 High Street", "Ashcombe", "QX1 1AA"], self_check_minutes=5,
    )  # fmt: skip
    bench = Bench(site)
    for username, name, roles in (
        ("tess", "Tess Okafor", (Role.TECHNICIAN,)),
        ("leon", "Leon Brandt", (Role.TECHNICIAN,)),
        ("adam", "Adam Patel", (Role.TECHNICIAN, Role.ACCURACY_CHECKER)),
        ("ruth", "Ruth Evans", (Role.PHARMACIST,)),
        ("samuel", "Samuel Adeyemi", (Role.PHARMACIST,)),
        ("mo", "Mo Rahman", (Role.MANAGER,)),
    ):
        user = models.User.objects.create(
            username=username, full_name=name, registration_body="GPhC", registration_number="2999001"
        )
        models.Membership.objects.create(user=user, site=site, roles=[role.value for role in roles])
        person = stored_people.person(user, site.pk)
        assert person is not None
        bench.people[username] = person
    return bench
