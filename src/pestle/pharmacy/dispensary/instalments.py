"""Which instalment may be collected today, how much is it, and when does collecting stop?

A prescription in instalments says how much there is for each day of treatment and on which days it is
collected. A collection takes the days up to the next one; what falls on a day when the pharmacy is closed is
collected before it, where the prescription says so. What was not collected for a day is lost with that day:
it is never given later. Of a collection that was missed, the days that are still to come may be given only
where the prescription says so. After so many days missed one after the other nothing is given until the
prescriber was spoken to.

The rules and the five standing directions (the Home Office's approved wording) are in `LAWS`, each with how
it is known; how many missed days stop is stated on the prescription, else local.
"""

from __future__ import annotations

from collections.abc import Collection as Some
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from pestle.pharmacy.law import KnownFrom, Law
from pestle.pharmacy.ledger.base_unit import amount_words
from pestle.pharmacy.medicines.concept import BaseUnit
from pestle.pharmacy.refusal import Refusal, Refused

# Where the prescription does not say after how many missed days the prescriber is consulted.
LOCAL_STOP_AFTER = 3

_WORDING = "Home Office approved wording for instalment prescriptions"
LAWS = (
    Law("An instalment prescription states the amount of an instalment and the interval between them; the "
        "first instalment is supplied within 28 days of the appropriate date.",
        "Misuse of Drugs Regulations 2001 (SI 2001/3998), regulations 15 and 16", KnownFrom.SUMMARY),
    Law("What was not collected for a day is not supplied on another day, unless the prescription says so.",
        "Misuse of Drugs Regulations 2001, regulation 16", KnownFrom.MEMORY),
    Law("Instalments for days when the pharmacy is closed are dispensed on a suitable day before, where the "
        "prescription says so.", _WORDING, KnownFrom.MEMORY),
    Law("The days that remain of an instalment whose collection day was missed are dispensed, where the "
        "prescription says so.", _WORDING, KnownFrom.MEMORY),
    Law("The prescriber is consulted when three or more days in a row were missed, where the prescription "
        "says so; else by local agreement.", _WORDING, KnownFrom.MEMORY),
    Law("An FP10MDA is for no more than 14 days of treatment. Not judged here.",
        "NHS prescribing rules in England", KnownFrom.MEMORY),
)  # fmt: skip


class Wording(Enum):
    """A standing direction on the prescription; the value is stored, `words` are shown."""

    CLOSED_BEFORE = "closed_before"
    REST = "rest"
    SUPERVISED = "supervised"
    SEPARATE = "separate"

    @property
    def words(self) -> str:
        """In our own words."""
        return _WORDS[self]


_WORDS = {
    Wording.CLOSED_BEFORE: "What falls on a day when the pharmacy is closed is dispensed on a day before",
    Wording.REST: "After a missed collection the days that remain of it are dispensed",
    Wording.SUPERVISED: "Consumption on collection days is supervised",
    Wording.SEPARATE: "Daily doses are dispensed in separate containers",
}


@dataclass(frozen=True, slots=True)
class Day:
    """The amount for one day of treatment, in base units."""

    on: date
    amount: int


@dataclass(frozen=True, slots=True)
class Instalment:
    """What is collected at once: on which day by the prescription, and for which days."""

    collect_on: date
    days: tuple[Day, ...]

    @property
    def amount(self) -> int:
        """All of it, in base units."""
        return sum(day.amount for day in self.days)


@dataclass(frozen=True, slots=True)
class Plan:
    """What the prescription says. `stop_after`: days missed one after the other, None where it does not say.

    Raises `Refused` where it cannot be: ``instalments.none``, ``instalments.amount``, ``instalments.order``,
    ``instalments.stop-after``.
    """

    instalments: tuple[Instalment, ...]
    wordings: frozenset[Wording] = frozenset()
    stop_after: int | None = None

    def __post_init__(self) -> None:
        found = []
        days = self.days
        if not days:
            found.append(Refusal("instalments.none", "There is no instalment", "instalments"))
        if any(day.amount <= 0 for day in days):
            found.append(Refusal("instalments.amount", "The amount for a day is above zero", "amounts"))
        dates = [day.on for day in days]
        collected = [one.collect_on for one in self.instalments]
        before = all(one.days and one.collect_on <= one.days[0].on for one in self.instalments)
        if dates != sorted(set(dates)) or collected != sorted(set(collected)) or not before:
            found.append(
                Refusal(
                    "instalments.order", "Each day comes once, in order, and is collected by then", "days"
                )
            )
        if self.stop_after is not None and not 1 <= self.stop_after <= 14:
            found.append(
                Refusal("instalments.stop-after", "Collecting stops after 1 to 14 missed days", "stop after")
            )
        if found:
            raise Refused(*found)

    @property
    def days(self) -> tuple[Day, ...]:
        """Every day of treatment."""
        return tuple(day for one in self.instalments for day in one.days)

    @property
    def amount(self) -> int:
        """All of it, in base units."""
        return sum(one.amount for one in self.instalments)

    @property
    def stops_after(self) -> int:
        """After how many missed days nothing more is given, said by the prescription or local."""
        return self.stop_after or LOCAL_STOP_AFTER


