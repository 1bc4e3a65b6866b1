"""Somebody says what they entered in the practice's other system; its next extract confirms it, or not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.practice.change import check_role
from pestle.pharmacy.practice.elsewhere import EntryState
from pestle.pharmacy.refusal import refuse
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.store import models

_WAITS = (EntryState.TO_ENTER.value, EntryState.NEVER_ARRIVED.value)


def set_system(*, by: Person, now: datetime, key: str, system: str) -> Outcome:
    """Says in which system the practice keeps its record; empty: in Pestle. Raises `Refused`:
    ``site.role``, ``elsewhere.name``."""

    def do() -> Deed:
        if not by.has(Role.MANAGER):
            raise refuse("site.role", f"This is for a manager; you are signed in as {by.title}")
        if len(system.strip()) > 40:
            raise refuse("elsewhere.name", "The name of a system has forty letters at most", place="system")
        site = models.Site.objects.select_for_update().get(pk=by.site_id)
        before, site.record_elsewhere = site.record_elsewhere, system.strip()
        site.save(update_fields=("record_elsewhere",))
        told = {"before": before, "system": site.record_elsewhere}
        return Deed(f"site:{site.pk}", told, {"system": site.record_elsewhere})

    return once("site.set_record_elsewhere", by=by, now=now, key=key, request={"system": system}, do=do)


def entered(*, by: Person, now: datetime, key: str, entry_ids: Sequence[int]) -> Outcome:
    """Says that these were entered. Raises `Refused`: ``list.role``, ``elsewhere.none`` (nothing was ticked),
    ``elsewhere.settled`` (one of them does not wait to be entered any more)."""

    def do() -> Deed:
        check_role(by)
        if not entry_ids:
            raise refuse("elsewhere.none", "Tick what you have entered")
        rows = models.EntryElsewhere.objects.select_for_update().filter(
            site=by.site_id, pk__in=list(entry_ids), state__in=_WAITS
        )
        if len(rows.order_by("pk")) < len(set(entry_ids)):
            raise refuse("elsewhere.settled", "One of these does not wait to be entered any more",
                         way_out="Look at the list again.")  # fmt: skip
        rows.update(state=EntryState.ENTERED.value, entered_by_id=by.id, entered_at=now, missing=[])
        ids = sorted(set(entry_ids))
        return Deed("entries", {"entries": ids}, {"entries": ids})

    return once(
        "practice.entered_elsewhere", by=by, now=now, key=key, request={"entries": sorted(entry_ids)}, do=do
    )
