"""Measures through the actions: asked of the site's patients, kept, compared with the time before, sent
once."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.web.actions.bench import JOHN, MARY, NOW, Bench, a_key

from pestle.cli import main
from pestle.demo.messages import Item
from pestle.pharmacy.measures.changes import Change, change
from pestle.pharmacy.measures.measure import Standing
from pestle.pharmacy.people import Role
from pestle.pharmacy.refusal import Refused
from pestle.web.actions import measures as actions
from pestle.web.actions import patient_tasks
from pestle.web.actions.setting_up import program
from pestle.web.jobs import measures as job
from pestle.web.store import measures, models, record, verify
from pestle.web.store.knowledge import dictionary
from pestle.web.store.measures import Counted, Stood

TODAY = NOW.date()
# Products that the published lists hold by the ids that they have now.
NAPROXEN = Item("Naproxen 375mg gastro-resistant tablets", "56", "Take one tablet twice a day after food")
ESOMEPRAZOLE = Item("Esomeprazole 20mg gastro-resistant capsules", "28", "Take one capsule in the morning")
NSAID = "pincer_a"


@pytest.fixture(autouse=True)
def _worker(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    with_a_worker(bench, monkeypatch)


def with_a_worker(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked is kept in the name of the program, at the moment of the tests."""
    monkeypatch.setattr(job, "_now", lambda: NOW)
    user = models.User.objects.create(username=f"program-{bench.site.code.casefold()}", full_name="Pestle")
    models.Membership.objects.create(user=user, site=bench.site, roles=[Role.SYSTEM.value])


def ask(bench: Bench, *names: str, on: date | None = None, source: str = "") -> models.MeasureRun:
    """Asks measures as the worker does, and gives the run."""
    outcome = actions.begin(
        by=bench.tess,
        now=NOW,
        key=a_key(),
        names=names or [NSAID],
        source=source,
        on=on,
        start=lambda _: None,
    )
    job.run_measures.func(outcome.result["run"])
    return models.MeasureRun.objects.get(pk=outcome.result["run"])


def two_on_naproxen(bench: Bench) -> None:
    """Mary, 61, and John, 76, are prescribed naproxen, and are registered with a practice."""
    bench.take_in(NAPROXEN, key="m", patient=MARY)
    bench.take_in(NAPROXEN, key="j", patient=JOHN)
    models.Patient.objects.update(gp_practice_code="A81001")


def _send(bench: Bench, result: int, by: Any = None, **how: Any) -> dict[str, Any]:
    given = {"findings": None, "role": Role.TECHNICIAN, "owner_id": None, "due_on": TODAY, "key": a_key()}
    return dict(actions.send(by=by or bench.tess, now=NOW, result_id=result, **{**given, **how}).result)


def _refused(do: Callable[[], object]) -> list[str]:
    try:
        do()
    except Refused as refused:
        return [each.rule for each in refused.refusals]
    return []


def test_who_is_found_is_sent_once_and_is_resolved_when_the_reason_is_gone(bench: Bench) -> None:
    two_on_naproxen(bench)
    run = ask(bench)
    assert (run.state, run.looked_at, run.total) == ("done", 1, 1)
    result = run.results.get()
    assert (result.found, result.asked, result.unsure) == (1, 1, 0)
    assert result.practices == {"A81001": [1, 1, 0]}
    finding = result.findings.get()
    john = models.Patient.objects.get(family="Smith")
    assert finding.patient == john
    assert any(
        "Naproxen 375mg gastro-resistant tablets" in fact.dated for fact in measures.evidence(finding).facts
    )
    assert measures.changes([result])[result.pk] == measures.Changes(new=1)

    opened = _send(bench, result.pk)["opened"]
    assert len(opened) == 1
    assert _send(bench, result.pk) == {"opened": [], "already": [john.pk]}
    task = models.PatientTask.objects.get()
    assert (task.title, task.origin) == (result.title, "measure:pincer_a")
    assert "Naproxen 375mg gastro-resistant tablets" in task.reason

    again = ask(bench).results.get()
    assert again.before == result
    assert measures.changes([again])[again.pk] == measures.Changes(still=1)
    patient_tasks.finish(
        by=bench.tess, now=NOW, key=a_key(), task_id=task.pk, seen=None, words="PPI asked for"
    )
    assert "task.none" in _refused(lambda: _send(bench, again.pk)), "seen to since, and not sent by all"
    assert _send(bench, again.pk, findings=[again.findings.get().pk])["opened"], "chosen, all the same"
    bench.take_in(ESOMEPRAZOLE, key="p", patient=JOHN)
    last = ask(bench).results.get()
    assert (last.found, last.asked) == (0, 0)
    assert measures.changes([last])[last.pk] == measures.Changes(resolved=1)
    gone = measures.listed(last, view=Change.RESOLVED.value).rows
    assert [row.patient for row in gone] == [john]
    assert measures.changes_of(last, gone) == {john.pk: Change.RESOLVED}
    assert not verify.verify(bench.site).faults


