"""What is asked for of many patients at once is taken in: looked at first, then written down as requests.

A sheet ends in the same requests as what is written down by hand, one for each patient. What has no patient
here, or could not be read, is filed with the message for a person; nothing of it is lost."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pestle.pharmacy.ledger.chain import canonical
from pestle.pharmacy.people import Person, SiteKind
from pestle.pharmacy.practice.request import From, Way, check_asker
from pestle.pharmacy.practice.request_sheet import Asked, Unread, Verdict
from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.web.actions.documents import File, called, keep
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.actions.requests import Asker, Wanted, written_down
from pestle.web.store import messages, models, request_sheets
from pestle.web.store.knowledge import list_names
from pestle.web.store.request_sheets import Row
from pestle.wire.fhir.request import read_requests
from pestle.wire.tables import requests as tables

NEW = (Verdict.ASKED, Verdict.TO_LOOK_AT, Verdict.IN_WORDS)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet as it came: its bytes, how, who asks, and the files beside it. `anew`: it is asked for again,
    though a file with the same content was taken in before."""

    data: bytes
    way: Way
    came_from: From
    name: str = ""
    file_name: str = ""
    documents: Sequence[File] = ()
    anew: bool = False

    @property
    def digest(self) -> str:
        """What tells its content from any other."""
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True, slots=True)
class Preview:
    """What a sheet would do, and the sheet with the same content that was taken in before."""

    rows: tuple[Row, ...]
    before: models.RequestSheet | None

    @property
    def counts(self) -> Counter[Verdict]:
        """How many rows become what."""
        return Counter(row.verdict for row in self.rows)

    @property
    def seen(self) -> str:
        """What this preview showed, in one word."""
        return hashlib.sha256(canonical({"rows": [row.told() for row in self.rows]})).hexdigest()[:16]


def preview(*, by: Person, sheet: Sheet) -> Preview:
    """What would become of the sheet; nothing is changed. Raises `Refused` as `take_in`."""
    _check(sheet, by=by)
    rows, _ = _read(sheet)
    return Preview(request_sheets.look(by.site_id, rows), request_sheets.same(by.site_id, sheet.digest))


def take_in(*, by: Person, now: datetime, key: str, sheet: Sheet, seen: str | None = None) -> Outcome:
    """Writes down what the sheet asks for. The result has the ``sheet`` (None: nothing in it could be read),
    the ``message`` that keeps it, how many ``requests`` were made, the ``counts`` of rows by verdict, the
    ``refusals`` that are filed, and ``again``: the same content was taken in before, and nothing was done.

    `seen` is what the preview showed (None: nobody looked). What comes by FHIR and cannot be read is filed
    whole. Raises `Refused`: ``sheet.no-practice``, ``sheet.changed-since``, those of `check_asker`, those of
    `tables.read` for an upload, those of `keep`.
    """

    def do() -> Deed:
        site = models.Site.objects.select_for_update(no_key=True).get(pk=by.site_id)
        if SiteKind(site.kind) is not SiteKind.GP_PRACTICE:
            raise refuse("sheet.no-practice", "Requests for repeats are taken at a GP practice")
        _check(sheet, by=by)
        before = request_sheets.same(by.site_id, sheet.digest)
        if before is not None and not sheet.anew:
            told = _result(before.message, before, requests=0, again=True)
            return Deed(f"request_sheet:{before.pk}", {"again": True}, told)
        try:
            read, requester = _read(sheet)
        except Refused as refused:
            if sheet.way is not Way.FHIR:
                raise
            message = _file(sheet, refused.refusals, made=0, by=by, now=now)
            return Deed(f"message:{message.pk}", {"digest": sheet.digest}, _result(message, None, requests=0))
        rows = _locked(by.site_id, read)
        if seen is not None and seen != Preview(rows, None).seen:
            raise refuse("sheet.changed-since", "The lists have changed since you looked at the file",
                         way_out="Look at it again; nothing was written down.")  # fmt: skip
        return _taken(sheet, rows, requester or sheet.name, by=by, now=now)

    request = {
        "digest": sheet.digest, "way": sheet.way.value, "from": sheet.came_from.value, "name": sheet.name,
        "anew": sheet.anew, "documents": [file.digest for file in sheet.documents], "seen": seen,
    }  # fmt: skip
    return once("practice.take_in_requests", by=by, now=now, key=key, request=request, do=do)


