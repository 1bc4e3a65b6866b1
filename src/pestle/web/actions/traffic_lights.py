"""A local list is taken in, as a version beside the ones before; agreements to share care are recorded."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from pestle.pharmacy.people import Person, SiteKind
from pestle.pharmacy.practice.medicines_list import SHORTEST
from pestle.pharmacy.practice.traffic_light import MAY_TAKE_IN, Agreement, LightList, check_agreement
from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.web.actions.documents import File, called, keep
from pestle.web.actions.medication_list import locked_patient
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.store import medicines_list, models, traffic_lights
from pestle.web.store.knowledge import list_names
from pestle.wire.tables.traffic_lights import read


@dataclass(frozen=True, slots=True)
class Arrived:
    """A list as it came, and what is said of all of it: where it is from, when that was looked at, when it is
    looked at again, and whether it was compared with its source."""

    data: bytes
    source: str
    checked_on: date
    next_review: date
    verified: bool
    name: str = ""


def take_in(*, by: Person, now: datetime, key: str, arrived: Arrived) -> Outcome:
    """Takes in a list, which counts from now on. The result has its ``version`` and how many of its
    ``entries`` the dictionary does not know (``unknown``).

    Raises `Refused`: ``light.role``, ``light.no-practice``, ``light.source``, ``light.day``, ``light.again``,
    those of `traffic_lights.read` of wire/tables, ``light.code-and-name``.
    """
    digest = hashlib.sha256(arrived.data).hexdigest()

    def do() -> Deed:
        site = models.Site.objects.select_for_update(no_key=True).get(pk=by.site_id)
        _check(arrived, site, on=now.astimezone(ZoneInfo(site.time_zone)).date(), by=by)
        before = traffic_lights.lists(by.site_id).first()
        said = (arrived.source.strip(), arrived.checked_on, arrived.next_review, arrived.verified)
        if before is not None and before.message.digest == digest and said == (
            before.source, before.checked_on, before.next_review, before.verified,
        ):  # fmt: skip
            raise refuse("light.again", f"This is version {before.version}, which counts", place="file")
        found = LightList(read(arrived.data), list_names())
        message = models.Message.objects.create(
            site_id=by.site_id, direction="in", way="upload", name=called(arrived.name), body=arrived.data,
            kind=traffic_lights.KIND, digest=digest, at=now, outcome="accepted",
            summary="Local list of traffic lights",
        )  # fmt: skip
        row = models.TrafficLightList.objects.create(
            site_id=by.site_id, version=before.version + 1 if before else 1, message=message,
            source=arrived.source.strip(), checked_on=arrived.checked_on, next_review=arrived.next_review,
            verified=arrived.verified, entries=len(found.entries), by_id=by.id, at=now,
        )  # fmt: skip
        told = {"version": row.version, "entries": row.entries, "unknown": len(found.unknown)}
        detail = told | {"digest": digest, "verified": row.verified}
        return Deed(f"traffic_lights:{row.pk}", detail, told, sealed=[row])

    request = {
        "digest": digest, "source": arrived.source, "checked": arrived.checked_on.isoformat(),
        "review": arrived.next_review.isoformat(), "verified": arrived.verified,
    }  # fmt: skip
    return once("practice.take_in_lights", by=by, now=now, key=key, request=request, do=do)


def record_agreement(
    *,
    by: Person,
    now: datetime,
    key: str,
    patient_id: int,
    listed_id: int,
    agreement: Agreement,
    document: File | None = None,
) -> Outcome:
    """Records that the care of a line is shared, or (`agreement.ended`) that it is no more.

    Raises `Refused`: ``patient.unknown``, ``list.no-such-line``, ``agreement.none`` (none stands that could
    end), those of `check_agreement` and `keep`.
    """

    def do() -> Deed:
        patient = locked_patient(patient_id, by=by)
        if not medicines_list.locked(patient, [listed_id]):
            raise refuse("list.no-such-line", "This line is not on the list of this patient")
        if agreement.ended and listed_id not in traffic_lights.agreements([listed_id]):
            raise refuse("agreement.none", "No agreement stands for this medicine")
        on = now.astimezone(ZoneInfo(patient.site.time_zone)).date()
        check_agreement(agreement, on=on, by=by)
        kind, summary = traffic_lights.DOCUMENT, "Shared-care agreement"
        kept = keep(document, kind=kind, summary=summary, by=by, now=now) if document else None
        row = models.SharedCareAgreement.objects.create(
            site_id=by.site_id, patient=patient, listed_id=listed_id, document=kept, by_id=by.id, at=now,
            specialist=agreement.specialist.strip()[:200], agreed_on=agreement.agreed_on,
            ended=agreement.ended.strip()[:300],
        )  # fmt: skip
        detail = {"agreement": row.pk, "listed": listed_id, "ended": bool(agreement.ended)}
        return Deed(f"patient:{patient.pk}", detail, {"agreement": row.pk}, sealed=[row])

    request = {
        "patient": patient_id, "listed": listed_id, "specialist": agreement.specialist,
        "agreed": agreement.agreed_on.isoformat(), "ended": agreement.ended,
        "document": document.digest if document else None,
    }  # fmt: skip
    return once("practice.record_agreement", by=by, now=now, key=key, request=request, do=do)


def _check(arrived: Arrived, site: models.Site, *, on: date, by: Person) -> None:
    found = []
    if SiteKind(site.kind) is not SiteKind.GP_PRACTICE:
        raise refuse("light.no-practice", "The list is that of a practice")
    if not by.has(*MAY_TAKE_IN):
        found.append(
            Refusal(
                "light.role", f"A manager or pharmacist takes in the list; you are signed in as {by.title}"
            )
        )
    if len(arrived.source.strip()) < SHORTEST:
        found.append(Refusal("light.source", "Say where the list is from", "source"))
    if arrived.checked_on > on:
        found.append(Refusal("light.day", "It cannot have been looked at on a day to come", "checked"))
    if arrived.next_review <= arrived.checked_on:
        found.append(Refusal("light.day", "It is looked at again after the day on which it was", "review"))
    if found:
        raise Refused(*found)
