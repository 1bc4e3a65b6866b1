"""The demo site: what there is of everything, that it was made by the actions, and that it is made once."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from pestle.demo import drive, surgery
from pestle.demo.load import make_demo
from pestle.demo.messages import Item, a_cancellation, a_prescription, an_order, written
from pestle.demo.ordering import MORPHINE
from pestle.demo.patients import another, patients
from pestle.demo.people import PASSWORD, SIGN_INS, staff
from pestle.demo.stock import EXPIRED, EXPIRES_THIS_MONTH, RECALLED_NUMBER, month_after
from pestle.demo.story import stories
from pestle.pharmacy.ledger.controlled import EntryKind
from pestle.pharmacy.medicines.expiry import expiry
from pestle.pharmacy.practice.out_of_step import OutOfStep
from pestle.pharmacy.record.patient import nhs_number
from pestle.web.actions.may_leave import refusals_by_line
from pestle.web.store import (
    audit,
    clinical,
    controlled_lines,
    models,
    ordering,
    prescriptions,
    register,
    review_list,
    verify,
)
from pestle.web.store.prescriptions import signed
from pestle.web.store.stock import words
from pestle.wire.eps.codes import CancellationReason
from pestle.wire.eps.receive import Cancel, Orders
from pestle.wire.eps.receive import receive as read

LEAST = {"entry": 10, "clinical": 6, "assemble": 6, "accuracy": 4, "hand_out": 6, "owings": 3, "closed": 10}
MESSAGES = {
    "again-e06.json": ("duplicate", []),
    "answer.json": ("not_for_us", []),
    "birth-date.json": ("refused", ["patient.birth-date-differs"]),
    "changed-e06.json": ("refused", ["eps.duplicate-prescription"]),
    "check-character.json": ("refused", ["eps.check-character"]),
    "delivery-note.txt": ("refused", ["fhir.not-json"]),
    "mixed.json": ("refused", ["eps.acute-with-repeat-dispensing"]),
    "nhs-number.json": ("refused", ["nhs-number.check-digit"]),
    "c15-cancel.json": ("accepted", []),
    "r06-cancel.json": ("refused", ["cancellation.with-dispenser"]),
}


@pytest.fixture
def site(demo_database: str) -> models.Site:
    """The demo's site."""
    return models.Site.objects.get(code="FZZ01")


def _story(key: str) -> models.Prescription:
    row = models.Prescription.objects.select_related("site", "patient", "order")
    return row.get(order__message__name=f"{key}.json")


def test_prescriptions_wait_at_every_step(site: models.Site) -> None:
    steps = Counter(models.Prescription.objects.values_list("step", flat=True))
    assert set(steps) == set(LEAST)
    assert all(steps[step] >= least for step, least in LEAST.items()), steps
    typed_in = models.TypedIn.objects.count()
    assert (sum(steps.values()), typed_in) == (len(list(stories())) + typed_in, 3)
    late = models.Prescription.objects.exclude(step="closed").filter(due_at__lt=datetime.now(UTC))
    assert late.filter(step="entry").exists()
    assert models.Patient.objects.count() >= 36
    assert set(models.Prescription.objects.values_list("closed_because", flat=True)) == {
        "", "supplied", "refused", "cancelled", "withheld",
    }  # fmt: skip


def test_every_message_has_the_outcome_it_is_there_for(site: models.Site) -> None:
    found = {
        message.name: (message.outcome, [refusal["rule"] for refusal in message.refusals])
        for message in models.Message.objects.filter(direction="in", site=site)
    }
    assert {name: found[name] for name in MESSAGES} == MESSAGES
    others = {name: outcome for name, outcome in found.items() if name not in MESSAGES}
    answers = [others.pop(name) for name in list(others) if re.fullmatch(r"answer-[0-9]+\.json", name)]
    assert sorted(answers) == [("accepted", []), ("refused", ["eps.answer-refused"])]
    files = {"answer.csv", "fridge-1.csv", "fp10.pdf", "H-00001.json", "H-00002.json", "H-00003.json"}
    assert set(others) == {f"{story.key}.json" for story in stories()} | files
    assert set(map(str, others.values())) == {"('accepted', [])"}
    assert models.MessageTask.objects.filter(site=site, closed_at=None).count() == 7
    assert models.MessageTask.objects.get(closed_at__isnull=False).note


