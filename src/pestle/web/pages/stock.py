"""Stock: what is held, what expires first, deliveries by scan."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from pestle.pharmacy.ledger.account import STORES, AccountKind
from pestle.pharmacy.ledger.controlled import Source
from pestle.pharmacy.ledger.routes import KEEPS_STOCK
from pestle.pharmacy.medicines.barcode import Scan
from pestle.pharmacy.medicines.expiry import expiry
from pestle.pharmacy.people import Person
from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.web.actions import stock as actions
from pestle.web.pages import words
from pestle.web.pages.bench import Bench, at_bench, attempt, key_of, page
from pestle.web.pages.csv_file import csv_file
from pestle.web.pages.dates import day_or_none
from pestle.web.pages.next_task import SeeOther
from pestle.web.pages.owings import bring_back
from pestle.web.pages.pack_words import kept_pack_words, pack_words
from pestle.web.pages.scans import scanned
from pestle.web.store import ledger, models, places, register, stock
from pestle.web.store.knowledge import dictionary

PAGE = 100
RECEIVED = (
    "gtin",
    "number",
    "expiry",
    "packs",
    "to",
    "supplier",
    "supplier_address",
    "invoice",
    "received_on",
)
_VIEWS = (
    ("all", "All"),
    ("soon", "Expiring within 90 days"),
    ("expired", "Expired"),
    ("recalled", "Recalled"),
)
STATES = {
    "recalled": ("hard-stop", "■", "Recalled"),
    "expired": ("hard-stop", "■", "Expired"),
    "soon": ("interrupt", "◆", "Expires soon"),
    "good": ("", "", ""),
}


@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """What is held, the first to expire first; a POST shows what matches the words."""
    bench = at_bench(request)
    text = request.POST.get("text", "").strip()[:200]
    view = request.GET.get("show", "all")
    view = view if view in dict(_VIEWS) else "all"
    every = stock.held(bench.site.pk, on=bench.today)
    found = stock.matching([one for one in every if view in ("all", one.state)], text)
    number = request.GET.get("page", "")
    pages = max(1, -(-len(found) // PAGE))
    here = min(max(1, int(number)), pages) if number.isdecimal() and len(number) < 7 and not text else 1
    shown = found if text else found[(here - 1) * PAGE : here * PAGE]
    counts = Counter(one.state for one in every)
    address = reverse("stock")
    return page(
        request,
        "stock/index.jinja",
        bench,
        section="stock",
        text=text,
        view=view,
        page=here,
        pages=pages,
        rows=[_row(one) for one in shown],
        total=len(found),
        action=f"{address}?show={view}",
        may_keep=may_keep(bench.person),
        tabs=[
            {
                "label": label,
                "href": f"{address}?show={name}",
                "current": name == view,
                "count": len(every) if name == "all" else counts[name],
                "alarm": False,
            }
            for name, label in _VIEWS
        ],
        hrefs={n: f"{address}?show={view}&page={n}" for n in range(1, pages + 1)},
    )


@require_GET
def download(request: HttpRequest) -> HttpResponse:
    """The whole list as a file."""
    bench = at_bench(request)
    header = ("Pack", "GTIN", "Batch", "Expiry", "Can be picked", "Bags and set aside", "State")
    rows = (
        (
            one.batch.pack_name,
            one.batch.gtin,
            one.batch.number,
            str(one.expiry),
            one.shelf_words,
            one.elsewhere_words,
            STATES[one.state][2] or "good",
        )
        for one in stock.held(bench.site.pk, on=bench.today)
    )
    return csv_file(f"stock-{bench.today.isoformat()}.csv", header, rows)


@require_http_methods(["GET", "POST"])
def receive(request: HttpRequest) -> HttpResponse:
    """A delivery: scan a pack, say how many. What the code does not hold is asked."""
    bench = at_bench(request)
    typed = {name: request.POST.get(name, "").strip() for name in RECEIVED}
    if request.method == "GET":
        return _receive_page(request, bench, typed)
    if request.POST.get("code"):
        return _scanned_in(request, bench)
    outcome, refusals = attempt(
        lambda: actions.receive_batch(
            by=bench.person,
            now=bench.now,
            key=key_of(request),
            gtin=typed["gtin"],
            number=typed["number"],
            expiry_text=typed["expiry"],
            packs=whole(typed["packs"]),
            place=receiving(bench, typed["to"]),
            all_the_same=request.POST.get("all_the_same") == "yes",
            source=Source(typed["supplier"][:200], typed["supplier_address"][:400], typed["invoice"][:120]),
            received_on=day_or_none(typed["received_on"], place="received on"),
        )
    )
    if outcome is None:
        return _receive_page(request, bench, typed, refusals=refusals, status=422)
    batch = models.Batch.objects.get(pk=outcome.result["batch"])
    packs = words.count(whole(typed["packs"]), "pack")
    name = kept_pack_words(batch.pack_id, batch.pack_name)
    got = stock.words(batch, outcome.result["amount"])
    messages.success(request, f"{packs} of {name}, batch {batch.number}, received: {got}. Scan the next.")
    warn_if_belated(request, belated=bool(outcome.result.get("belated")))
    bring_back(request, bench, key_of(request))
    return SeeOther(reverse("receive-stock"))


def warn_if_belated(request: HttpRequest, *, belated: bool) -> None:
    """Says so where a receipt came into the controlled-drug register later than on the day after."""
    if belated:
        messages.warning(
            request,
            "Belated: the register is to have it on the day or the next (Misuse of Drugs Regulations "
            "2001, regulation 19, known from a summary). Its page shows it as belated.",
        )


def _scanned_in(request: HttpRequest, bench: Bench) -> HttpResponse:
    empty = dict.fromkeys(RECEIVED, "")
    try:
        scan = pack_scan(request)
        if dictionary().pack_by_gtin(scan.gtin) is None:
            raise refuse(
                "stock.unknown-pack",
                "The dictionary has no pack with this code",
                place="pack",
                way_out="Check the pack; ask for the dictionary to be brought up to date.",
            )
    except Refused as refused:
        return _receive_page(request, bench, empty, refusals=refused.refusals, status=422)
    typed = {
        **empty,
        "gtin": scan.gtin,
        "number": scan.batch or "",
        "expiry": str(scan.expiry) if scan.expiry else "",
        "to": _usual_place(bench, scan.gtin),
    }
    return _receive_page(request, bench, typed, was_scanned=True)


def pack_scan(request: HttpRequest) -> Scan:
    """The maker's code that was scanned. Raises `Refused` (``stock.own-label`` and those of a scan)."""
    scan = scanned(request)
    if not isinstance(scan, Scan):
        raise refuse(
            "stock.own-label",
            "This is one of our own labels",
            place="scan",
            way_out="Scan the maker's code on the pack.",
        )
    return scan


