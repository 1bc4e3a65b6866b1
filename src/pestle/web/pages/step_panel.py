"""What does the panel of a step show: what is to be decided there, and by what?

Each step of a prescription has one; it is made from what the page has loaded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pestle.pharmacy.dispensary.accuracy import accuracy_refusal, is_own_work
from pestle.pharmacy.dispensary.collection import Collector, Identity, identity_asked_for
from pestle.pharmacy.dispensary.owing import OwingReason
from pestle.pharmacy.dispensary.workflow import (
    ACCURACY,
    ASSEMBLE,
    CLINICAL,
    DISPENSING,
    ENTRY,
    HAND_OUT,
    OWINGS,
)
from pestle.pharmacy.people import Role
from pestle.pharmacy.record.medication import Prescription
from pestle.pharmacy.worklist.workflow import Task, can
from pestle.web.actions.may_leave import refusals_by_line, since_clinical_check
from pestle.web.pages import bag_flags, charge_form, entry_form, findings_view
from pestle.web.pages.bench import Bench
from pestle.web.pages.prescription_lines import LineView
from pestle.web.store import findings, models, owings, prescriptions, register, speaking
from pestle.web.store import responsible as responsible_store

COUNSELLING = (
    "How and when to take or use it", "What is new or has changed", "Side effects to look out for",
    "Food, alcohol or other medicines", "How to store it",
)  # fmt: skip

Typed = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class At:
    """What a panel is made from: loaded once for the whole page."""

    bench: Bench
    row: models.Prescription
    task: Task
    signed: Prescription
    rows: Sequence[models.Line]
    lines: Sequence[LineView]
    typed: Typed | None
    referrals: Sequence[models.Referral]

    def can(self, verb: str) -> bool:
        return can(DISPENSING, self.task, verb, by=self.bench.person, now=self.bench.now)


def panel(at: At) -> dict[str, Any]:
    """What the panel of the step shows; of a prescription that is closed, nothing."""
    made = _PANELS.get(at.row.step)
    return made(at) if made else {}


def _entry(at: At) -> dict[str, Any]:
    return {"entry": entry_form.entry_lines(at.lines, at.typed)}


def _clinical(at: At) -> dict[str, Any]:
    return findings_view.to_decide(findings.checked(at.row, at.rows, now=at.bench.now), at.lines)


def _assemble(at: At) -> dict[str, Any]:
    open_lines = [line for line in at.lines if line.open]
    return _asked(at) | {
        "labelled": all(line.labels for line in open_lines if line.this_time and not line.row.undecided),
        "missing": [line for line in open_lines if line.left or (line.row.undecided and not line.row.owed)],
        "nothing_to_leave": not any(line.this_time for line in open_lines),
        "may_owe": at.can("owe"),
        # Instalments are prepared on their own page, and not owed by hand.
        "reasons": tuple(one for one in OwingReason if one is not OwingReason.INSTALMENT),
    }


def _accuracy(at: At) -> dict[str, Any]:
    by, now = at.bench.person, at.bench.now
    checked = prescriptions.self_check(at.row, by=by, pause_minutes=at.row.site.self_check_minutes)
    own = is_own_work(at.task, by) and by.has(Role.PHARMACIST)
    ends = checked.began_at + checked.pause if checked.began_at and checked.pause else None
    return _asked(at) | {
        "why_not": accuracy_refusal(at.task, by=by, now=now, self_check=checked),
        "may_fail": at.can("fail_accuracy"),
        "may_rescan": at.can("rescan"),
        "own_work": own,
        "may_pause": own and checked.pause is not None and at.can("start_self_check"),
        "self_check": checked,
        "pause_ends": ends,
        "pause_over": ends is not None and now >= ends,
    }


def _asked(at: At) -> dict[str, Any]:
    """Where a colleague has asked, whoever answers sees what is new as well; else the checks wait."""
    if not at.referrals:
        return {}
    rows = [line.row for line in at.lines if line.open]
    return {"since": since_clinical_check(at.row, rows, stopped={}, now=at.bench.now)}


def _ready(at: At) -> dict[str, Any]:
    waiting = [line for line in at.lines if line.open and line.picks]
    rows = [line.row for line in waiting]
    found = refusals_by_line(at.row, rows, at.signed, now=at.bench.now)
    schedules = register.schedules(rows)
    return {
        "since": since_clinical_check(at.row, rows, stopped=found, now=at.bench.now),
        "waiting": waiting,
        "blocked": [(line, found[line.id]) for line in waiting if found[line.id]],
        "counselling": COUNSELLING,
        "collectors": [(one.value, one.words[0].upper() + one.words[1:]) for one in Collector],
        "identities": [(one.value, one.words) for one in Identity] if identity_asked_for(schedules) else [],
        "in_register": 2 in schedules,
        "ask_charge": charge_form.asked_once(at.row, at.signed, at.bench),
        "may_fail": at.can("fail_accuracy"),
        "nobody": responsible_store.supply_refusal(at.bench.site, at.bench.person),
        "must_speak": speaking.wanted(at.row, rows),
        **bag_flags.at_hand_out(at.row.pk, on=at.bench.today),
    }


def _owings(at: At) -> dict[str, Any]:
    there = owings.allotted(at.row.site_id, on=at.bench.today)
    said = owings.last_said(line.row for line in at.lines if line.owed)
    return {
        "may_promise": at.can("promise"),
        "there": {pk: one for pk, one in there.items() if pk in said},
        "said": said,
        "reason_words": {one.value: one.words for one in OwingReason},
    }


_PANELS = {ENTRY: _entry, CLINICAL: _clinical, ASSEMBLE: _assemble, ACCURACY: _accuracy, HAND_OUT: _ready,
           OWINGS: _owings}  # fmt: skip