def test_everything_was_done_by_somebody_in_order_and_both_chains_hold(site: models.Site) -> None:
    events, broken = audit.verify(site.pk)
    assert broken is None
    assert events > 400
    times = list(
        models.AuditEvent.objects.filter(site_id=site.pk).order_by("place").values_list("at", flat=True)
    )
    assert times == sorted(times)
    assert times[-1] <= datetime.now(UTC)
    assert [verify.of_batch(batch) for batch in models.Batch.objects.all() if verify.of_batch(batch)] == []
    assert models.Command.objects.filter(site_id=site.pk).count() == events


def test_a_second_call_does_nothing(site: models.Site) -> None:
    before = models.AuditEvent.objects.count()
    assert make_demo(now=datetime.now(UTC)) is False
    assert models.AuditEvent.objects.count() == before


def test_the_shelf_shows_what_the_rules_are_for(site: models.Site) -> None:
    today = datetime.now(UTC).date()

    def expiries(name: str, number: str) -> str:
        return models.Batch.objects.get(pack_name__startswith=name, number=number).expiry

    assert expiry(expiries(EXPIRED, "X0417")).expired(on=today)
    assert expiries(EXPIRES_THIS_MONTH, "X1122") == month_after(today, 0)
    recall = models.Recall.objects.get()
    assert models.Batch.objects.filter(gtin=recall.gtin, number=RECALLED_NUMBER).exists()
    assert not models.Pick.objects.filter(batch__number=RECALLED_NUMBER).exists()


def test_what_is_ready_shows_what_a_hand_out_is_refused_for(site: models.Site) -> None:
    now = datetime.now(UTC)
    found: dict[str, list[str]] = {}
    for key in ("r01", "r03", "r04", "r05", "r06"):
        row = _story(key)
        found[key] = [
            refusal.rule
            for line in row.lines.all()
            for refusal in refusals_by_line(row, [line], signed(row), now=now)[line.pk]
        ]
    assert found == {
        "r01": [],
        "r03": ["validity.expired"],
        "r04": [],
        "r05": [],
        "r06": ["line.cancellation-asked"],
    }


def test_the_register_has_weeks_of_entries_counts_and_a_destruction(site: models.Site) -> None:
    pages = register.pages(site.pk)
    zone = ZoneInfo(site.time_zone)
    entries = [one for page in pages for one in register.everything(site.pk, page, zone=zone)]
    assert {one.kind for one in entries} == {EntryKind.OBTAINED, EntryKind.SUPPLIED, EntryKind.DESTROYED}
    assert all(one.particulars or one.destruction for one in entries)
    held = register.balances(site.pk)
    for page in pages:
        last = register.everything(site.pk, page, zone=zone)[-1].balance
        book = sum(held[product] for product in page.product_ids)
        assert last == words(register.a_batch(site.pk, page), book)
    checks = register.last_checks(site.pk)
    assert set(checks) == {page.id for page in pages}
    assert len({check.at.date() for check in checks.values()}) == 2, "one page was forgotten"
    assert [one.destroyed is None for one in register.returns(site.pk)] == [True, False]


def test_what_waits_for_the_pharmacist_shows_every_check(site: models.Site) -> None:
    found = {}
    for key in ("k01", "k02", "k03", "k04", "k05"):
        row = _story(key)
        assessed = clinical.assess(row, row.lines.all(), now=datetime.now(UTC))
        found[key] = [(one.check, each.severity.value) for one in assessed for each in one.findings]
    assert found == {
        "k01": [("allergy", "hard_stop")],
        "k02": [("duplicate", "interrupt"), ("dose", "interrupt")],
        # A fentanyl patch is on the way to the same patient, on another prescription.
        "k03": [("duplicate", "interrupt"), ("controlled", "hard_stop")],
        "k04": [("allergy", "not_assessed"), ("renal", "not_assessed")],
        "k05": [
            ("renal", "not_assessed"),
            ("condition", "not_assessed"),
            ("companion", "note"),
            ("monitoring", "not_assessed"),
        ],
    }


def test_a_line_is_short_and_an_instruction_is_kept_as_written(site: models.Site) -> None:
    [line] = _story("m01").lines.all()
    assert line.wanted is not None
    assert 0 < prescriptions.picked(line) < line.wanted
    assert [line.verbatim for line in _story("c12").lines.all()] == [True, True]


