"""A prescription that is no message is typed in: from paper, or as an emergency supply; with its scan."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from pestle.pharmacy.dispensary.emergency_supply import decision_refusal
from pestle.pharmacy.dispensary.prescription_kind import PrescriptionKind, kind_of
from pestle.pharmacy.dispensary.typed_in import Typed, typed_prescription
from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.record.patient import Patient
from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.web.actions import new_prescription
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.store import models, notifications, patients, prescriptions, scans
from pestle.wire.eps.new_order import new_order
from pestle.wire.fhir.tree import dump

MAY_TYPE_IN = (Role.TECHNICIAN, Role.ACCURACY_CHECKER, Role.PHARMACIST)
MOST_SCAN_BYTES = 8 * 1024 * 1024
_NAMES = uuid5(NAMESPACE_URL, "urn:pestle:typed-in")


def keep_scan(*, by: Person, now: datetime, key: str, data: bytes, name: str) -> Outcome:
    """Keeps the scan or photo of a prescription, whole. The result names its message.

    Raises `Refused`: ``typed.role``, ``scan.empty``, ``scan.too-large``, ``scan.type``.
    """

    def do() -> Deed:
        message = _kept(data, name, by=by, now=now)
        return Deed(f"message:{message.pk}", {"digest": message.digest}, {"message": message.pk})

    request = {"digest": hashlib.sha256(data).hexdigest(), "name": _text(name)}
    return once("dispensary.keep_scan", by=by, now=now, key=key, request=request, do=do)


def add_scan(*, by: Person, now: datetime, key: str, prescription_id: int, data: bytes, name: str) -> Outcome:
    """Keeps a scan of the paper of a prescription that was typed in before.

    Raises `Refused`: ``typed.role``, ``typed.electronic`` for one that came as a message, and those of
    `keep_scan`.
    """

    def do() -> Deed:
        row = prescriptions.locked(prescription_id, site_id=by.site_id)
        if kind_of(prescriptions.signed(row)) is PrescriptionKind.ELECTRONIC:
            raise refuse("typed.electronic", "This one came as a message, and has no paper", place="scan")
        message = _kept(data, name, by=by, now=now)
        made = models.PaperScan.objects.create(prescription=row, message=message, by_id=by.id, at=now)
        detail = {"message": message.pk, "digest": message.digest}
        return Deed(f"prescription:{row.pk}", detail, {"message": message.pk}, sealed=[made])

    request = {"prescription": prescription_id, "digest": hashlib.sha256(data).hexdigest(),
               "name": _text(name)}  # fmt: skip
    return once("dispensary.add_scan", by=by, now=now, key=key, request=request, do=do)


def type_in(
    *,
    by: Person,
    now: datetime,
    key: str,
    typed: Typed,
    patient_id: int | None = None,
    another_person: bool = False,
    scan_ids: Sequence[int] = (),
) -> Outcome:
    """Takes in what was typed, as a prescription at its entry; its patient is the one of `patient_id`, or a
    new one.

    Raises `Refused`: ``typed.role``, what `typed_prescription` names, ``patient.unknown``,
    ``patient.looks-held`` when somebody of this surname and birth date is held and nobody said that it is
    `another_person`, ``typed.scan`` for a scan that is not there or belongs to another prescription, and what
    every prescription is asked (`new_prescription`).
    """

    def do() -> Deed:
        _may_type_in(by)
        # One at a time for each site: the number is the next one.
        site = models.Site.objects.select_for_update(no_key=True).get(pk=by.site_id)
        held = _held(by, patient_id)
        meant = typed if held is None else replace(typed, patient=_as_written(held, typed.patient))
        number = _next_number(site)
        message_id = str(uuid5(_NAMES, f"{site.pk}/{number}"))
        prescription = typed_prescription(
            meant, number=number, now=now, zone=ZoneInfo(site.time_zone),
            item_ids=tuple(str(uuid5(_NAMES, f"{message_id}/{place}")) for place in range(len(typed.lines))),
        )  # fmt: skip
        new_prescription.must_fit(prescription)
        new_prescription.must_be_possible(prescription)
        if held is None:
            _must_be_new(by, prescription.patient, another_person=another_person)
            held, _ = patients.find_or_make(by.site_id, prescription.patient)
        sent = new_order(prescription, message_id=message_id, sender=notifications.organisation(site))
        kind = kind_of(prescription)
        message = models.Message.objects.create(
            site=site, direction="in", way="typed", name=f"{number}.json", kind="typed-prescription",
            body=dump(sent), digest=new_prescription.digest(sent), at=now, outcome="accepted",
            summary=f"{kind.words}, typed in by {by.name}"[:300],
        )  # fmt: skip
        row = new_prescription.make(prescription, sent, held, message, now=now)
        sealed: list[Any] = [
            models.TypedIn.objects.create(prescription=row, reason=typed.reason.strip(), by_id=by.id, at=now)
        ]
        sealed += _attach(row, scan_ids, by=by, now=now)
        detail = {"kind": kind.value, "lines": len(typed.lines), "scans": list(scan_ids),
                  "patient": held.pk, "message": message.pk}  # fmt: skip
        result = {"prescription": row.pk, "patient": held.pk}
        return Deed(f"prescription:{row.pk}", detail, result, sealed=sealed)

    request = {"typed": repr(typed), "patient": patient_id, "another": another_person,
               "scans": list(scan_ids)}  # fmt: skip
    return once("dispensary.type_in", by=by, now=now, key=key, request=request, do=do)


def decide_emergency(*, by: Person, now: datetime, key: str, prescription_id: int, words: str) -> Outcome:
    """Puts on record that a pharmacist spoke with who asks for an emergency supply and is satisfied.

    Raises `Refused`: what `decision_refusal` names, ``emergency.none``, ``emergency.decided``.
    """

    def do() -> Deed:
        refusal = decision_refusal(by, words)
        if refusal is not None:
            raise Refused(refusal)
        row = _emergency(by, prescription_id)
        if models.EmergencyDecision.objects.filter(prescription=row).exists():
            raise refuse("emergency.decided", "This is on record already")
        made = models.EmergencyDecision.objects.create(
            prescription=row, words=words.strip(), by_id=by.id, at=now
        )
        detail = {"words": words.strip()}
        return Deed(f"prescription:{row.pk}", detail, {"prescription": row.pk}, sealed=[made])

    request = {"prescription": prescription_id, "words": words}
    return once("dispensary.decide_emergency", by=by, now=now, key=key, request=request, do=do)


def receive_late(
    *, by: Person, now: datetime, key: str, prescription_id: int, dated: date, received_on: date
) -> Outcome:
    """Puts on record that the prescription of an emergency supply has come.

    Raises `Refused`: ``typed.role``, ``emergency.none``, ``emergency.no-prescription-due``,
    ``emergency.prescription-came``, ``emergency.dates``.
    """

    def do() -> Deed:
        _may_type_in(by)
        row = _emergency(by, prescription_id)
        if kind_of(prescriptions.signed(row)) is not PrescriptionKind.EMERGENCY_PRESCRIBER:
            raise refuse("emergency.no-prescription-due", "No prescription follows this supply")
        if models.LatePrescription.objects.filter(prescription=row).exists():
            raise refuse("emergency.prescription-came", "The prescription is on record already")
        today = now.astimezone(ZoneInfo(row.site.time_zone)).date()
        if not dated <= received_on <= today:
            raise refuse("emergency.dates", "A prescription is written before it comes, and it has come",
                         place="dated")  # fmt: skip
        made = models.LatePrescription.objects.create(
            prescription=row, dated=dated, received_on=received_on, by_id=by.id, at=now
        )
        detail = {"dated": dated.isoformat(), "received_on": received_on.isoformat()}
        return Deed(f"prescription:{row.pk}", detail, {"prescription": row.pk}, sealed=[made])

    request = {"prescription": prescription_id, "dated": dated.isoformat(),
               "received_on": received_on.isoformat()}  # fmt: skip
    return once("dispensary.receive_late", by=by, now=now, key=key, request=request, do=do)


def _kept(data: bytes, name: str, *, by: Person, now: datetime) -> models.Message:
    _may_type_in(by)
    if not data:
        raise refuse("scan.empty", "The file is empty", place="scan")
    if len(data) > MOST_SCAN_BYTES:
        raise refuse("scan.too-large", "A scan has at most 8 MB", place="scan",
                     way_out="Take the photo again at a lower resolution.")  # fmt: skip
    found = scans.media_type(data)
    if found is None:
        raise refuse("scan.type", "A scan is a JPEG, a PNG or a PDF", place="scan")
    return models.Message.objects.create(
        site_id=by.site_id, direction="in", way="upload", kind=scans.KIND, body=data,
        name=f"{_text(name)[:190]}.{found[1]}", digest=hashlib.sha256(data).hexdigest(), at=now,
        outcome="accepted", summary="Scan or photo of a prescription",
    )  # fmt: skip


def _text(name: str) -> str:
    """The name of a file, which need not be text."""
    return name.encode(errors="replace").decode().replace("\x00", "?")


def _may_type_in(by: Person) -> None:
    if not by.has(*MAY_TYPE_IN):
        raise refuse("typed.role", f"Typing in a prescription is for the dispensary; you are signed in as "
                     f"{by.title}")  # fmt: skip


def _next_number(site: models.Site) -> str:
    """H-00001: the number by which it is called; the paper has none of ours."""
    return f"H-{models.TypedIn.objects.filter(prescription__site=site).count() + 1:05d}"


def _held(by: Person, patient_id: int | None) -> models.Patient | None:
    if patient_id is None:
        return None
    row = models.Patient.objects.filter(pk=patient_id, site=by.site_id).first()
    if row is None:
        raise refuse("patient.unknown", "There is no such patient at this site", place="patient")
    return row


def _as_written(held: models.Patient, typed: Patient) -> Patient:
    """The patient as we hold them; an address that we lack is the one on the paper."""
    known = patients.value(held)
    return replace(known, address=known.address or typed.address)


def _must_be_new(by: Person, patient: Patient, *, another_person: bool) -> None:
    if another_person:
        return
    family = patients.folded([patient.name.family])
    alike = models.Patient.objects.filter(site=by.site_id, born=patient.born)
    if any(patients.folded([one.family]) == family for one in alike):
        raise Refused(
            Refusal("patient.looks-held", "We hold a patient with this surname and date of birth", "patient",
                    "Choose that patient, or say that this is another person.")
        )  # fmt: skip


def _attach(
    row: models.Prescription, scan_ids: Sequence[int], *, by: Person, now: datetime
) -> list[models.PaperScan]:
    found = {one.pk: one for one in scans.loose(by.site_id, list(scan_ids)).defer("body")}
    if len(found) != len(set(scan_ids)):
        raise refuse("typed.scan", "A scan is not there, or belongs to another prescription", place="scan",
                     way_out="Choose the file again.")  # fmt: skip
    return [
        models.PaperScan.objects.create(prescription=row, message=found[pk], by_id=by.id, at=now)
        for pk in dict.fromkeys(scan_ids)
    ]


def _emergency(by: Person, prescription_id: int) -> models.Prescription:
    row = prescriptions.locked(prescription_id, site_id=by.site_id)
    if not kind_of(prescriptions.signed(row)).emergency:
        raise refuse("emergency.none", "This is no emergency supply")
    return row
