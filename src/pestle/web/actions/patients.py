"""What we hold of a patient is put right by a person, with the reason; never by a message."""

from __future__ import annotations

from datetime import date, datetime

from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.refusal import refuse
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.store import models, patients, prescriptions

MAY_CORRECT = (Role.TECHNICIAN, Role.ACCURACY_CHECKER, Role.PHARMACIST)


def correct(
    *, by: Person, now: datetime, key: str, patient_id: int, family: str, born: date, reason: str
) -> Outcome:
    """Corrects a surname or a date of birth, after somebody asked. Prescriptions keep what was signed.

    Raises `Refused`: ``patient.role``, ``patient.unknown``, ``patient.no-surname``, ``patient.not-yet-born``,
    ``patient.no-reason``, ``patient.nothing-changed``.
    """

    def do() -> Deed:
        if not by.has(*MAY_CORRECT):
            raise refuse("patient.role", f"The record is for clinical staff; you are signed in as {by.title}")
        row = models.Patient.objects.select_for_update().filter(pk=patient_id, site=by.site_id).first()
        if row is None:
            raise refuse("patient.unknown", "There is no such patient at this site")
        if not family.strip():
            raise refuse("patient.no-surname", "The surname is missing", place="surname")
        if born > now.date():
            raise refuse("patient.not-yet-born", "The date of birth lies ahead", place="birth date")
        if len(reason.strip()) < 3:
            raise refuse("patient.no-reason", "Say who confirmed the change", place="reason")
        changed = [
            name
            for name, differs in (("surname", family.strip() != row.family), ("birth date", born != row.born))
            if differs
        ]
        if not changed:
            raise refuse("patient.nothing-changed", "This is what we hold already")
        row.family, row.born = family.strip(), born
        row.search = patients.search_text(row.family, row.given, row.nhs_number)
        row.save(update_fields=("family", "born", "search"))
        for prescription in row.prescriptions.select_for_update().order_by("pk"):
            names = [line.medication_text for line in prescription.lines.all()]
            prescription.search = prescriptions.search_text(row, prescription.number, names)
            prescription.save(update_fields=("search",))
        return Deed(f"patient:{row.pk}", {"changed": changed, "reason": reason.strip()}, {"patient": row.pk})

    request = {"patient": patient_id, "family": family, "born": born.isoformat(), "reason": reason}
    return once("record.correct_patient", by=by, now=now, key=key, request=request, do=do)
