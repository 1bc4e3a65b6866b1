"""Near misses and errors for people to look at: those that stand, and the whole of one."""

from __future__ import annotations

from datetime import date

from pestle.pharmacy.dispensary.near_miss import Harm, Named, NearMiss, NoticedBy, Reached, Stage
from pestle.web.store import models


def standing(site_id: int, *, since: date, kind: str = "", stage: str = "") -> list[models.NearMiss]:
    """Those of a site from a day on that stand, the newest first; one query."""
    found = models.NearMiss.objects.filter(
        site=site_id, happened_on__gte=since, followed_by=None, withdrawn=False
    )
    if kind:
        found = found.filter(kind=kind)
    if stage:
        found = found.filter(stage=stage)
    return list(found.select_related("prescription").order_by("-happened_on", "-pk"))


def about(prescription_id: int) -> list[models.NearMiss]:
    """Those of one prescription that stand, the newest first."""
    found = models.NearMiss.objects.filter(prescription=prescription_id, followed_by=None, withdrawn=False)
    return list(found.order_by("-pk"))


def whole(row: models.NearMiss) -> list[models.NearMiss]:
    """A record with all that it follows and that follows it, the newest first; a query for each."""
    told = [row]
    while (later := models.NearMiss.objects.select_related("by").filter(follows=told[0]).first()) is not None:
        told.insert(0, later)
    while told[-1].follows_id is not None:
        told.append(models.NearMiss.objects.select_related("by").get(pk=told[-1].follows_id))
    return told


def value(row: models.NearMiss) -> NearMiss:
    """The record as it was told."""
    return NearMiss(
        kind=row.kind, stage=Stage(row.stage), happened_on=row.happened_on, reached=Reached(row.reached),
        harm=Harm(row.harm), noticed_by=NoticedBy(row.noticed_by), words=row.words,
        meant=_named(row.meant_id, row.meant_name), picked=_named(row.picked_id, row.picked_name),
        factors=tuple(row.factors), learned=row.learned, done=row.done, candour=row.candour,
    )  # fmt: skip


def _named(product_id: str, name: str) -> Named | None:
    return Named(product_id, name) if name else None
