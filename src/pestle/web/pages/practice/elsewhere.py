"""What has to be entered in the practice's other system: who entered it, and what the next extract says."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from pestle.pharmacy.people import Role
from pestle.pharmacy.practice.elsewhere import EntryState
from pestle.pharmacy.practice.medicines_list import MAY_PREPARE
from pestle.pharmacy.refusal import Refusal
from pestle.web.actions import elsewhere
from pestle.web.pages.bench import Bench, at_bench, attempt, key_of, numbers, page
from pestle.web.pages.next_task import SeeOther, name_of
from pestle.web.store import models, practice

STATES = {
    EntryState.TO_ENTER: ("interrupt", "◆", "To enter"),
    EntryState.ENTERED: ("note", "●", "Entered, not confirmed"),
    EntryState.NEVER_ARRIVED: ("hard-stop", "■", "Never arrived"),
    EntryState.CONFIRMED: ("done", "✓", "Confirmed"),
    EntryState.OVERTAKEN: ("unknown", "○", "Overtaken"),
}


@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """The entries that are open; a POST says which were entered."""
    bench = at_bench(request)
    if request.method == "GET":
        return _show(request, bench)
    if request.POST.get("what") == "system":
        return _set_system(request, bench)
    ticked = numbers(request, "entry")
    outcome, refusals = attempt(
        lambda: elsewhere.entered(by=bench.person, now=bench.now, key=key_of(request), entry_ids=ticked)
    )
    if outcome is None:
        return _show(request, bench, refusals=refusals)
    messages.success(request, f"Entered: {len(ticked)}. The next extract confirms it.")
    return SeeOther(reverse("practice-elsewhere"))


def _set_system(request: HttpRequest, bench: Bench) -> HttpResponse:
    outcome, refusals = attempt(
        lambda: elsewhere.set_system(
            by=bench.person, now=bench.now, key=key_of(request), system=request.POST.get("system", "")
        )
    )
    if outcome is None:
        return _show(request, bench, refusals=refusals)
    messages.success(request, f"The record is kept in {outcome.result['system'] or 'Pestle'}.")
    return SeeOther(reverse("practice-elsewhere"))


def _show(request: HttpRequest, bench: Bench, *, refusals: tuple[Refusal, ...] = ()) -> HttpResponse:
    found = practice.to_enter(bench.site.pk)
    rows = list(found[: practice.PAGE])
    return page(
        request, "practice/elsewhere.jinja", bench, section="practice-elsewhere",
        status=422 if refusals else 200, refusals=refusals, rows=[_row(one) for one in rows],
        total=found.count() if len(rows) == practice.PAGE else len(rows),
        system=bench.site.record_elsewhere, may=bench.person.has(*MAY_PREPARE),
        manages=bench.person.has(Role.MANAGER),
    )  # fmt: skip


def _row(one: models.EntryElsewhere) -> dict[str, Any]:
    state = EntryState(one.state)
    tone, shape, word = STATES[state]
    return {
        "id": one.pk, "patient": name_of(one.patient), "born": one.patient.born,
        "href": reverse("practice-list", kwargs={"patient_id": one.patient_id}),
        "words": one.words, "tone": tone, "shape": shape, "word": word, "at": one.asked_at,
        "who": one.entered_by.full_name if one.entered_by else "", "entered_at": one.entered_at,
        "missing": one.missing, "ticks": state in (EntryState.TO_ENTER, EntryState.NEVER_ARRIVED),
    }  # fmt: skip
