"""Who is the responsible pharmacist of these premises now, may they be absent, and may a bag be handed out?

A registered pharmacy needs one to be in charge, on record, one at a time and at no other premises. They may
be absent for two hours in all of a day, from midnight to midnight, however many they were; while they are,
they can be reached and can return with reasonable promptness, or another pharmacist is available and can be
reached. Without one on record nothing is supplied. While they are absent a bag leaves only by another
pharmacist's hand.

Source: Medicines Act 1968, section 72A; Medicines (Pharmacies) (Responsible Pharmacist) Regulations 2008
(SI 2008/2789), regulations 3 (absence) and 5 (the record: name, registration, when it began and ceased,
each absence with its times; kept for five years), as made, read on legislation.gov.uk 2026-11-30. Later
amendments were not compared, so this is unverified. That a pharmacist who is there may hand out meanwhile
follows from supervision (Human Medicines Regulations 2012, regulation 220) and is recalled.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import Enum

from pestle.pharmacy.people import Country, Person, Role, Site, SiteKind
from pestle.pharmacy.refusal import Refusal, Refused, refuse

MOST_ABSENT = timedelta(hours=2)
KEPT_YEARS = 5
# What is written down this much later is written down late, and says why.
LATE = timedelta(minutes=5)

WHAT_MAY_GO_ON = (
    "Sales from the general sale list",
    "Taking in prescriptions, entry, labels and assembly",
    "Receiving stock, telephone calls, the questions of patients",
)
WHAT_WAITS = (
    "Handing out or delivering a prescription",
    "Sales of pharmacy medicines",
    "The clinical check, unless another pharmacist signs it",
)


class Step(Enum):
    """What an entry of the record says. The value is stored; the words stand in the record."""

    ON = "on"
    OFF = "off"
    ABSENT = "absent"
    RETURNED = "returned"

    @property
    def words(self) -> str:
        """As the record says it."""
        return _WORDS[self]


_WORDS = {
    Step.ON: "became the responsible pharmacist",
    Step.OFF: "ceased to be the responsible pharmacist",
    Step.ABSENT: "left the premises",
    Step.RETURNED: "returned to the premises",
}


class Standing(Enum):
    """Who is in charge now."""

    NOBODY = "nobody"
    PRESENT = "present"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the pharmacy record. `at` is when it happened (UTC)."""

    step: Step
    pharmacist_id: int
    name: str
    registration: str
    at: datetime


@dataclass(frozen=True, slots=True)
class InCharge:
    """How it stands: who, since when, and since when they are absent. Nobody: all None."""

    standing: Standing
    pharmacist_id: int | None = None
    name: str = ""
    registration: str = ""
    since: datetime | None = None
    absent_since: datetime | None = None


NOBODY = InCharge(Standing.NOBODY)
_ONE_STEP_ON = {
    Standing.NOBODY: {Step.ON},
    Standing.PRESENT: {Step.OFF, Step.ABSENT},
    Standing.ABSENT: {Step.OFF, Step.RETURNED},
}


@dataclass(frozen=True, slots=True)
class Arrangement:
    """What holds while they are absent: they can be reached and return, or `other` is one who can."""

    contactable: bool
    other: str = ""


def applies(site: Site) -> bool:
    """Whether the premises need one: a community pharmacy in the United Kingdom."""
    return site.kind is SiteKind.COMMUNITY_PHARMACY and site.country is not Country.UNITED_STATES


def in_charge(entries: Iterable[Entry]) -> InCharge:
    """How it stands after these entries, the oldest first. Raises `ValueError` where one cannot follow."""
    now = NOBODY
    for entry in entries:
        now = after(now, entry)
    return now


def after(before: InCharge, entry: Entry) -> InCharge:
    """How it stands after one more entry. Raises `ValueError` where it cannot follow."""
    if entry.step not in _ONE_STEP_ON[before.standing]:
        raise ValueError(f"{entry.step.value} cannot follow {before.standing.value}")
    who = entry.pharmacist_id, entry.name, entry.registration
    match entry.step:
        case Step.OFF:
            return NOBODY
        case Step.ON:
            return InCharge(Standing.PRESENT, *who, since=entry.at)
        case Step.ABSENT:
            return InCharge(Standing.ABSENT, *who, since=before.since, absent_since=entry.at)
    return InCharge(Standing.PRESENT, *who, since=before.since)


def absent_on(entries: Sequence[Entry], *, day: date, zone: tzinfo, now: datetime) -> timedelta:
    """How long they were absent on that day at the premises, whoever they were; one that still lasts counts
    until `now`."""
    began = datetime.combine(day, time(), zone)
    ends = datetime.combine(day + timedelta(days=1), time(), zone)
    total, since = timedelta(0), None
    for entry in entries:
        if entry.step is Step.ABSENT:
            since = entry.at
        elif since is not None:
            total += _overlap(since, entry.at, began, ends)
            since = None
    if since is not None:
        total += _overlap(since, now, began, ends)
    return total


