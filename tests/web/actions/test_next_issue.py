"""What monitoring decided of the next issue is what is prepared and signed."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.web.actions.bench import a_key
from tests.web.actions.surgery import Surgery, open_surgery
from tests.web.actions.test_monitoring import LATER, act, on_methotrexate, refused
from tests.web.actions.test_requests import ask, sign, step
from tests.web.desk import Desk, stand_still, words

from pestle.pharmacy.people import Person
from pestle.pharmacy.practice.change import renew, wanted_of
from pestle.web.actions import monitoring, short_issues
from pestle.web.store import models
from pestle.wire.eps.order import read_order
from pestle.wire.fhir.tree import parse

HOUR = timedelta(hours=1)


@pytest.fixture
def surgery(db: None) -> Surgery:
    surgery = open_surgery()
    on_methotrexate(surgery)
    return surgery


def propose(surgery: Surgery, **more: Any) -> int:
    (line,) = surgery.lines()
    proposed = {"order": line.order.id, "days": 14, "reason": "invited twice", **more}
    made = act(short_issues.propose, surgery.priya, surgery.patient(), **proposed)
    return int(made.result["short_issue"])


def decide(issue: int, by: Person, decision: str = "short", **more: Any) -> None:
    said = {"decision": decision, "days": 7, "reason": "", "now": LATER + 2 * HOUR, **more}
    short_issues.decide(by=by, key=a_key(), issue_id=issue, **said)


def asked(surgery: Surgery, **more: Any) -> models.RequestLine:
    (line,) = ask(surgery, surgery.lines()[0].id, now=LATER, **more)
    return line


def test_an_issue_is_what_was_decided_and_the_one_after_is_usual(
    surgery: Surgery, monkeypatch: pytest.MonkeyPatch
) -> None:
    line, issue = asked(surgery), propose(surgery)
    page = f"/practice/requests/patients/{surgery.patient().pk}/"
    stand_still(monkeypatch, LATER + 3 * HOUR)
    priya, dana = Desk(surgery.priya), Desk(surgery.dana)
    assert "A short issue of 14 days is proposed by Priya Rivers" in words(priya.get(page)[1])
    # What is only proposed stops and shortens nothing.
    step(surgery, "prepare", line, now=LATER + HOUR)
    line.refresh_from_db()
    assert (line.quantity, line.days) == ("", None)
    assert "A short issue of 14 days is proposed" in words(dana.get("/practice/to-sign/")[1])
    decide(issue, surgery.gareth)
    assert refused(lambda: sign(surgery, line, now=LATER + 3 * HOUR)) == "short-issue.stale"
    assert "was prepared before this: A short issue of 7 days" in words(dana.get("/practice/to-sign/")[1])
    step(surgery, "back", line, now=LATER + 3 * HOUR)
    assert "decided by Gareth Rivers on 01-Jan-2027 while late:" in words(priya.get(page)[1])
    longer: dict[str, Any] = {"amounts": {line.pk: ("28", 28)}, "now": LATER + 3 * HOUR}
    assert refused(lambda: step(surgery, "prepare", line, **longer)) == "short-issue.longer"
    step(surgery, "prepare", line, now=LATER + 3 * HOUR)
    line.refresh_from_db()
    assert (line.quantity, line.days) == ("7", 7)
    assert line.reason == "A short issue of 7 days, decided by Gareth Rivers on 01-Jan-2027"
    # Somebody prepared it longer after all: it is not signed.
    models.RequestLine.objects.update(quantity="", days=None)
    assert refused(lambda: sign(surgery, line, now=LATER + 4 * HOUR)) == "short-issue.longer"
    models.RequestLine.objects.update(quantity="7", days=7)
    (made,) = sign(surgery, line, now=LATER + 4 * HOUR)
    message = models.IssuedPrescription.objects.get(pk=made).message
    (sent,) = read_order(parse(bytes(message.body)), now=LATER + 4 * HOUR).prescription.lines
    assert sent.quantity is not None
    assert (sent.quantity.value, sent.days_supply) == (Decimal(7), Decimal(7))
    after = asked(surgery)
    step(surgery, "prepare", after, now=LATER + timedelta(days=7))
    after.refresh_from_db()
    assert (after.quantity, after.days, after.reason) == ("", None, "")


def test_no_issue_now_ends_when_the_tests_were_done(surgery: Surgery) -> None:
    line = asked(surgery)
    decide(propose(surgery), surgery.dana, "not_now", reason="neutrophils 1.2")
    later: dict[str, Any] = {"now": LATER + 3 * HOUR}
    assert refused(lambda: step(surgery, "prepare", line, **later)) == "short-issue.not-now"
    for kind in ("fbc", "transaminases", "renal_function"):
        act(
            monitoring.done_elsewhere, surgery.priya, surgery.patient(), kind=kind, taken="2026-12-28",
            where="Ashcombe General", reason="on their letter",
        )  # fmt: skip
    step(surgery, "prepare", line, **later)
    sign(surgery, line, **later)


def test_a_decision_stays_with_its_line_when_the_order_changes(surgery: Surgery) -> None:
    decide(propose(surgery), surgery.gareth)
    (listed,) = surgery.lines()
    surgery.change(renew(listed, wanted_of(listed.order), "a year on"), now=LATER)
    surgery.authorise(*surgery.lines(), now=LATER)
    line = asked(surgery)
    step(surgery, "prepare", line, now=LATER + 3 * HOUR)
    line.refresh_from_db()
    assert (line.quantity, line.days) == ("7", 7)
