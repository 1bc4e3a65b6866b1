"""What is asked before each issue of repeat dispensing is put on record, and stops the bag where it has
to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from pestle.pharmacy.dispensary.charge import Declarant
from pestle.pharmacy.dispensary.repeat_dispensing import Line, concerns
from pestle.pharmacy.dispensary.workflow import DISPENSING
from pestle.pharmacy.people import Person
from pestle.pharmacy.refusal import refuse
from pestle.pharmacy.worklist.workflow import check
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.actions.speaking import Wanted, set_stops
from pestle.web.store import issues, models, prescriptions
from pestle.web.store.knowledge import repeat_questions


def ask_before_issue(
    *,
    by: Person,
    now: datetime,
    key: str,
    prescription_id: int,
    seen: int | None,
    answers: Mapping[str, bool],
    not_needed: frozenset[int],
    words: str,
    told_by: Declarant | None,
) -> Outcome:
    """Keeps the answers; what of them wants a pharmacist stops the bag until one has spoken to the patient.

    `answers` by the question's code; `not_needed` the ids of lines that are not wanted this time. What was
    kept before stays on record. Raises `Refused`: ``repeat.not-repeated``, ``repeat.told-by-whom``, and what
    `concerns` names.
    """

    def do() -> Deed:
        row = prescriptions.locked(prescription_id, site_id=by.site_id)
        transition = check(DISPENSING, prescriptions.task(row), "ask_before_issue", by=by, now=now, seen=seen)
        if issues.of(row, prescriptions.signed(row)) is None:
            raise refuse("repeat.not-repeated", "This is no issue of repeat dispensing")
        lines = prescriptions.open_lines(row.lines.all())
        found = concerns(
            answers, not_needed=not_needed, questions=repeat_questions(), words=words,
            lines=tuple(Line(line.pk, line.product_name or line.medication_text) for line in lines),
        )  # fmt: skip
        if told_by is None:
            raise refuse("repeat.told-by-whom", "Say who answered", place="repeat-told-by")
        kept = models.IssueAnswers.objects.create(
            prescription=row, answers=dict(answers), not_needed=sorted(not_needed), words=words.strip(),
            told_by=told_by.value, by_id=by.id, at=now,
        )  # fmt: skip
        stops = set_stops(row, [Wanted(one.line, one.words[:500]) for one in found], by=by, now=now)
        prescriptions.move(row, transition, by=by, now=now)
        detail = {"answers": dict(answers), "told_by": told_by.value, "stops": [one.pk for one in stops],
                  "concerns": [one.words for one in found]}  # fmt: skip
        result = {"prescription": row.pk, "stops": detail["stops"]}
        return Deed(f"prescription:{row.pk}", detail, result, sealed=[kept, *stops])

    request = {"prescription": prescription_id, "seen": seen, "answers": dict(answers), "words": words,
               "not_needed": sorted(not_needed), "told_by": told_by.value if told_by else None}  # fmt: skip
    return once("dispensary.ask_before_issue", by=by, now=now, key=key, request=request, do=do)
