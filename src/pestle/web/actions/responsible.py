"""Coming into charge of the pharmacy, leaving it for a while, returning, and ceasing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from pestle.pharmacy.dispensary.responsible import (
    Arrangement,
    Standing,
    Step,
    applies,
    check_absence,
    check_on,
    check_own,
    check_return,
    check_time,
)
from pestle.pharmacy.people import Person
from pestle.pharmacy.refusal import refuse
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.store import models, people, responsible


def sign_on(
    *,
    by: Person,
    now: datetime,
    key: str,
    take_over: bool = False,
    at: datetime | None = None,
    why: str = "",
) -> Outcome:
    """`by` becomes the responsible pharmacist; with `take_over` whoever was ceases in the same step.

    Raises `Refused`: ``responsible.not-here``, those of `check_on` and `check_time`.
    """

    def do(site: models.Site, when: datetime) -> list[models.ResponsibleEntry]:
        before = responsible.in_charge(site.pk)
        check_on(by, before=before, elsewhere=responsible.elsewhere(by), take_over=take_over)
        made = []
        if before.standing is not Standing.NOBODY:
            last = responsible.latest(site.pk)
            assert last is not None
            made.append(_entry(site, Step.OFF, by=by, at=when, now=now, why=why, like=last))
        made.append(_entry(site, Step.ON, by=by, at=when, now=now, why=why))
        return made

    return _act("sign_on", do, by=by, now=now, key=key, at=at, why=why, request={"take_over": take_over})


def sign_off(*, by: Person, now: datetime, key: str, at: datetime | None = None, why: str = "") -> Outcome:
    """`by` ceases to be the responsible pharmacist. Raises `Refused`: those of `check_own`, `check_time`."""

    def do(site: models.Site, when: datetime) -> list[models.ResponsibleEntry]:
        check_own(by, Step.OFF, before=responsible.in_charge(site.pk))
        return [_entry(site, Step.OFF, by=by, at=when, now=now, why=why)]

    return _act("sign_off", do, by=by, now=now, key=key, at=at, why=why, request={})


def leave(
    *,
    by: Person,
    now: datetime,
    key: str,
    arrangement: Arrangement,
    at: datetime | None = None,
    why: str = "",
) -> Outcome:
    """`by` leaves the premises for a while, and stays responsible.

    Raises `Refused`: those of `check_own`, `check_absence` and `check_time`.
    """

    def do(site: models.Site, when: datetime) -> list[models.ResponsibleEntry]:
        check_own(by, Step.ABSENT, before=responsible.in_charge(site.pk))
        check_absence(arrangement, absent_today=responsible.absent_today(site, now=now))
        entry = _entry(site, Step.ABSENT, by=by, at=when, now=now, why=why, arrangement=arrangement)
        return [entry]

    request = {"contactable": arrangement.contactable, "other": arrangement.other}
    return _act("leave", do, by=by, now=now, key=key, at=at, why=why, request=request)


def come_back(*, by: Person, now: datetime, key: str, at: datetime | None = None, why: str = "") -> Outcome:
    """`by` has returned. Raises `Refused`: those of `check_own`, `check_return` and `check_time`."""

    def do(site: models.Site, when: datetime) -> list[models.ResponsibleEntry]:
        check_own(by, Step.RETURNED, before=responsible.in_charge(site.pk))
        check_return(absent_today=responsible.absent_today(site, now=when), why=why)
        return [_entry(site, Step.RETURNED, by=by, at=when, now=now, why=why)]

    return _act("come_back", do, by=by, now=now, key=key, at=at, why=why, request={})


def _act(
    verb: str,
    do: Callable[[models.Site, datetime], list[models.ResponsibleEntry]],
    *,
    by: Person,
    now: datetime,
    key: str,
    at: datetime | None,
    why: str,
    request: dict[str, object],
) -> Outcome:
    def deed() -> Deed:
        # One at a time: two who sign on together find each other here.
        site = models.Site.objects.select_for_update(no_key=True).get(pk=by.site_id)
        if not applies(people.site(site)):
            raise refuse("responsible.not-here", "These premises need no responsible pharmacist")
        when = at or now
        last = responsible.latest(site.pk)
        made = do(site, when)
        check_time(when, after=last.at if last else None, now=now, why=why)
        detail = {"entries": [one.pk for one in made], "at": when.isoformat()}
        return Deed(f"site:{site.pk}", detail, {"entries": [one.pk for one in made]}, sealed=made)

    whole = {"at": at.isoformat() if at else None, "why": why, **request}
    return once(f"responsible.{verb}", by=by, now=now, key=key, request=whole, do=deed)


def _entry(
    site: models.Site,
    step: Step,
    *,
    by: Person,
    at: datetime,
    now: datetime,
    why: str,
    like: models.ResponsibleEntry | None = None,
    arrangement: Arrangement | None = None,
) -> models.ResponsibleEntry:
    """An entry about `by`, or about whoever stands in the entry `like`."""
    number = f"{by.registration.body} {by.registration.number}" if by.registration else ""
    return models.ResponsibleEntry.objects.create(
        site=site, step=step.value, at=at, recorded_at=now, by_id=by.id, why=why.strip(),
        pharmacist_id=like.pharmacist_id if like else by.id,
        name=like.name if like else by.name, registration=like.registration if like else number,
        contactable=arrangement.contactable if arrangement else None,
        other=arrangement.other.strip() if arrangement else "",
    )  # fmt: skip
