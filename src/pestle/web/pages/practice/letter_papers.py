"""What leaves from a letter: the patient's copy, the answer to the sender, the file beside it, the counts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from pestle.pharmacy.documents.medicines_letter import MedicinesLetter
from pestle.pharmacy.practice.reconciliation.answers import Ended, to_patient, to_sender
from pestle.pharmacy.practice.reconciliation.discrepancy import Severity, Type, count
from pestle.pharmacy.practice.reconciliation.outcome import Outcome
from pestle.pharmacy.record.patient import Patient
from pestle.web.actions.letters import KINDS
from pestle.web.pages import words
from pestle.web.pages.bench import Bench, at_bench, page
from pestle.web.pages.csv_file import csv_file
from pestle.web.pages.document_file import document_file
from pestle.web.pages.next_task import name_of
from pestle.web.pages.pdf_file import pdf_file
from pestle.web.print.medicines_letters import medicines_letter_pdf
from pestle.web.store import letters, models, patients

PERIODS = {"30": "30 days", "91": "3 months", "365": "a year"}
_HEADER = ("Settled", "Letter", "Patient", "NHS number", "Medicine", "Type", "Severity", "Intent", "Outcome",
           "Reason", "Practice’s list", "Letter’s line", "By")  # fmt: skip


@require_GET
def patient_copy(request: HttpRequest, letter_id: int) -> HttpResponse:
    """The letter to the patient in plain words, as PDF."""
    bench = at_bench(request)
    row, look = _look(bench, letter_id)
    ended, asked = _ended(look), [one.proposal for one in look.questions]
    names = [(each.listed or each.arrived)[0].called for each in (*asked, *look.open)]
    patient = patients.value(row.patient)
    told = MedicinesLetter(
        title="Your medicines", to=(str(patient.name), *_address(patient)), patient=patient,
        about=f"{row.sender} wrote to us about your medicines"
              f" ({words.short_date(row.dated or row.received_on)}). We compared what they wrote with your"
              " list here. A new or changed medicine waits for a prescriber of the practice before it is"
              " issued.",
        sections=to_patient(ended, names),
        closing="If anything here is not what you were told, or you feel unwell, ring us or ask your"
                " pharmacist.",
        **_from(bench),
    )  # fmt: skip
    return pdf_file(f"medicines-{row.pk}.pdf", medicines_letter_pdf(told))


@require_GET
def answer(request: HttpRequest, letter_id: int) -> HttpResponse:
    """The answer to who sent the list, as PDF."""
    bench = at_bench(request)
    row, look = _look(bench, letter_id)
    asked = [
        ((one.proposal.listed or one.proposal.arrived)[0].called, one.asked.reason) for one in look.questions
    ]
    told = MedicinesLetter(
        title="Medicines reconciled", to=(row.sender,), patient=patients.value(row.patient),
        about=f"{KINDS[row.kind]} of {words.short_date(row.dated) if row.dated else 'no date'}, received here"
              f" on {words.short_date(row.received_on)}. What each medicine ended as on our list:",
        sections=to_sender(_ended(look), asked),
        closing="Please tell us what of this is not as you meant it.",
        **_from(bench),
    )  # fmt: skip
    return pdf_file(f"answer-{row.pk}.pdf", medicines_letter_pdf(told))


@require_GET
def document(request: HttpRequest, message_id: int) -> HttpResponse:
    """A file that came beside a letter, as it was kept."""
    bench = at_bench(request)
    return document_file(letters.document(bench.site.pk, message_id), name="letter")


@require_GET
def discrepancies(request: HttpRequest) -> HttpResponse:
    """How many discrepancies of which type and severity, and each of them."""
    bench = at_bench(request)
    days, since = _since(request, bench)
    told, number, lines = letters.discrepancies(bench.site.pk, since=since)
    counts = count([one.found for one in told], letters=number, lines=lines)
    return page(
        request, "practice/discrepancies.jinja", bench, section="letters", days=days, periods=PERIODS,
        counts=counts, severities=list(Severity),
        table=[(kind, [counts.of(kind, how) for how in Severity]) for kind in Type
               if any(counts.of(kind, how) for how in Severity)],
        rows=[_told(one) for one in told[:letters.PAGE]],
    )  # fmt: skip


@require_GET
def download(request: HttpRequest) -> HttpResponse:
    """The same, each discrepancy a row."""
    bench = at_bench(request)
    _, since = _since(request, bench)
    zone = timezone.get_current_timezone()
    told, _, _ = letters.discrepancies(bench.site.pk, since=since)
    rows = (
        (
            words.date_and_time(one.row.at, zone=zone), one.row.letter_id, name_of(one.row.letter.patient),
            words.nhs_number_words(one.row.letter.patient.nhs_number), one.row.shown["name"],
            one.found.type.value, one.found.severity.value, one.found.intent.value, one.row.outcome,
            one.row.reason, "; ".join(one.row.shown["listed"]), "; ".join(one.row.shown["arrived"]),
            one.row.by.full_name,
        )
        for one in told
    )  # fmt: skip
    return csv_file(f"discrepancies-{bench.today.isoformat()}.csv", _HEADER, rows)


def _told(one: letters.Told) -> dict[str, Any]:
    row = one.row
    return {
        "at": row.at, "letter": row.letter_id, "patient": name_of(row.letter.patient),
        "name": row.shown["name"],
        "type": one.found.type.value, "severity": one.found.severity.value, "intent": one.found.intent.value,
        "outcome": row.outcome, "reason": row.reason,
    }  # fmt: skip


def _look(bench: Bench, letter_id: int) -> tuple[models.Letter, letters.Look]:
    row = letters.here(bench.site.pk, letter_id)
    look = letters.look(row) if row is not None else None
    if row is None or look is None or not _ended(look):
        raise Http404
    return row, look


def _ended(look: letters.Look) -> list[Ended]:
    return [
        Ended(
            Outcome(one.outcome),
            one.shown["name"],
            "; ".join(one.shown["became"]),
            one.shown["until"],
            one.reason,
        )
        for one in look.decided
        if one.outcome != letters.QUERY
    ]


def _since(request: HttpRequest, bench: Bench) -> tuple[str, datetime]:
    days = request.GET.get("days", "")
    days = days if days in PERIODS else next(iter(PERIODS))
    return days, bench.now - timedelta(days=int(days))


def _address(patient: Patient) -> tuple[str, ...]:
    address = patient.address
    return (*address.lines, *([address.postcode] if address.postcode else [])) if address else ()


def _from(bench: Bench) -> dict[str, Any]:
    return {
        "written": words.short_date(bench.today), "by": f"{bench.person.name}, {bench.person.title}",
        "practice": bench.site.name, "address": tuple(bench.site.address), "telephone": bench.site.telephone,
    }  # fmt: skip
