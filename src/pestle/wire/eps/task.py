"""What does a dispenser take back: a prescription that it does not dispense, or what it told of a supply?

Two uses of a ``Task``. *Returned*, with the status rejected: the service gives the prescription to another
dispenser, or back to the prescriber. *Withdrawn*: a dispense notification no longer counts, and another
follows it.

Source: NHSDigital/electronic-prescription-service-api 77e80e11 (MIT, 2026-04-30): the examples of both,
task-validator.ts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.quantity import SNOMED
from pestle.pharmacy.record.medication import Organisation, Practitioner
from pestle.pharmacy.record.patient import NhsNumber, nhs_number
from pestle.pharmacy.refusal import refuse
from pestle.wire.eps.bundle import uuid_identifier
from pestle.wire.eps.codes import ReturnReason, WithdrawReason, coded, read_code
from pestle.wire.eps.people import contained, named_once, read_performer, write_performer, write_pharmacy
from pestle.wire.eps.prescription_id import prescription_number
from pestle.wire.eps.repeat import IssueCount, read_issue_count, write_issue_count
from pestle.wire.eps.systems import RETURN_REASON, TASK_CODE, WITHDRAW_REASON, X_AGENT, X_EPS_PRESCRIPTION
from pestle.wire.fhir.bundle import identifier
from pestle.wire.fhir.datatypes import (
    read_coding,
    read_instant,
    write_coding,
    write_concept,
    write_instant,
)
from pestle.wire.fhir.element import Element, missing, root
from pestle.wire.fhir.medication_request import set_extension
from pestle.wire.fhir.people import read_organisation
from pestle.wire.fhir.systems import NHS_NUMBER, ODS, ORDER_NUMBER, USER, UUID
from pestle.wire.fhir.tree import Tree, tree

RETURNED = "rejected"
WITHDRAWN = "in-progress"
_FULFIL = Coded("Fulfill the focal request", TASK_CODE, "fulfill")
_ABORT = Coded("Mark the focal resource as no longer active", TASK_CODE, "abort")
_OF_AN_ORDER = Coded("Prescription of drug", SNOMED, "33633005")
_OF_A_SUPPLY = Coded("Dispensing medication", SNOMED, "373784005")


@dataclass(frozen=True, slots=True)
class Returned:
    """A prescription given back undispensed. `about` is the identifier of the message that brought it.
    `performer` is named as in a notification."""

    message_id: str
    at: datetime
    prescription_number: str
    about: str
    nhs_number: NhsNumber
    reason: ReturnReason
    pharmacy: Organisation
    performer: Practitioner


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A dispense notification taken back: `about` is its identifier. Of one issue of several, `issue` counts
    and `course` says what the sender calls the course of therapy."""

    message_id: str
    at: datetime
    prescription_number: str
    about: str
    nhs_number: NhsNumber
    reason: WithdrawReason
    pharmacy: Organisation
    performer: Practitioner
    issue: IssueCount | None = None
    course: Coded | None = None


Taken: TypeAlias = Returned | Withdrawn


def read_task(sent: Tree) -> Taken:
    """What is taken back.

    Raises `Refused`: ``eps.task-status`` for a task that is neither, ``eps.task-intent``,
    ``eps.task-reason`` without a reason of the service's own, ``eps.check-character``, ``nhs-number.``, and
    what cannot be read.
    """
    task = root(sent)
    status = task.text("status")
    if status not in (RETURNED, WITHDRAWN):
        raise refuse("eps.task-status", "This task neither returns nor withdraws", place=task.at("status"))
    if task.text("intent") != "order":
        raise refuse("eps.task-intent", "The intent of such a task is order", place=task.at("intent"))
    if status == RETURNED:
        return Returned(**_common(task), reason=read_code(_reason(task, RETURN_REASON), ReturnReason))
    code = task.follow("code", "coding")
    if code is None or code.text("code") != _ABORT.code:
        reason = "A withdrawal says that what it is about counts no longer"
        raise refuse("eps.task-status", reason, place=task.at("code"))
    told = task.extension(X_EPS_PRESCRIPTION)
    course = told.extension("courseOfTherapyType") if told else None
    return Withdrawn(
        **_common(task),
        reason=read_code(_reason(task, WITHDRAW_REASON), WithdrawReason),
        issue=read_issue_count(task),
        course=read_coding(course.need("valueCoding")) if course else None,
    )


def write_task(taken: Taken) -> Tree:
    """The message of a return or a withdrawal, which `read_task` reads back as the same value."""
    returned = isinstance(taken, Returned)
    draft: dict[str, Any] = {
        "resourceType": "Task",
        "contained": [
            write_performer(taken.performer, id="requester", pharmacy="#organisation"),
            write_pharmacy(taken.pharmacy, authority=None) | {"id": "organisation"},
        ],
        "identifier": [uuid_identifier(taken.message_id)],
        "groupIdentifier": {"system": ORDER_NUMBER, "value": taken.prescription_number},
        "status": RETURNED if returned else WITHDRAWN,
        "statusReason": write_concept(coded(taken.reason)),
        "intent": "order",
        "code": write_concept(_FULFIL if returned else _ABORT),
        "focus": ({} if returned else {"type": "Bundle"}) | {"identifier": uuid_identifier(taken.about)},
        "for": {"identifier": {"system": NHS_NUMBER, "value": taken.nhs_number.digits}},
        "authoredOn": write_instant(taken.at),
        "requester": {"reference": "#requester"},
        "reasonCode": write_concept(_OF_AN_ORDER if returned else _OF_A_SUPPLY),
    }
    if isinstance(taken, Withdrawn):
        _add_withdrawal(draft, taken)
    return tree(draft)


def _common(task: Element) -> dict[str, Any]:
    at, message_id = read_instant(task, "authoredOn"), identifier(task, UUID)
    if at is None or message_id is None:
        raise missing(task.at("authoredOn" if at is None else "identifier"))
    group, person = task.need("groupIdentifier"), task.need("for").need("identifier")
    role = contained(task, task.need("requester"))
    return {
        "message_id": message_id,
        "at": at,
        "prescription_number": prescription_number(group.need_text("value"), place=group.at("value")),
        "about": task.need("focus").need("identifier").need_text("value"),
        "nhs_number": nhs_number(person.need_text("value"), place=person.at("value")),
        "pharmacy": read_organisation(contained(task, role.need("organization"))),
        "performer": named_once(read_performer(role)),
    }


def _reason(task: Element, system: str) -> Element:
    found = task.need("statusReason").where("coding", "system", system)
    if not found:
        reason = "It gives no reason of the service's own"
        raise refuse("eps.task-reason", reason, place=task.at("statusReason"))
    return found[0]


def _add_withdrawal(draft: dict[str, Any], taken: Withdrawn) -> None:
    for user in (one for one in taken.performer.identifiers if one.system == USER):
        who = {"identifier": {"system": USER, "value": user.text}}
        set_extension(draft, X_AGENT, {"valueReference": who})
    if taken.course:
        course = {"url": "courseOfTherapyType", "valueCoding": write_coding(taken.course)}
        set_extension(draft, X_EPS_PRESCRIPTION, {"extension": [course]})
    write_issue_count(draft, taken.issue, of="valueUnsignedInt")
    draft["owner"] = {"identifier": {"system": ODS, "value": taken.pharmacy.code}}
