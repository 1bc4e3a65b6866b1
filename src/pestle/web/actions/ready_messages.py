"""A patient's wish how to be told is recorded, and patients are told that something is ready. Nothing is sent
from here: what is made is a file of texts for a sending service, and letters to be printed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID, uuid5

from pestle.pharmacy.dispensary.ready_message import (
    WAYS,
    Wish,
    mobile,
    offered,
    tell_refusal,
    wish_refusals,
    words_refusals,
)
from pestle.pharmacy.dispensary.uncollected import Way
from pestle.pharmacy.people import Person
from pestle.pharmacy.refusal import Refused, refuse
from pestle.web.actions.bags import MAY_PUT
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.store import bags, models

_BATCHES = UUID("0b7f1c52-6f0e-5d3a-9a40-6f2b8c1d7e11")


def record_wish(*, by: Person, now: datetime, key: str, patient_id: int, wish: Wish, told_by: str) -> Outcome:
    """Records how a patient agreed to be told that something is ready, or that they do not want to be.

    Raises `Refused`: ``bag.role``, ``patient.unknown``, ``contact.number``, and those of `wish_refusals`.
    """

    def do() -> Deed:
        _may_tell(by)
        if not models.Patient.objects.filter(pk=patient_id, site=by.site_id).exists():
            raise refuse("patient.unknown", "There is no such patient at this site")
        found = list(wish_refusals(wish, told_by=told_by))
        if found:
            raise Refused(*found)
        row = models.ContactWish.objects.create(
            patient_id=patient_id, way=wish.way.value if wish.way else "",
            number=mobile(wish.number) if wish.way is Way.TEXT else "", told_by=told_by.strip()[:120],
            by_id=by.id, at=now,
        )  # fmt: skip
        return Deed(f"patient:{patient_id}", {"way": row.way}, {"patient": patient_id}, sealed=[row])

    request = {"patient": patient_id, "way": wish.way.value if wish.way else "", "number": wish.number,
               "told_by": told_by}  # fmt: skip
    return once("record.contact_wish", by=by, now=now, key=key, request=request, do=do)


def tell(*, by: Person, now: datetime, key: str, words: Mapping[int, tuple[Way, str]]) -> Outcome:
    """Tells the patients of these bags, in one batch: by which way and in which words, by the bag's id. Its
    result names the batch.

    Raises `Refused`, and tells nobody: ``bag.role``, ``bag.unknown``, ``ready-message.nobody``, and those of
    `tell_refusal` and `words_refusals`. Two bags of one patient are told once, by the first of them.
    """
    batch = uuid5(_BATCHES, f"{by.site_id} {key}")

    def do() -> Deed:
        _may_tell(by)
        if not words:
            raise refuse("ready-message.nobody", "There is nobody to be told")
        made = [_told(bag_id, *words[bag_id], batch=batch, by=by, now=now) for bag_id in sorted(words)]
        rows = [row for row in made if row is not None]
        detail = {"batch": str(batch), "bags": [row.bag_id for row in rows]}
        ways = {way.value: sum(row.way == way.value for row in rows) for way in WAYS}
        return Deed(f"site:{by.site_id}", detail, {"batch": str(batch), **ways}, sealed=rows)

    request = {"words": {str(pk): [way.value, said] for pk, (way, said) in words.items()}}
    return once("bag.tell", by=by, now=now, key=key, request=request, do=do)


def tell_all(*, by: Person, now: datetime, key: str, seen: Collection[int]) -> Outcome:
    """Tells everybody whose bag is among those `seen` on the list, who was not told since it is ready, and
    agreed to a text or a letter; in the words that are offered. What became ready after the list was shown
    waits for the next.

    Raises `Refused`: those of `tell`.
    """
    site = models.Site.objects.get(pk=by.site_id)
    said = offered(pharmacy=site.name, telephone=site.telephone)
    words = {
        bag.bag.pk: (wish.way, said)
        for bag, wish in to_be_told(by.site_id)
        if bag.bag.pk in seen and wish is not None and wish.way is not None
    }
    return tell(by=by, now=now, key=key, words=words)


def to_be_told(site_id: int) -> list[tuple[bags.BagAt, Wish | None]]:
    """Bags that are here and whose patients were not told since they are ready, one of each patient, with
    what they agreed to (None: nobody has asked). Who wants to be told neither way is left out."""
    waiting = [bag for bag in bags.of_site(site_id) if not bag.is_told and bag.stop is None]
    waiting.sort(key=lambda bag: bag.ready_at, reverse=True)
    one_each = {bag.patient.pk: bag for bag in waiting}
    wishes = bags.wishes(one_each)
    found = [(bag, wishes.get(patient)) for patient, bag in one_each.items()]
    asked = [(bag, wish) for bag, wish in found if wish is None or wish.way is not None]
    return sorted(asked, key=lambda one: (one[0].ready_at, one[0].bag.pk))


def _told(
    bag_id: int, way: Way, words: str, *, batch: UUID, by: Person, now: datetime
) -> models.ReadyMessage | None:
    """The message about one bag; None where this batch has told the patient already."""
    bag = bags.locked(bag_id, site_id=by.site_id)
    # Whoever tells the same patient of another bag waits here.
    patient = models.Patient.objects.select_for_update().get(pk=bag.bag.patient_id)
    if models.ReadyMessage.objects.filter(patient=patient, batch=batch).exists():
        return None
    if not bag.prescriptions:
        raise refuse("bag.empty", "Nothing that is ready is in this bag any more")
    wish = bags.wishes([patient.pk]).get(patient.pk)
    before = bags.told_before([patient.pk]).get(patient.pk)
    wrong = tell_refusal(wish, way, ready_at=bag.ready_at, before=before)
    names = [line.product_name for row in bag.prescriptions for line in row.lines.all()]
    found = [*([wrong] if wrong else []), *words_refusals(words, medicines=names)]
    if found:
        raise Refused(*found)
    return models.ReadyMessage.objects.create(
        patient=patient, bag=bag.bag, way=way.value, number=wish.number if wish and way is Way.TEXT else "",
        words=words.strip(), batch=batch, by_id=by.id, at=now,
    )  # fmt: skip


def _may_tell(by: Person) -> None:
    if not by.has(*MAY_PUT):
        raise refuse("bag.role", f"This is for the dispensary; you are signed in as {by.title}")
