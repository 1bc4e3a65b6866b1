"""The controlled-drug register as a bound book: its pages, their entries, notes in the margin, and copies for
an inspector."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from pestle.pharmacy.dispensary.collection import Collector, Identity
from pestle.pharmacy.ledger.controlled import EntryKind, check_due
from pestle.pharmacy.ledger.routes import KEEPS_STOCK
from pestle.pharmacy.refusal import Refusal
from pestle.web.actions import register as actions
from pestle.web.actions.once import Outcome
from pestle.web.actions.people import MAY_MANAGE
from pestle.web.pages.bench import Bench, at_bench, attempt, key_of, page
from pestle.web.pages.csv_file import csv_file
from pestle.web.pages.next_task import SeeOther
from pestle.web.pages.pack_words import name_words
from pestle.web.pages.pdf_file import pdf_file
from pestle.web.print.register import register_pdf
from pestle.web.store import models, register, requisitions, stock

HEADINGS = (
    "Date", "Received from, or supplied to", "Authority to possess", "Collected by", "Identity asked",
    "Identity shown", "Invoice or prescription", "Received", "Supplied", "Balance", "Batch", "Entered by",
    "Entered at", "Remarks and corrections",
)  # fmt: skip
_WORDS = {
    EntryKind.DESTROYED: "Destroyed",
    EntryKind.DIFFERENCE: "Difference between book and count",
    EntryKind.CORRECTION: "Correction of an earlier entry",
}


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Every page, with its balance."""
    return _index(request, at_bench(request))


@require_POST
def interval(request: HttpRequest) -> HttpResponse:
    """How often pages are counted from now on."""
    bench = at_bench(request)
    typed = request.POST.get("days", "").strip()
    days = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 4 else 0
    outcome, refusals = attempt(
        lambda: actions.set_interval(by=bench.person, now=bench.now, key=key_of(request), days=days)
    )
    if outcome is None:
        return _index(request, bench, refusals=refusals)
    messages.success(request, "Set: what is due is worked out with it from now on.")
    return SeeOther(reverse("register"))


def _index(request: HttpRequest, bench: Bench, *, refusals: tuple[Refusal, ...] = ()) -> HttpResponse:
    held = register.balances(bench.site.pk)
    checks, days = register.last_checks(bench.site.pk), bench.site.balance_check_days
    found = [(one, checks.get(one.id)) for one in register.pages(bench.site.pk)]
    return page(
        request,
        "register/index.jinja",
        bench,
        section="stock",
        status=422 if refusals else 200,
        refusals=refusals,
        days=days,
        typed=request.POST.get("days", str(days)),
        may_manage=bench.person.has(*MAY_MANAGE),
        originals=requisitions.waiting(bench.site.pk),
        rows=[
            {
                "check": last,
                "due": check_due(
                    last=last.at.astimezone(bench.zone).date() if last else None, days=days, on=bench.today
                ),
                "href": reverse("register-page", kwargs={"page_id": one.id}),
                "name": name_words(one.name),
                "schedule": one.schedule,
                "balance": stock.words(
                    register.a_batch(bench.site.pk, one), sum(held.get(id_, 0) for id_ in one.product_ids)
                ),
            }
            for one, last in found
        ],
    )


@require_GET
def show(request: HttpRequest, page_id: str) -> HttpResponse:
    """One page; the last entries unless an earlier part is asked for."""
    return _show(request, at_bench(request), page_id)


@require_POST
def note(request: HttpRequest, page_id: str) -> HttpResponse:
    """A correction in the margin."""
    bench = at_bench(request)
    page_at(bench, page_id)
    entry = request.POST.get("entry", "")
    outcome, refusals = attempt(
        lambda: actions.note(
            by=bench.person, now=bench.now, key=key_of(request), page_id=page_id,
            movement_id=int(entry) if entry.isdecimal() and len(entry) < 19 else 0,
            words=request.POST.get("words", "")[:400],
        )
    )  # fmt: skip
    if outcome is None:
        return _show(request, bench, page_id, refusals=refusals)
    messages.success(request, "The note stands beside the entry, signed and dated.")
    return SeeOther(reverse("register-page", kwargs={"page_id": page_id}))


@require_GET
def download(request: HttpRequest, page_id: str) -> HttpResponse:
    """The whole page as a file for an inspector."""
    bench = at_bench(request)
    found = page_at(bench, page_id)
    rows = (
        _cells(row)
        for one in register.everything(bench.site.pk, found, zone=bench.zone)
        for row in (_entry(one),)
    )
    return csv_file(f"register-{found.id}-{bench.today.isoformat()}.csv", HEADINGS, rows)


@require_GET
def pdf(request: HttpRequest, page_id: str) -> HttpResponse:
    """The whole page on paper, for an inspector."""
    bench = at_bench(request)
    found = page_at(bench, page_id)
    name = name_words(found.name)
    every = register.everything(bench.site.pk, found, zone=bench.zone)
    made = register_pdf(
        drug=f"Controlled-drug register: {name}",
        premises=", ".join((bench.site.name, *bench.site.address)),
        printed=f"Printed {bench.now.astimezone(bench.zone):%d-%b-%Y %H:%M} by {bench.person.name}",
        rows=[_paper(_entry(one), bench) for one in every],
    )
    return pdf_file(f"register-{found.id}.pdf", made)


