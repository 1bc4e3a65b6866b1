"""The medicines list of a practice: changed as a whole or not at all, authorised by who may, never edited."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from tests.web.actions.bench import JOHN, NOW, a_key, together
from tests.web.actions.surgery import FUROSEMIDE, open_surgery

from pestle.pharmacy.dosage.dose import Coded, Dosage, DosageStep
from pestle.pharmacy.practice.change import new, renew, revise, stop
from pestle.pharmacy.practice.medicines_list import ListStatus, Outcome, Standing
from pestle.pharmacy.quantity import SNOMED, Quantity, Unit
from pestle.pharmacy.record.medication import CourseOfTherapy, OrderAction
from pestle.pharmacy.refusal import Refused
from pestle.web.actions import medication_list
from pestle.web.store import medicines_list, models
from pestle.web.store import record as records

AMLODIPINE = replace(FUROSEMIDE, medication=Coded("Amlodipine 5mg tablets", SNOMED, "39732011000001102"))
TWO = replace(FUROSEMIDE, dosage=Dosage((DosageStep(text="Take two tablets in the morning"),)))


def test_a_set_of_changes_is_one_action_with_reason_document_and_who(db: None) -> None:
    surgery = open_surgery()
    furosemide = surgery.on_list()
    events = models.AuditEvent.objects.count()
    why = medication_list.Why("letter:12", told_by="Ashcombe General")
    changes = (revise(furosemide, TWO, "fluid overload"), new(AMLODIPINE, "started in hospital"))
    done = surgery.change(*changes, why=why)
    assert models.AuditEvent.objects.count() == events + 1
    assert [one["standing"] for one in done.result["lines"]] == ["prepared", "prepared"]
    row = models.OrderFact.objects.get(pk=done.result["lines"][0]["order"])
    assert (row.reason, row.reference) == ("fluid overload", "letter:12")
    assert row.who == "Priya Rivers, told by Ashcombe General"
    event = models.AuditEvent.objects.latest("pk")
    assert event.detail["because"] == "letter:12"
    assert [one["reason"] for one in event.detail["changes"]] == ["fluid overload", "started in hospital"]


def test_one_change_that_cannot_be_made_leaves_none(db: None) -> None:
    surgery = open_surgery()
    furosemide = surgery.on_list()
    with pytest.raises(Refused) as refused:
        surgery.change(new(AMLODIPINE, "started in hospital"), stop(furosemide, ""))
    assert refused.value.rule == "list.no-reason"
    assert [line.name for line in surgery.lines()] == ["Furosemide 40mg tablets"]


def test_the_same_command_again_changes_nothing(db: None) -> None:
    surgery, key = open_surgery(), a_key()
    first = surgery.change(new(AMLODIPINE, "started"), key=key)
    again = surgery.change(new(AMLODIPINE, "started"), key=key)
    assert again.repeated
    assert again.result == first.result
    assert len(surgery.lines()) == 1


def test_a_changed_line_waits_for_the_prescriber_and_its_story_is_kept(db: None) -> None:
    surgery = open_surgery()
    furosemide = surgery.on_list()
    surgery.change(revise(furosemide, TWO, "fluid overload"))
    (changed,) = surgery.lines()
    assert (changed.id, changed.standing) == (furosemide.id, Standing.PREPARED)
    surgery.authorise(changed, outcome=Outcome.SENT_BACK, reason="what is the potassium?")
    (back,) = surgery.lines()
    assert (back.standing, back.reason) == (Standing.SENT_BACK, "what is the potassium?")
    surgery.change(revise(back, replace(TWO, indication=Coded("Heart failure")), "potassium 4.1"))
    (again,) = surgery.lines()
    surgery.authorise(again)
    assert surgery.lines()[0].standing is Standing.AUTHORISED
    steps = medicines_list.history(models.ListedMedicine.objects.get())
    told = [(one.order.action, one.authorisation and one.authorisation.outcome) for one in steps]
    assert told == [
        (OrderAction.REVISE, "authorised"), (OrderAction.REVISE, "sent back"), (OrderAction.NEW, "authorised")
    ]  # fmt: skip


def test_a_line_that_goes_back_to_what_was_authorised_needs_no_second_signature(db: None) -> None:
    surgery = open_surgery()
    line = surgery.on_list()
    surgery.change(revise(line, replace(FUROSEMIDE, withheld=True), "acute kidney injury"))
    (withheld,) = surgery.lines()
    assert withheld.status is ListStatus.WITHHELD
    surgery.change(revise(withheld, FUROSEMIDE, "kidneys recovered"))
    (resumed,) = surgery.lines()
    assert (resumed.status, resumed.standing) == (ListStatus.ACTIVE, Standing.AUTHORISED)


def test_a_renewal_counts_issues_from_nought_and_an_ended_line_leaves_the_list(db: None) -> None:
    surgery = open_surgery()
    line = surgery.on_list()
    models.ListedMedicine.objects.update(issues=6)
    surgery.change(renew(line, FUROSEMIDE, "six more"))
    (renewed,) = surgery.lines()
    surgery.authorise(renewed)
    (renewed,) = surgery.lines()
    assert (renewed.issues, renewed.issues_left) == (0, 6)
    surgery.change(stop(renewed, "no longer needed"))
    assert surgery.lines() == []
    assert [(one.status, one.reason) for one in surgery.lines(ended=True)] == [
        (ListStatus.ENDED, "no longer needed")
    ]


def test_the_record_has_what_stands_and_no_more(db: None) -> None:
    surgery = open_surgery()
    line = surgery.on_list()
    surgery.change(revise(line, TWO, "fluid overload"), new(AMLODIPINE, "started"))
    (furosemide,) = [one for one in surgery.lines() if one.id == line.id]
    surgery.change(stop(furosemide, "hypotension"))
    record = records.load(surgery.patient(), now=NOW, zone=ZoneInfo("Europe/London"))
    standing = [order for order in record.orders or () if order.action is not OrderAction.DISCONTINUE]
    assert [order.medication.name for order in standing] == ["Amlodipine 5mg tablets"]


def test_who_may_not(db: None) -> None:
    surgery = open_surgery()
    line = surgery.on_list()
    for who in ("nina", "moira"):
        with pytest.raises(Refused) as refused:
            surgery.change(stop(line, "not needed"), by=getattr(surgery, who))
        assert refused.value.rule == "list.role"
    surgery.change(revise(line, TWO, "more"))
    for who in ("priya", "gareth", "nina", "moira"):
        with pytest.raises(Refused) as refused:
            surgery.authorise(line, by=getattr(surgery, who))
        assert refused.value.rule == "authorise.role"


def test_what_is_not_on_this_list_is_refused_by_name(db: None) -> None:
    surgery = open_surgery()
    line = surgery.on_list()
    other = surgery.patient(JOHN)
    with pytest.raises(Refused) as refused:
        surgery.change(stop(line, "not needed"), patient=other)
    assert refused.value.rule == "list.no-such-line"
    with pytest.raises(Refused) as refused:
        surgery.change(stop(line, "not needed"), stop(line, "twice"))
    assert refused.value.rule == "list.twice"
    with pytest.raises(Refused) as refused:
        surgery.change(stop(line, "not needed"), by=replace(surgery.priya, site_id=999))
    assert refused.value.rule == "patient.unknown"


def test_where_the_record_is_elsewhere_each_change_lists_what_to_enter(db: None) -> None:
    surgery = open_surgery(record_elsewhere="EMIS Web")
    line = surgery.on_list()
    surgery.change(revise(line, TWO, "fluid overload"), now=NOW + timedelta(hours=1))
    first, second = models.EntryElsewhere.objects.order_by("pk")
    assert (first.state, second.state) == ("overtaken", "to_enter")
    assert second.words == ["Change Furosemide 40mg tablets", "Directions: Take 2 tablets in the morning."]
    acute = replace(AMLODIPINE, course=CourseOfTherapy.ACUTE, quantity=Quantity(Decimal(14), Unit("tablet")))
    surgery.change(new(acute, "started"))
    assert models.EntryElsewhere.objects.latest("pk").words[0] == "Add Amlodipine 5mg tablets"


def test_of_two_who_change_one_line_at_once_one_is_told_to_look_again(database: str) -> None:
    surgery = open_surgery()
    line = surgery.on_list()
    done, refused = together(
        lambda: surgery.change(revise(line, TWO, "fluid overload")),
        lambda: surgery.change(stop(line, "low pressure"), by=surgery.gareth),
    )
    assert len(done) == 1
    assert [one.rule for one in refused] in (["list.changed"], ["list.ended"], ["list.ended", "list.changed"])
