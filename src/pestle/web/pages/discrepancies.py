"""Differences between book and count: which are open, what was looked into, and closing them."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from pestle.pharmacy.ledger.discrepancy import Closing, may_close, may_look_into
from pestle.pharmacy.refusal import Refusal, refuse
from pestle.web.actions import differences
from pestle.web.actions.once import Outcome
from pestle.web.pages.bench import at_bench, attempt, key_of, page
from pestle.web.pages.next_task import SeeOther
from pestle.web.pages.pack_words import kept_pack_words
from pestle.web.store import discrepancies as store

_LOOKED = "something was looked into"


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Those that are open, the oldest first; or those that are closed."""
    bench = at_bench(request)
    closed = request.GET.get("show") == "closed"
    rows = store.listed(bench.site.pk, closed=closed)
    address, (open_now, closed_before) = reverse("discrepancies"), store.counts(bench.site.pk)
    return page(
        request,
        "stock/discrepancies.jinja",
        bench,
        section="stock",
        closed=closed,
        tabs=[
            {"label": label, "href": address + query, "current": current, "count": count, "alarm": False}
            for label, query, current, count in (
                ("Open", "", not closed, open_now),
                ("Closed", "?show=closed", closed, closed_before),
            )
        ],
        rows=[(row, kept_pack_words(row.batch.pack_id, row.batch.pack_name)) for row in rows],
    )


@require_GET
def show(request: HttpRequest, discrepancy_id: int) -> HttpResponse:
    """One difference: what it is, what was looked into, and what may be done now."""
    return _page(request, discrepancy_id)


@require_POST
def look_into(request: HttpRequest, discrepancy_id: int) -> HttpResponse:
    """Writes down what was checked."""
    bench = at_bench(request)
    return _act(
        request,
        discrepancy_id,
        lambda: differences.look_into(
            by=bench.person, now=bench.now, key=key_of(request), discrepancy_id=discrepancy_id,
            words=request.POST.get("words", "")[:400],
        ),
        "Written down.",
    )  # fmt: skip


@require_POST
def close(request: HttpRequest, discrepancy_id: int) -> HttpResponse:
    """Closes it, by somebody who did not open it."""
    bench = at_bench(request)

    def act() -> Outcome:
        said = request.POST.get("outcome", "")
        if said not in {outcome.value for outcome in Closing}:
            raise refuse("discrepancy.no-outcome", "Choose what it turned out to be", place="outcome")
        return differences.close(
            by=bench.person, now=bench.now, key=key_of(request), discrepancy_id=discrepancy_id,
            outcome=Closing(said), words=request.POST.get("words", "")[:400],
        )  # fmt: skip

    return _act(request, discrepancy_id, act, "Closed.")


def _act(request: HttpRequest, discrepancy_id: int, act: Callable[[], Outcome], done: str) -> HttpResponse:
    if store.one(at_bench(request).site.pk, discrepancy_id) is None:
        raise Http404
    outcome, refusals = attempt(act)
    if outcome is None:
        return _page(request, discrepancy_id, refusals=refusals, status=422)
    messages.success(request, done)
    return SeeOther(reverse("discrepancy", kwargs={"discrepancy_id": discrepancy_id}))


def _page(
    request: HttpRequest, discrepancy_id: int, *, refusals: tuple[Refusal, ...] = (), status: int = 200
) -> HttpResponse:
    bench = at_bench(request)
    found = store.one(bench.site.pk, discrepancy_id)
    if found is None:
        raise Http404
    events = list(found.row.events.select_related("by").order_by("pk"))
    standing = store.standing(found.row, events)
    return page(
        request,
        "stock/discrepancy.jinja",
        bench,
        section="stock",
        status=status,
        refusals=refusals,
        found=found,
        name=kept_pack_words(found.batch.pack_id, found.batch.pack_name),
        events=[
            {
                "at": event.at,
                "who": event.by.full_name,
                "what": f"closed it: {store.outcome_words(event)}" if event.outcome else "looked into it",
                "detail": event.words,
                "kind": "done" if event.outcome else "",
                "href": "",
            }
            for event in events
        ],
        outcomes=[(outcome.value, outcome.words) for outcome in Closing],
        # The same questions as the actions ask, with words as if they were typed.
        not_look=next(iter(may_look_into(standing, by=bench.person, words=_LOOKED)), None),
        not_close=next(iter(may_close(standing, by=bench.person, words=_LOOKED)), None),
        typed={name: request.POST.get(name, "") for name in ("words", "outcome")},
    )
