"""Patient tasks through the actions: one of an origin is open for a patient, however often asked for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from tests.web.actions.bench import FUROSEMIDE, JOHN, NOW, Bench, a_key, together

from pestle.pharmacy.people import Role
from pestle.pharmacy.record.fact import Fact
from pestle.pharmacy.refusal import Refused
from pestle.pharmacy.worklist.patient_task import Evidence, Kind, Wanted
from pestle.web.actions import patient_tasks as actions
from pestle.web.actions.once import Outcome
from pestle.web.store import models, patient_tasks, verify
from pestle.web.store.patient_tasks import Asked

TODAY = NOW.date()
WHY = Evidence((Fact("Ibuprofen 400mg tablets, issued", date(2026, 10, 3), "own record"),), ("an eGFR",))


def wanted(patient: int, origin: str = "measure:pincer_a", **how: Any) -> Wanted:
    """A task for a patient, as a measure asks for it."""
    given: dict[str, Any] = {
        "kind": Kind.AUDIT, "title": "NSAID without gastroprotection", "reason": "ibuprofen, no PPI",
        "due_on": TODAY + timedelta(days=14), "evidence": WHY,
    }  # fmt: skip
    return Wanted(patient, origin=origin, **{**given, **how})


def task(bench: Bench, **how: Any) -> int:
    """A task that Tess opened for the newest patient, who is made where there is none."""
    if not models.Patient.objects.exists():
        bench.at("entry", FUROSEMIDE)
    patient = models.Patient.objects.latest("pk").pk
    opened = actions.open_tasks(by=bench.tess, now=NOW, key=a_key(), wanted=[wanted(patient, **how)])
    return int(opened.result["opened"][0])


def _do(verb: Callable[..., Outcome], bench: Bench, pk: int, by: Any = None, **how: Any) -> Outcome:
    given = {"key": a_key(), "now": NOW, "seen": None, "task_id": pk, "words": "rang the patient"}
    return verb(by=by or bench.tess, **{**given, **how})


def _refused(do: Callable[[], object]) -> list[str]:
    try:
        do()
    except Refused as refused:
        return [each.rule for each in refused.refusals]
    return []


def _open(bench: Bench, *those: Wanted) -> Outcome:
    return actions.open_tasks(by=bench.tess, now=NOW, key=a_key(), wanted=those)


def test_one_of_an_origin_is_open_and_another_may_follow_when_it_is_settled(bench: Bench) -> None:
    bench.at("entry", FUROSEMIDE)
    bench.at("entry", FUROSEMIDE, key="b", patient=JOHN)
    mary, john = models.Patient.objects.order_by("pk").values_list("pk", flat=True)
    first = _open(bench, wanted(mary), wanted(mary), wanted(mary, "measure:pincer_b"))
    assert (len(first.result["opened"]), first.result["already"]) == (2, [])
    again = _open(bench, wanted(mary), wanted(john))
    assert (len(again.result["opened"]), again.result["already"]) == (1, [mary])
    one = first.result["opened"][0]
    assert patient_tasks.evidence(models.PatientTask.objects.get(pk=one)) == WHY
    _do(actions.finish, bench, one)
    newer = _open(bench, wanted(mary)).result["opened"]
    assert len(newer) == 1
    assert _refused(lambda: _do(actions.reopen, bench, one)) == ["task.open-already"]
    _do(actions.drop, bench, newer[0], words="seen by the practice last week")
    assert _do(actions.reopen, bench, one).result["state"] == "open"
    with pytest.raises(IntegrityError), transaction.atomic():
        models.PatientTaskStanding.objects.filter(task=newer[0]).update(state="open")
    assert not verify.verify(bench.site).faults


def test_two_who_send_the_same_patient_at_once_open_one(own_bench: Bench) -> None:
    own_bench.at("entry", FUROSEMIDE)
    patient = models.Patient.objects.get().pk
    done, refused = together(*(
        lambda by=by: actions.open_tasks(by=by, now=NOW, key=a_key(), wanted=[wanted(patient)])
        for by in (own_bench.tess, own_bench.leon)
    ))  # fmt: skip
    assert not refused
    assert sorted(len(one.result["opened"]) for one in done) == [0, 1]
    assert models.PatientTask.objects.count() == 1


def test_who_it_is_for_settles_it_and_everybody_may_pass_it_on(bench: Bench) -> None:
    pk = task(bench, role=Role.PHARMACIST)
    assert _refused(lambda: _do(actions.finish, bench, pk)) == ["task.not-yours"]
    assert _refused(lambda: _do(actions.finish, bench, pk, by=bench.ruth, words=" ")) == ["task.no-words"]
    moved = {"owner_id": bench.leon.id, "role": None, "due_on": TODAY}
    assert _refused(lambda: _do(actions.pass_on, bench, pk, **moved | {"due_on": TODAY - timedelta(1)})) == [
        "task.day-past"
    ]
    assert _refused(lambda: _do(actions.pass_on, bench, pk, **moved | {"owner_id": 999})) == ["task.owner"]
    _do(actions.pass_on, bench, pk, **moved)
    assert _refused(lambda: _do(actions.finish, bench, pk, by=bench.mo)) == ["task.not-yours"]
    assert _refused(lambda: _do(actions.finish, bench, pk, seen=1)) == ["worklist.changed"]
    _do(actions.finish, bench, pk, by=bench.leon)
    assert _refused(lambda: _do(actions.finish, bench, pk)) == ["worklist.already-done"]


@pytest.mark.parametrize(
    ("how", "rule"),
    [
        ({"title": ""}, "task.no-title"), ({"reason": " "}, "task.no-reason"),
        ({"origin": ""}, "task.no-origin"),
        ({"owner_id": 999}, "task.owner"), ({"patient": 999}, "patient.unknown"),
    ],
)  # fmt: skip
def test_what_is_missing_is_named(bench: Bench, how: dict[str, Any], rule: str) -> None:
    bench.at("entry", FUROSEMIDE)
    patient = how.pop("patient", models.Patient.objects.get().pk)
    assert rule in _refused(lambda: _open(bench, wanted(patient, **how)))
    assert not models.PatientTask.objects.exists()


def test_the_inbox_shows_what_is_due_first_and_is_narrowed(bench: Bench) -> None:
    late, soon, later = (
        task(bench, origin=f"measure:{days}", due_on=TODAY + timedelta(days=days)) for days in (-1, 3, 30)
    )
    _do(actions.pass_on, bench, soon, owner_id=bench.leon.id, role=None, due_on=TODAY + timedelta(days=3))

    def shown(**how: str) -> list[int]:
        page = patient_tasks.listed(bench.site.pk, Asked(**how), person_id=bench.leon.id, today=TODAY, page=1)
        return [row.pk for row in page.rows]

    assert shown() == [late, soon, later]
    assert shown(due="overdue") == [late]
    assert shown(due="week") == [late, soon]
    assert shown(view="mine") == shown(owner=str(bench.leon.id)) == [soon]
    assert shown(owner="team") == [late, later]
    assert shown(origin="measure:30") == [later]
    assert shown(text="obrien mary") == [late, soon, later]
    assert shown(text="smith") == shown(view="closed") == shown(kind="review") == []
    counts = patient_tasks.counts(bench.site.pk, person_id=bench.leon.id, today=TODAY)
    assert (counts.open, counts.overdue, counts.mine) == (3, 1, 1)
