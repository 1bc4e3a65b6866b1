"""Replays: what they run over, how far they are, what they counted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pestle.pharmacy.checks.finding import Severity
from pestle.pharmacy.checks.replay import Case, Change, Tally
from pestle.pharmacy.checks.tuning import Tuning, settle
from pestle.web.store import clinical, models, tunings

# A worker that has not been heard of for so long is taken to be gone.
SILENT = timedelta(minutes=3)


def claimed(replay_id: int, *, now: datetime) -> models.Replay | None:
    """The replay, taken by this worker; None unless it waits."""
    waits = models.Replay.objects.filter(pk=replay_id, state="waiting")
    if not waits.update(state="running", heard_at=now, looked_at=0, result=None, failed_because=""):
        return None
    return models.Replay.objects.select_related("site").get(pk=replay_id)


def checks(row: models.Replay) -> list[int]:
    """The clinical checks, by id, that were signed in the period; answers given later are not counted
    twice."""
    zone = ZoneInfo(row.site.time_zone)
    began = datetime.combine(row.first, time.min, zone)
    ended = datetime.combine(row.last + timedelta(days=1), time.min, zone)
    signed = models.ClinicalCheck.objects.filter(
        prescription__site=row.site_id, at__gte=began, at__lt=ended, step="clinical"
    )
    return list(signed.order_by("pk").values_list("pk", flat=True))


def standing(row: models.Replay) -> list[Tuning]:
    """What the site makes of its checks as the replay begins."""
    return tunings.standing(row.site_id)


def change(row: models.Replay) -> Change | None:
    """What the replay proposes, if it is of another severity."""
    if row.tuning is None:
        return None
    told = row.tuning
    to = Severity(told["to"]) if told["to"] else None
    return Change(told["check"], told["rule"], Severity(told["was"]), to)


def cases(check_ids: Iterable[int], taken: list[Tuning], *, on: date) -> list[Case]:
    """The prescriptions of these checks, assessed as they and their records were known at the check."""
    rows = models.ClinicalCheck.objects.filter(pk__in=list(check_ids)).select_related(
        "prescription__site", "prescription__patient", "prescription__order"
    )
    return [_case(row, taken, on) for row in rows.prefetch_related("found").order_by("pk")]


def heard(row: models.Replay, total: Tally, *, of: int, now: datetime) -> bool:
    """Says how far it is and what was counted so far; whether somebody has asked to stop."""
    row.looked_at, row.total, row.heard_at, row.result = total.prescriptions, of, now, told(total)
    row.save(update_fields=("looked_at", "total", "heard_at", "result"))
    row.refresh_from_db(fields=("stop_asked_at",))
    return row.stop_asked_at is not None


def ended(row: models.Replay, state: str, *, now: datetime, because: str = "") -> None:
    """How it ended: done, stopped, failed."""
    row.state, row.ended_at, row.failed_because = state, now, because[:200]
    row.save(update_fields=("state", "ended_at", "failed_because"))


def silent(row: models.Replay, *, now: datetime) -> bool:
    """Whether a replay that should be running has lost its worker."""
    return row.state == "running" and row.heard_at is not None and now - row.heard_at > SILENT


def rules_found(site_id: int, definition: str) -> set[tuple[str, str, str]]:
    """What the replays of a definition found here: check, rule, and the severity that the check gives."""
    rows = models.Replay.objects.filter(site_id=site_id, definition=definition)
    return {
        (each["check"], each["rule"], each["was"])
        for result in rows.values_list("result", flat=True)
        for each in (result or {"rules": ()})["rules"]
    }


def told(total: Tally) -> dict[str, Any]:
    """A tally as the row keeps it."""
    return {
        "prescriptions": total.prescriptions,
        "with_alert": total.with_alert,
        "now": dict(total.now),
        "proposed": dict(total.proposed),
        "overridden": total.overridden,
        "rules": [
            {"check": check, "rule": rule, "was": was, "number": number}
            for (check, rule, was), number in sorted(total.rules.items())
        ],
        "examples": [{**asdict(each), "why": list(each.why)} for each in total.examples],
    }


def _case(row: models.ClinicalCheck, taken: list[Tuning], on: date) -> Case:
    prescription = row.prescription
    decided = {line["line"] for line in row.decisions["lines"]}
    lines = [line for line in prescription.lines.all() if line.pk in decided]
    assessments = clinical.assess(prescription, lines, now=row.at, as_known=True)
    settled = settle(assessments, tunings=taken, on=on)
    overridden = frozenset(
        found.key for found in row.found.all() if found.approved and (found.answer or found.before_id)
    )
    return Case(prescription.pk, settled.assessments, overridden)
