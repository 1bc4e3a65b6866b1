"""Repeat dispensing on a prescription's page and a patient's: which issue, early or late, asked or not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.urls import reverse

from pestle.pharmacy.dispensary.charge import Declarant
from pestle.pharmacy.dispensary.repeat_dispensing import Issue, timing
from pestle.pharmacy.dispensary.workflow import CLOSED, OWINGS
from pestle.pharmacy.record.medication import Prescription
from pestle.web.pages.bench import Bench
from pestle.web.pages.pack_words import name_words
from pestle.web.store import issues, models
from pestle.web.store.knowledge import repeat_questions


def shown(
    row: models.Prescription, signed: Prescription, bench: Bench, lines: Sequence[models.Line]
) -> dict[str, Any] | None:
    """What the prescription's page says of its issue and asks before it; None of what is not repeat
    dispensed."""
    found = issues.of(row, signed)
    if found is None:
        return None
    questions, answers = repeat_questions(), issues.answered(row)
    open_ = row.step not in (CLOSED, OWINGS)
    when = timing(found, questions, on=bench.today) if open_ else None
    return {
        "which": _which(found),
        "timing": when,
        "due": found.due_on if open_ else None,
        "next_due": row.next_issue_on,
        "left": found.left,
        "unknown": found.days is None,
        "expires": found.expires,
        "asks": open_,
        "answers": answers,
        "told_by": Declarant(answers.told_by).words if answers else "",
        "answered": [
            (one, answers.answers.get(one.code)) for one in questions.asked
        ] if answers else [],
        "questions": questions.asked,
        "verified": questions.source.verified,
        "not_needed": [
            line.product_name or line.medication_text
            for line in lines
            if answers and line.pk in answers.not_needed
        ],
        "declarants": [(one.value, one.words.capitalize()) for one in Declarant],
    }  # fmt: skip


def upcoming(rows: Sequence[models.Prescription], *, on: date) -> list[dict[str, Any]]:
    """The next issues of a patient's prescriptions, as their page shows them; lines are loaded as `given`."""
    return [
        {
            "href": reverse("prescription", kwargs={"prescription_id": row.pk}),
            "due": row.next_issue_on,
            "overdue": row.next_issue_on is not None and row.next_issue_on < on,
            "which": next_words(row),
            "medicines": [name_words(line.product_name) for line in row.given],  # type: ignore[attr-defined]
        }
        for row in rows
    ]


def next_words(row: models.Prescription) -> str:
    """“issue 3 of 6”: the one that comes next."""
    return f"issue {row.issue + 1}" + (f" of {row.issues}" if row.issues else "")


def _which(found: Issue) -> str:
    return (
        f"Issue {found.number} of {found.of}"
        if found.of
        else f"Issue {found.number}, of how many is not known"
    )
