"""Near misses and errors: recorded, corrected by a record that follows, withdrawn with a reason."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pestle.pharmacy.dispensary.near_miss import (
    MAY_CORRECT,
    MAY_RECORD,
    SHORTEST_WORDS,
    NearMiss,
    near_miss_refusals,
)
from pestle.pharmacy.people import Person
from pestle.pharmacy.refusal import Refused, refuse
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.store import models, near_misses
from pestle.web.store.knowledge import near_miss_vocabulary


def record(
    *, by: Person, now: datetime, key: str, told: NearMiss, prescription_id: int | None = None
) -> Outcome:
    """Records a near miss or an error, about a prescription or about nothing in particular.

    Raises `Refused`: ``near-miss.role``, ``prescription.unknown`` and all that `near_miss_refusals` names.
    """

    def do() -> Deed:
        if not by.has(*MAY_RECORD):
            raise refuse("near-miss.role", f"This is for the dispensary; you are signed in as {by.title}")
        prescription = None
        if prescription_id is not None:
            found = models.Prescription.objects.filter(pk=prescription_id, site=by.site_id)
            prescription = found.first()
            if prescription is None:
                raise refuse("prescription.unknown", "There is no such prescription at this site")
        row = _new(told, prescription=prescription, by=by, now=now)
        return _deed(row)

    return once("near_miss.record", by=by, now=now, key=key, do=do,
                request={"prescription": prescription_id, "told": _plain(told)})  # fmt: skip


def correct(
    *,
    by: Person,
    now: datetime,
    key: str,
    near_miss_id: int,
    told: NearMiss | None,
    because: str,
) -> Outcome:
    """Follows a record by a corrected one, or (`told` None) withdraws it: nothing of the kind happened.

    Whoever recorded it may, and pharmacists and managers. Raises `Refused`: ``near-miss.unknown``,
    ``near-miss.not-yours``, ``near-miss.followed``, ``near-miss.no-reason`` and those of `record`.
    """

    def do() -> Deed:
        before = (
            models.NearMiss.objects.select_for_update(of=("self",))
            .select_related("prescription")
            .filter(pk=near_miss_id, site=by.site_id)
            .first()
        )
        if before is None:
            raise refuse("near-miss.unknown", "There is no such record at this site")
        if by.id != before.by_id and not by.has(*MAY_CORRECT):
            raise refuse("near-miss.not-yours", "Whoever recorded it, a pharmacist or a manager corrects it",
                         way_out="Tell the pharmacist what is wrong.")  # fmt: skip
        if models.NearMiss.objects.filter(follows=before).exists() or before.withdrawn:
            raise refuse("near-miss.followed", "Another record follows this one already",
                         way_out="Open it and correct that one.")  # fmt: skip
        if len(because.strip()) < SHORTEST_WORDS:
            raise refuse("near-miss.no-reason", "Say why it is corrected", place="because")
        row = _new(
            near_misses.value(before) if told is None else told, prescription=before.prescription, by=by,
            now=now, follows=before, because=because.strip()[:300], withdrawn=told is None,
        )  # fmt: skip
        return _deed(row)

    return once("near_miss.correct", by=by, now=now, key=key, do=do,
                request={"near_miss": near_miss_id, "because": because,
                         "told": None if told is None else _plain(told)})  # fmt: skip


def _new(
    told: NearMiss, *, prescription: models.Prescription | None, by: Person, now: datetime, **more: Any
) -> models.NearMiss:
    site = models.Site.objects.get(pk=by.site_id)
    refusals = near_miss_refusals(
        told, vocabulary=near_miss_vocabulary(), on=now.astimezone(ZoneInfo(site.time_zone)).date(),
        handed_out=None if prescription is None else prescription.hand_outs.exists(),
    )  # fmt: skip
    # What is withdrawn may be wrong in every word of it.
    if not more.get("withdrawn") and (found := tuple(refusals)):
        raise Refused(*found)
    return models.NearMiss.objects.create(
        site=site, prescription=prescription, kind=told.kind, stage=told.stage.value,
        happened_on=told.happened_on, reached=told.reached.value, harm=told.harm.value,
        noticed_by=told.noticed_by.value, words=told.words.strip(),
        meant_id=told.meant.id if told.meant else "", meant_name=told.meant.name if told.meant else "",
        picked_id=told.picked.id if told.picked else "", picked_name=told.picked.name if told.picked else "",
        factors=list(told.factors), learned=told.learned.strip(), done=told.done.strip(),
        candour=told.candour.strip(), by_id=by.id, at=now, **more,
    )  # fmt: skip


def _deed(row: models.NearMiss) -> Deed:
    # What was typed may name a person: it stands in the record, and not in the trail.
    detail = {
        "type": row.kind, "stage": row.stage, "reached": row.reached, "follows": row.follows_id,
        "prescription": row.prescription_id, "withdrawn": row.withdrawn,
    }  # fmt: skip
    return Deed(f"near-miss:{row.pk}", detail, {"near_miss": row.pk}, sealed=[row])


def _plain(told: NearMiss) -> dict[str, Any]:
    """What is told, as the digest of a request reads it."""
    return {name: getattr(value, "value", value.isoformat() if isinstance(value, date) else value)
            for name, value in asdict(told).items()}  # fmt: skip
