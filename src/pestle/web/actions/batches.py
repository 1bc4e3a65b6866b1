"""Repeat dispensing: lines become a batch of so many issues; an item that was signed is taken back, and what
the service says to that is taken in.

What was signed cannot be held: an item that is with a pharmacy is only marked for cancellation, and the
pharmacy is telephoned.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from pestle import definitions
from pestle.pharmacy.people import Person
from pestle.pharmacy.practice.change import check_role, revise, wanted_of
from pestle.pharmacy.practice.repeat_dispensing import Suitability, most_issues, read_suitability
from pestle.pharmacy.record.lasts import days_of
from pestle.pharmacy.record.medication import CourseOfTherapy
from pestle.pharmacy.refusal import refuse
from pestle.web.actions import medication_list
from pestle.web.actions.medication_list import locked_patient
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.store import dispensed, issued, medicines_list, models, notifications, ordering
from pestle.wire.eps.bundle import open_bundle
from pestle.wire.eps.cancellation import read_response
from pestle.wire.eps.codes import CancellationOutcome, CancellationReason, display
from pestle.wire.eps.new_cancellation import new_cancellation
from pestle.wire.eps.order import read_prescription
from pestle.wire.eps.outcome import read_answer
from pestle.wire.fhir.element import root
from pestle.wire.fhir.tree import dump, parse

# The pharmacy has it: the service only marks it, and somebody has to telephone.
WITH_PHARMACY = frozenset({CancellationOutcome.WITH_DISPENSER, CancellationOutcome.WITH_DISPENSER_ACTIVE})


def suitability() -> Suitability:
    """The rules by which a line suits repeat dispensing."""
    return read_suitability(definitions.folder("suitability") / "repeat_dispensing.yaml")


def nominate(*, by: Person, now: datetime, key: str, patient_id: int, pharmacy: str) -> Outcome:
    """Records the pharmacy to which a patient wants prescriptions sent; empty: none. Raises `Refused`:
    ``list.role``, ``patient.unknown``, ``nomination.code``."""

    def do() -> Deed:
        check_role(by)
        row, code = locked_patient(patient_id, by=by), pharmacy.strip().upper()
        if code and not (code.isascii() and code.isalnum() and 3 <= len(code) <= 10):
            raise refuse("nomination.code", "A pharmacy is named by its ODS code", place="pharmacy")
        before, row.nominated_pharmacy = row.nominated_pharmacy, code
        row.save(update_fields=("nominated_pharmacy",))
        return Deed(f"patient:{row.pk}", {"before": before, "pharmacy": code}, {"patient": row.pk})

    request = {"patient": patient_id, "pharmacy": pharmacy}
    return once("practice.nominate", by=by, now=now, key=key, request=request, do=do)


def set_up(
    *, by: Person, now: datetime, key: str, patient_id: int, listed: Sequence[int], issues: int, consent: str
) -> Outcome:
    """Makes these lines repeat dispensing of so many issues each, for a prescriber to authorise; `consent`
    says how the patient agreed.

    Raises `Refused`: ``patient.unknown``, ``list.no-such-line``, ``batch.consent``, ``batch.issues``,
    ``batch.days-unknown``, ``batch.days-differ`` (all items last alike), those of `medication_list.apply`.
    """

    def do() -> Deed:
        patient = locked_patient(patient_id, by=by)
        if len(consent.strip()) < 3:
            raise refuse("batch.consent", "Say how the patient agreed", place="consent")
        rows = medicines_list.locked(patient, listed)
        if not rows or len(rows) < len(set(listed)):
            raise refuse("list.no-such-line", "This line is not on the list of this patient")
        lines = [medicines_list.value(row) for row in rows.values()]
        days = {days_of(line.order) for line in lines}
        lasts = next(iter(days))
        if None in days or lasts is None:
            raise refuse("batch.days-unknown", "How long an issue lasts cannot be told for every item")
        if len(days) > 1:
            raise refuse("batch.days-differ", "The items of a batch last for the same number of days",
                         way_out="Make their quantities alike first.")  # fmt: skip
        most = most_issues(suitability(), int(lasts))
        if not 2 <= issues <= most:
            reason = f"Issues of {int(lasts)} days make a batch of 2 to {most}"
            raise refuse("batch.issues", reason, place="issues")
        on = now.astimezone(ZoneInfo(patient.site.time_zone)).date()
        until = on + timedelta(days=int(lasts) * issues)
        erd = CourseOfTherapy.REPEAT_DISPENSING
        because = f"repeat dispensing; agreed: {consent.strip()}"
        changes = []
        for line in lines:
            wanted = replace(wanted_of(line.order), course=erd, issues_allowed=issues, authorised_until=until)
            changes.append(revise(line, wanted, because))
        done = medication_list.applied(changes, patient=patient, by=by, now=now)
        models.ListedMedicine.objects.filter(pk__in=[one.listed for one in done]).update(issues=0)
        told = medication_list.detail(changes, done, medication_list.Why())
        return Deed(f"patient:{patient.pk}", told | {"issues": issues}, {"patient": patient.pk})

    request = {"patient": patient_id, "listed": sorted(listed), "issues": issues, "consent": consent}
    return once("practice.set_up_batch", by=by, now=now, key=key, request=request, do=do)


def cancel_item(
    *, by: Person, now: datetime, key: str, item_id: int, reason: CancellationReason | None, words: str
) -> Outcome:
    """Takes back one item of a signed prescription: the message that asks for it is kept to be taken away.

    Raises `Refused`: ``list.role``, ``item.unknown``, ``cancel.no-reason``, ``cancel.waits`` (the service has
    not answered an earlier one), ``cancel.done``.
    """

    def do() -> Deed:
        check_role(by)
        item = _locked_item(item_id, by=by)
        if reason is None:
            raise refuse("cancel.no-reason", "Choose one of the service's reasons", place="reason")
        last = item.cancellations.prefetch_related("said").order_by("-pk").first()
        said = list(last.said.all()) if last else []
        if last is not None and not said:
            raise refuse("cancel.waits", "The service has not answered the cancellation that was sent",
                         way_out="Take in its answer, or telephone the pharmacy.")  # fmt: skip
        if any(one.outcome == CancellationOutcome.CANCELLED.value for one in said):
            raise refuse("cancel.done", "This item is cancelled already")
        sent = item.prescription
        signed = read_prescription(open_bundle(root(parse(bytes(sent.message.body)))))
        place = notifications.organisation(sent.site)
        asked_by = replace(notifications.performer(by, place), telephone=sent.site.telephone)
        signed = replace(signed, signed_at=now)
        body = dump(
            new_cancellation(
                signed, line_id=item.item_id, reason=reason, message_id=str(uuid.uuid4()), asked_by=asked_by
            )
        )
        message = models.Message.objects.create(
            site=sent.site, direction="out", way="download", kind="prescription-order-update", body=body,
            digest=hashlib.sha256(body).hexdigest(), at=now, outcome="sent",
            name=f"prescription-order-update-{item.pk}.json", summary=f"Cancellation: {display(reason)}",
        )  # fmt: skip
        made = models.ItemCancellation.objects.create(
            item=item, reason=reason.value, words=words.strip()[:500], message=message, by_id=by.id, at=now
        )
        detail = {"item": item.pk, "reason": reason.value, "words": words.strip(), "message": message.pk}
        return Deed(f"item:{item.pk}", detail, {"cancellation": made.pk, "message": message.pk})

    request = {"item": item_id, "reason": reason.value if reason else "", "words": words}
    return once("practice.cancel_item", by=by, now=now, key=key, request=request, do=do)


def take_answer(*, by: Person, now: datetime, key: str, item_id: int, data: bytes, name: str) -> Outcome:
    """Takes in what the service said to the last cancellation of an item: a message about the item, or an
    OperationOutcome.

    Raises `Refused`: ``list.role``, ``item.unknown``, ``cancel.not-asked``, ``cancel.another-item``, those of
    `read_response` and `read_answer`. An item that is cancelled counts as not issued; where no other issue of
    its line is on record, when that was last issued is not known.
    """

    def do() -> Deed:
        check_role(by)
        item = _locked_item(item_id, by=by)
        asked = item.cancellations.filter(said=None).order_by("-pk").first()
        if asked is None:
            raise refuse("cancel.not-asked", "No cancellation of this item waits for an answer")
        outcome = _outcome(data, item)
        message = models.Message.objects.create(
            site_id=by.site_id, direction="in", way="upload", kind="prescription-order-response", body=data,
            digest=hashlib.sha256(data).hexdigest(), at=now, outcome="accepted",
            name=name.encode(errors="replace").decode().replace("\x00", "?")[:200], summary=display(outcome),
        )  # fmt: skip
        models.CancellationSaid.objects.create(
            cancellation=asked, outcome=outcome.value, message=message, by_id=by.id, at=now
        )
        if outcome is CancellationOutcome.CANCELLED:
            listed = models.ListedMedicine.objects.select_for_update().get(pk=item.listed_id)
            listed.issues = max(0, listed.issues - item.prescription.issues)
            if listed.last_issued == item.prescription.starts_on:
                listed.last_issued = issued.last(listed.pk)
            listed.save(update_fields=("issues", "last_issued"))
            ordering.settle([listed], on=now.astimezone(ZoneInfo(item.prescription.site.time_zone)).date())
            dispensed.settle(item)
        detail = {"item": item.pk, "outcome": outcome.value, "message": message.pk}
        return Deed(f"item:{item.pk}", detail, {"outcome": outcome.value})

    digest = hashlib.sha256(data).hexdigest()
    return once(
        "practice.take_cancellation_answer", by=by, now=now, key=key,
        request={"item": item_id, "digest": digest}, do=do,
    )  # fmt: skip


def _locked_item(item_id: int, *, by: Person) -> models.IssuedItem:
    # Whoever keeps what was told of it refers to it, and has locked its standing, which we want next.
    rows = models.IssuedItem.objects.select_for_update(of=("self",), no_key=True)
    found = rows.select_related("prescription__site")
    item = found.filter(pk=item_id, prescription__site=by.site_id).first()
    if item is None:
        raise refuse("item.unknown", "There is no such item at this site")
    return item


def _outcome(data: bytes, item: models.IssuedItem) -> CancellationOutcome:
    sent = parse(data)
    if sent.resource_type == "OperationOutcome":
        codes = {one.value: one for one in CancellationOutcome}
        told = [codes[issue.code] for issue in read_answer(sent).issues if issue.code in codes]
        if not told:
            raise refuse("cancel.no-outcome", "The answer does not say what became of a cancellation")
        return told[0]
    answer = read_response(sent)
    ours = (item.prescription.number, item.item_id.casefold())
    if (answer.prescription_number, answer.line_id.casefold()) != ours:
        raise refuse("cancel.another-item", "This answer is about another item", place="item")
    return answer.outcome
