"""How does a form on a prescription act? Once; then onward, or the page again with nothing lost."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from pestle.web.actions.once import Outcome
from pestle.web.pages.bench import Bench, at_bench, attempt, key_of, number
from pestle.web.pages.next_task import SeeOther
from pestle.web.pages.prescription_view import load, shown
from pestle.web.store import drafts


def bench_for(request: HttpRequest, prescription_id: int) -> Bench:
    """Who acts, where there is such a prescription; else 404."""
    bench = at_bench(request)
    load(bench, prescription_id)
    return bench


def line_here(request: HttpRequest, bench: Bench, prescription_id: int) -> int:
    """The line of it that the form names; else 404."""
    wanted = number(request.POST.get("line", ""))
    if not any(line.pk == wanted for line in load(bench, prescription_id).lines.all()):
        raise Http404
    return wanted or 0


def said_so(request: HttpRequest, prescription_id: int, words: str) -> HttpResponse:
    """Back to the prescription, with what was done in words."""
    messages.success(request, words)
    return SeeOther(reverse("prescription", kwargs={"prescription_id": prescription_id}))


def act(
    request: HttpRequest,
    bench: Bench,
    prescription_id: int,
    do: Callable[[str], Outcome],
    *,
    done: Callable[[], HttpResponse] | None = None,
    form: str = "",
) -> HttpResponse:
    """Acts once; then onward, or the page again with what was refused and everything that was typed. What was
    half typed in the `form` that this completes is forgotten."""
    outcome, refusals = attempt(lambda: do(key_of(request)))
    if outcome is None:
        return shown(request, bench, prescription_id, refusals=refusals, typed=typed_in(request))
    if form:
        drafts.drop(prescription_id, form=form)
    if done is not None:
        return done()
    return SeeOther(reverse("prescription", kwargs={"prescription_id": prescription_id}))


def typed_in(request: HttpRequest) -> dict[str, str]:
    """What was posted. Ticks that share a name are joined, so that the page can tick them again."""
    ticked = ("counselling", "not_needed")
    return request.POST.dict() | {name: "\n".join(request.POST.getlist(name)) for name in ticked}
