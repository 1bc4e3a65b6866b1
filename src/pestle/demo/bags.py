"""Where do the bags of the invented pharmacy lie, who was told, and how does today's delivery round go?

Two prescriptions of one patient share a bag. A round is out: at one stop nobody answered, so that its bag
comes back; the other has something from the fridge. Two bags lie on no shelf yet.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from pestle.demo.drive import PAYS
from pestle.demo.journey import Bench
from pestle.demo.messages import name_id
from pestle.pharmacy.dispensary.bag import Part
from pestle.pharmacy.dispensary.ready_message import Wish
from pestle.pharmacy.dispensary.round import Failed
from pestle.pharmacy.dispensary.uncollected import Way
from pestle.web.actions import bags, payment, ready_messages, rounds
from pestle.web.store import bags as stored
from pestle.web.store import models
from pestle.web.store.bags import BagAt

_SHELVES = (("A1..A10, B1..B10", Part.BAG), ("FRIDGE 1", Part.FRIDGE), ("CD", Part.CUPBOARD))
# The story of each bag, and the shelf of the part that lies on none of its own kind.
_LIES = {
    "r01": "A2",
    "r03": "A3",
    "r04": "A4",
    "r05": "A5",
    "r06": "B4",
    "r07": "A10",
    "r08": "B2",
    "r11": "B7",
}
_WISHES = {
    "r01": Wish(Way.TEXT, "07700 900142"),
    "r05": Wish(None),
    "r06": Wish(Way.TEXT, "07700 900318"),
    "r08": Wish(Way.LETTER),
}


def acts(bench: Bench, *, opened: datetime) -> Iterator[Iterator[datetime]]:
    """The shelves at the opening; the bags and the round of today."""
    yield _named(bench, opened)
    yield _today(bench)


def _named(bench: Bench, opened: datetime) -> Iterator[datetime]:
    yield opened
    for names, part in _SHELVES:
        key = name_id("shelves", bench.site.pk, part.value)
        bags.name_shelves(by=bench.people["mo"], now=opened, key=key, names=names, part=part)


def _today(bench: Bench) -> Iterator[datetime]:
    tess, leon = bench.people["tess"], bench.people["leon"]
    at = bench.now - timedelta(minutes=95)
    yield at
    joined, other = _bag("r08"), _bag("r10")
    bags.join(
        by=tess, now=at, key=name_id("join", joined.bag.pk), bag_id=joined.bag.pk, other_id=other.bag.pk
    )
    for story, name in _LIES.items():
        _put(_bag(story), name, bench, at)
    for story, wish in _WISHES.items():
        ready_messages.record_wish(
            by=leon, now=at, key=name_id("wish", story), patient_id=_bag(story).patient.pk, wish=wish,
            told_by="the patient",
        )  # fmt: skip
    at += timedelta(minutes=10)
    yield at
    seen = [bag.bag.pk for bag in stored.of_site(bench.site.pk)]
    ready_messages.tell_all(by=leon, now=at, key=name_id("tell", bench.site.pk), seen=seen)
    payment.record_charge(
        by=tess, now=at, key=name_id("charge", "r07"), prescription_id=_bag("r07").prescriptions[0].pk,
        declared=PAYS,
    )  # fmt: skip
    at += timedelta(minutes=10)
    yield at
    day = at.astimezone(ZoneInfo(bench.site.time_zone)).date()
    made = rounds.begin(by=tess, now=at, key=name_id("round", bench.site.pk), on=day, driver="Jo Invented")
    round_id, stops = int(made.result["round"]), []
    for story in ("r07", "r11"):
        bag = _bag(story)
        for part in bag.parts:
            loaded = rounds.load(
                by=tess, now=at, key=name_id("load", story, part.value), round_id=round_id, bag_id=bag.bag.pk,
                part=part,
            )  # fmt: skip
        stops.append(int(loaded.result["stop"]))
    at += timedelta(minutes=5)
    yield at
    rounds.leave(by=tess, now=at, key=name_id("leave", round_id), round_id=round_id, seen=None)
    yield at + timedelta(minutes=45)
    rounds.bring_back(
        by=tess, now=at + timedelta(minutes=45), key=name_id("came back", stops[0]), stop_id=stops[0],
        failed=Failed.NO_ANSWER, words="Rang twice, no light", happened_at=at + timedelta(minutes=25),
    )  # fmt: skip


def _put(bag: BagAt, name: str, bench: Bench, at: datetime) -> None:
    shelves = {one.name: one for one in stored.shelves(bench.site.pk)}
    for part in bag.parts:
        own = {Part.FRIDGE: "FRIDGE 1", Part.CUPBOARD: "CD"}.get(part, name)
        bags.put(
            by=bench.people["tess"], now=at, key=name_id("put", bag.bag.pk, own), bag_id=bag.bag.pk,
            shelf_id=shelves[own].pk,
        )  # fmt: skip


def _bag(story: str) -> BagAt:
    row = models.Prescription.objects.get(order__message__name=f"{story}.json")
    return stored.of_prescriptions([row.pk])[row.pk]
