"""The shelves on which bags wait: named by whoever runs the site, with labels to be scanned."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from pestle.pharmacy.dispensary.bag import Part
from pestle.pharmacy.medicines.barcode import shelf_code
from pestle.pharmacy.refusal import Refusal, refuse
from pestle.web.actions import bags as actions
from pestle.web.actions.once import Outcome
from pestle.web.pages import words
from pestle.web.pages.bench import Bench, attempt, key_of, number, page
from pestle.web.pages.manage import manager
from pestle.web.pages.next_task import SeeOther
from pestle.web.pages.pdf_file import pdf_file
from pestle.web.print.bag_papers import shelf_labels_pdf
from pestle.web.store import bags


@require_http_methods(["GET", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """The shelves; a POST names new ones, or gives one up."""
    bench = manager(request)
    if request.method == "GET":
        return _show(request, bench)
    outcome, refusals = attempt(lambda: _act(request, bench))
    if outcome is None:
        return _show(request, bench, refusals=refusals, typed=request.POST.dict())
    made = outcome.result.get("shelves")
    messages.success(request, f"{words.count(made, 'shelf', 'shelves')} on record: print the labels." if made
                     else "The shelf is no longer used.")  # fmt: skip
    return SeeOther(reverse("bag-shelves"))


@require_GET
def labels(request: HttpRequest) -> HttpResponse:
    """A label for each shelf."""
    bench = manager(request)
    found = [(one.name, Part(one.part).shelf, shelf_code(one.pk)) for one in bags.shelves(bench.site.pk)]
    if not found:
        raise Http404
    return pdf_file("shelves.pdf", shelf_labels_pdf(found))


def _act(request: HttpRequest, bench: Bench) -> Outcome:
    by, now, key, posted = bench.person, bench.now, key_of(request), request.POST
    if posted.get("what") == "end":
        shelf = number(posted.get("shelf", "")) or 0
        return actions.end_shelf(by=by, now=now, key=key, shelf_id=shelf)
    kind = next((part for part in Part if part.value == posted.get("part")), None)
    if kind is None:
        raise refuse("shelf.kind", "Say what kind of shelf it is", place="part")
    return actions.name_shelves(by=by, now=now, key=key, names=posted.get("names", ""), part=kind)


def _show(
    request: HttpRequest,
    bench: Bench,
    *,
    refusals: tuple[Refusal, ...] = (),
    typed: dict[str, str] | None = None,
) -> HttpResponse:
    lying: dict[int, int] = {}
    for bag in bags.of_site(bench.site.pk):
        for put in bag.where.values():
            if put is not None and put.shelf_id is not None:
                lying[put.shelf_id] = lying.get(put.shelf_id, 0) + 1
    return page(
        request,
        "manage/shelves.jinja",
        bench,
        section="manage",
        status=422 if refusals else 200,
        refusals=refusals,
        rows=[
            {"id": one.pk, "name": one.name, "kind": Part(one.part).shelf, "bags": lying.get(one.pk, 0)}
            for one in bags.shelves(bench.site.pk)
        ],
        kinds=[(part.value, part.shelf.capitalize()) for part in Part],
        typed=typed or {},
    )
