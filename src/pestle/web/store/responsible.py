"""The pharmacy record, read as values: how it stands, one day of it, the whole of it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pestle.pharmacy.dispensary import responsible
from pestle.pharmacy.dispensary.responsible import Entry, InCharge, Step
from pestle.pharmacy.people import Person
from pestle.pharmacy.refusal import Refusal
from pestle.web.store import models, people


def value(row: models.ResponsibleEntry) -> Entry:
    """The entry as a value."""
    return Entry(Step(row.step), row.pharmacist_id, row.name, row.registration, row.at)


def in_charge(site_id: int) -> InCharge:
    """How it stands, from the entries since somebody last signed on."""
    last: list[models.ResponsibleEntry] = []
    for row in models.ResponsibleEntry.objects.filter(site=site_id).order_by("-pk").iterator(20):
        last.append(row)
        if row.step in (Step.ON.value, Step.OFF.value):
            break
    if last and last[-1].step == Step.OFF.value:
        last.pop()
    return responsible.in_charge(value(row) for row in reversed(last))


def elsewhere(person: Person) -> str:
    """The name of other premises at which this person is signed on; empty for none."""
    others = models.Membership.objects.filter(user=person.id).exclude(site=person.site_id)
    for membership in others.select_related("site"):
        if in_charge(membership.site_id).pharmacist_id == person.id:
            return membership.site.name
    return ""


def supply_refusal(site: models.Site, by: Person) -> Refusal | None:
    """Why this person may hand nothing out now; None when they may, or where the law asks for nobody."""
    if not responsible.applies(people.site(site)):
        return None
    return responsible.supply_refusal(by, now=in_charge(site.pk))


def latest(site_id: int) -> models.ResponsibleEntry | None:
    """The last entry."""
    return models.ResponsibleEntry.objects.filter(site=site_id).order_by("-pk").first()


def absent_today(site: models.Site, *, now: datetime) -> timedelta:
    """How long the responsible pharmacists were absent on this day of the premises, so far."""
    zone = ZoneInfo(site.time_zone)
    day = now.astimezone(zone).date()
    rows = models.ResponsibleEntry.objects.filter(site=site).order_by("pk")
    began = datetime.combine(day, time(), zone)
    # An absence that lasted over midnight began at the entry before.
    before = rows.filter(at__lt=began).last()
    found = [*([before] if before else []), *rows.filter(at__gte=began)]
    return responsible.absent_on([value(row) for row in found], day=day, zone=zone, now=now)


def record(site: models.Site, *, first: date, last: date) -> list[models.ResponsibleEntry]:
    """Every entry from one day to another, the oldest first."""
    zone = ZoneInfo(site.time_zone)
    began = datetime.combine(first, time(), zone)
    ends = datetime.combine(last + timedelta(days=1), time(), zone)
    rows = models.ResponsibleEntry.objects.filter(site=site, at__gte=began, at__lt=ends)
    return list(rows.select_related("by").order_by("pk"))
