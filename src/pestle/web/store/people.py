"""Loads who acts and where, as values."""

from __future__ import annotations

from pestle.pharmacy import people
from pestle.web.store.models import Membership, Site, User


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
    if membership is None or not user.is_active:
        return None
    registration = None
    if user.registration_number:
        registration = people.Registration(user.registration_body, user.registration_number)
    return people.Person(
        id=user.pk,
        name=user.full_name,
        roles=frozenset(people.Role(role) for role in membership.roles),
        site_id=site_id,
        registration=registration,
    )
