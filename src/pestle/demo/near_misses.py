"""A dozen near misses and errors of the last eight weeks, all told through the actions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pestle.demo.journey import Bench
from pestle.demo.messages import name_id
from pestle.pharmacy.dispensary.near_miss import Harm, Named, NearMiss, NoticedBy, Reached, Stage
from pestle.web.actions import near_misses
from pestle.web.store import models
from pestle.web.store import near_misses as stored
from pestle.web.store.knowledge import dictionary


class _Told(NamedTuple):
    """So many days ago, by whom, and what; the medicines by their names in the dictionary."""

    days: int
    by: str
    kind: str
    stage: Stage
    words: str
    meant: str = ""
    picked: str = ""
    factors: tuple[str, ...] = ()
    learned: str = ""
    done: str = ""
    noticed_by: NoticedBy = NoticedBy.CHECKER
    reached: Reached = Reached.NO
    candour: str = ""


_AMLODIPINE_5, _AMLODIPINE_10 = "Amlodipine 5mg tablets", "Amlodipine 10mg tablets"
_ATENOLOL = "Atenolol 50mg tablets"
_TOLD = (
    _Told(54, "adam", "strength", Stage.ASSEMBLY, "10 mg in the bag, 5 mg prescribed", _AMLODIPINE_5,
          _AMLODIPINE_10, ("look_alike", "shelf")),
    _Told(47, "adam", "quantity", Stage.ASSEMBLY, "One box of two", factors=("interrupted",)),
    _Told(45, "ruth", "medicine", Stage.ASSEMBLY, "Atenolol in the bag", _AMLODIPINE_5, _ATENOLOL,
          ("look_alike", "busy"), "They stand beside each other", "A divider between the two"),
    _Told(38, "adam", "label", Stage.LABEL, "“Daily” where the prescription says at night",
          factors=("entry",)),
    _Told(33, "adam", "strength", Stage.ASSEMBLY, "5 mg in the bag, 10 mg prescribed", _AMLODIPINE_10,
          _AMLODIPINE_5, ("look_alike",)),
    _Told(31, "tess", "swapped", Stage.LABEL, "The labels of two lines changed places", factors=("busy",),
          noticed_by=NoticedBy.SELF),
    _Told(26, "ruth", "bag", Stage.HAND_OUT, "A second patient's inhaler lay in the bag",
          factors=("interrupted", "busy"), noticed_by=NoticedBy.PATIENT, reached=Reached.YES,
          learned="Bags of one family stood open side by side",
          done="One bag is closed before the next is opened",
          candour="Told at the counter and by letter; the inhaler was not used and came back the same day"),
    _Told(22, "adam", "expired", Stage.ASSEMBLY, "Expires this month, is for 28 days", factors=("shelf",)),
    _Told(17, "adam", "strength", Stage.ASSEMBLY, "10 mg in the bag, 5 mg prescribed", _AMLODIPINE_5,
          _AMLODIPINE_10, ("look_alike", "tired"), "Third time in two months",
          "The strengths stand on two shelves now"),
    _Told(12, "leon", "missed", Stage.ASSEMBLY, "The fridge item was left in the fridge",
          factors=("interrupted",), noticed_by=NoticedBy.COLLEAGUE),
    _Told(8, "adam", "form", Stage.ENTRY, "Tablets chosen, capsules written", factors=("entry",)),
    _Told(4, "adam", "quantity", Stage.ASSEMBLY, "A part pack counted as a full one", factors=("split",)),
)  # fmt: skip


def told(bench: Bench) -> Iterator[datetime]:
    """Each on its day; one is followed by a correction an hour later."""
    zone = ZoneInfo(bench.site.time_zone)
    for number, one in enumerate(_TOLD):
        at = bench.now - timedelta(days=one.days)
        yield at
        made = near_misses.record(
            by=bench.people[one.by], now=at, key=name_id("near miss", bench.site.pk, number),
            told=NearMiss(
                kind=one.kind, stage=one.stage, happened_on=at.astimezone(zone).date(), reached=one.reached,
                harm=Harm.NONE, noticed_by=one.noticed_by, words=one.words, meant=_medicine(one.meant),
                picked=_medicine(one.picked), factors=one.factors, learned=one.learned, done=one.done,
                candour=one.candour,
            ),
        )  # fmt: skip
        if one.kind == "form":
            at += timedelta(hours=1)
            yield at
            row = models.NearMiss.objects.get(pk=made.result["near_miss"])
            near_misses.correct(
                by=bench.people["ruth"], now=at, key=name_id("near miss corrected", bench.site.pk, number),
                near_miss_id=row.pk, told=replace(stored.value(row), learned="The list shows tablets first"),
                because="what was learned was missing",
            )  # fmt: skip


def _medicine(name: str) -> Named | None:
    if not name:
        return None
    product = next(one for one in dictionary().products() if one.name == name)
    return Named(product.id, product.name)
