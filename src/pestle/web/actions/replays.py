"""Replays: begun by a pharmacist or a manager, before a definition or another severity is switched on;
stopped; begun again when their worker was lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from pestle.pharmacy.checks.finding import Severity
from pestle.pharmacy.checks.replay import Change
from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.refusal import refuse
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.store import models, replays
from pestle.web.store.definitions import known

MAY_REPLAY = (Role.PHARMACIST, Role.MANAGER)
LONGEST = timedelta(days=731)


def begin(
    *,
    by: Person,
    now: datetime,
    key: str,
    definition: str,
    first: date,
    last: date,
    change: Change | None,
    start: Callable[[int], None],
) -> Outcome:
    """Queues a replay of a definition over the prescriptions checked from `first` to `last`, both included;
    with `change`, of another severity of one of its rules. `start` puts it into the queue, see `jobs.replay`.

    Raises `Refused`: ``replay.role``, ``definition.unknown``, ``replay.period``, ``replay.change``.
    """

    def do() -> Deed:
        _may(by)
        if definition not in known():
            raise refuse("definition.unknown", "There is no such definition of a check", place="definition")
        site = models.Site.objects.get(pk=by.site_id)
        today = now.astimezone(ZoneInfo(site.time_zone)).date()
        if not first <= last <= today or last - first > LONGEST:
            raise refuse("replay.period", f"A period ends today or before, and lasts at most {LONGEST.days} "
                         "days", place="first")  # fmt: skip
        if change and (Severity.NOT_ASSESSED in (change.was, change.to) or change.was is change.to):
            raise refuse("replay.change", "Another severity is a hard stop, answer needed, note or quiet",
                         place="to")  # fmt: skip
        row = models.Replay.objects.create(
            site=site,
            definition=definition,
            tuning=_told(change),
            first=first,
            last=last,
            by_id=by.id,
            at=now,
        )
        start(row.pk)
        return Deed(
            f"replay:{row.pk}", {"definition": definition, "change": _told(change)}, {"replay": row.pk}
        )

    request = {"definition": definition, "first": first.isoformat(), "last": last.isoformat(),
               "change": _told(change)}  # fmt: skip
    return once("checks.replay", by=by, now=now, key=key, request=request, do=do)


def stop(*, by: Person, now: datetime, key: str, replay_id: int) -> Outcome:
    """Asks a replay to stop: what it counted so far is kept. Raises `Refused`: ``replay.unknown``,
    ``replay.ended``."""

    def do() -> Deed:
        row = _locked(replay_id, by)
        if row.state == "waiting":
            row.state, row.ended_at = "stopped", now
        elif row.state != "running":
            raise refuse("replay.ended", "This replay has ended already")
        row.stop_asked_at = now
        row.save(update_fields=("state", "ended_at", "stop_asked_at"))
        return Deed(f"replay:{row.pk}", {}, {"replay": row.pk})

    return once("checks.stop_replay", by=by, now=now, key=key, request={"replay": replay_id}, do=do)


def again(*, by: Person, now: datetime, key: str, replay_id: int, start: Callable[[int], None]) -> Outcome:
    """Begins a replay anew that was stopped, that failed, or whose worker was lost. Raises `Refused`:
    ``replay.unknown``, ``replay.under-way``."""

    def do() -> Deed:
        row = _locked(replay_id, by)
        if row.state not in ("stopped", "failed") and not replays.silent(row, now=now):
            raise refuse("replay.under-way", "This replay is under way, or done")
        row.state, row.ended_at, row.stop_asked_at = "waiting", None, None
        row.save(update_fields=("state", "ended_at", "stop_asked_at"))
        start(row.pk)
        return Deed(f"replay:{row.pk}", {}, {"replay": row.pk})

    return once("checks.replay_again", by=by, now=now, key=key, request={"replay": replay_id}, do=do)


def _may(by: Person) -> None:
    if not by.has(*MAY_REPLAY):
        raise refuse("replay.role", f"This is for a pharmacist or manager; you are signed in as {by.title}")


def _locked(replay_id: int, by: Person) -> models.Replay:
    _may(by)
    row = models.Replay.objects.select_for_update().filter(pk=replay_id, site=by.site_id).first()
    if row is None:
        raise refuse("replay.unknown", "There is no such replay at this site")
    return row


def _told(change: Change | None) -> dict[str, str] | None:
    if change is None:
        return None
    to = change.to.value if change.to else ""
    return {"check": change.check, "rule": change.rule, "was": change.was.value, "to": to}
