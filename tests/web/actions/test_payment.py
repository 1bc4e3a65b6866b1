"""The charge at hand-out, endorsements, the claim and what the service answers to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from tests.web.actions.bench import FUROSEMIDE, MARY, NOW, PARACETAMOL, Bench, a_key

from pestle.pharmacy.dispensary.charge import Declarant, Declared, Evidence
from pestle.pharmacy.dispensary.endorsement import Detail, Endorsement
from pestle.pharmacy.dispensary.not_dispensed import NotDispensed
from pestle.pharmacy.dispensary.taking_back import ReturnReason, WithdrawReason
from pestle.pharmacy.people import Person
from pestle.pharmacy.record.patient import Name, nhs_number
from pestle.pharmacy.refusal import Refused
from pestle.web.actions import answers, payment, taking_back
from pestle.web.actions.once import Outcome
from pestle.web.store import models
from pestle.web.store import payment as stored
from pestle.wire.eps.claim import Claim, read_claim
from pestle.wire.eps.codes import Charge, ItemStatus
from pestle.wire.eps.dispense_notification import read_notification
from pestle.wire.eps.notification import SupplyNotification
from pestle.wire.eps.task import Returned, Withdrawn, read_task
from pestle.wire.fhir.tree import Tree, parse

KHAN = replace(
    MARY, name=Name("Khan", ("Bilal",)), born=date(2000, 1, 1), nhs_number=nhs_number("9990001030")
)
PAYS = Declared("0001", by=Declarant.PATIENT)
NOTHING = Endorsement("NDEC")
ACCEPTED = (
    b'{"resourceType": "OperationOutcome", "issue": [{"severity": "information", "code": "informational"}]}'
)
REFUSED = (
    b'{"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "invalid",'
    b' "diagnostics": "Missing endorsement"}]}'
)


def supplied(bench: Bench, *items: object, key: str = "a") -> int:
    """A prescription of somebody who pays, handed out."""
    prescription = bench.at("hand_out", *items, patient=KHAN, key=key)  # type: ignore[arg-type]
    bench.handed_out(prescription, declared=PAYS)
    return prescription


def endorse(bench: Bench, prescription: int, *given: Endorsement, by: Person | None = None) -> Outcome:
    said = {line.pk: given or (NOTHING,) for line in bench.lines(prescription)}
    return payment.endorse_lines(
        by=by or bench.tess, now=NOW, key=a_key(), prescription_id=prescription, endorsements=said
    )


def claim(bench: Bench, prescription: int, *, now: datetime = NOW, amends: bool = False) -> Claim:
    result = payment.make_claim(
        by=bench.tess, now=now, key=a_key(), prescription_id=prescription, amends=amends
    ).result
    return read_claim(tree(result["message"]))


def answered(bench: Bench, message: int, data: bytes) -> Outcome:
    return answers.take_answer(
        by=bench.tess, now=NOW, key=a_key(), message_id=message, data=data, name="answer.json", way="upload"
    )


def tree(message: int) -> Tree:
    return parse(bytes(models.Message.objects.get(pk=message).body))


def told(bench: Bench, prescription: int) -> list[SupplyNotification]:
    row = stored.one(bench.site.pk, prescription)
    assert row is not None
    return [read_notification(parse(bytes(one.message.body))) for one in stored.tellings(row)]


def _notified(prescription: int | None = None) -> int:
    """The message that told the service of the one hand-out."""
    found = models.HandOut.objects.all()
    told = (found if prescription is None else found.filter(prescription=prescription)).get().notification_id
    assert told is not None
    return told


def refused(call: object) -> list[str]:
    with pytest.raises(Refused) as caught:
        call()  # type: ignore[operator]
    return [one.rule for one in caught.value.refusals]


def test_the_charge_is_asked_once_and_recorded_with_the_hand_out(bench: Bench) -> None:
    prescription = bench.at("hand_out", FUROSEMIDE, PARACETAMOL, patient=KHAN)
    assert refused(lambda: bench.handed_out(prescription)) == ["charge.not-asked"]
    wrong = Declared("0005", Evidence.SEEN, Declarant.PATIENT)
    assert refused(lambda: bench.handed_out(prescription, declared=wrong)) == ["charge.certificate-missing"]
    bench.handed_out(prescription, declared=PAYS)
    charge = models.Charge.objects.get()
    assert (charge.exemption, charge.paid_items, charge.item_pence) == ("0001", 2, 990)
    event = models.AuditEvent.objects.get(action="dispensary.hand_out")
    assert event.detail["charge"]["paid_items"] == 2


def test_a_date_of_birth_that_shows_an_exemption_is_not_asked_about(bench: Bench) -> None:
    bench.at("closed")
    charge = models.Charge.objects.get()
    assert (charge.exemption, charge.declared_by, charge.paid_items) == ("0004", "", 0)


def test_with_what_is_owed_the_charge_is_not_asked_again(bench: Bench) -> None:
    prescription = bench.take_in(patient=KHAN)
    bench.enter(prescription)
    bench.decide(prescription)
    (line,) = bench.lines(prescription)
    bench.owe(line.pk, 14)
    bench.assemble(prescription)
    bench.passed(prescription)
    bench.handed_out(prescription, declared=PAYS)
    assert "claim.not-final" in refused(lambda: claim(bench, prescription))
    bench.rest(prescription)
    bench.assemble(prescription)
    bench.passed(prescription)
    bench.handed_out(prescription)
    assert models.Charge.objects.count() == 1
    endorse(bench, prescription)
    (claimed,) = claim(bench, prescription).lines
    # Both bags, each by the number under which the service was told of it.
    assert [str(one.quantity) for one in claimed.supplies] == ["14 tablets", "14 tablets"]
    assert [one.dispense_id for one in claimed.supplies] == [
        supply.lines[0].dispense_id for supply in told(bench, prescription)
    ]


def test_a_claim_says_what_was_supplied_paid_and_endorsed(bench: Bench) -> None:
    prescription = bench.at("hand_out", FUROSEMIDE, PARACETAMOL, patient=KHAN)
    paracetamol = bench.lines(prescription)[1]
    bench.withhold(paracetamol.pk, reason=NotDispensed.NOT_REQUIRED, words="has some")
    bench.handed_out(prescription, declared=PAYS)
    assert refused(lambda: claim(bench, prescription)) == ["claim.endorsement-missing"] * 2
    endorse(bench, prescription)
    made = claim(bench, prescription)
    assert made.prescription_number == bench.row(prescription).number
    assert made.exemption is not None
    assert made.exemption.text == "Patient has paid appropriate charges"
    dispensed, withheld = made.lines
    assert (dispensed.status, dispensed.charge) == (ItemStatus.FULLY_DISPENSED, Charge.PAID_ONCE)
    assert (withheld.status, withheld.charge, withheld.supplies) == (
        ItemStatus.NOT_DISPENSED, Charge.NOT_PAID, (),
    )  # fmt: skip
    assert withheld.reason is not None
    stands = models.PaymentClaim.objects.get()
    assert (stands.items, stands.paid_items, stands.pence) == (1, 1, 990)
    assert stands.month == date(2026, 11, 1)
    assert refused(lambda: claim(bench, prescription)) == ["claim.already-made"]


def test_an_endorsement_that_is_not_complete_is_refused_with_its_line(bench: Bench) -> None:
    prescription = supplied(bench)
    with pytest.raises(Refused) as caught:
        endorse(bench, prescription, Endorsement("BB"))
    assert [one.rule for one in caught.value.refusals] == ["endorsement.detail-missing"]
    assert caught.value.refusals[0].place == "line 1"
    assert models.LineEndorsement.objects.count() == 0
    endorse(bench, prescription, Endorsement("BB", {Detail.PACK_SIZE: "500"}))
    (line,) = claim(bench, prescription).lines
    assert [(one.code.code, one.text) for one in line.endorsements] == [("BB", "Pack size 500")]


def test_what_the_service_refused_waits_for_a_person_and_may_be_claimed_again(bench: Bench) -> None:
    prescription = supplied(bench)
    endorse(bench, prescription)
    claim(bench, prescription)
    message = models.PaymentClaim.objects.get().message_id
    result = answered(bench, message, REFUSED).result
    assert result["accepted"] is False
    task = models.MessageTask.objects.get()
    assert task.message.refusals[0]["rule"] == "eps.answer-refused"
    assert stored.refused_claims(bench.site.pk) == [prescription]
    claim(bench, prescription)
    assert stored.refused_claims(bench.site.pk) == []
    assert stored.totals(stored.claims_of(bench.site.pk, date(2026, 11, 1))).claims == 1


def test_a_claim_is_amended_until_the_fifth_of_the_next_month(bench: Bench) -> None:
    prescription = supplied(bench)
    endorse(bench, prescription)
    first = claim(bench, prescription)
    answered(bench, models.PaymentClaim.objects.get().message_id, ACCEPTED)
    exempt = Declared("0008", Evidence.SEEN, Declarant.PATIENT)
    payment.record_charge(by=bench.tess, now=NOW, key=a_key(), prescription_id=prescription, declared=exempt)
    late = datetime(2026, 12, 6, 9, tzinfo=UTC)
    assert refused(lambda: claim(bench, prescription, now=late, amends=True)) == ["claim.amended-too-late"]
    amended = claim(bench, prescription, now=late - timedelta(days=1), amends=True)
    assert amended.replaces == first.message_id
    assert amended.exemption is not None
    assert amended.exemption.code == "0008"
    (stands,) = stored.claims_of(bench.site.pk, date(2026, 11, 1))
    assert (stands.paid_items, stands.pence) == (0, 0)


def test_a_notification_is_withdrawn_and_the_service_told_again(bench: Bench) -> None:
    prescription = supplied(bench)
    endorse(bench, prescription)
    (before,) = told(bench, prescription)
    message = _notified()

    def withdraw(by: Person, reason: WithdrawReason) -> Outcome:
        return taking_back.withdraw_notification(
            by=by, now=NOW, key=a_key(), prescription_id=prescription, message_id=message, reason=reason,
            words="the wrong strength was told",
        )  # fmt: skip

    assert refused(lambda: withdraw(bench.tess, WithdrawReason.MEDICATION)) == ["withdraw.pharmacist"]
    sent = read_task(tree(withdraw(bench.ruth, WithdrawReason.MEDICATION).result["message"]))
    assert isinstance(sent, Withdrawn)
    assert sent.about == before.message_id
    assert refused(lambda: withdraw(bench.ruth, WithdrawReason.MEDICATION)) == ["withdraw.already"]
    assert refused(lambda: claim(bench, prescription)) == ["claim.notification-withdrawn"]
    taking_back.tell_again(
        by=bench.tess, now=NOW, key=a_key(), prescription_id=prescription, message_id=message
    )
    (again,) = told(bench, prescription)
    assert (again.replaces, again.handed_over_at) == (None, before.handed_over_at)
    assert [str(line.quantity) for line in again.lines] == [str(line.quantity) for line in before.lines]
    assert claim(bench, prescription).lines[0].supplies[0].dispense_id == again.lines[0].dispense_id


def test_a_withdrawal_that_the_service_refused_counts_for_nothing(bench: Bench) -> None:
    prescription = supplied(bench)
    endorse(bench, prescription)
    sent = taking_back.withdraw_notification(
        by=bench.ruth, now=NOW, key=a_key(), prescription_id=prescription,
        message_id=_notified(), reason=WithdrawReason.QUANTITY,
        words="28, not 30",
    ).result["message"]  # fmt: skip
    answered(bench, sent, REFUSED)
    assert claim(bench, prescription).lines


def test_what_was_settled_after_the_last_bag_is_claimed_as_it_was_told(bench: Bench) -> None:
    prescription = bench.take_in(FUROSEMIDE, PARACETAMOL, patient=KHAN)
    bench.enter(prescription)
    bench.decide(prescription)
    paracetamol = bench.lines(prescription)[1]
    bench.owe(paracetamol.pk, 64)
    bench.assemble(prescription)
    bench.passed(prescription)
    bench.handed_out(prescription, declared=PAYS)
    later = NOW + timedelta(hours=1)
    bench.withhold(paracetamol.pk, reason=NotDispensed.NOT_REQUIRED, words="has some", now=later)
    endorse(bench, prescription)
    made = claim(bench, prescription, now=later)
    assert [(line.status, len(line.supplies)) for line in made.lines] == [
        (ItemStatus.FULLY_DISPENSED, 1), (ItemStatus.NOT_DISPENSED, 0),
    ]  # fmt: skip


def give_back(bench: Bench, prescription: int, by: Person, reason: ReturnReason) -> Outcome:
    return taking_back.return_to_service(
        by=by, now=NOW, key=a_key(), prescription_id=prescription, seen=None, reason=reason, words="she moves"
    )


def test_a_prescription_goes_back_to_the_service_and_comes_back_when_that_is_refused(bench: Bench) -> None:
    prescription = bench.at("assemble")
    assert refused(lambda: give_back(bench, prescription, bench.tess, ReturnReason.UNABLE_TO_DISPENSE)) == [
        "return.pharmacist"
    ]
    message = give_back(bench, prescription, bench.tess, ReturnReason.PATIENT_ASKED).result["message"]
    sent = read_task(tree(message))
    assert isinstance(sent, Returned)
    assert sent.prescription_number == bench.row(prescription).number
    assert (bench.row(prescription).step, bench.row(prescription).closed_because) == ("closed", "returned")
    assert refused(lambda: give_back(bench, prescription, bench.tess, ReturnReason.PATIENT_ASKED)) == [
        "return.closed"
    ]
    answered(bench, message, REFUSED)
    assert (bench.row(prescription).step, bench.row(prescription).closed_because) == ("assemble", "")


def test_nothing_goes_back_while_its_packs_wait(bench: Bench) -> None:
    prescription = bench.at("assemble")
    bench.labels(prescription)
    bench.pick_all(prescription)
    assert refused(lambda: give_back(bench, prescription, bench.tess, ReturnReason.PATIENT_ASKED)) == [
        "return.packs"
    ]


def test_an_answer_is_to_a_message_of_ours(bench: Bench) -> None:
    bench.at("entry")
    received = models.Message.objects.get().pk
    assert refused(lambda: answered(bench, received, ACCEPTED)) == ["answer.unknown"]
    assert refused(lambda: answered(bench, received + 1, ACCEPTED)) == ["answer.unknown"]
    prescription = supplied(bench, key="b")
    message = _notified(prescription)
    assert refused(lambda: answered(bench, message, b"Thank you")) == ["fhir.not-json"]
    assert refused(
        lambda: answers.take_answer(
            by=bench.mo, now=NOW, key=a_key(), message_id=message, data=ACCEPTED, name="a", way="upload"
        )
    ) == ["messages.role"]
