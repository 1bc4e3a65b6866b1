"""The temperature of a place: its picture, what was out of limits, what nobody read, what became of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from pestle.pharmacy.ledger.temperature import Limits, Reading, excursions, gaps, kinetic
from pestle.pharmacy.people import Role
from pestle.pharmacy.quantity import decimal, plain
from pestle.pharmacy.refusal import refuse
from pestle.web.actions import temperatures as actions
from pestle.web.actions.once import Outcome
from pestle.web.pages import words
from pestle.web.pages.bench import Bench, at_bench, attempt, key_of, page
from pestle.web.pages.csv_file import csv_file
from pestle.web.pages.line_chart import line_chart
from pestle.web.pages.next_task import SeeOther
from pestle.web.pages.pack_words import kept_pack_words
from pestle.web.pages.stock import id_of, may_keep
from pestle.web.store import models, places, stock, temperatures

SHOWN = timedelta(days=30)
HOUR = timedelta(hours=1)
MOST_BYTES = 5_000_000
_TYPED = ("celsius", "lowest", "highest", "advice")


@require_http_methods(["GET", "POST"])
def show(request: HttpRequest, account_id: int) -> HttpResponse:
    """A month of a place; a POST adds readings, sets lots aside, or releases a batch."""
    bench = at_bench(request)
    account = places.place(bench.site.pk, account_id)
    if account is None:
        raise Http404
    if request.method == "GET":
        return _page(request, bench, account)
    outcome, refusals = attempt(lambda: _act(request, bench, account))
    if outcome is None:
        return _page(request, bench, account, refusals=refusals, status=422)
    messages.success(request, _said(outcome))
    return SeeOther(reverse("temperature", kwargs={"account_id": account_id}))


@require_GET
def download(request: HttpRequest, account_id: int) -> HttpResponse:
    """The readings of the month as a file."""
    bench = at_bench(request)
    account = places.place(bench.site.pk, account_id)
    if account is None:
        raise Http404
    rows = (
        (one.at.isoformat(), one.celsius, "" if one.lowest is None else one.lowest,
         "" if one.highest is None else one.highest)
        for one in temperatures.readings(account.pk, since=bench.now - SHOWN)
    )  # fmt: skip
    return csv_file(f"temperature-{account_id}.csv", ("Time (UTC)", "Temp °C", "Lowest", "Highest"), rows)


def _act(request: HttpRequest, bench: Bench, account: models.Account) -> Outcome:
    form = request.POST
    given: dict[str, Any] = {"by": bench.person, "now": bench.now, "key": key_of(request)}
    what = form.get("what")
    if what == "read":
        now, lowest, highest = (decimal(form.get(name, ""), place=name) for name in _TYPED[:3])
        return actions.record_reading(
            **given, account_id=account.pk, celsius=now, lowest=lowest, highest=highest
        )
    if what == "file":
        file = request.FILES.get("file")
        if file is None:
            raise refuse("logger.no-file", "Choose the logger's file", place="file")
        if file.size is None or file.size > MOST_BYTES:
            raise refuse("logger.too-long", "This is no file of one fridge", place="file")
        return actions.import_readings(
            **given, account_id=account.pk, name=file.name or "file", data=file.read()
        )
    if what == "set_aside":
        return actions.quarantine_excursion(
            **given, account_id=account.pk, began=_moment(form.get("began", ""))
        )
    if what == "release":
        return actions.release(
            **given, excursion_id=id_of(form.get("excursion", "")), batch_id=id_of(form.get("batch", "")),
            advice=form.get("advice", ""),
        )  # fmt: skip
    raise refuse("temperature.nothing", "Nothing was asked for")


def _said(outcome: Outcome) -> str:
    result = outcome.result
    if "lots" in result:
        return f"{words.count(result['lots'], 'lot')} set aside until a pharmacist releases them."
    if "new" in result:
        return f"{words.count(result['readings'], 'reading')} in the file, {result['new']} of them new."
    return "Released." if "release" in result else "Written down."


def _page(
    request: HttpRequest, bench: Bench, account: models.Account, *, status: int = 200, **context: Any
) -> HttpResponse:
    condition = places.condition_of(account.pk)
    limits = temperatures.limits().get(condition) if condition else None
    readings = temperatures.readings(account.pk, since=bench.now - SHOWN)
    acted = temperatures.excursions(account.pk)
    found = excursions(readings, limits) if limits else ()
    mean = kinetic([one for one in readings if one.at >= bench.now - actions.MEAN_OVER])
    return page(
        request, "stock/temperature.jinja", bench, section="stock", status=status,
        account=account,
        limits=_limits_words(limits),
        verified=bool(limits and limits.source.verified),
        last=_last(readings, limits, bench),
        mean=mean.answer if mean else "no reading in these hours",
        chart=_chart(readings, limits, bench),
        days=_days(readings, limits, bench),
        gaps=[
            {"from": first, "to": second, "hours": words.count((second - first) // HOUR, "hour")}
            for first, second in (gaps(readings, limits, now=bench.now) if limits else ())
        ],
        found=[
            {
                "began": one.began, "key": one.began.isoformat(), "ended": one.ended or "",
                "coldest": _degrees(one.coldest), "warmest": _degrees(one.warmest),
                "acted": any(row.began == one.began for row in acted),
            }
            for one in reversed(found)
        ],
        acted=[_acted(row) for row in acted],
        typed={name: request.POST.get(name, "") for name in _TYPED},
        may_keep=may_keep(bench.person),
        may_release=bench.person.has(Role.PHARMACIST),
        **context,
    )  # fmt: skip


def _acted(row: models.Excursion) -> dict[str, Any]:
    released = {one.movement.batch_id: one for one in row.releases.all()}
    return {
        "id": row.pk,
        "began": row.began,
        "ended": row.ended or "",
        "coldest": _degrees(temperatures.celsius(row.coldest)),
        "warmest": _degrees(temperatures.celsius(row.warmest)),
        "kinetic": row.kinetic,
        "who": row.by.full_name,
        "lots": [
            {
                "batch": one.batch_id,
                "href": reverse("batch", kwargs={"batch_id": one.batch_id}),
                "pack": kept_pack_words(one.batch.pack_id, one.batch.pack_name),
                "number": one.batch.number,
                "amount": stock.words(one.batch, one.amount),
                "advice": f"{released[one.batch_id].advice} ({released[one.batch_id].by.full_name})"
                if one.batch_id in released
                else "",
            }
            for one in temperatures.set_aside(row)
        ],
    }


def _last(readings: Sequence[Reading], limits: Limits | None, bench: Bench) -> str:
    if not readings:
        return "no reading on record"
    one = readings[-1]
    said = f"{_degrees(one.celsius)}, {words.near_time(one.at, now=bench.now, zone=bench.zone)}"
    return said if limits is None or limits.holds(one.celsius) else f"{said}: out of limits"


def _limits_words(limits: Limits | None) -> str:
    if limits is None:
        return "not known: record its storage condition"
    return f"{plain(limits.lowest)} to {plain(limits.highest)} °C"


def _days(readings: Sequence[Reading], limits: Limits | None, bench: Bench) -> list[dict[str, Any]]:
    """Each day that has a reading, newest first, with its coldest and warmest."""
    by_day: dict[date, list[Reading]] = defaultdict(list)
    for one in readings:
        by_day[one.at.astimezone(bench.zone).date()].append(one)
    rows = []
    for day in sorted(by_day, reverse=True):
        told = [each for one in by_day[day] for each in one.extremes]
        out = limits is not None and not all(limits.holds(each) for each in told)
        rows.append(
            {"day": day, "lowest": _degrees(min(told)), "highest": _degrees(max(told)), "out": out,
             "readings": len(by_day[day])}
        )  # fmt: skip
    return rows


def _chart(readings: Sequence[Reading], limits: Limits | None, bench: Bench) -> dict[str, Any]:
    return line_chart(
        [(one.at, one.celsius) for one in readings],
        begin=bench.now - SHOWN,
        end=bench.now,
        band=(limits.lowest, limits.highest) if limits else None,
    )


def _degrees(value: Decimal) -> str:
    return f"{plain(value) if value >= 0 else '−' + plain(-value)} °C"


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise refuse("day.unreadable", f"“{text}” is no moment", place="began") from None
