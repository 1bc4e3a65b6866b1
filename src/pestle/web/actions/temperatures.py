"""Temperatures are read or imported; an excursion sets a fridge's lots aside; a pharmacist releases them."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from pestle.pharmacy.ledger.account import AccountKind
from pestle.pharmacy.ledger.movement import Movement
from pestle.pharmacy.ledger.routes import Reason
from pestle.pharmacy.ledger.temperature import Limits, excursions, kinetic, limits_of, readable, reading
from pestle.pharmacy.people import Person
from pestle.pharmacy.refusal import Refused, refuse
from pestle.web.actions.differences import check_route, may_keep_stock
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.store import ledger, messages, models, places, temperatures
from pestle.wire.loggers.readings import readings

# How far back readings are looked at for an excursion, and how long the mean is worked out over.
LOOKED_AT = timedelta(days=60)
MEAN_OVER = timedelta(hours=24)


def record_reading(
    *,
    by: Person,
    now: datetime,
    key: str,
    account_id: int,
    celsius: Decimal,
    lowest: Decimal,
    highest: Decimal,
) -> Outcome:
    """Writes down what the thermometer of a place shows now, and its lowest and highest since the last reset.

    Raises `Refused`: ``stock.role``, ``place.unknown``, ``temperature.not-possible``, ``temperature.order``.
    """

    def do() -> Deed:
        may_keep_stock(by)
        account = _place(by, account_id)
        wrong = [
            refusal
            for place, value in (("now", celsius), ("lowest", lowest), ("highest", highest))
            if (refusal := readable(value, place=place))
        ]
        if wrong:
            raise Refused(*wrong)
        read = reading(now, now=celsius, lowest=lowest, highest=highest)
        row, made = models.Temperature.objects.get_or_create(
            account=account, at=read.at,
            defaults={
                "centi": temperatures.centi(celsius), "lowest": temperatures.centi(lowest),
                "highest": temperatures.centi(highest), "origin": "manual", "by_id": by.id,
                "recorded_at": now,
            },
        )  # fmt: skip
        if not made:
            raise refuse("temperature.taken", "There is a reading of this moment already", place="now")
        detail = {"account": account.pk, "centi": [row.lowest, row.centi, row.highest]}
        return Deed(f"account:{account.pk}", detail, {"reading": row.pk}, sealed=[row])

    request = {"account": account_id, "now": str(celsius), "lowest": str(lowest), "highest": str(highest)}
    return once("stock.record_temperature", by=by, now=now, key=key, request=request, do=do)


def import_readings(
    *, by: Person, now: datetime, key: str, account_id: int, name: str, data: bytes
) -> Outcome:
    """Takes in the file of a logger, which is kept whole: one event with its digest, counts and seals.
    Readings that are there already are counted and not written twice; one that says something else of the
    same moment refuses the file.

    Raises `Refused`: ``stock.role``, ``place.unknown``, those of `readings`, ``temperature.future``,
    ``temperature.differs``.
    """
    digest = hashlib.sha256(data).hexdigest()
    called = name.encode(errors="replace").decode().replace("\x00", "?")[:200]

    def do() -> Deed:
        may_keep_stock(by)
        account = _place(by, account_id)
        site = models.Site.objects.get(pk=by.site_id)
        found = readings(data, zone=ZoneInfo(site.time_zone))
        if found[-1].at > now:
            raise refuse("temperature.future", "A reading of this file is of a time to come", place="time",
                         way_out="Set the logger's clock, and correct the file.")  # fmt: skip
        there = dict(
            models.Temperature.objects.filter(
                account=account, at__gte=found[0].at, at__lte=found[-1].at
            ).values_list("at", "centi")
        )
        told = {one.at: temperatures.centi(one.celsius) for one in found}
        differs = sorted(at for at, centi in told.items() if there.get(at, centi) != centi)
        if differs or len(told) < len(found):
            at = differs[0] if differs else found[0].at
            raise refuse("temperature.differs", "Two readings of one moment say different things",
                         place=f"{at:%d-%b-%Y %H:%M} UTC")  # fmt: skip
        fresh = [at for at in told if at not in there]
        message = messages.file(
            models.Message(
                site_id=by.site_id, direction="in", way="upload", name=called, kind=messages.TEMPERATURES,
                body=data, digest=digest, at=now, outcome="accepted" if fresh else "duplicate",
                summary=f"{account.name}: {len(told)} readings, {len(fresh)} of them new",
            ),
            (),
        )  # fmt: skip
        rows = models.Temperature.objects.bulk_create(
            models.Temperature(
                account=account, at=at, centi=told[at], origin=digest, by_id=by.id, recorded_at=now
            )
            for at in fresh
        )
        detail = {
            "account": account.pk, "message": message.pk, "file": digest, "readings": len(told),
            "new": len(fresh), "first": found[0].at.isoformat(), "last": found[-1].at.isoformat(),
        }  # fmt: skip
        result = {"message": message.pk, "readings": len(told), "new": len(fresh)}
        return Deed(f"account:{account.pk}", detail, result, together=rows)

    request = {"account": account_id, "name": called, "file": digest}
    return once("stock.import_temperatures", by=by, now=now, key=key, request=request, do=do)


def quarantine_excursion(*, by: Person, now: datetime, key: str, account_id: int, began: datetime) -> Outcome:
    """Sets every lot of a place aside because of the excursion that began then.

    They go to a quarantine of that place, so that they stay as cold. Raises `Refused`: ``stock.role``,
    ``place.unknown``, ``temperature.no-limits``, ``temperature.no-excursion``,
    ``temperature.set-aside-already``.
    """

    def do() -> Deed:
        may_keep_stock(by)
        account = _place(by, account_id)
        limits = _limits(account)
        known = temperatures.readings(account.pk, since=now - LOOKED_AT)
        found = next((one for one in excursions(known, limits) if one.began == began), None)
        if found is None:
            raise refuse("temperature.no-excursion", "No excursion of this place began then", place="began")
        end = found.ended or now
        mean = kinetic([one for one in known if end - MEAN_OVER <= one.at <= end])
        quarantine = ledger.account(by.site_id, AccountKind.QUARANTINE, f"Quarantine of {account.name}"[:80])
        if models.Excursion.objects.filter(account=account, began=began).exists():
            raise refuse("temperature.set-aside-already", "The lots of this excursion were set aside already")
        row = models.Excursion.objects.create(
            account=account, quarantine_id=quarantine.id, began=began, ended=found.ended,
            coldest=temperatures.centi(found.coldest), warmest=temperatures.centi(found.warmest),
            kinetic=mean.answer if mean else "not known", by_id=by.id, at=now,
        )  # fmt: skip
        ledger.locked(*(one.batch_id for one in places.balances(account.pk)))
        # Read again, now that nobody else can move them.
        source = ledger.as_account(account)
        why = f"{account.name} was {found.coldest} to {found.warmest} °C"
        check_route(Reason.QUARANTINE, source, quarantine, by=by, why=why)
        posted = ledger.post([
            Movement(
                one.batch_id, source, quarantine, one.amount, now, now, by.id, key, Reason.QUARANTINE,
                about=temperatures.about(row), why=why[:200],
            )
            for one in places.balances(account.pk)
        ])  # fmt: skip
        detail = {"account": account.pk, "began": began.isoformat(), "lots": len(posted)}
        result = {"excursion": row.pk, "lots": len(posted)}
        return Deed(f"account:{account.pk}", detail, result, moved=posted, sealed=[row])

    request = {"account": account_id, "began": began.isoformat()}
    return once("stock.quarantine_excursion", by=by, now=now, key=key, request=request, do=do)


def release(*, by: Person, now: datetime, key: str, excursion_id: int, batch_id: int, advice: str) -> Outcome:
    """A pharmacist puts what an excursion set aside of a batch back into its place, on the maker's advice.

    Raises `Refused`: ``stock.role``, ``temperature.unknown``, ``temperature.no-advice``,
    ``temperature.not-set-aside``, ``stock.not-in-stock``.
    """

    def do() -> Deed:
        row = (
            models.Excursion.objects.select_for_update(of=("self",))
            .select_related("account", "quarantine")
            .filter(pk=excursion_id, account__site=by.site_id)
            .first()
        )
        if row is None:
            raise refuse("temperature.unknown", "There is no such excursion here")
        if len(advice.strip()) < 10:
            raise refuse(
                "temperature.no-advice", "Say what the maker advises, and who said so", place="advice"
            )
        source, target = ledger.as_account(row.quarantine), ledger.as_account(row.account)
        check_route(Reason.RELEASE, source, target, by=by, why=advice)
        amount = sum(one.amount for one in temperatures.set_aside(row) if one.batch_id == batch_id)
        released = row.releases.filter(movement__batch=batch_id, movement__reversals=None).exists()
        if not amount or released:
            raise refuse("temperature.not-set-aside", "Nothing of this batch is still set aside for it",
                         place="batch")  # fmt: skip
        # Some of it may have been wasted since: what is left of it goes back.
        held = ledger.holds(ledger.locked(batch_id)[batch_id], source).held
        posted = ledger.post([
            Movement(
                batch_id, source, target, min(amount, held) or amount, now, now, by.id, key, Reason.RELEASE,
                about=temperatures.about(row), why=advice.strip()[:180],
            )
        ])  # fmt: skip
        made = models.ExcursionRelease.objects.create(
            excursion=row, movement=posted[0], advice=advice.strip()[:180], by_id=by.id, at=now
        )
        detail = {"excursion": row.pk, "batch": batch_id}
        return Deed(f"account:{row.account_id}", detail, {"release": made.pk}, moved=posted, sealed=[made])

    request = {"excursion": excursion_id, "batch": batch_id, "advice": advice}
    return once("stock.release_excursion", by=by, now=now, key=key, request=request, do=do)


def _place(by: Person, account_id: int) -> models.Account:
    account = places.place(by.site_id, account_id)
    if account is None:
        raise refuse("place.unknown", "There is no such place here", place="place")
    return account


def _limits(account: models.Account) -> Limits:
    limits = limits_of(places.condition_of(account.pk), temperatures.limits())
    if limits is None:
        raise refuse(
            "temperature.no-limits", "Nobody has said which temperature this place is to have", place="place",
            way_out="Record its storage condition under Places.",
        )  # fmt: skip
    return limits
