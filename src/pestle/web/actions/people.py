"""PINs for changing places at a terminal, and the keys of programs that post messages."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.refusal import refuse
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.store import models, people

MAY_MANAGE = (Role.MANAGER, Role.PHARMACIST)
MOST_DAYS = 730


def set_pin(*, by: Person, now: datetime, key: str, pin: str) -> Outcome:
    """Sets one's own PIN: four to eight digits. Whoever calls has checked the password.

    Raises `Refused`: ``pin.length``, ``pin.too-easy``.
    """

    def do() -> Deed:
        _good(pin)
        models.User.objects.filter(pk=by.id).update(pin=people.hashed_pin(pin))
        return Deed(f"person:{by.id}", {}, {"person": by.id})

    # The PIN is no part of the request's digest: four digits could be found from it.
    return once("people.set_pin", by=by, now=now, key=key, request={}, do=do)


def sign_in(*, by: Person, now: datetime, key: str) -> Outcome:
    """Puts on record that `by` signed in with their password."""

    def do() -> Deed:
        return Deed(f"person:{by.id}", {"how": "password"}, {"person": by.id})

    return once("people.sign_in", by=by, now=now, key=key, request={}, do=do)


def change_person(*, by: Person, now: datetime, key: str, before: int, how: str) -> Outcome:
    """Puts on record that `by` took over a terminal from the person `before`: by ``pin`` or ``badge``."""

    def do() -> Deed:
        return Deed(f"person:{by.id}", {"before": before, "how": how}, {"person": by.id})

    request = {"before": before, "how": how}
    return once("people.change_person", by=by, now=now, key=key, request=request, do=do)


def wrong_try(*, by: Person, now: datetime, key: str, wanted: int | None, how: str) -> Outcome:
    """Puts on record that at the terminal of `by` a wrong PIN was given for `wanted`, or an unknown badge."""

    def do() -> Deed:
        return Deed(f"person:{by.id}", {"wanted": wanted, "how": how}, {"person": by.id})

    request = {"wanted": wanted, "how": how}
    return once("people.wrong_try", by=by, now=now, key=key, request=request, do=do)


def make_badge(*, by: Person, now: datetime, key: str, digest: str) -> Outcome:
    """Makes a badge for `by` at their site, and ends the one before. `digest` is of its secret, which is no
    part of the request: sent again, the same form makes no second badge. Whoever calls has checked the
    password."""

    def do() -> Deed:
        ended = _end_badges(by.id, by=by, now=now)
        badge = models.Badge.objects.create(user_id=by.id, site_id=by.site_id, digest=digest, made_at=now)
        return Deed(f"person:{by.id}", {"badge": badge.pk, "ended": ended}, {"badge": badge.pk})

    return once("people.make_badge", by=by, now=now, key=key, request={}, do=do)


def end_badge(*, by: Person, now: datetime, key: str, person_id: int) -> Outcome:
    """A badge was lost: it opens nothing any more. One's own, or a manager or pharmacist ends another's.

    Raises `Refused`: ``badge.role``, ``badge.none``."""

    def do() -> Deed:
        if person_id != by.id and not by.has(*MAY_MANAGE):
            raise refuse("badge.role", "Only a manager or pharmacist ends the badge of somebody else")
        ended = _end_badges(person_id, by=by, now=now)
        if not ended:
            raise refuse("badge.none", "They have no badge here")
        return Deed(f"person:{person_id}", {"ended": ended}, {"person": person_id})

    return once("people.end_badge", by=by, now=now, key=key, request={"person": person_id}, do=do)


def _end_badges(person_id: int, *, by: Person, now: datetime) -> int:
    standing = models.Badge.objects.filter(user=person_id, site=by.site_id, ended_at=None)
    return standing.update(ended_at=now)


def make_token(*, by: Person, now: datetime, key: str, name: str, days: int, digest: str) -> Outcome:
    """Makes a key for a program: a user of its own that only posts messages. `digest` is of the secret.

    The secret is no part of the request, so that a second press does not make a second key; the result's
    ``repeated`` then says that it was shown already. Raises `Refused`: ``token.role``, ``token.no-name``,
    ``token.days``.
    """

    def do() -> Deed:
        _may_manage(by)
        said = name.strip()
        if not 3 <= len(said) <= 80:
            raise refuse("token.no-name", "Say in 3 to 80 characters which program it is for", place="name")
        if not 1 <= days <= MOST_DAYS:
            raise refuse("token.days", f"A key lasts 1 to {MOST_DAYS} days", place="days")
        user = models.User(username=f"program-{digest[:24]}", full_name=f"Program: {said}")
        user.set_unusable_password()
        user.save(force_insert=True)
        models.Membership.objects.create(user=user, site_id=by.site_id, roles=[Role.SYSTEM.value])
        token = models.AccessToken.objects.create(
            site_id=by.site_id, user=user, name=said, digest=digest, created_at=now,
            ends_at=now + timedelta(days=days),
        )  # fmt: skip
        return Deed(f"token:{token.pk}", {"name": said, "days": days}, {"token": token.pk})

    return once("people.make_token", by=by, now=now, key=key, request={"name": name, "days": days}, do=do)


def revoke_token(*, by: Person, now: datetime, key: str, token_id: int) -> Outcome:
    """Ends a key at once. Raises `Refused`: ``token.role``, ``token.unknown``, ``token.revoked``."""

    def do() -> Deed:
        _may_manage(by)
        token = models.AccessToken.objects.select_for_update().filter(pk=token_id, site=by.site_id).first()
        if token is None:
            raise refuse("token.unknown", "There is no such key at this site")
        if token.revoked_at is not None:
            raise refuse("token.revoked", "This key was revoked already")
        token.revoked_at = now
        token.save(update_fields=("revoked_at",))
        return Deed(f"token:{token.pk}", {"name": token.name}, {"token": token.pk})

    return once("people.revoke_token", by=by, now=now, key=key, request={"token": token_id}, do=do)


def _may_manage(by: Person) -> None:
    if not by.has(*MAY_MANAGE):
        raise refuse("token.role", f"This is for a manager or pharmacist; you are signed in as {by.title}")


def _good(pin: str) -> None:
    if not (pin.isascii() and pin.isdigit() and 4 <= len(pin) <= 8):
        raise refuse("pin.length", "A PIN has four to eight digits", place="pin")
    steps = {int(after) - int(before) for before, after in pairwise(pin)}
    if steps in ({0}, {1}, {-1}):
        raise refuse("pin.too-easy", "One digit repeated, or digits in order, are guessed first", place="pin")