def test_who_cannot_be_told_is_listed_with_what_is_missing_and_is_not_resolved(bench: Bench) -> None:
    two_on_naproxen(bench)
    ask(bench)
    models.Patient.objects.update(gp_practice_code="")
    result = ask(bench).results.get()
    assert (result.found, result.asked, result.unsure) == (0, 0, 1)
    assert measures.changes([result])[result.pk] == measures.Changes(unsure=1)
    (row,) = measures.listed(result, view=measures.CANNOT_TELL).rows
    assert measures.evidence(row).missing
    assert not measures.wanted(result, None, role=None, owner_id=None, due_on=TODAY), (
        "only who is found is sent"
    )


def test_what_changed_is_what_a_slow_comparison_says(bench: Bench) -> None:
    draw = random.Random(7)
    run = ask(bench)
    stands: list[dict[int, bool]] = []
    results = []
    for _ in range(2):
        stands.append({number: draw.random() < 0.6 for number in range(60) if draw.random() < 0.7})
        run = models.MeasureRun.objects.create(
            site=bench.site, on=TODAY, names=[NSAID], by_id=bench.tess.id, at=NOW, source="folder"
        )
        stood = [Stood(number, "", found, {}) for number, found in stands[-1].items()]
        counted = Counted("0" * 64, sum(stands[-1].values()), 60, 0, {}, stood, own=False)
        actions.keep(by=program(bench.site), now=NOW, run=run, name=NSAID, counted=counted)
        results.append(run.results.get())
    slow: dict[Change, list[int]] = {kind: [] for kind in Change}
    for number in range(60):
        before, now = (
            Standing.NOT_FOUND
            if number not in one
            else Standing.FOUND
            if one[number]
            else Standing.CANNOT_TELL
            for one in stands
        )
        if (become := change(before, now)) is not None:
            slow[become].append(number)
    last = results[-1]
    counts = measures.changes([last])[last.pk]
    assert [counts.new, counts.still, counts.resolved, counts.unsure] == [len(slow[kind]) for kind in Change]
    for kind in (Change.NEW, Change.STILL, Change.RESOLVED):
        page = measures.listed(last, view=kind.value, size=100)
        assert [row.number for row in page.rows] == slow[kind]
        assert set(measures.changes_of(last, page.rows).values()) <= {kind}


