"""The Drug Tariff of a month is taken in, whole or not at all."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from pestle.pharmacy.medicines.tariff import read_tariff
from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.refusal import refuse
from pestle.web.actions.documents import File, called
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.store import models, tariffs

MAY_TAKE_IN = (Role.TECHNICIAN, Role.ACCURACY_CHECKER, Role.PHARMACIST, Role.MANAGER)


def take_in(*, by: Person, now: datetime, key: str, month: date | None, data: bytes, name: str) -> Outcome:
    """Takes in the prices of a month (any day of it); the latest file of a month counts.

    Raises `Refused`: ``tariff.role``, ``tariff.no-month``, ``tariff.month-ahead`` (more than a month), those
    of `read_tariff`.
    """

    digest = File(name, data).digest

    def do() -> Deed:
        if not by.has(*MAY_TAKE_IN):
            raise refuse("tariff.role", f"Prices are taken in by the team; you are signed in as {by.title}")
        if month is None:
            raise refuse("tariff.no-month", "Say of which month the prices are", place="month")
        site = models.Site.objects.get(pk=by.site_id)
        on = now.astimezone(ZoneInfo(site.time_zone)).date()
        if (month.year - on.year) * 12 + month.month - on.month > 1:
            raise refuse("tariff.month-ahead", "The tariff of that month is not published yet", place="month")
        rows = read_tariff(data)
        made = models.Tariff.objects.create(
            site=site, month=month.replace(day=1), name=called(name), digest=digest, by_id=by.id, at=now,
        )  # fmt: skip
        tariffs.write(made, rows)
        detail = {"month": f"{made.month:%Y-%m}", "digest": made.digest, "prices": len(rows)}
        return Deed(f"tariff:{made.pk}", detail, {"tariff": made.pk, "prices": len(rows)})

    request = {"month": month.isoformat() if month else None, "digest": digest}
    return once("tariff.take_in", by=by, now=now, key=key, request=request, do=do)
