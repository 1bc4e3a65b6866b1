"""Home: what waits, for whom, since when, due when, and with whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from pestle.pharmacy.checks.finding import Severity
from pestle.pharmacy.dispensary.owing import ends_soon
from pestle.pharmacy.dispensary.workflow import ACCURACY, CLINICAL, CLOSED, DISPENSING, ENTRY, HAND_OUT
from pestle.pharmacy.ledger.base_unit import amount_words
from pestle.pharmacy.people import Person, Role, SiteKind
from pestle.pharmacy.record.patient import age_words
from pestle.web.actions.may_leave import last_day_of
from pestle.web.pages import bag_flags, words
from pestle.web.pages.bench import Bench, at_bench, page
from pestle.web.pages.csv_file import csv_file
from pestle.web.pages.next_task import SeeOther, name_of
from pestle.web.pages.pack_words import name_words
from pestle.web.pages.practice.home import at_practice
from pestle.web.pages.walls import PRACTICES
from pestle.web.store import (
    bags,
    issues,
    models,
    owings,
    patient_tasks,
    patients,
    prescriptions,
    queries,
    uncollected,
    worklist,
)

ALL = "all"
# What somebody typed may name a patient: it is kept in the session and never stands in an address.
TEXT = "worklist_text"
MOST_DOWNLOADED = 10_000

_OPEN = tuple(step for step in DISPENSING.steps if not step.final)
_FIRST = ((Role.PHARMACIST, CLINICAL), (Role.ACCURACY_CHECKER, ACCURACY), (Role.TECHNICIAN, ENTRY))
_COLUMNS = ("due", "patient", "waiting")
_HEADER = ("Due", "Patient", "Born", "NHS number", "Prescription", "Step", "Lines", "Waiting since", "With",
           "Cancellation asked")  # fmt: skip


class Wanted(NamedTuple):
    """Which list: a step or all, mine or everybody's, in which order, which page."""

    step: str
    mine: bool
    sort: str
    descending: bool
    page: int

    def href(self, name: str = "worklist") -> str:
        """The address of this list; it says nothing of a patient."""
        asked = {"step": self.step, "sort": self.sort, "order": "desc" if self.descending else "asc"}
        if self.mine:
            asked["with"] = "me"
        if self.page > 1:
            asked["page"] = str(self.page)
        return f"{reverse(name)}?{urlencode(asked)}"


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """The worklist, of a practice its own; a POST only sets what is searched for and with whom."""
    bench = at_bench(request)
    if SiteKind(bench.site.kind) in PRACTICES:
        return at_practice(request, bench)
    wanted = _wanted(request, bench.person)
    if request.method == "POST":
        request.session[TEXT] = request.POST.get("text", "").strip()[:200]
        mine = request.POST.get("with", "") == "me"
        return SeeOther(wanted._replace(mine=mine, page=1).href())
    text = request.session.get(TEXT, "")
    found = _found(bench, wanted, text=text, size=worklist.PAGE)
    waits = _Owings.on(bench, found.rows)
    bagged = bags.of_prescriptions([row.id for row in found.rows if row.step == HAND_OUT])
    counts = worklist.counts(bench.site.pk)
    return page(
        request,
        "worklist.jinja",
        bench,
        section="worklist",
        tabs=_tabs(wanted, counts),
        refused_messages=worklist.refused_messages(bench.site.pk),
        uncollected=uncollected.old(bench.site, now=bench.now),
        repeats=issues.count_due(bench.site.pk, on=bench.today),
        queries=queries.counts(bench.site.pk, person_id=bench.person.id, now=bench.now),
        tasks=patient_tasks.counts(bench.site.pk, person_id=bench.person.id, today=bench.today),
        title=_title(wanted.step),
        wanted=wanted,
        rows=[_row(row, bench, waits, bagged, everywhere=wanted.step == ALL) for row in found.rows],
        found=found,
        text=text,
        sort=_sort(wanted),
        choices=_choices(wanted),
        hrefs={number: wanted._replace(page=number).href() for number in range(1, found.pages + 1)},
        csv_href=wanted._replace(page=1).href("worklist-csv"),
        all_href=wanted._replace(step=ALL, mine=False, page=1).href(),
    )


@require_GET
def download(request: HttpRequest) -> HttpResponse:
    """The same rows as a file, all pages of them."""
    bench = at_bench(request)
    wanted = _wanted(request, bench.person)._replace(page=1)
    found = _found(bench, wanted, text=request.session.get(TEXT, ""), size=MOST_DOWNLOADED)
    zone = timezone.get_current_timezone()
    rows = (
        (
            words.date_and_time(row.due_at, zone=zone),
            name_of(row.patient),
            words.short_date(row.patient.born),
            words.nhs_number_words(row.patient.nhs_number),
            row.number,
            DISPENSING.step(row.step).title,
            "; ".join(row.lines),
            words.date_and_time(row.step_since, zone=zone),
            row.claimed_by or "",
            "yes" if row.cancellation_asked else "no",
        )
        for row in found.rows
    )
    return csv_file(f"worklist-{wanted.step}-{bench.today.isoformat()}.csv", _HEADER, rows)


def first_step(person: Person) -> str:
    """The list that a person's role begins with."""
    return next((step for role, step in _FIRST if person.has(role)), ALL)