def check_on(by: Person, *, before: InCharge, elsewhere: str, take_over: bool) -> None:
    """Raises `Refused` unless `by` may sign on: ``responsible.not-a-pharmacist``,
    ``responsible.no-registration``, ``responsible.elsewhere``, ``responsible.already``,
    ``responsible.taken``.

    `elsewhere` names other premises at which they are signed on; `take_over`: whoever is signed on here is
    signed off in the same step.
    """
    if not by.has(Role.PHARMACIST):
        raise refuse(
            "responsible.not-a-pharmacist", f"This is for a pharmacist; you are signed in as {by.title}"
        )
    if by.registration is None:
        raise refuse("responsible.no-registration", "Your registration number is not on record",
                     way_out="The manager puts it on record.")  # fmt: skip
    if elsewhere:
        raise refuse("responsible.elsewhere", f"You are the responsible pharmacist of {elsewhere}",
                     way_out="Sign off there first: nobody is in charge of two premises.")  # fmt: skip
    if before.pharmacist_id == by.id:
        raise refuse("responsible.already", "You are the responsible pharmacist already")
    if before.standing is not Standing.NOBODY and not take_over:
        raise refuse("responsible.taken", f"{before.name} is the responsible pharmacist",
                     way_out="Take over from them, or let them sign off.")  # fmt: skip


def check_own(by: Person, step: Step, *, before: InCharge) -> None:
    """Raises `Refused` unless `by` is in charge and the step can follow: ``responsible.none``,
    ``responsible.not-you``, ``responsible.is-absent``, ``responsible.is-present``."""
    if before.standing is Standing.NOBODY:
        raise refuse("responsible.none", "Nobody is signed on as responsible pharmacist")
    if before.pharmacist_id != by.id:
        raise refuse("responsible.not-you", f"{before.name} is the responsible pharmacist",
                     way_out="They say so themselves, or a pharmacist takes over from them.")  # fmt: skip
    if step not in _ONE_STEP_ON[before.standing]:
        if before.standing is Standing.ABSENT:
            raise refuse(
                "responsible.is-absent", "You are on record as absent", way_out="Say that you are back."
            )
        raise refuse("responsible.is-present", "You are not on record as absent")


def check_absence(arrangement: Arrangement, *, absent_today: timedelta) -> None:
    """Raises `Refused` unless they may leave: ``responsible.no-arrangement``,
    ``responsible.no-absence-left``."""
    found = []
    if not arrangement.contactable and len(arrangement.other.strip()) < 3:
        found.append(
            Refusal("responsible.no-arrangement", "Say that you can be reached and return, or which other "
                    "pharmacist can be reached", "arrangement")
        )  # fmt: skip
    if absent_today >= MOST_ABSENT:
        found.append(
            Refusal("responsible.no-absence-left", "The two hours of this day are used up", "absence",
                    "Sign off, or let another pharmacist take over.")
        )  # fmt: skip
    if found:
        raise Refused(*found)


def check_return(*, absent_today: timedelta, why: str) -> None:
    """Raises `Refused` (``responsible.over-limit``) for an absence beyond the limit without a reason: it
    happened, so it is written down, with why."""
    if absent_today > MOST_ABSENT and len(why.strip()) < 3:
        over = int((absent_today - MOST_ABSENT).total_seconds()) // 60
        raise refuse("responsible.over-limit", f"The absences of this day are {over} min over two hours",
                     place="why", way_out="Say why.")  # fmt: skip


def check_time(at: datetime, *, after: datetime | None, now: datetime, why: str) -> None:
    """Raises `Refused` for a time that cannot be: ``responsible.ahead``, ``responsible.out-of-order``,
    ``responsible.late`` for one that is written down later without saying why."""
    if at > now:
        raise refuse("responsible.ahead", "This time lies ahead", place="at")
    if after is not None and at < after:
        raise refuse("responsible.out-of-order", "Something later is on record already", place="at")
    if now - at > LATE and len(why.strip()) < 3:
        raise refuse("responsible.late", "Say why it is written down only now", place="why")


def supply_refusal(by: Person, *, now: InCharge) -> Refusal | None:
    """Why `by` may not hand out now: ``responsible.none``, ``responsible.absent``; None when they may."""
    if now.standing is Standing.NOBODY:
        return Refusal("responsible.none", "Without a responsible pharmacist on record nothing is supplied",
                       way_out="A pharmacist signs on first.")  # fmt: skip
    if now.standing is Standing.ABSENT and (not by.has(Role.PHARMACIST) or by.id == now.pharmacist_id):
        return Refusal("responsible.absent", f"{now.name}, the responsible pharmacist, is absent",
                       way_out="It waits until they are back, or another pharmacist gives it.")  # fmt: skip
    return None


def _overlap(first: datetime, last: datetime, began: datetime, ends: datetime) -> timedelta:
    return max(min(last, ends) - max(first, began), timedelta(0))
