"""Definitions: what each says, from which source, what it found this month, what this site made of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pestle.pharmacy.checks.finding import RuleId, Severity
from pestle.pharmacy.checks.replay import QUIET
from pestle.pharmacy.checks.tuning import LONGEST, MAY_TUNE
from pestle.pharmacy.library import Entry
from pestle.pharmacy.refusal import Refusal, refuse
from pestle.web.actions import replays as replaying
from pestle.web.actions import tuning
from pestle.web.actions.once import Outcome
from pestle.web.pages.bench import Bench, at_bench, attempt, key_of, page
from pestle.web.pages.dates import day_of
from pestle.web.pages.next_task import SeeOther
from pestle.web.store import definitions, models, overrides, replays, tunings

MONTH = timedelta(days=30)
PAGE = 50
_EVER = datetime(2000, 1, 1, tzinfo=UTC)
LEVELS = {
    Severity.HARD_STOP.value: Severity.HARD_STOP,
    Severity.INTERRUPT.value: Severity.INTERRUPT,
    Severity.NOTE.value: Severity.NOTE,
    QUIET: None,
}
_ABOUT = {
    "calculators": "Calculators: tables",
    "checks": "Checks: names of substances",
    "checks/allergy": "Allergy: classes and cross-reactions",
    "checks/classes": "Classes of medicines",
    "checks/controlled": "Controlled drugs: the law",
    "checks/dose/intervals": "Dose: least intervals",
    "checks/dose/limits": "Dose: limits",
    "checks/dose/long_term": "Dose: limits of long use",
    "checks/duplicate": "Duplicates",
    "checks/form": "Routes, forms and crushing",
    "checks/interaction/low": "Interactions: low list",
    "checks/interaction/national": "Interactions: national",
    "checks/interaction/onc_high": "Interactions: ONC high-priority list",
    "checks/measured": "Measurements: how long they count",
    "checks/renal": "Kidney function",
    "checks/routes": "Local routes",
    "checks/rule/age": "Age",
    "checks/rule/companion": "What should go with a medicine",
    "checks/rule/condition": "Conditions of the patient",
    "checks/rule/pregnancy": "Pregnancy and breast-feeding",
    "checks/supply": "Quantity and early supply",
    "codelists": "Lists of codes: names of routes",
    "codelists/conditions": "Lists of conditions",
    "codelists/medicines": "Lists of medicines",
    "codelists/published": "Lists of codes that others publish: their purpose",
    "criteria": "Conditions that rules share",
    "equivalence": "What bars an exchange",
    "formulary": "Starter formulary",
    "gp_extract": "Exports of GP record systems: their columns",
    "labels": "Labels: cautionary wordings",
    "lookalike": "Look-alike names",
    "measures/data_quality": "Measures: gaps of the record",
    "measures/doac/lists": "Measures: the lists of anticoagulants",
    "measures/pincer": "Measures: PINCER",
    "measures/pincer/lists": "Measures: the lists of PINCER",
    "measures/polypharmacy": "Measures: many medicines",
    "measures/polypharmacy/lists": "Measures: the lists of many medicines",
    "measures/prescribing": "Measures of what practices prescribe",
    "measures/prescribing/lists": "Measures: the lists of what practices prescribe",
    "measures/qof": "Measures: registers and indicators",
    "measures/qof/lists": "Measures: the lists of registers",
    "measures/review": "Measures: who is reviewed",
    "measures/review/lists": "Measures: the lists of reviews",
    "monitoring": "Monitoring",
    "near_misses": "Near misses: types and factors",
    "observables": "Kinds of result",
    "ordering": "Repeats: not ordered, not collected",
    "payment": "Prescription charges, exemptions and endorsements",
    "practice": "Monitoring at a practice: its ways",
    "reconciliation": "Reconciliation: high-risk medicines",
    "repeat_dispensing": "Repeat dispensing: what is asked",
    "reviews": "Reviews: checklists and who needs one",
    "storage": "Storage temperatures",
    "suitability": "Repeat dispensing: who suits it",
}
_SHOWN = (
    ("", "By what they are about"),
    ("all", "Every definition"),
    ("overdue", "Overdue for review"),
    ("unverified", "Unverified"),
    ("verified", "Verified"),
    ("trial", "On trial here"),
    ("tuned", "Tuned here"),
)


@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """Every definition: at first what they are about, with counts; then those that were asked for, by words,
    by what they are about, and by how they stand. Words stand in no address: what they find is one page, the
    rest is for more words."""
    bench = at_bench(request)
    asked = request.POST if request.method == "POST" else request.GET
    text = request.POST.get("text", "").strip()[:100]
    about, which = (asked.get(name, "").strip()[:100] for name in ("about", "which"))
    if request.method == "POST" and not text:
        return SeeOther(_index_href(about, which))
    every = _rows(bench)
    rows = [row for row in every if _fits(row, text, about, which)]
    number = request.GET.get("page", "")
    pages = 1 if text else max(1, -(-len(rows) // PAGE))
    at = min(max(1, int(number) if number.isdecimal() and len(number) < 5 else 1), pages)
    # How many of each the other two questions leave.
    abouts = Counter(row["entry"].folder for row in every if _fits(row, text, "", which))
    stands = Counter(name for row in every if _fits(row, text, about, "") for name in row["stands"])
    return page(
        request,
        "definitions/index.jinja",
        bench,
        section="definitions",
        groups=[] if text or about or which else _groups(every),
        rows=rows[(at - 1) * PAGE : at * PAGE],
        total=len(rows),
        at=at,
        pages=pages,
        hrefs={one: _index_href(about, which, one) for one in range(1, pages + 1)},
        text=text,
        choices=[
            {"name": "about", "label": "About",
             "options": [("", "Everything", not about)]
             + [(one, f"{said_of(one)} ({abouts[one]})", one == about)
                for one in sorted({row["entry"].folder for row in every}, key=said_of)]},
            {"name": "which", "label": "Show",
             "options": [(value, f"{words} ({stands[value]})" if value else words, value == which)
                         for value, words in _SHOWN]},
        ],
    )  # fmt: skip


def _rows(bench: Bench) -> list[dict[str, Any]]:
    """Every definition with how it stands and what it found here."""
    trial = tunings.on_trial(bench.site.pk)
    tuned = {each.tuning.rule.definition for each in tunings.history(bench.site.pk) if each.ended is None}
    found: dict[str, tuple[int, int]] = {}
    for one in overrides.counts(bench.site.pk, since=_month(bench)):
        before = found.get(one.rule.definition, (0, 0))
        found[one.rule.definition] = (before[0] + one.found, before[1] + one.overridden)
    rows = []
    for entry in definitions.entries().values():
        own = _own(entry)
        stands = {
            "all": True,
            "overdue": entry.overdue(on=bench.today),
            "unverified": not entry.source.verified,
            "verified": entry.source.verified,
            "trial": own and entry.called in trial,
            "tuned": own and entry.called in tuned,
        }
        rows.append(
            {
                "entry": entry,
                "href": reverse("definition", kwargs={"file": entry.file}),
                "about": said_of(entry.folder),
                "stands": {name for name, holds in stands.items() if holds},
                "found": found.get(entry.called, (0, 0)) if own else (0, 0),
            }
        )
    return rows


def _groups(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What they are about, each with how many stand how, as links, and what they found."""
    by_folder: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_folder.setdefault(row["entry"].folder, []).append(row)
    return [
        {
            "says": said_of(folder),
            "href": _index_href(folder, ""),
            "counts": [
                (sum(name in row["stands"] for row in these), _index_href(folder, name))
                for name in ("all", "unverified", "overdue", "trial", "tuned")
            ],
            "found": [sum(row["found"][at] for row in these) for at in (0, 1)],
        }
        for folder, these in sorted(by_folder.items(), key=lambda one: said_of(one[0]))
    ]


