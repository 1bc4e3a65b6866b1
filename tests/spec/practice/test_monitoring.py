"""What is the state of each test of a patient, by whose rule, and what comes next?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from tests.spec.criteria.bench import KNOWLEDGE, SUBSTANCES, TODAY
from tests.spec.practice.desk import POLICY, day, every, line_of, seen, started

from pestle.pharmacy.criteria.patient_day import PatientDay
from pestle.pharmacy.practice.monitoring import BaselineState, State, baseline, monitored
from pestle.pharmacy.practice.monitoring_round import Round, next_step, not_requested
from pestle.pharmacy.practice.on_medicine import NEW, Decided, Left, Listing, Membership
from pestle.pharmacy.record.fact import Fact
from pestle.pharmacy.record.monitoring_plan import MonitoringPlan

OLD = "took Paracetamol 500mg on 2015-01-01"
LI = f"{OLD}; took Lithium 400mg on 2026-01-01; took Lithium 400mg on 2026-11-10"
UNSEEN = "born 1990-01-01; took Lithium 400mg on 2026-01-01; took Lithium 400mg on 2026-11-10"
MTX = f"{OLD}; took Methotrexate 2.5mg on 2024-01-10; took Methotrexate 2.5mg on 2026-11-01"
LEVEL, KIDNEYS = "lithium_level", "renal_function"
TWO = f"{LI}; took Ramipril 5mg on 2025-01-11; took Ramipril 5mg on 2026-11-11"

# the record, which test, its state, the last day on which it is in time, whose rule
ROWS: list[tuple[str, str, State, str | None, str | None]] = [
    # Three months in the first year: the last day in time, and the day after.
    (f"{LI}; Lithium level = 0.6 mmol/L on 2026-08-22", LEVEL, State.DUE, "2026-11-22", "lithium"),
    (f"{LI}; Lithium level = 0.6 mmol/L on 2026-08-21", LEVEL, State.OVERDUE, "2026-11-21", "lithium"),
    # Asked for 22 days before: a quarter of the interval, which is less than 28 days.
    (f"{LI}; Lithium level = 0.6 mmol/L on 2026-09-14", LEVEL, State.DUE, "2026-12-14", "lithium"),
    (f"{LI}; Lithium level = 0.6 mmol/L on 2026-09-15", LEVEL, State.IN_TIME, "2026-12-15", "lithium"),
    (LI, LEVEL, State.NEVER, "2026-01-07", "lithium"),
    # That it was done is known, and what came out is not.
    (f"{LI}; Lithium level = done on 2026-10-01", LEVEL, State.IN_TIME, "2027-01-01", "lithium"),
    # Of two medicines the stricter: lithium every six months before ramipril every twelve.
    (f"{TWO}; Creatinine = 80 umol/L on 2026-05-01", KIDNEYS, State.OVERDUE, "2026-11-01", "lithium"),
    (f"{TWO}; Creatinine = 80 umol/L on 2026-10-01", KIDNEYS, State.IN_TIME, "2027-04-01", "lithium"),
    # When it was started is not known: late only if it is late whenever that was.
    (f"{UNSEEN}; Lithium level = 0.6 mmol/L on 2026-07-01", LEVEL, State.CANNOT_TELL, "2026-10-01",
     "lithium"),
    (f"{UNSEEN}; Lithium level = 0.6 mmol/L on 2026-05-21", LEVEL, State.OVERDUE, "2026-08-21",
     "lithium"),
    ("took Warfarin 1mg on 2026-11-20", "inr", State.CANNOT_TELL, None, "warfarin"),
    (f"{OLD}; took Warfarin 1mg on 2026-11-20", "inr", State.IN_TIME, "2027-02-11", "warfarin"),
]  # fmt: skip
SETTLED: list[tuple[str, MonitoringPlan, str, State, str, str]] = [
    # A start that somebody settled: level every six months after the first year.
    (f"{UNSEEN}; Lithium level = 0.6 mmol/L on 2026-07-01; eGFR = 80 mL/min on 2026-07-01",
     started("lithium", "2019"), "lithium_level", State.IN_TIME, "2027-01-01", "lithium"),
    # An interval of the patient's own takes the place of the rule, until somebody looks again.
    (f"{MTX}; Haemoglobin = 130 g/L on 2026-08-01", every("fbc", 6, "2027-05-01"), "fbc", State.IN_TIME,
     "2027-02-01", "settled by GP record"),
    (f"{MTX}; Haemoglobin = 130 g/L on 2026-08-01", every("fbc", 6, "2026-11-21"), "fbc", State.OVERDUE,
     "2026-10-24", "methotrexate"),
    (f"{MTX}; Haemoglobin = 130 g/L on 2026-10-10", every("fbc", 1, "2027-05-01"), "fbc", State.OVERDUE,
     "2026-11-10", "settled by GP record"),
]  # fmt: skip


@pytest.mark.parametrize(("row", "name", "state", "due", "whose"), ROWS)
def test_the_state_of_a_test(row: str, name: str, state: State, due: str | None, whose: str | None) -> None:
    found = line_of(seen(row), name)
    assert (found.state, found.due, found.rule and found.rule.whose) == (state, due and _day(due), whose)


@pytest.mark.parametrize(("row", "plan", "name", "state", "due", "whose"), SETTLED)
def test_what_was_settled_for_the_patient_goes_before(
    row: str, plan: MonitoringPlan, name: str, state: State, due: str, whose: str
) -> None:
    found = line_of(seen(row, plan), name)
    assert (found.state, found.due, found.rule and found.rule.whose) == (state, _day(due), whose)


def test_the_other_medicines_that_ask_for_a_test_are_named() -> None:
    found = line_of(seen(f"{TWO}; Creatinine = 80 umol/L on 2026-10-01"), "renal_function")
    assert found.also == ("ACE inhibitors and angiotensin-II blockers: annually",)


def test_a_day_by_day_twin() -> None:
    """What is in time up to a day is not late on it, and late on the next."""
    row = f"{MTX}; Haemoglobin = 130 g/L on 2026-08-29; ALT = 20 U/L on 2026-10-31"
    for name in ("fbc", "transaminases", "renal_function"):
        due = line_of(seen(row), name).due
        late = [on for on in _days("2026-11-02", 150) if line_of(seen(row, on=on), name).state.late]
        assert due is not None
        assert late[0] == max(due + timedelta(days=1), _day("2026-11-02"))


def test_values_and_limits() -> None:
    found = seen(
        f"{MTX}; ALT = 60 U/L on 2026-10-01; ALT = 120 U/L on 2026-11-01; "
        "Neutrophils = 1.5 x10^9/L on 2026-11-01"
    )
    (reading,) = line_of(found, "transaminases").readings
    assert (reading.change, reading.per_cent) == (Fraction(60), Fraction(100))
    assert [each.limit.of.name for each in found.out] == ["alt", "neutrophils"]


def test_who_is_on_the_list_and_why_one_leaves_it() -> None:
    def membership(row: str, listing: Listing = NEW) -> list[tuple[Membership, Left | None]]:
        return [(each.membership, each.left) for each in seen(row, listing=listing).medicines]

    stays = Listing(frozenset({"lithium"}))
    assert membership(LI) == [(Membership.ON, None)]
    # No supply stands; somebody must say whether it is still taken, be it a year later.
    lapsed = "took Lithium 400mg on 2026-01-01; took Lithium 400mg on 2026-08-01"
    assert membership(lapsed) == [(Membership.LAPSED, None)]
    long_ago = "took Lithium 400mg on 2024-01-01; took Lithium 400mg on 2024-08-01"
    assert membership(long_ago) == []
    assert membership(long_ago, stays) == [(Membership.LAPSED, None)]
    decided = Decided(Left.STOPPED, Fact("stopped, says the patient"))
    assert membership(lapsed, replace(stays, decided={"lithium": decided})) == [
        (Membership.OFF, Left.STOPPED)
    ]
    # One course is none that is monitored for ever.
    once = "took Lithium 400mg on 2026-08-01"
    assert membership(once, stays) == [(Membership.OFF, Left.COURSE_ENDED)]


def test_who_died_or_moved_is_on_no_list_any_more() -> None:
    def left(listing: Listing, **patient: object) -> list[Left | None]:
        base = day(LI)
        record = replace(base.record, patient=replace(base.record.patient, **patient))  # type: ignore[arg-type]
        asked = PatientDay(record, on=TODAY, substances=SUBSTANCES)
        return [each.left for each in monitored(asked, KNOWLEDGE.monitoring, POLICY, listing).medicines]

    stays = Listing(frozenset({"lithium"}), practice="A81001")
    assert left(stays, died=date(2026, 11, 20)) == [Left.DIED]
    assert left(stays, gp_practice_code="B82002") == [Left.MOVED]
    assert left(stays, gp_practice_code="A81001") == [None]
    assert left(Listing(practice="A81001"), died=date(2026, 11, 20)) == []


def test_baselines_are_told_only_where_the_start_is_known() -> None:
    row = f"{LI}; Creatinine = 80 umol/L on 2025-12-01; Calcium = 2.4 mmol/L on 2026-03-01"

    def states(row: str) -> dict[str, BaselineState]:
        (lithium,) = seen(row).medicines
        return {
            each.observable.name: each.state for each in baseline(lithium, KNOWLEDGE.monitoring, day(row))
        }

    assert states(row) == {
        "urea_electrolytes": BaselineState.NONE,
        "renal_function": BaselineState.DONE,
        "thyroid_function": BaselineState.NONE,
        "calcium": BaselineState.LATER,
        "fbc": BaselineState.NONE,
        "body_weight": BaselineState.NONE,
    }
    assert set(states(UNSEEN).values()) == {BaselineState.CANNOT_TELL}


# step, since, look again -> the next verb, and the first day for it
LADDER = [
    ("arranged", "2026-11-20", None, "invite", "2026-11-20"),
    ("invited", "2026-11-20", None, "invite_again", "2026-12-11"),
    ("invited_again", "2026-11-20", None, "escalate", "2026-12-04"),
    ("escalated", "2026-11-20", None, "decide", "2026-11-20"),
    ("decided", "2026-11-20", "2026-12-20", "escalate", "2026-12-20"),
]


@pytest.mark.parametrize(("step", "since", "again", "verb", "on"), LADDER)
def test_the_ladder(step: str, since: str, again: str | None, verb: str, on: str) -> None:
    tests = seen(f"{LI}; Lithium level = 0.6 mmol/L on 2026-08-21").tests
    round_ = Round(frozenset({"lithium_level"}), step, _day(since), _day(again) if again else None)
    found = next_step(round_, tests, POLICY, on=TODAY)
    assert (found.verb, found.on) == (verb, _day(on))


def test_a_round_begins_when_a_test_is_asked_for_and_ends_when_it_was_done() -> None:
    quiet = seen(f"{OLD}; took Warfarin 1mg on 2026-11-20; INR = 2 on 2026-11-21").tests
    assert next_step(None, quiet, POLICY, on=TODAY).on == _day("2027-01-23")
    late = seen(f"{LI}; Lithium level = 0.6 mmol/L on 2026-08-21").tests
    assert next_step(None, late, POLICY, on=TODAY).due(on=TODAY)
    done = Round(frozenset({"body_weight"}), "invited", _day("2026-11-20"))
    assert next_step(done, late, POLICY, on=TODAY).verb == "end"
    assert "lithium_level" in {each.observable.name for each in not_requested(done, late)}


def test_the_steps_for_a_weekly_test_are_days_apart() -> None:
    row = (
        f"{OLD}; took Clozapine 100mg on 2026-10-01; took Clozapine 100mg on 2026-11-14; "
        "White cell count = 6 x10^9/L on 2026-11-14"
    )
    tests = seen(row).tests
    round_ = Round(frozenset({"fbc"}), "invited", _day("2026-11-22"))
    assert next_step(round_, tests, POLICY, on=TODAY).on == _day("2026-11-23")


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _days(first: str, number: int) -> list[date]:
    return [_day(first) + timedelta(days=each) for each in range(number)]
