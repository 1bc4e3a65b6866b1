"""What a person reads when something fails: calm, without a trace of the request."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest
from django.test import Client, RequestFactory
from tests.web.actions.bench import NOW, Bench, open_bench
from tests.web.desk import Desk, stand_still, text_of

from pestle.web.pages import errors
from pestle.web.store import worklist


@pytest.fixture
def bench(db: None, monkeypatch: pytest.MonkeyPatch) -> Bench:
    stand_still(monkeypatch, NOW + timedelta(hours=1))
    return open_bench()


@pytest.mark.parametrize(
    ("answer", "status", "heading"),
    [
        (lambda request: errors.bad_request(request, SuspiciousOperation()), 400, "could not be read"),
        (lambda request: errors.forbidden(request, PermissionError()), 403, "You may not do this here"),
        (lambda request: errors.csrf_failure(request, "x"), 403, "You may not do this here"),
        (lambda request: errors.not_found(request, Http404()), 404, "There is nothing at this address"),
        (errors.server_error, 500, "Something went wrong on our side"),
    ],
)
def test_each_failure_has_its_page_and_needs_nothing(answer: Any, status: int, heading: str) -> None:
    request: HttpRequest = RequestFactory().get("/patients/9434765919/")
    response = answer(request)
    assert response.status_code == status
    assert heading in text_of(response)
    assert "9434765919" not in text_of(response)


def test_an_address_that_does_not_exist_says_so_to_those_inside(bench: Bench) -> None:
    response: Any = Desk(bench.tess).client.get("/nowhere/O'Brien")
    assert response.status_code == 404
    assert "Brien" not in text_of(response)


def test_our_own_failure_shows_and_logs_nothing_of_the_patient(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("O'Brien 9434765919")

    monkeypatch.setattr(worklist, "counts", broken)
    desk = Desk(bench.tess)
    desk.client.raise_request_exception = False
    response: Any = desk.client.get("/")
    assert response.status_code == 500
    assert "Look at the prescription before you do it again" in text_of(response)
    assert "9434765919" not in text_of(response)


def test_too_many_attempts_have_a_page(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("allauth.core.internal.ratelimit.consume", lambda *_, **__: None)
    response: Any = Client().post("/sign-in/", {"login": "tess", "password": "x"})
    assert response.status_code == 429
    assert "Too many attempts" in text_of(response)
