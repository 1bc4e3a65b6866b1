"""The prescription's page and everything that is done on it: who, load, one action, redirect."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from pestle.pharmacy.dispensary.collection import Collection, Collector, Identity
from pestle.pharmacy.dispensary.not_dispensed import NotDispensed
from pestle.pharmacy.dispensary.taking_back import ReturnReason
from pestle.pharmacy.dispensary.workflow import ACCURACY, ASSEMBLE, CLINICAL, ENTRY
from pestle.pharmacy.refusal import refuse
from pestle.web.actions import accuracy, assembly, claiming, clinical, lines, owings, taking_back
from pestle.web.actions import entry as entry_action
from pestle.web.actions import hand_out as hand_out_action
from pestle.web.actions.once import Outcome
from pestle.web.pages import charge_form, clinical_form, entry_form, owing_form
from pestle.web.pages.acting import act, bench_for, line_here, said_so
from pestle.web.pages.bench import at_bench, number, seen_of
from pestle.web.pages.near_misses import FROM_CHECK
from pestle.web.pages.next_task import SeeOther, name_of, on_to_next, posted
from pestle.web.pages.prescription_view import lines_of, load, shown, tell
from pestle.web.store import bags, drafts, models


@require_GET
def show(request: HttpRequest, prescription_id: int) -> HttpResponse:
    """The page; ``line`` names the line whose label was scanned."""
    line = request.GET.get("line", "")
    return shown(request, at_bench(request), prescription_id, in_hand=number(line))


@require_GET
def story(request: HttpRequest, prescription_id: int) -> HttpResponse:
    """Who did what, when, from which batch."""
    return tell(request, at_bench(request), prescription_id)


@posted
def claim(request: HttpRequest, prescription_id: int) -> HttpResponse:
    """Takes it in hand."""
    bench = bench_for(request, prescription_id)
    return act(request, bench, prescription_id, lambda key: claiming.claim(
        by=bench.person, now=bench.now, key=key, prescription_id=prescription_id))  # fmt: skip


@posted
def hand_back(request: HttpRequest, prescription_id: int) -> HttpResponse:
    """Hands it back to the list."""
    bench = bench_for(request, prescription_id)
    return act(request, bench, prescription_id, lambda key: claiming.hand_back(
        by=bench.person, now=bench.now, key=key, prescription_id=prescription_id))  # fmt: skip


@posted
def entry(request: HttpRequest, prescription_id: int) -> HttpResponse:
    """Completes the entry; the button “Look up” only shows candidates and keeps what was typed."""
    bench = at_bench(request)
    row = load(bench, prescription_id)
    typed = request.POST.dict()
    if "look_up" in typed:
        return shown(request, bench, prescription_id, typed=typed)
    views = lines_of(row)
    return act(
        request, bench, prescription_id,
        lambda key: entry_action.complete_entry(
            by=bench.person, now=bench.now, key=key, prescription_id=prescription_id, seen=seen_of(request),
            answers=entry_form.answers(views, typed),
        ),
        form=ENTRY,
        done=lambda: on_to_next(request, bench, step=ENTRY, prescription=prescription_id,
                                done=f"Entry of {name_of(row.patient)} done."),
    )  # fmt: skip


@posted
def return_to_entry(request: HttpRequest, prescription_id: int) -> HttpResponse:
    """Sends it back from the clinical check."""
    bench = at_bench(request)
    row = load(bench, prescription_id)
    return act(
        request, bench, prescription_id,
        lambda key: entry_action.return_to_entry(
            by=bench.person, now=bench.now, key=key, prescription_id=prescription_id, seen=seen_of(request),
            reason=request.POST.get("reason", ""),
        ),
        form=CLINICAL,
        done=lambda: on_to_next(request, bench, step=CLINICAL, prescription=prescription_id,
                                done=f"{name_of(row.patient)} returned to entry."),
    )  # fmt: skip


@posted
def clinical_check(request: HttpRequest, prescription_id: int) -> HttpResponse:
    """Signs the clinical check."""
    bench = at_bench(request)
    row = load(bench, prescription_id)
    typed = request.POST.dict()
    decisions = clinical_form.decisions(lines_of(row), typed)
    approved = sum(decision.approved for decision in decisions)
    waiting = sum(decision.waits for decision in decisions)
    said = f"{approved} approved, {len(decisions) - approved - waiting} refused"
    said += f", {waiting} waiting for an answer." if waiting else "."
    return act(
        request, bench, prescription_id,
        lambda key: clinical.decide_lines(
            by=bench.person, now=bench.now, key=key, prescription_id=prescription_id, seen=seen_of(request),
            decisions=decisions, answers=clinical_form.answers(typed),
            seen_not_assessed=typed.get("seen_not_assessed") == "yes",
            referrals=clinical_form.referral_answers(typed),
            speak=clinical_form.conversations(lines_of(row), typed),
        ),
        form=CLINICAL,
        done=lambda: on_to_next(
            request, bench, step=CLINICAL, prescription=prescription_id,
            done=f"{name_of(row.patient)}: {said}",
        ),
    )  # fmt: skip


@require_POST
def draft(request: HttpRequest, prescription_id: int) -> HttpResponse:
    """Keeps what was typed so far, for this person alone; or, with ``drop``, forgets it."""
    bench = at_bench(request)
    row = load(bench, prescription_id)
    if "drop" in request.POST:
        drafts.drop(row.pk, form=row.step, person_id=bench.person.id)
        return SeeOther(reverse("prescription", kwargs={"prescription_id": prescription_id}))
    form = request.GET.get("form", "")
    if form in (ENTRY, CLINICAL):
        drafts.keep(row, person_id=bench.person.id, form=form, fields=request.POST.dict(), now=bench.now)
    return HttpResponse(status=204)


@posted
def print_labels(request: HttpRequest, prescription_id: int) -> HttpResponse:
    """Prints the labels of every open line."""
    bench = bench_for(request, prescription_id)
    return act(
        request, bench, prescription_id,
        lambda key: assembly.print_labels(
            by=bench.person, now=bench.now, key=key, prescription_id=prescription_id, seen=seen_of(request)
        ),
    )  # fmt: skip


@posted
def complete_assembly(request: HttpRequest, prescription_id: int) -> HttpResponse:
    """Sends it to the accuracy check."""
    bench = at_bench(request)
    row = load(bench, prescription_id)
    return act(
        request, bench, prescription_id,
        lambda key: assembly.complete_assembly(
            by=bench.person, now=bench.now, key=key, prescription_id=prescription_id, seen=seen_of(request)
        ),
        done=lambda: on_to_next(request, bench, step=ASSEMBLE, prescription=prescription_id,
                                done=f"{name_of(row.patient)} assembled."),
    )  # fmt: skip


@posted
def start_self_check(request: HttpRequest, prescription_id: int) -> HttpResponse:
    """Begins the pause before a lone pharmacist checks their own work."""
    bench = bench_for(request, prescription_id)
    return act(
        request, bench, prescription_id,
        lambda key: accuracy.start_self_check(
            by=bench.person, now=bench.now, key=key, prescription_id=prescription_id, seen=seen_of(request)
        ),
    )  # fmt: skip


@posted
def accuracy_check(request: HttpRequest, prescription_id: int) -> HttpResponse:
    """Passes the accuracy check, or sends it back with what was found."""
    bench = at_bench(request)
    row = load(bench, prescription_id)
    send_back = request.POST.get("outcome") == "send-back"

    def do(key: str) -> Outcome:
        if send_back:
            return accuracy.fail_accuracy(
                by=bench.person, now=bench.now, key=key, prescription_id=prescription_id,
                seen=seen_of(request), reason=request.POST.get("reason", ""),
            )  # fmt: skip
        return accuracy.pass_accuracy(
            by=bench.person, now=bench.now, key=key, prescription_id=prescription_id, seen=seen_of(request)
        )

    def done() -> HttpResponse:
        if send_back and row.step == ACCURACY:
            # What was found is known now: it is recorded before anything else is opened.
            messages.success(request, f"{name_of(row.patient)} sent back to be assembled again.")
            here = reverse("near-miss-here", kwargs={"prescription_id": prescription_id})
            return SeeOther(f"{here}?from={FROM_CHECK}")
        said = "sent back to be assembled again." if send_back else "is ready to be handed out."
        return on_to_next(request, bench, step=row.step, prescription=prescription_id,
                          done=f"{name_of(row.patient)} {said}")  # fmt: skip

    return act(request, bench, prescription_id, do, done=done)


@posted
def withhold(request: HttpRequest, prescription_id: int) -> HttpResponse:
    """Takes a line out of the supply."""
    bench = at_bench(request)
    line = line_here(request, bench, prescription_id)

    def do(key: str) -> Outcome:
        try:
            reason = NotDispensed(request.POST.get("code", ""))
        except ValueError:
            raise refuse("line.no-reason", "Choose why the line is withheld", place="reason") from None
        return lines.withhold(by=bench.person, now=bench.now, key=key, line_id=line, seen=seen_of(request),
                              reason=reason, words=request.POST.get("reason", ""))  # fmt: skip

    return act(request, bench, prescription_id, do)


@posted
def keep(request: HttpRequest, prescription_id: int) -> HttpResponse:
    """Keeps a line that the prescriber asked to cancel too late."""
    bench = at_bench(request)
    line = line_here(request, bench, prescription_id)
    return act(request, bench, prescription_id, lambda key: lines.keep(
        by=bench.person, now=bench.now, key=key, line_id=line, seen=seen_of(request),
        words=request.POST.get("reason", "")))  # fmt: skip


@posted
def owe(request: HttpRequest, prescription_id: int) -> HttpResponse:
    """Notes what of a line is owed."""
    bench = at_bench(request)
    line = line_here(request, bench, prescription_id)
    view = next(one for one in lines_of(load(bench, prescription_id)) if one.id == line)
    typed = request.POST.dict()
    return act(
        request, bench, prescription_id,
        lambda key: owings.owe(
            by=bench.person, now=bench.now, key=key, line_id=line, seen=seen_of(request),
            missing=owing_form.missing(view, typed), promised_on=owing_form.promised_on(typed),
            words=typed.get("words", ""),
        ),
    )  # fmt: skip


@posted
def owe_all(request: HttpRequest, prescription_id: int) -> HttpResponse:
    """Puts it under the owings: nothing of it can be supplied now."""
    bench = at_bench(request)
    row = load(bench, prescription_id)
    return act(
        request, bench, prescription_id,
        lambda key: owings.owe_all(
            by=bench.person, now=bench.now, key=key, prescription_id=prescription_id, seen=seen_of(request)
        ),
        done=lambda: on_to_next(request, bench, step=ASSEMBLE, prescription=prescription_id,
                                done=f"{name_of(row.patient)} is under the owings."),
    )  # fmt: skip


@posted
def assemble_rest(request: HttpRequest, prescription_id: int) -> HttpResponse:
    """Brings it back to be assembled: what was owed is there."""
    bench = bench_for(request, prescription_id)
    return act(
        request, bench, prescription_id,
        lambda key: owings.assemble_rest(
            by=bench.person, now=bench.now, key=key, prescription_id=prescription_id, seen=seen_of(request)
        ),
        done=lambda: said_so(request, prescription_id, "Back at Assemble: print the labels of the rest."),
    )  # fmt: skip


@posted
def promise(request: HttpRequest, prescription_id: int) -> HttpResponse:
    """Promises another day for what is owed of a line."""
    bench = at_bench(request)
    line = line_here(request, bench, prescription_id)
    typed = request.POST.dict()
    return act(
        request, bench, prescription_id,
        lambda key: owings.promise(
            by=bench.person, now=bench.now, key=key, line_id=line, seen=seen_of(request),
            promised_on=owing_form.promised_on(typed), words=typed.get("words", ""),
        ),
        done=lambda: said_so(request, prescription_id, "Promised anew. Tell the patient."),
    )  # fmt: skip


@posted
def return_to_service(request: HttpRequest, prescription_id: int) -> HttpResponse:
    """Gives it back to the prescription service, undispensed."""
    bench = at_bench(request)
    row = load(bench, prescription_id)
    step = row.step

    def do(key: str) -> Outcome:
        try:
            reason = ReturnReason(request.POST.get("return_reason", ""))
        except ValueError:
            raise refuse("return.no-reason", "Choose why it is returned", place="return reason") from None
        return taking_back.return_to_service(
            by=bench.person, now=bench.now, key=key, prescription_id=prescription_id, seen=seen_of(request),
            reason=reason, words=request.POST.get("return_words", ""),
        )  # fmt: skip

    return act(
        request, bench, prescription_id, do,
        done=lambda: on_to_next(request, bench, step=step, prescription=prescription_id,
                                done=f"{name_of(row.patient)} returned to the service: send the message."),
    )  # fmt: skip


@posted
def hand_out(request: HttpRequest, prescription_id: int) -> HttpResponse:
    """Hands out. The next bag belongs to whoever stands at the counter next, so this page stays open; but of
    a bag with more in it the next is opened, so that none is left behind."""
    bench = bench_for(request, prescription_id)
    bag = bags.of_prescriptions([prescription_id]).get(prescription_id)
    left = [row for row in bag.prescriptions if row.pk != prescription_id] if bag else []
    said = [*request.POST.getlist("counselling"), request.POST.get("counselling_other", "")]

    def do(key: str) -> Outcome:
        return hand_out_action.hand_out(
            by=bench.person, now=bench.now, key=key, prescription_id=prescription_id, seen=seen_of(request),
            collection=_collection(request), counselling=[words.strip() for words in said if words.strip()],
            declared=charge_form.declared(request.POST.dict()),
        )  # fmt: skip

    return act(
        request, bench, prescription_id, do,
        done=(lambda: said_so(request, left[0].pk, "Handed out. This is in the same bag.")) if left else None,
    )  # fmt: skip


@require_GET
def notification(request: HttpRequest, prescription_id: int) -> HttpResponse:
    """What the prescription service was told, the last time or in the message that is named, as a file."""
    row = load(at_bench(request), prescription_id)
    wanted = request.GET.get("message")
    told = [one.notification_id for one in row.hand_outs.all()] + [
        one.message_id for one in row.notified.all()
    ]
    found = [pk for pk in told if pk is not None and wanted in (None, str(pk))]
    if not found:
        raise Http404
    message = models.Message.objects.get(pk=max(found))
    return HttpResponse(
        bytes(message.body),
        content_type="application/fhir+json",
        headers={"Content-Disposition": f'attachment; filename="{message.name}"'},
    )


def _collection(request: HttpRequest) -> Collection:
    """Who takes it, as posted. Raises `Refused` (``hand-out.no-collector``)."""
    typed = request.POST
    try:
        collector = Collector(typed.get("collector", ""))
    except ValueError:
        raise refuse("hand-out.no-collector", "Say who takes it", place="collector") from None
    identity = typed.get("identity", "")
    return Collection(
        collector,
        typed.get("collector_name", "")[:120],
        typed.get("collector_address", "")[:300],
        Identity(identity) if identity in {one.value for one in Identity} else None,
        typed.get("remarks", "")[:300],
    )
