"""What does a scan at the bench mean, and what was scanned so far on this prescription?

A scan of a label of ours opens its line. A scan of a maker's pack goes into the line in hand, or into the
only line that it may supply; where two may be meant, or the code holds no batch, a person is asked. The last
scans of the prescription in hand are kept in the session, so that no refusal vanishes with the next scan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest

from pestle.pharmacy.ledger.allocation import allocate
from pestle.pharmacy.medicines.barcode import LabelScan, Scan
from pestle.pharmacy.medicines.concept import Pack
from pestle.pharmacy.medicines.equivalence import may_supply
from pestle.pharmacy.refusal import Refusal, refuse
from pestle.web.actions.assembly import find_label
from pestle.web.pages.pack_words import pack_words
from pestle.web.pages.prescription_lines import LineView
from pestle.web.store import models, stock
from pestle.web.store.knowledge import dictionary

_FEED = "scans"
_KEPT = 8


@dataclass(frozen=True, slots=True)
class InStock:
    """A batch of the pack that the shelf holds."""

    id: int
    number: str
    expiry: str
    held: str


@dataclass(frozen=True, slots=True)
class PackScanned:
    """A pack in hand: its code, and the batch as far as the scan or a person said it."""

    gtin: str
    name: str
    number: str = ""
    expiry_text: str = ""
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What a person has to say before the pack can be picked: which line, which batch, or that it is there
    although the book lacks it (`lacking`: what the book says)."""

    pack: PackScanned
    line: LineView | None
    lines: tuple[LineView, ...] = ()
    batches: tuple[InStock, ...] = ()
    lacking: str = ""


def scanned_label(label: LabelScan, *, prescription_id: int, site_id: int) -> int:
    """The line that a label opens.

    Raises `Refused`: ``scan.other-prescription`` and those of `find_label`.
    """
    stored = find_label(label.id, site_id=site_id)
    if stored.line.prescription_id != prescription_id:
        raise refuse(
            "scan.other-prescription",
            "This label belongs to another prescription",
            place="scan",
            way_out="Lay it with its own bag; scan it on the worklist to open that prescription.",
        )
    return stored.line_id


def pack_in_hand(scan: Scan) -> PackScanned:
    """The pack that was scanned. Raises `Refused` (``pick.unknown-pack``)."""
    pack = known_pack(scan.gtin)
    return PackScanned(
        gtin=scan.gtin,
        name=pack_words(pack),
        number=scan.batch or "",
        expiry_text=str(scan.expiry) if scan.expiry else "",
        raw=scan.raw,
    )


def known_pack(gtin: str) -> Pack:
    """The dictionary's pack. Raises `Refused` (``pick.unknown-pack``, ``barcode.…``)."""
    pack = dictionary().pack_by_gtin(gtin)
    if pack is None:
        raise refuse("pick.unknown-pack", "The dictionary has no pack with this code", place="pack",
                     way_out="Check the pack by eye; the dictionary may be out of date.")  # fmt: skip
    return pack


def line_for(pack: PackScanned, lines: Sequence[LineView], *, in_hand: int | None) -> LineView | Question:
    """The line that the pack goes into, or the question which of several.

    Raises `Refused` (``scan.no-line``) where no line of the prescription may be supplied with it.
    """
    chosen = next((line for line in lines if line.id == in_hand and line.open), None)
    if chosen is not None:
        return chosen
    fitting = [line for line in lines if line.open and _fits(pack, line)]
    wanting = [line for line in fitting if line.left]
    if len(wanting) > 1:
        return Question(pack, None, lines=tuple(wanting))
    if wanting or fitting:
        return (wanting or fitting)[0]
    raise refuse(
        "scan.no-line",
        f"No line of this prescription may be supplied with {pack.name}",
        place="pack",
        way_out="Put it back and pick what the prescription says.",
    )


def which_batch(pack: PackScanned, line: LineView, *, site_id: int, on: date) -> Question:
    """Asks for the batch, offering those on the shelf: the one that expires first in front, what may not be
    used last."""
    held = stock.lots(site_id, pack_id=known_pack(pack.gtin).id)
    every = allocate(sum(lot.held for lot, _ in held), [lot for lot, _ in held], on=on)
    order = [(take.batch_id, take.account_id) for take in every.takes]
    order += [at for lot, _ in every.left_out if (at := (lot.batch_id, lot.account_id)) not in order]
    found = {(lot.batch_id, lot.account_id): (lot, batch) for lot, batch in held}
    return Question(
        pack,
        line,
        batches=tuple(
            InStock(batch.pk, batch.number, batch.expiry, stock.words(batch, lot.held))
            for lot, batch in (found[at] for at in order if at in found)
        ),
    )


def with_batch(pack: PackScanned, batch_id: int, *, site_id: int) -> PackScanned:
    """The pack with the batch that a person chose. Raises `Refused` (``pick.unknown-batch``)."""
    batch = models.Batch.objects.filter(pk=batch_id, site=site_id).first()
    if batch is None:
        raise refuse("pick.unknown-batch", "There is no such batch here", place="batch")
    return replace(pack, number=batch.number, expiry_text=batch.expiry)


def feed(request: HttpRequest, prescription_id: int) -> list[dict[str, Any]]:
    """The last scans on this prescription, newest first, as `scan_feed` shows them."""
    kept = request.session.get(_FEED, {})
    if kept.get("prescription") != prescription_id:
        return []
    return [{**result, "at": datetime.fromisoformat(result["at"])} for result in kept["results"]]


def remember(
    request: HttpRequest,
    prescription_id: int,
    *,
    at: datetime,
    what: str,
    detail: str = "",
    refusal: Refusal | None = None,
    product: str = "",
) -> None:
    """Keeps what became of a scan, for as long as this prescription is in hand; of a pack that was refused
    its `product`."""
    result = {
        "ok": refusal is None,
        "at": at.isoformat(),
        "what": refusal.reason if refusal else what,
        "detail": detail,
        "rule": refusal.rule if refusal else "",
        "way_out": (refusal.way_out or "") if refusal else "",
        "product": product,
    }
    kept = request.session.get(_FEED, {})
    before = kept["results"] if kept.get("prescription") == prescription_id else []
    request.session[_FEED] = {"prescription": prescription_id, "results": [result, *before][:_KEPT]}


def _fits(pack: PackScanned, line: LineView) -> bool:
    prescribed = dictionary().product(line.row.product_id)
    supplied = dictionary().product(known_pack(pack.gtin).product_id)
    return (
        prescribed is not None
        and supplied is not None
        and may_supply(prescribed, supplied, dictionary()) is None
    )