def test_what_is_due_is_asked_by_itself_once(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    planned: list[Any] = []
    monkeypatch.setattr(job, "plan", lambda site, at: planned.append(at))
    monkeypatch.setattr(job, "start", planned.append)

    def every(days: int) -> None:
        actions.schedule(by=bench.tess, now=NOW, key=a_key(), name=NSAID, source="", days=days, plan=job.plan)

    every(7)
    assert measures.due(bench.site) == [measures.Due(NSAID, "", 7, TODAY)]
    job.ask_due.func(bench.site.pk)
    job.ask_due.func(bench.site.pk)
    assert models.MeasureRun.objects.count() == 1
    assert measures.due(bench.site)[0].next_on == TODAY + timedelta(days=7)
    assert planned[-1].date() == TODAY + timedelta(days=7)
    every(0)
    assert measures.due(bench.site) == []


def test_a_run_is_stopped_fails_and_is_never_half_kept(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    two_on_naproxen(bench)
    begun = actions.begin(
        by=bench.tess, now=NOW, key=a_key(), names=[NSAID, "pincer_b"], source="", start=lambda _: None
    ).result["run"]
    seen = []

    def heard(row: models.MeasureRun, measure: str, *_: Any, **__: Any) -> bool:
        seen.append(measure)
        return len(seen) == 2

    monkeypatch.setattr(measures, "heard", heard)
    job.run_measures.func(begun)
    run = models.MeasureRun.objects.get(pk=begun)
    assert (run.state, run.results.count()) == ("stopped", 0)
    assert _refused(lambda: actions.stop(by=bench.tess, now=NOW, key=a_key(), run_id=begun)) == [
        "measure.ended"
    ]
    job.run_measures.func(begun)
    assert models.MeasureRun.objects.get(pk=begun).state == "stopped", "it is not run again"


@pytest.mark.parametrize(
    ("how", "rule"),
    [
        ({"names": []}, "measure.none"), ({"names": ["nothing"]}, "measure.unknown"),
        ({"source": "elsewhere"}, "measure.source"), ({"on": TODAY + timedelta(days=1)}, "measure.day"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused(bench: Bench, how: dict[str, Any], rule: str) -> None:
    given = {"names": [NSAID], "source": "", "on": None, **how}
    assert _refused(lambda: actions.begin(
        by=bench.tess, now=NOW, key=a_key(), start=lambda _: None, **given)) == [rule]  # fmt: skip
    assert not models.MeasureRun.objects.exists()


def _folder(folder: Path) -> Path:
    """Two people of whom one, who is 76, has naproxen."""
    folder.mkdir()
    naproxen = next(each.id for each in dictionary().products() if each.name == NAPROXEN.medicine)
    (folder / "patient.csv").write_text(
        "patient,born,gender,practice\n1,1950-07-01,male,A81001\n2,2001-01-01,male,A81001\n"
    )
    (folder / "medication.csv").write_text(f"patient,code,issued,days\n1,{naproxen},2026-10-20,28\n")
    (folder / "condition.csv").write_text("patient,code,recorded\n")
    (folder / "observation.csv").write_text("patient,code,taken,value,unit\n")
    return folder


def test_people_of_a_folder_are_listed_and_never_sent(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = _folder(tmp_path / "ashcombe")
    monkeypatch.setattr(measures, "sources", lambda: {"ashcombe": folder})
    result = ask(bench, source="ashcombe").results.get()
    assert (result.found, result.asked, result.unsure) == (1, 1, 0)
    row = result.findings.get()
    assert (row.number, row.patient) == (1, None)
    assert [fact.source for fact in measures.evidence(row).facts if "Naproxen" in fact.text] == ["ashcombe"]
    assert _refused(lambda: _send(bench, result.pk)) == ["measure.elsewhere"]


def test_what_the_command_line_asks_stands_on_the_pages_too(bench: Bench, tmp_path: Path) -> None:
    folder, out = _folder(tmp_path / "ashcombe"), tmp_path / "out"
    command = ["audit", "run", str(folder), "--out", str(out), "--on", TODAY.isoformat(), "--measure", NSAID]
    assert main([*command, "--site", bench.site.code, "--as", "mo"]) == 0
    run = models.MeasureRun.objects.get()
    assert (run.state, run.source, run.by_id) == ("done", "ashcombe", bench.mo.id)
    assert [row.number for row in run.results.get(measure=NSAID).findings.all()] == [1]
    assert "Naproxen" in (out / "reasons.csv").read_text()


def test_records_of_several_are_those_of_each(bench: Bench) -> None:
    two_on_naproxen(bench)
    bench.take_in(ESOMEPRAZOLE, key="p", patient=JOHN)
    rows = list(models.Patient.objects.order_by("pk"))
    when: dict[str, Any] = {"now": NOW, "zone": ZoneInfo("Europe/London")}
    assert record.load_all(rows, **when) == {row.pk: record.load(row, **when) for row in rows}
    assert [len(one.orders or ()) for one in record.load_all(rows, **when).values()] == [1, 2]


def test_the_number_of_queries_does_not_grow_with_the_patients(bench: Bench) -> None:
    two_on_naproxen(bench)

    def asked() -> int:
        with CaptureQueriesContext(connection) as used:
            ask(bench)
        return len(used)

    few = asked()
    for number in range(3):
        bench.take_in(NAPROXEN, key=f"more-{number}", patient=JOHN)
    assert asked() <= few + 1
