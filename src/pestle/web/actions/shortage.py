"""Something else is supplied under a serious shortage protocol: proposed by whoever assembles, decided by a
pharmacist, who has asked the patient; and taken back while nothing of it was picked."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pestle.pharmacy.dispensary.entry import counted_in
from pestle.pharmacy.dispensary.shortage_protocol import Substitution, allowed, substitute
from pestle.pharmacy.dispensary.workflow import DISPENSING
from pestle.pharmacy.ledger.base_unit import amount_words
from pestle.pharmacy.medicines.concept import Product
from pestle.pharmacy.people import Person
from pestle.pharmacy.refusal import refuse
from pestle.pharmacy.worklist.query import Asked, Kind
from pestle.pharmacy.worklist.workflow import check
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.actions.queries import open_query
from pestle.web.store import models, prescriptions, shortages
from pestle.web.store.knowledge import dictionary, shortage_protocols

_KEPT = ("product_id", "product_name", "release", "unit", "per_unit", "wanted", "directions", "verbatim")
# By when the prescriber is told, where the protocol says that they are.
_TELL_WITHIN = timedelta(days=1)


def propose(
    *, by: Person, now: datetime, key: str, line_id: int, seen: int | None, number: str, product_id: str
) -> Outcome:
    """Proposes what a protocol allows instead; a pharmacist decides.

    Raises `Refused`: ``line.not-open``, ``shortage.begun``, and what `allowed` names.
    """

    def do() -> Deed:
        line, row = _line(line_id, by=by)
        transition = check(DISPENSING, prescriptions.task(row), "propose_instead", by=by, now=now, seen=seen)
        found = allowed(**_asked(line, row, number=number, product_id=product_id, now=now))
        made = _step(line, "proposed", found, by=by, now=now)
        prescriptions.move(row, transition, by=by, now=now)
        return Deed(f"prescription:{row.pk}", _detail(made), {"prescription": row.pk}, sealed=[made])

    request = {"line": line_id, "seen": seen, "protocol": number, "product": product_id}
    return once("dispensary.propose_instead", by=by, now=now, key=key, request=request, do=do)


def decide(
    *,
    by: Person,
    now: datetime,
    key: str,
    line_id: int,
    seen: int | None,
    number: str,
    product_id: str,
    directions: str,
    agreed: bool,
    fits: bool,
) -> Outcome:
    """A pharmacist decides to supply what a protocol allows instead: the patient `agreed`, and the protocol
    `fits` them. The labels of the line are withdrawn, and the checks run on what is supplied now; where the
    protocol says so, a query tells the prescriber.

    Raises `Refused`: ``line.not-open``, ``shortage.begun``, ``shortage.not-fitting``,
    ``shortage.no-directions``, and what `substitute` names.
    """

    def do() -> Deed:
        line, row = _line(line_id, by=by)
        transition = check(DISPENSING, prescriptions.task(row), "supply_instead", by=by, now=now, seen=seen)
        found = substitute(
            **_asked(line, row, number=number, product_id=product_id, now=now), by=by, agreed=agreed
        )
        if not fits:
            raise refuse("shortage.not-fitting", "Say that what the protocol asks for holds for this patient",
                         place="fits", way_out="If it does not, ask the prescriber.")  # fmt: skip
        if len(directions.strip()) < 3:
            raise refuse("shortage.no-directions", "The label needs directions for what is supplied",
                         place="directions")  # fmt: skip
        was, prescribed = {name: getattr(line, name) for name in _KEPT}, line.product_name
        _take(line, found, directions=" ".join(directions.split()))
        made = _step(line, "decided", found, by=by, now=now, was=was)
        told = _inform(line, row, found, prescribed, by=by, now=now) if found.protocol.inform else None
        prescriptions.move(row, transition, by=by, now=now)
        detail = _detail(made) | {
            "directions": line.directions,
            "query": told.result["query"] if told else None,
        }
        sealed = [made, *(told.sealed if told else ())]
        return Deed(f"prescription:{row.pk}", detail, {"prescription": row.pk}, sealed=sealed)

    request = {"line": line_id, "seen": seen, "protocol": number, "product": product_id,
               "directions": directions, "agreed": agreed, "fits": fits}  # fmt: skip
    return once("dispensary.supply_instead", by=by, now=now, key=key, request=request, do=do)


def undo(*, by: Person, now: datetime, key: str, line_id: int, seen: int | None, words: str) -> Outcome:
    """What was prescribed is supplied after all; `words` say why.

    Raises `Refused`: ``line.not-open``, ``shortage.begun``, ``shortage.nothing``, ``shortage.no-reason``.
    """

    def do() -> Deed:
        line, row = _line(line_id, by=by)
        verb = "supply_as_prescribed"
        transition = check(DISPENSING, prescriptions.task(row), verb, by=by, now=now, seen=seen)
        last = shortages.last_steps([line]).get(line.pk)
        if last is None:
            raise refuse("shortage.nothing", "Nothing else was proposed for this line")
        if len(words.strip()) < 3:
            raise refuse("shortage.no-reason", "Say why what was prescribed is supplied after all",
                         place="words")  # fmt: skip
        if last.was is not None and line.protocol:
            for name in _KEPT:
                setattr(line, name, last.was[name])
            line.protocol = ""
            line.save()
            line.labels.update(withdrawn=True)
        made = models.ShortageStep.objects.create(
            line=line, step="undone", protocol=last.protocol, product_id=last.product_id,
            product_name=last.product_name, wanted=last.wanted, words=words.strip()[:300], by_id=by.id,
            at=now,
        )  # fmt: skip
        prescriptions.move(row, transition, by=by, now=now)
        return Deed(f"prescription:{row.pk}", _detail(made), {"prescription": row.pk}, sealed=[made])

    request = {"line": line_id, "seen": seen, "words": words}
    return once("dispensary.supply_as_prescribed", by=by, now=now, key=key, request=request, do=do)


def _line(line_id: int, *, by: Person) -> tuple[models.Line, models.Prescription]:
    found = models.Line.objects.filter(pk=line_id, prescription__site=by.site_id).first()
    if found is None:
        raise refuse("line.unknown", "There is no such line at this site")
    row = prescriptions.locked(found.prescription_id, site_id=by.site_id)
    found.refresh_from_db()
    if found.state != "open":
        raise refuse("line.not-open", f"This line is {found.state}", place=found.medication_text)
    if found.owed or found.picks.filter(undoes=None, undone_by=None).exists():
        raise refuse("shortage.begun", "A part of it is picked, supplied or owed", place=found.product_name,
                     way_out="Put back what is picked, and end what is owed, first.")  # fmt: skip
    return found, row


def _asked(
    line: models.Line, row: models.Prescription, *, number: str, product_id: str, now: datetime
) -> dict[str, Any]:
    """What the rule is asked. Raises `Refused` (``shortage.already``, ``shortage.other-product``)."""
    if line.protocol:
        raise refuse("shortage.already", f"It is supplied under protocol {line.protocol} already")
    prescribed, product = (dictionary().product(one) for one in (line.product_id, product_id))
    if prescribed is None or product is None or line.wanted is None:
        raise refuse("shortage.other-product", "Choose what is supplied instead", place="product")
    return {
        "prescribed": prescribed,
        "wanted": line.wanted,
        "number": number.strip(),
        "product": product,
        "protocols": shortage_protocols(),
        "dictionary": dictionary(),
        "on": now.astimezone(ZoneInfo(row.site.time_zone)).date(),
    }


def _take(line: models.Line, found: Substitution, *, directions: str) -> None:
    base = _base(found.product)
    line.product_id, line.product_name = found.product.id, found.product.name
    line.release = dictionary().release.id
    line.unit, line.per_unit, line.wanted = base.unit.text, base.per_unit, found.wanted
    line.directions, line.verbatim, line.protocol = directions, False, found.protocol.number
    line.save()
    line.labels.update(withdrawn=True)


def _base(product: Product) -> Any:
    base = counted_in(product, dictionary().packs(product.id))
    if base is None:
        raise refuse("shortage.not-counted", f"In what {product.name} is counted is not known",
                     place="product")  # fmt: skip
    return base


def _step(
    line: models.Line,
    step: str,
    found: Substitution,
    *,
    by: Person,
    now: datetime,
    was: dict[str, Any] | None = None,
) -> models.ShortageStep:
    return models.ShortageStep.objects.create(
        line=line, step=step, protocol=found.protocol.number, product_id=found.product.id,
        product_name=found.product.name, wanted=found.wanted, was=was, by_id=by.id, at=now,
    )  # fmt: skip


def _inform(
    line: models.Line,
    row: models.Prescription,
    found: Substitution,
    prescribed: str,
    *,
    by: Person,
    now: datetime,
) -> Deed:
    """A query that tells the prescriber, and for which nothing waits."""
    signed = prescriptions.signed(row)
    amount = amount_words(found.wanted, prescriptions.base(line))
    words = (
        f"For your record: under serious shortage protocol {found.protocol.number} we supply "
        f"{amount} of {found.product.name} instead of {prescribed}. {line.directions}."
    )
    query = models.Query(
        kind=Kind.QUERY.value, asked=Asked.PRESCRIBER.value, holds=False, name=signed.prescriber.name[:120],
        telephone=signed.prescriber.telephone[:30], words=words[:1000], line=line, prescription=row,
        patient=row.patient, product_id=line.product_id, product_name=line.product_name,
    )  # fmt: skip
    return open_query(query, by=by, now=now, due_at=now + _TELL_WITHIN)


def _detail(made: models.ShortageStep) -> dict[str, Any]:
    return {
        "line": made.line_id, "place": made.line.place, "protocol": made.protocol,
        "product": made.product_id, "name": made.product_name, "wanted": made.wanted, "words": made.words,
    }  # fmt: skip