def _wanted(request: HttpRequest, person: Person) -> Wanted:
    asked = request.GET
    step = asked.get("step", "")
    number = asked.get("page", "")
    return Wanted(
        step=step if step == ALL or step in {one.code for one in _OPEN} else first_step(person),
        mine=asked.get("with") == "me",
        sort=asked["sort"] if asked.get("sort") in _COLUMNS else "due",
        descending=asked.get("order") == "desc",
        page=int(number) if number.isascii() and number.isdigit() and len(number) < 7 else 1,
    )


def _found(bench: Bench, wanted: Wanted, *, text: str, size: int) -> worklist.Page:
    return worklist.waiting(
        bench.site.pk,
        now=bench.now,
        step=None if wanted.step == ALL else wanted.step,
        search=text,
        mine=bench.person.id if wanted.mine else None,
        order=f"-{wanted.sort}" if wanted.descending else wanted.sort,
        page=wanted.page,
        size=size,
    )


@dataclass(frozen=True, slots=True)
class _Owings:
    """Of the owed lines of a page: for which the stock is there, and which are near their last day."""

    there: frozenset[int]
    ending: frozenset[int]

    @classmethod
    def on(cls, bench: Bench, rows: Sequence[worklist.Row]) -> _Owings:
        """Nothing is asked of a page on which nothing is owed."""
        ids = [row.id for row in rows if row.owed]
        if not ids:
            return cls(frozenset(), frozenset())
        there = owings.allotted(bench.site.pk, on=bench.today)
        said = owings.last_said(line for row in rows for line in row.owed)
        held = models.Prescription.objects.filter(pk__in=ids).select_related("site", "order")
        orders = {row.pk: (row, prescriptions.signed(row)) for row in held}
        return cls(
            frozenset(pk for pk, one in there.items() if one.whole),
            frozenset(
                line.pk
                for row in rows
                for line in row.owed
                if not owings.in_instalments(said[line.pk])
                and ends_soon(last_day_of(orders[row.id][0], line, orders[row.id][1]), on=bench.today)
            ),
        )

    def flags(self, row: worklist.Row) -> list[tuple[Severity, str]]:
        """What the list says of a prescription under the owings."""
        found = []
        if any(line.pk in self.ending for line in row.owed):
            found.append((Severity.INTERRUPT, "Last days"))
        if any(line.pk in self.there for line in row.owed):
            found.append((Severity.NOTE, "Stock is there"))
        return found


def _row(
    row: worklist.Row,
    bench: Bench,
    waits: _Owings,
    bagged: Mapping[int, bags.BagAt],
    *,
    everywhere: bool,
) -> dict[str, object]:
    asked = (
        ("Cancellation asked", row.cancellation_asked), ("Referred", row.referred), ("Query", row.queried),
    )  # fmt: skip
    flags = [(Severity.INTERRUPT, words) for words, said in asked if said] + waits.flags(row)
    if row.id in bagged:
        flags += bag_flags.flags(bagged[row.id], on=bench.today)
    if everywhere:
        flags.append((Severity.NOTE, DISPENSING.step(row.step).title))
    return {
        "href": reverse("prescription", kwargs={"prescription_id": row.id}),
        "due": row.due_at,
        # A bag that is ready waits for its patient: the pharmacy has kept its promise.
        "overdue": row.due_at < bench.now and row.step not in (HAND_OUT, CLOSED),
        "patient": name_of(row.patient),
        "age": age_words(row.patient.born, on=bench.today),
        "gender": words.gender_words(patients.value(row.patient).gender)[:1]
        if row.patient.gender in ("male", "female")
        else "",
        "lines": len(row.lines),
        "medicines": [
            f"{amount_words(line.owed, prescriptions.base(line))} of {name_words(line.product_name)}"
            for line in row.owed
        ]
        or [name_words(line) for line in row.lines],
        "flags": flags,
        "waiting_since": row.step_since,
        "who": row.claimed_by or "",
        "mine": row.claimed_by_id == bench.person.id,
    }


def _tabs(wanted: Wanted, counts: dict[str, int]) -> list[dict[str, object]]:
    here = wanted._replace(page=1)
    tabs = [(step.title, step.code, counts.get(step.code, 0)) for step in _OPEN]
    tabs.append(("All", ALL, sum(counts.values())))
    return [
        {"label": label, "href": here._replace(step=code).href(), "count": count,
         "current": code == wanted.step, "alarm": False}
        for label, code, count in tabs
    ]  # fmt: skip


def _title(step: str) -> str:
    return "All prescriptions at work" if step == ALL else DISPENSING.step(step).title


def _sort(wanted: Wanted) -> dict[str, object]:
    first = wanted._replace(page=1)
    return {
        "current": wanted.sort,
        "descending": wanted.descending,
        "hrefs": {
            column: first._replace(
                sort=column, descending=column == wanted.sort and not wanted.descending
            ).href()
            for column in _COLUMNS
        },
        "name": "worklist",
    }


def _choices(wanted: Wanted) -> list[dict[str, object]]:
    options = [("anyone", "Anybody", not wanted.mine), ("me", "Me", wanted.mine)]
    return [{"name": "with", "label": "With", "options": options}]
