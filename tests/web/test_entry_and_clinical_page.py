"""Entry and clinical check on their pages: what is typed is kept, what is open is named, done leads on."""

from __future__ import annotations

import re

import pytest
from tests.web.actions.bench import FUROSEMIDE, PARACETAMOL, Bench, open_bench
from tests.web.desk import LATER, Desk, at, fields_of, stand_still, text_of, words

from pestle.demo.messages import Item
from pestle.web.store import models
from pestle.web.store.knowledge import dictionary

UNKNOWN = Item("Paracetamol 500mg tablets", "32", "blorp zz twice")


@pytest.fixture
def bench(db: None, monkeypatch: pytest.MonkeyPatch) -> Bench:
    stand_still(monkeypatch, LATER)
    return open_bench()


def test_entry_goes_through_as_the_page_offers_it_and_leads_to_the_next(bench: Bench) -> None:
    prescription = bench.take_in(FUROSEMIDE, PARACETAMOL)
    following = bench.take_in(FUROSEMIDE, key="next")
    desk = Desk(bench.tess)
    fields = fields_of(desk.get(at(prescription))[1], "entry-form")
    answer = desk.send(at(prescription, "entry"), fields)
    assert (answer.status_code, answer["Location"]) == (303, at(following))
    assert "Entry of O'BRIEN, Mary (Mrs) done. Next: O'BRIEN, Mary (Mrs)." in desk.get(at(following))[1]
    line = bench.lines(prescription)[0]
    assert bench.row(prescription).step == "clinical"
    assert (line.product_name, line.wanted, line.directions) == (
        "Furosemide 40mg tablets", 28, "Take ONE tablet in the morning.",
    )  # fmt: skip


def test_the_last_of_a_list_leads_back_to_the_list(bench: Bench) -> None:
    prescription = bench.take_in(FUROSEMIDE)
    desk = Desk(bench.tess)
    answer = desk.send(at(prescription, "entry"), fields_of(desk.get(at(prescription))[1], "entry-form"))
    assert answer["Location"] == "/?step=entry"


def test_a_refused_entry_keeps_what_was_typed(bench: Bench) -> None:
    prescription = bench.take_in(FUROSEMIDE)
    line = bench.lines(prescription)[0].pk
    desk = Desk(bench.tess)
    fields = fields_of(desk.get(at(prescription))[1], "entry-form")
    typed = {f"quantity-{line}": "2800", f"how-{line}": "typed", f"typed-{line}": "Take as you were told"}
    answer = desk.send(at(prescription, "entry"), fields | typed)
    html = text_of(answer)
    assert answer.status_code == 422
    assert "entry.other-quantity" in html
    assert f'<a href="#line-{line}">' in html
    kept = fields_of(html, "entry-form")
    assert {name: kept[name] for name in typed} == typed
    assert bench.row(prescription).step == "entry"


def test_what_is_no_number_is_refused_at_its_line(bench: Bench) -> None:
    prescription = bench.take_in(FUROSEMIDE)
    line = bench.lines(prescription)[0].pk
    desk = Desk(bench.tess)
    fields = fields_of(desk.get(at(prescription))[1], "entry-form") | {f"quantity-{line}": "lots"}
    html = text_of(desk.send(at(prescription, "entry"), fields))
    assert "quantity.not-a-number" in html
    assert f'<a href="#line-{line}">' in html


def test_looking_up_offers_and_never_chooses(bench: Bench) -> None:
    prescription = bench.take_in(FUROSEMIDE)
    line = bench.lines(prescription)[0].pk
    desk = Desk(bench.tess)
    fields = fields_of(desk.get(at(prescription))[1], "entry-form")
    before = models.AuditEvent.objects.count()
    answer = desk.send(
        at(prescription, "entry"), fields | {f"search-{line}": "amoxycillin 250 caps", "look_up": str(line)}
    )
    html = text_of(answer)
    assert answer.status_code == 200
    assert "Amoxicillin 250mg capsules" in html
    assert "Looks like Ampicillin" in html
    assert fields_of(html, "entry-form")[f"product-{line}"] == fields[f"product-{line}"]
    assert models.AuditEvent.objects.count() == before


def test_a_product_that_nobody_confirmed_by_name_is_refused_until_it_is(bench: Bench) -> None:
    prescription = bench.take_in(FUROSEMIDE)
    line, other = bench.lines(prescription)[0].pk, _product("Paracetamol 500mg tablets")
    desk = Desk(bench.tess)
    fields = fields_of(desk.get(at(prescription))[1], "entry-form") | {f"product-{line}": other}
    html = text_of(desk.send(at(prescription, "entry"), fields))
    assert "entry.name-differs" in html
    assert f'name="name-{line}" value="{other}"' in html
    # A tick for another product than the one chosen confirms nothing.
    assert "entry.name-differs" in text_of(
        desk.send(at(prescription, "entry"), fields | {f"name-{line}": "1"})
    )
    confirmed = fields | {f"name-{line}": other}
    assert desk.send(at(prescription, "entry"), confirmed).status_code == 303


