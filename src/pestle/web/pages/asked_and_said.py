"""What is asked, answered and said about a prescription: referrals, waiting lines, words with a patient."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from pestle.web.actions import clinical, speaking
from pestle.web.pages import clinical_form
from pestle.web.pages.acting import act, bench_for, line_here, said_so
from pestle.web.pages.bench import at_bench, number, seen_of
from pestle.web.pages.next_task import posted
from pestle.web.pages.prescription_view import lines_of, load


@posted
def decide_waiting(request: HttpRequest, prescription_id: int) -> HttpResponse:
    """Decides a line that had waited for an answer."""
    bench = at_bench(request)
    wanted = line_here(request, bench, prescription_id)
    line = next(one for one in lines_of(load(bench, prescription_id)) if one.id == wanted)
    typed = request.POST.dict()
    return act(
        request, bench, prescription_id,
        lambda key: clinical.decide_waiting(
            by=bench.person, now=bench.now, key=key, prescription_id=prescription_id, seen=seen_of(request),
            decision=clinical_form.waiting_decision(line, typed), answers=clinical_form.answers(typed),
            seen_not_assessed=typed.get("seen_not_assessed") == "yes",
        ),
        done=lambda: said_so(request, prescription_id, f"Line {line.place} is decided."),
    )  # fmt: skip


@posted
def must_speak(request: HttpRequest, prescription_id: int) -> HttpResponse:
    """Stops the bag until a pharmacist has spoken to the patient."""
    bench = bench_for(request, prescription_id)
    wanted = speaking.Wanted(number(request.POST.get("line", "")), request.POST.get("speak", "")[:500])
    return act(
        request, bench, prescription_id,
        lambda key: speaking.must_speak(
            by=bench.person, now=bench.now, key=key, prescription_id=prescription_id, seen=seen_of(request),
            wanted=wanted,
        ),
        done=lambda: said_so(request, prescription_id, "The bag waits for a pharmacist’s word with them."),
    )  # fmt: skip


@posted
def spoke(request: HttpRequest, prescription_id: int) -> HttpResponse:
    """Writes down what a pharmacist said to the patient."""
    bench = bench_for(request, prescription_id)
    return act(
        request, bench, prescription_id,
        lambda key: speaking.spoke(
            by=bench.person, now=bench.now, key=key, prescription_id=prescription_id, seen=seen_of(request),
            stop_id=number(request.POST.get("stop", "")) or 0, words=request.POST.get("said", "")[:500],
        ),
        done=lambda: said_so(request, prescription_id, "It is written down."),
    )  # fmt: skip


@posted
def refer(request: HttpRequest, prescription_id: int) -> HttpResponse:
    """Asks a pharmacist."""
    bench = bench_for(request, prescription_id)
    return act(
        request, bench, prescription_id,
        lambda key: clinical.refer(
            by=bench.person, now=bench.now, key=key, prescription_id=prescription_id, seen=seen_of(request),
            words=request.POST.get("words", ""),
        ),
        done=lambda: said_so(request, prescription_id, "Referred: a pharmacist sees it here."),
    )  # fmt: skip


@posted
def answer(request: HttpRequest, prescription_id: int) -> HttpResponse:
    """Answers what has become new since the clinical check, and what was referred."""
    bench = bench_for(request, prescription_id)
    typed = request.POST.dict()
    return act(
        request, bench, prescription_id,
        lambda key: clinical.answer(
            by=bench.person, now=bench.now, key=key, prescription_id=prescription_id, seen=seen_of(request),
            answers=clinical_form.answers(typed), seen_not_assessed=typed.get("seen_not_assessed") == "yes",
            referrals=clinical_form.referral_answers(typed),
        ),
        done=lambda: said_so(request, prescription_id, "Answered: it may go on."),
    )  # fmt: skip
