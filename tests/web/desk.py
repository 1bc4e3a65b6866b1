"""Somebody signed in at a browser without one: pages asked for, forms sent as the page shows them."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from html import unescape
from typing import Any, Self, cast

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.test.client import ClientHandler
from tests.web.actions.bench import NOW

from pestle.pharmacy.people import Person
from pestle.web.pages import bench as page_bench
from pestle.web.store import models

LATER = NOW + timedelta(minutes=30)


def at(prescription: int, what: str = "") -> str:
    """An address of a prescription."""
    return f"/prescriptions/{prescription}/{what}"


def gs1(gtin: str, number: str = "B1", expiry: str = "280100") -> str:
    """What a scanner sends of a DataMatrix; `expiry` as YYMMDD."""
    return f"]d201{gtin.zfill(14)}17{expiry}10{number}"


def stand_still(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    """Lets every page believe that it is `now`."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Self:
            return cls.fromtimestamp(now.timestamp(), tz)

    monkeypatch.setattr(page_bench, "datetime", Clock)


# One for all: its layers, of which one lists every static file, are built once.
SITE = ClientHandler(enforce_csrf_checks=False)


class Desk:
    """One person's browser."""

    def __init__(self, person: Person) -> None:
        self.client = Client(SERVER_NAME="localhost")
        self.client.handler = SITE
        user = models.User.objects.get(pk=person.id)
        self.client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])

    def get(self, path: str) -> tuple[int, str]:
        """The status, and the words of the page with tags in it."""
        response = self.fetch(path)
        return response.status_code, text_of(response)

    def fetch(self, path: str) -> HttpResponse:
        """The whole answer, for what is not a page."""
        return cast(HttpResponse, self.client.get(path))

    def post(self, path: str, fields: Any = None, *, key: Any = "", **more: Any) -> HttpResponse:
        """Sends a form with a key, a fresh one unless given."""
        return self.send(path, {"key": key or str(uuid.uuid4()), **(fields or {}), **more})

    def send(self, path: str, fields: Mapping[str, Any], **headers: Any) -> HttpResponse:
        """Sends exactly these fields."""
        return cast(HttpResponse, self.client.post(path, fields, headers=headers))


def text_of(response: HttpResponse) -> str:
    """A page's source with its entities resolved; what is not text gives nothing."""
    if not response.get("Content-Type", "").startswith("text/html"):
        return ""
    return unescape(response.content.decode())


def words(html: str) -> str:
    """What a person reads."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def fields_of(html: str, form: str) -> dict[str, str]:
    """The fields of a form as the page offers them: texts, what is ticked, what is hidden."""
    found = re.search(rf'<form[^>]*id="{form}".*?</form>', html, re.DOTALL)
    assert found, f"no form {form}"
    fields: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", found.group()):
        attributes = dict(re.findall(r'([a-z_-]+)="([^"]*)"', tag))
        if attributes.get("type") in ("radio", "checkbox") and " checked" not in tag:
            continue
        fields[attributes["name"]] = attributes.get("value", "")
    return fields