def said_of(folder: str) -> str:
    """What the definitions of a folder are about, in words; the folder where nobody has said it."""
    return _ABOUT.get(folder, folder)


@require_GET
def show(request: HttpRequest, file: str) -> HttpResponse:
    """One definition, by its file, or by what a finding calls it."""
    return _show(request, at_bench(request), entry_of(file))


@require_POST
def tune(request: HttpRequest, file: str) -> HttpResponse:
    """Makes more or less of what one of its rules finds."""
    bench, entry, posted = at_bench(request), entry_of(file), request.POST

    def do(key: str) -> Outcome:
        rule, was = rule_of(posted.get("rule", ""), entry)
        review = day_of(posted.get("review", ""), place="review")
        return tuning.tune(by=bench.person, now=bench.now, key=key, rule=rule, was=was, review=review,
                           to=level_of(posted.get("to", "")), reason=posted.get("reason", ""))  # fmt: skip

    return _act(request, bench, entry, do, "On record. A hard stop waits for the second signature.")


@require_POST
def sign(request: HttpRequest, file: str) -> HttpResponse:
    """The second signature."""
    bench = at_bench(request)
    number = _number(request)
    return _act(
        request, bench, entry_of(file),
        lambda key: tuning.sign(by=bench.person, now=bench.now, key=key, tuning_id=number),
        "Signed: it holds from now on.",
    )  # fmt: skip


