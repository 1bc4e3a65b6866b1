"""Bags that are ready: what is in each, where its parts lie, whether it is out, whether its patient was told.

What is in a bag follows from the book: the last content of each prescription that is ready. The number of
queries does not depend on how many bags there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from pestle.pharmacy.dispensary.bag import Lying, Part, out_refusal
from pestle.pharmacy.dispensary.ready_message import ToldBefore, Wish
from pestle.pharmacy.dispensary.round import OUT, StopState
from pestle.pharmacy.dispensary.uncollected import Way
from pestle.pharmacy.dispensary.workflow import HAND_OUT
from pestle.pharmacy.refusal import Refusal, refuse
from pestle.web.store import models


@dataclass(frozen=True, slots=True)
class BagAt:
    """A bag with something ready in it. `where` has the last put of each of its parts, None where it was put
    nowhere yet; `stop` is the stop of a round that it is on; `tries` how often it came back; `speak` whether
    a pharmacist speaks to the patient first."""

    bag: models.Bag
    prescriptions: tuple[models.Prescription, ...]
    contents: tuple[models.BagContent, ...]
    where: Mapping[Part, models.BagPut | None]
    stop: models.RoundStop | None
    told: ToldBefore | None
    tries: int
    speak: bool

    @property
    def patient(self) -> models.Patient:
        """Whose it is."""
        return self.bag.patient

    @property
    def parts(self) -> tuple[Part, ...]:
        """Its parts, in their order."""
        return tuple(self.where)

    @property
    def last_day(self) -> date | None:
        """The last day on which every controlled drug in it may be supplied; None where there is none."""
        return min((one.last_day for one in self.contents if one.last_day), default=None)

    @property
    def ready_at(self) -> datetime:
        """Since when the last of it is ready."""
        return max(one.step_since for one in self.prescriptions)

    @property
    def out_with(self) -> str:
        """Who has it on a round that has left; empty while it is here."""
        out = self.stop is not None and self.stop.round.step == OUT
        return self.stop.round.driver if self.stop is not None and out else ""

    @property
    def is_told(self) -> bool:
        """Whether the patient was told of all that is in it."""
        return self.told is not None and self.told.at >= self.ready_at

    def shelf_of(self, part: Part) -> models.BagShelf | None:
        """The shelf on which a part lies; None where it lies on none."""
        put = self.where[part]
        return put.shelf if put else None

    @property
    def lying(self) -> Lying:
        """The bag as the rules see it."""
        return Lying(self.bag.pk, self.bag.patient_id, len(self.prescriptions), frozenset(self.parts),
                     self.out_with)  # fmt: skip


def of_site(site_id: int) -> list[BagAt]:
    """Every bag with something ready in it."""
    return _bags(models.Prescription.objects.filter(site=site_id))


def of_patients(patients: Collection[int]) -> list[BagAt]:
    """Those of these patients."""
    return _bags(models.Prescription.objects.filter(patient__in=patients))


def of_prescriptions(prescriptions: Collection[int]) -> dict[int, BagAt]:
    """The bag of each of these that are ready, with all else that is in it, by the prescription's id."""
    newest = models.BagContent.objects.filter(prescription__in=prescriptions).values_list(
        "prescription__patient", flat=True
    )
    found = of_patients(set(newest)) if prescriptions else []
    return {row.pk: bag for bag in found for row in bag.prescriptions if row.pk in prescriptions}


def bag(site_id: int, bag_id: int) -> BagAt | None:
    """One bag of the site; also an empty one. None where there is no such bag."""
    row = models.Bag.objects.select_related("patient").filter(pk=bag_id, site=site_id).first()
    if row is None:
        return None
    found = next((one for one in of_patients([row.patient_id]) if one.bag.pk == bag_id), None)
    return found or emptied(row)


def emptied(row: models.Bag) -> BagAt:
    """A bag from which everything has gone."""
    return BagAt(row, (), (), {}, None, None, 0, False)


def locked(bag_id: int, *, site_id: int) -> BagAt:
    """One bag, locked against others for the rest of this transaction. Raises `Refused` (``bag.unknown``)."""
    found = list(models.Bag.objects.select_for_update().filter(pk=bag_id, site=site_id))
    held = bag(site_id, bag_id) if found else None
    if held is None:
        raise refuse("bag.unknown", "There is no such bag at this site", place="scan")
    return held


def out(prescription_id: int) -> Refusal | None:
    """Why nothing is done with a prescription whose bag is out on a round: ``bag.out``."""
    content = models.BagContent.objects.filter(prescription=prescription_id).order_by("pk").last()
    if content is None:
        return None
    stops = models.RoundStop.objects.filter(
        bag=content.bag_id, state=StopState.ON.value, round__step=OUT
    ).select_related("round")
    found = stops.first()
    return out_refusal(found.round.driver if found else "")


