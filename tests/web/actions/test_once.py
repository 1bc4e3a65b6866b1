"""Does a change happen exactly once, whole, and on record?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from tests.web.actions.bench import FUROSEMIDE, FUROSEMIDE_28, NOW, PARACETAMOL, Bench, together

from pestle.pharmacy.refusal import Refused, refuse
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.store import audit, models

STEPS = ["entry", "clinical", "assemble", "accuracy", "hand_out"]
Step = Callable[..., Outcome]


def _step(bench: Bench, step: str) -> Step:
    return {
        "entry": bench.enter,
        "clinical": bench.decide,
        "assemble": bench.labels,
        "accuracy": bench.passed,
        "hand_out": bench.handed_out,
    }[step]


@pytest.mark.parametrize("step", STEPS)
def test_the_same_form_twice_gives_the_first_result(bench: Bench, step: str) -> None:
    prescription = bench.at(step)
    sent = {"key": "form", **({"answers": bench.answers(prescription)} if step == "entry" else {})}
    first = _step(bench, step)(prescription, **sent)
    events = models.AuditEvent.objects.count()
    row = bench.row(prescription)
    again = _step(bench, step)(prescription, now=NOW + timedelta(minutes=3), **sent)
    assert not first.repeated
    assert again.repeated
    assert again.result == first.result
    assert models.AuditEvent.objects.count() == events
    assert bench.row(prescription).version == row.version


def test_the_same_key_with_other_answers_is_refused(bench: Bench) -> None:
    bench.stock(FUROSEMIDE_28, 5, key="form")
    for changed in ({"packs": 6}, {"number": "B2"}, {"expiry": "2028-02"}, {"by": bench.leon}):
        with pytest.raises(Refused) as refused:
            bench.stock(**{"gtin": FUROSEMIDE_28, "packs": 5, "key": "form", **changed})  # type: ignore[arg-type]
        assert refused.value.rule == "command.key-reused"
    assert models.Movement.objects.count() == 1


def test_a_key_is_an_actions_own(bench: Bench) -> None:
    prescription = bench.at("assemble")
    assert not bench.stock(FUROSEMIDE_28, 1, key="form").repeated
    assert not bench.labels(prescription, key="form").repeated


def test_a_refusal_leaves_nothing_behind_not_even_the_key(bench: Bench) -> None:
    def tables() -> list[int]:
        return [
            model.objects.count()
            for model in (models.Command, models.AuditEvent, models.Movement, models.Batch, models.Balance)
        ]

    before = tables()

    def do() -> Deed:
        bench.stock(FUROSEMIDE_28, 1)
        raise refuse("test.no", "Not after all")

    for _ in range(2):
        with pytest.raises(Refused, match="Not after all"):
            once("test.act", by=bench.tess, now=NOW, key="form", request={}, do=do)
    assert tables() == before
    done = once(
        "test.act", by=bench.tess, now=NOW, key="form", request={}, do=lambda: Deed("test:1", {}, {"n": 1})
    )
    assert done == Outcome({"n": 1})


def test_a_refused_step_moves_nothing(bench: Bench) -> None:
    prescription = bench.at("entry", FUROSEMIDE, PARACETAMOL)
    before = bench.row(prescription)
    with pytest.raises(Refused) as refused:
        bench.enter(prescription, answers=bench.answers(prescription)[:1], key="form")
    assert refused.value.rule == "entry.not-matched"
    after = bench.row(prescription)
    assert (after.step, after.version, after.done) == (before.step, before.version, before.done)
    assert [line.product_id for line in bench.lines(prescription)] == ["", ""]
    assert not bench.enter(prescription, key="form").repeated


def test_one_audit_event_for_each_action(bench: Bench) -> None:
    prescription = bench.at("closed")
    events = audit.about(f"prescription:{prescription}")
    assert [event.action.partition(".")[2] for event in events] == [
        "complete_entry", "clinical_check", "print_labels", "pick", "complete_assembly",
        "pass_accuracy", "hand_out",
    ]  # fmt: skip
    assert [event.person_name for event in events] == [
        "Tess Okafor", "Ruth Evans", "Tess Okafor", "Tess Okafor", "Tess Okafor", "Adam Patel", "Tess Okafor",
    ]  # fmt: skip
    assert all(event.at == NOW for event in events)
    assert models.AuditEvent.objects.count() == models.Command.objects.count()
    assert audit.verify(bench.site.pk) == (models.AuditEvent.objects.count(), None)


def test_nothing_of_the_patient_stands_in_the_audit(bench: Bench) -> None:
    bench.at("closed")
    for event in models.AuditEvent.objects.all():
        told = f"{event.subject} {event.detail} {event.result}".casefold()
        assert "brien" not in told
        assert "9434765919" not in told


def test_an_answer_that_cannot_be_kept_is_refused_by_name(bench: Bench) -> None:
    from django.db import DataError

    def do() -> Deed:
        raise DataError("value too long")

    with pytest.raises(Refused) as refused:
        once("test.act", by=bench.tess, now=NOW, key="form", request={}, do=do)
    assert refused.value.rule == "command.does-not-fit"


def test_a_double_click_is_one_event(own_bench: Bench) -> None:
    prescription = own_bench.at("hand_out")
    press = lambda: own_bench.handed_out(prescription, key="form")  # noqa: E731
    done, refused = together(press, press, press)
    assert not refused
    assert sorted(outcome.repeated for outcome in done) == [False, True, True]
    assert all(outcome.result == done[0].result for outcome in done)
    assert models.AuditEvent.objects.filter(action="dispensary.hand_out").count() == 1
    assert models.HandOut.objects.count() == 1
    assert audit.verify(own_bench.site.pk)[1] is None
