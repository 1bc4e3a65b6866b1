"""Loads who acts and where, as values; who works at a site, and whether a PIN is theirs."""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import datetime

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password

from pestle.pharmacy import people
from pestle.web.store.models import AuditEvent, Badge, Membership, Site, User


def site(row: Site) -> people.Site:
    """The site as a value."""
    return people.Site(
        id=row.pk,
        name=row.name,
        code=row.code,
        kind=people.SiteKind(row.kind),
        country=people.Country(row.country),
        time_zone=row.time_zone,
        address=tuple(row.address),
        telephone=row.telephone,
    )


def person(user: User, site_id: int) -> people.Person | None:
    """The user as a person at that site; None when they hold no role there."""
    membership = Membership.objects.filter(user=user, site_id=site_id).first()
    return member(membership, user) if membership is not None else None


def member(membership: Membership, user: User) -> people.Person | None:
    """The person that a membership makes of its user; None when the account is closed or without a role."""
    if not user.is_active or not membership.roles:
        return None
    registration = None
    if user.registration_number:
        registration = people.Registration(user.registration_body, user.registration_number)
    return people.Person(
        id=user.pk,
        name=user.full_name,
        roles=frozenset(people.Role(role) for role in membership.roles),
        site_id=membership.site_id,
        registration=registration,
    )


def team(site_id: int) -> list[people.Person]:
    """Everybody with a role at the site, by name; programs are not people."""
    rows = Membership.objects.filter(site_id=site_id).select_related("user").order_by("user__full_name")
    found = [member(row, row.user) for row in rows]
    return [one for one in found if one is not None and not one.has(people.Role.SYSTEM)]


def worked_since(site_id: int, since: datetime) -> frozenset[int]:
    """The ids of everybody who did anything at the site since then."""
    events = AuditEvent.objects.filter(site_id=site_id, at__gte=since)
    return frozenset(events.values_list("person_id", flat=True).distinct())


BADGE = "PESTLE:B:"


def badge_digest(secret: str) -> str:
    """What is kept of a badge: keyed, so that the database alone does not give it away."""
    return hmac.new(settings.SIGNING_KEY, f"badge:{secret}".encode(), hashlib.sha256).hexdigest()


def by_badge(code: str, *, site_id: int) -> people.Person | None:
    """Whose badge of this site says `code`; None for nobody's, or one that has ended."""
    # A scanner may put the name of the symbology before what it reads: ]C1, ]d1.
    said = re.sub(r"^\][A-Za-z][0-9]", "", code.strip())
    if not said.startswith(BADGE):
        return None
    digest = badge_digest(said.removeprefix(BADGE))
    badge = Badge.objects.filter(site=site_id, digest=digest, ended_at=None).select_related("user").first()
    return person(badge.user, site_id) if badge else None


def hashed_pin(pin: str) -> str:
    """What is kept of a PIN."""
    return make_password(pin)


def pin_fits(user: User | None, pin: str) -> bool:
    """Whether it is their PIN. Somebody unknown takes as long to refuse as somebody known."""
    if user is None or not user.pin:
        make_password(pin)
        return False
    return check_password(pin, user.pin)
