"""Delivery rounds: locked, listed, and the stops of one with what is in their bags."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, Prefetch, When

from pestle.pharmacy.dispensary.bag import Part
from pestle.pharmacy.dispensary.round import CLOSED, StopState
from pestle.pharmacy.people import Person
from pestle.pharmacy.refusal import refuse
from pestle.pharmacy.worklist.workflow import Done, Task, Transition
from pestle.web.store import bags, models

SHOWN = 60


@dataclass(frozen=True, slots=True)
class StopAt:
    """A stop with its bag as it is now; `bag` has nothing in it any more once it was handed out."""

    row: models.RoundStop
    bag: bags.BagAt
    attempt: models.DeliveryAttempt | None

    @property
    def state(self) -> StopState:
        """How it stands."""
        return state(self.row)

    @property
    def missing(self) -> tuple[Part, ...]:
        """The parts that are not on the van yet."""
        return tuple(part for part in self.bag.parts if part.value not in self.row.loaded)


def state(row: models.RoundStop) -> StopState:
    """How a stop stands."""
    return StopState(row.state)


def locked(round_id: int, *, site_id: int) -> models.DeliveryRound:
    """The row, locked for this transaction. Raises `Refused` (``round.unknown``)."""
    row = models.DeliveryRound.objects.select_for_update().filter(pk=round_id, site=site_id).first()
    if row is None:
        raise refuse("round.unknown", "There is no such round at this site")
    return row


def task(row: models.DeliveryRound) -> Task:
    """The round as the rules of a workflow see it."""
    done = tuple(
        Done(one["verb"], one["person"], one["name"], datetime.fromisoformat(one["at"])) for one in row.done
    )
    return Task(row.step, row.version, done)


def move(row: models.DeliveryRound, transition: Transition, *, by: Person, now: datetime) -> None:
    """Takes the transition, and remembers who did it."""
    entry = {"verb": transition.verb, "person": by.id, "name": by.name, "at": now.isoformat()}
    row.done = [*row.done, entry]
    row.version += 1
    row.step = transition.to
    row.save()


def listed(site_id: int) -> list[models.DeliveryRound]:
    """The rounds of a site, those that are not closed first, then the newest; the first `SHOWN`."""
    rows = models.DeliveryRound.objects.filter(site=site_id).prefetch_related(
        Prefetch("stops", models.RoundStop.objects.exclude(state=StopState.TAKEN_OFF.value))
    )
    closed = Case(When(step=CLOSED, then=1), default=0)
    return list(rows.order_by(closed, "-on", "-pk")[:SHOWN])


def stops(row: models.DeliveryRound, *, only: Collection[int] | None = None) -> list[StopAt]:
    """The stops of a round in their order, without those that were taken off."""
    rows = models.RoundStop.objects.filter(round=row).exclude(state=StopState.TAKEN_OFF.value)
    if only is not None:
        rows = rows.filter(pk__in=only)
    found = list(rows.select_related("bag__patient", "attempt__by").order_by("place", "pk"))
    held = {one.bag.pk: one for one in bags.of_patients({stop.bag.patient_id for stop in found})}
    return [
        StopAt(
            stop,
            held.get(stop.bag_id) or bags.emptied(stop.bag),
            getattr(stop, "attempt", None),
        )
        for stop in found
    ]


def stop(site_id: int, stop_id: int) -> StopAt | None:
    """One stop of the site; None where there is none."""
    row = models.RoundStop.objects.filter(pk=stop_id, round__site=site_id).select_related("round").first()
    return next(iter(stops(row.round, only=[row.pk])), None) if row else None


def on_round(bag_id: int) -> models.RoundStop | None:
    """The stop of a round that a bag is on; None where it is on none."""
    rows = models.RoundStop.objects.filter(bag=bag_id, state=StopState.ON.value)
    return rows.select_related("round").first()


def not_put_away(found: Collection[StopAt]) -> list[StopAt]:
    """Those that came back and lie on no shelf yet, in any of their parts."""
    return [
        one
        for one in found
        if one.state is StopState.CAME_BACK and any(one.bag.shelf_of(part) is None for part in one.bag.parts)
    ]
