"""What is asked for is written down, prepared, refused, passed on, asked about; `signing` has the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from pestle.pharmacy.people import Person
from pestle.pharmacy.practice.next_issue import Amount, Decided, to_prepare
from pestle.pharmacy.practice.repeats import Supply, early_by
from pestle.pharmacy.practice.request import (
    WAITING,
    From,
    Way,
    check_asked,
    check_step,
)
from pestle.pharmacy.practice.traffic_light import check_red
from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.pharmacy.worklist.query import Asked, Kind, Question, check_question
from pestle.web.actions import queries
from pestle.web.actions.medication_list import locked_patient
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.store import medicines_list, models, requests, short_issues
from pestle.web.store.traffic_lights import Told


@dataclass(frozen=True, slots=True)
class Seen:
    """A line of a request as the person saw it: its id and its version."""

    line: int
    version: int


@dataclass(frozen=True, slots=True)
class Answer:
    """Who is asked about a line, by name, and by when the answer is wanted."""

    asked: Asked
    name: str
    due_at: datetime
    telephone: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One thing that is asked for: a line of the list by its id, or in words what is none. `said` is all that
    a row of a sheet said of it, `doubt` what of that a person has to look at."""

    listed: int | None
    text: str = ""
    said: str = ""
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, by name, and how; `sheet` is the file in which it came."""

    came_from: From
    name: str
    way: Way
    sheet: models.RequestSheet | None = None


def ask(
    *,
    by: Person,
    now: datetime,
    key: str,
    patient_id: int,
    came_from: From,
    name: str,
    listed: Sequence[int],
    others: Sequence[str] = (),
    words: str = "",
) -> Outcome:
    """Writes down a request: lines of the list by their ids, and in words what is not on it.

    A line of which an open request is there already is not written twice. Raises `Refused`:
    ``patient.unknown``, ``request.already`` when nothing is left, those of `check_asked`.
    """

    def do() -> Deed:
        patient = locked_patient(patient_id, by=by)
        texts = [text.strip() for text in others if text.strip()]
        check_asked(name=name, lines=len(listed) + len(texts), by=by)
        wanted = [*(Wanted(pk) for pk in dict.fromkeys(listed)), *(Wanted(None, text) for text in texts)]
        asker = Asker(came_from, name, Way.FORM)
        request, made, already = written_down(patient, wanted, asker=asker, words=words, by=by, now=now)
        if request is None:
            raise refuse(
                "request.already", "All of this is asked for already", way_out="Look at the open request."
            )
        told = {"request": request.pk, "lines": made, "already": already}
        return Deed(f"patient:{patient.pk}", told, {"request": request.pk, "already": already})

    asked = {
        "patient": patient_id, "from": came_from.value, "name": name, "listed": sorted(listed),
        "others": list(others), "words": words,
    }  # fmt: skip
    return once("practice.ask_for_repeats", by=by, now=now, key=key, request=asked, do=do)


def written_down(
    patient: models.Patient,
    wanted: Sequence[Wanted],
    *,
    asker: Asker,
    words: str = "",
    by: Person,
    now: datetime,
) -> tuple[models.RepeatRequest | None, int, list[int]]:
    """Makes the request of a patient, who is locked, within an action: the request, how many lines it has,
    and which lines of the list are asked for already. None where nothing is left to ask for."""
    rows = medicines_list.locked(patient, [one.listed for one in wanted if one.listed is not None])
    open_ = set(
        models.RequestLine.objects.filter(
            patient=patient, state__in=requests.OPEN, listed__in=list(rows)
        ).values_list("listed", flat=True)
    )
    new = [one for one in wanted if one.listed is None or (one.listed in rows and one.listed not in open_)]
    if not new:
        return None, 0, sorted(open_)
    request = models.RepeatRequest.objects.create(
        site_id=by.site_id, patient=patient, came_from=asker.came_from.value, way=asker.way.value,
        name=asker.name.strip()[:120], words=words.strip()[:1000], sheet=asker.sheet, by_id=by.id, at=now,
    )  # fmt: skip
    models.RequestLine.objects.bulk_create(
        models.RequestLine(
            request=request, site_id=by.site_id, patient=patient, listed=row,
            text=(row.text if row else one.text)[:300], said=one.said[:500], doubt=one.doubt[:500],
            state=WAITING, at=now,
        )
        for one in new
        for row in (rows[one.listed] if one.listed is not None else None,)
    )  # fmt: skip
    return request, len(new), sorted(open_)


def step(
    *,
    by: Person,
    now: datetime,
    key: str,
    lines: Sequence[Seen],
    verb: str,
    words: str = "",
    amounts: dict[int, tuple[str, int]] | None = None,
    answer: Answer | None = None,
) -> Outcome:
    """Does one verb (``prepare``, ``refuse``, ``pass_on``, ``back``, ``ask``) to several lines, or to none.

    `amounts` has for a line the quantity that is to be issued once and for how many days, where it is not the
    list's; what was decided of its next issue goes before the list. ``ask`` opens a query for each, by
    `answer`. Raises `Refused`: ``request.none``, ``request.unknown``, those of `check_step`, `to_prepare`,
    `check_red` and `check_question`.
    """
    changed = amounts or {}

    def do() -> Deed:
        seen = locked(lines, by=by, none="Choose what it is about")
        rows = [row for row, _ in seen]
        on = now.astimezone(ZoneInfo(rows[0].patient.site.time_zone)).date()
        refusals: list[Refusal] = []
        said = short_issues.of_lines(rows, now=now) if verb == "prepare" else {}
        issued = requests.supplies([row.listed_id for row in rows if row.listed_id], on=on)
        lights = requests.lights(rows) if verb == "prepare" else {}
        for row, version in seen:
            decided = said.get(row.listed_id or 0, short_issues.NOTHING).decided
            amount = changed.get(row.pk)
            last = issued.get(row.listed_id or 0, [None])[-1]
            try:
                _step(row, verb, version, words, amount, decided, last, answer, by=by, now=now, on=on)
                if verb == "prepare":
                    _though_red(row, lights, words, by=by)
            except Refused as refused:
                refusals += refused.refusals
        if refusals:
            raise Refused(*dict.fromkeys(refusals))
        ids = [row.pk for row in rows]
        return Deed("requests", {"lines": ids, "verb": verb, "words": words.strip()}, {"lines": ids})

    request = {
        "lines": [[one.line, one.version] for one in lines], "verb": verb, "words": words,
        "amounts": {str(line): list(amount) for line, amount in changed.items()},
        "asked": [answer.asked.value, answer.name, answer.due_at.isoformat()] if answer else None,
    }  # fmt: skip
    return once("practice.step_request", by=by, now=now, key=key, request=request, do=do)


def mean(*, by: Person, now: datetime, key: str, line: Seen, listed_id: int) -> Outcome:
    """Says which line of the list a request in words means; from then on it is a request for that.

    Raises `Refused`: ``request.unknown``, ``request.meant`` (it is for a line already), ``request.already``
    (that line is asked for), those of `check_step`.
    """

    def do() -> Deed:
        ((row, version),) = locked([line], by=by, none="Choose what it is about")
        if row.listed_id is not None:
            raise refuse("request.meant", f"It is a request for {row.text} already", place="means")
        listed = medicines_list.locked(row.patient, [listed_id]).get(listed_id)
        on = now.astimezone(ZoneInfo(row.patient.site.time_zone)).date()
        to = check_step(
            requests.task(row), "mean", line=medicines_list.value(listed) if listed else None, early=None,
            words="", by=by, now=now, on=on, seen=version,
        )  # fmt: skip
        others = models.RequestLine.objects.filter(patient=row.patient, state__in=requests.OPEN)
        if listed is None or others.filter(listed=listed).exists():
            raise refuse("request.already", "That line is asked for already", place="means",
                         way_out="Refuse this one, as asked for twice.")  # fmt: skip
        words = f"“{row.text}” means {listed.text}"
        row.listed, row.text, row.doubt = listed, listed.text[:300], ""
        requests.move(row, to, by=by, at=now, words=words)
        return Deed("requests", {"line": row.pk, "listed": listed.pk}, {"line": row.pk})

    request = {"line": [line.line, line.version], "listed": listed_id}
    return once("practice.mean_request", by=by, now=now, key=key, request=request, do=do)


def locked(lines: Sequence[Seen], *, by: Person, none: str) -> list[tuple[models.RequestLine, int]]:
    """The lines that a person saw, locked in their order, each with the version that was seen. Raises
    `Refused`: ``request.none`` (with these words), ``request.unknown``."""
    if not lines:
        raise refuse("request.none", none)
    versions = {one.line: one.version for one in lines}
    rows = requests.locked(versions, site_id=by.site_id)
    if len(rows) < len(versions):
        raise refuse("request.unknown", "There is no such request at this site")
    return [(row, versions[row.pk]) for row in rows]


def _step(
    row: models.RequestLine,
    verb: str,
    version: int,
    words: str,
    amount: tuple[str, int] | None,
    decided: Decided | None,
    last: Supply | None,
    answer: Answer | None,
    *,
    by: Person,
    now: datetime,
    on: date,
) -> None:
    line = medicines_list.value(row.listed) if row.listed else None
    early = early_by(last, on=on)
    to = check_step(
        requests.task(row), verb, line=line, early=early, words=words, by=by, now=now, on=on, seen=version,
        doubt=row.doubt,
    )  # fmt: skip
    if verb == "prepare" and row.listed is not None and line is not None:
        asked = Amount(Decimal(amount[0]), Decimal(amount[1])) if amount else None
        wanted = to_prepare(short_issues.next_line(line), decided, asked)
        row.order_id = row.listed.order_id
        row.quantity = str(wanted.quantity) if wanted else ""
        row.days = int(wanted.days) if wanted and wanted.days is not None else None
        held = line.order.request.quantity
        row.unit = held.unit.text[:60] if wanted and held else ""
        words = "; ".join(each for each in (decided.told if decided else "", words.strip()) if each)
    if verb == "ask":
        row.query = _query(row, words, answer, by=by, now=now)
    requests.move(row, to, by=by, at=now, words=words)


def _though_red(row: models.RequestLine, lights: Mapping[int, Told], words: str, *, by: Person) -> None:
    """Keeps that a prescriber has decided to issue what is hospital only. Raises `Refused`: `check_red`."""
    told = lights[row.listed_id or 0]
    if found := check_red(told.entries, name=row.text, indication=told.indication, words=words, by=by):
        raise Refused(*found)
    row.though_red = told.red
    row.save(update_fields=("though_red",))


def _query(
    row: models.RequestLine, words: str, answer: Answer | None, *, by: Person, now: datetime
) -> models.Query:
    if answer is None:
        raise refuse("query.nobody", "Say who is asked", place="asked")
    question = Question(answer.asked, answer.name, words, answer.due_at, of_prescription=False, holds=False)
    check_question(question, by=by, now=now)
    query = models.Query(
        kind=Kind.QUERY.value, asked=answer.asked.value, name=answer.name.strip(), telephone=answer.telephone,
        words=words.strip(), patient=row.patient, product_name=row.text,
        product_id=row.listed.product_id if row.listed else "",
    )  # fmt: skip
    queries.open_query(query, by=by, now=now, due_at=answer.due_at)
    return query
