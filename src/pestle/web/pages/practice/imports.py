"""The files of the practice's own record system: taken in, how far, and what of them was refused."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.web.actions import bulk_import
from pestle.web.jobs import bulk_import as job
from pestle.web.pages.bench import Bench, at_bench, key_of, page
from pestle.web.pages.csv_file import csv_file
from pestle.web.pages.dates import moment_of
from pestle.web.pages.next_task import SeeOther
from pestle.web.store import models
from pestle.wire.gp_extract.bundles import SYSTEM, TITLE
from pestle.wire.gp_extract.mapping import Part

NEWEST = 50
MOST_SHOWN = 200
STATES = {
    "waiting": ("interrupt", "◆", "Waiting"),
    "running": ("note", "●", "Running"),
    "done": ("done", "✓", "Taken in"),
    "failed": ("stop", "■", "Broken off"),
}


@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """The imports, newest first; a POST puts a file into the queue."""
    bench = at_bench(request)
    if request.method == "GET":
        return _show(request, bench)
    try:
        _queue(request, bench)
    except Refused as refused:
        return _show(request, bench, refusals=refused.refusals)
    messages.success(request, "The file is in the queue. This page says how far it is.")
    return SeeOther(reverse("practice-imports"))


@require_GET
def show(request: HttpRequest, import_id: int) -> HttpResponse:
    """One import with what was refused."""
    bench = at_bench(request)
    row = _here(bench, import_id)
    return page(
        request, "practice/import.jinja", bench, section="practice-imports", one=_row(row, _systems()),
        refused=list(row.refused.order_by("line")[:MOST_SHOWN]), total=row.refused.count(), most=MOST_SHOWN,
    )  # fmt: skip


@require_GET
def refused(request: HttpRequest, import_id: int) -> HttpResponse:
    """Every refused row as a file: its line, why, and its cells."""
    row = _here(at_bench(request), import_id)
    rows = [(one.line, one.rule, one.reason, one.place, *one.said) for one in row.refused.order_by("line")]
    return csv_file(f"refused-{row.pk}.csv", ("Line", "Rule", "Reason", "Place", "The row"), rows)


def _queue(request: HttpRequest, bench: Bench) -> None:
    if not bench.person.has(*bulk_import.MAY_IMPORT):
        raise refuse("extract.role", "Files are taken in by the team")
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        raise refuse("extract.no-file", "Choose a file", place="file")
    system = request.POST.get("system", "")
    if system != SYSTEM and system not in bulk_import.mappings():
        raise refuse("extract.system", "Choose the system that made the file", place="system")
    try:
        part = Part(request.POST.get("part", ""))
    except ValueError:
        raise refuse("extract.part", "Choose what the file holds", place="part") from None
    made = moment_of(request.POST.get("made", ""), "made", zone=bench.zone) or bench.now
    if made > bench.now:
        raise refuse("extract.made-ahead", "The file cannot have been made at a time to come", place="made")
    path = _kept(file)
    job.start(
        by=bench.person.id, site=bench.site.pk, key=key_of(request), path=path, name=file.name or "",
        system=system, part=part, as_at=made,
    )  # fmt: skip


def _kept(file: Any) -> Path:
    """Where the file that was uploaded lies until it was taken in: under its digest, which names nobody."""
    folder = settings.ENVIRONMENT.home / "imports"
    folder.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    for part in file.chunks():
        digest.update(part)
    path: Path = folder / digest.hexdigest()
    with path.open("wb") as kept:
        for part in file.chunks():
            kept.write(part)
    return path


def _show(request: HttpRequest, bench: Bench, *, refusals: tuple[Refusal, ...] = ()) -> HttpResponse:
    found = models.BulkImport.objects.filter(site=bench.site).select_related("by").order_by("-at", "-pk")
    systems = _systems()
    return page(
        request, "practice/imports.jinja", bench, section="practice-imports",
        status=422 if refusals else 200, refusals=refusals, systems=list(systems.items()),
        rows=[_row(one, systems) for one in found[:NEWEST]],
        parts=[(part.value, part.value.title()) for part in Part],
        was={name: request.POST.get(name, "") for name in ("system", "part", "made")},
        may=bench.person.has(*bulk_import.MAY_IMPORT),
    )  # fmt: skip


def _systems() -> dict[str, str]:
    """Whose files are taken in, by name."""
    return {one.name: one.title for one in bulk_import.mappings().values()} | {SYSTEM: TITLE}


def _row(one: models.BulkImport, systems: Mapping[str, str]) -> dict[str, Any]:
    tone, shape, word = STATES[one.state]
    heard: datetime | None = one.ended_at or one.heard_at
    return {
        "id": one.pk, "href": reverse("practice-import", kwargs={"import_id": one.pk}), "name": one.name,
        "system": systems.get(one.system, one.system), "part": one.part, "as_at": one.as_at,
        "by": one.by.full_name, "at": one.at, "tone": tone, "shape": shape, "word": word, "rows": one.rows,
        "heard": heard,
        "counts": ", ".join(f"{number:,} {what.replace('_', ' ')}" for what, number in one.counts.items()),
        "because": one.failed_because, "digest": one.digest,
    }  # fmt: skip


def _here(bench: Bench, import_id: int) -> models.BulkImport:
    row = models.BulkImport.objects.filter(site=bench.site, pk=import_id).select_related("by").first()
    if row is None:
        raise Http404
    return row
