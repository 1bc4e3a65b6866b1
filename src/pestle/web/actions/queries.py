"""Asking somebody outside, trying again, taking down the answer, and going on; and calling back who rang."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from pestle.pharmacy.people import Person
from pestle.pharmacy.refusal import refuse
from pestle.pharmacy.worklist.query import (
    OPEN,
    SHORTEST,
    Asked,
    Kind,
    Question,
    Tried,
    Way,
    check_answer,
    check_attempt,
    check_call_back,
    check_query,
    check_question,
)
from pestle.pharmacy.worklist.workflow import Transition
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.store import models, people, prescriptions, queries
from pestle.web.store.knowledge import dictionary


@dataclass(frozen=True, slots=True)
class About:
    """What a query is about, by ids: a line, a prescription, a patient or a product; the first given."""

    line_id: int | None = None
    prescription_id: int | None = None
    patient_id: int | None = None
    product_id: str = ""
    finding: str = ""


def ask(
    *,
    by: Person,
    now: datetime,
    key: str,
    about: About,
    asked: Asked | None,
    name: str,
    telephone: str,
    words: str,
    due_at: datetime,
    holds: bool,
    owner_id: int | None,
) -> Outcome:
    """Opens a query; `owner_id` looks after it, None: the team. With `holds` the line waits, see `Question`.

    Raises `Refused`: those of `check_question`, ``query.nobody``, ``query.owner``, ``line.unknown``,
    ``prescription.unknown``, ``patient.unknown``, ``query.unknown-product``, ``query.closed``.
    """

    def do() -> Deed:
        if asked is None:
            raise refuse("query.nobody", "Say who is asked", place="asked")
        found = _subject(about, by=by)
        question = Question(asked, name, words, due_at, found.prescription is not None, holds)
        check_question(question, by=by, now=now)
        if holds and found.prescription is not None and found.prescription.step == "closed":
            raise refuse("query.closed", "This prescription is closed: nothing of it can wait", place="holds")
        row = found
        row.kind, row.asked, row.holds = Kind.QUERY.value, asked.value, holds
        row.name, row.telephone, row.words = name.strip(), telephone.strip(), words.strip()
        row.finding = about.finding[:32]
        return _opened(row, by=by, now=now, owner_id=owner_id, due_at=due_at)

    request = {
        "line": about.line_id, "prescription": about.prescription_id, "patient": about.patient_id,
        "product": about.product_id, "finding": about.finding, "asked": asked.value if asked else None,
        "name": name, "telephone": telephone, "words": words, "due": due_at.isoformat(), "holds": holds,
        "owner": owner_id,
    }  # fmt: skip
    return once("queries.ask", by=by, now=now, key=key, request=request, do=do)


def log_call(
    *,
    by: Person,
    now: datetime,
    key: str,
    patient_id: int | None,
    caller: str,
    telephone: str,
    about: str,
    told: str,
    call_back: str = "",
    due_at: datetime | None = None,
    owner_id: int | None = None,
) -> Outcome:
    """Puts a call on record; what is to be rung back about (`call_back`) is looked after by `owner_id`.

    Raises `Refused`: ``call.no-caller``, ``call.no-subject``, ``call-back.no-deadline``, those of
    `check_call_back`, ``query.owner``, ``patient.unknown``.
    """

    def do() -> Deed:
        if len(caller.strip()) < SHORTEST:
            raise refuse("call.no-caller", "Say who rang", place="caller")
        if len(about.strip()) < SHORTEST:
            raise refuse("call.no-subject", "Say what it was about", place="about")
        patient = _patient(patient_id, by=by) if patient_id is not None else None
        call = models.Call.objects.create(
            site_id=by.site_id, patient=patient, caller=caller.strip(), telephone=telephone.strip(),
            about=about.strip(), told=told.strip(), by_id=by.id, at=now,
        )  # fmt: skip
        detail = {"call": call.pk}
        if not call_back.strip():
            return Deed(f"call:{call.pk}", detail, {"call": call.pk}, sealed=[call])
        if due_at is None:
            raise refuse("call-back.no-deadline", "Say by when you ring back", place="call back by")
        check_call_back(words=call_back, due_at=due_at, by=by, now=now)
        row = models.Query(
            site_id=by.site_id, kind=Kind.CALL_BACK.value, asked=Asked.PATIENT.value, name=caller.strip(),
            telephone=telephone.strip(), words=call_back.strip(), patient=patient, call=call,
        )  # fmt: skip
        return _opened(row, by=by, now=now, owner_id=owner_id, due_at=due_at, call=call)

    request = {
        "patient": patient_id, "caller": caller, "telephone": telephone, "about": about, "told": told,
        "call_back": call_back, "due": due_at.isoformat() if due_at else None, "owner": owner_id,
    }  # fmt: skip
    return once("queries.log_call", by=by, now=now, key=key, request=request, do=do)


def attempt(
    *,
    by: Person,
    now: datetime,
    key: str,
    query_id: int,
    seen: int | None,
    way: Way | None,
    outcome: Tried | None,
    name: str = "",
    words: str = "",
    happened_at: datetime | None = None,
) -> Outcome:
    """Puts a try on record. Raises `Refused`: those of `check_attempt` and `check_query`."""

    def do(row: models.Query, transition: Transition) -> models.QueryEvent:
        at = happened_at or now
        check_attempt(outcome=outcome, way=way, happened_at=at, now=now)
        return queries.move(
            row, transition, by=by, at=now, happened_at=at, way=way.value if way else "",
            outcome=outcome.value if outcome else "", name=name.strip(), words=words.strip(),
        )  # fmt: skip

    request = {"way": way.value if way else None, "outcome": outcome.value if outcome else None,
               "name": name, "words": words,
               "happened": happened_at.isoformat() if happened_at else None}  # fmt: skip
    return _act("attempt", query_id, do, by=by, now=now, key=key, seen=seen, request=request)


def answer(
    *, by: Person, now: datetime, key: str, query_id: int, seen: int | None, source: str, words: str
) -> Outcome:
    """Takes down the answer, from `source`; it goes back to who asked. A call-back is done with it.

    Raises `Refused`: those of `check_answer` and `check_query`."""

    def do(row: models.Query, transition: Transition) -> models.QueryEvent:
        check_answer(words=words, source=source)
        return queries.move(row, transition, by=by, at=now, name=source.strip(), words=words.strip())

    request = {"source": source, "words": words}
    return _act("answer", query_id, do, by=by, now=now, key=key, seen=seen, request=request)


def close(*, by: Person, now: datetime, key: str, query_id: int, seen: int | None, words: str) -> Outcome:
    """Whoever asked, or a pharmacist, has read the answer: `words` say what follows. The line goes on."""
    return _with_words("close", "Say what follows from the answer", words, query_id,
                       by=by, now=now, key=key, seen=seen)  # fmt: skip


def ask_again(*, by: Person, now: datetime, key: str, query_id: int, seen: int | None, words: str) -> Outcome:
    """The answer was none, or not enough: `words` say what is still to be asked."""
    return _with_words("ask_again", "Say what is still to be asked", words, query_id,
                       by=by, now=now, key=key, seen=seen)  # fmt: skip


def withdraw(*, by: Person, now: datetime, key: str, query_id: int, seen: int | None, words: str) -> Outcome:
    """It need not be answered any more: `words` say why."""
    return _with_words("withdraw", "Say why it need not be answered any more", words, query_id,
                       by=by, now=now, key=key, seen=seen)  # fmt: skip


def pass_on(
    *,
    by: Person,
    now: datetime,
    key: str,
    query_id: int,
    seen: int | None,
    owner_id: int | None,
    due_at: datetime,
    words: str = "",
) -> Outcome:
    """Somebody else looks after it, or it is wanted by another time. A call-back keeps its time.

    Raises `Refused`: ``query.owner``, ``query.deadline-past``, ``call-back.time-stands``, those of
    `check_query`."""

    def do(row: models.Query, transition: Transition) -> models.QueryEvent:
        moved = due_at != row.standing.due_at
        if moved and row.kind == Kind.CALL_BACK.value:
            raise refuse("call-back.time-stands", "A call-back stays due when it was said to be",
                         place="deadline", way_out="Ring before it, and agree on another.")  # fmt: skip
        if moved and due_at <= now:
            raise refuse("query.deadline-past", "The answer cannot be wanted by a time that has passed",
                         place="deadline")  # fmt: skip
        return queries.move(
            row,
            transition,
            by=by,
            at=now,
            owner_id=_owner(owner_id, by=by),
            due_at=due_at,
            words=words.strip(),
        )

    request = {"owner": owner_id, "due": due_at.isoformat(), "words": words}
    return _act("pass_on", query_id, do, by=by, now=now, key=key, seen=seen, request=request)


def _with_words(
    verb: str,
    wanted: str,
    words: str,
    query_id: int,
    *,
    by: Person,
    now: datetime,
    key: str,
    seen: int | None,
) -> Outcome:
    def do(row: models.Query, transition: Transition) -> models.QueryEvent:
        if len(words.strip()) < SHORTEST:
            raise refuse("query.no-reason", wanted, place="words")
        return queries.move(row, transition, by=by, at=now, words=words.strip())

    return _act(verb, query_id, do, by=by, now=now, key=key, seen=seen, request={"words": words})


def _act(
    verb: str,
    query_id: int,
    do: Callable[[models.Query, Transition], models.QueryEvent],
    *,
    by: Person,
    now: datetime,
    key: str,
    seen: int | None,
    request: Mapping[str, object],
) -> Outcome:
    def deed() -> Deed:
        row = queries.locked(query_id, site_id=by.site_id)
        event = do(row, check_query(queries.value(row), verb, by=by, now=now, seen=seen))
        result = {"query": row.pk, "state": row.standing.state}
        return Deed(f"query:{row.pk}", {"event": event.pk}, result, sealed=[event])

    whole = {"query": query_id, "seen": seen, **request}
    return once(f"queries.{verb}", by=by, now=now, key=key, request=whole, do=deed)


def open_query(row: models.Query, *, by: Person, now: datetime, due_at: datetime) -> Deed:
    """Opens a query inside a running action; the team looks after it."""
    return _opened(row, by=by, now=now, owner_id=None, due_at=due_at)


def _opened(
    row: models.Query,
    *,
    by: Person,
    now: datetime,
    owner_id: int | None,
    due_at: datetime,
    call: models.Call | None = None,
) -> Deed:
    row.site_id, row.by_id, row.at = by.site_id, by.id, now
    row.save(force_insert=True)
    models.QueryStanding.objects.create(
        query=row, site_id=by.site_id, state=OPEN, owner_id=_owner(owner_id, by=by), due_at=due_at
    )
    detail = {"query": row.pk, "kind": row.kind, "asked": row.asked, "holds": row.holds,
              "line": row.line_id, "due": due_at.isoformat()}  # fmt: skip
    result = {"query": row.pk} | ({"call": call.pk} if call else {})
    return Deed(f"query:{row.pk}", detail, result, sealed=[one for one in (call, row) if one is not None])


def _subject(about: About, *, by: Person) -> models.Query:
    """A query about it, not saved yet. A prescription is locked: nobody approves a line meanwhile."""
    row = models.Query()
    if about.line_id is not None:
        line = models.Line.objects.filter(pk=about.line_id, prescription__site=by.site_id).first()
        if line is None:
            raise refuse("line.unknown", "There is no such line at this site")
        row.line, row.prescription = line, prescriptions.locked(line.prescription_id, site_id=by.site_id)
    elif about.prescription_id is not None:
        row.prescription = prescriptions.locked(about.prescription_id, site_id=by.site_id)
    elif about.patient_id is not None:
        row.patient = _patient(about.patient_id, by=by)
    else:
        product = dictionary().product(about.product_id) if about.product_id else None
        if product is None:
            raise refuse("query.unknown-product", "Say what it is about", place="about")
        row.product_id, row.product_name = product.id, product.name
    if row.prescription is not None:
        row.patient = row.prescription.patient
    if row.line is not None:
        row.product_id, row.product_name = row.line.product_id, row.line.product_name
    return row


def _patient(patient_id: int, *, by: Person) -> models.Patient:
    row = models.Patient.objects.filter(pk=patient_id, site=by.site_id).first()
    if row is None:
        raise refuse("patient.unknown", "There is no such patient at this site")
    return row


def _owner(owner_id: int | None, *, by: Person) -> int | None:
    if owner_id is not None and not any(one.id == owner_id for one in people.team(by.site_id)):
        raise refuse("query.owner", "Whoever looks after it works at this site", place="owner")
    return owner_id