def test_each_list_of_the_practice_has_something_on_it(site: models.Site) -> None:
    practice, today = models.Site.objects.get(code=surgery.SITE_CODE), datetime.now(UTC).date()
    needs = models.ReviewNeed.objects.filter(site=practice)
    assert review_list.counts(practice.pk)["cohort"] == needs.filter(in_cohort=True).count() >= 4
    assert not any("GP practice" in words for one in needs for words in one.missing)
    assert ordering.over(practice.pk, on=today)
    assert ordering.under(practice.pk, on=today).exists()
    assert ordering.not_ordered(practice.pk, on=today).exists()
    for way in (OutOfStep.NOT_COLLECTED, OutOfStep.NOT_KNOWN):
        assert ordering.items(practice.pk, way, on=today).count() == 1
    waiting = models.RequestLine.objects.filter(site=practice, state="prepared", text=MORPHINE)
    drug = controlled_lines.of(waiting.select_related("listed__order").get())
    assert drug is not None
    assert drug.total == "56 (fifty six) tablets"


def test_everybody_can_sign_in(site: models.Site) -> None:
    users = {user.username: user for user in models.User.objects.all()}
    assert {sign_in.username for sign_in in SIGN_INS} <= set(users)
    assert users["tess"].check_password(PASSWORD)
    assert len({users[sign_in.username].password for sign_in in SIGN_INS}) == 1
    assert {person.name for person in (staff(site).technician, staff(site).checker)} == {
        "Tess Okafor", "Adam Patel",
    }  # fmt: skip


@pytest.mark.parametrize("step", ["clinical", "assemble", "accuracy", "hand_out", "closed"])
def test_a_prescription_is_taken_to_any_step(site: models.Site, step: str) -> None:
    now = datetime.now(UTC)
    items = [
        Item("Trazodone 50mg capsules", "168", "Take two capsules at night"),
        Item("Amoxicillin 250mg/5ml oral suspension sugar free", "150", "Take 5ml three times a day"),
    ]
    data = an_order(another(0, on=now.date()), items, signed_at=now, key=f"to {step}")
    taken = drive.receive(data, name="new.json", by=staff(site).technician, now=now)
    [pk] = taken.result["prescriptions"]
    drive.to_step(pk, step, site=site, now=now)
    assert models.Prescription.objects.get(pk=pk).step == step
    with pytest.raises(ValueError, match="past entry"):
        drive.to_step(pk, "entry", site=site, now=now)


def test_the_patients_are_of_every_age_and_have_numbers_for_tests() -> None:
    today = date(2026, 3, 1)
    known = [invented.patient for invented in patients(on=today).values()]
    ages = [patient.age(on=today) for patient in known]
    assert min(age for age in ages if age is not None) == 0
    assert max(age for age in ages if age is not None) == 95
    families = Counter(patient.name.family for patient in known)
    assert families["Smith"] == 2
    numbers = [patient.nhs_number for patient in known]
    numbers += [another(number, on=today).nhs_number for number in range(12_000)]
    digits = [number.digits for number in numbers if number]
    assert len(set(digits)) == len(digits) == len(numbers)
    assert all(nhs_number(each).digits == each and each.startswith("999") for each in digits)


def test_an_order_reads_back_as_what_was_written() -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    items = [
        Item("Morphine 10mg modified-release tablets", "60", "Take one tablet every 12 hours"),
        Item("Prednisolone 5mg tablets", "56", "Reduce as discussed"),
    ]
    wanted = a_prescription(another(3, on=now.date()), items, signed_at=now, key="round", pharmacy="FZZ01")
    received = read(written(wanted), now=now)
    assert isinstance(received, Orders)
    assert [order.prescription for order in received.orders] == [wanted]
    cancel = read(a_cancellation(wanted, place=1, reason=CancellationReason.PATIENT_ASKED), now=now)
    assert isinstance(cancel, Cancel)
    assert cancel.cancellation.line_id == wanted.lines[1].id
    assert cancel.cancellation.reason is CancellationReason.PATIENT_ASKED


@pytest.mark.parametrize(
    "now", [datetime(2027, 1, 1, 0, 5, tzinfo=UTC), datetime(2028, 2, 29, 23, 50, tzinfo=UTC)], ids=str
)
def test_the_demo_can_be_made_on_any_day(database: str, now: datetime) -> None:
    assert make_demo(now=now) is True
    assert models.Prescription.objects.filter(received_at__gt=now).count() == 0
    assert models.Prescription.objects.filter(received_at__lt=now - timedelta(days=30)).exists()
    assert connection.vendor in ("sqlite", "postgresql")
