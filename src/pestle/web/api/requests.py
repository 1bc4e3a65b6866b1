"""Requests for repeats posted by a program as FHIR: the same action as a sheet that is uploaded."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from pestle.pharmacy.people import Person
from pestle.pharmacy.practice.request import From, Way
from pestle.pharmacy.refusal import Refusal, refuse
from pestle.web.actions import request_sheets
from pestle.web.actions.request_sheets import Sheet
from pestle.web.api.messages import posted
from pestle.wire.fhir.operation_outcome import write_outcome

KIND = "application/fhir+json"


@csrf_exempt
@login_not_required
@require_POST
def receive(request: HttpRequest) -> JsonResponse:
    """Takes in a Bundle of MedicationRequests, or one; see README.md beside this file."""
    came_from = request.GET.get("from", "")

    def do(by: Person, now: datetime, key: str, data: bytes) -> JsonResponse:
        came = {one.value: one for one in From}.get(came_from)
        if came is None:
            words = ", ".join(one.value for one in From)
            raise refuse("request.from", f"Say who asks, as from={words}", place="from")
        sheet = Sheet(data=data, way=Way.FHIR, came_from=came, name=by.name)
        done = request_sheets.take_in(by=by, now=now, key=key, sheet=sheet).result
        refused = not done["requests"] and bool(done["refusals"])
        filed = [Refusal(**one) for one in done["refusals"]]
        status = 200 if done["again"] else 422 if refused else 201
        summary = "Taken in before: nothing was asked for again" if done["again"] else str(done["summary"])
        return _outcome(status, summary, filed, refused=refused and not done["again"])

    return posted(request, do, about=f":requests:{came_from}", refusals=_refusals)


def _refusals(status: int, refusals: Iterable[Refusal]) -> JsonResponse:
    said = list(refusals)
    return _outcome(status, "Nothing was filed", said, refused=True)


def _outcome(status: int, summary: str, refusals: Iterable[Refusal], *, refused: bool) -> JsonResponse:
    outcome = write_outcome(summary, refusals, refused=refused)
    return JsonResponse(outcome, status=status, content_type=KIND)
