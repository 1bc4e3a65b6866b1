"""A patient's record: looked at and told why; taken in from a file, written by hand, taken back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pestle.pharmacy.people import Role
from pestle.pharmacy.record import by_hand
from pestle.pharmacy.record.arrival import Arrival, Verdict
from pestle.pharmacy.record.kinds import FactKind, about, kind
from pestle.pharmacy.record.result import Result
from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.web.actions import facts, record_import
from pestle.web.actions.once import Outcome
from pestle.web.actions.record import MAY_RECORD
from pestle.web.pages.bench import Bench, at_bench, attempt, key_of, page
from pestle.web.pages.held_file import packed, unpacked
from pestle.web.pages.next_task import SeeOther
from pestle.web.pages.patients import patient_here
from pestle.web.pages.product_options import NONE, Option, named, option
from pestle.web.pages.record_view import Shown
from pestle.web.pages.trend import trend
from pestle.web.pages.words import count
from pestle.web.store import models, patients
from pestle.web.store import record as records
from pestle.web.store.knowledge import dictionary, knowledge
from pestle.wire.fhir.record.write import write_record
from pestle.wire.fhir.tree import MAX_BYTES, dump

_FIRST = ("body_weight", "body_height", "blood_pressure", "creatinine", "egfr", "potassium", "inr", "hba1c")


@require_GET
def show(request: HttpRequest, patient_id: int) -> HttpResponse:
    """The record as it stands."""
    bench = at_bench(request)
    return _show(request, bench, patient_here(bench, patient_id))


@require_GET
def results(request: HttpRequest, patient_id: int, kind: str) -> HttpResponse:
    """Every result of one kind, as a line, in words, and one by one."""
    bench = at_bench(request)
    row = patient_here(bench, patient_id)
    observable = knowledge().terms.observables.get(kind)
    if observable is None:
        raise Http404
    allergies = patients.allergy_record(row)
    shown = Shown(bench, row, allergies)
    found = shown.results.find(observable, on=bench.today) or ()
    return page(
        request, "patients/results.jinja", bench, section="patients", **_banner(row, allergies),
        observable=observable, rows=[shown.result(one) for one in found],
        trend=trend([one for one in found if isinstance(one, Result)]),
    )  # fmt: skip


@require_GET
def download(request: HttpRequest, patient_id: int) -> HttpResponse:
    """All that is known of the patient as a FHIR R4 Bundle."""
    bench = at_bench(request)
    row = patient_here(bench, patient_id)
    held = records.load(row, now=bench.now, zone=bench.zone)
    return HttpResponse(
        dump(write_record(held, at=bench.now)),
        content_type="application/fhir+json; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="record-{row.pk}.json"'},
    )


@require_http_methods(["GET", "POST"])
def take_in(request: HttpRequest, patient_id: int) -> HttpResponse:
    """A file is chosen, and looked at: nothing is changed yet."""
    bench = at_bench(request)
    row = patient_here(bench, patient_id)
    if request.method == "GET":
        return _import_page(request, bench, row)
    try:
        data, name = _file(request)
        preview = record_import.preview_import(by=bench.person, now=bench.now, patient_id=row.pk, data=data)
        held = packed(data)
    except Refused as refused:
        return _import_page(request, bench, row, refusals=refused.refusals, status=422)
    return _import_page(request, bench, row, preview=preview, packed=held, name=name)


@require_POST
def confirm(request: HttpRequest, patient_id: int) -> HttpResponse:
    """What was looked at is taken in."""
    bench = at_bench(request)
    row = patient_here(bench, patient_id)
    outcome, refusals = attempt(
        lambda: record_import.import_bundle(
            by=bench.person,
            now=bench.now,
            key=key_of(request),
            patient_id=row.pk,
            data=unpacked(request.POST.get("packed", "")),
            name=request.POST.get("name", ""),
            seen=request.POST.get("seen", ""),
        )
    )
    if outcome is None:
        return _import_page(request, bench, row, refusals=refusals, status=422)
    added = outcome.result["added"]
    if added:
        messages.success(request, f"{count(added, 'fact')} taken in.")
    else:
        messages.info(request, "Nothing new was in the file; nothing has changed.")
    return SeeOther(reverse("patient-record", kwargs={"patient_id": row.pk}))


@require_POST
def record_result(request: HttpRequest, patient_id: int) -> HttpResponse:
    """A measurement or an answer, by hand."""
    return _acted(
        request, patient_id, "result", "The result is on record.",
        lambda bench, told: facts.record_result(
            by=bench.person, now=bench.now, key=key_of(request), patient_id=patient_id,
            kind=told("kind"), value=told("value"), unit=told("unit"), taken=told("taken"),
            told_by=told("told_by"),
        ),
    )  # fmt: skip


@require_POST
def correct_result(request: HttpRequest, patient_id: int) -> HttpResponse:
    """The right value after a wrong one."""
    return _acted(
        request, patient_id, "correct", "Corrected. What stood before is kept.",
        lambda bench, told: facts.correct_result(
            by=bench.person, now=bench.now, key=key_of(request), patient_id=patient_id,
            row_id=_number(told("row")), kind=told("kind"), value=told("value"), unit=told("unit"),
            taken=told("taken"), reason=told("reason"),
        ),
    )  # fmt: skip


@require_POST
def record_statement(request: HttpRequest, patient_id: int) -> HttpResponse:
    """A medicine that somebody says is taken; it is looked up first."""
    if "look_up" in request.POST:
        bench = at_bench(request)
        row = patient_here(bench, patient_id)
        return _show(request, bench, row, form="statement", typed=request.POST.dict())
    return _acted(
        request, patient_id, "statement", "The medicine is on record.",
        lambda bench, told: facts.record_statement(
            by=bench.person, now=bench.now, key=key_of(request), patient_id=patient_id,
            medicine=told("medicine"), product_id="" if told("product") == NONE else told("product"),
            unlisted=told("product") == NONE, starts=told("starts"), told_by=told("told_by"),
        ),
    )  # fmt: skip


@require_POST
def record_condition(request: HttpRequest, patient_id: int) -> HttpResponse:
    """A diagnosis, by a pharmacist."""
    return _acted(
        request, patient_id, "condition", "The condition is on record.",
        lambda bench, told: facts.record_condition(
            by=bench.person, now=bench.now, key=key_of(request), patient_id=patient_id,
            what=told("condition"), began=told("began"), note=told("note"), told_by=told("told_by"),
        ),
    )  # fmt: skip


@require_POST
def retract(request: HttpRequest, patient_id: int) -> HttpResponse:
    """Takes one fact back."""
    return _acted(
        request, patient_id, "retract", "Taken back. It is kept, with the reason.",
        lambda bench, told: facts.retract(
            by=bench.person, now=bench.now, key=key_of(request), patient_id=patient_id,
            fact_kind=_kind(told("kind")), row_id=_number(told("row")), reason=told("reason"),
        ),
    )  # fmt: skip


def _acted(
    request: HttpRequest,
    patient_id: int,
    form: str,
    done: str,
    do: Callable[[Bench, Callable[[str], str]], Outcome],
) -> HttpResponse:
    bench = at_bench(request)
    row = patient_here(bench, patient_id)
    posted = request.POST
    outcome, refusals = attempt(lambda: do(bench, lambda name: posted.get(name, "")))
    if outcome is None:
        return _show(request, bench, row, refusals=refusals, status=422, form=form, typed=posted.dict())
    messages.success(request, done)
    return SeeOther(reverse("patient-record", kwargs={"patient_id": row.pk}))


def _show(
    request: HttpRequest,
    bench: Bench,
    row: models.Patient,
    *,
    refusals: tuple[Refusal, ...] = (),
    status: int = 200,
    form: str = "",
    typed: dict[str, Any] | None = None,
) -> HttpResponse:
    allergies = patients.allergy_record(row)
    shown = Shown(bench, row, allergies)
    return page(
        request,
        "patients/record.jinja",
        bench,
        section="patients",
        status=status,
        refusals=refusals,
        **_banner(row, allergies),
        shown=shown,
        results=shown.latest(),
        conditions=shown.conditions(),
        medicines=shown.medicines(),
        encounters=shown.encounters(),
        imports=sorted(shown.imports.values(), key=lambda one: one.at, reverse=True),
        kinds=_kinds(),
        answers=_answers(),
        form=form,
        typed=typed or {},
        options=_options(typed or {}) if form == "statement" else (),
        may_record=bench.person.has(*MAY_RECORD),
        may_diagnose=bench.person.has(Role.PHARMACIST),
    )


def _options(typed: dict[str, Any]) -> tuple[Option, ...]:
    """The products that may be meant, the one that was chosen among them."""
    found = named(typed.get("medicine", "").strip())
    chosen = dictionary().product(typed.get("product", ""))
    if chosen is None or any(each.id == chosen.id for each in found):
        return found
    return (*found, option(chosen, "Chosen before"))


def _import_page(
    request: HttpRequest,
    bench: Bench,
    row: models.Patient,
    *,
    refusals: tuple[Refusal, ...] = (),
    status: int = 200,
    preview: record_import.Preview | None = None,
    packed: str = "",
    name: str = "",
) -> HttpResponse:
    return page(
        request,
        "patients/import.jinja",
        bench,
        section="patients",
        status=status,
        refusals=refusals,
        **_banner(row, patients.allergy_record(row)),
        preview=preview,
        groups=_groups(preview) if preview else [],
        notes=_notes(preview) if preview else [],
        taken=sum(one.taken for one in preview.arrivals) if preview else 0,
        packed=packed,
        name=name,
        may_record=bench.person.has(*MAY_RECORD),
    )


def _banner(row: models.Patient, allergies: Any) -> dict[str, Any]:
    return {
        "row": row,
        "patient": patients.value(row),
        "record": allergies,
        "gp": row.gp_practice_code,
    }


def _groups(preview: record_import.Preview) -> list[dict[str, Any]]:
    """What arrives, by what becomes of it, and within that by kind."""
    return [
        {
            "title": verdict.value,
            "name": verdict.name,
            "taken": verdict in (Verdict.NEW, Verdict.FOLLOWS),
            "entries": [_entry(one) for one in preview.arrivals if one.verdict is verdict],
        }
        for verdict in Verdict
        if any(one.verdict is verdict for one in preview.arrivals)
    ]


def _entry(arrival: Arrival) -> dict[str, str]:
    fact = arrival.sent.fact
    held = about(arrival.held.latest).text if arrival.held else ""
    return {
        "kind": kind(fact).value,
        "what": about(fact).text,
        "held": held if arrival.verdict is Verdict.CLASHES else "",
        "who": fact.provenance.who,
        "place": arrival.sent.place,
    }


def _notes(preview: record_import.Preview) -> list[dict[str, Any]]:
    """What was not understood; the same thing at many places is said once, with how often."""
    told: Counter[tuple[str, str, str]] = Counter()
    first: dict[tuple[str, str, str], str] = {}
    for note in preview.notes:
        place = note.place or ""
        part = place.split(".resource.", 1)[-1] if note.rule == "record.not-read" else place
        name = (note.rule, note.reason, "".join(ch for ch in part if not ch.isdigit()))
        told[name] += 1
        first.setdefault(name, place)
    return [
        {"reason": name[1], "rule": name[0], "place": first[name], "number": number}
        for name, number in told.items()
    ]


def _kinds() -> list[tuple[str, str]]:
    """The kinds that can be written down, the usual ones first."""
    known = {name: one for name, one in knowledge().terms.observables.items() if by_hand.can_be_recorded(one)}
    rest = sorted(set(known) - set(_FIRST), key=lambda name: known[name].title.casefold())
    names = [*(name for name in _FIRST if name in known), *rest]
    return [(name, _title(known[name].title, known[name].unit)) for name in names]


def _title(title: str, unit: str | None) -> str:
    shown = title[:1].upper() + title[1:]
    return f"{shown} ({unit})" if unit else shown


def _answers() -> list[tuple[str, str]]:
    """The answers that a kind without a unit takes, as a person reads and types them."""
    return [
        (one.title, ", ".join(sorted(one.answers)))
        for one in knowledge().terms.observables.values()
        if one.answers
    ]


def _file(request: HttpRequest) -> tuple[bytes, str]:
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        raise refuse("record.no-file", "No file was chosen", place="file")
    if (file.size or 0) > MAX_BYTES:
        raise refuse("fhir.too-large", f"The file is larger than {MAX_BYTES // 1_000_000} MB", place="file")
    return file.read(), file.name or ""


def _kind(text: str) -> FactKind:
    found = next((one for one in FactKind if one.name == text), None)
    if found is None:
        raise Http404
    return found


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Http404
    return int(text)