def plan(
    *,
    begins: date,
    amounts: Sequence[int],
    weekdays: Some[int],
    wordings: Some[Wording] = (),
    stop_after: int | None = None,
) -> Plan:
    """The plan of a prescription that begins on a day, has so much for each day from then on (0: nothing),
    and is collected on these days of the week (Monday is 0).

    Raises `Refused` as `Plan` does, and ``instalments.first-day`` where the first day is none of them.
    """
    days = [Day(begins + timedelta(days=n), amount) for n, amount in enumerate(amounts) if amount]
    if days and days[0].on.weekday() not in weekdays:
        raise Refused(
            Refusal("instalments.first-day", "The first day is no collection day", "begins",
                    "Choose the days as the prescription has them; ask the prescriber if they do not fit.")
        )  # fmt: skip
    found: list[list[Day]] = []
    for day in days:
        # A day without an amount may have been the collection day: then that day is where it is collected.
        if not found or _collect_on(day.on, weekdays) > _collect_on(found[-1][0].on, weekdays):
            found.append([day])
        else:
            found[-1].append(day)
    return Plan(
        tuple(Instalment(_collect_on(some[0].on, weekdays), tuple(some)) for some in found),
        frozenset(wordings),
        stop_after,
    )


def _collect_on(day: date, weekdays: Some[int]) -> date:
    return next(day - timedelta(days=n) for n in range(7) if (day - timedelta(days=n)).weekday() in weekdays)


def plan_refusals(found: Plan, *, quantity: int, last_day: date | None, base: BaseUnit) -> Iterator[Refusal]:
    """Why a plan does not fit its prescription: ``instalments.total`` where the days do not add up to the
    prescribed quantity (base units), ``instalments.first-too-late``. `last_day`: the last on which the first
    instalment may be supplied (`validity.last_day`); None where it is not known."""
    if found.amount != quantity:
        yield Refusal(
            "instalments.total",
            f"The days come to {amount_words(found.amount, base)}, and {amount_words(quantity, base)} are "
            "prescribed",
            "amounts",
            "Enter the amounts as prescribed; ask the prescriber if they do not add up.",
        )
    first = found.instalments[0].collect_on
    if last_day is not None and first > last_day:
        yield Refusal(
            "instalments.first-too-late",
            f"The first instalment is due on {first:%d-%b-%Y}, after the last day, {last_day:%d-%b-%Y}",
            "begins",
        )


@dataclass(frozen=True, slots=True)
class Given:
    """What was handed out: when, and for which days."""

    on: date
    days: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class History:
    """What has happened: what was `given`; on which days the pharmacy is `closed`; and since when it may go
    on after the prescriber was spoken to (None: never stopped)."""

    given: tuple[Given, ...] = ()
    closed: frozenset[date] = frozenset()
    resumed_on: date | None = None

    @property
    def days_given(self) -> frozenset[date]:
        """Every day of treatment that was given."""
        return frozenset(day for one in self.given for day in one.days)


@dataclass(frozen=True, slots=True)
class Due:
    """What may be handed out now: for which days; of it `supervised` is consumed here, today."""

    days: tuple[Day, ...]
    supervised: int
    separate: bool

    @property
    def amount(self) -> int:
        """All of it, in base units."""
        return sum(day.amount for day in self.days)

    @property
    def containers(self) -> tuple[int, ...]:
        """The amount in each container that is taken home."""
        home = [day.amount for day in self.days]
        if self.supervised:
            home = home[1:]
        return tuple(home) if self.separate else (sum(home),) if home else ()


def collected_on(one: Instalment, found: Plan, *, closed: Some[date]) -> date | None:
    """On which day an instalment is collected, since the pharmacy is closed on some; None where the
    prescription does not say what happens, or every day of the week before is closed."""
    if one.collect_on not in closed:
        return one.collect_on
    if Wording.CLOSED_BEFORE not in found.wordings:
        return None
    before = (one.collect_on - timedelta(days=n) for n in range(1, 8))
    return next((day for day in before if day not in closed), None)


