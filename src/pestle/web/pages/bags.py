"""Bags that are ready: where each lies, put there by scan or by choice, and what shares a bag."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from pestle.pharmacy.dispensary.bag import Part
from pestle.pharmacy.dispensary.ready_message import WAYS, offered
from pestle.pharmacy.dispensary.uncollected import Way
from pestle.pharmacy.medicines.barcode import BagScan, ShelfScan, read_bag_or_shelf
from pestle.pharmacy.refusal import Refusal, refuse
from pestle.web.actions import bags as actions
from pestle.web.actions import ready_messages
from pestle.web.actions.once import Outcome
from pestle.web.pages import bag_flags, words
from pestle.web.pages.bench import Bench, at_bench, attempt, key_of, number, page
from pestle.web.pages.csv_file import csv_file
from pestle.web.pages.next_task import SeeOther, name_of
from pestle.web.pages.pack_words import name_words
from pestle.web.pages.pdf_file import pdf_file
from pestle.web.pages.scans import code
from pestle.web.print.labels import bag_labels_pdf
from pestle.web.store import bags, models
from pestle.web.store.bags import BagAt

_FAR = date.max
_SORTS: dict[str, Callable[[BagAt], Any]] = {
    "last": lambda one: (one.last_day or _FAR, one.ready_at),
    "shelf": lambda one: _shelf_order(one),
    "patient": lambda one: (one.patient.search, one.bag.pk),
    "since": lambda one: (one.ready_at, one.bag.pk),
}
_HEADER = (
    "Patient",
    "Born",
    "Postcode",
    "Prescriptions",
    "Ready since",
    "Where",
    "CD last day",
    "Told",
    "Also",
)


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Every bag; first those of which a controlled drug may be supplied for the shortest time."""
    bench = at_bench(request)
    sort, shelf = _asked(request, bench)
    found = _found(bench, sort, shelf)
    return page(
        request,
        "bags/index.jinja",
        bench,
        section="worklist",
        rows=[_row(one, bench) for one in found],
        shelf=shelf,
        sort={
            "current": sort,
            "descending": False,
            "hrefs": {name: f"{reverse('bags')}?{urlencode({'sort': name})}" for name in _SORTS},
            "name": "bags",
        },
        csv_href=f"{reverse('bags-csv')}?{urlencode({'sort': sort})}",
        nowhere=sum(any(one.shelf_of(part) is None for part in one.parts) and not one.out_with
                    for one in found),
        to_tell=len(ready_messages.to_be_told(bench.site.pk)),
    )  # fmt: skip


@require_GET
def download(request: HttpRequest) -> HttpResponse:
    """The same list as a file."""
    bench = at_bench(request)
    zone = timezone.get_current_timezone()
    rows = (
        (
            name_of(one.patient),
            words.short_date(one.patient.born),
            one.patient.postcode,
            ", ".join(row.number for row in one.prescriptions),
            words.date_and_time(one.ready_at, zone=zone),
            "; ".join(said for _, said in bag_flags.lies(one)),
            words.short_date(one.last_day) if one.last_day else "",
            words.date_and_time(one.told.at, zone=zone) if one.told and one.is_told else "no",
            "; ".join(said for _, said in bag_flags.care(one, on=bench.today)),
        )
        for one in _found(bench, *_asked(request, bench))
    )
    return csv_file(f"bags-{bench.today.isoformat()}.csv", _HEADER, rows)


@require_http_methods(["GET", "POST"])
def show(request: HttpRequest, bag_id: int) -> HttpResponse:
    """One bag; a POST puts it on a shelf, joins another, takes a prescription out, or tells the patient."""
    bench = at_bench(request)
    if request.method == "GET":
        return _show(request, bench, bag_id)
    _here(bench, bag_id)
    scanned = read_bag_or_shelf(code(request)) if "code" in request.POST else None
    if isinstance(scanned, BagScan):
        return SeeOther(reverse("bag", kwargs={"bag_id": scanned.id}))
    outcome, refusals = attempt(lambda: _act(request, bench, bag_id, scanned))
    if outcome is None:
        return _show(request, bench, bag_id, refusals=refusals, typed=request.POST.dict())
    messages.success(request, _said(request.POST.get("what", "put"), outcome))
    batch = outcome.result.get("batch")
    if batch:
        return SeeOther(reverse("told", kwargs={"batch": batch}))
    return SeeOther(reverse("bag", kwargs={"bag_id": outcome.result.get("bag", bag_id)}))


@require_GET
def label(request: HttpRequest, bag_id: int) -> HttpResponse:
    """The labels of the bag and of its parts."""
    bag = _here(at_bench(request), bag_id)
    if not bag.prescriptions:
        raise Http404
    return pdf_file(f"bag-{bag_id}.pdf", bag_labels_pdf(bag_flags.labels(bag)))


@require_http_methods(["POST"])
def pack(request: HttpRequest) -> HttpResponse:
    """Makes a bag for what was ready before bags were on record."""
    bench = at_bench(request)
    wanted = number(request.POST.get("prescription", ""))
    outcome, refusals = attempt(
        lambda: actions.pack(by=bench.person, now=bench.now, key=key_of(request), prescription_id=wanted or 0)
    )
    if outcome is None:
        messages.error(request, "; ".join(str(one) for one in refusals))
        return SeeOther(reverse("bags"))
    return SeeOther(reverse("bag", kwargs={"bag_id": outcome.result["bag"]}))


