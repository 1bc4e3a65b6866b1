"""A line is collected in instalments: its plan is entered, each instalment is prepared like what was owed and
handed out by itself, the prescriber is called after missed collections, closed days are put on record."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from pestle.pharmacy.dispensary.instalments import (
    Due,
    Given,
    History,
    Wording,
    next_collection,
    plan,
    plan_refusals,
)
from pestle.pharmacy.dispensary.owing import OwingReason
from pestle.pharmacy.dispensary.workflow import DISPENSING
from pestle.pharmacy.ledger.base_unit import amount_words
from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.pharmacy.worklist.workflow import Transition, check
from pestle.web.actions.differences import may_keep_stock
from pestle.web.actions.may_leave import last_day_of
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.store import instalments, models, prescriptions
from pestle.web.store.instalments import InstalmentsOf


def enter(
    *, by: Person, now: datetime, key: str, line_id: int, seen: int | None, begins: date,
    amounts: Sequence[int], weekdays: Collection[int], wordings: Collection[Wording],
    stop_after: int | None = None,
) -> Outcome:  # fmt: skip
    """Enters the instalments of a line as the prescription has them, before anything of it was prepared, and
    prepares the one that is collected today or next. `amounts`: base units for each day.

    Raises `Refused`: ``line.unknown``, ``line.not-open``, ``instalments.begun``, and what
    `pestle.pharmacy.dispensary.instalments` names.
    """

    def do() -> Deed:
        row, line, transition = _line(by, line_id, now=now, seen=seen)
        standing = prescriptions.standing(line)
        if standing.supplied or standing.bagged:
            raise refuse("instalments.begun", "Something of this line is prepared or has left already",
                         way_out="Put the packs back first.")  # fmt: skip
        found = plan(
            begins=begins, amounts=amounts, weekdays=weekdays, wordings=wordings, stop_after=stop_after
        )
        refusals = plan_refusals(
            found, quantity=line.wanted or 0, base=prescriptions.base(line),
            last_day=last_day_of(row, line, prescriptions.signed(row)),
        )  # fmt: skip
        _stop(*refusals)
        made = models.InstalmentPlan.objects.create(
            line=line, begins=begins, amounts=list(amounts), weekdays=sorted(weekdays),
            wordings=sorted(one.value for one in wordings), stop_after=stop_after, by_id=by.id, at=now,
        )  # fmt: skip
        day = _prepare(row, line, by=by, now=now)
        prescriptions.move(row, transition, by=by, now=now)
        detail = {"line": line.pk, "place": line.place, "collections": len(found.instalments),
                  "for": day.isoformat()}  # fmt: skip
        return Deed(f"prescription:{row.pk}", detail, {"prescription": row.pk}, sealed=[made])

    request = {
        "line": line_id, "seen": seen, "begins": begins.isoformat(), "amounts": list(amounts),
        "weekdays": sorted(weekdays), "wordings": sorted(one.value for one in wordings), "stop": stop_after,
    }  # fmt: skip
    return once("dispensary.enter_instalments", by=by, now=now, key=key, request=request, do=do)


def prepare(*, by: Person, now: datetime, key: str, line_id: int, seen: int | None) -> Outcome:
    """Sets what of a line leaves now to the instalment of today, or the next: such as when the one that was
    prepared was not collected.

    Raises `Refused`: ``line.unknown``, ``line.not-open``, ``instalments.no-plan``,
    ``instalments.put-back``, and what `due` names.
    """

    def do() -> Deed:
        row, line, transition = _line(by, line_id, now=now, seen=seen)
        day = _prepare(row, line, by=by, now=now)
        prescriptions.move(row, transition, by=by, now=now)
        detail = {"line": line.pk, "place": line.place, "for": day.isoformat()}
        return Deed(f"prescription:{row.pk}", detail, {"prescription": row.pk})

    request = {"line": line_id, "seen": seen}
    return once("dispensary.prepare_instalment", by=by, now=now, key=key, request=request, do=do)


def prescriber_said(
    *, by: Person, now: datetime, key: str, line_id: int, words: str, resumes_on: date | None
) -> Outcome:
    """Puts on record what the prescriber said about a line, and from when it goes on (None: it does not).

    Raises `Refused`: ``instalments.role``, ``line.unknown``, ``instalments.no-plan``,
    ``instalments.no-words``, ``instalments.resumes-past``.
    """

    def do() -> Deed:
        if not by.has(Role.PHARMACIST):
            raise refuse("instalments.role", f"This is for a pharmacist; you are signed in as {by.title}")
        line = models.Line.objects.filter(pk=line_id, prescription__site=by.site_id).first()
        if line is None:
            raise refuse("line.unknown", "There is no such line at this site")
        row = prescriptions.locked(line.prescription_id, site_id=by.site_id)
        _plan_of(row, line)
        if len(words.strip()) < 3:
            raise refuse(
                "instalments.no-words", "Write down whom you spoke to and what they said", place="words"
            )
        if resumes_on is not None and resumes_on < today_at(row, now):
            raise refuse("instalments.resumes-past", "It cannot go on from a day that is past",
                         place="resumes on")  # fmt: skip
        made = models.InstalmentCall.objects.create(
            line=line, words=words.strip()[:400], resumes_on=resumes_on, by_id=by.id, at=now
        )
        detail = {"line": line.pk, "resumes_on": resumes_on.isoformat() if resumes_on else None}
        return Deed(f"prescription:{row.pk}", detail, {"prescription": row.pk}, sealed=[made])

    request = {"line": line_id, "words": words, "on": resumes_on.isoformat() if resumes_on else None}
    return once("dispensary.instalment_call", by=by, now=now, key=key, request=request, do=do)


def set_closed(*, by: Person, now: datetime, key: str, on: date, closed: bool) -> Outcome:
    """Puts on record that the site is closed on a day, or is open after all. Raises `Refused`:
    ``stock.role``, ``closed-day.past``."""

    def do() -> Deed:
        may_keep_stock(by)
        site = models.Site.objects.get(pk=by.site_id)
        if on < now.astimezone(ZoneInfo(site.time_zone)).date():
            raise refuse("closed-day.past", f"{on:%d-%b-%Y} is past", place="closed on")
        made = models.ClosedDay.objects.create(site=site, on=on, closed=closed, by_id=by.id, at=now)
        detail = {"on": on.isoformat(), "closed": closed}
        return Deed(f"site:{site.pk}", detail, {"closed_day": made.pk}, sealed=[made])

    request = {"on": on.isoformat(), "closed": closed}
    return once("site.set_closed", by=by, now=now, key=key, request=request, do=do)


def owed_now(row: models.Prescription, line: models.Line, *, now: datetime) -> tuple[int, date | None, date]:
    """What of a line in instalments does not leave with the next bag, on which day the next is then
    collected, and for which day this one is. Raises `Refused` where nothing may be prepared."""
    found = _plan_of(row, line)
    standing = prescriptions.standing(line)
    prepared = found.now_or_next(today_at(row, now))
    if isinstance(prepared, Refusal):
        raise Refused(prepared)
    day, due_then = prepared
    if due_then.amount < standing.bagged:
        raise refuse("instalments.put-back", "More is picked than this instalment has",
                     way_out="Put the packs back first.")  # fmt: skip
    then = _with(found.history, day, due_then)
    return standing.rest - due_then.amount, next_collection(found.plan, then, after=day), day


def ready(
    row: models.Prescription, lines: Sequence[models.Line], plans: Mapping[int, InstalmentsOf], *,
    now: datetime,
) -> list[models.Line]:  # fmt: skip
    """Those of these lines that can be brought back to be assembled. Raises `Refused` where none can."""
    stopped = {
        pk: found
        for pk, one in plans.items()
        if isinstance(found := one.now_or_next(today_at(row, now)), Refusal)
    }
    some = [line for line in lines if line.pk not in stopped]
    if not some:
        raise Refused(*stopped.values())
    return some


def say_owed(
    line: models.Line, owed: int, promised_on: date | None, *, by: Person, now: datetime, words: str = ""
) -> None:
    """Puts on record what of a line in instalments is still to be collected, inside a running action."""
    line.owed, line.promised_on = owed, promised_on if owed else None
    line.save(update_fields=("owed", "promised_on"))
    reasons = [{"reason": OwingReason.INSTALMENT.value, "amount": owed}] if owed else []
    models.Owing.objects.create(
        line=line,
        amount=owed,
        reasons=reasons,
        promised_on=line.promised_on,
        words=words,
        by_id=by.id,
        at=now,
    )


def settle(
    found: InstalmentsOf, line: models.Line, *, by: Person, now: datetime, on: date
) -> tuple[date, ...]:
    """Brings what is owed of a line to what may still be collected after today's instalment, inside the
    hand-out; gives the days that this one is for. What was missed is not owed."""
    today = found.due_on(on)
    assert isinstance(today, Due)
    then = _with(found.history, on, today)
    after = next_collection(found.plan, then, after=on)
    left = sum(
        day.amount for day in found.plan.days if day.on > on and day.on not in then.days_given
    ) if after else 0  # fmt: skip
    rest = prescriptions.standing(line).rest - today.amount
    missed = rest - left
    words = (
        f"{amount_words(missed, prescriptions.base(line))} of missed days are not supplied" if missed else ""
    )
    say_owed(line, left, after, by=by, now=now, words=words)
    return tuple(day.on for day in today.days)


def today_at(row: models.Prescription, now: datetime) -> date:
    """The calendar day at the prescription's site."""
    return now.astimezone(ZoneInfo(row.site.time_zone)).date()


