"""What is due for a bag that nobody collects: a reminder, a second one, or the shelf again?

A bag is ready on a day. The patient is reminded, reminded again, and some days after that the bag goes back
to the shelf. Of medicines that may no longer be supplied it goes back at once: no reminder helps.

The days are a site's own (`Times`); those here are invented, unverified: no source that we have read names
any.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from pestle.pharmacy.refusal import Refusal
from pestle.pharmacy.worklist.workflow import Task

# Between the second reminder and the shelf, so that it can still be answered.
NOTICE = timedelta(days=3)
MOST_DAYS = 90


class Stage(Enum):
    """What is due; the value is stored nowhere, `words` are said."""

    WAITS = "waits"
    REMIND = "remind"
    REMIND_AGAIN = "remind_again"
    RETURN = "return"

    @property
    def words(self) -> str:
        """What the list says."""
        return _WORDS[self]


_WORDS = {
    Stage.WAITS: "Waits for the patient",
    Stage.REMIND: "Remind",
    Stage.REMIND_AGAIN: "Remind again",
    Stage.RETURN: "Return to stock",
}


class Way(Enum):
    """How the patient was reminded; the value is stored."""

    TELEPHONE = "telephone"
    TEXT = "text"
    LETTER = "letter"
    IN_PERSON = "in_person"

    @property
    def words(self) -> str:
        """What the screen says."""
        return {"telephone": "By telephone", "text": "By text message", "letter": "By letter",
                "in_person": "In person"}[self.value]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Times:
    """A site's days: a bag is reminded of after the first, and goes back after the second."""

    remind_days: int = 14
    return_days: int = 28


def times_refusal(times: Times) -> Refusal | None:
    """Why a site cannot wait so long: ``uncollected.times``. A reminder leaves time to come."""
    if times.remind_days >= 1 and times.remind_days + NOTICE.days <= times.return_days <= MOST_DAYS:
        return None
    return Refusal(
        "uncollected.times",
        f"A bag is reminded of after a day or more, and goes back {NOTICE.days} days or more after that, "
        f"{MOST_DAYS} days after it was ready at most",
        "days",
    )


@dataclass(frozen=True, slots=True)
class Bag:
    """A bag: since when it is ready, on which days it was reminded of, and the last day on which all in it
    may be supplied (None: not known)."""

    ready_on: date
    reminded_on: tuple[date, ...] = ()
    last_day: date | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """What is due next, and from which day on."""

    stage: Stage
    on: date


def due(bag: Bag, times: Times, *, on: date) -> Due:
    """What is due for a bag on a day; while it only waits, the day of what comes next."""
    if bag.last_day is not None and on > bag.last_day:
        return Due(Stage.RETURN, bag.last_day + timedelta(days=1))
    first = bag.ready_on + timedelta(days=times.remind_days)
    last = bag.ready_on + timedelta(days=times.return_days)
    if not bag.reminded_on:
        stage, day = Stage.REMIND, first
    elif len(bag.reminded_on) == 1:
        stage, day = Stage.REMIND_AGAIN, max(first + (last - first) / 2, bag.reminded_on[-1] + NOTICE)
    else:
        stage, day = Stage.RETURN, max(last, bag.reminded_on[-1] + NOTICE)
    return Due(stage if on >= day else Stage.WAITS, day)


def return_refusal(bag: Bag, times: Times, *, on: date) -> Refusal | None:
    """Why the bag is not returned to stock today: ``return-to-stock.not-due``."""
    found = due(bag, times, on=on)
    if found.stage is Stage.RETURN:
        return None
    if found.stage is Stage.WAITS:
        return Refusal(
            "return-to-stock.not-due",
            f"Nothing is due for this bag before {found.on:%d-%b-%Y}",
            way_out="Where the patient does not want it, a pharmacist withholds its lines.",
        )
    return Refusal(
        "return-to-stock.not-reminded",
        f"The patient was reminded {len(bag.reminded_on)} of 2 times",
        way_out="Remind them first.",
    )


def undo_refusal(task: Task) -> Refusal | None:
    """Why a return to stock is not undone: ``return-to-stock.not-returned``, where it was not the last thing
    that was done."""
    if task.done and task.done[-1].verb == "return_to_stock":
        return None
    return Refusal("return-to-stock.not-returned", "This prescription was not returned to stock")
