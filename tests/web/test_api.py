"""Messages posted by a program, and the health of the server."""

from __future__ import annotations

import json
import logging
import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from tests.web.actions.bench import FUROSEMIDE, NOW, PARACETAMOL, Bench, a_key, open_bench, ordered
from tests.web.desk import Desk, stand_still, text_of

from pestle.demo.messages import written
from pestle.web.actions import releases
from pestle.web.api import messages as door
from pestle.web.store import append_only, models, tokens

ORDER = written(ordered(FUROSEMIDE))


@pytest.fixture
def bench(db: None, monkeypatch: pytest.MonkeyPatch) -> Bench:
    doors_stand_still(monkeypatch, NOW + timedelta(minutes=30))
    return open_bench()


@pytest.fixture
def secret(bench: Bench) -> str:
    return _make(bench)


def doors_stand_still(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return now.astimezone(tz)

    stand_still(monkeypatch, now)
    monkeypatch.setattr(door, "datetime", Clock)


def _make(bench: Bench) -> str:
    html = text_of(Desk(bench.mo).post("/manage/tokens", name="hub messages", days="30"))
    return html.split("<code>")[1].split("</code>")[0]


def _post(
    secret: str, body: bytes = ORDER, *, to: str = "/api/messages", **headers: str
) -> tuple[int, dict[str, Any], Any]:
    sent = {
        "Authorization": f"Bearer {secret}",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    kind = sent.pop("Content-Type", "application/fhir+json")
    response = Client(enforce_csrf_checks=True).post(
        to,
        body,
        content_type=kind,
        headers={name: value for name, value in sent.items() if value},
        # The test client leaves it out of a request without a body.
        CONTENT_TYPE=kind,
    )
    return response.status_code, json.loads(response.content), response


def test_what_the_service_answered_to_a_message_of_ours_is_taken_in(bench: Bench, secret: str) -> None:
    asked = [
        releases.ask_for_release(by=bench.tess, now=NOW, key=a_key()).result["message"] for _ in range(2)
    ]
    issue = {
        "severity": "error",
        "code": "business-rule",
        "diagnostics": "Prescription is with another dispenser",
    }
    body = json.dumps({"resourceType": "OperationOutcome", "issue": [issue]}).encode()
    for pk in asked:
        # The same words about another message are another answer.
        for _ in range(2):
            status, answer, _ = _post(secret, body, to=f"/api/messages/{pk}/answer")
            assert (status, answer["outcome"], answer["accepted"]) == (201, "refused", False)
    assert models.ServiceAnswer.objects.count() == models.MessageTask.objects.count() == 2
    message = models.Message.objects.get(pk=answer["message"])
    assert (message.way, message.refusals[0]["rule"]) == ("post", "eps.answer-refused")
    status, answer, _ = _post(secret, body, to="/api/messages/999/answer")
    assert (status, answer["refusals"][0]["rule"]) == (404, "answer.unknown")
    assert _post("no key", body, to=f"/api/messages/{asked[0]}/answer")[0] == 401


def test_an_order_is_taken_in_and_the_answer_says_what_became_of_it(bench: Bench, secret: str) -> None:
    status, answer, _ = _post(secret)
    assert status == 201
    assert answer["outcome"] == "accepted"
    assert answer["summary"] == "1 new prescription"
    assert answer["prescriptions"] == [models.Prescription.objects.get().pk]
    message = models.Message.objects.get(pk=answer["message"])
    assert (message.way, bytes(message.body)) == ("post", ORDER)
    assert models.AuditEvent.objects.latest("place").person_name == "Program: hub messages"


def test_the_same_post_again_is_the_same_command(bench: Bench, secret: str) -> None:
    first, again = _post(secret), _post(secret)
    assert first[:2] == again[:2]
    assert models.Message.objects.count() == 1
    other = _post(secret, Idempotency_Key=str(uuid.uuid4()))
    assert (other[0], other[1]["outcome"]) == (200, "duplicate")


def test_the_same_key_with_another_body_is_refused(bench: Bench, secret: str) -> None:
    key = str(uuid.uuid4())
    _post(secret, Idempotency_Key=key)
    status, answer, _ = _post(secret, written(ordered(PARACETAMOL, key="b")), Idempotency_Key=key)
    assert status == 409
    assert answer["refusals"][0]["rule"] == "command.key-reused"
    assert models.Prescription.objects.count() == 1


def test_a_refused_message_is_filed_for_a_person(bench: Bench, secret: str) -> None:
    status, answer, _ = _post(secret, ORDER.replace(b"9434765919", b"9434765918"))
    assert status == 422
    assert answer["outcome"] == "refused"
    refusal = answer["refusals"][0]
    assert refusal["rule"] == "nhs-number.check-digit"
    assert set(refusal) == {"rule", "reason", "place", "way_out"}
    assert models.MessageTask.objects.get().message_id == answer["message"]


def test_what_is_not_for_us_is_filed_and_said_so(bench: Bench, secret: str) -> None:
    issue = b'{"severity": "information", "code": "informational"}'
    body = b'{"resourceType": "OperationOutcome", "issue": [' + issue + b"]}"
    status, answer, _ = _post(secret, body)
    assert (status, answer["outcome"]) == (202, "not_for_us")


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer wrong", "Basic {secret}", "bearer x{secret}"])
def test_without_a_key_that_holds_nothing_is_read(bench: Bench, secret: str, given: str) -> None:
    status, answer, response = _post(secret, Authorization=given.format(secret=secret))
    assert status == 401
    assert answer["refusals"][0]["rule"] == "token.unknown"
    assert response["WWW-Authenticate"] == 'Bearer realm="pestle"'
    assert not models.Message.objects.exists()


def test_a_revoked_key_holds_no_more(bench: Bench, secret: str) -> None:
    token = models.AccessToken.objects.get()
    assert Desk(bench.mo).post(f"/manage/tokens/{token.pk}/revoke").status_code == 303
    assert _post(secret)[0] == 401
    again = Desk(bench.mo).post(f"/manage/tokens/{token.pk}/revoke")
    assert again.status_code == 422
    assert "token.revoked" in text_of(again)


def test_a_key_ends_on_its_day(bench: Bench, secret: str, monkeypatch: pytest.MonkeyPatch) -> None:
    doors_stand_still(monkeypatch, NOW + timedelta(days=30, minutes=29))
    assert _post(secret)[0] == 201
    doors_stand_still(monkeypatch, NOW + timedelta(days=30, minutes=30))
    assert _post(secret)[0] == 401


def test_a_key_is_for_its_own_site(bench: Bench, secret: str) -> None:
    other = models.Site.objects.create(
        name="Other", code="FZZ02", kind="community_pharmacy", country="GB-ENG", time_zone="Europe/London"
    )
    _post(secret)
    assert not models.Message.objects.filter(site=other).exists()


def test_a_key_is_shown_once_and_only_its_digest_is_kept(bench: Bench, secret: str) -> None:
    token = models.AccessToken.objects.get()
    assert token.digest == tokens.digest(secret)
    assert secret not in Desk(bench.mo).get("/manage/")[1]
    event = models.AuditEvent.objects.get(action="people.make_token")
    assert secret not in f"{event.detail}{event.result}"


def test_a_second_press_makes_no_second_key(bench: Bench) -> None:
    desk, key = Desk(bench.mo), str(uuid.uuid4())
    first = desk.post("/manage/tokens", key=key, name="hub", days="30")
    second = desk.post("/manage/tokens", key=key, name="hub", days="30")
    assert "shown this once" in text_of(first)
    assert second.status_code == 303
    assert "shown already" in desk.get("/manage/")[1]
    assert models.AccessToken.objects.count() == 1


def test_a_program_can_do_nothing_else(bench: Bench, secret: str) -> None:
    user = models.AccessToken.objects.get().user
    assert not user.has_usable_password()
    for path in ("/", "/patients/", "/manage/"):
        assert Client().get(path, headers={"Authorization": f"Bearer {secret}"}).status_code == 302
    assert "Program: hub" not in Desk(bench.tess).get("/change-person/")[1]
    assert Desk(bench.tess).post("/change-person/", badge=user.username, pin="").status_code == 422


@pytest.mark.parametrize(
    ("body", "headers", "status", "rule"),
    [
        (b"", {}, 400, "messages.empty"),
        (ORDER, {"Idempotency_Key": "not a uuid"}, 400, "messages.key"),
        (ORDER, {"Content_Type": "text/plain"}, 415, "messages.media-type"),
        (ORDER, {"Content_Type": "multipart/form-data; boundary=x"}, 415, "messages.media-type"),
        (b" " * (10 * 1024 * 1024 + 1), {}, 413, "messages.too-large"),
    ],
)
def test_what_cannot_be_filed_is_refused_by_name(
    bench: Bench, secret: str, body: bytes, headers: dict[str, str], status: int, rule: str
) -> None:
    given, answer, _ = _post(secret, body, **headers)
    assert (given, answer["outcome"], answer["refusals"][0]["rule"]) == (status, "not_filed", rule)
    assert not models.Message.objects.exists()


def test_nothing_of_the_message_or_the_key_is_logged(
    bench: Bench, secret: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, logger="pestle"):
        _post(secret)
    written_ = " ".join(
        f"{record.getMessage()} {record.__dict__}"
        for record in caplog.records
        if record.name.startswith("pestle")
    )
    assert "pestle.request" in written_
    for private in ("9434765919", "O'Brien", "Mary", secret):
        assert private not in written_


def test_health_says_what_works_and_nothing_else(bench: Bench) -> None:
    response = Client().get("/health")
    assert response.status_code == 200
    answer = response.json()
    assert set(answer) == {"status", "database", "append_only", "release", "version"}
    assert (answer["status"], answer["database"], answer["append_only"]) == ("ok", True, True)


def test_health_fails_when_a_book_is_not_protected(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(append_only, "missing", lambda _: ("store_movement_no_update",))
    response = Client().get("/health")
    assert response.status_code == 503
    assert response.json()["append_only"] is False


def test_health_fails_when_the_database_does_not_answer(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise OperationalError("no such host db.example")

    monkeypatch.setattr(append_only, "missing", broken)
    response = Client().get("/health")
    assert response.status_code == 503
    assert response.json()["database"] is False
    assert "db.example" not in response.content.decode()
