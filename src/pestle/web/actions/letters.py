"""Letters that list medicines: taken in with what came beside them, settled line by line, applied at once.

Several medicines of one letter are settled in one action: the practice's list changes with it or not at all,
and the letter stays open for what is left and for what waits for a pharmacist."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pestle.pharmacy.frozen_json import plain
from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.practice.change import Change
from pestle.pharmacy.practice.reconciliation.another_product import check_product
from pestle.pharmacy.practice.reconciliation.changes import changes_of
from pestle.pharmacy.practice.reconciliation.discrepancy import Intent, Severity, intent_of, type_of
from pestle.pharmacy.practice.reconciliation.outcome import (
    CLINICAL,
    MAY_SETTLE,
    SHORTEST,
    Outcome,
    Proposal,
    Settled,
    check_settled,
)
from pestle.pharmacy.practice.reconciliation.written import written
from pestle.pharmacy.record.arrival import for_this_patient
from pestle.pharmacy.record.fact import Fact
from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.pharmacy.worklist.patient_task import Evidence, Kind, Wanted, check_wanted
from pestle.web.actions.documents import MOST_BYTES, File, called, keep
from pestle.web.actions.medication_list import Why, applied, locked_patient
from pestle.web.actions.once import Deed, once
from pestle.web.actions.once import Outcome as Done
from pestle.web.store import letters, models, patient_tasks, patients
from pestle.web.store.knowledge import dictionary, list_names, reconciling
from pestle.wire.fhir.letter import read_letter

KINDS = {"discharge": "Discharge", "clinic": "Clinic letter", "other": "Another list"}
# What else a letter asks for; the value stands in the origin of the task.
TASKS = {"bloods": "Blood test", "titration": "Change of dose that is planned", "stop": "Stop on a day",
         "other": "Something else"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Arrived:
    """What is said of a letter as it is taken in: the list itself (`data`: text or FHIR), from whom, of which
    kind, the day on it (None: none), the day on which it came, and the files beside it."""

    data: bytes
    sender: str
    kind: str
    received_on: date
    dated: date | None = None
    name: str = ""
    documents: Sequence[File] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """How serious a person judged a discrepancy to be, and whether it was meant."""

    severity: Severity = Severity.NOT_JUDGED
    intent: Intent | None = None


def take_in(*, by: Person, now: datetime, key: str, patient_id: int, arrived: Arrived) -> Done:
    """Takes in a list for a patient. The result names the `letter` and how many medicines are `left`.

    The same list again for the patient is refused. Raises `Refused`: ``reconcile.role``, ``patient.unknown``,
    ``letter.sender``, ``letter.kind``, ``letter.day``, ``letter.too-large``, ``letter.again``, those
    of `keep`, `written` and `read_letter`, and of `for_this_patient` for a FHIR file.
    """
    digest = hashlib.sha256(arrived.data).hexdigest()

    def do() -> Deed:
        _may_settle(by)
        patient = locked_patient(patient_id, by=by)
        way = _read(arrived, patient, now=now)
        before = models.Letter.objects.filter(patient=patient, message__digest=digest).first()
        if before is not None:
            raise refuse("letter.again", "This list was taken in before", place="list",
                         way_out=f"It is letter {before.pk}.")  # fmt: skip
        message = models.Message.objects.create(
            site_id=by.site_id, direction="in", way="upload" if way == letters.FHIR else "typed",
            name=called(arrived.name), kind=letters.KIND, body=arrived.data, digest=digest, at=now,
            outcome="accepted", summary=f"{KINDS[arrived.kind]} from {arrived.sender.strip()}"[:300],
        )  # fmt: skip
        row = models.Letter.objects.create(
            site_id=by.site_id, patient=patient, message=message, way=way, kind=arrived.kind,
            sender=arrived.sender.strip(), dated=arrived.dated, received_on=arrived.received_on,
            listed=letters.to_compare(patient), by_id=by.id, at=now,
        )  # fmt: skip
        beside = [_keep(file, row, by=by, now=now) for file in arrived.documents]
        standing = letters.restand(row, models.LetterStanding(
            letter=row, site_id=by.site_id, patient=patient, version=0, left=0,
        ))  # fmt: skip
        detail = {"message": message.pk, "digest": digest, "documents": [one.message_id for one in beside]}
        return Deed(f"letter:{row.pk}", detail, {"letter": row.pk, "left": standing.left},
                    sealed=[row, *beside])  # fmt: skip

    request = {
        "patient": patient_id, "digest": digest, "sender": arrived.sender, "kind": arrived.kind,
        "received": arrived.received_on.isoformat(),
        "dated": arrived.dated.isoformat() if arrived.dated else None,
        "documents": [file.digest for file in arrived.documents],
    }  # fmt: skip
    return once("practice.take_in_letter", by=by, now=now, key=key, request=request, do=do)


def settle(
    *,
    by: Person,
    now: datetime,
    key: str,
    letter_id: int,
    seen: int | None,
    settled: Mapping[str, Settled],
    judged: Mapping[str, Judged] | None = None,
) -> Done:
    """Settles these medicines of a letter, or asks a pharmacist about them (outcome query, with the question
    as its reason); all or none. The result has how many are `left` and `asked`.

    Raises `Refused`: ``letter.unknown``, ``letter.changed``, ``letter.nothing``, ``letter.no-question``,
    those of `check_settled`, `check_product` and `medication_list.applied`."""
    judged = judged or {}

    def do() -> Deed:
        row, standing = letters.locked(letter_id, site_id=by.site_id)
        if seen is not None and seen != standing.version:
            raise refuse("letter.changed", "Somebody has settled something in this letter meanwhile",
                         way_out="Look at it again, then decide.")  # fmt: skip
        if not settled:
            raise refuse("letter.nothing", "Nothing was chosen", way_out="Choose what to settle.")
        patient = locked_patient(row.patient_id, by=by)
        look = letters.look(row)
        chosen = [(look.proposal(name), one) for name, one in settled.items()]
        _check(chosen, by=by)
        told = letters.called(row)
        changes = [changes_of(proposal, one, look.listed, letter=told) for proposal, one in chosen]
        every = [change for some in changes for change in some]
        why = Why(f"letter:{row.pk}", told_by=row.sender)
        done = applied(every, patient=patient, by=by, now=now, why=why) if every else []
        made = iter(done)
        decisions = models.LetterDecision.objects.bulk_create(
            _decision(row, letters.key_to_settle(look, proposal, one.outcome), proposal, one, some,
                      [next(made).listed for _ in some], judged.get(proposal.key), by=by, now=now)
            for (proposal, one), some in zip(chosen, changes, strict=True)
        )  # fmt: skip
        standing = letters.restand(row, standing)
        outcomes = [{"key": one.key, "outcome": one.outcome, "made": one.made} for one in decisions]
        result = {"letter": row.pk, "left": standing.left, "asked": standing.asked, "settled": len(decisions)}
        return Deed(f"letter:{row.pk}", {"outcomes": outcomes, "because": why.reference}, result,
                    sealed=decisions)  # fmt: skip

    request = {
        "letter": letter_id,
        "seen": seen,
        "settled": {name: plain(one) for name, one in settled.items()},
        "judged": {name: plain(one) for name, one in judged.items()},
    }
    return once("practice.settle_letter", by=by, now=now, key=key, request=request, do=do)


def open_task(
    *, by: Person, now: datetime, key: str, letter_id: int, what: str, words: str, due_on: date,
    role: Role | None = None,
) -> Done:  # fmt: skip
    """Makes a dated task of something else that the letter asks for: bloods, a titration, a stop date.

    Raises `Refused`: ``letter.unknown``, ``letter.task-kind``, those of `check_wanted`.
    """

    def do() -> Deed:
        row, _ = letters.locked(letter_id, site_id=by.site_id)
        if what not in TASKS:
            raise refuse("letter.task-kind", "Choose what sort of task it is", place="what")
        told = f"{KINDS[row.kind]} from {row.sender}"
        said = words.strip()
        digest = hashlib.sha256(said.casefold().encode()).hexdigest()[:12]
        wanted = Wanted(
            patient_id=row.patient_id, kind=Kind.RECONCILIATION, origin=f"letter:{row.pk}:{what}:{digest}",
            title=said, reason=f"{TASKS[what]}, asked for in the {told}"[:2000], due_on=due_on, role=role,
            evidence=Evidence((Fact(told, row.dated or row.received_on, f"letter {row.pk}"),)),
        )  # fmt: skip
        check_wanted(wanted, by=by)
        opened = patient_tasks.open_tasks([wanted], by=by, now=now)
        ids = [one.pk for one in opened.made]
        result = {"letter": row.pk, "opened": ids, "already": list(opened.already)}
        return Deed(f"letter:{row.pk}", {"tasks": ids}, result, together=opened.made)

    request = {"letter": letter_id, "what": what, "words": words, "due": due_on.isoformat(),
               "role": role.value if role else None}  # fmt: skip
    return once("practice.letter_task", by=by, now=now, key=key, request=request, do=do)


def _may_settle(by: Person) -> None:
    if not by.has(*MAY_SETTLE):
        raise refuse("reconcile.role", f"Reconciling is for pharmacy staff; you are signed in as {by.title}")


def _read(arrived: Arrived, patient: models.Patient, *, now: datetime) -> str:
    """Checks what is said of the letter and that its list can be read; the way in which it came."""
    found = []
    if len(arrived.sender.strip()) < SHORTEST:
        found.append(Refusal("letter.sender", "Say who sent it", "sender"))
    if arrived.kind not in KINDS:
        found.append(Refusal("letter.kind", "Choose what sort of letter it is", "kind"))
    if arrived.dated is not None and arrived.dated > arrived.received_on:
        found.append(Refusal("letter.day", "A letter cannot have come before the day on it", "received"))
    if len(arrived.data) > MOST_BYTES:
        found.append(Refusal("letter.too-large", "A list has at most 8 MB", "list"))
    if found:
        raise Refused(*found)
    if arrived.data.lstrip()[:1] == b"{":
        read = read_letter(arrived.data, list_names(), sender=arrived.sender, received_at=now)
        for_this_patient(patients.value(patient), read.patient)
        return letters.FHIR
    try:
        text = arrived.data.decode()
    except UnicodeDecodeError:
        raise refuse(
            "letter.not-text",
            "This file is neither text nor FHIR",
            place="list",
            way_out="Keep it as a document beside the list, and type the list.",
        ) from None
    written(text, list_names(), on=arrived.dated or arrived.received_on)
    return letters.TEXT


def _keep(file: File, row: models.Letter, *, by: Person, now: datetime) -> models.LetterDocument:
    message = keep(file, kind=letters.DOCUMENT, summary="Document beside a letter", by=by, now=now)
    return models.LetterDocument.objects.create(letter=row, message=message, by_id=by.id, at=now)


def _check(chosen: Sequence[tuple[Proposal, Settled]], *, by: Person) -> None:
    refusals: list[Refusal] = []
    for proposal, one in chosen:
        try:
            check_settled(proposal, one, by=by)
            if one.medication is not None:
                meant = list_names().meant_by(one.medication)
                check_product(proposal, one, meant, reconciling(), by=by)
        except Refused as refused:
            refusals += refused.refusals
        if one.outcome is Outcome.QUERY and len(one.reason.strip()) < SHORTEST:
            refusals.append(Refusal("letter.no-question", "Say what you ask the pharmacist", "reason"))
    if refusals:
        raise Refused(*refusals)


def _decision(
    row: models.Letter,
    key: str,
    proposal: Proposal,
    settled: Settled,
    changes: Sequence[Change],
    made: Sequence[int],
    judged: Judged | None,
    *,
    by: Person,
    now: datetime,
) -> models.LetterDecision:
    type_ = type_of(proposal) if settled.outcome is not Outcome.QUERY else None
    how = (
        judged
        if judged is not None and by.has(*CLINICAL)
        else Judged(judged.severity if judged else Severity.NOT_JUDGED)
    )
    return models.LetterDecision(
        letter=row, key=key, listed=[line.key for line in proposal.listed],
        arrived=[line.key for line in proposal.arrived], proposed=proposal.outcome.value,
        outcome=settled.outcome.value, reason=settled.reason.strip(), shown=shown(proposal, settled, changes),
        made=list(made), type=type_.value if type_ else "", severity=how.severity.value if type_ else "",
        intent=(how.intent or intent_of(proposal)).value if type_ else "", release=dictionary().release.id,
        by_id=by.id, at=now,
    )  # fmt: skip


def shown(proposal: Proposal, settled: Settled, changes: Sequence[Change]) -> dict[str, Any]:
    """What the person saw and said: both lines verbatim, what differs, why, and what it is to be."""
    wanted = [change.wanted for change in changes if change.wanted is not None]
    until = settled.until or next((each.withheld_until for each in wanted if each.withheld_until), None)
    return {
        "listed": [line.verbatim for line in proposal.listed],
        "arrived": [line.verbatim for line in proposal.arrived],
        "name": (proposal.listed or proposal.arrived)[0].called,
        "why": list(proposal.why),
        "clinical": list(proposal.clinical),
        "high_risk": ", ".join(group.title for group in proposal.high_risk),
        "differences": [str(each) for each in proposal.differences],
        "confirmed": settled.confirmed,
        "became": [
            " ".join((each.medication.text, each.dosage.text if each.dosage else "")).strip()
            for each in wanted
        ],
        "until": until.words if until else "",
    }
