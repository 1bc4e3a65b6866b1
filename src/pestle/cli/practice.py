"""The commands about the lists of GP practices: work them out anew, and prove them against the records."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pestle.cli.begin import say, start
from pestle.pharmacy.refusal import refuse

if TYPE_CHECKING:
    from pestle.web.store import models


def refresh(options: argparse.Namespace) -> int:
    """Work out anew who is on the monitoring list, who needs a review, and how repeats are ordered.

    For a timer in the early morning: what is in time today may be late tomorrow. Every patient of a practice
    is looked at, one after the other; people may go on working meanwhile.

    Examples:
      pestle practice refresh
      pestle practice refresh --site Y99901
    """
    start()
    from pestle.web.jobs.monitoring import work_out
    from pestle.web.store.monitoring import patients_of

    for site in _practices(options.site):
        number = 0
        for patient in patients_of(site):
            work_out(patient, now=datetime.now(UTC))
            number += 1
        say(f"{site.code}: {number} patients")
    return 0


def verify(options: argparse.Namespace) -> int:
    """Say where the lists (monitoring, reviews, ordering) say otherwise than the records; change nothing.

    One line for each patient, by id. Exit code 1 when there is any; what a new day alone changes is told too.

    Examples:
      pestle practice verify
    """
    start()
    from pestle.web.store import monitoring, ordering, review_needs

    now, wrong = datetime.now(UTC), 0
    for site in _practices(options.site):
        on = now.astimezone(ZoneInfo(site.time_zone)).date()
        found = (
            monitoring.differences(site, now=now), review_needs.differences(site, now=now),
            ordering.differences(site, on=on),
        )  # fmt: skip
        for patient, what in chain.from_iterable(found):
            say(f"{site.code}: patient {patient} {what}")
            wrong += 1
    if not wrong:
        say("The lists say what the records say.")
    return 1 if wrong else 0


def _practices(code: str | None) -> Iterator[models.Site]:
    from pestle.web.store import models
    from pestle.web.store.monitoring import follows

    found = [site for site in models.Site.objects.order_by("pk") if follows(site)]
    if code is not None:
        found = [site for site in found if site.code == code]
        if not found:
            raise refuse("practice.unknown", f"There is no GP practice with the code {code}", place="--site")
    yield from found
