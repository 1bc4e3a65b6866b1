"""Where does a person go when a step is done? To the next task in the same list."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from pestle.pharmacy.dispensary.workflow import DISPENSING
from pestle.web.pages.bench import Bench
from pestle.web.store import models, patients, worklist


class SeeOther(HttpResponseRedirect):
    """Posted, done, and now look there: so that going back or reloading posts nothing."""

    status_code = 303


def posted(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view that acts: only a POST reaches it. Whoever comes by address, from a reload or after signing in
    again, is shown the prescription."""

    @wraps(view)
    def guarded(request: HttpRequest, prescription_id: int) -> HttpResponse:
        if request.method in ("GET", "HEAD"):
            return SeeOther(reverse("prescription", kwargs={"prescription_id": prescription_id}))
        return view(request, prescription_id)

    return require_http_methods(["GET", "HEAD", "POST"])(guarded)


def next_in(bench: Bench, step: str, *, but: int) -> models.Prescription | None:
    """The most urgent task at a step that nobody else has in hand."""
    return worklist.next_waiting(bench.site.pk, step=step, but=but, person_id=bench.person.id, now=bench.now)


def on_to_next(
    request: HttpRequest, bench: Bench, *, step: str, done: str, prescription: int
) -> HttpResponse:
    """Says what was done and opens the next task at `step`, or the empty list."""
    following = next_in(bench, step, but=prescription)
    title = DISPENSING.step(step).title
    if following is None:
        messages.success(request, f"{done} Nothing else waits at {title}.")
        return SeeOther(f"{reverse('worklist')}?step={step}")
    messages.success(request, f"{done} Next: {name_of(following.patient)}.")
    return SeeOther(reverse("prescription", kwargs={"prescription_id": following.pk}))


def name_of(patient: models.Patient) -> str:
    """The patient's name as every list says it."""
    return str(patients.value(patient).name)
