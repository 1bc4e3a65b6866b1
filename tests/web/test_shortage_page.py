"""A serious shortage protocol: proposed by a technician, decided by a pharmacist, and all that follows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from tests.web.actions.bench import NOW, Bench, open_bench
from tests.web.desk import Desk, at, stand_still, text_of, words

import pestle.demo
from pestle.demo.messages import Item
from pestle.web.store import models
from pestle.web.store.knowledge import shortage_protocols

LANSOPRAZOLE = Item("Lansoprazole 30mg gastro-resistant capsules", "28", "Take one capsule each morning")
OMEPRAZOLE_28 = "09521000006232"
INSTEAD = "901/42356411000001102"


@pytest.fixture
def bench(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    folder = Path(pestle.demo.__file__).with_name("shortage")
    monkeypatch.setattr(settings, "ENVIRONMENT", replace(settings.ENVIRONMENT, shortage_protocols=(folder,)))
    shortage_protocols.cache_clear()
    stand_still(monkeypatch, NOW)
    yield open_bench()
    shortage_protocols.cache_clear()


def test_proposed_decided_supplied_and_endorsed(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    prescription = bench.at("assemble", LANSOPRAZOLE)
    (line,) = bench.lines(prescription)
    before = line.directions
    tess, ruth = Desk(bench.tess), Desk(bench.ruth)
    bench.labels(prescription)
    page = words(tess.get(at(prescription))[1])
    assert "28 capsules of Omeprazole 20mg gastro-resistant capsules (protocol 901)" in page
    form = {"line": str(line.pk), "instead": INSTEAD}
    wrong = tess.post(at(prescription, "propose-instead"), {**form, "instead": "902/42356411000001102"})
    assert "There is no protocol 902 here" in text_of(wrong)
    assert tess.post(at(prescription, "propose-instead"), form).status_code == 303
    assert "Proposed Omeprazole 20mg" in words(ruth.get(at(prescription))[1])

    # Only a pharmacist decides, who has asked the patient.
    decided = {**form, "directions": "Take one capsule each morning before food", "fits": "yes"}
    assert tess.post(at(prescription, "supply-instead"), {**decided, "agreed": "yes"}).status_code == 422
    assert "shortage.not-agreed" in text_of(ruth.post(at(prescription, "supply-instead"), decided))
    unfit = {**decided, "agreed": "yes", "fits": ""}
    assert "shortage.not-fitting" in text_of(ruth.post(at(prescription, "supply-instead"), unfit))
    assert ruth.post(at(prescription, "supply-instead"), {**decided, "agreed": "yes"}).status_code == 303
    line.refresh_from_db()
    assert (line.protocol, line.wanted, line.product_name[:10]) == ("901", 28, "Omeprazole")
    assert not line.labels.filter(withdrawn=False).exists()
    told = models.Query.objects.get()
    assert (told.asked, told.holds) == ("prescriber", False)
    assert "protocol 901 we supply 28 capsules of Omeprazole" in told.words

    # It is taken back while nothing was picked, and decided again.
    back = {"line": str(line.pk), "words": "She would rather wait"}
    assert tess.post(at(prescription, "supply-as-prescribed"), back).status_code == 303
    line.refresh_from_db()
    assert (line.protocol, line.product_name) == ("", LANSOPRAZOLE.medicine)
    assert line.directions == before
    ruth.post(at(prescription, "supply-instead"), {**decided, "agreed": "yes"})

    # Whatever the checks find in omeprazole is answered, as anything that is new.
    bench.labels(prescription)
    bench.stock(OMEPRAZOLE_28, 1)
    bench.pick(line.pk, OMEPRAZOLE_28)
    late = tess.post(at(prescription, "supply-as-prescribed"), back)
    assert "shortage.begun" in text_of(late)
    bench.assembled(prescription)
    bench.passed(prescription)
    shortage_protocols.cache_clear()
    stand_still(monkeypatch, NOW + timedelta(hours=1))
    bench.handed_out(prescription)
    notification = json.loads(tess.fetch(at(prescription, "dispense-notification.json")).content)
    assert "Omeprazole 20mg gastro-resistant capsules" in json.dumps(notification)
    assert "serious shortage protocol 901" in words(tess.get(at(prescription, "story"))[1])

    # The claim is endorsed with the protocol's number, and with nothing else.
    pay = at(prescription, "payment")
    nothing = tess.post(pay, {"what": "endorse", f"code-{line.pk}": "NDEC"})
    assert "endorsement.protocol-missing" in text_of(nothing)
    given = {"what": "endorse", f"code-{line.pk}": "SSP", f"protocol-{line.pk}": "901"}
    assert tess.post(pay, given).status_code == 303
    assert tess.post(pay, {"what": "claim"}).status_code == 303
    claim = models.PaymentClaim.objects.get()
    body = json.dumps(json.loads(bytes(claim.message.body)))
    assert '"SSP"' in body
    assert '"text": "901"' in body


def test_what_is_over_is_not_handed_out(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    prescription = bench.at("clinical", LANSOPRAZOLE)
    (line,) = bench.lines(prescription)
    ruth = Desk(bench.ruth)
    form = {"line": str(line.pk), "instead": INSTEAD, "directions": "Take one capsule", "agreed": "yes",
            "fits": "yes"}  # fmt: skip
    assert ruth.post(at(prescription, "supply-instead"), form).status_code == 303
    bench.decide(prescription)
    bench.labels(prescription)
    bench.stock(OMEPRAZOLE_28, 1)
    bench.pick(line.pk, OMEPRAZOLE_28)
    bench.assembled(prescription)
    bench.passed(prescription)
    monkeypatch.setattr(settings, "ENVIRONMENT", replace(settings.ENVIRONMENT, shortage_protocols=()))
    shortage_protocols.cache_clear()
    given = Desk(bench.tess).post(at(prescription, "hand-out"), {"collector": "patient"})
    assert (given.status_code, "shortage.unknown" in text_of(given)) == (422, True)
