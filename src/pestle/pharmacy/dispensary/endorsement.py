"""What does the dispenser endorse on a line, and is it complete?

An endorsement tells the payer how a line is to be paid. Every claimed line has at least one, if only that
there is nothing to endorse (NDEC), which stands alone. Some need details: the price on the invoice, the
supplier, the size of the pack, the number of a serious shortage protocol. A protocol that does not allow what
was supplied is no reason to endorse it.

Source: the definition file of kind `dispenser_endorsements`, with its own source and status.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from pathlib import Path

from pestle.pharmacy import definition as d
from pestle.pharmacy.definition import Definition, Source
from pestle.pharmacy.refusal import Refusal, Refused, refuse

KINDS = {"dispenser_endorsements": frozenset({"endorsements"})}
NOTHING = "NDEC"
SHORTAGE = "SSP"
LONGEST = 100


class Detail(Enum):
    """What an endorsement may need; the value is stored."""

    INVOICE_PRICE = "invoice_price"
    SUPPLIER = "supplier"
    PACK_SIZE = "pack_size"
    LICENCE = "licence"
    BATCH = "batch"
    EXPENSES = "expenses"
    WHAT_FOR = "what_for"
    AGREED = "agreed"
    PROTOCOL = "protocol"

    @property
    def words(self) -> str:
        """As the page asks it, and as the payer reads it."""
        return _DETAILS[self]


_DETAILS = {
    Detail.INVOICE_PRICE: "Invoice price, pounds, without VAT",
    Detail.SUPPLIER: "Supplier",
    Detail.PACK_SIZE: "Pack size",
    Detail.LICENCE: "Licence number of the supplier",
    Detail.BATCH: "Batch number",
    Detail.EXPENSES: "Expenses, pounds",
    Detail.WHAT_FOR: "What for",
    Detail.AGREED: "What was agreed, with whom and when",
    Detail.PROTOCOL: "Number of the protocol",
}
_MONEY = (Detail.INVOICE_PRICE, Detail.EXPENSES)
_AMOUNT = re.compile(r"[0-9]{1,6}(\.[0-9]{2})?")
_PROTOCOL = re.compile(r"[0-9]{3}")


@dataclass(frozen=True, slots=True)
class EndorsementKind:
    """One of the service's codes: its wording (`display`) and ours, what it needs and what it may have."""

    code: str
    display: str
    words: str
    needs: tuple[Detail, ...] = ()
    may: tuple[Detail, ...] = ()
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Endorsements:
    """The table, by code."""

    kinds: Mapping[str, EndorsementKind]
    source: Source


@dataclass(frozen=True, slots=True)
class Endorsement:
    """What is endorsed on a line."""

    code: str
    details: Mapping[Detail, str] = field(default_factory=dict)


def read_endorsements(folder: Path) -> Endorsements:
    """The table in the definition file of a folder. Raises `Refused`, as `definition.load` does."""
    file = d.load(folder / "endorsements.yaml", file="endorsements.yaml", kinds=KINDS)
    fields = frozenset({"code", "display", "words", "needs", "may", "alone"})
    kinds = [_kind(each) for each in d.entries(file, "endorsements", fields=fields)]
    return Endorsements({each.code: each for each in kinds}, file.source)


