"""A message arrives: filed whole, judged, and turned into work, all in one step."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from pestle.pharmacy.dispensary.cancellation import LineHeld, outcome
from pestle.pharmacy.dispensary.not_dispensed import NotDispensed
from pestle.pharmacy.dispensary.workflow import CLOSED
from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.record.medication import Prescription
from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.web.actions import new_prescription
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.store import dispensed, models, notifications, patients
from pestle.web.store.messages import file
from pestle.wire.eps.cancellation import Cancellation
from pestle.wire.eps.codes import display
from pestle.wire.eps.receive import Cancel, NotForUs, Orders
from pestle.wire.eps.receive import receive as read
from pestle.wire.fhir.tree import Tree

MAY_RECEIVE = (Role.TECHNICIAN, Role.ACCURACY_CHECKER, Role.PHARMACIST, Role.SYSTEM)


def receive(*, by: Person, now: datetime, key: str, data: bytes, name: str, way: str) -> Outcome:
    """Files a message and does what it asks. `way`: upload, command or post.

    Whatever is wrong with a message is its outcome, not an exception: it is kept whole and waits in the list
    of refused messages. The result says what became of it:
    ``{"message", "outcome", "summary", "refusals", "prescriptions"}``.
    Raises `Refused` only for the person: ``messages.role``, ``messages.empty``.
    """

    # The name of a file need not be text.
    called = name.encode(errors="replace").decode().replace("\x00", "?")

    def do() -> Deed:
        if not by.has(*MAY_RECEIVE):
            raise refuse("messages.role", f"Messages are for the dispensary; you are signed in as {by.title}")
        if not data:
            raise refuse("messages.empty", "The file is empty", place="file")
        message = models.Message(
            site_id=by.site_id, direction="in", way=way, name=called[:200], body=data,
            digest=hashlib.sha256(data).hexdigest(), at=now,
        )  # fmt: skip
        taken = _Taken(message, by=by, now=now)
        try:
            received = read(data, now=now)
        except Refused as refused:
            taken.refuse_whole(refused.refusals)
        else:
            # One message at a time for each site: the same one twice in one moment is one prescription.
            models.Site.objects.select_for_update(no_key=True).get(pk=by.site_id)
            taken.take(received)
        return Deed(f"message:{message.pk}", taken.detail(), taken.result())

    request = {"digest": hashlib.sha256(data).hexdigest(), "name": called, "way": way}
    return once("messages.receive", by=by, now=now, key=key, request=request, do=do)


def close_refused(*, by: Person, now: datetime, key: str, message_id: int, note: str) -> Outcome:
    """Ends the work on a refused message, with what was done about it."""

    def do() -> Deed:
        if not by.has(*MAY_RECEIVE):
            raise refuse("messages.role", f"Messages are for the dispensary; you are signed in as {by.title}")
        if len(note.strip()) < 3:
            raise refuse("messages.no-note", "Say what was done about it", place="note")
        task = (
            models.MessageTask.objects.select_for_update()
            .select_related("message")
            .filter(message_id=message_id, site=by.site_id)
            .first()
        )
        if task is None:
            raise refuse("messages.unknown", "There is no such message to work through")
        if task.closed_at is not None:
            raise refuse("messages.closed", "This message was worked through already")
        task.closed_at, task.closed_by_id, task.note = now, by.id, note.strip()
        task.save()
        return Deed(f"message:{message_id}", {"note": note.strip()}, {"message": message_id})

    request = {"message": message_id, "note": note}
    return once("messages.close_refused", by=by, now=now, key=key, request=request, do=do)


class _Taken:
    """What becomes of one message while it is taken in.

    A message is never changed once it is written, so its outcome is gathered before that."""

    def __init__(self, message: models.Message, *, by: Person, now: datetime) -> None:
        self.message, self.by, self.now = message, by, now
        self.prescriptions: list[int] = []
        self.repeats = 0
        self.new: dict[tuple[str, int], str] = {}

    def refuse_whole(self, refusals: tuple[Refusal, ...]) -> None:
        self._file("not-read", "refused", refusals[0].reason, refusals)

    def take(self, received: Orders | Cancel | NotForUs) -> None:
        if isinstance(received, NotForUs):
            self._told(received)
        elif isinstance(received, Cancel):
            self._cancel(received.cancellation)
        else:
            self._orders(received)

    def _told(self, received: NotForUs) -> None:
        """What is told of a supply is for the practice that signed it; the rest is kept."""
        items = dispensed.items(received.about, site_id=self.by.site_id)
        self._file(received.kind, "accepted" if items else "not_for_us", received.sentence, ())
        if received.about is not None:
            dispensed.take(received.about, items, self.message)

    def _orders(self, received: Orders) -> None:
        refusals: list[Refusal] = []
        for refused in received.refused:
            refusals.extend(refused.refusals)
        for failed in received.failed:
            why = "; ".join(str(issue) for issue in failed.issues) or "no reason given"
            refusals.append(
                Refusal("eps.not-released", f"The service did not pass this one: {why}", failed.place,
                        "Never dispense it; tell the prescriber.")
            )  # fmt: skip
        accepted: list[tuple[Prescription, Tree, models.Patient]] = []
        for order in received.orders:
            try:
                if self._is_repeat(order.prescription, order.tree):
                    self.repeats += 1
                    continue
                new_prescription.must_fit(order.prescription)
                new_prescription.must_be_possible(order.prescription)
                row, _ = patients.find_or_make(self.by.site_id, order.prescription.patient)
                accepted.append((order.prescription, order.tree, row))
                self.new[_called(order.prescription)] = new_prescription.digest(order.tree)
            except Refused as refused:
                refusals.extend(refused.refusals)
        self._file(received.kind, *_said(len(accepted), self.repeats, refusals), tuple(refusals))
        for prescription, sent, row in accepted:
            made = new_prescription.make(prescription, sent, row, self.message, now=self.now)
            self.prescriptions.append(made.pk)

    def _is_repeat(self, prescription: Prescription, sent: Tree) -> bool:
        held = (
            models.Prescription.objects.select_related("order")
            .filter(
                site=self.by.site_id,
                number=prescription.number,
                issue=new_prescription.issue_number(prescription),
            )
            .first()
        )
        known = self.new.get(_called(prescription)) if held is None else held.order.digest
        if known is None:
            return False
        if known == new_prescription.digest(sent):
            self.prescriptions += [held.pk] if held else []
            return True
        raise refuse(
            "eps.duplicate-prescription",
            "We hold a prescription with this number and other content",
            place=prescription.number,
            way_out="Open the one we hold, compare, and ask the prescriber.",
        )

    def _cancel(self, cancellation: Cancellation) -> None:
        found = (
            models.Line.objects.select_related("prescription__patient")
            .filter(
                prescription__site=self.by.site_id,
                prescription__number=cancellation.prescription_number,
                item_id=cancellation.line_id,
            )
            .order_by("-prescription__issue")
            .first()
        )
        row = None
        if found is not None:
            row = models.Prescription.objects.select_for_update(of=("self",)).get(pk=found.prescription_id)
            found.refresh_from_db()
            if found.prescription.patient.nhs_number != cancellation.nhs_number.digits:
                self._file(
                    "prescription-order-update", "refused", "The cancellation names another patient",
                    (Refusal("eps.cancel-other-patient", "The cancellation names another patient",
                             "NHS number", "Telephone the prescriber; nothing has been cancelled."),),
                )  # fmt: skip
                return
        result = outcome(
            LineHeld(found.state, row.step, row.hand_outs.exists())
            if found is not None and row is not None
            else None
        )
        told: tuple[Refusal, ...] = ()
        if result.telephone or found is None:
            rule = f"cancellation.{result.value.replace('_', '-')}"
            line = f"Line: {cancellation.line.medication.text}"
            told = (Refusal(rule, result.words, cancellation.prescription_number, line),)
        self._file("prescription-order-update", "refused" if told else "accepted", result.words, told)
        if found is not None and row is not None:
            self.prescriptions.append(row.pk)
            _apply(found, row, result.value, cancellation, now=self.now)
        notifications.file_cancellation_answer(
            cancellation, result, site_id=self.by.site_id, now=self.now, about=self.message.pk
        )

    def _file(self, kind: str, outcome_: str, summary: str, refusals: tuple[Refusal, ...]) -> None:
        self.message.kind, self.message.outcome, self.message.summary = kind, outcome_, summary[:300]
        file(self.message, refusals)

    def detail(self) -> dict[str, Any]:
        """For the audit event: rules and ids, nothing of the patient."""
        return {
            "kind": self.message.kind,
            "way": self.message.way,
            "outcome": self.message.outcome,
            "rules": sorted({refusal["rule"] for refusal in self.message.refusals}),
            "prescriptions": self.prescriptions,
            "digest": self.message.digest,
        }

    def result(self) -> dict[str, Any]:
        """For the caller."""
        return {
            "message": self.message.pk,
            "outcome": self.message.outcome,
            "summary": self.message.summary,
            "refusals": self.message.refusals,
            "prescriptions": self.prescriptions,
        }


def _called(prescription: Prescription) -> tuple[str, int]:
    """What tells prescriptions of one message apart."""
    return prescription.number, new_prescription.issue_number(prescription)


def _said(accepted: int, repeats: int, refusals: list[Refusal]) -> tuple[str, str]:
    parts = []
    if accepted:
        parts.append(f"{accepted} new prescription{'s' if accepted != 1 else ''}")
    if repeats:
        parts.append(f"{repeats} already held")
    if refusals:
        parts.append(f"{len(refusals)} to work through")
    outcome_ = "accepted" if accepted else "refused" if refusals else "duplicate" if repeats else "accepted"
    return outcome_, ", ".join(parts) or "Nothing was released"


def _apply(
    line: models.Line, row: models.Prescription, result: str, cancellation: Cancellation, *, now: datetime
) -> None:
    reason = display(cancellation.reason)
    if result == "cancelled":
        line.state, line.state_code, line.state_reason = (
            "cancelled", NotDispensed.CANCELLATION.value, f"Cancelled by the prescriber: {reason}"
        )  # fmt: skip
        line.save()
        if not row.lines.filter(state="open").exists():
            row.step, row.step_since, row.closed_because = CLOSED, now, "cancelled"
            row.claimed_by, row.claimed_at = None, None
        row.version += 1
        row.save()
    elif result in ("with_dispenser", "with_dispenser_active"):
        line.cancellation = {"reason": reason, "at": now.isoformat()}
        line.save(update_fields=("cancellation",))
        row.version += 1
        row.save(update_fields=("version",))
