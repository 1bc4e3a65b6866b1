"""The local list that says who may prescribe what: searched, its versions, and a new one taken in."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from pestle.pharmacy.practice.traffic_light import MAY_TAKE_IN, Light, ListEntry
from pestle.pharmacy.refusal import Refusal, refuse
from pestle.web.actions import traffic_lights as actions
from pestle.web.actions.once import Outcome
from pestle.web.pages.bench import Bench, at_bench, attempt, key_of, number, page
from pestle.web.pages.dates import day_of
from pestle.web.pages.next_task import SeeOther
from pestle.web.pages.practice.light_view import TONES
from pestle.web.pages.words import count
from pestle.web.store import models, traffic_lights
from pestle.web.store.patients import folded
from pestle.wire.tables.table import MOST_BYTES
from pestle.wire.tables.traffic_lights import COLUMNS

MOST_SHOWN = 200


@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """The list that counts, or with ``?version=`` one of before; a POST searches in it or takes in a new
    one."""
    bench = at_bench(request)
    if request.method == "GET" or request.POST.get("what") != "take-in":
        return _show(request, bench)
    outcome, refusals = attempt(lambda: _take_in(request, bench))
    if outcome is None:
        return _show(request, bench, refusals=refusals)
    told = outcome.result
    messages.success(
        request, f"Version {told['version']} counts from now on: {count(told['entries'], 'row')}."
    )
    return SeeOther(reverse("traffic-lights"))


def _take_in(request: HttpRequest, bench: Bench) -> Outcome:
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        raise refuse("light.no-file", "Choose a file", place="file")
    if (file.size or 0) > MOST_BYTES:
        raise refuse("table.too-large", "A table has at most 1 MB", place="file")
    arrived = actions.Arrived(
        data=file.read(),
        source=request.POST.get("source", "")[:300],
        checked_on=day_of(request.POST.get("checked", ""), place="checked"),
        next_review=day_of(request.POST.get("review", ""), place="review"),
        verified=request.POST.get("verified") == "yes",
        name=file.name or "",
    )
    return actions.take_in(by=bench.person, now=bench.now, key=key_of(request), arrived=arrived)


def _show(request: HttpRequest, bench: Bench, *, refusals: tuple[Refusal, ...] = ()) -> HttpResponse:
    versions = list(traffic_lights.lists(bench.site.pk))
    asked = number(request.GET.get("version", ""))
    row = next((one for one in versions if one.version == asked), versions[0] if versions else None)
    text = request.POST.get("text", "").strip()[:100]
    found, unknown = _found(row, text)
    return page(
        request, "practice/traffic_lights.jinja", bench, section="traffic-lights",
        status=422 if refusals else 200, refusals=refusals, one=row, versions=versions, text=text,
        newest=row is not None and row == versions[0], total=len(found), most=MOST_SHOWN, unknown=unknown,
        late=row is not None and row.next_review < bench.today,
        rows=[_row(one) for one in found[:MOST_SHOWN]],
        lights=[(one.value, one.means) for one in Light], may=bench.person.has(*MAY_TAKE_IN),
        columns=[(name, [each for each in every if each != name]) for name, every in COLUMNS.items()],
        was={name: request.POST.get(name, "") for name in ("source", "checked", "review", "verified")},
    )  # fmt: skip


def _found(row: models.TrafficLightList | None, text: str) -> tuple[list[ListEntry], int]:
    """The entries that have every word of the text, and how many the dictionary does not know at all."""
    if row is None:
        return [], 0
    held, words = traffic_lights.entries(row), folded([text]).split()
    every = sorted(held.entries, key=lambda one: one.medicine.casefold())
    having = [
        one for one in every
        if all(word in folded([one.medicine, one.condition, one.light.value]) for word in words)
    ]  # fmt: skip
    return having, len(held.unknown)


def _row(one: ListEntry) -> dict[str, Any]:
    tone, shape = TONES[one.light]
    return {
        "medicine": one.medicine, "code": one.code, "condition": one.condition, "tone": tone, "shape": shape,
        "word": one.light.value.capitalize(), "means": one.light.means, "source": one.source,
        "checked": one.checked_on, "review": one.next_review,
        "link": one.link if one.link.startswith("https://") else "",
        "document": "" if one.link.startswith("https://") else one.link,
    }  # fmt: skip