@require_POST
def withdraw(request: HttpRequest, file: str) -> HttpResponse:
    """Ends a tuning."""
    bench = at_bench(request)
    number = _number(request)
    return _act(
        request, bench, entry_of(file),
        lambda key: tuning.withdraw(by=bench.person, now=bench.now, key=key, tuning_id=number,
                                    reason=request.POST.get("reason", "")),
        "Withdrawn: what the check itself says counts again.",
    )  # fmt: skip


@require_POST
def state(request: HttpRequest, file: str) -> HttpResponse:
    """Puts it on trial, or switches it on."""
    bench, entry = at_bench(request), entry_of(file)
    on_trial = request.POST.get("state") == "trial"
    return _act(
        request, bench, entry,
        lambda key: tuning.set_state(by=bench.person, now=bench.now, key=key, definition=entry.called,
                                     on_trial=on_trial, reason=request.POST.get("reason", "")),
        "On trial: what it finds is counted." if on_trial else "On: what it finds is shown.",
    )  # fmt: skip


def level_of(words: str) -> Severity | None:
    """The severity that a form names; None for quiet. Raises `Refused` (``tuning.no-level``)."""
    if words not in LEVELS:
        raise refuse("tuning.no-level", "Say what it is to count as", place="to")
    return LEVELS[words]


def rule_of(words: str, entry: Entry) -> tuple[RuleId, Severity]:
    """The rule and its severity as a form names them. Raises `Refused` (``tuning.no-rule``)."""
    check, _, rest = words.partition("|")
    rule, _, was = rest.partition("|")
    if not (check and rule and was in [each.value for each in Severity]):
        raise refuse("tuning.no-rule", "Choose which rule, found at which severity", place="rule")
    return RuleId(check[:40], rule[:80], entry.called), Severity(was)


def rules_found(bench: Bench, entry: Entry) -> list[tuple[str, str]]:
    """The rules of a definition that have found something here, at a check or in a replay: as the form names
    them, and in words."""
    found = {
        (count.rule.check, count.rule.rule, count.was)
        for count in overrides.counts(bench.site.pk, since=_EVER, definition=entry.called)
    }  # fmt: skip
    found |= {
        (check, rule, Severity(was)) for check, rule, was in replays.rules_found(bench.site.pk, entry.called)
    }
    return [
        (f"{check}|{rule}|{was.value}", f"{rule}, found as “{was.word}”")
        for check, rule, was in sorted(found, key=lambda one: (one[0], one[1], list(Severity).index(one[2])))
        if was is not Severity.NOT_ASSESSED
    ]


