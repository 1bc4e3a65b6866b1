"""The responsible pharmacist and the conversation before the bag leaves, through the actions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from tests.web.actions.bench import FUROSEMIDE, NOW, PARACETAMOL, Bench, a_key, together

from pestle.pharmacy.dispensary.responsible import Arrangement, Standing
from pestle.pharmacy.people import Person
from pestle.pharmacy.refusal import Refused
from pestle.web.actions import responsible, speaking
from pestle.web.actions.once import Outcome
from pestle.web.store import models, verify
from pestle.web.store import responsible as stored

HOUR = timedelta(hours=1)
REACHED = Arrangement(contactable=True)


def _do(verb: Callable[..., Outcome], by: Person, **how: Any) -> Outcome:
    return verb(by=by, **{"now": NOW, "key": a_key(), **how})


def _refused(do: Callable[[], object]) -> list[str]:
    try:
        do()
    except Refused as refused:
        return [each.rule for each in refused.refusals]
    return []


@pytest.fixture
def bench(bench: Bench) -> Bench:
    """With Ruth in charge."""
    bench.in_charge()
    return bench


def test_nothing_is_supplied_without_one_and_the_absent_one_supplies_nothing(bench: Bench) -> None:
    prescription = bench.at("hand_out", FUROSEMIDE)
    _do(responsible.leave, bench.ruth, arrangement=REACHED)
    assert _refused(lambda: bench.handed_out(prescription)) == ["responsible.absent"]
    assert _refused(lambda: bench.handed_out(prescription, by=bench.ruth)) == ["responsible.absent"]
    other = bench.at("hand_out", PARACETAMOL, key="b")
    bench.handed_out(other, by=bench.samuel)
    _do(responsible.sign_off, bench.ruth)
    assert _refused(lambda: bench.handed_out(prescription, by=bench.samuel)) == ["responsible.none"]
    _do(responsible.sign_on, bench.samuel)
    bench.handed_out(prescription)
    assert not verify.verify(bench.site).faults


def test_a_take_over_is_one_step_with_both_entries(bench: Bench) -> None:
    assert _refused(lambda: _do(responsible.sign_on, bench.samuel)) == ["responsible.taken"]
    _do(responsible.sign_on, bench.samuel, take_over=True)
    off, on = models.ResponsibleEntry.objects.order_by("pk")[1:]
    assert (off.step, off.name, off.by_id) == ("off", "Ruth Evans", bench.samuel.id)
    assert (on.step, on.name, on.registration, on.at) == ("on", "Samuel Adeyemi", "GPhC 2999001", off.at)
    assert _refused(lambda: _do(responsible.leave, bench.ruth, arrangement=REACHED)) == [
        "responsible.not-you"
    ]


def test_two_hours_a_day_and_not_a_minute_more_without_a_reason(bench: Bench) -> None:
    _do(responsible.leave, bench.ruth, arrangement=Arrangement(contactable=False, other="Samuel Adeyemi"))
    late = NOW + 2 * HOUR + timedelta(minutes=10)
    assert stored.absent_today(bench.site, now=late) == late - NOW
    assert _refused(lambda: _do(responsible.come_back, bench.ruth, now=late)) == ["responsible.over-limit"]
    _do(responsible.come_back, bench.ruth, now=late, why="the road was closed")
    again = late + HOUR
    assert _refused(lambda: _do(responsible.leave, bench.ruth, arrangement=REACHED, now=again)) == [
        "responsible.no-absence-left"
    ]
    _do(responsible.leave, bench.ruth, arrangement=REACHED, now=again + 24 * HOUR)
    (first, *_) = models.ResponsibleEntry.objects.filter(step="absent").order_by("pk")
    assert (first.contactable, first.other) == (False, "Samuel Adeyemi")


def test_what_is_written_down_late_says_when_it_was_and_why(bench: Bench) -> None:
    earlier = NOW - HOUR
    assert _refused(lambda: _do(responsible.sign_off, bench.ruth, at=earlier)) == ["responsible.late"]
    assert stored.in_charge(bench.site.pk).standing is Standing.PRESENT, "a refusal leaves nothing behind"
    _do(responsible.sign_off, bench.ruth, at=earlier, why="forgot at closing time")
    last = models.ResponsibleEntry.objects.latest("pk")
    assert (last.at, last.recorded_at, last.why) == (earlier, NOW, "forgot at closing time")


def test_nobody_is_in_charge_of_two_premises(bench: Bench) -> None:
    other = models.Site.objects.create(
        name="Mill Lane Pharmacy", code="FZZ02", kind="community_pharmacy", country="GB-ENG",
        time_zone="Europe/London",
    )  # fmt: skip
    models.Membership.objects.create(user_id=bench.ruth.id, site=other, roles=["pharmacist"])
    there = Person(bench.ruth.id, bench.ruth.name, bench.ruth.roles, other.pk, bench.ruth.registration)
    assert _refused(lambda: _do(responsible.sign_on, there)) == ["responsible.elsewhere"]
    _do(responsible.sign_off, bench.ruth)
    _do(responsible.sign_on, there)


def test_a_practice_needs_none(bench: Bench) -> None:
    _do(responsible.sign_off, bench.ruth)
    models.Site.objects.update(kind="dispensing_practice")
    assert _refused(lambda: _do(responsible.sign_on, bench.ruth)) == ["responsible.not-here"]
    bench.handed_out(bench.at("hand_out", FUROSEMIDE))


def test_of_two_who_sign_on_together_one_is_in_charge(own_bench: Bench) -> None:
    signs_on = [partial(_do, responsible.sign_on, by) for by in (own_bench.ruth, own_bench.samuel)]
    done, refused = together(*signs_on)
    assert (len(done), [one.rule for one in refused]) == (1, ["responsible.taken"])


def test_the_bag_stays_until_a_pharmacist_has_spoken_to_the_patient(bench: Bench) -> None:
    prescription = bench.at("clinical", FUROSEMIDE, PARACETAMOL)
    line = bench.lines(prescription)[0]
    assert _refused(lambda: bench.decide(prescription, speak=[speaking.Wanted(line.pk, " ")])) == [
        "speak.no-reason"
    ]
    bench.decide(prescription, speak=[speaking.Wanted(line.pk, "the dose was doubled")])
    bench.assemble(prescription)
    bench.passed(prescription)
    for by in (bench.tess, bench.ruth):
        assert _refused(partial(bench.handed_out, prescription, by=by)) == ["hand-out.must-speak"]
    stop = models.SpeakFirst.objects.get()

    def spoke(by: Person, words: str = "knows the new dose; will weigh herself") -> Outcome:
        return speaking.spoke(
            by=by, now=NOW, key=a_key(), prescription_id=prescription, seen=None, stop_id=stop.pk, words=words
        )

    assert _refused(lambda: spoke(bench.tess)) == ["worklist.role"]
    assert _refused(lambda: spoke(bench.ruth, " ")) == ["speak.nothing-said"]
    spoke(bench.samuel)
    assert _refused(lambda: spoke(bench.ruth)) == ["speak.not-wanted"]
    bench.handed_out(prescription)
    assert not verify.verify(bench.site).faults


def test_a_conversation_about_a_line_that_is_withheld_is_not_wanted(bench: Bench) -> None:
    prescription = bench.at("hand_out", FUROSEMIDE, PARACETAMOL)
    line = bench.lines(prescription)[0]
    speaking.must_speak(
        by=bench.ruth, now=NOW, key=a_key(), prescription_id=prescription, seen=None,
        wanted=speaking.Wanted(line.pk, "the dose was doubled"),
    )  # fmt: skip
    assert _refused(lambda: bench.handed_out(prescription)) == ["hand-out.must-speak"]
    bench.withhold(line.pk)
    bench.handed_out(prescription)


def test_a_line_of_another_prescription_is_none_of_this_one(bench: Bench) -> None:
    prescription = bench.at("assemble", FUROSEMIDE)
    with pytest.raises(Refused, match="no such line"):
        speaking.must_speak(
            by=bench.ruth, now=NOW, key=a_key(), prescription_id=prescription, seen=None,
            wanted=speaking.Wanted(999_999, "the dose was doubled"),
        )  # fmt: skip
