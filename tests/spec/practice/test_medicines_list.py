"""What becomes of a line of a medicines list, who has to sign for it, and may it be issued?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from pestle.pharmacy.dosage.dose import Coded, Dosage, DosageStep
from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.practice.change import (
    Change,
    Wanted,
    changed,
    new,
    renew,
    revise,
    stop,
    wanted_of,
)
from pestle.pharmacy.practice.medicines_list import (
    Listed,
    ListStatus,
    Outcome,
    Standing,
    check_authorisation,
    issue_refusals,
    status,
)
from pestle.pharmacy.quantity import Quantity, Unit
from pestle.pharmacy.record.medication import CourseOfTherapy, MedicationOrder, OrderAction
from pestle.pharmacy.record.moment import whole
from pestle.pharmacy.record.provenance import Provenance, SourceKind
from pestle.pharmacy.refusal import Refused

TODAY, YESTERDAY = date(2026, 11, 2), date(2026, 11, 1)
TOLD = Provenance(SourceKind.PERSON, "Priya Nair", datetime(2026, 11, 2, 9, 0, tzinfo=UTC))


def _tablets(number: int) -> Quantity:
    return Quantity(Decimal(number), Unit("tablet"))


AMLODIPINE = Wanted(
    Coded("Amlodipine 5mg tablets"),
    CourseOfTherapy.REPEAT,
    Dosage((DosageStep(text="Take one tablet once a day"),)),
    _tablets(28),
    issues_allowed=6,
    authorised_until=date(2027, 5, 2),
    review_by=date(2027, 5, 2),
)
TEN = replace(AMLODIPINE, medication=Coded("Amlodipine 10mg tablets"))


def ordered(wanted: Wanted = AMLODIPINE, id: str = "a") -> MedicationOrder:
    return changed(
        new(wanted, "from the letter"), line=None, authorised=None, id=id, told=TOLD, on=TODAY
    ).order


def line(wanted: Wanted = AMLODIPINE, standing: Standing = Standing.AUTHORISED, **more: Any) -> Listed:
    return Listed(1, ordered(wanted), standing, **more)


# what is wanted of an authorised line -> does it wait for a prescriber?
CHANGES = [
    ("another dose", replace(AMLODIPINE, dosage=Dosage((DosageStep(text="Two a day"),))), Standing.PREPARED),
    ("another strength", TEN, Standing.PREPARED),
    ("another quantity", replace(AMLODIPINE, quantity=_tablets(56)), Standing.PREPARED),
    ("more issues", replace(AMLODIPINE, issues_allowed=12), Standing.PREPARED),
    ("another last day", replace(AMLODIPINE, authorised_until=date(2027, 6, 1)), Standing.PREPARED),
    ("acute", replace(AMLODIPINE, course=CourseOfTherapy.ACUTE), Standing.PREPARED),
    ("withheld", replace(AMLODIPINE, withheld=True), Standing.AUTHORISED),
    ("an indication", replace(AMLODIPINE, indication=Coded("Hypertension")), Standing.AUTHORISED),
    ("another review date", replace(AMLODIPINE, review_by=date(2027, 1, 1)), Standing.AUTHORISED),
    ("hospital only", replace(AMLODIPINE, prescribed_elsewhere=True), Standing.AUTHORISED),
]  # fmt: skip


@pytest.mark.parametrize(("case", "wanted", "standing"), CHANGES, ids=[row[0] for row in CHANGES])
def test_what_is_issued_is_signed_for(case: str, wanted: Wanted, standing: Standing) -> None:
    held = line()
    made = changed(
        revise(held, wanted, "the letter says so"),
        line=held,
        authorised=held.order,
        id="b",
        told=TOLD,
        on=TODAY,
    )
    assert made.standing is standing
    assert (made.order.action, made.order.follows) == (OrderAction.REVISE, "a")
    assert wanted_of(made.order) == replace(wanted, starts=held.order.starts)


def test_what_was_never_authorised_carries_nothing() -> None:
    held = line(standing=Standing.PREPARED)
    resumed = replace(AMLODIPINE, indication=Coded("Hypertension"))
    made = changed(
        revise(held, resumed, "indication"), line=held, authorised=None, id="b", told=TOLD, on=TODAY
    )
    assert made.standing is Standing.PREPARED


def test_renewing_the_same_is_signed_for_again() -> None:
    held = line(issues=6)
    made = changed(
        renew(held, AMLODIPINE, "six more"), line=held, authorised=held.order, id="b", told=TOLD, on=TODAY
    )
    assert (made.order.action, made.standing) == (OrderAction.RENEW, Standing.PREPARED)


def test_a_line_that_ends_keeps_what_it_said() -> None:
    held = line()
    made = changed(
        stop(held, "swollen ankles"), line=held, authorised=held.order, id="b", told=TOLD, on=TODAY
    )
    assert status(made.order) is ListStatus.ENDED
    assert made.order.request.dosage == held.order.request.dosage
    assert made.order.ends == whole(TODAY)


def test_withheld_stays_so_until_somebody_resumes_it() -> None:
    until = replace(AMLODIPINE, withheld=True, withheld_until=whole(date(2026, 11, 9)))
    held = line(until)
    assert held.status is ListStatus.WITHHELD
    assert [one.rule for one in issue_refusals(held, on=date(2026, 12, 24))] == ["issue.withheld"]


# change, of which line -> why not
REFUSED = [
    (stop(line(), ""), line(), "list.no-reason"),
    (revise(line(), wanted_of(ordered()), "as before"), line(), "list.nothing-changed"),
    (stop(line(), "no more"), Listed(1, ordered(TEN, "c"), Standing.AUTHORISED), "list.changed"),
    (new(replace(TEN, medication=Coded("")), "letter"), None, "list.no-medicine"),
    (new(replace(TEN, issues_allowed=0), "letter"), None, "list.issues"),
    (new(replace(TEN, authorised_until=date(2028, 1, 1)), "letter"), None, "list.authorised-too-long"),
    (new(replace(TEN, authorised_until=YESTERDAY), "letter"), None, "list.authorised-past"),
    (new(replace(TEN, withheld=True, withheld_until=whole(YESTERDAY)), "letter"), None, "list.until-past"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "held", "rule"), REFUSED, ids=[row[2] for row in REFUSED])
def test_a_change_that_cannot_be_made_is_refused_by_name(
    change: Change, held: Listed | None, rule: str
) -> None:
    with pytest.raises(Refused) as refused:
        changed(change, line=held, authorised=None, id="b", told=TOLD, on=TODAY)
    assert [one.rule for one in refused.value.refusals] == [rule]


# line -> why nothing of it may be issued on 2 November 2026
ISSUES = [
    (line(), []),
    (line(issues=5), []),
    (line(issues=6), ["issue.none-left"]),
    (line(standing=Standing.PREPARED), ["issue.not-authorised"]),
    (line(standing=Standing.SENT_BACK, reason="which dose?"), ["issue.sent-back"]),
    (line(replace(AMLODIPINE, prescribed_elsewhere=True)), ["issue.elsewhere"]),
    (line(replace(AMLODIPINE, withheld=True), Standing.PREPARED), ["issue.withheld", "issue.not-authorised"]),
    (line(replace(AMLODIPINE, authorised_until=TODAY)), []),
]  # fmt: skip


@pytest.mark.parametrize(("held", "rules"), ISSUES)
def test_when_an_issue_may_be_made(held: Listed, rules: list[str]) -> None:
    assert [one.rule for one in issue_refusals(held, on=TODAY)] == rules


def test_an_authorisation_ends_with_its_last_day() -> None:
    assert [one.rule for one in issue_refusals(line(), on=date(2027, 5, 3))] == ["issue.expired"]


def _person(*roles: Role) -> Person:
    return Person(1, "Somebody", frozenset(roles), site_id=1)


# role, line, outcome, reason -> why not
WAITS = line(standing=Standing.PREPARED)
BARE = line(Wanted(Coded("Amlodipine 5mg tablets"), CourseOfTherapy.REPEAT), Standing.PREPARED)
SIGNS = [
    (Role.PRESCRIBER, WAITS, Outcome.AUTHORISED, "", []),
    (Role.PRESCRIBER, WAITS, Outcome.SENT_BACK, "which dose?", []),
    (Role.PRESCRIBER, WAITS, Outcome.SENT_BACK, "", ["authorise.no-reason"]),
    (Role.PHARMACIST, WAITS, Outcome.AUTHORISED, "", ["authorise.role"]),
    (Role.TECHNICIAN, WAITS, Outcome.SENT_BACK, "no", ["authorise.role", "authorise.no-reason"]),
    (Role.PRESCRIBER, line(), Outcome.AUTHORISED, "", ["authorise.not-waiting"]),
    (Role.PRESCRIBER, BARE, Outcome.AUTHORISED, "",
     ["authorise.no-directions", "authorise.no-quantity", "authorise.no-limit"]),
]  # fmt: skip


@pytest.mark.parametrize(("role", "held", "outcome", "reason", "rules"), SIGNS)
def test_who_authorises_what(
    role: Role, held: Listed, outcome: Outcome, reason: str, rules: list[str]
) -> None:
    found: list[str] = []
    try:
        check_authorisation(held, outcome, reason=reason, by=_person(role))
    except Refused as refused:
        found = [one.rule for one in refused.refusals]
    assert found == rules


def test_a_pharmacist_who_prescribes_authorises() -> None:
    check_authorisation(WAITS, Outcome.AUTHORISED, reason="", by=_person(Role.PHARMACIST, Role.PRESCRIBER))
