"""Traffic lights: the list that counts at a site, and what it says of lines with their agreements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from django.db.models import QuerySet

from pestle.pharmacy.practice.medicines_list import Listed
from pestle.pharmacy.practice.traffic_light import (
    NO_LIGHT,
    Agreement,
    Light,
    LightList,
    ListEntry,
    hospital_only,
    that_apply,
)
from pestle.pharmacy.record.medication import Medication
from pestle.web.store import medicines_list, models
from pestle.web.store.knowledge import list_names
from pestle.wire.tables.traffic_lights import read

KIND, DOCUMENT = "traffic_lights", "shared_care_agreement"
_NONE_AGREED = "; no agreement is recorded"
Key = TypeVar("Key", int, str)
_MOST_HELD = 8
# The lists that this process has read, by the digests of their files: what a file says does not change.
_held: dict[str, LightList] = {}


@dataclass(frozen=True, slots=True)
class Told:
    """What the list of the site says of one medicine: nothing where it has no `entries` of it, and where
    there is no list (`version` None). Of a line of a patient's list (`of_line`) `indication` is what it is
    recorded to be for, and `agreement` the one to share care that stands."""

    version: int | None
    entries: tuple[ListEntry, ...] = ()
    verified: bool = False
    agreement: Agreement | None = None
    indication: str = ""
    of_line: bool = False

    @property
    def apply(self) -> tuple[ListEntry, ...]:
        """The entries that are for what the line is for; all of them where that is not known."""
        return that_apply(self.entries, self.indication)

    @property
    def red(self) -> bool:
        """Whether only a hospital prescribes it."""
        return hospital_only(self.entries, self.indication)

    @property
    def shared(self) -> bool:
        """Whether it is prescribed here under an agreement."""
        return any(entry.light is Light.SHARED_CARE for entry in self.apply)

    @property
    def words(self) -> str:
        """What it says, for a person; and of shared care, whether an agreement is recorded."""
        if self.version is None:
            return "no local list of statuses was taken in"
        if not self.entries:
            return NO_LIGHT
        said = "; or ".join(entry.words for entry in self.apply)
        if self.of_line and self.shared:
            one = self.agreement
            said += f"; agreement with {one.specialist} of {one.agreed_on:%d-%b-%Y}" if one else _NONE_AGREED
        return said if self.verified else f"{said} (list not verified)"


def lists(site_id: int) -> QuerySet[models.TrafficLightList]:
    """Every version of a site, the one that counts first."""
    found = models.TrafficLightList.objects.filter(site=site_id).select_related("message", "by")
    return found.defer("message__body").order_by("-version")


def entries(row: models.TrafficLightList) -> LightList:
    """What a version says."""
    digest = row.message.digest
    if digest not in _held:
        if len(_held) >= _MOST_HELD:
            _held.clear()
        _held[digest] = LightList(read(bytes(row.message.body)), list_names())
    return _held[digest]


def of_lines(site_id: int, lines: Iterable[Listed]) -> dict[int, Told]:
    """What the list says of each line, by its id; two queries, whatever their number."""
    every = list(lines)
    said = of_medications(site_id, {line.id: line.order.medication for line in every})
    agreed = agreements(line.id for line in every)
    reasons = {line.id: why.text for line in every if (why := line.order.request.reason)}
    return {
        key: replace(told, agreement=agreed.get(key), of_line=True, indication=reasons.get(key, ""))
        for key, told in said.items()
    }


def of_record(patient: models.Patient, medications: Mapping[str, Medication]) -> dict[str, str]:
    """What the list says of each medicine of a record, in words, by the id of its order or statement."""
    said = of_medications(patient.site_id, medications)
    lines = medicines_list.lines(patient)
    told = of_lines(patient.site_id, lines)
    by_order = {line.order.id: told[line.id] for line in lines}
    return {key: by_order.get(key, one).words for key, one in said.items()}


def of_medications(site_id: int, medications: Mapping[Key, Medication]) -> dict[Key, Told]:
    """What the list says of each of these medicines, whatever they are known by."""
    row = lists(site_id).first()
    if row is None:
        return dict.fromkeys(medications, Told(None))
    found, names = entries(row), list_names()
    return {
        key: Told(row.version, found.of(names.meant_by(one.written)), row.verified)
        for key, one in medications.items()
    }


def agreements(listed_ids: Iterable[int]) -> dict[int, Agreement]:
    """The agreement that stands for each of these lines."""
    found: dict[int, Agreement] = {}
    rows = models.SharedCareAgreement.objects.filter(listed__in=list(listed_ids)).order_by("pk")
    for row in rows:
        found[row.listed_id] = Agreement(row.specialist, row.agreed_on, row.ended)
    return {key: one for key, one in found.items() if not one.ended}


def story(listed_id: int) -> list[models.SharedCareAgreement]:
    """What was recorded of the agreement for a line, the newest first."""
    found = models.SharedCareAgreement.objects.filter(listed=listed_id).select_related("by")
    return list(found.order_by("-pk"))


def document(site_id: int, message_id: int) -> models.Message | None:
    """An agreement that was kept; None when it is not the site's."""
    return models.Message.objects.filter(site=site_id, pk=message_id, kind=DOCUMENT).first()
