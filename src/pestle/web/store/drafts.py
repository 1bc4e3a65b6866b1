"""Forms half filled in: kept as they are typed, offered on return, gone when the step is done.

They are the person's own notes and no part of the record, so no audit event speaks of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from pestle.web.store import models

# Nobody comes back to a form after so long; what is in it is about a patient.
KEPT_FOR = timedelta(days=3)
MOST_LETTERS = 30_000
_NOT_KEPT = frozenset({"csrfmiddlewaretoken", "key", "version", "look_up"})


def keep(
    row: models.Prescription, *, person_id: int, form: str, fields: Mapping[str, str], now: datetime
) -> bool:
    """Keeps what was typed in the form of the step at which the prescription is; whether it did."""
    kept = {name: text for name, text in fields.items() if name not in _NOT_KEPT}
    if form != row.step or sum(map(len, kept.values())) > MOST_LETTERS:
        return False
    models.Draft.objects.filter(at__lt=now - KEPT_FOR).delete()
    models.Draft.objects.update_or_create(
        user_id=person_id, prescription=row, form=form,
        defaults={"fields": kept, "version": row.version, "at": now},
    )  # fmt: skip
    return True


def of(row: models.Prescription, *, person_id: int) -> models.Draft | None:
    """What this person had typed at the step at which the prescription is."""
    return models.Draft.objects.filter(user=person_id, prescription=row, form=row.step).first()


def drop(prescription_id: int, *, form: str, person_id: int | None = None) -> None:
    """Ends the drafts of a form: this person's, or, once the step is done, everybody's."""
    found = models.Draft.objects.filter(prescription=prescription_id, form=form)
    (found if person_id is None else found.filter(user=person_id)).delete()