def _receive_page(
    request: HttpRequest,
    bench: Bench,
    typed: dict[str, str],
    *,
    refusals: tuple[Refusal, ...] = (),
    status: int = 200,
    was_scanned: bool = False,
) -> HttpResponse:
    return page(
        request,
        "stock/receive.jinja",
        bench,
        section="stock",
        status=status,
        refusals=refusals,
        typed=typed,
        pack=pack_name(typed["gtin"]),
        was_scanned=was_scanned,
        in_register=_in_register(typed["gtin"]),
        may_keep=may_keep(bench.person),
        targets=[
            (str(one.account.pk), one.account.name)
            for one in places.places(bench.site.pk)
            if AccountKind(one.account.kind) in STORES
        ],
    )


def _in_register(gtin: str) -> bool:
    try:
        pack = dictionary().pack_by_gtin(gtin) if gtin else None
    except Refused:
        return False
    return pack is not None and register.needs_entry(pack.product_id)


def _usual_place(bench: Bench, gtin: str) -> str:
    pack = dictionary().pack_by_gtin(gtin)
    keeping = places.keeping_of(bench.site.pk, pack.product_id) if pack else None
    return str(keeping.account_id) if keeping else ""


def receiving(bench: Bench, text: str) -> ledger.Ends:
    """Where a delivery goes: the dispensary shelf, unless a place was chosen. Raises `Refused`."""
    if not text:
        return AccountKind.SHELF, ""
    row = places.place(bench.site.pk, int(text)) if text.isdecimal() and len(text) < 19 else None
    if row is None:
        raise refuse("place.unknown", "Choose one of the places of this site", place="to")
    return AccountKind(row.kind), row.name


def _row(one: stock.Held) -> dict[str, Any]:
    tone, shape, word = STATES[one.state]
    return {
        "href": reverse("batch", kwargs={"batch_id": one.batch.pk}),
        "pack": kept_pack_words(one.batch.pack_id, one.batch.pack_name),
        "number": one.batch.number,
        "expiry": expiry_words(one.batch.expiry),
        "tone": tone,
        "shape": shape,
        "word": word,
        "shelf": one.shelf_words,
        "elsewhere": one.elsewhere_words,
        "recall": one.recall,
    }


def pack_name(gtin: str) -> str:
    """The name of the pack with that code; empty when there is none or it cannot be a code."""
    try:
        pack = dictionary().pack_by_gtin(gtin) if gtin else None
    except Refused:
        return ""
    return pack_words(pack) if pack is not None else ""


def expiry_words(text: str) -> str:
    """31-Mar-2027; Mar-2027 when only the month is printed."""
    printed = expiry(text)
    said = words.short_date(printed.last_usable_day)
    return said if printed.day else said[3:]


def id_of(text: str) -> int:
    """The id that a form sent; 0, which nothing has, for what is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


def whole(text: str) -> int:
    """The number of packs that was typed; 0, which every action refuses, for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0


def may_keep(person: Person) -> bool:
    return person.has(*KEEPS_STOCK)
