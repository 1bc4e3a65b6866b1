"""One box for everything: a name, a number, a medicine, or a scan from anywhere."""

from __future__ import annotations

import re

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from pestle.pharmacy.dispensary.workflow import DISPENSING
from pestle.pharmacy.medicines.barcode import BagScan, LabelScan, ShelfScan, read_bag_or_shelf
from pestle.pharmacy.record.patient import nhs_number
from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.web.actions.assembly import find_label
from pestle.web.actions.messages import MAY_RECEIVE
from pestle.web.pages import patients
from pestle.web.pages.bench import Bench, at_bench, page
from pestle.web.pages.medicines import AS_TYPED, hit_row
from pestle.web.pages.next_task import SeeOther, name_of
from pestle.web.pages.pack_words import name_words
from pestle.web.pages.scans import code, is_scan, scanned
from pestle.web.store import models, supplies
from pestle.web.store.knowledge import dictionary, medicine_index
from pestle.wire.eps.prescription_id import prescription_number

_MEDICINES = 8
_NOT_HELD = "scan.prescription-not-held"
_NUMBER = re.compile(r"[0-9A-Fa-f]{6}-[0-9A-Za-z]{6}-[0-9A-Za-z]{5}[0-9A-Za-z+]")


@require_POST
def search(request: HttpRequest) -> HttpResponse:
    """What somebody typed or scanned into the search box; one certain answer opens at once."""
    bench = at_bench(request)
    text = code(request, "q")[:200]
    if is_scan(text):
        return _scan(request, bench, field="q")
    certain = _by_number(bench, text)
    return SeeOther(certain) if certain else _results(request, bench, text)


@require_POST
def scan(request: HttpRequest) -> HttpResponse:
    """A scan that no field of the page asked for."""
    return _scan(request, at_bench(request), field="code")


def _scan(request: HttpRequest, bench: Bench, *, field: str) -> HttpResponse:
    try:
        return SeeOther(_scanned(request, bench, field))
    except Refused as refused:
        token = code(request, field).upper() if refused.rule == _NOT_HELD else ""
        return _results(request, bench, "", refusals=refused.refusals, status=422, not_held=token)


def _scanned(request: HttpRequest, bench: Bench, field: str) -> str:
    """Where a scan leads: a label to its line, a bag to its page, a shelf to what lies there, a token to its
    prescription, a pack to its batch here, else to its medicine."""
    number = code(request, field)
    ours = read_bag_or_shelf(number)
    if isinstance(ours, BagScan):
        return reverse("bag", kwargs={"bag_id": ours.id})
    if isinstance(ours, ShelfScan):
        return f"{reverse('bags')}?shelf={ours.id}"
    if _NUMBER.fullmatch(number):
        return _token(bench, number)
    found = scanned(request, field)
    if isinstance(found, LabelScan):
        stored = find_label(found.id, site_id=bench.site.pk)
        address = reverse("prescription", kwargs={"prescription_id": stored.line.prescription_id})
        return f"{address}?line={stored.line_id}"
    pack = dictionary().pack_by_gtin(found.gtin)
    if pack is None:
        raise refuse(
            "scan.unknown-pack",
            "The dictionary has no pack with this code",
            place="scan",
            way_out="Check the pack by eye; ask for the dictionary to be brought up to date.",
        )
    batch = None
    if found.batch is not None and found.expiry is not None:
        batch = models.Batch.objects.filter(
            site=bench.site, gtin=pack.gtins[0], number=found.batch, expiry=str(found.expiry)
        ).first()
    if batch is not None:
        return reverse("batch", kwargs={"batch_id": batch.pk})
    if found.batch is not None:
        messages.info(request, f"Batch {found.batch} of this pack was never received here.")
    return reverse("medicine", kwargs={"product_id": pack.product_id})


def _token(bench: Bench, number: str) -> str:
    """The address of the prescription that a dispensing token names by its number. Raises `Refused`: those of
    `prescription_number`, ``scan.prescription-not-held``."""
    row = supplies.by_number(bench.site.pk, prescription_number(number.upper(), place="scan"))
    if row is None:
        reason, place = "We do not hold the prescription of this token", "scan"
        way_out = "Ask the prescription service for it, and receive what it answers."
        raise refuse(_NOT_HELD, reason, place=place, way_out=way_out)
    return reverse("prescription", kwargs={"prescription_id": row.pk})


def _by_number(bench: Bench, text: str) -> str:
    """The address of the one thing that bears this number; empty when the text is none, or nobody's."""
    try:
        number = nhs_number(text)
    except Refused:
        pass
    else:
        held = models.Patient.objects.filter(site=bench.site, nhs_number=number.digits).first()
        return reverse("patient", kwargs={"patient_id": held.pk}) if held else ""
    if _NUMBER.fullmatch(text):
        row = supplies.by_number(bench.site.pk, text)
        return reverse("prescription", kwargs={"prescription_id": row.pk}) if row else ""
    return ""


def _results(
    request: HttpRequest,
    bench: Bench,
    text: str,
    *,
    refusals: tuple[Refusal, ...] = (),
    status: int = 200,
    not_held: str = "",
) -> HttpResponse:
    held, guessed = supplies.meant(bench.site.pk, text)
    waiting = supplies.prescriptions_matching(bench.site.pk, text)
    return page(
        request,
        "find/results.jinja",
        bench,
        status=status,
        refusals=refusals,
        not_held=not_held if bench.person.has(*MAY_RECEIVE) else "",
        text=text,
        search_text=text,
        patients=patients.rows(bench, held),
        guessed=guessed,
        prescriptions=[
            {
                "href": reverse("prescription", kwargs={"prescription_id": one.pk}),
                "patient": name_of(one.patient),
                "number": one.number,
                "step": DISPENSING.step(one.step).title,
                "since": one.step_since,
                "lines": [name_words(line.product_name or line.medication_text) for line in one.lines.all()],
            }
            for one in waiting
        ],
        medicines=[
            hit_row(hit)
            for hit in medicine_index().search(text, _MEDICINES)
            # What is only spelt alike would be noise beside somebody of that name.
            if hit.score >= AS_TYPED or guessed or not (held or waiting)
        ],
        most=supplies.MOST,
    )
