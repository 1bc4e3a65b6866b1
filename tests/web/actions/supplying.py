"""One computer of a busy pharmacy, as a process of its own: supplies one unit after the other from one batch.

Prints a line for each as soon as it is answered: its number, then ``done``, ``again`` or the refusal's
name. `python -m tests.web.actions.supplying BATCH NAME HOW_MANY TIMES`; each supply is sent so many times
with its key."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pestle.web.settings")


def main(batch: int, name: str, how_many: int, times: int) -> None:
    """Sends the supplies."""
    import django

    django.setup()
    from pestle.pharmacy.ledger.account import AccountKind
    from pestle.pharmacy.ledger.routes import Reason
    from pestle.pharmacy.refusal import Refused
    from pestle.web.actions.moving import move
    from pestle.web.store import models, people

    by = people.person(models.User.objects.get(username="tess"), models.Site.objects.get().pk)
    assert by is not None
    shelf, patients = (AccountKind.SHELF, ""), (AccountKind.PATIENT, "")
    for number in range(how_many):
        for _ in range(times):
            try:
                outcome = move(
                    by=by, now=datetime.now(UTC), key=f"{name}-{number}", reason=Reason.SUPPLY,
                    batch_id=batch, amount=1, source=shelf, target=patients,
                )  # fmt: skip
                said = "again" if outcome.repeated else "done"
            except Refused as refused:
                said = refused.rule
            sys.stdout.write(f"{number} {said}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