def _prepare(row: models.Prescription, line: models.Line, *, by: Person, now: datetime) -> date:
    owed, promised, day = owed_now(row, line, now=now)
    say_owed(line, owed, promised, by=by, now=now)
    line.labels.filter(withdrawn=False).update(withdrawn=True)
    return day


def _with(history: History, on: date, due_then: Due) -> History:
    given = Given(on, tuple(day.on for day in due_then.days))
    return History((*history.given, given), history.closed, history.resumed_on)


def _plan_of(row: models.Prescription, line: models.Line) -> InstalmentsOf:
    found = instalments.of_line(line, row.site)
    if found is None:
        raise refuse("instalments.no-plan", "This line is not collected in instalments")
    return found


def _line(
    by: Person, line_id: int, *, now: datetime, seen: int | None
) -> tuple[models.Prescription, models.Line, Transition]:
    found = models.Line.objects.filter(pk=line_id, prescription__site=by.site_id).first()
    if found is None:
        raise refuse("line.unknown", "There is no such line at this site")
    row = prescriptions.locked(found.prescription_id, site_id=by.site_id)
    transition = check(DISPENSING, prescriptions.task(row), "owe", by=by, now=now, seen=seen)
    line = row.lines.get(pk=line_id)
    if line.state != "open" or line.wanted is None:
        raise refuse("line.not-open", f"This line is {line.state}", place=line.medication_text)
    return row, line, transition


def _stop(*refusals: Refusal) -> None:
    if refusals:
        raise Refused(*refusals)
