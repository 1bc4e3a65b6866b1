"""A definition replayed over the past: as it was known then, kept, stopped, found again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.core.management import call_command
from tests.web.actions.bench import FUROSEMIDE, JOHN, NOW, Bench, a_key

from pestle.demo.messages import Item
from pestle.pharmacy.checks.finding import Severity
from pestle.pharmacy.checks.replay import Change, tally
from pestle.pharmacy.people import Person
from pestle.pharmacy.record.allergy import AllergyKind, ReactionSeverity
from pestle.pharmacy.refusal import Refused
from pestle.web.actions import record, replays
from pestle.web.actions.once import Outcome
from pestle.web.jobs import replay as job
from pestle.web.store import models
from pestle.web.store.replays import SILENT

LIQUID = Item("Furosemide 20mg/5ml oral solution sugar free", "150", "Take 5ml in the morning")
TWICE = (FUROSEMIDE, LIQUID)
SAME_INGREDIENT = "duplicate/same_ingredient.yaml"
TODAY = NOW.date()


def _begin(
    bench: Bench, definition: str = SAME_INGREDIENT, *, by: Person | None = None, first: date = TODAY,
    last: date = TODAY, change: Change | None = None, key: str = "", start: Callable[[int], None] = job.start,
) -> int:  # fmt: skip
    done = replays.begin(
        by=by or bench.ruth, now=NOW, key=key or a_key(), definition=definition, first=first, last=last,
        change=change, start=start,
    )  # fmt: skip
    return int(done.result["replay"])


def _run(bench: Bench, **how: object) -> models.Replay:
    """Begins a replay and lets the worker run what waits."""
    pk = _begin(bench, **how)  # type: ignore[arg-type]
    job.run_replay.func(pk)
    return models.Replay.objects.get(pk=pk)


def _refused(do: Callable[[], object]) -> list[str]:
    try:
        do()
    except Refused as refused:
        return [refusal.rule for refusal in refused.refusals]
    return []


def test_it_counts_what_the_definition_finds_and_what_was_overridden(bench: Bench) -> None:
    bench.decide(bench.at("clinical", *TWICE))
    bench.decide(bench.at("clinical", FUROSEMIDE, key="b", patient=JOHN))
    row = _run(bench)
    assert (row.state, row.looked_at, row.total) == ("done", 2, 2)
    assert row.result is not None
    assert row.result["now"] == row.result["proposed"] == {"interrupt": 1}
    assert (row.result["with_alert"], row.result["overridden"]) == (1, 1)
    [example] = row.result["examples"]
    assert "both contain furosemide" in example["what"]
    assert example["overridden"]


def test_it_says_what_another_severity_would_be(bench: Bench) -> None:
    bench.decide(bench.at("clinical", *TWICE))
    row = _run(bench, change=Change("duplicate", "same-ingredient", Severity.INTERRUPT, None))
    assert row.result is not None
    assert (row.result["now"], row.result["proposed"]) == ({"interrupt": 1}, {"quiet": 1})


def test_it_does_not_see_what_was_recorded_later(bench: Bench) -> None:
    prescription = bench.at("clinical", FUROSEMIDE)
    bench.decide(prescription)
    patient = models.Prescription.objects.get(pk=prescription).patient_id
    record.record_allergy(
        by=bench.tess, now=NOW + timedelta(minutes=1), key=a_key(), patient_id=patient,
        substance="furosemide", kind=AllergyKind.ALLERGY, reaction="rash", severity=ReactionSeverity.MILD,
        told_by="the patient",
    )  # fmt: skip
    row = _run(bench, definition="substances.yaml")
    assert row.result is not None
    assert (row.result["prescriptions"], row.result["now"]) == (1, {})


def test_another_period_and_another_site_are_left_out(bench: Bench) -> None:
    bench.decide(bench.at("clinical", *TWICE))
    yesterday = TODAY - timedelta(days=1)
    row = _run(bench, first=yesterday, last=yesterday)
    assert row.result is not None
    assert (row.state, row.result["prescriptions"]) == ("done", 0)


def test_a_replay_on_trial_counts_what_is_not_shown(bench: Bench) -> None:
    models.DefinitionState.objects.create(
        site=bench.site, definition=SAME_INGREDIENT, state="trial", reason="new", by_id=bench.ruth.id, at=NOW
    )
    bench.decide(bench.at("clinical", *TWICE), answers={})
    row = _run(bench)
    assert row.result is not None
    assert row.result["now"] == {"interrupt": 1}


def test_it_is_stopped_between_batches_and_keeps_what_it_counted(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "AT_A_TIME", 1)
    for number in range(3):
        bench.decide(bench.at("clinical", FUROSEMIDE, key=f"k{number}"))
    pk = _begin(bench)
    counted = tally

    def stop_meanwhile(*args: object, **kwargs: object) -> object:
        if not models.Replay.objects.get(pk=pk).stop_asked_at:
            replays.stop(by=bench.mo, now=NOW, key=a_key(), replay_id=pk)
        return counted(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(job, "tally", stop_meanwhile)
    job.run_replay.func(pk)
    row = models.Replay.objects.get(pk=pk)
    assert (row.state, row.looked_at, row.total) == ("stopped", 1, 3)
    assert _refused(lambda: replays.stop(by=bench.mo, now=NOW, key=a_key(), replay_id=pk)) == ["replay.ended"]
    replays.again(by=bench.ruth, now=NOW, key=a_key(), replay_id=pk, start=job.start)
    monkeypatch.setattr(job, "tally", counted)
    job.run_replay.func(pk)
    row.refresh_from_db()
    assert (row.state, row.looked_at) == ("done", 3)


def test_one_that_waits_is_stopped_at_once_and_then_does_not_run(bench: Bench) -> None:
    pk = _begin(bench)
    replays.stop(by=bench.ruth, now=NOW, key=a_key(), replay_id=pk)
    job.run_replay.func(pk)
    assert models.Replay.objects.get(pk=pk).state == "stopped"


def test_one_that_breaks_says_so_without_its_words(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.decide(bench.at("clinical", FUROSEMIDE))
    pk = _begin(bench)

    def breaks(*_: object, **__: object) -> object:
        raise RuntimeError("O'Brien")

    monkeypatch.setattr(job, "tally", breaks)
    with pytest.raises(RuntimeError):
        job.run_replay.func(pk)
    row = models.Replay.objects.get(pk=pk)
    assert (row.state, row.failed_because) == ("failed", "RuntimeError")


def test_one_whose_worker_was_lost_is_begun_again(bench: Bench) -> None:
    pk = _begin(bench)
    row = models.Replay.objects.get(pk=pk)
    row.state, row.heard_at = "running", NOW
    row.save()

    def again(after: timedelta) -> Outcome:
        return replays.again(by=bench.ruth, now=NOW + after, key=a_key(), replay_id=pk, start=job.start)

    assert _refused(lambda: again(SILENT)) == ["replay.under-way"]
    again(SILENT + timedelta(seconds=1))
    assert models.Replay.objects.get(pk=pk).state == "waiting"


def test_the_worker_runs_what_waits(own_bench: Bench) -> None:
    bench = own_bench
    bench.decide(bench.at("clinical", *TWICE))
    pk = _begin(bench)
    call_command("db_worker", verbosity=0, batch=True, startup_delay=False, interval=0)
    assert models.Replay.objects.get(pk=pk).state == "done"


def test_the_same_form_twice_begins_one(bench: Bench) -> None:
    started: list[int] = []
    key = a_key()
    assert _begin(bench, key=key, start=started.append) == _begin(bench, key=key, start=started.append)
    assert len(started) == 1


# definition, days from today: first, last, by -> refused with
REFUSED = [
    (SAME_INGREDIENT, 0, 0, "ruth", []),
    (SAME_INGREDIENT, -731, 0, "mo", []),
    (SAME_INGREDIENT, 0, 0, "tess", ["replay.role"]),
    (SAME_INGREDIENT, 0, 0, "adam", ["replay.role"]),
    ("no/such.yaml", 0, 0, "ruth", ["definition.unknown"]),
    (SAME_INGREDIENT, 0, 1, "ruth", ["replay.period"]),
    (SAME_INGREDIENT, 0, -1, "ruth", ["replay.period"]),
    (SAME_INGREDIENT, -732, 0, "ruth", ["replay.period"]),
]


@pytest.mark.parametrize(("definition", "first", "last", "who", "refused"), REFUSED)
def test_what_is_refused(
    bench: Bench, definition: str, first: int, last: int, who: str, refused: list[str]
) -> None:
    assert refused == _refused(
        lambda: _begin(
            bench, definition, by=bench.people[who], first=TODAY + timedelta(days=first),
            last=TODAY + timedelta(days=last),
        )
    )  # fmt: skip


@pytest.mark.parametrize(
    ("was", "to"),
    [(Severity.NOT_ASSESSED, Severity.NOTE), (Severity.NOTE, Severity.NOT_ASSESSED),
     (Severity.NOTE, Severity.NOTE)],
)  # fmt: skip
def test_a_change_is_to_another_severity(bench: Bench, was: Severity, to: Severity) -> None:
    change = Change("duplicate", "same-ingredient", was, to)
    assert _refused(lambda: _begin(bench, change=change)) == ["replay.change"]
