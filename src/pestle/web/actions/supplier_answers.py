"""A supplier's answer to an order comes as a file: kept whole, and applied whole or not at all."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from pestle.pharmacy.ledger.confirmation import Answer, Said, Settled, settle
from pestle.pharmacy.medicines.concept import Pack
from pestle.pharmacy.people import Person
from pestle.pharmacy.refusal import Refused, refuse
from pestle.web.actions.differences import may_keep_stock
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.actions.orders import locked, ordered
from pestle.web.store import messages, models, orders
from pestle.web.store.knowledge import dictionary
from pestle.wire.suppliers.formats import FORMATS

_WORDS = {Said.SHORT: "short, says the supplier’s file", Said.REFUSED: "refused, says the supplier’s file"}


def take_in_answer(
    *, by: Person, now: datetime, key: str, order_id: int, name: str, data: bytes, format: str
) -> Outcome:
    """Files what a supplier sent, and applies it to the order: what is short or refused is no longer to come.

    Whatever is wrong with the file is its outcome, not an exception: it is kept whole and waits in the list
    of refused messages, and nothing of it is applied. The result says what became of it: ``{"order",
    "message", "outcome", "refusals"}``; the outcome is accepted, refused, or duplicate for a file that was
    applied before. Raises `Refused` only for the person: ``stock.role``, ``order.unknown``,
    ``confirmation.format``, ``messages.empty``.
    """
    digest = hashlib.sha256(data).hexdigest()
    called = name.encode(errors="replace").decode().replace("\x00", "?")[:200]

    def do() -> Deed:
        may_keep_stock(by)
        found = locked(by, order_id)
        if format not in FORMATS:
            raise refuse("confirmation.format", "Choose in which format the file is", place="format")
        if not data:
            raise refuse("messages.empty", "The file is empty", place="file")
        message = models.Message(
            site_id=by.site_id, direction="in", way="upload", name=called, kind=messages.SUPPLIER_ANSWER,
            body=data, digest=digest, at=now,
        )  # fmt: skip
        before = models.SupplierAnswer.objects.filter(line__order=found.order, message__digest=digest)
        settled: tuple[Settled, ...] = ()
        refused: Refused | None = None
        if not before.exists():
            try:
                settled = _settled(found, data, format, now=now, by=by)
            except Refused as error:
                refused = error
        message.outcome = "refused" if refused else "accepted" if settled else "duplicate"
        message.summary = _summary(found, settled, refused)
        messages.file(message, refused.refusals if refused else ())
        rows = [_row(one, message, by=by, now=now) for one in settled]
        missing = [_missing(one, by=by, now=now) for one in settled if not one.answer.said.comes]
        detail = {
            "order": order_id, "message": message.pk, "digest": digest, "outcome": message.outcome,
            "said": dict(Counter(one.answer.said.value for one in settled)),
            "rules": sorted({one.rule for one in refused.refusals}) if refused else [],
        }  # fmt: skip
        result = {"order": order_id, "message": message.pk, "outcome": message.outcome,
                  "refusals": message.refusals}  # fmt: skip
        return Deed(f"order:{order_id}", detail, result, sealed=[*rows, *missing])

    request = {"order": order_id, "file": digest, "name": called, "format": format}
    return once("stock.take_in_answer", by=by, now=now, key=key, request=request, do=do)


def _settled(
    found: orders.OrderAt, data: bytes, format: str, *, now: datetime, by: Person
) -> tuple[Settled, ...]:
    confirmation = FORMATS[format].read(data)
    site = models.Site.objects.get(pk=by.site_id)
    return settle(
        confirmation,
        order=found.order.number,
        lines=ordered(found),
        known=_known(confirmation.answers),
        on=now.astimezone(ZoneInfo(site.time_zone)).date(),
    )


def _known(answers: Iterable[Answer]) -> dict[str, tuple[Pack, str]]:
    """The packs of the dictionary by the codes of the answers; what is no code is not among them."""
    found = {}
    for gtin in {code for answer in answers for code in (answer.gtin, answer.instead) if code}:
        try:
            pack = dictionary().pack_by_gtin(gtin)
        except Refused:
            continue
        if pack is not None:
            found[gtin] = (pack, orders.generic_of(pack.product_id))
    return found


def _summary(found: orders.OrderAt, settled: tuple[Settled, ...], refused: Refused | None) -> str:
    number = found.order.number
    if refused:
        more = f", and {len(refused.refusals) - 1} more" if len(refused.refusals) > 1 else ""
        return f"{number}: {refused.refusals[0]}{more}"[:300]
    return f"{number}: {len(settled)} answers applied" if settled else f"{number}: applied before"


def _row(one: Settled, message: models.Message, *, by: Person, now: datetime) -> models.SupplierAnswer:
    answer = one.answer
    return models.SupplierAnswer.objects.create(
        line_id=one.line, message=message, said=answer.said.value, packs=answer.packs, pence=answer.pence,
        expected_on=answer.expected, words=answer.words, by_id=by.id, at=now,
        instead_id=one.instead.id if one.instead else "",
        instead_name=one.instead.name if one.instead else "",
    )  # fmt: skip


def _missing(one: Settled, *, by: Person, now: datetime) -> models.NotSupplied:
    said = one.answer.said
    return models.NotSupplied.objects.create(
        line_id=one.line, packs=one.answer.packs, shortage=said is Said.SHORT,
        words=one.answer.words or _WORDS[said], by_id=by.id, at=now,
    )  # fmt: skip
