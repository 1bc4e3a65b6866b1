"""Who works at the invented pharmacy, and with which sign-in?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from pestle.demo.messages import name_id
from pestle.pharmacy import people
from pestle.pharmacy.people import Role
from pestle.web.actions import setting_up
from pestle.web.store import models
from pestle.web.store import people as stored

SITE_CODE = "FZZ01"
NAME = "High Street Pharmacy"
SELF_CHECK_MINUTES = 2
# For a demonstration on one's own computer, so that everybody can sign in as everybody.
PASSWORD = "mortar-and-pestle"  # noqa: S105
PIN = "2468"


@dataclass(frozen=True, slots=True)
class SignIn:
    """An account of the demo."""

    username: str
    name: str
    roles: tuple[Role, ...]
    registration: str = ""


SIGN_INS = (
    SignIn("tess", "Tess Okafor", (Role.TECHNICIAN,), "5999001"),
    SignIn("leon", "Leon Brandt", (Role.TECHNICIAN,), "5999002"),
    SignIn("adam", "Adam Patel", (Role.TECHNICIAN, Role.ACCURACY_CHECKER), "5999003"),
    SignIn("ruth", "Ruth Evans", (Role.PHARMACIST,), "2999001"),
    SignIn("samuel", "Samuel Adeyemi", (Role.PHARMACIST,), "2999002"),
    SignIn("mo", "Mo Rahman", (Role.MANAGER,)),
)


@dataclass(frozen=True, slots=True)
class Staff:
    """Who does what when nobody in particular is meant: one person for each kind of step."""

    technician: people.Person
    checker: people.Person
    pharmacist: people.Person


def make_site(*, now: datetime) -> models.Site:
    """The invented pharmacy. Its written self-check procedure has a pause of two minutes."""
    opened = setting_up.open_site(
        now=now,
        key=name_id("site"),
        name=NAME,
        code=SITE_CODE,
        address=("1 High Street", "Ashcombe", "QX1 1AA"),
        # Ofcom keeps 01632 960000 to 960999 free for drama.
        telephone="01632 960123",
        self_check_minutes=SELF_CHECK_MINUTES,
    )
    return models.Site.objects.get(pk=opened.result["site"])


def make_people(site: models.Site, *, now: datetime) -> dict[str, people.Person]:
    """The accounts of the pharmacy, by username."""
    return make_accounts(site, SIGN_INS, now=now)


def make_accounts(
    site: models.Site, sign_ins: Iterable[SignIn], *, now: datetime
) -> dict[str, people.Person]:
    """These accounts, by username. Each secret is hashed once, because a good hash is slow."""
    password = setting_up.password_hash(PASSWORD, username="")
    pin = stored.hashed_pin(PIN)
    made = {}
    for sign_in in sign_ins:
        added = setting_up.add_person(
            by=setting_up.program(site),
            now=now,
            key=name_id("person", sign_in.username),
            username=sign_in.username,
            name=sign_in.name,
            roles=sign_in.roles,
            password=password,
            registration=sign_in.registration,
            pin=pin,
        )
        made[sign_in.username] = _person(models.User.objects.get(pk=added.result["person"]), site)
    return made


def staff(site: models.Site) -> Staff:
    """A technician, a checker and a pharmacist of the site: the first of each.

    Raises `LookupError` where one is missing.
    """
    members = models.Membership.objects.filter(site=site, user__is_active=True).select_related("user")
    found = [_person(member.user, site) for member in members.order_by("pk")]

    def first(role: Role) -> people.Person:
        fitting = [person for person in found if person.has(role)]
        if not fitting:
            raise LookupError(f"nobody at {site.code} is {role.title}")
        return min(fitting, key=lambda person: len(person.roles))

    return Staff(first(Role.TECHNICIAN), first(Role.ACCURACY_CHECKER), first(Role.PHARMACIST))


def _person(user: models.User, site: models.Site) -> people.Person:
    person = stored.person(user, site.pk)
    assert person is not None
    return person