def _check(sheet: Sheet, *, by: Person) -> None:
    if found := check_asker(name=sheet.name, by=by):
        raise Refused(*found)


def _read(sheet: Sheet) -> tuple[tuple[Asked | Unread, ...], str]:
    if sheet.way is Way.FHIR:
        received = read_requests(sheet.data, list_names())
        return received.rows, received.requester
    return tables.read(sheet.data, list_names()), ""


def _locked(site_id: int, read: Sequence[Asked | Unread]) -> tuple[Row, ...]:
    """The rows, looked at once their patients are locked, so that nothing is asked for twice."""
    found = request_sheets.patients(site_id, read)
    list(models.Patient.objects.select_for_update(of=("self",)).filter(pk__in=found).order_by("pk"))
    return request_sheets.look(site_id, read)


def _taken(sheet: Sheet, rows: Sequence[Row], name: str, *, by: Person, now: datetime) -> Deed:
    new = [row for row in rows if row.verdict in NEW]
    message = _file(sheet, [row.filed for row in rows if row.filed], made=len(new), by=by, now=now)
    kept = models.RequestSheet.objects.create(
        site_id=by.site_id, message=message, came_from=sheet.came_from.value, way=sheet.way.value,
        name=name.strip()[:120], rows=[row.told() for row in rows], by_id=by.id, at=now,
    )  # fmt: skip
    beside = [_beside(file, kept, by=by, now=now) for file in sheet.documents]
    of_patient: dict[int, list[Row]] = defaultdict(list)
    for row in new:
        if row.patient is not None:
            of_patient[row.patient.pk].append(row)
    asker = Asker(sheet.came_from, name, sheet.way, kept)
    for several in of_patient.values():
        patient = several[0].patient
        assert patient is not None
        written_down(patient, [_wanted(row) for row in several], asker=asker, by=by, now=now)
    result = _result(message, kept, requests=len(of_patient))
    detail = {"digest": sheet.digest, "message": message.pk, "counts": result["counts"],
              "documents": [one.message_id for one in beside]}  # fmt: skip
    return Deed(f"request_sheet:{kept.pk}", detail, result, sealed=[kept, *beside])


def _wanted(row: Row) -> Wanted:
    words = row.asked.line.verbatim if row.asked else row.said
    return Wanted(row.line.id if row.line else None, words, row.said, "; ".join(row.why))


def _file(
    sheet: Sheet, refusals: Sequence[Refusal], *, made: int, by: Person, now: datetime
) -> models.Message:
    """The message that keeps the sheet whole; what of it nobody can be asked for waits for a person."""
    done = f"{made} row{'' if made == 1 else 's'} asked for" if made else "Nothing was asked for"
    filed = f", {len(refusals)} to work through" if refusals else ""
    return messages.file(
        models.Message(
            site_id=by.site_id, direction="in", way="post" if sheet.way is Way.FHIR else "upload",
            name=called(sheet.file_name), kind=request_sheets.KIND, body=sheet.data, digest=sheet.digest,
            at=now, outcome="accepted" if made or not refusals else "refused", summary=f"{done}{filed}",
        ),
        refusals,
    )  # fmt: skip


def _beside(
    file: File, row: models.RequestSheet, *, by: Person, now: datetime
) -> models.RequestSheetDocument:
    message = keep(file, kind=request_sheets.DOCUMENT, summary="Document beside requests", by=by, now=now)
    return models.RequestSheetDocument.objects.create(sheet=row, message=message, by_id=by.id, at=now)


def _result(
    message: models.Message, row: models.RequestSheet | None, *, requests: int, again: bool = False
) -> dict[str, object]:
    counts = Counter(one["verdict"] for one in row.rows) if row else Counter()
    return {
        "sheet": row.pk if row else None, "message": message.pk, "requests": requests, "again": again,
        "counts": dict(sorted(counts.items())), "refusals": message.refusals, "summary": message.summary,
    }  # fmt: skip
