"""What is said on the telephone when somebody asks: is it ready?"""

from __future__ import annotations

from datetime import datetime, tzinfo

from pestle.pharmacy.dispensary.workflow import ACCURACY, ASSEMBLE, CLINICAL, ENTRY, HAND_OUT, OWINGS
from pestle.pharmacy.worklist.query import Asked
from pestle.web.pages import words
from pestle.web.pages.bag_flags import on_telephone
from pestle.web.store.supplies import Open

# What is ready is said first, then what is owed, then the nearest.
_AT = {HAND_OUT: "ready", OWINGS: "owing", ACCURACY: "at the accuracy check", ASSEMBLE: "being assembled",
       CLINICAL: "at the clinical check", ENTRY: "waiting for entry"}  # fmt: skip


def answer(open_: Open, *, now: datetime, zone: tzinfo) -> str:
    """One line: 2 ready, 1 owing, promised for tomorrow 17:00, 1 query with the surgery since 09:20. What is
    ready is followed by where it lies: 1 ready, shelf B4, fridge."""
    parts = []
    for step, said in _AT.items():
        since = [at for code, at in open_.steps if code == step]
        if since:
            parts.append(f"{len(since)} {said}{_since(step, min(since), now, zone)}")
        if step == HAND_OUT and since:
            parts += dict.fromkeys(on_telephone(bag) for bag in open_.bags)
    for asked in Asked:
        times = [at for one, at in open_.asked if one is asked]
        if times:
            said = "query" if len(times) == 1 else "queries"
            parts.append(f"{len(times)} {said} {asked.whereabouts}{_at(min(times), now, zone)}")
    if open_.call_backs:
        due = words.near_time(min(open_.call_backs), now=now, zone=zone)
        parts.append(f"call-back due {due}")
    issues = _issues(open_)
    if parts:
        return ", ".join([*parts, *issues])
    if open_.last_handed_out is not None:
        said = words.near_time(open_.last_handed_out, now=now, zone=zone)
        return "; ".join([f"nothing under way; last handed out {said}", *issues])
    return "nothing under way"


def _issues(open_: Open) -> list[str]:
    """When the next issue of repeat dispensing is due; the first of several."""
    return [f"next repeat issue due {words.short_date(open_.next_issues[0])}"] if open_.next_issues else []


def _since(step: str, since: datetime, now: datetime, zone: tzinfo) -> str:
    if step == OWINGS:
        return f" promised for {words.short_date(since.astimezone(zone).date())}"
    return "" if step == HAND_OUT else _at(since, now, zone)


def _at(since: datetime, now: datetime, zone: tzinfo) -> str:
    if since.astimezone(zone).date() == now.astimezone(zone).date():
        return f" since {words.clock(since, zone=zone)}"
    return f" since {words.short_date(since.astimezone(zone).date())}"
