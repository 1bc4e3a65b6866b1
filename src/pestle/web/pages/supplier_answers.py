"""A supplier's answer on the page of its order: the file that is taken in, and what it says, in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from django.http import HttpRequest

from pestle.pharmacy.ledger.confirmation import Said
from pestle.pharmacy.ledger.reorder import expected_on, still_today
from pestle.pharmacy.ledger.waste import pounds
from pestle.pharmacy.refusal import refuse
from pestle.web.actions import supplier_answers as actions
from pestle.web.actions.once import Outcome
from pestle.web.pages import words
from pestle.web.pages.bench import Bench, key_of
from pestle.web.pages.pack_words import kept_pack_words
from pestle.web.store import models
from pestle.wire.suppliers.formats import FORMATS

MOST_BYTES = 2_000_000
_SAYS = {
    Said.ACCEPTED: "accepted",
    Said.SUBSTITUTED: "sent as another maker’s",
    Said.SHORT: "short",
    Said.REFUSED: "refused",
}


def take_in(request: HttpRequest, bench: Bench, order_id: int) -> Outcome:
    """Takes in the file of the form. Raises `Refused` as the action does, and ``messages.no-file``,
    ``messages.too-large``."""
    file = request.FILES.get("file")
    if file is None:
        raise refuse("messages.no-file", "No file was chosen", place="file")
    if (file.size or 0) > MOST_BYTES:
        raise refuse("messages.too-large", "This is no answer to one order", place="file")
    return actions.take_in_answer(
        by=bench.person, now=bench.now, key=key_of(request), order_id=order_id, name=file.name or "",
        data=file.read(), format=request.POST.get("format", ""),
    )  # fmt: skip


def formats() -> list[tuple[str, str]]:
    """The formats that can be read, for a choice."""
    return [(name, one.title) for name, one in FORMATS.items()]


def answer_words(answers: Sequence[models.SupplierAnswer]) -> list[str]:
    """What a supplier said of a line, a sentence each."""
    return [_sentence(one) for one in answers]


def _sentence(one: models.SupplierAnswer) -> str:
    said = Said(one.said)
    parts = [f"{words.count(one.packs, 'pack')} {_SAYS[said]}"]
    if said is Said.SUBSTITUTED:
        parts.append(kept_pack_words(one.instead_id, one.instead_name))
    if one.pence is not None:
        parts.append(f"{pounds(one.pence)} each")
    if one.expected_on:
        parts.append(f"for {words.short_date(one.expected_on)}")
    if one.words:
        parts.append(f"“{one.words}”")
    return ", ".join(parts)


def cut_off_words(supplier: models.Supplier, *, now: datetime, zone: tzinfo) -> str:
    """When what is ordered now comes, and until when that holds."""
    comes = words.short_date(
        expected_on(now, zone=zone, cut_off=supplier.cut_off, lead_days=supplier.lead_days)
    )
    until = f"{supplier.cut_off:%H:%M}"
    if still_today(now, zone=zone, cut_off=supplier.cut_off):
        return f"ordered until {until} it comes on {comes}"
    return f"{until} has passed: it comes on {comes}"
