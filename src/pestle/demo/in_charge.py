"""Who was the responsible pharmacist of the invented pharmacy, day by day?

Ruth and Samuel take turns; Ruth leaves for half an hour in the evening and can be reached. Today it is Ruth.
What a pharmacist must still speak about with a patient is set here too.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from pestle.demo.journey import Bench
from pestle.demo.messages import name_id
from pestle.demo.story import stories
from pestle.pharmacy.dispensary.responsible import Arrangement
from pestle.web.actions import responsible, speaking
from pestle.web.store import models

# Before anything of today is handed out, and after everything of the day before was.
_TODAY_SINCE = timedelta(hours=5)
_OPENS, _AWAY, _CLOSES = time(8, 30), time(17, 15), time(18)


def acts(bench: Bench) -> Iterator[Iterator[datetime]]:
    """The days, and the conversation that is wanted."""
    yield _days(bench)
    yield _conversation(bench)


def _days(bench: Bench) -> Iterator[datetime]:
    ruth, samuel = bench.people["ruth"], bench.people["samuel"]
    begins = bench.now - _TODAY_SINCE
    for days in sorted({story.days for story in stories() if story.days}, reverse=True):
        opens, left, closes = (_at(bench, days, clock) for clock in (_OPENS, _AWAY, _CLOSES))
        by = samuel if days % 2 else ruth
        yield opens
        responsible.sign_on(by=by, now=opens, key=name_id("on", days))
        if by is ruth:
            yield left
            away = Arrangement(contactable=True)
            responsible.leave(by=by, now=left, key=name_id("away", days), arrangement=away)
            back = left + timedelta(minutes=30)
            yield back
            responsible.come_back(by=by, now=back, key=name_id("back", days))
        off = min(closes, begins - timedelta(minutes=30))
        yield off
        responsible.sign_off(by=by, now=off, key=name_id("off", days))
    yield begins
    responsible.sign_on(by=ruth, now=begins, key=name_id("on today"))


def _at(bench: Bench, days: int, clock: time) -> datetime:
    zone = ZoneInfo(bench.site.time_zone)
    day = bench.now.astimezone(zone).date() - timedelta(days=days)
    return datetime.combine(day, clock, zone).astimezone(bench.now.tzinfo)


def _conversation(bench: Bench) -> Iterator[datetime]:
    """A dose was doubled: the pharmacist wants a word before the bag leaves."""
    at = bench.now - timedelta(minutes=40)
    yield at
    row = models.Prescription.objects.get(order__message__name="r08.json")
    speaking.must_speak(
        by=bench.people["ruth"], now=at, key=name_id("speak", "r08"), prescription_id=row.pk, seen=None,
        wanted=speaking.Wanted(None, "The furosemide was doubled: her weight each morning, and when to ring"),
    )  # fmt: skip
