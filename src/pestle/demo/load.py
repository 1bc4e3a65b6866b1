"""Makes the invented pharmacy: its site, people, stock, prescriptions and messages, all through the actions.

What is told of the last weeks is done in the order of its times, in one transaction: a demo that is broken
off half way leaves nothing behind.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from pestle.demo import (
    bags,
    controlled,
    drive,
    in_charge,
    inventory,
    letters,
    measures,
    near_misses,
    paper,
    payment,
    queries,
    records,
    stock,
    surgery,
)
from pestle.demo.checks import made_of_checks
from pestle.demo.journey import Bench, journey
from pestle.demo.messages import name_id
from pestle.demo.patients import patients
from pestle.demo.people import SITE_CODE, make_people, make_site
from pestle.demo.refused import Arrival, arrivals
from pestle.demo.story import stories
from pestle.web.actions import messages
from pestle.web.store import models

_OPEN_FOR = timedelta(days=90)
_CLOSED_BY_NOW = "delivery-note.txt"


def _quiet(_: str) -> None:
    """Says nothing."""


def make_demo(*, now: datetime, say: Callable[[str], None] = _quiet) -> bool:
    """Fills the database with the demo site as it stands at `now`; `say` is told how it goes.

    Gives whether anything was made: a database that holds the site already is left as it is. The dictionary
    of the settings must hold the starter formulary and the demo's packs.
    """
    if models.Site.objects.filter(code=SITE_CODE).exists():
        return False
    with transaction.atomic():
        say("site and people")
        opened = now - _OPEN_FOR
        site = make_site(now=opened)
        bench = Bench(site, make_people(site, now=opened), patients(on=now.date()), now)
        say("stock, prescriptions, messages, records and checks")
        acts = [*_stock(bench), *_journeys(bench), *_messages(bench), *records.acts(bench)]
        acts += [*queries.acts(bench), *in_charge.acts(bench), near_misses.told(bench)]
        acts += paper.acts(bench)
        acts += bags.acts(bench, opened=opened)
        _run([*acts, made_of_checks(bench)], until=now)
        say("the practice and its list")
        made = surgery.make_practice(now=now)
        measures.ask(made)
        letters.make_letters(site=made.site, people=made.people, now=now)
    return True


def _run(acts: list[Iterator[datetime]], *, until: datetime) -> None:
    """Does everything in the order of its time. Each iterator gives the moment of its next act."""
    waiting = [(at, number) for number, act in enumerate(acts) if (at := next(act, None)) is not None]
    heapq.heapify(waiting)
    while waiting:
        at, number = heapq.heappop(waiting)
        if at > until:
            raise ValueError(f"a story of the demo reaches {at - until} into the future")
        following = next(acts[number], None)
        if following is not None:
            heapq.heappush(waiting, (following, number))


def _stock(bench: Bench) -> Iterator[Iterator[datetime]]:
    keeper = bench.people["leon"]
    zone = ZoneInfo(bench.site.time_zone)

    def come(delivery: stock.Delivery) -> Iterator[datetime]:
        at = bench.now - timedelta(days=delivery.days)
        yield at
        stock.deliver(delivery, by=keeper, now=at)

    def recalled() -> Iterator[datetime]:
        at = bench.now - timedelta(days=6)
        yield at
        stock.recall(by=bench.people["ruth"], now=at)

    for delivery in stock.deliveries(on=bench.now.astimezone(zone).date()):
        yield come(delivery)
    yield recalled()
    yield inventory.put_in_order(by=keeper, opened=bench.now - _OPEN_FOR)
    yield inventory.count_the_fridge(by=keeper, other=bench.people["tess"], opened=bench.now - _OPEN_FOR)
    yield inventory.miss_two(by=keeper, other=bench.people["tess"], opened=bench.now - _OPEN_FOR)
    yield inventory.keep_cold(by=keeper, opened=bench.now - _OPEN_FOR)
    yield inventory.order_packs(by=keeper, opened=bench.now - _OPEN_FOR)
    yield payment.rounds(by=keeper, pharmacist=bench.people["ruth"], site=bench.site, now=bench.now)
    yield controlled.rounds(by=keeper, second=bench.people["adam"], now=bench.now)


def _journeys(bench: Bench) -> Iterator[Iterator[datetime]]:
    """A patient is asked about allergies at the first of their prescriptions."""
    met: set[str] = set()
    for story in sorted(stories(), key=bench.came):
        yield journey(story, bench, new_patient=story.patient not in met)
        met.add(story.patient)


def _messages(bench: Bench) -> Iterator[Iterator[datetime]]:
    for arrival in arrivals(bench):
        yield _arrive(arrival, bench)


def _arrive(arrival: Arrival, bench: Bench) -> Iterator[datetime]:
    tess = bench.people["tess"]
    yield arrival.at
    taken = drive.receive(arrival.data, name=arrival.name, by=tess, now=arrival.at)
    if arrival.name == _CLOSED_BY_NOW:
        at = arrival.at + timedelta(minutes=5)
        yield at
        messages.close_refused(
            by=tess,
            now=at,
            key=name_id("close", arrival.name),
            message_id=int(taken.result["message"]),
            note="Not a prescription: a supplier's delivery note, passed on to Mo",
        )
