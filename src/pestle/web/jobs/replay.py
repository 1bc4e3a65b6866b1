"""A replay, run: over the prescriptions of its period, a few at a time, saying how far it is, until it is
done or somebody stops it."""

from __future__ import annotations

from datetime import UTC, datetime

from django_tasks import task

from pestle.pharmacy.checks.replay import Tally, tally
from pestle.web.store import models, replays

# Often enough to be seen moving and to be stopped soon; seldom enough to cost little.
AT_A_TIME = 20


def start(replay_id: int) -> None:
    """Puts a replay into the queue; it runs once the transaction that made it is committed."""
    run_replay.enqueue(replay_id)


@task()
def run_replay(replay_id: int) -> None:
    """Runs a replay that waits; what runs already or has ended is left alone."""
    row = replays.claimed(replay_id, now=_now())
    if row is None:
        return
    try:
        _run(row)
    except Exception as error:
        # The type only: an exception's words may hold what is known of a patient.
        replays.ended(row, "failed", now=_now(), because=type(error).__name__)
        raise


def _run(row: models.Replay) -> None:
    checks = replays.checks(row)
    tunings = replays.standing(row)
    total = Tally()
    replays.heard(row, total, of=len(checks), now=_now())
    for some in _batches(checks):
        cases = replays.cases(some, tunings, on=_now().date())
        total += tally(cases, definition=row.definition, change=replays.change(row))
        if replays.heard(row, total, of=len(checks), now=_now()):
            replays.ended(row, "stopped", now=_now())
            return
    replays.ended(row, "done", now=_now())


def _batches(checks: list[int]) -> list[list[int]]:
    return [checks[at : at + AT_A_TIME] for at in range(0, len(checks), AT_A_TIME)]


def _now() -> datetime:
    return datetime.now(UTC)
