"""Sheets of requests: a file is looked at, then taken in; and what became of each row of one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from pestle.pharmacy.people import SiteKind
from pestle.pharmacy.practice.request import From, Way
from pestle.pharmacy.practice.request_sheet import Verdict
from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.web.actions import request_sheets as actions
from pestle.web.actions.documents import File
from pestle.web.actions.once import Outcome
from pestle.web.actions.request_sheets import Preview, Sheet
from pestle.web.pages.bench import Bench, at_bench, attempt, key_of, page
from pestle.web.pages.document_file import document_file
from pestle.web.pages.held_file import packed, unpacked
from pestle.web.pages.next_task import SeeOther, name_of
from pestle.web.pages.walls import only_requests
from pestle.web.pages.words import count
from pestle.web.store import models, request_sheets
from pestle.wire.tables.requests import COLUMNS, MOST_ROWS
from pestle.wire.tables.table import MOST_BYTES

MOST_DOCUMENTS = 10
TONES = {
    Verdict.ASKED: ("done", "✓"),
    Verdict.TO_LOOK_AT: ("interrupt", "◆"),
    Verdict.IN_WORDS: ("interrupt", "◆"),
    Verdict.ALREADY: ("note", "●"),
    Verdict.FILED: ("stop", "■"),
}


@require_http_methods(["GET", "POST"])
def take_in(request: HttpRequest) -> HttpResponse:
    """A file is chosen and looked at, row by row; nothing is written down until somebody says so."""
    bench = at_bench(request)
    if request.method == "GET":
        return _new_page(request, bench)
    if request.POST.get("what") != "take-in":
        try:
            return _new_page(request, bench, looked=_looked_at(bench, _chosen(request)))
        except Refused as refused:
            return _new_page(request, bench, refusals=refused.refusals)
    outcome, refusals = attempt(lambda: _take_in(request, bench))
    if outcome is None:
        try:
            looked = _looked_at(bench, _held(request))
        except Refused:
            return _new_page(request, bench, refusals=refusals)
        return _new_page(request, bench, looked=looked, refusals=refusals)
    if outcome.result["again"]:
        messages.info(request, "This file was taken in before. Nothing was asked for again.")
    else:
        made = count(outcome.result["requests"], "patient")
        messages.success(request, f"Written down for {made}. What became of each row stands here.")
    return SeeOther(reverse("request-sheet", kwargs={"sheet_id": outcome.result["sheet"]}))


@require_GET
def show(request: HttpRequest, sheet_id: int) -> HttpResponse:
    """One sheet that was taken in: what became of each of its rows."""
    bench = at_bench(request)
    row = request_sheets.here(bench.site.pk, sheet_id)
    if row is None:
        raise Http404
    reception = only_requests(SiteKind(bench.site.kind), bench.person)
    people = request_sheets.patients_of(row)
    return page(
        request, "practice/request_sheet.jinja", bench, section="practice-requests", one=_sheet(row),
        rows=[_kept(one, people, reception) for one in row.rows], documents=_documents(row),
        message="" if reception else reverse("message", kwargs={"message_id": row.message_id}),
    )  # fmt: skip


@require_GET
def document(request: HttpRequest, message_id: int) -> HttpResponse:
    """The photo, scan or PDF beside a sheet."""
    bench = at_bench(request)
    return document_file(request_sheets.document(bench.site.pk, message_id), name="requests")


def _looked_at(bench: Bench, sheet: Sheet) -> tuple[Sheet, Preview]:
    return sheet, actions.preview(by=bench.person, sheet=sheet)


def _chosen(request: HttpRequest) -> Sheet:
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        raise refuse("sheet.no-file", "Choose a file", place="file")
    if (file.size or 0) > MOST_BYTES:
        raise refuse("table.too-large", "A sheet of requests has at most 1 MB", place="file")
    return _sheet_of(request, file.read(), file_name=file.name or "")


def _held(request: HttpRequest) -> Sheet:
    """The sheet that was looked at, as it waited in the form."""
    data = unpacked(request.POST.get("packed", ""))
    return _sheet_of(request, data, file_name=request.POST.get("file-name", ""))


def _take_in(request: HttpRequest, bench: Bench) -> Outcome:
    sheet = replace(_held(request), documents=_beside(request))
    return actions.take_in(
        by=bench.person, now=bench.now, key=key_of(request), sheet=sheet, seen=request.POST.get("seen", "")
    )


def _sheet_of(request: HttpRequest, data: bytes, *, file_name: str) -> Sheet:
    came = {one.value: one for one in From}.get(request.POST.get("from", ""))
    if came is None:
        raise refuse("request.from", "Say who asks", place="from")
    return Sheet(
        data=data,
        way=Way.UPLOAD,
        came_from=came,
        name=request.POST.get("name", ""),
        file_name=file_name,
        anew=request.POST.get("anew") == "yes",
    )


def _beside(request: HttpRequest) -> list[File]:
    documents = [each for each in request.FILES.getlist("documents") if isinstance(each, UploadedFile)]
    if len(documents) > MOST_DOCUMENTS:
        reason = f"At most {MOST_DOCUMENTS} documents stand beside a sheet"
        raise refuse("sheet.too-many-documents", reason, place="documents")
    return [File(each.name or "", each.read()) for each in documents]


def _new_page(
    request: HttpRequest,
    bench: Bench,
    *,
    looked: tuple[Sheet, Preview] | None = None,
    refusals: tuple[Refusal, ...] = (),
) -> HttpResponse:
    shown: dict[str, Any] = {"rows": [], "seen": "", "packed": "", "before": None, "counts": [], "file": ""}
    if looked is not None:
        sheet, preview = looked
        shown = {
            "rows": [
                _row(one.verdict, one.place, one.said, one.why, one.line.name if one.line else "")
                | {"patient": name_of(one.patient) if one.patient else ""}
                for one in preview.rows
            ],
            "seen": preview.seen, "packed": packed(sheet.data), "file": sheet.file_name,
            "before": _sheet(preview.before) if preview.before else None,
            "counts": [f"{number} {verdict.value}" for verdict, number in preview.counts.items()],
        }  # fmt: skip
    return page(
        request, "practice/request_sheet_new.jinja", bench, section="practice-requests",
        status=422 if refusals else 200, refusals=refusals, preview=shown, most=MOST_ROWS,
        kinds=[(one.value, one.words) for one in From if one is not From.PATIENT],
        columns=[(name, [each for each in every if each != name]) for name, every in COLUMNS.items()],
        was={name: request.POST.get(name, "") for name in ("from", "name", "anew")},
        sheets=[_sheet(one) for one in request_sheets.newest(bench.site.pk)],
    )  # fmt: skip


def _row(verdict: Verdict, place: str, said: str, why: Any, listed: str) -> dict[str, Any]:
    tone, shape = TONES[verdict]
    return {"place": place, "said": said, "why": list(why), "listed": listed, "verdict": verdict.value,
            "tone": tone, "shape": shape, "href": ""}  # fmt: skip


def _kept(one: dict[str, Any], people: dict[int, models.Patient], reception: bool) -> dict[str, Any]:
    patient = people.get(one["patient"])
    href = reverse("practice-request", kwargs={"patient_id": patient.pk}) if patient and not reception else ""
    shown = _row(Verdict(one["verdict"]), one["place"], one["said"], one["why"], one["listed"])
    return shown | {"patient": name_of(patient) if patient else "", "href": href}


def _sheet(row: models.RequestSheet) -> dict[str, Any]:
    task = getattr(row.message, "task", None)
    filed = sum(1 for one in row.rows if one["verdict"] == Verdict.FILED.value)
    return {
        "id": row.pk, "href": reverse("request-sheet", kwargs={"sheet_id": row.pk}), "at": row.at,
        "from": From(row.came_from).words, "name": row.name, "way": Way(row.way).words,
        "by": row.by.full_name, "rows": len(row.rows), "filed": filed,
        "open": bool(filed) and (task is None or task.closed_at is None),
    }  # fmt: skip


def _documents(row: models.RequestSheet) -> list[str]:
    return [
        reverse("request-document", kwargs={"message_id": one.message_id})
        for one in row.documents.order_by("pk")
    ]
