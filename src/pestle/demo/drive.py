"""How is a prescription taken to a step, through the same actions that people use?

Each function does what one person does at one step; `to_step` does all that is left to do, for tests and
measurements.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

from pestle.demo.messages import name_id
from pestle.demo.people import staff
from pestle.demo.stock import Delivery, deliver, month_after, on_shelf
from pestle.pharmacy.dispensary.charge import Declarant, Declared
from pestle.pharmacy.dispensary.clinical import Decision
from pestle.pharmacy.dispensary.collection import Collection, Collector, Identity
from pestle.pharmacy.dispensary.not_dispensed import NotDispensed
from pestle.pharmacy.dispensary.responsible import Standing
from pestle.pharmacy.dispensary.workflow import ACCURACY, ASSEMBLE, CLINICAL, CLOSED, ENTRY, HAND_OUT
from pestle.pharmacy.dosage.wording import label
from pestle.pharmacy.people import Person
from pestle.pharmacy.quantity import plain
from pestle.pharmacy.record.medication import MedicationRequest
from pestle.web.actions import (
    accuracy,
    assembly,
    clinical,
    entry,
    hand_out,
    messages,
    repeat_dispensing,
    responsible,
)
from pestle.web.actions.once import Outcome
from pestle.web.store import findings, issues, models, patients, prescriptions
from pestle.web.store import responsible as stored_responsible
from pestle.web.store.knowledge import charges, dictionary, repeat_questions

ORDER = (ENTRY, CLINICAL, ASSEMBLE, ACCURACY, HAND_OUT, CLOSED)
BY_THE_PATIENT = Collection(Collector.PATIENT, identity=Identity.KNOWN)
PAYS = Declared("0001", by=Declarant.PATIENT, signed=True)
SPOKEN = "Spoken with the surgery: to be supplied as written"


def receive(data: bytes, *, name: str, by: Person, now: datetime) -> Outcome:
    """Takes in a message as if uploaded. The same bytes under another name are another message."""
    return messages.receive(by=by, now=now, key=name_id(name, data), data=data, name=name, way="upload")


def to_step(prescription_id: int, step: str, *, site: models.Site, now: datetime) -> None:
    """Takes a prescription from wherever it is to a later step; stock that is missing is delivered.

    Raises `Refused` where an action does, and `ValueError` where it is past that step.
    """
    people = staff(site)
    tech, checker, pharmacist = people.technician, people.checker, people.pharmacist
    at = _row(prescription_id).step
    if ORDER.index(at) > ORDER.index(step):
        raise ValueError(f"prescription {prescription_id} is at {at}, past {step}")
    for passed in ORDER[ORDER.index(at) : ORDER.index(step)]:
        match passed:
            case "entry":
                enter(prescription_id, by=tech, now=now)
            case "clinical":
                approve(prescription_id, by=pharmacist, now=now)
            case "assemble":
                print_labels(prescription_id, by=tech, now=now)
                for line in prescriptions.open_lines(_row(prescription_id).lines.all()):
                    _stock_up(line, by=tech, now=now)
                    list(pick(line, by=tech, now=now))
                complete_assembly(prescription_id, by=tech, now=now)
            case "accuracy":
                pass_accuracy(prescription_id, by=checker, now=now)
            case "hand_out":
                in_charge(pharmacist, now=now)
                give(prescription_id, by=tech, now=now)


def in_charge(pharmacist: Person, *, now: datetime) -> None:
    """Lets the pharmacist sign on as the responsible one, where nobody has."""
    if stored_responsible.in_charge(pharmacist.site_id).standing is Standing.NOBODY:
        key = name_id("in charge", pharmacist.site_id, pharmacist.id, now.isoformat())
        responsible.sign_on(by=pharmacist, now=now, key=key)


def enter(prescription_id: int, *, by: Person, now: datetime) -> None:
    """Answers every open line: by its code, the quantity as written, the directions in label words."""
    row = _row(prescription_id)
    signed = prescriptions.signed(row)
    answers = [
        _answer(line, prescriptions.request(signed, line))
        for line in prescriptions.open_lines(row.lines.all())
    ]
    entry.complete_entry(
        by=by, now=now, key=_key(row, "entry"), prescription_id=row.pk, seen=row.version, answers=answers
    )


def approve(prescription_id: int, *, by: Person, now: datetime, words: str = SPOKEN) -> None:
    """Approves every matched line; `words` answer each finding that asks for an answer."""
    row = _row(prescription_id)
    lines = prescriptions.open_lines(row.lines.all())
    found = findings.checked(row, lines, now=now).entries
    _decide(
        row,
        [_decision(line) for line in lines],
        {entry.finding.key: words for entry in found if entry.asks},
        by=by,
        now=now,
    )


def refuse(prescription_id: int, *, by: Person, now: datetime, words: str) -> None:
    """Refuses every line as clinically unsuitable, with the words."""
    row = _row(prescription_id)
    lines = prescriptions.open_lines(row.lines.all())
    decisions = [Decision(line.item_id, False, NotDispensed.CLINICALLY_UNSUITABLE, words) for line in lines]
    _decide(row, decisions, {}, by=by, now=now)


def print_labels(prescription_id: int, *, by: Person, now: datetime) -> list[str]:
    """Prints the labels; gives their codes."""
    row = _row(prescription_id)
    made = assembly.print_labels(
        by=by, now=now, key=_key(row, "labels"), prescription_id=row.pk, seen=row.version
    )
    return list(made.result["labels"])


def pick(line: models.Line, *, by: Person, now: datetime) -> Iterator[int]:
    """Scans packs into a line one by one, while it wants more and the shelf has some; gives each pick."""
    line.refresh_from_db()
    left = prescriptions.standing(line).missing
    while left:
        row = _row(line.prescription_id)
        batch = on_shelf(line, left, on=_today(row, now))
        if batch is None:
            return
        done = assembly.pick(
            by=by,
            now=now,
            key=_key(row, "pick", line.pk),
            line_id=line.pk,
            gtin=batch.gtin,
            number=batch.number,
            expiry_text=batch.expiry,
            scanned=element_string(batch),
        )
        left = done.result["left"]
        yield int(done.result["pick"])


def complete_assembly(prescription_id: int, *, by: Person, now: datetime) -> None:
    """Sends the bag to the accuracy check."""
    row = _row(prescription_id)
    key = _key(row, "assembled")
    assembly.complete_assembly(by=by, now=now, key=key, prescription_id=row.pk, seen=row.version)


def pass_accuracy(prescription_id: int, *, by: Person, now: datetime) -> None:
    """Signs the accuracy check."""
    row = _row(prescription_id)
    key = _key(row, "accuracy")
    accuracy.pass_accuracy(by=by, now=now, key=key, prescription_id=row.pk, seen=row.version)


def ask_before_issue(prescription_id: int, *, by: Person, now: datetime) -> None:
    """Asks before an issue of repeat dispensing, with answers by which it may go; nothing for others."""
    row = _row(prescription_id)
    if issues.of(row, prescriptions.signed(row)) is None or issues.answered(row) is not None:
        return
    repeat_dispensing.ask_before_issue(
        by=by, now=now, key=_key(row, "issue"), prescription_id=row.pk, seen=row.version,
        answers={one.code: one.expected for one in repeat_questions().asked}, not_needed=frozenset(),
        words="", told_by=Declarant.PATIENT,
    )  # fmt: skip


def give(
    prescription_id: int,
    *,
    by: Person,
    now: datetime,
    collection: Collection = BY_THE_PATIENT,
    counselling: tuple[str, ...] = (),
    declared: Declared = PAYS,
) -> None:
    """Hands the bag out; of repeat dispensing it is asked first. The charge is taken, unless the date of
    birth or what is declared says otherwise."""
    ask_before_issue(prescription_id, by=by, now=now)
    row = _row(prescription_id)
    by_age = charges().by_age(patients.value(row.patient), on=_today(row, now))
    hand_out.hand_out(
        by=by,
        now=now,
        key=_key(row, "hand-out"),
        prescription_id=row.pk,
        seen=row.version,
        collection=collection,
        counselling=counselling,
        declared=None if by_age else declared,
    )


def element_string(batch: models.Batch) -> str:
    """What the pack's DataMatrix says: GTIN, expiry and batch (GS1 AI 01, 17, 10)."""
    year, month, *day = batch.expiry.split("-")
    return f"01{batch.gtin:0>14}17{year[2:]}{month}{day[0] if day else '00'}10{batch.number}"