def missed_in_a_row(found: Plan, history: History, *, on: date) -> int:
    """How many days of treatment before `on` were not given, one after the other."""
    count = 0
    for day in reversed(found.days):
        if day.on >= on:
            continue
        if day.on in history.days_given or (history.resumed_on and day.on < history.resumed_on):
            break
        count += 1
    return count


def due(found: Plan, history: History, *, on: date) -> Due | Refusal:
    """What may be handed out on a day; else why nothing: ``instalments.stopped``, ``instalments.collected``,
    ``instalments.closed-not-said``, ``instalments.missed``, ``instalments.not-today``, ``instalments.over``.
    """
    missed = missed_in_a_row(found, history, on=on)
    if missed >= found.stops_after:
        return Refusal(
            "instalments.stopped",
            f"{missed} days in a row were missed: nothing more is given",
            "instalment",
            "Call the prescriber, and write down what they say.",
        )
    allowed = []
    for one in found.instalments:
        day_of_it = collected_on(one, found, closed=history.closed)
        if day_of_it == on or (day_of_it is not None and day_of_it < on and Wording.REST in found.wordings):
            allowed += [day for day in one.days if day.on >= on and day.on not in history.days_given]
    if not allowed:
        return _nothing(found, history, on=on)
    today = allowed[0].amount if allowed[0].on == on and Wording.SUPERVISED in found.wordings else 0
    return Due(tuple(allowed), today, Wording.SEPARATE in found.wordings)


def next_collection(found: Plan, history: History, *, after: date) -> date | None:
    """The next day after this one on which something is collected; None where there is none."""
    days = [
        day
        for one in found.instalments
        if (day := collected_on(one, found, closed=history.closed)) is not None and day > after
        if any(each.on not in history.days_given for each in one.days)
    ]
    return min(days, default=None)


class DayState(Enum):
    """How a day of treatment stands; the value is shown."""

    GIVEN = "given"
    DUE = "to be collected today"
    TO_COME = "to come"
    MISSED = "missed"
    LOST = "lost with a missed collection"
    CLOSED = "closed, and the prescription does not say when instead"
    STOPPED = "stopped: call the prescriber"


@dataclass(frozen=True, slots=True)
class Cell:
    """A day in the picture: its amount, how it stands, and on which day it is or was collected."""

    on: date
    amount: int
    state: DayState
    collected_on: date | None


def calendar(found: Plan, history: History, *, on: date) -> tuple[Cell, ...]:
    """Every day of treatment as it stands on a day."""
    now = due(found, history, on=on)
    today = {day.on for day in now.days} if isinstance(now, Due) else set()
    stopped = isinstance(now, Refusal) and now.rule == "instalments.stopped"
    given = {day: one.on for one in history.given for day in one.days}
    cells = []
    for one in found.instalments:
        planned = collected_on(one, found, closed=history.closed)
        for day in one.days:
            if day.on in given:
                cells.append(Cell(day.on, day.amount, DayState.GIVEN, given[day.on]))
                continue
            state = DayState.TO_COME
            if day.on in today:
                state = DayState.DUE
            elif day.on < on:
                state = DayState.MISSED
            elif stopped:
                state = DayState.STOPPED
            elif planned is None:
                state = DayState.CLOSED
            elif planned < on:
                state = DayState.TO_COME if Wording.REST in found.wordings else DayState.LOST
            cells.append(Cell(day.on, day.amount, state, planned))
    return tuple(cells)


def _nothing(found: Plan, history: History, *, on: date) -> Refusal:
    after = next_collection(found, history, after=on)
    way_out = f"The next collection is on {after:%a %d-%b-%Y}." if after else None
    if all(day.on < on or day.on in history.days_given for day in found.days):
        return Refusal("instalments.over", "Every instalment was collected, or its days are over",
                       "instalment")  # fmt: skip
    if on in history.days_given or any(one.on == on for one in history.given):
        return Refusal("instalments.collected", "What is due was collected already: never more for a day",
                       "instalment", way_out)  # fmt: skip
    for one in found.instalments:
        planned = collected_on(one, found, closed=history.closed)
        if planned is None and one.collect_on >= on and (after is None or one.collect_on < after):
            return Refusal(
                "instalments.closed-not-said",
                f"The pharmacy is closed on {one.collect_on:%a %d-%b-%Y}, and the prescription does not say "
                "when its instalment is collected instead",
                "instalment",
                "Ask the prescriber before that day.",
            )
        if planned is not None and planned < on <= one.days[-1].on:
            return Refusal(
                "instalments.missed",
                f"The collection of {planned:%a %d-%b-%Y} was missed, and the prescription does not say that "
                "the days that remain are given",
                "instalment",
                way_out,
            )
    return Refusal("instalments.not-today", "Nothing is collected today", "instalment", way_out)