def _act(request: HttpRequest, bench: Bench, bag_id: int, scanned: ShelfScan | None) -> Outcome:
    by, now, key, posted = bench.person, bench.now, key_of(request), request.POST
    match posted.get("what", "put"):
        case "put":
            if "code" in posted and scanned is None:
                raise refuse("bag.not-a-shelf", "This is not the label of a shelf", place="scan",
                             way_out="Scan the shelf, or choose it below.")  # fmt: skip
            shelf = scanned.id if scanned else number(posted.get("shelf", ""))
            seen = number(posted.get("seen", ""))
            return actions.put(by=by, now=now, key=key, bag_id=bag_id, shelf_id=shelf or 0, seen=seen)
        case "join":
            other = number(posted.get("other", "")) or 0
            return actions.join(by=by, now=now, key=key, bag_id=bag_id, other_id=other)
        case "take_out":
            wanted = number(posted.get("prescription", "")) or 0
            return actions.take_out(by=by, now=now, key=key, bag_id=bag_id, prescription_id=wanted)
        case "tell":
            said = posted.get("way", "")
            if said not in {way.value for way in WAYS}:
                raise refuse("ready-message.no-way", "Say how the patient is told", place="way")
            told = {bag_id: (Way(said), posted.get("words", ""))}
            return ready_messages.tell(by=by, now=now, key=key, words=told)
    raise Http404


def _said(what: str, outcome: Outcome) -> str:
    return {
        "put": f"It lies on {outcome.result.get('shelf')}.",
        "join": "They are in one bag. Print its labels again.",
        "take_out": "It has a bag of its own. Print the labels of both.",
        "tell": "It is on record that the patient is told.",
    }[what]


def _show(
    request: HttpRequest,
    bench: Bench,
    bag_id: int,
    *,
    refusals: tuple[Refusal, ...] = (),
    typed: dict[str, str] | None = None,
) -> HttpResponse:
    bag = _here(bench, bag_id)
    others = [one for one in bags.of_patients([bag.bag.patient_id]) if one.bag.pk != bag.bag.pk]
    shelves = [one for one in bags.shelves(bench.site.pk) if Part(one.part) in bag.parts]
    wish = bags.wish(bag.bag.patient_id)
    return page(
        request,
        "bags/show.jinja",
        bench,
        section="worklist",
        status=422 if refusals else 200,
        refusals=refusals,
        bag=bag,
        patient=name_of(bag.patient),
        flags=bag_flags.flags(bag, on=bench.today) if bag.prescriptions else [],
        contents=[_content(row) for row in bag.prescriptions],
        shelves=[(one.pk, f"{one.name} ({Part(one.part).shelf})") for one in shelves],
        seen=max((one.pk for one in bag.where.values() if one is not None), default=0),
        book=[_put(one) for one in bags.book(bag_id)],
        others=[{"id": one.bag.pk, "words": _others_words(one)} for one in others if not one.out_with],
        may_put=bench.person.has(*actions.MAY_PUT),
        wish=wish,
        way=Way(wish.way).words if wish and wish.way else "",
        ways=[(one.value, one.words) for one in WAYS],
        offered=offered(pharmacy=bench.site.name, telephone=bench.site.telephone),
        typed=typed or {},
    )


def _here(bench: Bench, bag_id: int) -> BagAt:
    found = bags.bag(bench.site.pk, bag_id)
    if found is None:
        raise Http404
    return found


def _asked(request: HttpRequest, bench: Bench) -> tuple[str, models.BagShelf | None]:
    """In which order, and (None: all) on which shelf."""
    sort = request.GET.get("sort", "")
    wanted = number(request.GET.get("shelf", ""))
    shelf = models.BagShelf.objects.filter(pk=wanted, site=bench.site.pk).first() if wanted else None
    return (sort if sort in _SORTS else "last"), shelf


def _found(bench: Bench, sort: str, shelf: models.BagShelf | None) -> list[BagAt]:
    found = sorted(bags.of_site(bench.site.pk), key=_SORTS[sort])
    if shelf is None:
        return found
    return [one for one in found if any(one.shelf_of(part) == shelf for part in one.parts)]


def _row(one: BagAt, bench: Bench) -> dict[str, Any]:
    return {
        "href": reverse("bag", kwargs={"bag_id": one.bag.pk}),
        "patient": name_of(one.patient),
        "postcode": one.patient.postcode,
        "lies": bag_flags.lies(one),
        "care": bag_flags.care(one, on=bench.today),
        "since": one.ready_at,
        "told": one.told if one.is_told else None,
    }


def _content(row: models.Prescription) -> dict[str, Any]:
    names = [name_words(line.product_name) for line in row.lines.all() if line.state == "open"]
    return {
        "id": row.pk,
        "href": reverse("prescription", kwargs={"prescription_id": row.pk}),
        "number": row.number,
        "medicines": names,
        "since": row.step_since,
    }


def _put(one: models.BagPut) -> dict[str, Any]:
    where = f"on {one.shelf}" if one.shelf else f"left with {one.round.driver}" if one.round else ""
    return {"at": one.at, "who": one.by.full_name, "what": f"{Part(one.part).words} {where}",
            "detail": "", "kind": "", "href": ""}  # fmt: skip


def _others_words(one: BagAt) -> str:
    where = ", ".join(said for _, said in bag_flags.lies(one))
    return f"{words.count(len(one.prescriptions), 'prescription')}, {where}"


def _shelf_order(one: BagAt) -> tuple[object, ...]:
    shelf = next((found for part in one.parts if (found := one.shelf_of(part))), None)
    return (shelf is None, bags.in_order(shelf.name) if shelf else ("", 0), one.bag.pk)
