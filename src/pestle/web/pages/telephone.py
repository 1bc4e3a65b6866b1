"""What is said on the telephone when somebody asks: is it ready?"""

from __future__ import annotations

from datetime import datetime, tzinfo

from pestle.pharmacy.dispensary.workflow import (
    ACCURACY,
    ASSEMBLE,
    CLINICAL,
    DISPENSING,
    ENTRY,
    HAND_OUT,
    OWINGS,
)
from pestle.web.pages import words
from pestle.web.store.supplies import Open

_AT = {ENTRY: "waiting for entry", CLINICAL: "at the clinical check", ASSEMBLE: "being assembled",
       ACCURACY: "at the accuracy check", HAND_OUT: "ready", OWINGS: "owing"}  # fmt: skip


def answer(open_: Open, *, now: datetime, zone: tzinfo) -> str:
    """One line: 2 ready, 1 at the clinical check since 09:10. What is ready comes first, then the nearest."""
    parts = []
    for step in reversed(DISPENSING.steps):
        since = [at for code, at in open_.steps if code == step.code]
        if since:
            parts.append(f"{len(since)} {_AT[step.code]}{_since(step.code, min(since), now, zone)}")
    if parts:
        return ", ".join(parts)
    if open_.last_handed_out is not None:
        said = words.near_time(open_.last_handed_out, now=now, zone=zone)
        return f"nothing under way; last handed out {said}"
    return "nothing under way"


def _since(step: str, since: datetime, now: datetime, zone: tzinfo) -> str:
    if step == HAND_OUT:
        return ""
    if step == OWINGS:
        return f" promised for {words.short_date(since.astimezone(zone).date())}"
    if since.astimezone(zone).date() == now.astimezone(zone).date():
        return f" since {words.clock(since, zone=zone)}"
    return f" since {words.short_date(since.astimezone(zone).date())}"
