"""Instalments through the actions: each is a bag, a hand-out, labels and an entry of its own."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.web.actions.bench import MORPHINE, MORPHINE_60, NOW, Bench, a_key

from pestle.pharmacy.dispensary.instalments import Wording
from pestle.pharmacy.refusal import Refused
from pestle.web.actions import instalments, owings
from pestle.web.actions.once import Outcome
from pestle.web.store import instalments as stored
from pestle.web.store import models, prescriptions, register, verify

ZONE = ZoneInfo("Europe/London")
EVERY_DAY = range(7)
# NOW is Monday, 2 November: sixty tablets, twenty a day for three days.
THREE_DAYS: dict[str, Any] = {
    "begins": NOW.date(),
    "amounts": [20, 20, 20],
    "weekdays": EVERY_DAY,
    "wordings": (),
}


def _rules(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [each.rule for each in refused.value.refusals]


def _day(n: int) -> datetime:
    """The same hour, n days later."""
    return NOW + timedelta(days=n)


def _line(bench: Bench, prescription: int) -> models.Line:
    (line,) = bench.lines(prescription)
    return line


def entered(bench: Bench, prescription: int, *, now: datetime = NOW, **other: Any) -> Outcome:
    given = {
        "by": bench.tess, "now": now, "key": a_key(), "line_id": _line(bench, prescription).pk, "seen": None,
        **THREE_DAYS,
    }  # fmt: skip
    return instalments.enter(**{**given, **other})


def _bag(bench: Bench, prescription: int, *, now: datetime) -> None:
    """What leaves with the next hand-out is labelled, picked and checked."""
    bench.labels(prescription, now=now)
    line = _line(bench, prescription)
    while prescriptions.standing(line).missing:
        bench.stock(MORPHINE_60, 1, by=bench.leon, now=now)
        bench.pick(line.pk, MORPHINE_60, now=now)
    bench.assembled(prescription, now=now)
    bench.passed(prescription, now=now)


def _rest(bench: Bench, prescription: int, *, now: datetime) -> Outcome:
    return owings.assemble_rest(by=bench.tess, now=now, key=a_key(), prescription_id=prescription, seen=None)


def begun(bench: Bench, *, key: str = "a", **other: Any) -> int:
    """The first instalment was collected on Monday."""
    prescription = bench.at("assemble", MORPHINE, key=key)
    entered(bench, prescription, **other)
    _bag(bench, prescription, now=NOW)
    bench.handed_out(prescription, now=NOW)
    return prescription


def test_each_instalment_is_a_hand_out_and_an_entry_of_its_own(bench: Bench) -> None:
    prescription = begun(bench)
    row = bench.row(prescription)
    assert (row.step, _line(bench, prescription).owed) == ("owings", 40)
    assert _line(bench, prescription).promised_on == date(2026, 11, 3)
    for n in (1, 2):
        _rest(bench, prescription, now=_day(n))
        _bag(bench, prescription, now=_day(n))
        bench.handed_out(prescription, now=_day(n))
    assert (bench.row(prescription).step, _line(bench, prescription).state) == ("closed", "supplied")
    (page,) = register.pages(bench.site.pk)
    supplied = [one for one in register.everything(bench.site.pk, page, zone=ZONE) if one.supplied]
    assert [(one.supplied, one.on.day) for one in supplied] == [
        ("20 tablets", 2), ("20 tablets", 3), ("20 tablets", 4)]  # fmt: skip
    assert [one.days for one in models.InstalmentGiven.objects.order_by("pk")] == [
        ["2026-11-02"], ["2026-11-03"], ["2026-11-04"]]  # fmt: skip
    assert models.HandOut.objects.count() == 3
    assert verify.verify(bench.site).faults == []


@pytest.mark.parametrize(
    ("other", "rules"),
    [
        ({"amounts": [20, 20]}, ["instalments.total"]),
        ({"begins": date(2026, 12, 2)}, ["instalments.first-too-late"]),
        ({"weekdays": (1,)}, ["instalments.first-day"]),
        ({"amounts": []}, ["instalments.none"]),
    ],
)
def test_a_plan_that_does_not_fit_is_refused(bench: Bench, other: dict[str, Any], rules: list[str]) -> None:
    prescription = bench.at("assemble", MORPHINE)
    with pytest.raises(Refused) as refused:
        entered(bench, prescription, **other)
    assert _rules(refused) == rules
    assert not models.InstalmentPlan.objects.exists()


def test_never_more_than_prescribed_for_a_day(bench: Bench) -> None:
    prescription = begun(bench)
    _rest(bench, prescription, now=NOW)
    assert prescriptions.standing(_line(bench, prescription)).this_time == 20, "tomorrow's is prepared"
    _bag(bench, prescription, now=NOW)
    with pytest.raises(Refused) as refused:
        bench.handed_out(prescription, now=NOW + timedelta(hours=1))
    assert _rules(refused) == ["instalments.collected"]
    bench.handed_out(prescription, now=_day(1))
    assert _line(bench, prescription).owed == 20


def test_what_was_missed_is_not_given_later_and_the_rest_goes_on(bench: Bench) -> None:
    prescription = begun(bench)
    _rest(bench, prescription, now=_day(1))
    _bag(bench, prescription, now=_day(1))
    # Tuesday passes; on Wednesday the bag has a Tuesday's amount, which is Wednesday's too.
    bench.handed_out(prescription, now=_day(2))
    line = _line(bench, prescription)
    assert (line.state, line.owed) == ("supplied", 0)
    assert models.Owing.objects.latest("pk").words == "20 tablets of missed days are not supplied"
    assert models.InstalmentGiven.objects.latest("pk").days == ["2026-11-04"]
    (found,) = stored.of([line], bench.site).values()
    assert {day.day for day in found.history.days_given} == {2, 4}


def test_a_bag_of_another_amount_stays(bench: Bench) -> None:
    prescription = begun(bench, amounts=[20, 10, 30])
    _rest(bench, prescription, now=_day(1))
    _bag(bench, prescription, now=_day(1))
    with pytest.raises(Refused) as refused:
        bench.handed_out(prescription, now=_day(2))
    assert _rules(refused) == ["instalments.other-amount"]
    bench.sent_back(prescription, now=_day(2))
    line = _line(bench, prescription)
    with pytest.raises(Refused) as refused:
        instalments.prepare(by=bench.tess, now=_day(5), key=a_key(), line_id=line.pk, seen=None)
    assert _rules(refused) == ["instalments.over"]
    instalments.prepare(by=bench.tess, now=_day(2), key=a_key(), line_id=line.pk, seen=None)
    assert prescriptions.standing(_line(bench, prescription)).this_time == 30


def test_after_missed_days_it_stops_until_a_pharmacist_has_called(bench: Bench) -> None:
    prescription = begun(bench, amounts=[10] * 6)
    with pytest.raises(Refused) as refused:
        _rest(bench, prescription, now=_day(4))
    assert _rules(refused) == ["instalments.stopped"]
    line = _line(bench, prescription).pk
    given: dict[str, Any] = {"now": _day(4), "line_id": line, "words": "go on", "resumes_on": _day(4).date()}
    for person, other, rule in (
        (bench.tess, {}, "instalments.role"),
        (bench.ruth, {"words": ""}, "instalments.no-words"),
        (bench.ruth, {"resumes_on": NOW.date()}, "instalments.resumes-past"),
    ):
        with pytest.raises(Refused) as refused:
            instalments.prescriber_said(**{"by": person, "key": a_key(), **given, **other})
        assert _rules(refused) == [rule]
    instalments.prescriber_said(**{"by": bench.ruth, "key": a_key(), **given, "resumes_on": None})
    with pytest.raises(Refused) as refused:
        _rest(bench, prescription, now=_day(4))
    assert _rules(refused) == ["instalments.stopped"]
    instalments.prescriber_said(**{"by": bench.ruth, "key": a_key(), **given})
    _rest(bench, prescription, now=_day(4))
    assert prescriptions.standing(_line(bench, prescription)).this_time == 10
    assert verify.verify(bench.site).faults == []


def test_what_falls_on_a_closed_day_is_collected_before_in_its_own_containers(bench: Bench) -> None:
    instalments.set_closed(by=bench.tess, now=NOW, key=a_key(), on=_day(1).date(), closed=True)
    with pytest.raises(Refused) as refused:
        instalments.set_closed(by=bench.tess, now=NOW, key=a_key(), on=_day(-1).date(), closed=True)
    assert _rules(refused) == ["closed-day.past"]
    wordings = (Wording.CLOSED_BEFORE, Wording.SUPERVISED, Wording.SEPARATE)
    prescription = begun(bench, wordings=wordings)
    assert models.InstalmentGiven.objects.get().days == ["2026-11-02", "2026-11-03"]
    assert _line(bench, prescription).promised_on == date(2026, 11, 4)
    assert [label.amount for label in models.Label.objects.order_by("pk")] == [20, 20]
    instalments.set_closed(by=bench.tess, now=NOW, key=a_key(), on=_day(1).date(), closed=False)
    assert stored.closed_days(bench.site.pk) == frozenset()


def test_later_instalments_are_not_bound_to_the_28_days_of_the_first(bench: Bench) -> None:
    prescription = bench.at("assemble", MORPHINE)
    entered(bench, prescription, begins=date(2026, 11, 27), amounts=[20, 20, 20], now=_day(25))
    for n in (25, 26, 27):
        if n > 25:
            _rest(bench, prescription, now=_day(n))
        _bag(bench, prescription, now=_day(n))
        bench.handed_out(prescription, now=_day(n))
    assert bench.row(prescription).step == "closed"


def test_a_plan_is_entered_before_anything_is_picked(bench: Bench) -> None:
    prescription = bench.at("assemble", MORPHINE)
    bench.labels(prescription)
    bench.pick_all(prescription)
    with pytest.raises(Refused) as refused:
        entered(bench, prescription)
    assert _rules(refused) == ["instalments.begun"]