def _show(
    request: HttpRequest,
    bench: Bench,
    entry: Entry,
    *,
    refusals: tuple[Refusal, ...] = (),
    status: int = 200,
) -> HttpResponse:
    own = _own(entry)
    history = tunings.history(bench.site.pk, definition=entry.called) if own else []
    counts = overrides.counts(bench.site.pk, since=_month(bench), definition=entry.called) if own else []
    runs = models.Replay.objects.filter(site=bench.site, definition=entry.called).select_related("by")
    return page(
        request,
        "definitions/show.jinja",
        bench,
        section="definitions",
        status=status,
        refusals=refusals,
        entry=entry,
        own=own,
        overdue=entry.overdue(on=bench.today),
        counts=counts,
        found_in_all=sum(count.found for count in counts),
        tunings=[_tuning(each, bench) for each in history],
        trial=own and entry.called in tunings.on_trial(bench.site.pk),
        states=list(tunings.states(bench.site.pk, entry.called)) if own else [],
        replays=list(runs.order_by("-pk")[:10]) if own else [],
        rules=rules_found(bench, entry) if own else [],
        levels=[(value, severity.word if severity else "Quiet") for value, severity in LEVELS.items()],
        may_tune=own and bench.person.has(*MAY_TUNE),
        may_replay=own and bench.person.has(*replaying.MAY_REPLAY),
        typed=request.POST,
        latest_review=bench.today + LONGEST,
        month_ago=bench.today - MONTH,
    )


def _tuning(each: tunings.Kept, bench: Bench) -> dict[str, Any]:
    value = each.tuning
    ended = each.ended
    if ended:
        standing = "withdrawn"
    elif value.holds(on=bench.today):
        standing = "holds"
    else:
        standing = "lapsed" if value.lapsed(on=bench.today) else "unsigned"
    signed_here = any(one.person_id == bench.person.id for one in value.signed)
    return {
        "id": each.id,
        "rule": value.rule.rule,
        "was": value.was,
        "to": value.to.word if value.to else "Quiet",
        "reason": value.reason,
        "signed": value.signed,
        "review": value.review,
        "state": standing,
        "ended": ended,
        "may_sign": standing == "unsigned" and not signed_here and bench.person.has(*MAY_TUNE),
    }


def _act(
    request: HttpRequest, bench: Bench, entry: Entry, do: Callable[[str], Outcome], said: str
) -> HttpResponse:
    outcome, refusals = attempt(lambda: do(key_of(request)))
    if outcome is None:
        return _show(request, bench, entry, refusals=refusals, status=422)
    messages.success(request, said)
    return SeeOther(reverse("definition", kwargs={"file": entry.file}))


def entry_of(file: str) -> Entry:
    """The definition with this file, or that a finding calls so. Raises `Http404`."""
    entry = definitions.entries().get(file) or definitions.known().get(file)
    if entry is None:
        raise Http404
    return entry


def _own(entry: Entry) -> bool:
    """Whether findings that name this file mean this one, so that it can be counted and tuned."""
    return definitions.known().get(entry.called) is entry


def _month(bench: Bench) -> datetime:
    return datetime.combine(bench.today - MONTH, time.min, bench.zone)


def _number(request: HttpRequest) -> int:
    text = request.POST.get("tuning", "")
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Http404
    return int(text)


def _index_href(about: str, which: str, number: int = 1) -> str:
    asked = {"about": about, "which": which, "page": str(number) if number > 1 else ""}
    given = {name: value for name, value in asked.items() if value}
    return f"{reverse('definitions')}?{urlencode(given)}" if given else reverse("definitions")


def _fits(row: dict[str, Any], text: str, about: str, which: str) -> bool:
    entry = row["entry"]
    words = f"{entry.title} {entry.file} {row['about']} {entry.kind} {entry.source.title}".casefold()
    return (
        which in ("", *row["stands"])
        and about in ("", entry.folder)
        and all(one in words for one in text.casefold().split())
    )
