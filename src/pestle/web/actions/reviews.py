"""Reviews of medicines at a practice: completed by who may, prepared and decided; what comes of one becomes
tasks, and what changed is measured later. They are planned in `review_planning`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from pestle.pharmacy.frozen_json import plain
from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.practice.review import (
    PREPARED,
    STRUCTURED_REVIEWS,
    Decision,
    LineDecision,
    ReviewKind,
    check_decisions,
    check_pack,
)
from pestle.pharmacy.practice.review_checklist import Answered, answered
from pestle.pharmacy.practice.review_pack import pack
from pestle.pharmacy.practice.review_plan import monday
from pestle.pharmacy.refusal import refuse
from pestle.pharmacy.worklist.patient_task import Kind, Wanted
from pestle.pharmacy.worklist.workflow import Transition, check
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.actions.review_planning import check_owner, may_plan, today_of
from pestle.web.store import models, monitoring, patient_tasks, review_needs, reviews, traffic_lights
from pestle.web.store.knowledge import knowledge, review_library

_FOR = {Decision.CHANGE: Role.PRESCRIBER, Decision.STOP: Role.PRESCRIBER, Decision.QUERY: Role.TECHNICIAN}


def move(
    *, by: Person, now: datetime, key: str, review_id: int, seen: int | None, week: date, owner_id: int
) -> Outcome:
    """Another week, or somebody else. Raises `Refused`: ``review.no-person``, ``review.week-past``, those of
    the worklist."""

    def do(row: models.Review, transition: Transition, today: date) -> Deed:
        if monday(week) < monday(today):
            raise refuse("review.week-past", "A review is planned for a week to come", place="week")
        check_owner(owner_id, reviews.kind(row), by=by)
        event = reviews.move(row, transition, by=by, at=now, on=today, week=monday(week), owner_id=owner_id)
        return _deed(row, event)

    request = {"week": week.isoformat(), "owner": owner_id}
    return _act("move", review_id, do, by=by, now=now, key=key, seen=seen, request=request)


def complete_technical(
    *,
    by: Person,
    now: datetime,
    key: str,
    review_id: int,
    seen: int | None,
    checklist: str,
    answers: Mapping[str, str],
    words: str,
) -> Outcome:
    """Completes a review of adherence, inhaler technique or technical matters in one's own name, with an
    answer to every question of its checklist; what a pharmacist should hear becomes a task. Raises
    `Refused`: ``review.no-checklist``, ``review.kind``, those of `answered` and of the worklist."""

    def do(row: models.Review, transition: Transition, today: date) -> Deed:
        kind = reviews.kind(row)
        if kind is ReviewKind.STRUCTURED:
            raise refuse("review.kind", "A structured medication review is completed line by line")
        found = review_library().checklists.get(checklist)
        if found is None or found.review is not kind:
            raise refuse("review.no-checklist", "Choose the checklist of this review", place="checklist")
        given = answered(found, answers)
        event = reviews.move(
            row, transition, by=by, at=now, on=today, words=words.strip(),
            said={"checklist": found.name, "title": found.title, "answers": [plain(each) for each in given]},
        )  # fmt: skip
        raised = [f"{each.ask} {each.words}" for each in given if each.raised]
        wanted = (
            [_task(row, "raised", f"{kind.words}: what came up", raised, Role.PHARMACIST, today)]
            if raised
            else []
        )
        return _deed(row, event, patient_tasks.open_tasks(wanted, by=by, now=now).made)

    request = {"checklist": checklist, "answers": dict(answers), "words": words}
    return _act("complete", review_id, do, by=by, now=now, key=key, seen=seen, request=request)


def prepare(
    *, by: Person, now: datetime, key: str, review_id: int, seen: int | None, answers: Mapping[str, str]
) -> Outcome:
    """Prepares the pack of a structured review as the record is now, with what the patient says. Raises
    `Refused`: ``review.kind``, ``review.no-medicines``, those of `answered` and of the worklist."""

    def do(row: models.Review, transition: Transition, today: date) -> Deed:
        _structured(row)
        says = _says(answers)
        found = monitoring.seen(row.patient, now=now)
        seen_, need = review_needs.looked_at(row.patient, found)
        if not seen_.medicines:
            raise refuse("review.no-medicines", "The patient has no medicine on record to be reviewed")
        lights = traffic_lights.of_record(row.patient, {one.id: one.medication for one in seen_.medicines})
        made = pack(seen_, need, says, knowledge=knowledge(), lights=lights)
        event = reviews.move(row, transition, by=by, at=now, on=today, said={"pack": reviews.pack_json(made)})
        return _deed(row, event)

    return _act(
        "prepare", review_id, do, by=by, now=now, key=key, seen=seen, request={"answers": dict(answers)}
    )


def decide(
    *,
    by: Person,
    now: datetime,
    key: str,
    review_id: int,
    seen: int | None,
    decisions: Sequence[LineDecision],
) -> Outcome:
    """A pharmacist or prescriber decides lines of the pack. Raises `Refused`: ``review.nothing-decided``,
    those of `check_decisions` and of the worklist."""

    def do(row: models.Review, transition: Transition, today: date) -> Deed:
        if not decisions:
            raise refuse("review.nothing-decided", "Decide one line at least")
        check_decisions(_lines(row), decisions, by=by, whole=False)
        lines = [
            {"line": each.line, "decision": each.decision.value, "words": each.words.strip()}
            for each in decisions
        ]
        event = reviews.move(row, transition, by=by, at=now, on=today, said={"lines": lines})
        return _deed(row, event)

    request = {"lines": [plain(each) for each in decisions]}
    return _act("decide", review_id, do, by=by, now=now, key=key, seen=seen, request=request)


def complete(*, by: Person, now: datetime, key: str, review_id: int, seen: int | None, words: str) -> Outcome:
    """Completes a structured review when every line is decided and the medicines are still those of the pack;
    each change, stop and query becomes a task. Raises `Refused`: ``review.kind``, those of `check_decisions`,
    `check_pack` and of the worklist."""

    def do(row: models.Review, transition: Transition, today: date) -> Deed:
        _structured(row)
        lines, made = _lines(row), reviews.decisions(row)
        check_decisions(lines, [each for each, _ in made.values() if each.line in lines], by=by, whole=True)
        found = monitoring.seen(row.patient, now=now)
        have, _ = review_needs.looked_at(row.patient, found)
        check_pack(lines, {each.id: each.medication.name for each in have.medicines})
        event = reviews.move(row, transition, by=by, at=now, on=today, words=words.strip())
        wanted = [
            _task(
                row,
                f"line:{line}",
                f"{each.decision.words} {lines[line]}",
                [each.words],
                _FOR[each.decision],
                today,
            )
            for line, (each, _) in made.items()
            if line in lines and each.decision is not Decision.CONTINUE
        ]
        return _deed(row, event, patient_tasks.open_tasks(wanted, by=by, now=now).made)

    return _act("complete", review_id, do, by=by, now=now, key=key, seen=seen, request={"words": words})


def send_back(
    *, by: Person, now: datetime, key: str, review_id: int, seen: int | None, words: str
) -> Outcome:
    """A pack goes back to be prepared anew, with what is missing. Raises `Refused`: ``review.no-words``,
    those of the worklist."""
    return _said("send_back", "Say what is missing", words, review_id, by=by, now=now, key=key, seen=seen)


def cancel(*, by: Person, now: datetime, key: str, review_id: int, seen: int | None, words: str) -> Outcome:
    """The review is not done, with the reason. Raises `Refused`: ``review.no-words``, those of the
    worklist."""
    return _said("cancel", "Say why it is not done", words, review_id, by=by, now=now, key=key, seen=seen)


def measure(*, by: Person, now: datetime, key: str, review_id: int) -> Outcome:
    """Counts again what was counted before a structured review. Raises `Refused`: ``review.role``,
    ``review.unknown``, ``review.not-done``, ``review.measured``."""

    def do() -> Deed:
        may_plan(by)
        row = reviews.locked(review_id, site_id=by.site_id)
        if row is None:
            raise refuse("review.unknown", "There is no such review at this site")
        if row.kind != ReviewKind.STRUCTURED.value or row.standing.step != "done":
            raise refuse("review.not-done", "What changed is measured after a structured review")
        if any(event.verb == "measure" for event in row.events.all()):
            raise refuse("review.measured", "This was measured already")
        found, _ = review_needs.looked_at(row.patient, monitoring.seen(row.patient, now=now))
        event = models.ReviewEvent.objects.create(
            review=row, verb="measure", said={"counts": plain(found.counts)}, by_id=by.id, at=now
        )
        return _deed(row, event)

    return once("review.measure", by=by, now=now, key=key, request={"review": review_id}, do=do)


def _said(
    verb: str, ask: str, words: str, review_id: int, *, by: Person, now: datetime, key: str, seen: int | None
) -> Outcome:
    def do(row: models.Review, transition: Transition, today: date) -> Deed:
        if len(words.strip()) < 3:
            raise refuse("review.no-words", ask, place="words")
        return _deed(row, reviews.move(row, transition, by=by, at=now, on=today, words=words.strip()))

    return _act(verb, review_id, do, by=by, now=now, key=key, seen=seen, request={"words": words})


def _act(
    verb: str,
    review_id: int,
    do: Callable[[models.Review, Transition, date], Deed],
    *,
    by: Person,
    now: datetime,
    key: str,
    seen: int | None,
    request: dict[str, Any],
) -> Outcome:
    def deed() -> Deed:
        row = reviews.locked(review_id, site_id=by.site_id)
        if row is None:
            raise refuse("review.unknown", "There is no such review at this site")
        flow = reviews.kind(row).workflow
        if not any(each.verb == verb for each in flow.transitions):
            raise refuse("review.kind", f"A {reviews.kind(row).words.casefold()} has no such step")
        transition = check(flow, reviews.task(row), verb, by=by, now=now, seen=seen)
        return do(row, transition, today_of(by, now))

    request = {"review": review_id, "seen": seen, **request}
    return once(f"review.{verb}", by=by, now=now, key=key, request=request, do=deed)


def _deed(row: models.Review, event: models.ReviewEvent, tasks: Sequence[models.PatientTask] = ()) -> Deed:
    result = {"review": row.pk, "step": row.standing.step, "tasks": [each.pk for each in tasks]}
    detail = {"review": row.pk, "verb": event.verb}
    return Deed(f"patient:{row.patient_id}", detail, result, sealed=[event], together=tasks)


def _task(
    row: models.Review, origin: str, title: str, told: Sequence[str], role: Role, today: date
) -> Wanted:
    return Wanted(
        patient_id=row.patient_id,
        kind=Kind.REVIEW,
        origin=f"review:{row.pk}:{origin}"[:200],
        title=title[:300],
        reason="; ".join(told)[:2000] or title,
        due_on=today,
        role=role,
    )


def _says(answers: Mapping[str, str]) -> tuple[Answered, ...]:
    (checklist,) = review_library().of(ReviewKind.STRUCTURED)
    return answered(checklist, answers)


def _lines(row: models.Review) -> dict[str, str]:
    made = reviews.pack(row)
    if made is None or row.standing.step != PREPARED:
        raise refuse("review.no-pack", "The pack was not prepared yet", way_out="Prepare it first.")
    return {each.id: each.name for each in made.lines}


def _structured(row: models.Review) -> None:
    if reviews.kind(row).workflow is not STRUCTURED_REVIEWS:
        raise refuse("review.kind", "This is no structured medication review")
