"""A site is opened, people are added to it; the country that it works in is settled, and its own times."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from pestle.pharmacy.dispensary.accuracy import pause_refusal
from pestle.pharmacy.dispensary.uncollected import Times, times_refusal
from pestle.pharmacy.people import Country, Person, Role, SiteKind
from pestle.pharmacy.refusal import Refused, refuse
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.store import models, people

MAY_ADD = (Role.MANAGER, Role.SYSTEM)
MAY_SETTLE = (Role.MANAGER,)


def open_site(
    *,
    now: datetime,
    key: str,
    name: str,
    code: str,
    kind: SiteKind = SiteKind.COMMUNITY_PHARMACY,
    country: Country = Country.ENGLAND,
    time_zone: str = "Europe/London",
    address: Sequence[str] = (),
    telephone: str = "",
    self_check_minutes: int | None = None,
    balance_check_days: int = 7,
) -> Outcome:
    """Opens a site, with the program's own user, in whose name the command line acts there.

    The only action without `by`: nobody is there yet. Raises `Refused`: ``site.no-name``, ``site.code``,
    ``site.code-taken``, ``site.time-zone``.
    """
    if not name.strip():
        raise refuse("site.no-name", "A site has a name", place="name")
    if not (code.isascii() and code.isalnum() and code.isupper() and 3 <= len(code) <= 10):
        raise refuse("site.code", "A site's code is its ODS code: capital letters and digits", place="code")
    try:
        ZoneInfo(time_zone)
    except (KeyError, ValueError, OSError):
        raise refuse("site.time-zone", f"There is no time zone {time_zone}", place="time zone",
                     way_out="Write it as Europe/London.") from None  # fmt: skip
    with transaction.atomic():
        if models.Site.objects.filter(code=code).exists():
            raise refuse("site.code-taken", f"There is a site {code} already", place="code")
        site = models.Site.objects.create(
            name=name.strip(), code=code, kind=kind.value, country=country.value, time_zone=time_zone,
            address=list(address), telephone=telephone, self_check_minutes=self_check_minutes,
            balance_check_days=balance_check_days,
        )  # fmt: skip
        user = models.User(username=f"program-{code.casefold()}", full_name="Pestle")
        user.set_unusable_password()
        user.save(force_insert=True)
        models.Membership.objects.create(user=user, site=site, roles=[Role.SYSTEM.value])

        def do() -> Deed:
            return Deed(f"site:{site.pk}", {"code": code}, {"site": site.pk})

        return once("site.open", by=program(site), now=now, key=key, request={"code": code}, do=do)


def set_country(*, by: Person, now: datetime, key: str, country: str) -> Outcome:
    """Settles in which country the site works, and with that by whose figures its checks and calculators go.

    Raises `Refused`: ``site.role``, ``site.country``, ``site.country-already``.
    """

    def do() -> Deed:
        if not by.has(*MAY_SETTLE):
            raise refuse("site.role", f"This is for a manager; you are signed in as {by.title}")
        if country not in {each.value for each in Country}:
            raise refuse("site.country", "Choose one of the countries", place="country")
        site = models.Site.objects.select_for_update().get(pk=by.site_id)
        before = site.country
        if before == country:
            raise refuse("site.country-already", f"The site works in {Country(country).title} already",
                         place="country")  # fmt: skip
        site.country = country
        site.save(update_fields=("country",))
        return Deed(f"site:{site.pk}", {"before": before, "country": country}, {"country": country})

    return once("site.set_country", by=by, now=now, key=key, request={"country": country}, do=do)


def set_times(
    *, by: Person, now: datetime, key: str, times: Times, self_check_minutes: int | None
) -> Outcome:
    """Sets after how many days a bag that nobody collects is reminded of and goes back to the shelf, and how
    long the pause of the self-check procedure is (None: nobody checks their own work).

    Raises `Refused`: ``site.role``, ``uncollected.times``, ``site.self-check``.
    """

    def do() -> Deed:
        if not by.has(*MAY_SETTLE):
            raise refuse("site.role", f"This is for a manager; you are signed in as {by.title}")
        refused = [one for one in (times_refusal(times), pause_refusal(self_check_minutes)) if one]
        if refused:
            raise Refused(*refused)
        site = models.Site.objects.select_for_update(no_key=True).get(pk=by.site_id)
        was = _times(site)
        site.remind_days, site.return_days = times.remind_days, times.return_days
        site.self_check_minutes = self_check_minutes
        site.save(update_fields=tuple(was))
        return Deed(f"site:{site.pk}", {"was": was, "set": _times(site)}, _times(site))

    request = {"remind_days": times.remind_days, "return_days": times.return_days,
               "self_check_minutes": self_check_minutes}  # fmt: skip
    return once("site.set_times", by=by, now=now, key=key, request=request, do=do)


def _times(site: models.Site) -> dict[str, int | None]:
    return {"remind_days": site.remind_days, "return_days": site.return_days,
            "self_check_minutes": site.self_check_minutes}  # fmt: skip


def program(site: models.Site) -> Person:
    """The program itself as a person of the site."""
    user = models.User.objects.get(username=f"program-{site.code.casefold()}")
    found = people.person(user, site.pk)
    if found is None:
        raise refuse("site.no-program", f"The program's own user at {site.code} was closed")
    return found


def password_hash(password: str, *, username: str) -> str:
    """A password as it is kept. Raises `Refused` (``person.password``) for one that is easily guessed."""
    try:
        validate_password(password, models.User(username=username))
    except ValidationError as error:
        raise refuse("person.password", " ".join(error.messages), place="password") from None
    return make_password(password)


def add_person(
    *,
    by: Person,
    now: datetime,
    key: str,
    username: str,
    name: str,
    roles: Sequence[Role],
    password: str,
    registration: str = "",
    pin: str = "",
) -> Outcome:
    """Makes an account at the site of `by`. `password` and `pin` are hashed: see `password_hash`.

    Raises `Refused`: ``person.role``, ``person.no-name``, ``person.username``, ``person.username-taken``,
    ``person.no-role``.
    """

    def do() -> Deed:
        if not by.has(*MAY_ADD):
            raise refuse("person.role", f"This is for a manager; you are signed in as {by.title}")
        if not name.strip():
            raise refuse("person.no-name", "A person has a name", place="name")
        if not (username.isascii() and username.isalnum() and username.islower() and len(username) <= 30):
            raise refuse("person.username", "A user name has small letters and digits", place="user name")
        if not roles or Role.SYSTEM in roles:
            raise refuse("person.no-role", "A person has at least one role at the site", place="role")
        if models.User.objects.filter(username=username).exists():
            raise refuse("person.username-taken", f"Somebody has the user name {username}", place="user name")
        user = models.User.objects.create(
            username=username,
            full_name=name.strip(),
            password=password,
            pin=pin,
            registration_body="GPhC" if registration else "",
            registration_number=registration,
        )
        held = [role.value for role in roles]
        models.Membership.objects.create(user=user, site_id=by.site_id, roles=held)
        return Deed(f"person:{user.pk}", {"roles": held}, {"person": user.pk})

    request = {"username": username, "name": name, "roles": [role.value for role in roles]}
    return once("people.add", by=by, now=now, key=key, request=request, do=do)
