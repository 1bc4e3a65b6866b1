"""Patient tasks: opened once for what brought them, noted on, passed on, done, or not needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from pestle.pharmacy.frozen_json import plain
from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.refusal import refuse
from pestle.pharmacy.worklist.patient_task import (
    Wanted,
    check_passed_on,
    check_task,
    check_wanted,
    check_words,
)
from pestle.pharmacy.worklist.workflow import Transition
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.store import models, patient_tasks, people

MOST_AT_ONCE = 5000


def open_tasks(*, by: Person, now: datetime, key: str, wanted: Sequence[Wanted]) -> Outcome:
    """Opens these tasks; of an origin that is open for the patient already, none. The result says which were
    `opened` (ids), and for which patients one was open `already` (ids).

    Raises `Refused`: those of `check_wanted`, ``task.none``, ``task.too-many``, ``task.owner``,
    ``patient.unknown``.
    """

    def do() -> Deed:
        if not wanted:
            raise refuse("task.none", "Nobody was chosen", way_out="Choose the patients it is for.")
        if len(wanted) > MOST_AT_ONCE:
            raise refuse("task.too-many", f"At most {MOST_AT_ONCE} tasks are opened at once")
        for one in wanted:
            check_wanted(one, by=by)
        for owner in {one.owner_id for one in wanted}:
            checked_owner(owner, by=by)
        opened = patient_tasks.open_tasks(wanted, by=by, now=now)
        ids = [row.pk for row in opened.made]
        subject = f"task:{ids[0]}" if len(ids) == 1 else "tasks"
        detail = {"tasks": len(ids), "origins": sorted({one.origin for one in wanted})}
        result = {"opened": ids, "already": list(opened.already)}
        return Deed(subject, detail, result, together=opened.made)

    return once(
        "tasks.open", by=by, now=now, key=key, request={"wanted": [plain(one) for one in wanted]}, do=do
    )


def note(*, by: Person, now: datetime, key: str, task_id: int, seen: int | None, words: str) -> Outcome:
    """Writes something down, and the task stays open. Raises `Refused`: ``task.no-words``, those of
    `check_task`."""

    def do(row: models.PatientTask, transition: Transition) -> models.PatientTaskEvent:
        check_words(words, "Say what there is to know")
        return patient_tasks.move(row, transition, by=by, at=now, words=words.strip())

    return _act("note", task_id, do, by=by, now=now, key=key, seen=seen, request={"words": words})


def pass_on(
    *,
    by: Person,
    now: datetime,
    key: str,
    task_id: int,
    seen: int | None,
    owner_id: int | None,
    role: Role | None,
    due_on: date,
    words: str = "",
) -> Outcome:
    """Somebody else looks after it, it is for another role, or due on another day.

    Raises `Refused`: ``task.owner``, ``task.day-past``, those of `check_task`."""

    def do(row: models.PatientTask, transition: Transition) -> models.PatientTaskEvent:
        site = models.Site.objects.get(pk=by.site_id)
        today = now.astimezone(ZoneInfo(site.time_zone)).date()
        check_passed_on(patient_tasks.value(row), due_on=due_on, today=today)
        return patient_tasks.move(
            row, transition, by=by, at=now, owner_id=checked_owner(owner_id, by=by),
            role=role.value if role else "", due_on=due_on, words=words.strip(),
        )  # fmt: skip

    request = {
        "owner": owner_id,
        "role": role.value if role else None,
        "due": due_on.isoformat(),
        "words": words,
    }
    return _act("pass_on", task_id, do, by=by, now=now, key=key, seen=seen, request=request)


def finish(*, by: Person, now: datetime, key: str, task_id: int, seen: int | None, words: str) -> Outcome:
    """It is done: `words` say what was. Raises `Refused`: ``task.no-words``, those of `check_task`."""
    return _with_words("finish", "Say what was done", words, task_id, by=by, now=now, key=key, seen=seen)


def drop(*, by: Person, now: datetime, key: str, task_id: int, seen: int | None, words: str) -> Outcome:
    """It is not needed: `words` say why. Raises `Refused`: ``task.no-words``, those of `check_task`."""
    return _with_words("drop", "Say why it is not needed", words, task_id, by=by, now=now, key=key, seen=seen)


def reopen(*, by: Person, now: datetime, key: str, task_id: int, seen: int | None, words: str) -> Outcome:
    """It was settled wrongly: `words` say why. Raises `Refused`: ``task.no-words``, ``task.open-already``,
    those of `check_task`."""
    return _with_words(
        "reopen", "Say why it is open again", words, task_id, by=by, now=now, key=key, seen=seen
    )


def checked_owner(owner_id: int | None, *, by: Person) -> int | None:
    """Raises `Refused` (``task.owner``) unless whoever looks after it is of the team."""
    if owner_id is not None and not any(one.id == owner_id for one in people.team(by.site_id)):
        raise refuse("task.owner", "Whoever looks after it works at this site", place="owner")
    return owner_id


def _with_words(
    verb: str,
    wanted: str,
    words: str,
    task_id: int,
    *,
    by: Person,
    now: datetime,
    key: str,
    seen: int | None,
) -> Outcome:
    def do(row: models.PatientTask, transition: Transition) -> models.PatientTaskEvent:
        check_words(words, wanted)
        return patient_tasks.move(row, transition, by=by, at=now, words=words.strip())

    return _act(verb, task_id, do, by=by, now=now, key=key, seen=seen, request={"words": words})


def _act(
    verb: str,
    task_id: int,
    do: Callable[[models.PatientTask, Transition], models.PatientTaskEvent],
    *,
    by: Person,
    now: datetime,
    key: str,
    seen: int | None,
    request: Mapping[str, object],
) -> Outcome:
    def deed() -> Deed:
        row = patient_tasks.locked(task_id, site_id=by.site_id)
        event = do(row, check_task(patient_tasks.value(row), verb, by=by, now=now, seen=seen))
        result = {"task": row.pk, "state": row.standing.state}
        return Deed(f"task:{row.pk}", {"event": event.pk}, result, sealed=[event])

    whole = {"task": task_id, "seen": seen, **request}
    return once(f"tasks.{verb}", by=by, now=now, key=key, request=whole, do=deed)
