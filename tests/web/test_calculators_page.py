"""Calculators: found by any word, filled in with any unit, refused at the field, and nothing is stored."""

from __future__ import annotations

from typing import Any

import pytest
from tests.facts import WEIGHT
from tests.web.actions.bench import FUROSEMIDE, NOW, Bench, open_bench
from tests.web.desk import Desk, stand_still, text_of, words

from pestle.web.store import models
from pestle.web.store import record as records
from pestle.web.store.knowledge import calculators

CLEARANCE = "/calculators/creatinine-clearance/"
ENTERED = {
    "age": "61", "sex": "female", "weight": "72", "weight-unit": "kg", "creatinine": "98",
    "creatinine-unit": "µmol/L", "constants": "uk", "weight-used": "actual", "height": "",
    "height-unit": "cm",
}  # fmt: skip


@pytest.fixture
def bench(db: None, monkeypatch: pytest.MonkeyPatch) -> Bench:
    stand_still(monkeypatch, NOW)
    return open_bench()


def test_every_calculator_is_listed_and_has_a_page(bench: Bench) -> None:
    desk = Desk(bench.tess)
    listed = desk.get("/calculators/")[1]
    for name, one in calculators("uk").items():
        assert f'href="/calculators/{name}/"' in listed
        status, page = desk.get(f"/calculators/{name}/")
        assert status == 200
        assert all(each.label in page for each in one.inputs)
        assert one.source.title in page
    assert desk.get("/calculators/qrisk3/")[0] == 404


def test_it_is_found_by_what_it_is_for(bench: Bench) -> None:
    desk = Desk(bench.tess)
    found = words(text_of(desk.post("/calculators/", text="renal function")))
    assert "Cockcroft-Gault" in found
    assert "NEWS2" not in found
    assert "No calculator has these words" in words(text_of(desk.post("/calculators/", text="zzz")))


def test_the_answer_shows_formula_figures_and_source(bench: Bench) -> None:
    before = models.AuditEvent.objects.count(), models.Command.objects.count()
    answer = Desk(bench.tess).post(CLEARANCE, ENTERED)
    seen = words(text_of(answer))
    assert answer.status_code == 200
    assert "60.4 mL/min" in seen
    assert "(140 − 61) × 72 × 1.04 ÷ 98" in seen
    assert "With the actual weight, 72 kg, and the UK constants" in seen
    assert "Serum creatinine 98 µmol/L" in seen
    assert "Nephron 1976;16:31-41" in seen
    assert (models.AuditEvent.objects.count(), models.Command.objects.count()) == before


@pytest.mark.parametrize(
    "changed",
    [
        {"weight": "158.733", "weight-unit": "lb"},
        {"weight": "158.733 lb"},
        {"creatinine": "1.1086", "creatinine-unit": "mg/dL"},
    ],
)
def test_each_input_takes_its_other_units(bench: Bench, changed: dict[str, str]) -> None:
    assert "60.4 mL/min" in text_of(Desk(bench.tess).post(CLEARANCE, {**ENTERED, **changed}))


def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(bench: Bench) -> None:
    typed = {**ENTERED, "creatinine": "1.1", "age": "", "weight": "seventy"}
    answer = Desk(bench.tess).post(CLEARANCE, typed)
    page = text_of(answer)
    assert answer.status_code == 422
    for field, reason in (
        ("age", "Age is missing"),
        ("weight", "Weight: “seventy” is not a number"),
        ("creatinine", "Serum creatinine is 1.1 µmol/L; the range is 20 to 2,000"),
    ):
        assert f'<a href="#field-{field}">{reason}' in page
        assert reason in page.split(f'id="field-{field}"')[1].split("nhsuk-form-group")[0]
    assert 'value="seventy"' in page
    assert 'value="1.1"' in page


def test_rows_are_entered_in_a_table_and_more_can_be_asked_for(bench: Bench) -> None:
    desk = Desk(bench.tess)
    path = "/calculators/opioid-equivalence/"
    rows = {
        "rules": "uk", "opioid-medicine-1": "codeine by mouth", "opioid-amount-1": "240",
        "opioid-medicine-3": "fentanyl patch", "opioid-amount-3": "25",
    }  # fmt: skip
    assert "84 mg OME/day" in text_of(desk.post(path, rows))
    more = text_of(desk.post(path, {**rows, "more": "opioid"}))
    assert 'name="opioid-amount-8"' in more
    assert 'value="240"' in more
    assert "missing" not in more.split("</h1>")[1].split("<form")[0]
    half = desk.post(path, {**rows, "opioid-amount-3": ""})
    assert half.status_code == 422
    assert "Opioids, row 2: In a day; patches: an hour is missing" in text_of(half)


def test_a_list_is_entered_one_a_line_in_either_unit(bench: Bench) -> None:
    fields = {
        "temperature-reading": "77\n77\n\n25 °C",
        "temperature-reading-unit": "°F",
        "activation-energy": "83.144",
    }
    answer = text_of(Desk(bench.tess).post("/calculators/mean-kinetic-temperature/", fields))
    assert '<h2 id="result" class="pt-result__answer">25 °C</h2>' in answer


def test_from_a_patient_it_has_the_banner_and_what_is_on_record(bench: Bench) -> None:
    bench.take_in(FUROSEMIDE)
    patient = models.Patient.objects.get()
    desk = Desk(bench.tess)
    home = f"/patients/{patient.pk}/"
    assert f'href="{home}calculators/"' in desk.get(home)[1]
    assert f'href="{home}calculators/creatinine-clearance/"' in desk.get(f"{home}calculators/")[1]
    status, page = desk.get(f"{home}calculators/creatinine-clearance/")
    assert status == 200
    assert patient.family.upper() in page
    age = (NOW.date() - patient.born).days // 365  # type: ignore[operator]
    assert f'name="age" value="{age}"' in page
    assert "From the date of birth on record" in page
    assert "No results are on record to find creatinine in" in page
    answer = text_of(desk.post(f"{home}calculators/creatinine-clearance/", {**ENTERED, "age": "40"}))
    assert "(140 − 40) × 72 × 1.04 ÷ 98" in answer
    assert patient.family.upper() in answer


def test_a_result_on_record_is_filled_in_with_its_day_and_who_said_it(bench: Bench) -> None:
    bench.take_in(FUROSEMIDE)
    patient = models.Patient.objects.get()
    records.new_row(patient, WEIGHT).save()
    path = f"/patients/{patient.pk}/calculators/creatinine-clearance/"
    desk = Desk(bench.tess)
    page = desk.get(path)[1]
    assert 'name="weight" value="72.5"' in page
    assert "On record</span> body weight 72.5 kg, 09-Jul-2026, Dr A Sender" in page
    assert "No creatinine is on file" in page
    assert "Weight 72.5 kg, of 09-Jul-2026" in words(text_of(desk.post(path, {**ENTERED, "weight": "72.5"})))
    changed = words(text_of(desk.post(path, {**ENTERED, "weight": "80"})))
    assert "Weight 80 kg" in changed
    assert "of 09-Jul-2026" not in changed


def test_what_is_typed_stands_in_no_address(bench: Bench) -> None:
    page: Any = text_of(Desk(bench.tess).post(CLEARANCE, ENTERED))
    assert "?" not in page.split('id="calculator"')[0].split("<form")[-1]
    assert "creatinine=" not in page
