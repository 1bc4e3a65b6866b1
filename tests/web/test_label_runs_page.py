"""A run of labels: begun with one key, worked through by the worker, interrupted, and gone on with."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.web.actions.bench import (
    DIAZEPAM,
    DIAZEPAM_28,
    FUROSEMIDE,
    FUROSEMIDE_28,
    JOHN,
    MARY,
    MORPHINE,
    NOW,
    PARACETAMOL,
    PARACETAMOL_32,
    Bench,
    open_bench,
)
from tests.web.desk import Desk, at, stand_still, text_of, words

from pestle.pharmacy.refusal import Refused
from pestle.web.actions import claiming, label_runs
from pestle.web.jobs import label_run as job
from pestle.web.store import models


@pytest.fixture
def bench(db: None) -> Bench:
    return open_bench()


def test_a_run_prints_once_whatever_happens(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_still(monkeypatch, NOW)
    bench.stock(FUROSEMIDE_28, 9)
    bench.stock(DIAZEPAM_28, 9)
    bench.stock(PARACETAMOL_32, 9)
    full, two, changed = (
        bench.at("assemble", *items, key=key, patient=who)
        for key, who, items in (
            ("a", MARY, (FUROSEMIDE,)),
            ("b", MARY, (PARACETAMOL, DIAZEPAM)),
            ("c", JOHN, (FUROSEMIDE,)),
        )
    )
    bench.at("assemble", replace(FUROSEMIDE, quantity="30"), key="d", patient=JOHN)
    bench.at("assemble", MORPHINE, key="e", patient=JOHN)
    desk = Desk(bench.tess)
    page = words(desk.get("/label-runs/")[1])
    assert "Labelled in the run: 3 prescriptions" in page
    assert "It is not a number of whole packs" in page
    assert "It is a controlled drug of Schedule 2" in page
    assert Desk(bench.people["mo"]).post("/label-runs/", ordered="worklist").status_code == 422
    assert desk.post("/label-runs/", ordered="by colour").status_code == 422
    assert desk.post("/label-runs/", ordered="shelf").status_code == 303
    run = models.LabelRun.objects.get()
    part = run.parts.get()
    assert run.prescriptions == [full, two, changed]

    # The worker labels the first one and is lost; a colleague takes the third in hand meanwhile.
    label_runs.label_one(by=bench.tess, now=NOW, part=part, prescription_id=full)
    assert "1 of 3 prescriptions" in words(desk.get(f"/label-runs/{run.pk}/")[1])
    early = desk.post(f"/label-runs/{run.pk}/go-on")
    assert (early.status_code, "label-run.under-way" in text_of(early)) == (422, True)
    claiming.claim(by=bench.leon, now=NOW + timedelta(minutes=4), key="claim", prescription_id=changed)
    stand_still(monkeypatch, NOW + timedelta(minutes=5))
    assert "Interrupted" in words(desk.get(f"/label-runs/{run.pk}/")[1])
    assert Desk(bench.adam).post(f"/label-runs/{run.pk}/go-on").status_code == 303
    with pytest.raises(Refused, match="Somebody has gone on"):
        label_runs.label_one(by=bench.tess, now=NOW, part=part, prescription_id=two)
    monkeypatch.setattr(job, "now", lambda: NOW + timedelta(minutes=5))
    for one in run.parts.order_by("n"):
        job.run_labels.func(one.pk)

    shown = words(desk.get(f"/label-runs/{run.pk}/")[1])
    assert "Done : 3 of 3 prescriptions, 4 labels" in shown
    assert "Leon Brandt has it in hand" in shown
    assert [item.labels for item in run.items.order_by("pk")][2] == []
    prints = models.LabelPrint.objects.values_list("label__code", flat=True)
    assert len(prints) == len(set(prints)) == 4
    assert "printed 1 label in label run" in words(desk.get(at(full, "story"))[1])
    assert "left it out of label run" in words(desk.get(at(changed, "story"))[1])
    for asked, pages in (("", 4), ("?part=1", 1), ("?part=2", 3)):
        made = desk.fetch(f"/label-runs/{run.pk}/labels.pdf{asked}").content
        assert made.count(b"/Type /Page\n") + made.count(b"/Type/Page ") in (0, pages)
        assert made.startswith(b"%PDF")
    done = desk.post(f"/label-runs/{run.pk}/go-on")
    assert "label-run.done" in text_of(done)
    # Who began the part that labelled it may not check its accuracy.
    assert [one["name"] for one in bench.row(two).done if one["verb"] == "print_labels"] == ["Adam Patel"]
