"""What a medicine of a letter ended as was a mistake: it is undone while that is safe, and is open again."""

from __future__ import annotations

from datetime import datetime

from pestle.pharmacy.people import Person
from pestle.pharmacy.practice.reconciliation.outcome import Outcome
from pestle.pharmacy.practice.reconciliation.undo import Made, undone
from pestle.pharmacy.refusal import refuse
from pestle.web.actions.medication_list import Why, applied, locked_patient
from pestle.web.actions.once import Deed, once
from pestle.web.actions.once import Outcome as Done
from pestle.web.store import letters, medicines_list, models


def undo(
    *, by: Person, now: datetime, key: str, letter_id: int, seen: int | None, decision_id: int, reason: str
) -> Done:
    """Undoes one decision of a letter with everything that it did to the list, or nothing.

    Raises `Refused`: ``letter.unknown``, ``letter.changed``, those of `undone` and of
    `medication_list.applied`.
    """

    def do() -> Deed:
        row, standing = letters.locked(letter_id, site_id=by.site_id)
        decision = next((one for one in letters.look(row).decided if one.pk == decision_id), None)
        if decision is None or (seen is not None and seen != standing.version):
            raise refuse("letter.changed", "Somebody has settled something in this letter meanwhile",
                         way_out="Look at it again, then decide.")  # fmt: skip
        patient = locked_patient(row.patient_id, by=by)
        rows = medicines_list.locked(patient, decision.made)
        changes = undone(
            Outcome(decision.outcome),
            [_made(rows[pk], decision) for pk in decision.made],
            clinical=bool(decision.shown["clinical"]) or decision.outcome != decision.proposed,
            reason=reason, letter=letters.called(row), by=by,
        )  # fmt: skip
        why = Why(f"letter:{row.pk}")
        done = applied(changes, patient=patient, by=by, now=now, why=why) if changes else []
        made = models.LetterUndo.objects.create(
            decision=decision, reason=reason.strip()[:1000], made=[one.listed for one in done], by_id=by.id,
            at=now,
        )  # fmt: skip
        standing = letters.restand(row, standing)
        detail = {"decision": decision.pk, "key": decision.key, "outcome": decision.outcome,
                  "made": made.made, "because": why.reference}  # fmt: skip
        result = {"letter": row.pk, "left": standing.left, "name": decision.shown["name"]}
        return Deed(f"letter:{row.pk}", detail, result, sealed=[made])

    request = {"letter": letter_id, "seen": seen, "decision": decision_id, "reason": reason}
    return once("practice.undo_letter", by=by, now=now, key=key, request=request, do=do)


def _made(row: models.ListedMedicine, decision: models.LetterDecision) -> Made:
    """A line as the decision left it, with what has happened to it since."""
    now, *earlier = medicines_list.history(row)
    own = now.row.recorded_at == decision.at and now.row.reference == f"letter:{decision.letter_id}"
    signed = now.authorisation
    return Made(
        line=medicines_list.value(row),
        before=earlier[0].order if earlier else None,
        changed_by="" if own else now.row.who,
        signed_by=signed.by.full_name if signed and signed.outcome == "authorised" else "",
        issues=models.Issue.objects.filter(order=now.row).count(),
    )
