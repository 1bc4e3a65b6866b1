"""May this person sign the accuracy check, and may a lone pharmacist check their own work?

Nobody checks their own work (`workflow.py`). The one exception: a pharmacist who works alone, where the site
has a written self-check procedure, after a pause that is recorded and a fresh scan of every pack that was
picked. Source: Royal Pharmaceutical Society, Medicines, Ethics and Practice, self-checking (2022; recalled,
unverified): a break between assembly and check, and a check against the prescription.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from pestle.pharmacy.dispensary.workflow import DISPENSING, OWN_WORK
from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.refusal import Refusal, Refused
from pestle.pharmacy.worklist.workflow import Task, Transition, doers, refusal

MOST_MINUTES = 120


@dataclass(frozen=True, slots=True)
class SelfCheck:
    """What is known of a self-check: the site's pause (None: the site has no procedure), when this
    pharmacist began the pause (UTC), and how many of the picked packs they have scanned since it ended."""

    pause: timedelta | None
    began_at: datetime | None
    packs: int
    rescanned: int


def pause_refusal(minutes: int | None) -> Refusal | None:
    """Why a site's pause cannot be so long: ``site.self-check``. None is a site without a procedure."""
    if minutes is None or 1 <= minutes <= MOST_MINUTES:
        return None
    return Refusal(
        "site.self-check", f"The pause is of 1 to {MOST_MINUTES} minutes, or there is none", "pause"
    )


def accuracy_refusal(
    task: Task, *, by: Person, now: datetime, self_check: SelfCheck, seen: int | None = None
) -> Refusal | None:
    """Why `by` cannot pass the accuracy check; None when they can.

    Rules: those of the worklist, and ``accuracy.no-self-check-procedure``, ``accuracy.pause-not-begun``,
    ``accuracy.pause-not-over``, ``accuracy.rescan-missing``.
    """
    found = refusal(DISPENSING, task, "pass_accuracy", by=by, now=now, seen=seen)
    if found is None or found.rule != "worklist.same-person" or not by.has(Role.PHARMACIST):
        return found
    if self_check.pause is None:
        return Refusal(
            "accuracy.no-self-check-procedure",
            "You worked on this prescription, and this site has no procedure for checking one's own work",
            way_out="Ask another checker.",
        )
    if self_check.began_at is None:
        return Refusal(
            "accuracy.pause-not-begun",
            "Checking your own work begins with a pause",
            way_out="Begin the pause, do something else, then scan every pack again.",
        )
    if now < self_check.began_at + self_check.pause:
        left = self_check.began_at + self_check.pause - now
        minutes = -(-int(left.total_seconds()) // 60)
        return Refusal("accuracy.pause-not-over", f"The pause ends in {minutes} min")
    if self_check.rescanned < self_check.packs:
        return Refusal(
            "accuracy.rescan-missing",
            f"Scan every pack again: {self_check.rescanned} of {self_check.packs} scanned since the pause",
        )
    return None


def check_accuracy(
    task: Task, *, by: Person, now: datetime, self_check: SelfCheck, seen: int | None = None
) -> Transition:
    """The transition to take. Raises `Refused` with the reason."""
    found = accuracy_refusal(task, by=by, now=now, self_check=self_check, seen=seen)
    if found is not None:
        raise Refused(found)
    return next(row for row in DISPENSING.transitions if row.verb == "pass_accuracy")


def is_own_work(task: Task, by: Person) -> bool:
    """Whether `by` entered, labelled or picked this prescription."""
    return by.id in doers(task.done, OWN_WORK)
