"""How have the prescriptions of the invented pharmacy been paid for, and what was claimed?

Some patients pay, some are exempt by age, two by what they declared. Of what was supplied one claim is
accepted, one waits for its answer, one was refused by the service, one is ready to be made, and the others
wait to be endorsed. One dispense notification was withdrawn, and the service told again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta

from pestle.demo.messages import name_id
from pestle.pharmacy.dispensary.charge import Declarant, Declared, Evidence
from pestle.pharmacy.dispensary.endorsement import NOTHING, Detail, Endorsement
from pestle.pharmacy.dispensary.taking_back import WithdrawReason
from pestle.pharmacy.people import Person
from pestle.web.actions import answers, payment, taking_back
from pestle.web.store import models
from pestle.wire.fhir.tree import dump, tree

# What was declared of a prescription, by its story; the others pay, or are exempt by their age.
DECLARED = {
    "c10": Declared("0006", Evidence.SEEN, Declarant.PATIENT, "MEDEX 0042 (invented)", date(2029, 3, 31)),
    "c11": Declared("0012", Evidence.NOT_SEEN, Declarant.PATIENT),
}
_BROKEN = Endorsement("BB", {Detail.PACK_SIZE: "56", Detail.SUPPLIER: "Ashcombe Wholesale (invented)"})


def rounds(*, by: Person, pharmacist: Person, site: models.Site, now: datetime) -> Iterator[datetime]:
    """Yesterday's and today's work on claims, in the order of its times."""
    at = now - timedelta(hours=2)
    yield at
    for key, given in (("c02", Endorsement(NOTHING)), ("c04", Endorsement(NOTHING)), ("c10", _BROKEN),
                       ("c06", Endorsement(NOTHING))):  # fmt: skip
        _endorse(site, key, given, by=by, now=at)
    at += timedelta(minutes=5)
    yield at
    claims = {key: _claim(site, key, by=by, now=at) for key in ("c02", "c04", "c06")}
    at += timedelta(minutes=2)
    yield at
    _answer(claims["c02"], {"severity": "information", "code": "informational"}, by=by, now=at)
    refused = {"coding": [{"system": "https://fhir.nhs.uk/CodeSystem/Spine-ErrorOrWarningCode",
                           "code": "INVALID_VALUE"}]}  # fmt: skip
    issue = {"severity": "error", "code": "invalid", "details": refused,
             "diagnostics": "The prescription has been claimed by another message (invented)"}  # fmt: skip
    _answer(claims["c06"], issue, by=by, now=at)
    at += timedelta(minutes=20)
    yield at
    row = _row(site, "c05")
    told = row.hand_outs.get().notification_id
    assert told is not None
    taking_back.withdraw_notification(
        by=pharmacist, now=at, key=name_id("withdraw", row.pk), prescription_id=row.pk, message_id=told,
        reason=WithdrawReason.PATIENT_DETAILS, words="Her name has changed; the surgery has the new one",
    )  # fmt: skip
    at += timedelta(minutes=4)
    yield at
    taking_back.tell_again(
        by=by, now=at, key=name_id("tell", row.pk), prescription_id=row.pk, message_id=told
    )


def _endorse(site: models.Site, key: str, given: Endorsement, *, by: Person, now: datetime) -> None:
    row = _row(site, key)
    payment.endorse_lines(
        by=by, now=now, key=name_id("endorse", row.pk), prescription_id=row.pk,
        endorsements={line.pk: [given] for line in row.lines.all()},
    )  # fmt: skip


def _claim(site: models.Site, key: str, *, by: Person, now: datetime) -> int:
    row = _row(site, key)
    made = payment.make_claim(by=by, now=now, key=name_id("claim", row.pk), prescription_id=row.pk)
    return int(made.result["message"])


def _answer(message: int, issue: Mapping[str, object], *, by: Person, now: datetime) -> None:
    data = dump(tree({"resourceType": "OperationOutcome", "issue": [issue]}))
    answers.take_answer(
        by=by, now=now, key=name_id("answer", message), message_id=message, data=data,
        name=f"answer-{message}.json", way="upload",
    )  # fmt: skip


def _row(site: models.Site, key: str) -> models.Prescription:
    return models.Prescription.objects.get(site=site, order__message__name=f"{key}.json")
