"""Twenty commands that must never be done, tried at every door: each is refused by its rule's name, and the
ledger, the prescriptions and the register are as they were.

The hazards are those that a hospital system of the field accepted in 2025, all of them, when they were tried
over its public interface; the numbers are theirs. Three of them, 11 (the same dose twice in a minute), 12
(given although the order was cancelled) and 14 (another product given), are about a dose that is given to a
patient, which nobody does at this bench. `docs/safety/hazards.md` names the control of each.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from tests.web.actions.bench import (
    FUROSEMIDE,
    FUROSEMIDE_28,
    MORPHINE_60,
    PARACETAMOL,
    PARACETAMOL_32,
    Bench,
    open_bench,
    ordered,
)
from tests.web.desk import LATER, Desk, at, fields_of, gs1, stand_still, text_of
from tests.web.test_api import _make, _post, doors_stand_still

from pestle.demo.messages import Item, a_cancellation, written
from pestle.web.store import models, people, register, verify
from pestle.web.store.knowledge import dictionary
from pestle.wire.eps.codes import CancellationReason

ROOT = Path(__file__).parents[2]
ROOTS = (ROOT, ROOT / "src/pestle", ROOT / "src/pestle/pharmacy")
HAZARD_LOG = ROOT / "docs/safety/hazards.md"
# What is tried, ready to be sent. Its answer: a status, and the words of the page or the refusals of the API.
Try = Callable[[], tuple[int, str]]
API, PAGE = "message API", "page"


@dataclass(frozen=True)
class Hazard:
    """A hazard by its number, what is tried, at which door, by which rule it is refused; `ready` makes the
    bench ready and gives the command."""

    number: int
    what: str
    door: str
    rule: str
    ready: Callable[[Bench], Try]


def _sent(change: Callable[[dict[str, Any]], None], item: Item = PARACETAMOL) -> Callable[[Bench], Try]:
    """An order that a program posts, with its line changed."""

    def ready(bench: Bench) -> Try:
        message = json.loads(written(ordered(item)))
        for entry in message["entry"]:
            if entry["resource"]["resourceType"] in ("MedicationRequest", "Provenance"):
                change(entry["resource"])
        return _posted(bench, json.dumps(message).encode())

    return ready


def _posted(bench: Bench, body: bytes) -> Try:
    secret = _make(bench)

    def send() -> tuple[int, str]:
        status, answer, _ = _post(secret, body)
        return status, " ".join(one["rule"] for one in answer["refusals"])

    return send


def _form(desk: Desk, path: str, fields: dict[str, Any] | None = None, **more: Any) -> Try:
    def send() -> tuple[int, str]:
        answer = desk.post(path, fields, **more)
        return answer.status_code, text_of(answer)

    return send


def _dose(value: int) -> Callable[[dict[str, Any]], None]:
    def change(resource: dict[str, Any]) -> None:
        if "dosageInstruction" in resource:
            resource["dosageInstruction"][0]["doseAndRate"][0]["doseQuantity"]["value"] = value

    return change


def _timing(**values: int) -> Callable[[dict[str, Any]], None]:
    def change(resource: dict[str, Any]) -> None:
        if "dosageInstruction" in resource:
            resource["dosageInstruction"][0]["timing"]["repeat"].update(values)

    return change


def _signed_in_2030(resource: dict[str, Any]) -> None:
    for signature in resource.get("signature", ()):
        signature["when"] = "2030-01-01T09:00:00+00:00"


def _other_content(bench: Bench) -> Try:
    bench.take_in(PARACETAMOL)
    return _posted(bench, written(ordered(replace(PARACETAMOL, quantity="640"))))


def _approved(*items: Item, key: str = "a") -> Callable[[Bench], Try]:
    """A pharmacist approves every line and says nothing to what was found."""

    def ready(bench: Bench) -> Try:
        prescription = bench.at("clinical", *items, key=key)
        decided = {f"decide-{line.pk}": "approve" for line in bench.lines(prescription)}
        return _form(Desk(bench.ruth), at(prescription, "clinical-check"), decided, seen_not_assessed="yes")

    return ready


def _twice(bench: Bench) -> Try:
    bench.at("closed", PARACETAMOL)
    return _approved(PARACETAMOL, key="b")(bench)


def _allergic(bench: Bench) -> Try:
    amoxicillin = Item("Amoxicillin 500mg capsules", "21", "Take one capsule three times a day")
    ready = _approved(amoxicillin)(bench)
    patient = models.Patient.objects.get().pk
    known = {"substance": "Penicillin", "severity": "severe", "reaction": "anaphylaxis"}
    Desk(bench.tess).post(f"/patients/{patient}/allergies", known)
    assert models.AllergyFact.objects.exists()
    return ready


def _entry(item: Item, **typed: str) -> Callable[[Bench], Try]:
    """A technician completes the entry as the page offers it, but for what was typed."""

    def ready(bench: Bench) -> Try:
        prescription = bench.take_in(item)
        line, desk = bench.lines(prescription)[0].pk, Desk(bench.tess)
        fields = fields_of(desk.get(at(prescription))[1], "entry-form")
        fields |= {f"{name}-{line}": value for name, value in typed.items()}
        return _form(desk, at(prescription, "entry"), fields, key=fields["key"])

    return ready


def _no_instruction(bench: Bench) -> Try:
    message = json.loads(written(ordered(FUROSEMIDE)))
    for entry in message["entry"]:
        entry["resource"].pop("dosageInstruction", None)
    prescription = int(bench.receive(json.dumps(message).encode()).result["prescriptions"][0])
    desk = Desk(bench.tess)
    fields = fields_of(desk.get(at(prescription))[1], "entry-form")
    return _form(desk, at(prescription, "entry"), fields, key=fields["key"])


def _scan(code: str, *, picked_before: bool = False) -> Callable[[Bench], Try]:
    """A pack is scanned into a line for 28 furosemide tablets."""

    def ready(bench: Bench) -> Try:
        prescription = bench.at("assemble", FUROSEMIDE)
        bench.labels(prescription)
        bench.stock(FUROSEMIDE_28, 2)
        bench.stock(PARACETAMOL_32, 1)
        line = bench.lines(prescription)[0]
        if picked_before:
            bench.pick(line.pk, FUROSEMIDE_28)
        return _form(Desk(bench.tess), at(prescription, f"scan?line={line.pk}"), code=code)

    return ready


def _handed_out_twice(bench: Bench) -> Try:
    prescription = bench.at("closed", FUROSEMIDE)
    return _form(Desk(bench.leon), at(prescription, "hand-out"), collector="patient")


def _receipt(**changed: str) -> Callable[[Bench], Try]:
    def ready(bench: Bench) -> Try:
        typed = {"gtin": FUROSEMIDE_28, "number": "A1", "expiry": "2028-01", "packs": "5"} | changed
        return _form(Desk(bench.tess), "/stock/receive", typed)

    return ready


def _key_again(bench: Bench) -> Try:
    typed = {"gtin": FUROSEMIDE_28, "number": "A1", "expiry": "2028-01", "packs": "5"}
    desk, key = Desk(bench.tess), "1f0e8c1a-0000-4000-8000-000000000001"
    assert desk.post("/stock/receive", typed, key=key).status_code == 303
    return _form(desk, "/stock/receive", typed | {"packs": "6"}, key=key)


def _cancelled_and_handed_out(bench: Bench) -> Try:
    prescription = bench.at("hand_out", FUROSEMIDE)
    bench.receive(a_cancellation(ordered(FUROSEMIDE), place=0, reason=CancellationReason.PRESCRIBING_ERROR))
    return _form(Desk(bench.tess), at(prescription, "hand-out"), collector="patient")


def _cancelled_and_entered(bench: Bench) -> Try:
    prescription = bench.take_in(FUROSEMIDE)
    desk = Desk(bench.tess)
    fields = fields_of(desk.get(at(prescription))[1], "entry-form")
    bench.receive(a_cancellation(ordered(FUROSEMIDE), place=0, reason=CancellationReason.PRESCRIBING_ERROR))
    return _form(desk, at(prescription, "entry"), fields, key=fields["key"])


def _own_witness(bench: Bench) -> Try:
    bench.stock(MORPHINE_60, 1)
    models.User.objects.filter(pk=bench.tess.id).update(pin=people.hashed_pin("2468"))
    desk, address = Desk(bench.tess), f"/register/{register.pages(bench.site.pk)[0].id}/check"
    fields = fields_of(desk.get(address)[1], "check-form")
    counted = {name: "60" if name.startswith("count-") else value for name, value in fields.items()}
    return _form(desk, address, counted | {"witness": str(bench.tess.id), "secret": "2468"})


def _own_check(bench: Bench) -> Try:
    prescription = bench.at("assemble", FUROSEMIDE)
    bench.labels(prescription, by=bench.adam)
    bench.pick_all(prescription, by=bench.adam)
    bench.assembled(prescription, by=bench.adam)
    return _form(Desk(bench.adam), at(prescription, "accuracy-check"), outcome="pass")


def _withheld_afterwards(bench: Bench) -> Try:
    prescription = bench.at("closed", FUROSEMIDE)
    line = str(bench.lines(prescription)[0].pk)
    return _form(Desk(bench.ruth), at(prescription, "withhold"), line=line, code="expired", reason="undone")


def _cancelled_afterwards(bench: Bench) -> Try:
    bench.at("closed", FUROSEMIDE)
    return _posted(
        bench, a_cancellation(ordered(FUROSEMIDE), place=0, reason=CancellationReason.PRESCRIBING_ERROR)
    )


def _deleted(bench: Bench) -> Try:
    prescription = bench.at("closed", FUROSEMIDE)
    client = Desk(bench.ruth).client

    def send() -> tuple[int, str]:
        answer = client.delete(at(prescription))
        return answer.status_code, str(answer.status_code)

    return send


def _moved(what: str, **typed: str) -> Callable[[Bench], Try]:
    """Two packs of furosemide are on the shelf; so much of them goes somewhere."""

    def ready(bench: Bench) -> Try:
        batch = bench.stock(FUROSEMIDE_28, 2).result["batch"]
        shelf = models.Account.objects.get(kind="shelf").pk
        fields = {"what": what, "from": shelf, "why": "broken in transport", "waste": "damaged", **typed}
        return _form(Desk(bench.tess), f"/stock/batches/{batch}/move", fields)

    return ready


def _product(name: str) -> str:
    return next(product.id for product in dictionary().products() if product.name == name)


_WORDS = replace(PARACETAMOL, directions="Take 1000000000 tablets daily")
_MINUS = replace(PARACETAMOL, directions="Take -5 tablets daily")
_NEVER = replace(PARACETAMOL, directions="Take two tablets 0 times a day")
_FEWER = replace(FUROSEMIDE, quantity="21")
_LESS_THAN_NONE = replace(FUROSEMIDE, quantity="-5")

HAZARDS = [
    Hazard(1, "the same order again, with other content", API, "eps.duplicate-prescription", _other_content),
    Hazard(1, "the same medicine again, days after a supply", PAGE, "clinical.unanswered", _twice),
    Hazard(2, "a thousand million tablets at a time", API, "dosage.too-much-at-once", _sent(_dose(10**9))),
    Hazard(2, "the same in words", PAGE, "clinical.unanswered", _approved(_WORDS)),
    Hazard(3, "minus five tablets at a time", API, "dosage.nothing-at-once", _sent(_dose(-5))),
    Hazard(3, "the same in words", PAGE, "clinical.unanswered", _approved(_MINUS)),
    Hazard(3, "minus five tablets to supply", PAGE, "ledger.not-positive", _entry(_LESS_THAN_NONE)),
    Hazard(4, "0 times a day", API, "fhir.wrong-type", _sent(_timing(frequency=0))),
    Hazard(4, "every 0 days", API, "dosage.never", _sent(_timing(period=0))),
    Hazard(4, "0 times a day in words", PAGE, "clinical.unanswered", _approved(_NEVER)),
    Hazard(5, "no instruction at all", PAGE, "entry.no-directions", _no_instruction),
    Hazard(6, "amoxicillin after anaphylaxis to penicillin", PAGE, "clinical.unanswered", _allergic),
    Hazard(7, "another product is entered", PAGE, "entry.name-differs",
           lambda bench: _entry(FUROSEMIDE, product=_product("Paracetamol 500mg tablets"))(bench)),
    Hazard(7, "another product is picked", PAGE, "equivalence.other-medicine", _scan(gs1(PARACETAMOL_32))),
    Hazard(8, "9999 against an order of 21", PAGE, "entry.other-quantity", _entry(_FEWER, quantity="9999")),
    Hazard(8, "one pack more than was ordered", PAGE, "pick.line-complete",
           _scan(gs1(FUROSEMIDE_28), picked_before=True)),
    Hazard(9, "handed out a second time", PAGE, "worklist.already-done", _handed_out_twice),
    Hazard(9, "the same form again, with another number", PAGE, "command.key-reused", _key_again),
    Hazard(10, "handed out although cancelled", PAGE, "line.cancellation-asked", _cancelled_and_handed_out),
    Hazard(10, "entered although cancelled", PAGE, "worklist.not-at-step", _cancelled_and_entered),
    Hazard(13, "signed in 2030", API, "eps.signature-in-future", _sent(_signed_in_2030)),
    Hazard(15, "the witness of a count is who counted", PAGE, "witness.own", _own_witness),
    Hazard(15, "the checker is who assembled", PAGE, "worklist.same-person", _own_check),
    Hazard(16, "a supplied line becomes one that was withheld", PAGE, "line.not-open", _withheld_afterwards),
    Hazard(16, "a supplied line becomes one that was cancelled", API, "cancellation.already-dispensed",
           _cancelled_afterwards),
    Hazard(17, "a prescription that was supplied is deleted", PAGE, "405", _deleted),
    Hazard(18, "a batch that expired 400 days ago comes in", PAGE, "stock.expired",
           _receipt(expiry="2025-09-28")),
    Hazard(18, "a batch that expired 400 days ago is picked", PAGE, "pick.expired",
           _scan(gs1(FUROSEMIDE_28, expiry="250928"))),
    Hazard(19, "a batch that is not there is picked", PAGE, "stock.not-in-stock",
           _scan(gs1(FUROSEMIDE_28, number="NEVER"))),
    Hazard(19, "a hundred times the stock is wasted", PAGE, "stock.not-in-stock",
           _moved("waste", packs="200")),
    Hazard(19, "a hundred times what came goes back", PAGE, "stock.more-than-received",
           _moved("supplier_return", packs="200")),
    Hazard(20, "minus 500 packs come in", PAGE, "stock.packs", _receipt(packs="-500")),
    Hazard(20, "minus 500 packs are wasted", PAGE, "stock.packs", _moved("waste", packs="-500")),
    Hazard(20, "minus 500 tablets are wasted", PAGE, "ledger.not-positive", _moved("waste", loose="-500")),
]  # fmt: skip
NOT_AT_THIS_BENCH = {11, 12, 14}


@pytest.mark.parametrize(
    "hazard", HAZARDS, ids=lambda hazard: f"{hazard.number}-{hazard.what}".replace(" ", "-")
)
def test_it_is_refused_by_name_and_nothing_moves(
    db: None, monkeypatch: pytest.MonkeyPatch, hazard: Hazard
) -> None:
    doors_stand_still(monkeypatch, LATER)
    stand_still(monkeypatch, LATER)
    bench = open_bench()
    send = hazard.ready(bench)
    before = _as_it_stands()
    status, said = send()
    assert status in (409, 422, 405), said
    assert hazard.rule in said
    assert _as_it_stands() == before
    assert verify.verify(bench.site).faults == []


def test_every_hazard_of_ordering_and_supply_is_in_the_table() -> None:
    assert {hazard.number for hazard in HAZARDS} | NOT_AT_THIS_BENCH == set(range(1, 21))
    assert not {hazard.number for hazard in HAZARDS} & NOT_AT_THIS_BENCH


def test_the_hazard_log_names_every_rule() -> None:
    log = HAZARD_LOG.read_text()
    table = log.partition("## Twenty commands")[2]
    assert not [hazard.rule for hazard in HAZARDS if hazard.rule not in table]
    named = set(re.findall(r"`(tests/[^`]+|[a-z/_]+\.py)`", log))
    assert not [path for path in named if not any((root / path).exists() for root in ROOTS)]


def _as_it_stands() -> tuple[Any, ...]:
    """Every balance, every movement, and where every prescription and line stands."""
    return (
        sorted(models.Balance.objects.filter(amount__gt=0).values_list("account", "batch", "amount")),
        models.Movement.objects.count(),
        sorted(models.Prescription.objects.values_list("pk", "number", "step", "closed_because")),
        sorted(models.Line.objects.values_list("pk", "state", "wanted")),
        models.RegisterParticulars.objects.count(),
        models.BalanceCheck.objects.count(),
    )