def stepped(
    request: HttpRequest,
    page_id: str,
    *,
    form: Callable[..., HttpResponse],
    do: Callable[[HttpRequest, Bench, register.Page], Outcome],
    said: str,
) -> HttpResponse:
    """A step that has a form of its own: the form; on a POST the step once, and back to the page, or the form
    again with what was refused."""
    bench = at_bench(request)
    found = page_at(bench, page_id)
    if request.method != "POST":
        return form(request, bench, found)
    outcome, refusals = attempt(lambda: do(request, bench, found))
    if outcome is None:
        return form(request, bench, found, refusals=refusals)
    messages.success(request, said)
    return SeeOther(reverse("register-page", kwargs={"page_id": page_id}))


def _show(
    request: HttpRequest, bench: Bench, page_id: str, *, refusals: tuple[Refusal, ...] = ()
) -> HttpResponse:
    found = page_at(bench, page_id)
    asked = request.GET.get("part", "")
    number = int(asked) if asked.isdecimal() and len(asked) < 7 else None
    shown = register.shown(bench.site.pk, found, zone=bench.zone, number=number)
    address = reverse("register-page", kwargs={"page_id": page_id})
    return page(
        request,
        "register/page.jinja",
        bench,
        section="stock",
        status=422 if refusals else 200,
        refusals=refusals,
        found=found,
        name=name_words(found.name),
        shown=shown,
        rows=[_entry(one) for one in shown.entries],
        aside=register.set_aside(bench.site.pk, found),
        hrefs={n: f"{address}?part={n}" for n in range(1, shown.numbers + 1)},
        may_keep=bench.person.has(*KEEPS_STOCK),
        typed={name: request.POST.get(name, "") for name in ("entry", "words")},
    )


def page_at(bench: Bench, page_id: str) -> register.Page:
    """The page, or 404."""
    found = register.page(bench.site.pk, page_id)
    if found is None:
        raise Http404
    return found


def _entry(one: register.Entry) -> dict[str, Any]:
    movement, beside = one.movement, one.particulars
    return {
        "id": movement.pk,
        "on": one.on,
        "party": _party(one),
        "address": beside.party_address if beside else "",
        "authority": beside.authority if beside else "",
        "collector": _collector(beside),
        "asked": _yes(beside, asked=True),
        "shown": _yes(beside, asked=False),
        "document": beside.document if beside else "",
        "received": one.received,
        "supplied": one.supplied,
        "balance": one.balance,
        "batch": movement.batch.number,
        "batch_href": reverse("batch", kwargs={"batch_id": movement.batch_id}),
        "who": movement.by.full_name,
        "at": movement.recorded_at,
        "why": movement.why,
        "remarks": beside.remarks if beside else "",
        "belated": one.belated,
        "corrected": one.corrected,
        "corrects": movement.reverses_id,
        "notes": [(each.words, each.by.full_name, each.at) for each in one.notes],
    }


def _party(one: register.Entry) -> str:
    if one.particulars is not None:
        return one.particulars.party_name
    if one.destruction is not None:
        watched = one.destruction
        by = f", {watched.witness_authority}" if watched.witness_authority else ""
        return f"Destroyed before {watched.witness_name}{by}; {watched.method}"
    if one.kind in _WORDS:
        return _WORDS[one.kind]
    # A movement to or from a place of our own, such as a ward, names that place.
    movement = one.movement
    return (movement.source if one.received else movement.target).name


def _collector(beside: models.RegisterParticulars | None) -> str:
    if beside is None:
        return ""
    said = Collector(beside.collector).words if beside.collector else ""
    return ", ".join(filter(None, (said, beside.collector_name, beside.collector_address)))


def _yes(beside: models.RegisterParticulars | None, *, asked: bool) -> str:
    if beside is None or not beside.identity:
        return ""
    identity = Identity(beside.identity)
    if identity is Identity.KNOWN and asked:
        return "no, known"
    return "yes" if (identity.asked if asked else identity.shown) else "no"


def _cells(row: dict[str, Any]) -> tuple[object, ...]:
    return (
        f"{row['on']:%d-%b-%Y}", _who_from(row), row["authority"], row["collector"], row["asked"],
        row["shown"], row["document"], row["received"], row["supplied"], row["balance"], row["batch"],
        row["who"], f"{row['at']:%d-%b-%Y %H:%M} UTC", _remarks(row),
    )  # fmt: skip


def _paper(row: dict[str, Any], bench: Bench) -> tuple[str, ...]:
    number = f"no. {row['document']}" if row["document"] else ""
    return (
        f"{row['on']:%d-%b-%Y}", _who_from(row), row["authority"], row["collector"],
        f"{row['asked']}; {row['shown']}" if row["asked"] else "", row["received"], row["supplied"],
        row["balance"], f"{row['who']}, {row['at'].astimezone(bench.zone):%d-%b-%Y %H:%M}, entry {row['id']}",
        "; ".join(filter(None, (f"batch {row['batch']}", number, _remarks(row)))),
    )  # fmt: skip


def _who_from(row: dict[str, Any]) -> str:
    return ", ".join(filter(None, (row["party"], row["address"])))


def _remarks(row: dict[str, Any]) -> str:
    said = [row["why"], row["remarks"], "belated" if row["belated"] else ""]
    if row["corrects"]:
        said.append(f"corrects entry {row['corrects']}")
    said += [f"note by {who}, {at:%d-%b-%Y}: {words}" for words, who, at in row["notes"]]
    return "; ".join(filter(None, said))
