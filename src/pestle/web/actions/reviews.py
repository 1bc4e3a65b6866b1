"""Reviews of medicines at a practice: planned into places, completed by who may, prepared and decided; what
comes of one becomes tasks, and what changed is measured later."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

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
from pestle.pharmacy.practice.review_plan import Waiting, monday, planned
from pestle.pharmacy.refusal import refuse
from pestle.pharmacy.worklist.patient_task import Kind, Wanted
from pestle.pharmacy.worklist.workflow import Transition, check
from pestle.web.actions.monitoring import locked
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.store import models, monitoring, patient_tasks, people, review_needs, reviews
from pestle.web.store.knowledge import knowledge, review_library

MAY_PLAN = (Role.TECHNICIAN, Role.ACCURACY_CHECKER, Role.PHARMACIST, Role.PRESCRIBER)
MAY_SET_PLACES = (Role.MANAGER, Role.PHARMACIST)
_WEEKS = 8
_FOR = {Decision.CHANGE: Role.PRESCRIBER, Decision.STOP: Role.PRESCRIBER, Decision.QUERY: Role.TECHNICIAN}


def set_places(
    *, by: Person, now: datetime, key: str, person_id: int, kind: ReviewKind, number: int | None
) -> Outcome:
    """Says how many reviews of a kind somebody has time for in a week. Raises `Refused`: ``review.role``,
    ``review.no-person``, ``review.places``."""

    def do() -> Deed:
        if not by.has(*MAY_SET_PLACES):
            raise refuse("review.role", f"A manager or pharmacist plans; you are signed in as {by.title}")
        if number is None or number > 100:
            raise refuse("review.places", "Say how many, from 0 to 100", place="number")
        who = next((one for one in people.team(by.site_id) if one.id == person_id), None)
        if who is None or not who.has(*_owners(kind)):
            raise refuse("review.no-person", "Choose somebody who does such reviews", place="person")
        models.ReviewPlaces.objects.update_or_create(
            site_id=by.site_id, person_id=person_id, kind=kind.value, defaults={"number": number}
        )
        detail = {"person": person_id, "kind": kind.value, "number": number}
        return Deed("review-places", detail, detail)

    request = {"person": person_id, "kind": kind.value, "number": number}
    return once("review.set_places", by=by, now=now, key=key, request=request, do=do)


def plan(
    *, by: Person, now: datetime, key: str, patients: Sequence[int], kind: ReviewKind = ReviewKind.STRUCTURED
) -> Outcome:
    """Plans reviews of these patients into the places of the next weeks, the most needy first. The result
    says who was `booked` and who found no place (`without`). Raises `Refused`: ``review.role``,
    ``review.nobody``, ``review.no-places``."""

    def do() -> Deed:
        _may_plan(by)
        today = _today(by, now)
        rows = models.Patient.objects.select_for_update(of=("self",)).filter(
            site=by.site_id, pk__in=list(patients)
        )
        known = {row.pk: row for row in rows.order_by("pk")}
        if not known or len(known) != len(set(patients)):
            raise refuse("review.nobody", "Choose the patients who are to be reviewed", place="patients")
        open_ = {
            pk for pk, held in reviews.under_way(by.site_id, known).items()
            if any(each.kind == kind.value for each in held)
        }  # fmt: skip
        needs = {each.patient_id: each for each in models.ReviewNeed.objects.filter(patient__in=known)}
        places = reviews.places(by.site_id, kind, first=today, weeks=_WEEKS)
        if not any(each.left for each in places):
            reason = "Nobody has a place left in the next eight weeks"
            way_out = "A manager or pharmacist says who has time for how many a week."
            raise refuse("review.no-places", reason, way_out=way_out)
        found = planned((_waiting(pk, needs.get(pk)) for pk in known if pk not in open_), places)
        made = [
            _made(known[each.patient_id], kind, each.week, each.person_id, needs.get(each.patient_id),
                  by=by, now=now)
            for each in found.booked
        ]  # fmt: skip
        result = {
            "booked": [row.pk for row in made],
            "without": list(found.without),
            "already": sorted(open_),
        }
        detail = {"kind": kind.value, "booked": len(made), "without": len(found.without)}
        return Deed("reviews", detail, result, together=made)

    request = {"patients": sorted(set(patients)), "kind": kind.value}
    return once("review.plan", by=by, now=now, key=key, request=request, do=do)


def plan_one(
    *,
    by: Person,
    now: datetime,
    key: str,
    patient_id: int,
    kind: ReviewKind,
    week: date | None = None,
    owner_id: int | None = None,
) -> Outcome:
    """Plans one review of a patient for a week (this one unless said), by a person (who plans it unless
    said). Raises `Refused`: ``review.role``, ``review.no-person``, ``review.open-already``,
    ``review.week-past``."""

    def do() -> Deed:
        _may_plan(by)
        row = locked(patient_id, by=by)
        today = _today(by, now)
        which = monday(week or today)
        if which < monday(today):
            raise refuse("review.week-past", "A review is planned for a week to come", place="week")
        owner = owner_id or by.id
        who = next((one for one in people.team(by.site_id) if one.id == owner), None)
        if who is None or not who.has(*_owners(kind)):
            raise refuse("review.no-person", "Choose somebody who does such reviews", place="owner")
        if any(each.kind == kind.value for each in reviews.under_way(by.site_id, [row.pk])[row.pk]):
            raise refuse("review.open-already", "Such a review of this patient is open already")
        need = models.ReviewNeed.objects.filter(patient=row).first()
        made = _made(row, kind, which, owner, need, by=by, now=now)
        return Deed(f"patient:{row.pk}", {"kind": kind.value}, {"review": made.pk}, sealed=[made])

    on = week.isoformat() if week else None
    request = {"patient": patient_id, "kind": kind.value, "week": on, "owner": owner_id}
    return once("review.plan_one", by=by, now=now, key=key, request=request, do=do)


def move(
    *, by: Person, now: datetime, key: str, review_id: int, seen: int | None, week: date, owner_id: int
) -> Outcome:
    """Another week, or somebody else. Raises `Refused`: ``review.no-person``, ``review.week-past``, those of
    the worklist."""

    def do(row: models.Review, transition: Transition, today: date) -> Deed:
        if monday(week) < monday(today):
            raise refuse("review.week-past", "A review is planned for a week to come", place="week")
        who = next((one for one in people.team(by.site_id) if one.id == owner_id), None)
        if who is None or not who.has(*_owners(reviews.kind(row))):
            raise refuse("review.no-person", "Choose somebody who does such reviews", place="owner")
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
        return _deed(row, event, wanted=wanted, by=by, now=now)

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
        made = pack(seen_, need, says, knowledge=knowledge())
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
        return _deed(row, event, wanted=wanted, by=by, now=now)

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
        _may_plan(by)
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
        return do(row, transition, _today(by, now))

    request = {"review": review_id, "seen": seen, **request}
    return once(f"review.{verb}", by=by, now=now, key=key, request=request, do=deed)


def _deed(
    row: models.Review,
    event: models.ReviewEvent,
    *,
    wanted: Sequence[Wanted] = (),
    by: Person | None = None,
    now: datetime | None = None,
) -> Deed:
    made: tuple[models.PatientTask, ...] = ()
    if wanted and by is not None and now is not None:
        made = patient_tasks.open_tasks(wanted, by=by, now=now).made
    result = {"review": row.pk, "step": row.standing.step, "tasks": [each.pk for each in made]}
    detail = {"review": row.pk, "verb": event.verb}
    return Deed(f"patient:{row.patient_id}", detail, result, sealed=[event], together=made)


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


def _made(
    patient: models.Patient,
    kind: ReviewKind,
    week: date,
    owner_id: int,
    need: models.ReviewNeed | None,
    *,
    by: Person,
    now: datetime,
) -> models.Review:
    because = need if kind is ReviewKind.STRUCTURED else None
    row = models.Review.objects.create(
        site_id=by.site_id, patient=patient, kind=kind.value, reasons=because.parts if because else [],
        points=because.points if because else 0, by_id=by.id, at=now,
    )  # fmt: skip
    models.ReviewStanding.objects.create(
        review=row, site_id=by.site_id, patient=patient, kind=kind.value, step="planned", week=week,
        owner_id=owner_id,
    )  # fmt: skip
    return row


def _waiting(patient_id: int, need: models.ReviewNeed | None) -> Waiting:
    return Waiting(patient_id, need.points if need else 0, need.last_review if need else None)


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


def _owners(kind: ReviewKind) -> tuple[Role, ...]:
    if kind is ReviewKind.STRUCTURED:
        return (Role.PHARMACIST, Role.PRESCRIBER)
    return MAY_PLAN


def _may_plan(by: Person) -> None:
    if not by.has(*MAY_PLAN):
        raise refuse("review.role", f"Reviews are for the clinical team; you are signed in as {by.title}")


def _today(by: Person, now: datetime) -> date:
    site = models.Site.objects.get(pk=by.site_id)
    return now.astimezone(ZoneInfo(site.time_zone)).date()