def _decide(
    row: models.Prescription,
    decisions: list[Decision],
    answers: dict[str, str],
    *,
    by: Person,
    now: datetime,
) -> None:
    clinical.decide_lines(
        by=by,
        now=now,
        key=_key(row, "clinical"),
        prescription_id=row.pk,
        seen=row.version,
        decisions=decisions,
        answers=answers,
        seen_not_assessed=True,
    )


def _answer(line: models.Line, request: MedicationRequest) -> entry.Answer:
    product = dictionary().product(dictionary().current(line.medication_code))
    if product is None:
        return entry.Answer(line.pk, "", "", "", False, unmatched="Not in the dictionary")
    wording = label(request.dosage, form=product.form) if request.dosage else None
    return entry.Answer(
        line_id=line.pk,
        product_id=product.id,
        quantity=plain(request.quantity.value) if request.quantity else "",
        directions=wording.text if wording else "",
        verbatim=wording.verbatim if wording else False,
        unit_confirmed=True,
    )


def _decision(line: models.Line) -> Decision:
    if line.product_id:
        return Decision(line.item_id, True)
    return Decision(line.item_id, False, NotDispensed.OUT_OF_SCOPE, "No such product could be found")


def _stock_up(line: models.Line, *, by: Person, now: datetime) -> None:
    wanted = line.wanted or 0
    held = models.Balance.objects.filter(
        account__kind="shelf", account__site=by.site_id, batch__product_id=line.product_id, amount__gte=wanted
    )
    if not held.exists():
        pack = dictionary().packs(line.product_id)[0]
        expires = month_after(now.date(), 18)
        deliver(Delivery(pack, f"L{line.pk}", expires, packs=100, days=0), by=by, now=now)


def _row(prescription_id: int) -> models.Prescription:
    return models.Prescription.objects.select_related("site", "patient", "order").get(pk=prescription_id)


def _today(row: models.Prescription, now: datetime) -> date:
    return now.astimezone(ZoneInfo(row.site.time_zone)).date()


def _key(row: models.Prescription, *names: object) -> str:
    """The command's key: the same for the same step of the same version of a prescription."""
    return name_id(row.site_id, row.number, row.issue, row.version, *names)
