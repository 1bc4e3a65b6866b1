"""Who signs beside the person at work? A colleague, with their own PIN or password, judged here and nowhere
else; wrong tries are counted together with those of changing places."""

from __future__ import annotations

from allauth.core import ratelimit
from django.http import HttpRequest

from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.refusal import refuse
from pestle.web.pages.bench import Bench
from pestle.web.store import models, people


def colleagues(bench: Bench) -> list[tuple[str, str]]:
    """Everybody of the team but the person at work, to choose from: id and name."""
    return [
        (str(one.id), f"{one.name}, {one.title}")
        for one in people.team(bench.site.pk)
        if one.id != bench.person.id
    ]


def signed(request: HttpRequest, bench: Bench) -> Person:
    """The colleague whom the form names in ``witness``, if ``secret`` is their PIN or password.

    Raises `Refused`: ``witness.none``, ``witness.own``, ``witness.too-many``, ``witness.secret``.
    """
    chosen = request.POST.get("witness", "")
    user = (
        models.User.objects.filter(pk=int(chosen)).first()
        if chosen.isdecimal() and len(chosen) < 10
        else None
    )
    person = people.person(user, bench.site.pk) if user else None
    if user is None or person is None or person.has(Role.SYSTEM):
        raise refuse("witness.none", "Choose who watched, and let them sign", place="witness")
    if person.id == bench.person.id:
        raise refuse("witness.own", "Nobody is a witness of what they do themself", place="witness",
                     way_out="Ask a colleague.")  # fmt: skip
    limit = f"pin:{bench.site.pk}:{person.id}"
    if not ratelimit.consume(request, action="change_person", key=limit):
        raise refuse("witness.too-many", f"Too many attempts for {person.name}", place="secret",
                     way_out="Try again in five minutes.")  # fmt: skip
    secret = request.POST.get("secret", "")
    if not (people.pin_fits(user, secret) or user.check_password(secret)):
        raise refuse("witness.secret", f"This is not the PIN or password of {person.name}", place="secret")
    ratelimit.clear(request, action="change_person", key=limit)
    return person
