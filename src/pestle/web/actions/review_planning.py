"""Reviews are planned: who has how many places in a week, and who is booked into them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.practice.review import ReviewKind
from pestle.pharmacy.practice.review_plan import Waiting, monday, planned
from pestle.pharmacy.refusal import refuse
from pestle.web.actions.monitoring import locked
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.store import models, people, reviews

MAY_PLAN = (Role.TECHNICIAN, Role.ACCURACY_CHECKER, Role.PHARMACIST, Role.PRESCRIBER)
MAY_SET_PLACES = (Role.MANAGER, Role.PHARMACIST)
_WEEKS = 8


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
        check_owner(person_id, kind, by=by, place="person")
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
        may_plan(by)
        today = today_of(by, now)
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
        may_plan(by)
        row = locked(patient_id, by=by)
        today = today_of(by, now)
        which = monday(week or today)
        if which < monday(today):
            raise refuse("review.week-past", "A review is planned for a week to come", place="week")
        owner = owner_id or by.id
        check_owner(owner, kind, by=by)
        if any(each.kind == kind.value for each in reviews.under_way(by.site_id, [row.pk])[row.pk]):
            raise refuse("review.open-already", "Such a review of this patient is open already")
        need = models.ReviewNeed.objects.filter(patient=row).first()
        made = _made(row, kind, which, owner, need, by=by, now=now)
        return Deed(f"patient:{row.pk}", {"kind": kind.value}, {"review": made.pk}, sealed=[made])

    on = week.isoformat() if week else None
    request = {"patient": patient_id, "kind": kind.value, "week": on, "owner": owner_id}
    return once("review.plan_one", by=by, now=now, key=key, request=request, do=do)


def owners(kind: ReviewKind) -> tuple[Role, ...]:
    """Who does reviews of a kind."""
    if kind is ReviewKind.STRUCTURED:
        return (Role.PHARMACIST, Role.PRESCRIBER)
    return MAY_PLAN


def check_owner(person_id: int, kind: ReviewKind, *, by: Person, place: str = "owner") -> None:
    """Raises `Refused` (``review.no-person``) unless they are of the team and do such reviews."""
    who = next((one for one in people.team(by.site_id) if one.id == person_id), None)
    if who is None or not who.has(*owners(kind)):
        raise refuse("review.no-person", "Choose somebody who does such reviews", place=place)


def may_plan(by: Person) -> None:
    """Raises `Refused` (``review.role``) for who has no part in reviews."""
    if not by.has(*MAY_PLAN):
        raise refuse("review.role", f"Reviews are for the clinical team; you are signed in as {by.title}")


def today_of(by: Person, now: datetime) -> date:
    """The day at the site of the person."""
    site = models.Site.objects.get(pk=by.site_id)
    return now.astimezone(ZoneInfo(site.time_zone)).date()


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
