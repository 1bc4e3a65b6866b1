"""A serious shortage protocol on a prescription's page: something else proposed, decided, or taken back."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from pestle.web.actions import shortage
from pestle.web.pages.acting import act, line_here, said_so
from pestle.web.pages.bench import at_bench, seen_of
from pestle.web.pages.next_task import posted


@posted
def propose(request: HttpRequest, prescription_id: int) -> HttpResponse:
    """Proposes what the protocol allows."""
    bench = at_bench(request)
    line = line_here(request, bench, prescription_id)
    number, _, product = request.POST.get("instead", "").partition("/")
    return act(
        request, bench, prescription_id,
        lambda key: shortage.propose(
            by=bench.person, now=bench.now, key=key, line_id=line, seen=seen_of(request), number=number,
            product_id=product,
        ),
        done=lambda: said_so(request, prescription_id, "Proposed: a pharmacist decides and asks them."),
    )  # fmt: skip


@posted
def decide(request: HttpRequest, prescription_id: int) -> HttpResponse:
    """A pharmacist decides to supply it."""
    bench = at_bench(request)
    line, typed = line_here(request, bench, prescription_id), request.POST
    number, _, product = typed.get("instead", "").partition("/")
    return act(
        request, bench, prescription_id,
        lambda key: shortage.decide(
            by=bench.person, now=bench.now, key=key, line_id=line, seen=seen_of(request), number=number,
            product_id=product, directions=typed.get("directions", "")[:1000],
            agreed=typed.get("agreed") == "yes", fits=typed.get("fits") == "yes",
        ),
        done=lambda: said_so(
            request, prescription_id, "It is supplied instead: the labels of the line are printed anew."
        ),
    )  # fmt: skip


@posted
def undo(request: HttpRequest, prescription_id: int) -> HttpResponse:
    """What was prescribed is supplied after all."""
    bench = at_bench(request)
    line = line_here(request, bench, prescription_id)
    return act(
        request, bench, prescription_id,
        lambda key: shortage.undo(
            by=bench.person, now=bench.now, key=key, line_id=line, seen=seen_of(request),
            words=request.POST.get("words", ""),
        ),
        done=lambda: said_so(request, prescription_id, "What was prescribed is supplied."),
    )  # fmt: skip
