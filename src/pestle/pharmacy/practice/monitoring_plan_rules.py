"""May this be settled for a patient's monitoring, and may a medicine be taken off the list?

Another interval is for a pharmacist or prescriber, with a reason, and holds so long at most before somebody
looks again (`Policy`). When a treatment began, that a test was done elsewhere, and that a medicine is not
taken any more are facts that the whole team may write down; that no monitoring is needed is a decision.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.practice.monitoring_policy import Policy
from pestle.pharmacy.practice.monitoring_workflows import MAY_DECIDE, TEAM
from pestle.pharmacy.practice.on_medicine import Left, Membership, OnMedicine
from pestle.pharmacy.record.moment import PartialDate
from pestle.pharmacy.refusal import Refusal, Refused

SHORTEST = 3
_UNITS = {"days": 1, "weeks": 7, "months": 30}


def check_interval(
    policy: Policy, *, number: int | None, unit: str, until: date | None, reason: str, by: Person, on: date
) -> None:
    """Raises `Refused` with all that stands in the way: ``monitoring.role``, ``monitoring.no-interval``,
    ``monitoring.no-until``, ``monitoring.until-past``, ``monitoring.until-too-far``,
    ``monitoring.no-reason``."""
    found = [*_role(MAY_DECIDE, by, "Another interval is settled by a pharmacist or prescriber")]
    if number is None or unit not in _UNITS or not 1 <= number * _UNITS[unit] <= 1100:
        found.append(Refusal("monitoring.no-interval", "Say how often, from a day to three years", "number"))
    if until is None:
        found.append(Refusal("monitoring.no-until", "Say until when this holds", "until"))
    elif until <= on:
        found.append(Refusal("monitoring.until-past", "It holds until a day to come", "until"))
    elif until > policy.own_interval_holds.after(on):
        told = f"It holds for {policy.own_interval_holds} at most: then somebody looks again"
        found.append(Refusal("monitoring.until-too-far", told, "until"))
    found += _reason(reason)
    if found:
        raise Refused(*found)


def check_start(*, started: PartialDate, reason: str, by: Person, on: date) -> None:
    """Raises `Refused`: ``monitoring.role``, ``monitoring.start-ahead``, ``monitoring.no-reason``."""
    found = [*_role(TEAM, by, "This is for the clinical team")]
    if started.first > on:
        found.append(
            Refusal("monitoring.start-ahead", "Treatment cannot have begun on a day to come", "started")
        )
    found += _reason(reason)
    if found:
        raise Refused(*found)


def check_leaving(each: OnMedicine, left: Left | None, *, words: str, by: Person) -> None:
    """Raises `Refused`: ``monitoring.role``, ``monitoring.no-left``, ``monitoring.still-taken`` (that it was
    stopped is not said while it is on record as taken), ``monitoring.no-reason``."""
    found: list[Refusal] = []
    if left is Left.DECIDED:
        found += _role(
            MAY_DECIDE, by, "That no monitoring is needed is decided by a pharmacist or prescriber"
        )
    else:
        found += _role(TEAM, by, "This is for the clinical team")
    if left not in (Left.STOPPED, Left.MOVED, Left.DECIDED):
        found.append(Refusal("monitoring.no-left", "Choose why it comes off the list", "left"))
    if left is Left.STOPPED and each.membership in (Membership.ON, Membership.UNSURE):
        reason = f"{each.medication.name} is on record as taken: {each.because.text}"
        way_out = "Stop it on the medicines list; then it leaves this list by itself."
        found.append(Refusal("monitoring.still-taken", reason, "left", way_out))
    found += _reason(words)
    if found:
        raise Refused(*found)


def check_decision(*, look_again: date | None, words: str, on: date) -> None:
    """What a pharmacist or prescriber decides of a round that was escalated. Raises `Refused`:
    ``monitoring.no-reason``, ``monitoring.no-day``."""
    found = list(_reason(words, "Say what was decided"))
    if look_again is None or look_again <= on:
        found.append(
            Refusal("monitoring.no-day", "Say on which day to come it is looked at again", "look again")
        )
    if found:
        raise Refused(*found)


def _role(roles: frozenset[Role], by: Person, reason: str) -> Iterator[Refusal]:
    if not by.has(*roles):
        yield Refusal("monitoring.role", f"{reason}; you are signed in as {by.title}")


def _reason(words: str, ask: str = "Say why") -> Iterator[Refusal]:
    if len(words.strip()) < SHORTEST:
        yield Refusal("monitoring.no-reason", ask, "reason")
