"""Clinical check: a pharmacist answers what was found, and approves or refuses each line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from pestle.pharmacy.checks.finding import worst_first
from pestle.pharmacy.dispensary.clinical import Decision, LineToDecide, answer_key, decide
from pestle.pharmacy.dispensary.workflow import CLOSED, DISPENSING
from pestle.pharmacy.people import Person
from pestle.pharmacy.worklist.workflow import check
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.store import clinical, models, prescriptions
from pestle.web.store.knowledge import dictionary


def decide_lines(
    *,
    by: Person,
    now: datetime,
    key: str,
    prescription_id: int,
    seen: int | None,
    decisions: Sequence[Decision],
    answers: Mapping[str, str],
    seen_not_assessed: bool,
) -> Outcome:
    """Signs the clinical check: approved lines go on to be assembled, refused ones are not dispensed.

    The findings are worked out again here, so that nothing slips in between page and signature. Raises
    `Refused` with everything that is open: see `pestle.pharmacy.dispensary.clinical.decide`.
    """

    def do() -> Deed:
        row = prescriptions.locked(prescription_id, site_id=by.site_id)
        lines = prescriptions.open_lines(prescriptions.lines(row))
        # One answer to each open line; what was said of any other line decides nothing.
        answered = {decision.line: decision for decision in decisions}
        given = tuple(answered[line.item_id] for line in lines if line.item_id in answered)
        refuse_all = not any(decision.approved for decision in given)
        verb = "refuse" if refuse_all else "approve"
        transition = check(DISPENSING, prescriptions.task(row), verb, by=by, now=now, seen=seen)
        assessments = clinical.assess(row, lines, now=now)
        found = worst_first(assessments)
        decided = decide(
            tuple(
                LineToDecide(line.item_id, line.product_name or line.medication_text, bool(line.product_id))
                for line in lines
            ),
            worst_first(assessments),
            decisions=given,
            answers=answers,
            seen_not_assessed=seen_not_assessed,
        )
        _refuse_lines(lines, decided)
        kept = {key: words for key, words in answers.items() if key in set(map(answer_key, found))}
        if refuse_all:
            row.closed_because = "refused"
        models.ClinicalCheck.objects.create(
            prescription=row,
            by_id=by.id,
            at=now,
            assessments=clinical.stored(assessments),
            decisions={"lines": _told(lines, decided), "answers": kept},
            release=dictionary().release.id,
        )
        prescriptions.move(row, transition, by=by, now=now, to=CLOSED if refuse_all else None)
        detail = {
            "lines": _told(lines, decided),
            "answers": kept,
            "release": dictionary().release.id,
        }
        return Deed(f"prescription:{row.pk}", detail, {"prescription": row.pk, "step": row.step})

    request = {
        "prescription": prescription_id,
        "seen": seen,
        "decisions": [[d.line, d.approved, d.reason.value if d.reason else None, d.words] for d in decisions],
        "answers": dict(answers),
        "seen_not_assessed": seen_not_assessed,
    }
    return once("dispensary.clinical_check", by=by, now=now, key=key, request=request, do=do)


def _refuse_lines(lines: list[models.Line], decided: Sequence[Decision]) -> None:
    for line, decision in zip(lines, decided, strict=True):
        if not decision.approved and decision.reason is not None:
            line.state, line.state_code, line.state_reason = "refused", decision.reason.value, decision.words
            line.save()


def _told(lines: list[models.Line], decided: Sequence[Decision]) -> list[dict[str, object]]:
    return [
        {
            "line": line.pk,
            "place": line.place,
            "approved": decision.approved,
            "reason": decision.reason.value if decision.reason else None,
            "words": decision.words,
        }
        for line, decision in zip(lines, decided, strict=True)
    ]
