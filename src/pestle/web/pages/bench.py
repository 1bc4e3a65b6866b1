"""Who is at the bench, where, and when; and the one way in which a page acts.

A view loads, acts once and redirects. What was refused comes back with the page, and nothing typed is lost.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from pestle import __version__
from pestle.pharmacy.dispensary.responsible import Step, applies
from pestle.pharmacy.people import Person, SiteKind
from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.web.actions.once import Outcome
from pestle.web.pages.menu import menu
from pestle.web.pages.walls import is_there, may_enter
from pestle.web.store import models, people, responsible
from pestle.web.store.knowledge import dictionary


@dataclass(frozen=True, slots=True)
class Bench:
    """The person at work, their site, and the moment of the request (UTC)."""

    person: Person
    site: models.Site
    now: datetime
    zone: ZoneInfo

    @property
    def today(self) -> date:
        """The calendar day at the site."""
        return self.now.astimezone(self.zone).date()


def at_bench(request: HttpRequest) -> Bench:
    """Who acts in this request. Raises `PermissionDenied` for a person without a role at any site and for
    a place that is not open to them, `Http404` for one that a site of this kind does not have (`walls`)."""
    user = request.user
    if not isinstance(user, models.User):
        raise PermissionDenied
    held = list(models.Membership.objects.filter(user=user).select_related("site").order_by("site_id"))
    chosen = request.session.get("site")
    membership = next((one for one in held if one.site_id == chosen), held[0] if held else None)
    person = people.member(membership, user) if membership else None
    if membership is None or person is None:
        raise PermissionDenied
    at, kind = request.resolver_match, SiteKind(membership.site.kind)
    if at is not None and not is_there(kind, at.route):
        raise Http404
    if at is not None and not may_enter(kind, person, at.url_name or ""):
        raise PermissionDenied
    zone = ZoneInfo(membership.site.time_zone)
    timezone.activate(zone)
    return Bench(person, membership.site, datetime.now(UTC), zone)


def page(
    request: HttpRequest, template: str, bench: Bench, *, section: str = "", status: int = 200, **context: Any
) -> HttpResponse:
    """A whole page with everything that the frame of the house needs."""
    said = [
        {"kind": message.level_tag, "text": message.message} for message in messages.get_messages(request)
    ]
    return render(
        request,
        template,
        {
            "person": bench.person,
            "site": bench.site,
            "now": bench.now,
            "today": bench.today,
            "responsible": _in_charge(bench),
            "section": section,
            "menu": menu(bench.person, SiteKind(bench.site.kind)),
            "session_seconds": settings.SESSION_IDLE_SECONDS,
            "dictionary_release": dictionary().release.id,
            "version": __version__,
            "flashes": said,
            "new_key": new_key,
            **context,
        },
        status=status,
    )


def _in_charge(bench: Bench) -> dict[str, str] | None:
    """The responsible pharmacist in a word, for the head of every page; None where the law asks for none."""
    if not applies(people.site(bench.site)):
        return None
    last = responsible.latest(bench.site.pk)
    if last is None or last.step == Step.OFF.value:
        return {"word": "No RP", "kind": "stop", "says": "nobody is signed on"}
    if last.step == Step.ABSENT.value:
        return {"word": "RP absent", "kind": "answer", "says": last.name}
    return {"word": f"RP {last.name.split()[-1]}", "kind": "", "says": last.name}


def new_key() -> str:
    """A key for one form: pressing its button twice does its work once."""
    return str(uuid.uuid4())


def key_of(request: HttpRequest) -> str:
    """The key of a posted form. Raises `Refused` (``command.no-key``)."""
    key = request.POST.get("key", "")
    try:
        return str(uuid.UUID(key))
    except ValueError:
        raise refuse(
            "command.no-key", "This form is not one of ours", way_out="Open the page again."
        ) from None


def seen_of(request: HttpRequest) -> int | None:
    """The version that the posted page showed, if it said so."""
    text = request.POST.get("version", "")
    return int(text) if text.isdigit() else None


def number(text: str) -> int | None:
    """A number of ours as posted; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def numbers(request: HttpRequest, name: str) -> list[int]:
    """What was ticked or listed under a name, without what is no number of ours."""
    return [found for text in request.POST.getlist(name) if (found := number(text)) is not None]


def attempt(do: Callable[[], Outcome]) -> tuple[Outcome | None, tuple[Refusal, ...]]:
    """Acts; gives the outcome, or the refusals to show. Nothing else is caught."""
    try:
        return do(), ()
    except Refused as refused:
        return None, refused.refusals
