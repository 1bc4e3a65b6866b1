"""The burden of alerts at a site: which rules ask, how often it goes on all the same, for which reasons, by
whom."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from pestle.pharmacy.checks.burden import FEW, Burden, burden
from pestle.pharmacy.checks.finding import RuleId
from pestle.web.actions.people import MAY_MANAGE
from pestle.web.pages.bench import Bench, at_bench, page
from pestle.web.pages.column_chart import column_chart
from pestle.web.pages.csv_file import csv_file
from pestle.web.store import overrides
from pestle.web.store.definitions import known

PERIODS = {"30": "30 days", "90": "90 days", "365": "a year"}
MOST_REASONS = 20


@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """The report."""
    bench = _bench(request)
    days, first = _period(request, bench)
    since = datetime.combine(first, time.min, bench.zone)
    rules = burden(overrides.counts(bench.site.pk, since=since))
    rows = overrides.overrides(bench.site.pk, since=since)
    reasons = Counter(" ".join(row.words.casefold().split()).rstrip(".") for row in rows)
    weeks = overrides.weeks(bench.site.pk, first=first, last=bench.today, zone=bench.zone)
    return page(
        request,
        "burden/show.jinja",
        bench,
        section="manage",
        periods=[(value, words, value == days) for value, words in PERIODS.items()],
        days=days,
        first=first,
        few=FEW,
        rules=[_rule(each) for each in rules],
        never=[_rule(each) for each in rules if each.never_acted_on],
        reasons=reasons.most_common(MOST_REASONS),
        more_reasons=max(0, len(reasons) - MOST_REASONS),
        people=Counter(row.by for row in rows).most_common(),
        weeks=weeks,
        chart=column_chart([(f"{week.monday:%d %b}", (week.overridden, week.acted_on)) for week in weeks]),
        overridden=len(rows),
        acted_on=sum(each.acted_on for each in rules),
        answered_before=sum(each.answered_before for each in rules),
        csv_href=f"{reverse('burden-csv')}?days={days}",
    )


@require_GET
def download(request: HttpRequest) -> HttpResponse:
    """Every override of the period, one a row; no patient is named, though what somebody typed may."""
    bench = _bench(request)
    _, first = _period(request, bench)
    since = datetime.combine(first, time.min, bench.zone)
    return csv_file(
        f"overrides-{bench.today.isoformat()}.csv",
        ("When", "Prescription", "Check", "Rule", "Definition", "Found as", "Shown as", "By", "Because"),
        (
            (
                one.at.astimezone(bench.zone).isoformat(timespec="minutes"),
                one.prescription,
                one.rule.check,
                one.rule.rule,
                one.rule.definition,
                one.was.word,
                one.severity.word,
                one.by,
                one.words,
            )
            for one in overrides.overrides(bench.site.pk, since=since)
        ),
    )


def _bench(request: HttpRequest) -> Bench:
    bench = at_bench(request)
    if not bench.person.has(*MAY_MANAGE):
        raise PermissionDenied
    return bench


def _period(request: HttpRequest, bench: Bench) -> tuple[str, date]:
    days = request.GET.get("days", "")
    days = days if days in PERIODS else "90"
    return days, bench.today - timedelta(days=int(days))


def _rule(each: Burden) -> dict[str, Any]:
    return {"burden": each, "title": _title(each.rule), "rule": each.rule, "percent": each.percent_overridden}


def _title(rule: RuleId) -> str:
    entry = known().get(rule.definition)
    return entry.title if entry else rule.definition or "The program"
