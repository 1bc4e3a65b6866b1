"""Leaving and coming back loses nothing: what was half typed is there again, for that person alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.web.actions.bench import FUROSEMIDE, NOW, Bench, open_bench
from tests.web.desk import Desk, at, fields_of, stand_still, words

from pestle.web.store import models

HALF = "Take ONE in the morning, before food"


@pytest.fixture
def bench(db: None, monkeypatch: pytest.MonkeyPatch) -> Bench:
    stand_still(monkeypatch, NOW + timedelta(minutes=5))
    return open_bench()


def _half_typed(bench: Bench, desk: Desk, prescription: int) -> str:
    """Tess has chosen to type the directions, and is called away."""
    field = f"typed-{bench.lines(prescription)[0].pk}"
    fields = fields_of(desk.get(at(prescription))[1], "entry-form")
    fields |= {field: HALF, field.replace("typed", "how"): "typed"}
    assert desk.post(at(prescription, "draft?form=entry"), fields).status_code == 204
    return field


def test_it_is_there_again_for_who_typed_it_and_gone_when_the_step_is_done(bench: Bench) -> None:
    prescription = bench.take_in(FUROSEMIDE)
    tess, leon = Desk(bench.tess), Desk(bench.leon)
    field = _half_typed(bench, tess, prescription)
    html = tess.get(at(prescription))[1]
    assert "What you had typed at today 10:05 stands in the form again" in words(html)
    assert fields_of(html, "entry-form")[field] == HALF
    assert HALF not in leon.get(at(prescription))[1]
    kept = models.Draft.objects.get()
    assert not {"key", "csrfmiddlewaretoken", "version"} & set(kept.fields)
    answered = fields_of(html, "entry-form")
    assert leon.post(at(prescription, "entry"), {**answered, field: HALF}).status_code == 303
    assert bench.row(prescription).step == "clinical"
    assert not models.Draft.objects.exists()


def test_it_is_forgotten_when_that_is_wanted(bench: Bench) -> None:
    prescription = bench.take_in(FUROSEMIDE)
    desk = Desk(bench.tess)
    field = _half_typed(bench, desk, prescription)
    assert desk.post(at(prescription, "draft"), drop="yes").status_code == 303
    assert fields_of(desk.get(at(prescription))[1], "entry-form")[field] == ""


def test_what_changed_since_is_decided_by_no_old_tick(bench: Bench) -> None:
    prescription = bench.at("clinical", FUROSEMIDE)
    line = bench.lines(prescription)[0]
    desk = Desk(bench.ruth)
    typed = {f"decide-{line.pk}": "approve", f"words-{line.pk}": "as the surgery said"}
    desk.post(at(prescription, "draft?form=clinical"), typed)
    assert (
        f'id="approve-{line.pk}" name="decide-{line.pk}" value="approve" checked'
        in desk.get(at(prescription))[1]
    )
    models.Prescription.objects.filter(pk=prescription).update(version=99)
    html = desk.get(at(prescription))[1]
    assert 'value="approve" checked' not in html
    assert "as the surgery said" in words(html)


def test_what_belongs_to_another_step_or_is_too_much_is_not_kept(bench: Bench) -> None:
    prescription = bench.take_in(FUROSEMIDE)
    desk = Desk(bench.tess)
    desk.post(at(prescription, "draft?form=clinical"), words="too early")
    desk.post(at(prescription, "draft?form=hand_out"), words="no such form")
    desk.post(at(prescription, "draft?form=entry"), words="x" * 40_000)
    assert not models.Draft.objects.exists()
