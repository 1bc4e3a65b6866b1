"""Signing in and out, sessions that end, and changing places at a terminal."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from tests.web.actions.bench import NOW, Bench, a_key, open_bench
from tests.web.desk import Desk, stand_still, text_of, words

from pestle.pharmacy.people import Person
from pestle.web.actions import people as actions
from pestle.web.store import models, people

PASSWORD = "a quiet mortar"


@pytest.fixture
def bench(db: None, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[Bench]:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    stand_still(monkeypatch, NOW)
    cache.clear()
    bench = open_bench()
    for user in models.User.objects.all():
        user.set_password(PASSWORD)
        user.pin = people.hashed_pin("2468")
        user.save()
    yield bench
    cache.clear()


def _sign_in(client: Client, username: str, password: str = PASSWORD, **more: str) -> Any:
    return client.post("/sign-in/", {"login": username, "password": password, **more})


def _text(response: Any) -> str:
    return text_of(response)


def _who(client: Client) -> str:
    found = re.search(r'pt-person__who"><strong>([^<]+)', _text(client.get("/")))
    return found.group(1) if found else ""


def test_a_sign_in_leads_to_the_page_that_was_asked_for(bench: Bench) -> None:
    client = Client()
    assert client.get("/stock/")["Location"] == "/sign-in/?next=/stock/"
    response = _sign_in(client, "tess", next="/stock/")
    assert (response.status_code, response["Location"]) == (302, "/stock/")
    assert _who(client) == "Tess Okafor"


def test_a_sign_in_never_leads_to_another_site(bench: Bench) -> None:
    client = Client()
    assert 'value="//elsewhere.example' not in _text(client.get("/sign-in/?next=//elsewhere.example/"))
    assert _sign_in(client, "tess", next="https://elsewhere.example/")["Location"] == "/"


def test_a_wrong_password_says_so_and_keeps_the_name(bench: Bench) -> None:
    response = _sign_in(Client(), "tess", "wrong")
    assert response.status_code == 422
    assert "The user name or the password is wrong" in text_of(response)
    assert 'value="tess"' in text_of(response)
    assert text_of(_sign_in(Client(), "nobody", "wrong")).count("The user name or the password is wrong") == 1


def test_trying_too_often_locks_for_a_while_even_with_the_right_password(bench: Bench) -> None:
    for _ in range(5):
        _sign_in(Client(), "tess", "wrong")
    locked = _sign_in(Client(), "tess")
    assert locked.status_code == 422
    assert "Too many attempts" in text_of(locked)
    assert _sign_in(Client(), "adam").status_code == 302


def test_a_closed_account_is_told_so_only_with_its_password(bench: Bench) -> None:
    models.User.objects.filter(username="tess").update(is_active=False)
    client = Client()
    assert _sign_in(client, "tess")["Location"] == "/sign-in/"
    assert "This account is closed" in _text(client.get("/sign-in/"))
    assert "closed" not in text_of(_sign_in(Client(), "tess", "wrong"))


def test_somebody_without_a_role_here_is_turned_away(bench: Bench) -> None:
    models.Membership.objects.filter(user=bench.tess.id).update(roles=[])
    client = Client()
    _sign_in(client, "tess")
    assert client.get("/").status_code == 403


def test_signing_in_changes_the_key_of_the_session(bench: Bench) -> None:
    client = Client()
    client.get("/sign-in/")
    session = client.session
    session["planted"] = "yes"
    session.save()
    before = session.session_key
    client.cookies["pestle"] = before or ""
    _sign_in(client, "tess")
    assert client.session.session_key != before


def test_signing_out_ends_the_session(bench: Bench) -> None:
    desk = Desk(bench.tess)
    response = desk.post("/sign-out/")
    assert (response.status_code, response["Location"]) == (303, "/sign-in/")
    assert desk.get("/")[0] == 302


@pytest.mark.parametrize(("name", "seconds"), [("seen", 20 * 60), ("began", 12 * 3600)])
def test_a_session_ends_when_idle_or_old_and_the_page_says_so(bench: Bench, name: str, seconds: int) -> None:
    desk = Desk(bench.tess)
    desk.get("/")
    session = desk.client.session
    session[name] = int(time.time()) - seconds
    session.save()
    response = desk.client.get("/patients/")
    assert response["Location"] == "/sign-in/?next=/patients/"
    assert "Your session ended" in _text(desk.client.get(response["Location"]))
    assert "Your session ended" not in _text(desk.client.get("/sign-in/"))


def test_somebody_who_is_still_there_stays_signed_in(bench: Bench) -> None:
    desk = Desk(bench.tess)
    desk.get("/")
    session = desk.client.session
    session["seen"] = int(time.time()) - 19 * 60
    session.save()
    assert desk.client.get("/session/").status_code == 204
    assert int(time.time()) - desk.client.session["seen"] < 60


def test_a_form_sent_after_the_end_leads_to_a_page_that_can_be_opened(bench: Bench) -> None:
    desk = Desk(bench.tess)
    desk.get("/")
    session = desk.client.session
    session["seen"] = 0
    session.save()
    assert desk.post("/patients/1/correct")["Location"] == "/sign-in/"


def test_a_part_of_a_page_is_sent_whole_to_the_door(bench: Bench) -> None:
    response = Client().get("/stock/", headers={"HX-Request": "true"})
    assert response.status_code == 401
    assert response["HX-Redirect"].startswith("/sign-in/")


def test_another_person_takes_over_with_a_pin(bench: Bench) -> None:
    bench.receive(b"{}", by=bench.adam)
    desk = Desk(bench.tess)
    before = desk.client.session.session_key
    _, html = desk.get("/change-person/")
    assert "Adam Patel" in words(html)
    assert "Samuel Adeyemi" not in words(html), "only those who worked here today"
    response = desk.post("/change-person/", person=str(bench.adam.id), pin="2468", next="/stock/")
    assert (response.status_code, response["Location"]) == (303, "/stock/")
    assert _who(desk.client) == "Adam Patel"
    assert desk.client.session.session_key != before
    event = models.AuditEvent.objects.latest("place")
    assert (event.action, event.person_id, event.detail) == (
        "people.change_person", bench.adam.id, {"before": bench.tess.id, "how": "pin"},
    )  # fmt: skip


def _badge(bench: Bench, person: Person, code: str = "a-long-secret") -> str:
    actions.make_badge(by=person, now=NOW, key=a_key(), digest=people.badge_digest(code))
    return f"{people.BADGE}{code}"


def test_a_badge_changes_the_person_at_once_and_stays_where_they_were(bench: Bench) -> None:
    code = _badge(bench, bench.ruth)
    desk = Desk(bench.tess)
    response = desk.post("/change-person/", badge=f"]d1{code}", next="/stock/")
    assert (response.status_code, response["Location"]) == (303, "/stock/")
    assert _who(desk.client) == "Ruth Evans"
    event = models.AuditEvent.objects.latest("place")
    assert (event.action, event.person_id, event.detail) == (
        "people.change_person", bench.ruth.id, {"before": bench.tess.id, "how": "badge"},
    )  # fmt: skip


@pytest.mark.parametrize("code", ["ruth", "PESTLE:B:", "PESTLE:B:another", "PESTLE:L:1-1-1", "]C1ruth"])
def test_what_is_nobody_s_badge_changes_nothing_and_is_on_record(bench: Bench, code: str) -> None:
    _badge(bench, bench.ruth)
    desk = Desk(bench.tess)
    assert desk.post("/change-person/", badge=code).status_code == 422
    assert _who(desk.client) == "Tess Okafor"
    event = models.AuditEvent.objects.latest("place")
    assert (event.action, event.person_id) == ("people.wrong_try", bench.tess.id)


def test_a_badge_ends_when_it_is_lost_or_made_anew_or_belongs_elsewhere(bench: Bench) -> None:
    first = _badge(bench, bench.ruth)
    second = _badge(bench, bench.ruth, "another-secret")
    desk = Desk(bench.tess)
    assert desk.post("/change-person/", badge=first).status_code == 422
    refused = Desk(bench.leon).post("/badge/end", person=str(bench.ruth.id))
    assert "badge.role" in text_of(refused)
    assert Desk(bench.mo).post("/badge/end", person=str(bench.ruth.id)).status_code == 303
    assert desk.post("/change-person/", badge=second).status_code == 422
    third = _badge(bench, bench.ruth, "a-third")
    models.Membership.objects.filter(user=bench.ruth.id).update(roles=[])
    assert desk.post("/change-person/", badge=third).status_code == 422
    assert "badge.none" in text_of(Desk(bench.leon).post("/badge/end"))


def test_badges_are_not_guessed(bench: Bench) -> None:
    code = _badge(bench, bench.ruth)
    desk = Desk(bench.tess)
    for number in range(5):
        desk.post("/change-person/", badge=f"PESTLE:B:{number}")
    response = desk.post("/change-person/", badge=code)
    assert response.status_code == 429
    assert _who(desk.client) == "Tess Okafor"


def test_one_s_own_badge_is_a_card_that_only_the_password_prints(bench: Bench) -> None:
    desk = Desk(bench.tess)
    assert "pin.password" in text_of(desk.post("/badge/make", password="wrong"))
    card = desk.post("/badge/make", password=PASSWORD)
    assert card.content.startswith(b"%PDF-")
    assert models.Badge.objects.get().user_id == bench.tess.id
    assert "You have a badge" in desk.get("/pin/")[1]


def test_a_sign_in_is_on_record(bench: Bench) -> None:
    _sign_in(Client(), "tess")
    event = models.AuditEvent.objects.latest("place")
    assert (event.action, event.person_id, event.detail) == (
        "people.sign_in", bench.tess.id, {"how": "password"},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"username": "adam", "pin": "1357"}, "The PIN is wrong"),
        ({"username": "adam", "pin": ""}, "The PIN is wrong"),
        ({"username": "elsewhere", "pin": "2468"}, "Choose who you are"),
        ({"pin": "2468"}, "Choose who you are"),
        ({"username": "nopin", "pin": ""}, "has no PIN yet"),
    ],
)
def test_without_the_right_pin_nobody_takes_over(bench: Bench, fields: dict[str, str], says: str) -> None:
    models.User.objects.create(
        username="elsewhere", full_name="Works Elsewhere", pin=people.hashed_pin("2468")
    )
    user = models.User.objects.create(username="nopin", full_name="No Pin")
    models.Membership.objects.create(user=user, site=bench.site, roles=["technician"])
    desk = Desk(bench.tess)
    response = desk.post("/change-person/", **fields)
    assert response.status_code == 422
    assert says in text_of(response)
    assert _who(desk.client) == "Tess Okafor"


def test_a_pin_is_not_guessed(bench: Bench) -> None:
    desk = Desk(bench.tess)
    for _ in range(5):
        desk.post("/change-person/", username="adam", pin="0000")
    response = desk.post("/change-person/", username="adam", pin="2468")
    assert response.status_code == 429
    assert "Too many attempts" in text_of(response)
    assert _who(desk.client) == "Tess Okafor"
    assert desk.post("/change-person/", username="ruth", pin="2468").status_code == 303


@pytest.mark.parametrize(
    ("pin", "again", "password", "rule"),
    [
        ("4711", "4711", "wrong", "pin.password"),
        ("4711", "4712", PASSWORD, "pin.differs"),
        ("471", "471", PASSWORD, "pin.length"),
        ("47a1", "47a1", PASSWORD, "pin.length"),
        ("1234", "1234", PASSWORD, "pin.too-easy"),
        ("7777", "7777", PASSWORD, "pin.too-easy"),
    ],
)
def test_a_pin_that_will_not_do_is_refused(
    bench: Bench, pin: str, again: str, password: str, rule: str
) -> None:
    response = Desk(bench.tess).post("/pin/", pin=pin, pin_again=again, password=password)
    assert response.status_code == 422
    assert rule in text_of(response)
    assert people.pin_fits(models.User.objects.get(pk=bench.tess.id), "2468")


def test_one_s_own_pin_is_set_with_the_password_and_kept_hashed(bench: Bench) -> None:
    assert Desk(bench.tess).post("/pin/", pin="4711", pin_again="4711", password=PASSWORD).status_code == 303
    user = models.User.objects.get(pk=bench.tess.id)
    assert people.pin_fits(user, "4711")
    assert "4711" not in user.pin
    event = models.AuditEvent.objects.latest("place")
    assert event.action == "people.set_pin"
    assert "4711" not in f"{event.detail}{event.result}"


def test_nobody_s_pin_is_everybody_s_refusal(bench: Bench) -> None:
    assert not people.pin_fits(None, "2468")
    assert not people.pin_fits(models.User(username="x", pin=""), "")


def test_today_is_the_site_s_day(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_still(monkeypatch, datetime(2026, 7, 1, 23, 30, tzinfo=UTC))
    bench.receive(b"{}", by=bench.adam, now=datetime(2026, 7, 1, 22, 30, tzinfo=UTC))
    bench.receive(b"{ }", by=bench.ruth, now=datetime(2026, 7, 1, 23, 10, tzinfo=UTC))
    seen = words(Desk(bench.tess).get("/change-person/")[1])
    assert "Ruth Evans" in seen, "00:10 in London"
    assert "Adam Patel" not in seen, "23:30 the day before"
