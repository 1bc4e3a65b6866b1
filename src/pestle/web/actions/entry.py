"""Entry check: each line matched to a product, its quantity and its directions settled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from decimal import Decimal

from pestle.pharmacy.dispensary.entry import Entered, LineEntry, enter
from pestle.pharmacy.dispensary.workflow import DISPENSING
from pestle.pharmacy.medicines.concept import Product
from pestle.pharmacy.people import Person
from pestle.pharmacy.quantity import decimal
from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.pharmacy.worklist.workflow import check
from pestle.web.actions.kind_rules import line_refusals
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.store import models, prescriptions
from pestle.web.store.knowledge import dictionary


@dataclass(frozen=True, slots=True)
class Answer:
    """What the form said of one line, as typed."""

    line_id: int
    product_id: str
    quantity: str
    directions: str
    verbatim: bool
    unit_confirmed: bool = False
    unmatched: str = ""
    name_confirmed: bool = False


def complete_entry(
    *, by: Person, now: datetime, key: str, prescription_id: int, seen: int | None, answers: Sequence[Answer]
) -> Outcome:
    """Settles every open line and sends the prescription to the clinical check.

    Raises `Refused` with everything that is open on any line: see `enter`, and `line_refusals` for what the
    kind of the prescription asks.
    """

    def do() -> Deed:
        row = prescriptions.locked(prescription_id, site_id=by.site_id)
        transition = check(DISPENSING, prescriptions.task(row), "complete_entry", by=by, now=now, seen=seen)
        entered = _enter(row, {answer.line_id: answer for answer in answers})
        for line, result in entered:
            _save(line, result)
        prescriptions.move(row, transition, by=by, now=now)
        detail = {
            "lines": [
                {"line": line.pk, "place": line.place, "product": line.product_id, "wanted": line.wanted,
                 "directions": line.directions, "unmatched": result.unmatched}
                for line, result in entered
            ],
            "release": dictionary().release.id,
        }  # fmt: skip
        return Deed(f"prescription:{row.pk}", detail, {"prescription": row.pk, "step": row.step})

    request = {
        "prescription": prescription_id,
        "seen": seen,
        "answers": [asdict(answer) for answer in answers],
    }
    return once("dispensary.complete_entry", by=by, now=now, key=key, request=request, do=do)


def return_to_entry(
    *, by: Person, now: datetime, key: str, prescription_id: int, seen: int | None, reason: str
) -> Outcome:
    """Sends a prescription back from the clinical check, with what is to be looked at again."""

    def do() -> Deed:
        if len(reason.strip()) < 3:
            raise refuse("entry.no-reason", "Say what is to be looked at again", place="reason")
        row = prescriptions.locked(prescription_id, site_id=by.site_id)
        transition = check(DISPENSING, prescriptions.task(row), "return_to_entry", by=by, now=now, seen=seen)
        prescriptions.move(row, transition, by=by, now=now)
        return Deed(f"prescription:{row.pk}", {"reason": reason.strip()}, {"prescription": row.pk})

    request = {"prescription": prescription_id, "seen": seen, "reason": reason}
    return once("dispensary.return_to_entry", by=by, now=now, key=key, request=request, do=do)


def _enter(row: models.Prescription, answers: dict[int, Answer]) -> list[tuple[models.Line, Entered]]:
    signed = prescriptions.signed(row)
    entered: list[tuple[models.Line, Entered]] = []
    refusals: list[Refusal] = []
    for line in prescriptions.open_lines(row.lines.all()):
        try:
            answer = answers.get(line.pk)
            if answer is None:
                raise refuse("entry.not-matched", "This line was not answered", place=line.medication_text)
            product = _product(answer, line)
            request = prescriptions.request(signed, line)
            packs = dictionary().packs(product.id) if product else ()
            answered = enter(request, _value(answer, request.id, product), packs=packs)
            unlawful = tuple(line_refusals(signed, request, product, site_id=row.site_id))
            if unlawful:
                raise Refused(*unlawful)
            entered.append((line, answered))
        except Refused as refused:
            # Whatever field it was, the person has to find the line.
            refusals.extend(replace(found, place=line.medication_text) for found in refused.refusals)
    if refusals:
        raise Refused(*refusals)
    return entered


def _product(answer: Answer, line: models.Line) -> Product | None:
    if not answer.product_id:
        return None
    product = dictionary().product(answer.product_id)
    if product is None:
        raise refuse(
            "entry.unknown-product", "The dictionary has no such product", place=line.medication_text
        )
    return product


def _value(answer: Answer, item_id: str, product: Product | None) -> LineEntry:
    quantity: Decimal | None = None
    if answer.quantity.strip():
        quantity = decimal(answer.quantity, place="quantity")
    return LineEntry(
        line=item_id,
        product=product,
        quantity=quantity,
        directions=answer.directions,
        verbatim=answer.verbatim,
        name_confirmed=answer.name_confirmed,
        unit_confirmed=answer.unit_confirmed,
        unmatched=answer.unmatched,
    )


def _save(line: models.Line, entered: Entered) -> None:
    line.product_id = entered.product.id if entered.product else ""
    line.product_name = entered.product.name if entered.product else ""
    line.release = dictionary().release.id
    line.unit = entered.base.unit.text if entered.base else ""
    line.per_unit = entered.base.per_unit if entered.base else 1
    line.wanted = entered.wanted
    line.directions = entered.directions
    line.verbatim = entered.verbatim
    line.protocol = ""
    line.save()
    line.labels.update(withdrawn=True)
