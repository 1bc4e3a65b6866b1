"""How does one story unfold in time?

A journey is a generator: it gives the moment of its next act before it does it, so that the acts of all
prescriptions can be done in the order of their times and every chain of records runs forward.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from pestle.demo import drive
from pestle.demo.messages import a_cancellation, a_prescription, name_id, written
from pestle.demo.patients import Invented
from pestle.demo.payment import DECLARED
from pestle.demo.people import SELF_CHECK_MINUTES
from pestle.demo.story import OPENS, Story
from pestle.pharmacy.dispensary.collection import Collection, Collector, Identity
from pestle.pharmacy.dispensary.instalments import Wording
from pestle.pharmacy.dispensary.not_dispensed import NotDispensed
from pestle.pharmacy.dispensary.owing import Missing, OwingReason
from pestle.pharmacy.dispensary.uncollected import Way
from pestle.pharmacy.people import Person
from pestle.pharmacy.record.allergy import AllergyKind, ReactionSeverity
from pestle.pharmacy.record.medication import Prescription
from pestle.web.actions import (
    accuracy,
    assembly,
    claiming,
    clinical,
    entry,
    instalments,
    lines,
    owings,
    record,
    uncollected,
)
from pestle.web.store import models, prescriptions
from pestle.web.store.knowledge import dictionary
from pestle.wire.eps.codes import CancellationReason


@dataclass(frozen=True, slots=True)
class Bench:
    """Where stories unfold: the site, its people by username, the patients, and the moment of the end."""

    site: models.Site
    people: Mapping[str, Person]
    patients: Mapping[str, Invented]
    now: datetime

    def came(self, story: Story) -> datetime:
        """When the prescription came (UTC)."""
        if not story.days:
            return self.now - timedelta(minutes=story.minutes)
        zone = ZoneInfo(self.site.time_zone)
        day = self.now.astimezone(zone).date() - timedelta(days=story.days)
        return datetime.combine(day, time(OPENS), zone).astimezone(self.now.tzinfo) + timedelta(
            minutes=story.minutes
        )

    def soon_after(self, story: Story) -> datetime:
        """A moment after the prescription came and before anybody entered it."""
        return _Clock(self.came(story), self.now).after(3)

    def prescription(self, story: Story) -> Prescription:
        """What was signed: the afternoon before, or as many days before it came as the story says."""
        before = timedelta(days=story.signed_days) if story.signed_days else timedelta(minutes=50)
        return a_prescription(
            self.patients[story.patient].patient,
            story.items,
            signed_at=(self.came(story) - before).replace(microsecond=0),
            key=story.key,
            pharmacy=self.site.code,
        )


class _Clock:
    """The moments of a journey, each some minutes after the one before; all fit between arrival and now.

    A prescription that came just now has gone through its steps a little faster.
    """

    def __init__(self, came: datetime, now: datetime) -> None:
        self.at = came
        self._share = min(1.0, (now - came) / timedelta(minutes=110))

    def after(self, minutes: int) -> datetime:
        self.at += timedelta(minutes=minutes * self._share)
        return self.at


def journey(story: Story, bench: Bench, *, new_patient: bool) -> Iterator[datetime]:
    """The acts of a story, in time. With `new_patient` somebody asks about allergies first.

    Twists: allergy since, cancelled, claimed, referred, returned, refused, labelled, half picked, short,
    put back, reprinted, sent back, self-checked, too late, collected, delivered, not collected, reminded,
    owed, overdue, took a part.
    """
    tess, leon = bench.people["tess"], bench.people["leon"]
    clerk = tess if sum(story.key.encode()) % 2 else leon
    pharmacist = bench.people["ruth" if sum(story.key.encode()) % 3 else "samuel"]
    if story.twist == "self-checked":
        clerk = pharmacist
    clock = _Clock(bench.came(story), bench.now)
    order = bench.prescription(story)
    yield clock.at
    taken = drive.receive(written(order), name=f"{story.key}.json", by=clerk, now=clock.at)
    pk = int(taken.result["prescriptions"][0])
    if new_patient and bench.patients[story.patient].allergies != "unrecorded":
        yield clock.after(1)
        _ask_about_allergies(bench.patients[story.patient], pk, by=clerk, now=clock.at)
    if story.until == "entry":
        yield from _at_entry(story, pk, order, clerk, clock)
        return
    yield clock.after(6)
    drive.enter(pk, by=clerk, now=clock.at)
    if story.until == "clinical":
        return
    yield from _clinical_check(story, pk, clerk, pharmacist, clock)
    if story.twist == "refused":
        return
    yield from _assembly(story, pk, clerk, clock)
    if story.until == "assemble" or story.twist == "overdue":
        return
    yield from _accuracy_check(story, pk, pharmacist, clerk, bench, clock)
    if story.until == "accuracy":
        return
    if story.until == "hand_out":
        yield from _while_ready(story, pk, order, clerk, clock)
        return
    yield from _hand_out(story, pk, clerk, pharmacist, clock)


def _ask_about_allergies(who: Invented, pk: int, *, by: Person, now: datetime) -> None:
    patient_id = models.Prescription.objects.values_list("patient_id", flat=True).get(pk=pk)
    key = name_id("allergies", by.site_id, who.key)
    asked = "the patient"
    if who.allergies == "none":
        record.record_no_known_allergies(by=by, now=now, key=key, patient_id=patient_id, told_by=asked)
        return
    substance, reaction = who.allergies.split(": ")
    record.record_allergy(
        by=by,
        now=now,
        key=key,
        patient_id=patient_id,
        substance=substance,
        kind=AllergyKind.ALLERGY,
        reaction=reaction,
        severity=ReactionSeverity.MODERATE,
        told_by=asked,
    )


def _at_entry(story: Story, pk: int, order: Prescription, clerk: Person, clock: _Clock) -> Iterator[datetime]:
    if story.twist == "cancelled":
        yield clock.after(25)
        message = a_cancellation(order, place=0, reason=CancellationReason.PRESCRIBING_ERROR)
        drive.receive(message, name=f"{story.key}-cancel.json", by=clerk, now=clock.at)
    elif story.twist == "claimed":
        yield clock.after(4)
        claiming.claim(by=clerk, now=clock.at, key=name_id("claim", story.key), prescription_id=pk)


def _clinical_check(
    story: Story, pk: int, clerk: Person, pharmacist: Person, clock: _Clock
) -> Iterator[datetime]:
    if story.twist == "returned":
        yield clock.after(8)
        reason = "The label says each morning: ask whether before food"
        entry.return_to_entry(
            by=pharmacist, now=clock.at, key=name_id("return", story.key), prescription_id=pk, seen=None,
            reason=reason,
        )  # fmt: skip
        yield clock.after(7)
        drive.enter(pk, by=clerk, now=clock.at)
    yield clock.after(14)
    if story.twist == "refused":
        words = "Codeine made her vomit; the surgery sends another prescription"
        drive.refuse(pk, by=pharmacist, now=clock.at, words=words)
    else:
        drive.approve(pk, by=pharmacist, now=clock.at)


def _assembly(story: Story, pk: int, clerk: Person, clock: _Clock) -> Iterator[datetime]:
    if story.twist == "referred":
        yield clock.after(5)
        clinical.refer(
            by=clerk, now=clock.at, key=name_id("refer", story.key), prescription_id=pk, seen=None,
            words="He says that his doctor halved the dose last month",
        )  # fmt: skip
    if story.twist == "instalments":
        yield clock.after(5)
        _in_instalments(story, pk, clerk, now=clock.at)
    if story.until == "assemble" and story.twist in ("", "referred", "instalments"):
        return
    yield clock.after(9)
    codes = drive.print_labels(pk, by=clerk, now=clock.at)
    if story.twist == "labelled":
        return
    if story.twist == "reprinted":
        yield clock.after(2)
        assembly.reprint_label(
            by=clerk, now=clock.at, key=name_id("reprint", story.key), label_code=codes[0],
            reason="The printer smudged it",
        )  # fmt: skip
    if story.until == "owings":
        yield clock.after(3)
        _owe(story, pk, by=clerk, now=clock.at)
        if story.twist == "overdue":
            row = models.Prescription.objects.get(pk=pk)
            owings.owe_all(by=clerk, now=clock.at, key=name_id("owe all", story.key), prescription_id=pk,
                           seen=row.version)  # fmt: skip
            return
        yield clock.after(2)
        drive.print_labels(pk, by=clerk, now=clock.at)
    rows = list(models.Line.objects.filter(prescription=pk, state="open").select_related("prescription"))
    for line in rows[:1] if story.twist == "half picked" else rows:
        yield clock.after(3)
        picked = list(drive.pick(line, by=clerk, now=clock.at))
        if story.twist == "put back" and line is rows[0]:
            yield clock.after(2)
            key = name_id("undo", story.key)
            assembly.undo_pick(by=clerk, now=clock.at, key=key, pick_id=picked[-1])
            yield clock.after(2)
            list(drive.pick(line, by=clerk, now=clock.at))
    if story.until != "assemble":
        yield clock.after(4)
        drive.complete_assembly(pk, by=clerk, now=clock.at)


def _in_instalments(story: Story, pk: int, clerk: Person, *, now: datetime) -> None:
    """Four tablets a day for a week, collected every day but Sunday."""
    line = models.Line.objects.select_related("prescription__site").get(prescription=pk)
    today = now.astimezone(ZoneInfo(line.prescription.site.time_zone)).date()
    instalments.enter(
        by=clerk, now=now, key=name_id("instalments", story.key), line_id=line.pk, seen=None,
        begins=today + timedelta(days=today.weekday() == 6), amounts=[4] * 7, weekdays=range(6),
        wordings=(Wording.CLOSED_BEFORE, Wording.REST, Wording.SUPERVISED), stop_after=3,
    )  # fmt: skip


def _owe(story: Story, pk: int, *, by: Person, now: datetime) -> None:
    """Notes what the story owes: the last line, and of a single one that is owed in part, half of it."""
    line = models.Line.objects.filter(prescription=pk, state="open").latest("place")
    part = story.twist == "took a part"
    reason = {"owed": OwingReason.WHOLESALER, "overdue": OwingReason.MANUFACTURER}.get(
        story.twist, OwingReason.PATIENT
    )
    owings.owe(
        by=by, now=now, key=name_id("owe", story.key), line_id=line.pk, seen=None,
        missing=[Missing((line.wanted or 0) // 2 if part else line.wanted or 0, reason)],
        promised_on=now.date() + timedelta(days=12 if part else 1),
        words="Wants one box at a time" if part else "",
    )  # fmt: skip


def _accuracy_check(
    story: Story, pk: int, pharmacist: Person, clerk: Person, bench: Bench, clock: _Clock
) -> Iterator[datetime]:
    checker = pharmacist if story.twist == "self-checked" else bench.people["adam"]
    if story.until == "accuracy":
        if story.twist == "claimed":
            yield clock.after(5)
            key = name_id("claim", story.key)
            claiming.claim(by=checker, now=clock.at, key=key, prescription_id=pk)
        return
    if story.twist == "sent back":
        yield clock.after(8)
        accuracy.fail_accuracy(
            by=checker, now=clock.at, key=name_id("fail", story.key), prescription_id=pk, seen=None,
            reason="One strip short in the first box",
        )  # fmt: skip
        yield clock.after(6)
        drive.complete_assembly(pk, by=clerk, now=clock.at)
    if story.twist == "self-checked":
        yield from _self_check(story, pk, checker, clock)
    yield clock.after(11)
    drive.pass_accuracy(pk, by=checker, now=clock.at)


def _self_check(story: Story, pk: int, by: Person, clock: _Clock) -> Iterator[datetime]:
    yield clock.after(3)
    key = name_id("pause", story.key)
    accuracy.start_self_check(by=by, now=clock.at, key=key, prescription_id=pk, seen=None)
    row = models.Prescription.objects.get(pk=pk)
    for number, found in enumerate(prescriptions.standing_picks(row)):
        yield clock.after(SELF_CHECK_MINUTES + 1)
        pack = dictionary().pack(found.batch.pack_id)
        assert pack is not None
        accuracy.rescan(
            by=by, now=clock.at, key=name_id("rescan", story.key, number), prescription_id=pk,
            gtin=pack.gtins[0], number=found.batch.number,
        )  # fmt: skip


def _while_ready(
    story: Story, pk: int, order: Prescription, clerk: Person, clock: _Clock
) -> Iterator[datetime]:
    if story.twist == "allergy since":
        yield clock.after(15)
        record.record_allergy(
            by=clerk, now=clock.at, key=name_id("allergy since", story.key),
            patient_id=models.Prescription.objects.values_list("patient_id", flat=True).get(pk=pk),
            substance="Penicillin", kind=AllergyKind.ALLERGY, reaction="rash as a child",
            severity=ReactionSeverity.MODERATE, told_by="his mother, by telephone",
        )  # fmt: skip
    if story.twist == "reminded":
        at = clock.at + timedelta(days=15)
        yield at
        uncollected.remind(
            by=clerk, now=at, key=name_id("remind", story.key), prescription_id=pk, seen=None,
            way=Way.TELEPHONE, words="Her daughter comes at the weekend",
        )  # fmt: skip
    if story.twist == "too late":
        yield clock.after(15)
        message = a_cancellation(order, place=0, reason=CancellationReason.TREATMENT_CHANGED)
        drive.receive(message, name=f"{story.key}-cancel.json", by=clerk, now=clock.at)


def _hand_out(story: Story, pk: int, clerk: Person, pharmacist: Person, clock: _Clock) -> Iterator[datetime]:
    yield clock.after(22)
    if story.twist == "not collected":
        for line in models.Line.objects.filter(prescription=pk, state="open"):
            lines.withhold(
                by=pharmacist, now=clock.at, key=name_id("withhold", line.pk), line_id=line.pk, seen=None,
                reason=NotDispensed.NOT_COLLECTED, words="Telephoned: she does not need them any more",
            )  # fmt: skip
        return
    collection = {
        "collected": Collection(Collector.REPRESENTATIVE, "Bethan Evans (mother)", identity=Identity.SHOWN),
        "delivered": Collection(Collector.DELIVERED, "Jo Invented, driver", identity=Identity.KNOWN),
    }.get(story.twist, drive.BY_THE_PATIENT)
    told = ("How to take it", "What to do about a missed dose")
    declared = DECLARED.get(story.key, drive.PAYS)
    drive.give(pk, by=clerk, now=clock.at, collection=collection, counselling=told, declared=declared)
