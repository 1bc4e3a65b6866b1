"""A prescription on its way through the bench: who may, what stops it, what is on record."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.web.actions.bench import (
    DIAZEPAM,
    FUROSEMIDE,
    FUROSEMIDE_28,
    NOW,
    PARACETAMOL,
    PARACETAMOL_32,
    Bench,
    a_key,
    ordered,
)

from pestle.demo.messages import Item
from pestle.pharmacy.dispensary.clinical import Decision
from pestle.pharmacy.dispensary.collection import Collection, Collector
from pestle.pharmacy.dispensary.not_dispensed import NotDispensed
from pestle.pharmacy.refusal import Refused
from pestle.web.actions import accuracy, assembly, claiming, entry, lines
from pestle.web.store import models, verify
from pestle.wire.eps.codes import ItemStatus, PrescriptionStatus
from pestle.wire.eps.dispense_notification import read_notification
from pestle.wire.fhir.tree import parse


def _rules(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [each.rule for each in refused.value.refusals]


def test_the_straight_path(bench: Bench) -> None:
    prescription = bench.at("closed", FUROSEMIDE, PARACETAMOL)
    row = bench.row(prescription)
    assert (row.closed_because, row.claimed_by_id) == ("supplied", None)
    assert [(done["verb"], done["name"]) for done in row.done] == [
        ("complete_entry", "Tess Okafor"),
        ("approve", "Ruth Evans"),
        ("print_labels", "Tess Okafor"),
        *[("pick", "Tess Okafor")] * 3,
        ("complete_assembly", "Tess Okafor"),
        ("pass_accuracy", "Adam Patel"),
        ("hand_out", "Tess Okafor"),
    ]
    assert [line.state for line in bench.lines(prescription)] == ["supplied", "supplied"]
    assert models.HandOut.objects.get().counselling == ["with water"]


def test_the_notification_says_what_was_handed_out(bench: Bench) -> None:
    sent = ordered(FUROSEMIDE, PARACETAMOL, DIAZEPAM)
    prescription = bench.at("clinical", FUROSEMIDE, PARACETAMOL, DIAZEPAM)
    unsuitable = NotDispensed.CLINICALLY_UNSUITABLE
    decisions = [
        Decision(sent.lines[0].id, approved=True),
        Decision(sent.lines[1].id, approved=False, reason=unsuitable, words="takes co-codamol"),
        Decision(sent.lines[2].id, approved=True),
    ]
    bench.decide(prescription, decisions=decisions)
    bench.labels(prescription)
    bench.pick_all(prescription)
    bench.assembled(prescription)
    bench.passed(prescription)
    bench.withhold(bench.lines(prescription)[2].pk)
    bench.handed_out(prescription)
    filed = models.HandOut.objects.get(prescription=prescription).notification
    assert filed is not None
    assert (filed.direction, filed.kind, filed.outcome) == ("out", "dispense-notification", "sent")
    told = read_notification(parse(bytes(filed.body)))
    assert told.heading.number == sent.number
    assert told.nhs_number.digits == "9434765919"
    assert (told.status, told.handed_over_at) == (PrescriptionStatus.DISPENSED, NOW)
    assert (told.pharmacy.code, told.performer.name) == ("FZZ01", "Tess Okafor")
    by_line = {line.request.id: line for line in told.lines}
    assert [by_line[line.id].status for line in sent.lines] == [
        ItemStatus.FULLY_DISPENSED, ItemStatus.NOT_DISPENSED, ItemStatus.EXPIRED,
    ]  # fmt: skip
    assert by_line[sent.lines[0].id].quantity == sent.lines[0].quantity
    assert by_line[sent.lines[1].id].quantity.value == 0


# at the step: who may not, and who may
ROLES = [
    ("entry", "mo", "tess"),
    ("clinical", "tess", "ruth"),
    ("clinical", "adam", "ruth"),
    ("assemble", "mo", "leon"),
    ("accuracy", "leon", "adam"),
    ("accuracy", "mo", "samuel"),
    ("hand_out", "mo", "leon"),
]


@pytest.mark.parametrize(("step", "not_this", "but_this"), ROLES)
def test_roles_decide_on_the_server(bench: Bench, step: str, not_this: str, but_this: str) -> None:
    prescription = bench.at(step)
    act = {
        "entry": bench.enter,
        "clinical": bench.decide,
        "assemble": bench.labels,
        "accuracy": bench.passed,
        "hand_out": bench.handed_out,
    }[step]
    with pytest.raises(Refused) as refused:
        act(prescription, by=bench.people[not_this])
    assert _rules(refused) == ["worklist.role"]
    act(prescription, by=bench.people[but_this])


def test_nothing_is_reached_from_another_site(bench: Bench) -> None:
    prescription = bench.at("assemble")
    stranger = replace(bench.tess, site_id=bench.site.pk + 1)
    models.Site.objects.create(
        id=stranger.site_id, name="Low Street", code="FZZ02", kind="community_pharmacy",
        country="GB-ENG", time_zone="Europe/London",
    )  # fmt: skip
    with pytest.raises(Refused) as refused:
        bench.labels(prescription, by=stranger)
    assert _rules(refused) == ["prescription.unknown"]


def test_a_checker_does_not_check_their_own_work(bench: Bench) -> None:
    prescription = bench.at("assemble")
    bench.labels(prescription)
    bench.pick_all(prescription, by=bench.adam)
    bench.assembled(prescription)
    with pytest.raises(Refused) as refused:
        bench.passed(prescription)
    assert _rules(refused) == ["worklist.same-person"]
    bench.passed(prescription, by=bench.ruth)


def _alone(bench: Bench) -> int:
    prescription = bench.at("assemble")
    bench.labels(prescription, by=bench.ruth)
    bench.pick_all(prescription, by=bench.ruth)
    bench.assembled(prescription, by=bench.ruth)
    return prescription


def _rescan(bench: Bench, prescription: int, now: datetime, number: str | None = "B1") -> None:
    accuracy.rescan(
        by=bench.ruth, now=now, key=a_key(), prescription_id=prescription, gtin=FUROSEMIDE_28, number=number
    )


def _pause(bench: Bench, prescription: int, now: datetime) -> None:
    accuracy.start_self_check(by=bench.ruth, now=now, key=a_key(), prescription_id=prescription, seen=None)


def test_a_pharmacist_alone_pauses_and_scans_again(bench: Bench) -> None:
    prescription = _alone(bench)

    def refused_at(now: datetime) -> list[str]:
        with pytest.raises(Refused) as refused:
            bench.passed(prescription, by=bench.ruth, now=now)
        return _rules(refused)

    assert refused_at(NOW) == ["accuracy.pause-not-begun"]
    _pause(bench, prescription, NOW)
    _rescan(bench, prescription, NOW + timedelta(minutes=4))
    assert refused_at(NOW + timedelta(minutes=4, seconds=59)) == ["accuracy.pause-not-over"]
    # A pack scanned before the pause was over counts for nothing.
    assert refused_at(NOW + timedelta(minutes=5)) == ["accuracy.rescan-missing"]
    _rescan(bench, prescription, NOW + timedelta(minutes=5), number=None)
    # Beginning again begins the pause and the scanning again.
    _pause(bench, prescription, NOW + timedelta(minutes=6))
    assert refused_at(NOW + timedelta(minutes=6)) == ["accuracy.pause-not-over"]
    _rescan(bench, prescription, NOW + timedelta(minutes=11))
    bench.passed(prescription, by=bench.ruth, now=NOW + timedelta(minutes=12))
    event = models.AuditEvent.objects.get(action="dispensary.pass_accuracy")
    assert (event.detail["self_check"], event.detail["packs"]) == (True, 1)


def test_no_self_check_without_a_procedure_or_of_another_s_work(bench: Bench) -> None:
    prescription = _alone(bench)
    with pytest.raises(Refused) as refused:
        accuracy.start_self_check(
            by=bench.samuel, now=NOW, key=a_key(), prescription_id=prescription, seen=None
        )
    assert _rules(refused) == ["accuracy.not-own-work"]
    models.Site.objects.update(self_check_minutes=None)
    for act in (lambda: _pause(bench, prescription, NOW), lambda: bench.passed(prescription, by=bench.ruth)):
        with pytest.raises(Refused) as refused:
            act()
        assert _rules(refused) == ["accuracy.no-self-check-procedure"]


def test_a_pack_that_is_not_in_the_bag(bench: Bench) -> None:
    prescription = bench.at("accuracy")
    with pytest.raises(Refused) as refused:
        accuracy.rescan(
            by=bench.adam,
            now=NOW,
            key=a_key(),
            prescription_id=prescription,
            gtin=PARACETAMOL_32,
            number="B1",
        )
    assert _rules(refused) == ["accuracy.not-in-bag"]


def test_what_was_sent_back_is_assembled_and_checked_again(bench: Bench) -> None:
    prescription = bench.at("accuracy")
    with pytest.raises(Refused) as refused:
        bench.sent_back(prescription, reason="  ")
    assert _rules(refused) == ["accuracy.no-reason"]
    bench.sent_back(prescription)
    with pytest.raises(Refused) as refused:
        bench.handed_out(prescription)
    assert _rules(refused) == ["worklist.not-at-step"]
    pick = models.Pick.objects.get()
    assembly.undo_pick(by=bench.leon, now=NOW, key=a_key(), pick_id=pick.pk)
    bench.pick_all(prescription, by=bench.leon)
    bench.assembled(prescription)
    bench.passed(prescription)
    bench.handed_out(prescription)


def test_what_returns_to_entry_is_entered_again(bench: Bench) -> None:
    prescription = bench.at("clinical")
    with pytest.raises(Refused) as refused:
        entry.return_to_entry(
            by=bench.ruth, now=NOW, key=a_key(), prescription_id=prescription, seen=None, reason=""
        )
    assert _rules(refused) == ["entry.no-reason"]
    entry.return_to_entry(
        by=bench.ruth, now=NOW, key=a_key(), prescription_id=prescription, seen=None, reason="is it 40mg?"
    )
    assert bench.row(prescription).step == "entry"
    bench.enter(prescription, by=bench.leon)
    bench.decide(prescription)


def test_a_label_of_an_earlier_entry_opens_nothing(bench: Bench) -> None:
    prescription = bench.at("assemble")
    first = bench.labels(prescription).result["labels"]
    assert bench.labels(prescription).result["labels"] == first
    assert models.LabelPrint.objects.count() == 2
    assert assembly.find_label(first[0], site_id=bench.site.pk).code == first[0]
    # The workflow does not lead back from here today; what entry does to labels is kept all the same.
    models.Prescription.objects.filter(pk=prescription).update(step="entry")
    bench.enter(prescription)
    bench.decide(prescription)
    with pytest.raises(Refused) as refused:
        assembly.find_label(first[0], site_id=bench.site.pk)
    assert _rules(refused) == ["label.withdrawn"]
    assert set(bench.labels(prescription).result["labels"]).isdisjoint(first)
    with pytest.raises(Refused) as refused:
        assembly.find_label("nonsense", site_id=bench.site.pk)
    assert _rules(refused) == ["label.unknown"]


def test_a_reprint_has_its_reason_and_is_on_record(bench: Bench) -> None:
    code = bench.labels(bench.at("assemble")).result["labels"][0]
    with pytest.raises(Refused) as refused:
        assembly.reprint_label(by=bench.leon, now=NOW, key=a_key(), label_code=code, reason=" ")
    assert _rules(refused) == ["label.no-reason"]
    assembly.reprint_label(by=bench.leon, now=NOW, key=a_key(), label_code=code, reason="smudged")
    assert [(print_.by_id, print_.reason) for print_ in models.LabelPrint.objects.order_by("pk")] == [
        (bench.tess.id, ""), (bench.leon.id, "smudged"),
    ]  # fmt: skip
    assert models.AuditEvent.objects.get(action="dispensary.reprint_label").detail["reason"] == "smudged"


def test_decisions_about_other_lines_decide_nothing(bench: Bench) -> None:
    prescription = bench.at("clinical")
    line = bench.lines(prescription)[0].item_id
    no = Decision(
        line, approved=False, reason=NotDispensed.CLINICALLY_UNSUITABLE, words="stopped in hospital"
    )
    bench.decide(
        prescription, decisions=[Decision("of another prescription", approved=True), Decision(line, True), no]
    )
    row = bench.row(prescription)
    assert (row.step, row.closed_because) == ("closed", "refused")
    assert bench.lines(prescription)[0].state == "refused"


def test_the_check_is_worked_out_again_at_the_signature(bench: Bench) -> None:
    prescription = bench.at("clinical")
    with pytest.raises(Refused) as refused:
        bench.decide(prescription, answers={}, seen_not_assessed=False)
    assert set(_rules(refused)) <= {"clinical.unanswered", "clinical.not-assessed-unseen"}
    bench.decide(prescription)
    check = models.ClinicalCheck.objects.get()
    assert {assessment["check"] for assessment in check.assessments} >= {"allergy"}
    assert check.release


# item, signed, starts on -> the last day on which it is handed out
LAST_DAYS = [
    (DIAZEPAM, "2026-11-01", None, "2026-11-29"),
    (DIAZEPAM, "2026-11-01", "2026-11-10", "2026-12-08"),
    (FUROSEMIDE, "2026-11-01", None, "2027-04-30"),
    (FUROSEMIDE, "2026-11-01", "2026-12-01", "2027-05-31"),
]


@pytest.mark.parametrize(("item", "signed", "starts", "last"), LAST_DAYS)
def test_the_last_day_and_the_day_after(
    bench: Bench, item: Item, signed: str, starts: str | None, last: str
) -> None:
    noon = datetime.fromisoformat(f"{last}T12:00+00:00")
    starts_on = datetime.fromisoformat(starts).date() if starts else None
    signed_at = datetime.fromisoformat(f"{signed}T09:00+00:00")
    prescription = bench.at("hand_out", item, signed_at=signed_at, starts_on=starts_on, now=noon)
    with pytest.raises(Refused) as refused:
        bench.handed_out(prescription, now=noon + timedelta(days=1))
    assert _rules(refused) == ["validity.expired"]
    assert bench.row(prescription).step == "hand_out"
    bench.handed_out(prescription, now=noon)


def test_a_day_is_the_pharmacy_s_day(bench: Bench) -> None:
    # Half past midnight in a London summer is still the day before in UTC.
    signed = datetime(2026, 6, 1, 9, tzinfo=UTC)
    late = datetime(2026, 6, 29, 22, 59, tzinfo=UTC)
    prescription = bench.at("hand_out", DIAZEPAM, signed_at=signed, now=late)
    with pytest.raises(Refused) as refused:
        bench.handed_out(prescription, now=late + timedelta(minutes=1))
    assert _rules(refused) == ["validity.expired"]
    bench.handed_out(prescription, now=late)


def test_nothing_is_handed_out_before_its_start(bench: Bench) -> None:
    prescription = bench.at("hand_out", starts_on=datetime(2026, 11, 10).date())  # noqa: DTZ001 - a calendar day
    with pytest.raises(Refused) as refused:
        bench.handed_out(prescription)
    assert _rules(refused) == ["validity.not-yet-due"]


def test_what_expired_or_was_recalled_while_the_bag_waited_is_not_handed_out(bench: Bench) -> None:
    prescription = bench.at("assemble")
    bench.labels(prescription)
    bench.stock(FUROSEMIDE_28, 1, expiry="2026-11")
    line = bench.lines(prescription)[0].pk
    bench.pick(line, FUROSEMIDE_28, expiry="2026-11")
    bench.assembled(prescription)
    bench.passed(prescription)
    december = datetime(2026, 12, 1, 9, tzinfo=UTC)
    with pytest.raises(Refused) as refused:
        bench.handed_out(prescription, now=december)
    assert _rules(refused) == ["pick.expired"]
    bench.recall(FUROSEMIDE_28, "B1")
    with pytest.raises(Refused) as refused:
        bench.handed_out(prescription)
    assert _rules(refused) == ["pick.recalled"]
    # The way out: another batch, and another check.
    bench.sent_back(prescription, now=december)
    assembly.undo_pick(by=bench.tess, now=december, key=a_key(), pick_id=models.Pick.objects.get().pk)
    bench.stock(FUROSEMIDE_28, 1, number="B2")
    bench.pick(line, FUROSEMIDE_28, number="B2")
    bench.assembled(prescription)
    with pytest.raises(Refused) as refused:
        bench.handed_out(prescription, now=december)
    assert _rules(refused) == ["worklist.not-at-step"]
    bench.passed(prescription)
    bench.handed_out(prescription, now=december)


def test_whoever_collects_for_the_patient_is_named(bench: Bench) -> None:
    prescription = bench.at("hand_out")
    other = Collector.REPRESENTATIVE
    with pytest.raises(Refused) as refused:
        bench.handed_out(prescription, collection=Collection(other, " "))
    assert _rules(refused) == ["hand-out.no-name"]
    bench.handed_out(prescription, collection=Collection(other, " Pat O'Brien "))
    handed = models.HandOut.objects.get()
    assert (handed.collector, handed.collector_name) == ("representative", "Pat O'Brien")


@pytest.mark.parametrize("step", ["assemble", "accuracy", "hand_out"])
def test_a_withheld_line_s_packs_go_back_to_the_shelf(bench: Bench, step: str) -> None:
    prescription = bench.at(step, FUROSEMIDE, PARACETAMOL)
    if step == "assemble":
        bench.labels(prescription)
        bench.pick_all(prescription)
    first, second = bench.lines(prescription)
    with pytest.raises(Refused) as refused:
        bench.withhold(first.pk, words=" ")
    assert _rules(refused) == ["line.no-reason"]
    bench.withhold(second.pk)
    shelf = {row.batch.product_id: row.amount for row in models.Balance.objects.filter(account__kind="shelf")}
    assert shelf == {first.product_id: 0, second.product_id: 64}
    assert bench.row(prescription).step == step
    with pytest.raises(Refused) as refused:
        bench.withhold(second.pk)
    assert _rules(refused) == ["line.not-open"]
    with pytest.raises(Refused) as refused:
        lines.keep(by=bench.ruth, now=NOW, key=a_key(), line_id=first.pk, seen=None, words="on the telephone")
    assert _rules(refused) == ["line.no-cancellation"]
    bench.withhold(first.pk)
    row = bench.row(prescription)
    assert (row.step, row.closed_because) == ("closed", "withheld")
    assert not models.Balance.objects.filter(account__kind="prepared", amount__gt=0).exists()
    assert not any(verify.of_batch(batch) for batch in models.Batch.objects.all())


def test_a_withheld_line_takes_no_more_packs(bench: Bench) -> None:
    prescription = bench.at("assemble", FUROSEMIDE, PARACETAMOL)
    bench.labels(prescription)
    bench.stock(FUROSEMIDE_28, 1)
    first = bench.lines(prescription)[0].pk
    bench.withhold(first)
    with pytest.raises(Refused) as refused:
        bench.pick(first, FUROSEMIDE_28)
    assert _rules(refused) == ["line.not-open"]


def test_taking_in_hand_and_handing_back(bench: Bench) -> None:
    prescription = bench.at("entry")

    def claim(name: str, minutes: int = 0) -> None:
        claiming.claim(
            by=bench.people[name],
            now=NOW + timedelta(minutes=minutes),
            key=a_key(),
            prescription_id=prescription,
        )

    def hand_back(name: str) -> None:
        claiming.hand_back(by=bench.people[name], now=NOW, key=a_key(), prescription_id=prescription)

    claim("tess")
    claim("tess")
    for act, rule in (
        (lambda: claim("leon"), "worklist.claimed"),
        (lambda: claim("mo"), "worklist.role"),
        (lambda: bench.enter(prescription, by=bench.leon), "worklist.claimed"),
        (lambda: hand_back("leon"), "worklist.not-yours"),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert _rules(refused) == [rule]
    claim("leon", minutes=15)
    hand_back("leon")
    claim("tess")
    bench.enter(prescription)
    assert bench.row(prescription).claimed_by_id is None
    closed = bench.at("closed", key="b")
    with pytest.raises(Refused) as refused:
        claiming.claim(by=bench.tess, now=NOW, key=a_key(), prescription_id=closed)
    assert _rules(refused) == ["worklist.closed"]


def test_a_page_that_grew_old_is_told_so(bench: Bench) -> None:
    prescription = bench.at("assemble")
    seen = bench.row(prescription).version
    bench.labels(prescription, by=bench.leon, seen=seen)
    with pytest.raises(Refused) as refused:
        bench.labels(prescription, seen=seen)
    assert _rules(refused) == ["worklist.changed"]
    assert refused.value.refusals[0].reason == "Leon Brandt has changed it since you opened this page"
