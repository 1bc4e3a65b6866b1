"""Repeat dispensing: which issues are due, and what is asked before one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from pestle.pharmacy.dispensary.charge import Declarant
from pestle.pharmacy.dispensary.repeat_dispensing import issue
from pestle.web.actions import repeat_dispensing
from pestle.web.pages import words
from pestle.web.pages.acting import act, bench_for, said_so
from pestle.web.pages.bench import Bench, at_bench, numbers, page, seen_of
from pestle.web.pages.csv_file import csv_file
from pestle.web.pages.next_task import SeeOther, name_of, posted
from pestle.web.pages.pack_words import name_words
from pestle.web.pages.repeat_view import next_words
from pestle.web.store import issues, prescriptions
from pestle.web.store.knowledge import repeat_questions

# What somebody typed may name a patient: it is kept in the session and never stands in an address.
TEXT = "repeats_text"
_HEADER = ("Due", "Patient", "Born", "NHS number", "Prescription", "Next issue", "Left", "Last handed out",
           "Authorised until", "Medicines")  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """The issues that are due soon; a POST only sets what is searched for, and comes back."""
    bench = at_bench(request)
    if request.method == "POST":
        request.session[TEXT] = request.POST.get("text", "").strip()[:200]
        return SeeOther(reverse("repeats"))
    text = request.session.get(TEXT, "")
    rows = [_row(one, bench) for one in issues.due(bench.site.pk, on=bench.today, search=text)]
    return page(
        request, "repeats.jinja", bench, section="worklist", rows=rows, text=text, ahead=issues.AHEAD.days
    )


@require_GET
def download(request: HttpRequest) -> HttpResponse:
    """The same list as a file."""
    bench = at_bench(request)
    found = issues.due(bench.site.pk, on=bench.today, search=request.session.get(TEXT, ""))
    rows = (
        (
            words.short_date(row["due"]),
            row["patient"],
            words.short_date(row["born"]),
            words.nhs_number_words(row["nhs_number"]),
            row["number"],
            row["which"],
            row["left"],
            words.short_date(row["last"]),
            words.short_date(row["expires"]) if row["expires"] else "not known",
            "; ".join(row["medicines"]),
        )
        for row in (_row(one, bench) for one in found)
    )
    return csv_file(f"repeat-issues-{bench.today.isoformat()}.csv", _HEADER, rows)


@posted
def ask(request: HttpRequest, prescription_id: int) -> HttpResponse:
    """Keeps what was answered before the issue."""
    bench = bench_for(request, prescription_id)
    typed = request.POST
    said = {one.code: typed.get(f"repeat-{one.code}", "") for one in repeat_questions().asked}
    not_needed = frozenset(numbers(request, "not_needed"))
    told = next((one for one in Declarant if one.value == typed.get("repeat_told_by")), None)
    return act(
        request, bench, prescription_id,
        lambda key: repeat_dispensing.ask_before_issue(
            by=bench.person, now=bench.now, key=key, prescription_id=prescription_id, seen=seen_of(request),
            answers={code: answer == "yes" for code, answer in said.items() if answer in ("yes", "no")},
            not_needed=not_needed, words=typed.get("repeat_words", "")[:400], told_by=told,
        ),
        done=lambda: said_so(request, prescription_id, "The answers are on record."),
    )  # fmt: skip


def _row(row: Any, bench: Bench) -> Mapping[str, Any]:
    told = issue(prescriptions.signed(row).lines)
    return {
        "href": reverse("prescription", kwargs={"prescription_id": row.pk}),
        "patient_href": reverse("patient", kwargs={"patient_id": row.patient_id}),
        "patient": name_of(row.patient),
        "born": row.patient.born,
        "nhs_number": row.patient.nhs_number,
        "number": row.number,
        "due": row.next_issue_on,
        "overdue": row.next_issue_on < bench.today,
        "which": next_words(row),
        "left": row.issues - row.issue,
        "last": row.last_at.astimezone(bench.zone).date(),
        "expires": told.expires if told else None,
        "medicines": [name_words(line.product_name) for line in row.given],
    }