def endorse(
    endorsements: tuple[Endorsement, ...], *, table: Endorsements, protocol: str = ""
) -> tuple[Endorsement, ...]:
    """The endorsements of a line, each with its details trimmed. `protocol` is the number of the one under
    which the line was supplied; empty: none.

    Raises `Refused` with everything that is wrong: ``endorsement.missing``, ``endorsement.unknown``,
    ``endorsement.twice``, ``endorsement.not-alone``, ``endorsement.detail-missing``,
    ``endorsement.other-detail``, ``endorsement.not-an-amount``, ``endorsement.not-a-protocol``,
    ``endorsement.too-long``, ``endorsement.protocol-missing``, ``endorsement.other-protocol``.
    """
    if not endorsements:
        raise refuse("endorsement.missing", "Say how the line is endorsed, if only that there is nothing to",
                     place="endorsement")  # fmt: skip
    trimmed = tuple(
        Endorsement(each.code, {what: said.strip() for what, said in each.details.items() if said.strip()})
        for each in endorsements
    )
    codes = [each.code for each in trimmed]
    wrong = [
        Refusal("endorsement.twice", f"{code} stands there twice", "endorsement")
        for code in dict.fromkeys(codes)
        if codes.count(code) > 1
    ]
    for each in trimmed:
        kind = table.kinds.get(each.code)
        if kind is None:
            wrong.append(
                Refusal("endorsement.unknown", f"“{each.code}” is no endorsement that we know", "endorsement")
            )
            continue
        if kind.alone and len(trimmed) > 1:
            wrong.append(
                Refusal("endorsement.not-alone", f"“{kind.words}” stands alone", "endorsement",
                        "Take it away, or take the others away.")
            )  # fmt: skip
        wrong += _details(kind, each.details)
    told = next((each.details.get(Detail.PROTOCOL, "") for each in trimmed if each.code == SHORTAGE), None)
    if protocol and told is None:
        wrong.append(
            Refusal("endorsement.protocol-missing", f"It was supplied under the shortage protocol {protocol}",
                    "endorsement", f"Endorse it {SHORTAGE}, with that number.")
        )  # fmt: skip
    elif told is not None and told != protocol and _PROTOCOL.fullmatch(told):
        supplied = f"under the protocol {protocol}" if protocol else "under no shortage protocol"
        wrong.append(
            Refusal("endorsement.other-protocol", f"It was supplied {supplied}", Detail.PROTOCOL.value)
        )
    if wrong:
        raise Refused(*wrong)
    return trimmed


def for_the_payer(endorsement: Endorsement) -> str:
    """The details as the message says them: ``Invoice price 12.34, supplier …``; the number of a protocol
    stands alone. Empty when there are none."""
    if endorsement.code == SHORTAGE:
        return endorsement.details.get(Detail.PROTOCOL, "")
    return "; ".join(
        f"{_SHORT.get(what, what.words)} {endorsement.details[what]}"
        for what in Detail
        if what in endorsement.details
    )


_SHORT = {
    Detail.INVOICE_PRICE: "Invoice price GBP",
    Detail.EXPENSES: "Expenses GBP",
    Detail.AGREED: "Agreed:",
}


def _details(kind: EndorsementKind, details: Mapping[Detail, str]) -> Iterator[Refusal]:
    for what in kind.needs:
        if what not in details:
            yield Refusal(
                "endorsement.detail-missing", f"{kind.code} needs: {what.words.lower()}", what.value
            )
    for what, said in details.items():
        if what not in kind.needs + kind.may:
            reason = f"{kind.code} has no place for: {what.words.lower()}"
            yield Refusal("endorsement.other-detail", reason, what.value)
        elif len(said) > LONGEST:
            yield Refusal(
                "endorsement.too-long", f"{what.words} has more than {LONGEST} characters", what.value
            )
        elif what in _MONEY and not (_AMOUNT.fullmatch(said) and Decimal(said) > 0):
            yield Refusal("endorsement.not-an-amount", f"“{said}” is not an amount such as 12.34", what.value)
        elif what is Detail.PROTOCOL and not _PROTOCOL.fullmatch(said):
            yield Refusal(
                "endorsement.not-a-protocol", f"“{said}” is not a number of three digits", what.value
            )


def _kind(each: Definition) -> EndorsementKind:
    return EndorsementKind(
        code=d.text(each, "code"),
        display=d.text(each, "display"),
        words=d.text(each, "words"),
        needs=_wanted(each, "needs"),
        may=_wanted(each, "may"),
        alone=d.flag(each, "alone"),
    )


def _wanted(each: Definition, name: str) -> tuple[Detail, ...]:
    try:
        return tuple(Detail(word) for word in d.texts(each, name, empty=True))
    except ValueError as error:
        raise d.wrong(each, name, f"names details that there are: {error}") from None
