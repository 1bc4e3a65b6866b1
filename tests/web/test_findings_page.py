"""The clinical check, the hand-out and the pages behind them, as their people see them."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from tests.web.actions.bench import FUROSEMIDE, JOHN, NOW, PARACETAMOL, Bench, open_bench
from tests.web.desk import Desk, at, fields_of, stand_still, text_of, words
from tests.web.many_findings import forty, only

from pestle.definitions import ROOT
from pestle.demo.messages import Item
from pestle.pharmacy.checks.finding import Severity
from pestle.web.jobs import replay as job
from pestle.web.pages.definitions import said_of
from pestle.web.store import models
from pestle.web.store.definitions import entries

SOLUBLE = Item("Paracetamol 500mg soluble tablets", "60", "Take two tablets four times a day")
TWICE = (PARACETAMOL, SOLUBLE)
SAME = "/definitions/checks/duplicate/same_ingredient.yaml/"
RULE = "duplicate|same-ingredient|interrupt"
WHY = "agreed with the surgery in writing"


@pytest.fixture
def bench(db: None, monkeypatch: pytest.MonkeyPatch) -> Bench:
    stand_still(monkeypatch, NOW + timedelta(minutes=5))
    only(monkeypatch, "allergy", "duplicate", "controlled")
    return open_bench()


def _allergic(bench: Bench, prescription: int, substance: str = "Furosemide", kind: str = "allergy") -> None:
    patient = models.Prescription.objects.get(pk=prescription).patient_id
    Desk(bench.tess).post(
        f"/patients/{patient}/allergies", substance=substance, kind=kind, reaction="rash", severity="mild",
        told_by="the patient",
    )  # fmt: skip


def _sign(bench: Bench, prescription: int, answer: str = "taken before without harm") -> Any:
    desk = Desk(bench.ruth)
    html = desk.get(at(prescription))[1]
    typed = dict.fromkeys(re.findall(r'name="(answer-\w+)" form="clinical-form"', html), answer)
    typed |= {f"decide-{line.pk}": "approve" for line in bench.lines(prescription)}
    return desk.post(at(prescription, "clinical-check"), seen_not_assessed="yes", **typed)


def test_what_was_answered_before_is_folded_away_and_still_listed(bench: Bench) -> None:
    first = bench.at("clinical", *TWICE)
    assert _sign(bench, first, "two forms, one for the night").status_code == 303
    second = bench.at("clinical", *TWICE, key="b")
    html = Desk(bench.ruth).get(at(second))[1]
    assert not re.findall(r'name="answer-', html)
    seen = words(html)
    assert "Answered before, not asked again (1)" in seen
    assert "by Ruth Evans because: two forms, one for the night" in seen
    assert "The checks that ran found nothing" not in seen
    assert _sign(bench, second).status_code == 303
    # It travels on: whoever assembles sees that it went on all the same, and why.
    seen = words(Desk(bench.tess).get(at(second))[1])
    assert "Went on all the same" in seen
    assert "Ruth Evans answered at an earlier issue: two forms, one for the night" in seen


def test_a_hard_stop_says_what_was_answered_before_and_asks_again(bench: Bench) -> None:
    first = bench.at("clinical", FUROSEMIDE)
    _allergic(bench, first)
    assert _sign(bench, first, "it was another tablet").status_code == 303
    second = bench.at("clinical", FUROSEMIDE, key="b")
    html = Desk(bench.ruth).get(at(second))[1]
    assert len(re.findall(r'name="answer-', html)) == 1
    assert "because: it was another tablet A hard stop always asks." in words(html)


def test_a_technician_sees_what_was_found_and_refers(bench: Bench) -> None:
    prescription = bench.at("clinical", *TWICE)
    desk = Desk(bench.tess)
    html = desk.get(at(prescription))[1]
    assert "both contain paracetamol" in words(html)
    assert 'name="answer-' not in html
    assert desk.post(at(prescription, "refer"), words="").status_code == 422
    assert desk.post(at(prescription, "refer"), words="She takes a third one too").status_code == 303
    assert "Referred" in words(Desk(bench.ruth).get("/?step=clinical")[1])
    html = Desk(bench.ruth).get(at(prescription))[1]
    assert "Tess Okafor asks" in words(html)
    [field] = re.findall(r'name="(referral-\d+)" form="clinical-form"', html)
    assert "referral.unanswered" in text_of(_sign(bench, prescription))
    typed = dict.fromkeys(re.findall(r'name="(answer-\w+)"', html), "spoke to her") | {field: "asked her"}
    typed |= {f"decide-{line.pk}": "approve" for line in bench.lines(prescription)}
    answer = Desk(bench.ruth).post(at(prescription, "clinical-check"), seen_not_assessed="yes", **typed)
    assert answer.status_code == 303
    seen = words(desk.get(at(prescription))[1])
    assert "Tess Okafor asked She takes a third one too Ruth Evans answered asked her" in seen
    assert "referred it to a pharmacist" in words(desk.get(at(prescription, "story"))[1])


def test_a_new_allergy_stops_the_hand_out_until_a_pharmacist_has_answered(bench: Bench) -> None:
    prescription = bench.at("hand_out", FUROSEMIDE)
    tess, ruth = Desk(bench.tess), Desk(bench.ruth)
    fields = fields_of(tess.get(at(prescription))[1], "hand-out-form") | {"collector": "patient"}
    _allergic(bench, prescription)
    # Also for somebody whose page was open before.
    answer = tess.send(at(prescription, "hand-out"), fields)
    assert answer.status_code == 422
    assert "hand-out.new-finding" in text_of(answer)
    assert "Refer it to a pharmacist" in text_of(answer)
    html = tess.get(at(prescription))[1]
    assert 'id="hand-out-form"' not in html
    assert "New since the clinical check" in words(html)
    assert 'action="/prescriptions/1/answer"' not in html
    html = ruth.get(at(prescription))[1]
    [field] = re.findall(r'name="(answer-\w+)" form="answer-form"', html)
    version = fields_of(html, "answer-form")["version"]
    assert "clinical.unanswered" in text_of(ruth.post(at(prescription, "answer"), version=version))
    answered = ruth.post(
        at(prescription, "answer"),
        version=version,
        seen_not_assessed="yes",
        **{field: "It was frusemide in 1980"},
    )
    assert answered.status_code == 303
    html = tess.get(at(prescription))[1]
    assert "Ruth Evans answered: It was frusemide in 1980" in words(html)
    answer = tess.send(
        at(prescription, "hand-out"), fields_of(html, "hand-out-form") | {"collector": "patient"}
    )
    assert answer.status_code == 303
    assert bench.row(prescription).step == "closed"


def test_forty_findings_are_forty_entries_with_as_many_fields_as_ask(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    prescription = bench.at("clinical", FUROSEMIDE)
    desk = Desk(bench.ruth)
    with django_assert_max_num_queries(40) as few:
        desk.get(at(prescription))
    forty(monkeypatch)
    with django_assert_max_num_queries(len(few)):
        html = desk.get(at(prescription))[1]
    assert html.count('<li class="pt-finding ') == 40
    assert len(re.findall(r'name="answer-', html)) == 20
    shown = re.findall(r'<li class="pt-finding pt-finding--([a-z-]+)"', html)
    worst_first = [severity.value.replace("_", "-") for severity in Severity for _ in range(10)]
    assert shown == worst_first


def test_a_hard_stop_is_lowered_by_two_and_the_page_says_so(bench: Bench) -> None:
    prescription = bench.at("clinical", FUROSEMIDE)
    _allergic(bench, prescription)
    assert _sign(bench, prescription).status_code == 303
    page, ruth, samuel = "/definitions/substances.yaml/", Desk(bench.ruth), Desk(bench.samuel)
    typed = {"rule": "allergy|same|hard_stop", "reason": WHY, "review": "2027-01-31"}
    assert "tuning.hard-stop" in text_of(ruth.post(f"{page}tune", to="quiet", **typed))
    assert ruth.post(f"{page}tune", to="interrupt", **typed).status_code == 303
    assert "Waits for a second pharmacist" in words(ruth.get(page)[1])
    tuning = str(models.Tuning.objects.get().pk)
    assert "Sign as the second pharmacist" not in ruth.get(page)[1]
    assert "tuning.same-person" in text_of(ruth.post(f"{page}sign", tuning=tuning))
    assert "Sign as the second pharmacist" in samuel.get(page)[1]
    assert samuel.post(f"{page}sign", tuning=tuning).status_code == 303
    seen = words(Desk(bench.tess).get(page)[1])
    assert "Holds" in seen
    second = bench.at("clinical", FUROSEMIDE, key="b")
    seen = words(ruth.get(at(second))[1])
    assert f"Changed here from “Hard stop” by Ruth Evans and Samuel Adeyemi, 02-Nov-2026: {WHY}" in seen
    assert samuel.post(f"{page}withdraw", tuning=tuning, reason="it was too much").status_code == 303
    assert "Withdrawn by Samuel Adeyemi" in words(ruth.get(page)[1])


def test_bad_input_keeps_what_was_typed(bench: Bench) -> None:
    bench.decide(bench.at("clinical", *TWICE))
    answer = Desk(bench.ruth).post(
        f"{SAME}tune", rule=RULE, to="note", reason="short", review="soon", **{"tuning-form": "yes"}
    )
    html = text_of(answer)
    assert answer.status_code == 422
    assert "“soon” is no day" in html
    assert ">short</textarea>" in html
    assert f'<option value="{RULE}" selected>' in html


def test_the_list_says_what_is_overdue_unverified_and_found(bench: Bench) -> None:
    bench.decide(bench.at("clinical", *TWICE))
    desk = Desk(bench.tess)
    groups = desk.get("/definitions/")[1]
    folders = {path.parent for path in ROOT.rglob("*.yaml")}
    assert groups.count("data-open") == len(folders)
    assert "checks/" not in words(groups), "each folder is said in words"
    duplicates = re.search(r">Duplicates</a>.*?</tr>", groups, re.DOTALL)
    assert duplicates is not None
    number = len(list((ROOT / "checks" / "duplicate").glob("*.yaml")))
    assert words(duplicates[0]).split()[1:3] == [str(number), str(number)], "how many, and unverified"
    assert "Age (19)" in groups
    everything = desk.get("/definitions/?which=all")[1]
    assert everything.count("data-open") == 50
    assert "page=2" in everything
    found = desk.post("/definitions/", text="same ingredient", about="", which="").content.decode()
    assert re.search(r'data-label="Found in 30 days"[^>]*>1<', found)
    answer = desk.post("/definitions/", text="", about="checks/allergy", which="unverified")
    assert answer["Location"] == "/definitions/?about=checks%2Fallergy&which=unverified"
    assert 0 < desk.get(answer["Location"])[1].count("data-open") < 50
    for which in ("overdue", "verified", "unverified", "trial", "tuned"):
        assert desk.get(f"/definitions/?which={which}")[0] == 200
    assert "No definition fits" in desk.post("/definitions/", text="zzz").content.decode()
    assert desk.get("/definitions/no/such.yaml/")[0] == 404


@pytest.mark.pages
def test_every_definition_has_a_page(bench: Bench) -> None:
    desk = Desk(bench.tess)
    assert all(said_of(entry.folder) != entry.folder for entry in entries().values())
    hrefs = [f"/definitions/{file}/" for file in entries()]
    assert {href: desk.get(href)[0] for href in hrefs} == dict.fromkeys(hrefs, 200)


def test_a_replay_is_begun_left_found_again_and_read(bench: Bench) -> None:
    bench.decide(bench.at("clinical", *TWICE))
    ruth = Desk(bench.ruth)
    answer = ruth.post(f"{SAME}replay", first="2026-11-01", last="2026-11-02", rule=RULE, to="note")
    assert answer.status_code == 303
    where = answer["Location"]
    seen = words(ruth.get(where)[1])
    assert "Waits for the worker" in seen
    assert "You can leave this page" in seen
    job.run_replay.func(models.Replay.objects.get().pk)
    assert where in Desk(bench.mo).get("/replays/")[1]
    assert where in ruth.get(SAME)[1]
    html = ruth.get(where)[1]
    seen = words(html)
    assert "1 alert on 1 prescription: 100.0 per 100" in seen
    assert "from “Answer needed” to “Note”" in seen
    assert "hx-trigger" not in html
    assert Desk(bench.tess).get(where)[0] == 403


def test_a_period_that_cannot_be_is_refused_in_words(bench: Bench) -> None:
    desk = Desk(bench.ruth)
    for first in ("", "2027-01-01"):
        desk.post(f"{SAME}replay", first=first, last="2026-11-02")
        assert re.search("is no day such as|A period ends today or before", words(desk.get(SAME)[1]))
    assert not models.Replay.objects.exists()


def test_the_burden_is_counted_by_rule_reason_person_and_week(bench: Bench) -> None:
    bench.decide(bench.at("clinical", *TWICE))
    bench.decide(bench.at("clinical", *TWICE, key="b", patient=JOHN), by=bench.samuel)
    bench.decide(bench.at("clinical", *TWICE, key="c"), answers={})
    html = Desk(bench.mo).get("/burden/?days=30")[1]
    seen = words(html)
    assert re.search("Asked and overridden 2 ?, asked and acted on 0", seen)
    assert "answered by an earlier issue and not asked again 1" in seen
    assert "100 % (few)" in seen
    assert re.search(r"spoke to the prescriber</th><td[^>]*>2<", html)
    assert re.search(r"Samuel Adeyemi</th><td[^>]*>1<", html)
    assert '<rect class="pt-chart__answer"' in html
    assert "style=" not in html
    file = Desk(bench.mo).client.get("/burden.csv?days=30").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(file)))
    assert [(row["By"], row["Because"]) for row in rows] == [
        ("Samuel Adeyemi", "spoke to the prescriber"), ("Ruth Evans", "spoke to the prescriber"),
    ]  # fmt: skip
    assert "brien" not in file.casefold()


def test_a_burden_of_nothing_teaches_what_fills_it(bench: Bench) -> None:
    assert "Nothing asked for an answer in this time" in Desk(bench.mo).get("/burden/")[1]
