"""What does the prescription's page show of what the checks found, and of what was answered?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pestle.pharmacy.checks.finding import Severity
from pestle.pharmacy.checks.shown import Shown, shown
from pestle.web.pages.prescription_lines import LineView
from pestle.web.store import clinical, models
from pestle.web.store.findings import Checked


@dataclass(frozen=True, slots=True)
class Said:
    """An answer that let a finding go on; `earlier`: it was given at an earlier issue."""

    words: str
    by: str
    at: datetime
    earlier: bool


def to_decide(found: Checked, lines: Sequence[LineView]) -> dict[str, Any]:
    """The clinical check: what asks and what is to be known first; folded away, what nobody need answer."""
    loud = [entry for entry in found.entries if not entry.settled and not entry.finding.quiet]
    return {
        "entries": loud,
        "answered_before": [entry for entry in found.entries if entry.settled],
        "quieted": [entry for entry in found.entries if entry.finding.quiet],
        "ran": [assessment.title for assessment in found.assessments],
        "to_answer": [entry for entry in loud if entry.asks],
        "not_assessed": sum(entry.finding.severity is Severity.NOT_ASSESSED for entry in loud),
        "marks": {line.item: _marks(loud, line.item) for line in lines},
    }


def checked(row: models.Prescription) -> dict[str, Any] | None:
    """The last clinical check that was signed: by whom, what went on all the same and why, what else stood
    there, what was referred and answered; None before there is one."""
    last = row.clinical_checks.select_related("by").order_by("-pk").first()
    if last is None:
        return None
    assessments = clinical.restored(last.assessments)
    answers = _answers(row)
    entries = shown(assessments)
    answered = row.referrals.exclude(answers=None).select_related("by", "answers__by").order_by("pk")
    rest = [entry for entry in entries if entry.finding.key not in answers]
    return {
        "by": last.by.full_name,
        "at": last.at,
        "answers": answers,
        "overridden": [entry for entry in entries if entry.finding.key in answers],
        "rest": [entry for entry in rest if not entry.finding.quiet],
        "quieted": [entry for entry in rest if entry.finding.quiet],
        "ran": [assessment.title for assessment in assessments],
        "referred": list(answered),
    }


def _answers(row: models.Prescription) -> dict[str, Said]:
    """The last answer to each key at this prescription, or the earlier one that still held."""
    rows = models.Found.objects.filter(clinical_check__prescription=row, on_trial=False)
    said: dict[str, Said] = {}
    for one in rows.select_related("clinical_check__by", "before__clinical_check__by").order_by("pk"):
        if one.answer:
            said[one.key] = Said(one.answer, one.clinical_check.by.full_name, one.at, earlier=False)
        elif one.before is not None and one.key not in said:
            before = one.before
            said[one.key] = Said(before.answer, before.clinical_check.by.full_name, before.at, earlier=True)
    return said


def _marks(entries: Sequence[Shown], line: str) -> list[tuple[Severity, int]]:
    """How many findings of each severity are about a line, the most serious first."""
    number = Counter(entry.finding.severity for entry in entries if line in entry.lines)
    return [(severity, number[severity]) for severity in Severity if number[severity]]
