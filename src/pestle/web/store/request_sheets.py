"""Sheets of requests: whose is each row, which line of their list does it mean, and what becomes of it?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from pestle.pharmacy.practice.medicines_list import Listed
from pestle.pharmacy.practice.reconciliation.line import ListLine
from pestle.pharmacy.practice.reconciliation.listed import listed_line
from pestle.pharmacy.practice.request_sheet import Asked, Unread, Verdict, meaning
from pestle.pharmacy.refusal import Refusal
from pestle.web.store import medicines_list, models, requests
from pestle.web.store.knowledge import list_names, reconciling
from pestle.web.store.patients import folded

KIND, DOCUMENT = "request_sheet", "request_sheet_document"
NEWEST = 20


@dataclass(frozen=True, slots=True)
class Row:
    """One row, and what becomes of it. `patient` and `line` are None where they are not known; `why` says why
    somebody has to look at it, and `filed` is what is filed for a person, of a row that has no patient."""

    place: str
    said: str
    asked: Asked | None
    patient: models.Patient | None
    line: Listed | None
    verdict: Verdict
    why: tuple[str, ...] = ()
    filed: Refusal | None = None

    def told(self) -> dict[str, Any]:
        """The row as it is kept."""
        return {
            "place": self.place, "said": self.said[:1000], "verdict": self.verdict.value,
            "patient": self.patient.pk if self.patient else None,
            "listed": self.line.name if self.line else "", "why": list(self.why),
        }  # fmt: skip


def look(site_id: int, rows: Sequence[Asked | Unread]) -> tuple[Row, ...]:
    """What becomes of every row, in its order; the number of queries does not grow with the rows."""
    people = _People(site_id, [one for one in rows if isinstance(one, Asked)])
    found = [(one, people.of(one) if isinstance(one, Asked) else one.why) for one in rows]
    lists = _Lists(site_id, found)
    return tuple(lists.row(one, whose) for one, whose in found)


def patients(site_id: int, rows: Sequence[Asked | Unread]) -> set[int]:
    """Of which patients the rows are, by their ids; two queries."""
    asked = [one for one in rows if isinstance(one, Asked)]
    people = _People(site_id, asked)
    return {whose.pk for one in asked if isinstance(whose := people.of(one), models.Patient)}


class _People:
    """The patients of a site that the rows may be of, in two queries."""

    def __init__(self, site_id: int, rows: Sequence[Asked]) -> None:
        here = models.Patient.objects.filter(site=site_id)
        numbers = {one.number.digits for one in rows if one.number}
        born = {one.born for one in rows if one.number is None and one.born}
        self._by_number = {row.nhs_number: row for row in here.filter(nhs_number__in=numbers)}
        self._by_born: dict[Any, list[models.Patient]] = defaultdict(list)
        for row in here.filter(born__in=born) if born else ():
            self._by_born[row.born].append(row)

    def of(self, asked: Asked) -> models.Patient | Refusal:
        """Whose row it is: by the number, which a name and a birth date beside it must not contradict; else
        by the whole name and the date of birth, where one patient alone has both."""
        if asked.number is not None:
            row = self._by_number.get(asked.number.digits)
            if row is None:
                return _filed("sheet.nobody", "Nobody here has this NHS number", asked)
            if asked.born is not None and asked.born != row.born:
                return _filed(
                    "sheet.other-birth-date", "The NHS number is held with another date of birth", asked
                )
            if asked.person and not _words(row.family) <= _words(asked.person):
                return _filed("sheet.other-surname", "The NHS number is held with another surname", asked)
        else:
            several = [one for one in self._by_born[asked.born] if _is_called(one, asked.person)]
            if len(several) != 1:
                rule, many = ("sheet.several", "Several patients") if several else ("sheet.nobody", "Nobody")
                return _filed(
                    rule, f"{many} here {'have' if several else 'has'} this name and date of birth", asked
                )
            (row,) = several
        if row.died is not None:
            return _filed("sheet.died", "The patient has died", asked)
        return row


def _filed(rule: str, reason: str, asked: Asked) -> Refusal:
    return Refusal(rule, reason, asked.place, "Ask who sent it; nothing was asked for.")


def _words(name: str) -> set[str]:
    return set(folded([name]).split())


def _is_called(row: models.Patient, person: str) -> bool:
    return _words(" ".join((row.family, *row.given[:1]))) <= _words(person)


class _Lists:
    """The lists of the patients, what of them is asked for already, and the prescriptions that are named."""

    def __init__(
        self, site_id: int, found: Iterable[tuple[Asked | Unread, models.Patient | Refusal]]
    ) -> None:
        patients = {whose.pk for _, whose in found if isinstance(whose, models.Patient)}
        listed = models.ListedMedicine.objects.filter(patient__in=patients).exclude(
            status=medicines_list.ENDED
        )
        self._listed: dict[int, list[Listed]] = defaultdict(list)
        self._lines: dict[int, list[ListLine]] = defaultdict(list)
        for row in listed.select_related("order").order_by("pk"):
            line = medicines_list.value(row)
            self._listed[row.patient_id].append(line)
            self._lines[row.patient_id].append(listed_line(line, list_names()))
        self._open = set(
            models.RequestLine.objects.filter(patient__in=patients, state__in=requests.OPEN)
            .exclude(listed=None)
            .values_list("listed", flat=True)
        )
        named = {one.prior for one, _ in found if isinstance(one, Asked) and one.prior}
        items = models.IssuedItem.objects.filter(item_id__in=named, prescription__site=site_id)
        self._prior = dict(items.values_list("item_id", "listed"))
        self._seen: dict[tuple[int, str], str] = {}

    def row(self, one: Asked | Unread, whose: models.Patient | Refusal) -> Row:
        """What becomes of a row; to be asked for each in its order, since the same may be asked for twice."""
        if isinstance(whose, Refusal):
            asked = one if isinstance(one, Asked) else None
            return Row(one.place, one.verbatim, asked, None, None, Verdict.FILED, (whose.reason,), whose)
        assert isinstance(one, Asked)
        lines, also = self._candidates(one, whose)
        usual = {str(line.id): line.order.request.quantity for line in self._listed[whose.pk]}
        meant = meaning(one, lines, usual, reconciling())
        line = next((each for each in self._listed[whose.pk] if str(each.id) == meant.key), None)
        verdict = Verdict.TO_LOOK_AT if line is not None and also else meant.verdict
        why = (*also, *meant.why)
        same = (whose.pk, str(line.id) if line else one.line.verbatim.casefold())
        if same in self._seen:
            verdict, why = Verdict.ALREADY, (f"in {self._seen[same]} of the same file",)
        elif line is not None and line.id in self._open:
            verdict, why = Verdict.ALREADY, ("an open request has it",)
        self._seen.setdefault(same, one.place)
        return Row(one.place, one.verbatim, one, whose, line, verdict, why)

    def _candidates(self, asked: Asked, whose: models.Patient) -> tuple[list[ListLine], tuple[str, ...]]:
        """The lines that may be meant: of a prescription that is named, the one that it was made from."""
        lines = self._lines[whose.pk]
        if not asked.prior:
            return lines, ()
        named = str(self._prior.get(asked.prior, ""))
        only = [line for line in lines if line.key == named]
        return (only, ()) if only else (lines, ("it names a prescription that is none of theirs here",))


def here(site_id: int, sheet_id: int) -> models.RequestSheet | None:
    """The sheet of that id at the site; None for any other."""
    return _here(site_id).filter(pk=sheet_id).first()


def newest(site_id: int) -> QuerySet[models.RequestSheet]:
    """The sheets that were taken in last."""
    return _here(site_id).order_by("-at", "-pk")[:NEWEST]


def same(site_id: int, digest: str) -> models.RequestSheet | None:
    """The latest sheet with just this content."""
    return _here(site_id).filter(message__digest=digest).order_by("-at", "-pk").first()


def _here(site_id: int) -> QuerySet[models.RequestSheet]:
    """The sheets of a site with what is shown of them, which the file is not."""
    found = models.RequestSheet.objects.filter(site=site_id).select_related("by", "message__task")
    return found.defer("message__body")


def document(site_id: int, message_id: int) -> models.Message | None:
    """A file that came beside a sheet; None when it is not the site's."""
    return models.Message.objects.filter(site=site_id, pk=message_id, kind=DOCUMENT).first()


def patients_of(row: models.RequestSheet) -> dict[int, models.Patient]:
    """The patients of its rows by their ids; those of another site are nobody's."""
    ids = {one["patient"] for one in row.rows if one["patient"]}
    return {one.pk: one for one in models.Patient.objects.filter(site=row.site_id, pk__in=ids)}
