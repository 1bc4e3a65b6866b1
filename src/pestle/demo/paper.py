"""What came to the invented pharmacy on paper or by word of mouth, and was typed in?

An NHS prescription with its scan, which waits for entry; a private prescription, handed out this morning; and
somebody who left the capsules at home, for whom a pharmacist has still to decide.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from pestle.demo import drive
from pestle.demo.journey import Bench
from pestle.demo.messages import PRESCRIBER, name_id
from pestle.demo.patients import another
from pestle.pharmacy.dispensary.prescription_kind import PrescriptionKind
from pestle.pharmacy.dispensary.typed_in import Typed, TypedLine
from pestle.web.actions import typing_in
from pestle.web.store import models
from pestle.web.store.knowledge import dictionary


def acts(bench: Bench) -> Iterator[Iterator[datetime]]:
    """Each of the three, in time."""
    yield _on_paper(bench)
    yield _private(bench)
    yield _emergency(bench)


def _on_paper(bench: Bench) -> Iterator[datetime]:
    tess, at = bench.people["tess"], bench.now - timedelta(minutes=70)
    yield at
    line = ("Amlodipine 5mg tablets", "28", "Take one tablet each morning")
    scan = typing_in.keep_scan(
        by=tess, now=at, key=name_id("scan", "fp10"), name="fp10",
        data=pdf("FP10 (invented)", " ".join(line), f"Signed {at:%d-%b-%Y}, {PRESCRIBER.name}"),
    )  # fmt: skip
    _typed(bench, PrescriptionKind.FP10, 300, line, by="tess", at=at, scans=(scan.result["message"],))


def _private(bench: Bench) -> Iterator[datetime]:
    leon, adam, ruth = (bench.people[name] for name in ("leon", "adam", "ruth"))
    at = bench.now - timedelta(minutes=190)
    yield at
    line = ("Amoxicillin 500mg capsules", "21", "Take one capsule three times a day")
    pk = _typed(bench, PrescriptionKind.PRIVATE, 301, line, by="leon", at=at)
    at += timedelta(minutes=4)
    yield at
    drive.enter(pk, by=leon, now=at)
    at += timedelta(minutes=9)
    yield at
    drive.approve(pk, by=ruth, now=at)
    at += timedelta(minutes=5)
    yield at
    drive.print_labels(pk, by=leon, now=at)
    list(drive.pick(models.Line.objects.get(prescription=pk), by=leon, now=at))
    drive.complete_assembly(pk, by=leon, now=at)
    at += timedelta(minutes=6)
    yield at
    drive.pass_accuracy(pk, by=adam, now=at)
    at += timedelta(minutes=12)
    yield at
    drive.give(pk, by=leon, now=at)


def _emergency(bench: Bench) -> Iterator[datetime]:
    at = bench.now - timedelta(minutes=35)
    yield at
    line = ("Ramipril 5mg capsules", "7", "Take one capsule each morning")
    pk = _typed(bench, PrescriptionKind.EMERGENCY_PATIENT, 302, line, by="tess", at=at)
    at += timedelta(minutes=5)
    yield at
    drive.enter(pk, by=bench.people["tess"], now=at)


def _typed(
    bench: Bench,
    kind: PrescriptionKind,
    patient: int,
    line: tuple[str, str, str],
    *,
    by: str,
    at: datetime,
    scans: tuple[int, ...] = (),
) -> int:
    medicine, quantity, directions = line
    product = next(one for one in dictionary().products() if one.name == medicine)
    packs = tuple(dictionary().packs(product.id))
    typed = Typed(
        kind=kind,
        patient=another(patient, on=bench.now.date()),
        prescriber=PRESCRIBER,
        lines=(TypedLine(medicine, quantity, directions, product, packs),),
        signed_on=None if kind.emergency else at.date(),
        reason="Left the capsules at home, 200 miles away" if kind.emergency else "",
    )
    done = typing_in.type_in(
        by=bench.people[by], now=at, key=name_id("typed", kind.value), typed=typed, scan_ids=scans
    )
    return int(done.result["prescription"])


def pdf(*lines: str) -> bytes:
    """One page with these lines, as a scanner might send it (PDF 1.4)."""
    shown = " T* ".join(f"({line.replace('(', '[').replace(')', ']')}) Tj" for line in lines)
    content = f"BT /F1 14 Tf 60 760 Td 24 TL {shown} ET".encode("latin-1", "replace")
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%b\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    body, places = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj%b endobj\n" % (number, one)
    table = b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    return body + table + b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(body)
