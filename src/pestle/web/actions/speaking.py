"""A pharmacist must speak to the patient: the stop is set, and what was said is written down."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from pestle.pharmacy.dispensary.speaking import check_reason, check_said
from pestle.pharmacy.dispensary.workflow import DISPENSING
from pestle.pharmacy.people import Person
from pestle.pharmacy.refusal import refuse
from pestle.pharmacy.worklist.workflow import check
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.store import models, prescriptions, speaking


@dataclass(frozen=True, slots=True)
class Wanted:
    """A conversation that is wanted: about a line (None: the whole), why, from which finding."""

    line_id: int | None
    reason: str
    finding: str = ""


def must_speak(
    *, by: Person, now: datetime, key: str, prescription_id: int, seen: int | None, wanted: Wanted
) -> Outcome:
    """The bag does not leave before a pharmacist has spoken to the patient.

    Raises `Refused`: ``speak.no-reason``, ``line.unknown``."""

    def do() -> Deed:
        row = prescriptions.locked(prescription_id, site_id=by.site_id)
        transition = check(DISPENSING, prescriptions.task(row), "must_speak", by=by, now=now, seen=seen)
        made = set_stops(row, [wanted], by=by, now=now)
        prescriptions.move(row, transition, by=by, now=now)
        detail = {"stops": [one.pk for one in made], "words": wanted.reason.strip()}
        return Deed(f"prescription:{row.pk}", detail, {"prescription": row.pk}, sealed=made)

    request = {"prescription": prescription_id, "seen": seen, "line": wanted.line_id,
               "reason": wanted.reason, "finding": wanted.finding}  # fmt: skip
    return once("dispensary.must_speak", by=by, now=now, key=key, request=request, do=do)


def spoke(
    *, by: Person, now: datetime, key: str, prescription_id: int, seen: int | None, stop_id: int, words: str
) -> Outcome:
    """A pharmacist has spoken to the patient: `words` say what was said.

    Raises `Refused`: ``speak.nothing-said``, ``speak.not-wanted``."""

    def do() -> Deed:
        row = prescriptions.locked(prescription_id, site_id=by.site_id)
        transition = check(DISPENSING, prescriptions.task(row), "spoke", by=by, now=now, seen=seen)
        check_said(words)
        wanted = next((one for one in speaking.wanted(row) if one.pk == stop_id), None)
        if wanted is None:
            raise refuse("speak.not-wanted", "Somebody has written this down already, or it is not wanted")
        said = models.SpeakFirst.objects.create(
            prescription=row, line=wanted.line, finding=wanted.finding, words=words.strip(), by_id=by.id,
            at=now, answers=wanted,
        )  # fmt: skip
        prescriptions.move(row, transition, by=by, now=now)
        detail = {"stop": wanted.pk, "words": words.strip()}
        return Deed(f"prescription:{row.pk}", detail, {"prescription": row.pk}, sealed=[said])

    request = {"prescription": prescription_id, "seen": seen, "stop": stop_id, "words": words}
    return once("dispensary.spoke", by=by, now=now, key=key, request=request, do=do)


def set_stops(
    row: models.Prescription, wanted: Iterable[Wanted], *, by: Person, now: datetime
) -> list[models.SpeakFirst]:
    """Sets stops inside a running action. Raises `Refused`: ``speak.no-reason``, ``line.unknown``."""
    lines = {line.pk: line for line in row.lines.all()}
    made = []
    for one in wanted:
        check_reason(one.reason)
        if one.line_id is not None and one.line_id not in lines:
            raise refuse("line.unknown", "There is no such line on this prescription")
        made.append(
            models.SpeakFirst.objects.create(
                prescription=row, line_id=one.line_id, finding=one.finding[:32], by_id=by.id, at=now,
                words=one.reason.strip()[:500],
            )
        )  # fmt: skip
    return made