def test_words_that_changed_with_the_product_are_read_again(bench: Bench) -> None:
    prescription = bench.take_in(FUROSEMIDE)
    line = bench.lines(prescription)[0].pk
    desk = Desk(bench.tess)
    fields = fields_of(desk.get(at(prescription))[1], "entry-form") | {f"pestle-{line}": "Take TWO tablets"}
    answer = desk.send(at(prescription, "entry"), fields)
    assert answer.status_code == 422
    assert "entry.wording-changed" in text_of(answer)


def test_an_instruction_that_is_not_understood_says_so_and_offers_its_own_words(bench: Bench) -> None:
    prescription = bench.take_in(UNKNOWN)
    line = bench.lines(prescription)[0].pk
    html = Desk(bench.tess).get(at(prescription))[1]
    assert "Not understood" in html
    assert "daily dose and days’ supply not known" in html
    fields = fields_of(html, "entry-form")
    assert fields[f"how-{line}"] == "own"
    assert f"pestle-{line}" not in fields


def test_a_medicine_outside_the_dictionary_goes_on_and_cannot_be_approved(
    bench: Bench,
) -> None:
    prescription = bench.take_in(FUROSEMIDE)
    line = bench.lines(prescription)[0].pk
    desk = Desk(bench.tess)
    fields = fields_of(desk.get(at(prescription))[1], "entry-form")
    fields |= {f"product-{line}": "none", f"unmatched-{line}": "an unlicensed special"}
    assert desk.send(at(prescription, "entry"), fields).status_code == 303
    html = Desk(bench.ruth).get(at(prescription))[1]
    assert "No product is matched" in html
    assert 'value="approve"' not in html


def test_a_clinical_check_needs_a_decision_an_answer_and_a_look_at_what_is_not_assessed(bench: Bench) -> None:
    prescription = bench.at("clinical", FUROSEMIDE, PARACETAMOL)
    first, second = (line.pk for line in bench.lines(prescription))
    desk = Desk(bench.ruth)
    html = desk.get(at(prescription))[1]
    assert "Not assessed" in html
    version = fields_of(html, "clinical-form")["version"]
    typed = {f"decide-{first}": "approve", f"decide-{second}": "refuse", f"words-{second}": "has enough"}
    answer = desk.post(at(prescription, "clinical-check"), version=version, **typed)
    html = text_of(answer)
    assert answer.status_code == 422
    for rule in ("clinical.no-reason", "clinical.not-assessed-unseen"):
        assert rule in html
    kept = fields_of(html, "clinical-form")
    assert {name: kept[name] for name in typed} == typed
    answer = desk.post(
        at(prescription, "clinical-check"), version=version, seen_not_assessed="yes",
        **typed, **{f"reason-{second}": "not_required"},
    )  # fmt: skip
    assert answer.status_code == 303
    assert [line.state for line in bench.lines(prescription)] == ["open", "refused"]
    seen = words(Desk(bench.tess).get(at(prescription))[1])
    assert "The patient does not need it: has enough" in seen


def test_a_finding_is_answered_in_a_field_that_tells_nothing_of_the_patient(bench: Bench) -> None:
    twice = Item("Paracetamol 500mg soluble tablets", "60", "Take two tablets four times a day")
    prescription = bench.at("clinical", PARACETAMOL, twice)
    desk = Desk(bench.ruth)
    html = desk.get(at(prescription))[1]
    fields = re.findall(r'<textarea[^>]*name="(answer-[^"]+)" form="clinical-form"', html)
    assert fields
    assert not any(part in field.lower() for field in fields for part in ("brien", "mary", "9434765919"))
    typed = {f"decide-{line.pk}": "approve" for line in bench.lines(prescription)} | {
        "seen_not_assessed": "yes"
    }
    assert "clinical.unanswered" in text_of(desk.post(at(prescription, "clinical-check"), **typed))
    typed |= dict.fromkeys(fields, "prescriber means both, spoken to")
    assert desk.post(at(prescription, "clinical-check"), **typed).status_code == 303
    seen = words(Desk(bench.tess).get(at(prescription))[1])
    assert "Ruth Evans answered: prescriber means both, spoken to" in seen


def test_returning_to_entry_needs_its_reason(bench: Bench) -> None:
    prescription = bench.at("clinical")
    desk = Desk(bench.ruth)
    assert desk.post(at(prescription, "return-to-entry"), reason="").status_code == 422
    assert desk.post(at(prescription, "return-to-entry"), reason="check the quantity").status_code == 303
    assert bench.row(prescription).step == "entry"
    assert "check the quantity" in Desk(bench.tess).get(at(prescription, "story"))[1]


def _product(name: str) -> str:
    return next(product.id for product in dictionary().products() if product.name == name)