def shelves(site_id: int, *, used: bool = True) -> list[models.BagShelf]:
    """The shelves of a site by kind and name, numbers in their order; those no longer used too, if asked."""
    rows = models.BagShelf.objects.filter(site=site_id)
    order = [part.value for part in Part]
    found = rows.filter(used=True) if used else rows
    return sorted(found, key=lambda one: (order.index(one.part), in_order(one.name)))


def book(bag_id: int) -> list[models.BagPut]:
    """Where its parts were put, the oldest first."""
    rows = models.BagPut.objects.filter(bag=bag_id).select_related("shelf", "round", "by")
    return list(rows.order_by("pk"))


def wishes_of(patient_id: int) -> list[models.ContactWish]:
    """How a patient agreed to be told, the last first."""
    return list(models.ContactWish.objects.filter(patient=patient_id).select_related("by").order_by("-pk"))


def wish(patient_id: int) -> models.ContactWish | None:
    """How a patient agreed to be told; None where nobody has asked."""
    rows = models.ContactWish.objects.filter(patient=patient_id).select_related("by")
    return rows.order_by("pk").last()


def wishes(patients: Collection[int]) -> dict[int, Wish]:
    """The same of many, as values."""
    rows = models.ContactWish.objects.filter(patient__in=patients).order_by("pk")
    return {row.patient_id: wish_value(row) for row in rows}


def wish_value(row: models.ContactWish) -> Wish:
    """A wish as a value."""
    return Wish(Way(row.way) if row.way else None, row.number)


def told_before(patients: Collection[int]) -> dict[int, ToldBefore]:
    """The last message to each of these patients."""
    rows = models.ReadyMessage.objects.filter(patient__in=patients).select_related("by").order_by("pk")
    return {row.patient_id: ToldBefore(row.at, Way(row.way), row.by.full_name) for row in rows}


def _bags(rows: QuerySet[models.Prescription]) -> list[BagAt]:
    ready = {
        row.pk: row
        for row in rows.filter(step=HAND_OUT)
        .select_related("patient", "site", "order")
        .prefetch_related("lines")
        .defer("search", "done")
    }
    newest = {
        one.prescription_id: one
        for one in models.BagContent.objects.filter(prescription__in=ready)
        .select_related("bag__patient")
        .order_by("pk")
    }
    held: dict[int, list[models.BagContent]] = defaultdict(list)
    for one in sorted(newest.values(), key=lambda one: one.prescription_id):
        held[one.bag_id].append(one)
    if not held:
        return []
    puts: dict[int, dict[str, models.BagPut]] = defaultdict(dict)
    for put in models.BagPut.objects.filter(bag__in=held).select_related("shelf", "round").order_by("pk"):
        puts[put.bag_id][put.part] = put
    on = models.RoundStop.objects.filter(bag__in=held, state=StopState.ON.value).select_related("round")
    stops = {stop.bag_id: stop for stop in on}
    told = told_before({contents[0].bag.patient_id for contents in held.values()})
    tries, speak = _tries(ready), _to_speak(ready)
    return [
        BagAt(
            contents[0].bag,
            tuple(ready[one.prescription_id] for one in contents),
            tuple(contents),
            {
                part: puts[bag_id].get(part.value)
                for part in Part
                if any(part.value in one.parts for one in contents)
            },
            stops.get(bag_id),
            told.get(contents[0].bag.patient_id),
            max(tries[one.prescription_id] for one in contents),
            any(one.prescription_id in speak for one in contents),
        )
        for bag_id, contents in held.items()
    ]


def _tries(ready: Mapping[int, models.Prescription]) -> dict[int, int]:
    """How often each of these came back from a round since it is ready, in whichever bag it lay."""
    rows = models.DeliveryAttempt.objects.exclude(failed="").filter(
        stop__bag__contents__prescription__in=ready
    )
    # A bag may name a prescription more than once, an attempt at it counts once.
    attempts = set(rows.values_list("pk", "stop__bag__contents__prescription", "recorded_at"))
    found: dict[int, int] = defaultdict(int)
    for _, prescription, at in attempts:
        if prescription in ready and at >= ready[prescription].step_since:
            found[prescription] += 1
    return found


def _to_speak(ready: Collection[int]) -> frozenset[int]:
    rows = models.SpeakFirst.objects.filter(prescription__in=ready, answers=None, answered_by=None)
    about = rows.select_related("line")
    return frozenset(one.prescription_id for one in about if one.line is None or one.line.state == "open")


def in_order(name: str) -> Sequence[object]:
    """A9 before A10."""
    letters = name.rstrip("0123456789")
    digits = name[len(letters) :]
    return letters.casefold(), int(digits) if digits else -1
