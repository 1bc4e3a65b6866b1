"""What does the Drug Tariff of a month pay for a pack?

Part VIIIA as the NHSBSA publishes it each month as CSV: lines of title, then a heading with Medicine, Pack
size, VMP Snomed Code, VMPP Snomed Code, Drug Tariff Category and Basic Price, and as a rule the unit of the
pack beside its size. The price is in pence, of the whole pack. No field names the month, so whoever takes the
file in says it.

Source: the headings as three public programs read them (NHSBSA, *Drug Tariff Part VIIIA*, files of 2023 to
2025); no file of it was seen, so that the unit's heading is not known for sure.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pestle.pharmacy.quantity import decimal
from pestle.pharmacy.refusal import Refusal, Refused, refuse

MOST_ROWS = 50_000
_TITLE_LINES = 10
_NEEDED = {
    "pack size": "size", "vmp snomed code": "product_id", "vmpp snomed code": "pack_id",
    "drug tariff category": "category", "basic price": "pence",
}  # fmt: skip
_UNITS = ("unit of measure", "unit", "")
_ID = re.compile(r"[0-9]{6,18}")


@dataclass(frozen=True, slots=True)
class TariffRow:
    """The `pence` of a pack (VMPP) of `size` units of a product (VMP); `unit` is empty where the file does
    not say it."""

    product_id: str
    pack_id: str
    size: Decimal
    unit: str
    category: str
    pence: int


def read_tariff(content: bytes) -> tuple[TariffRow, ...]:
    """Every price of a file, or none.

    Raises `Refused` with every fault by its line: ``tariff.unreadable``, ``tariff.heading``,
    ``tariff.empty``, ``tariff.too-long``, ``tariff.missing-field``, ``tariff.id`` (a spreadsheet has
    shortened it), ``tariff.size``, ``tariff.price``, ``tariff.two-prices``.
    """
    try:
        lines = list(csv.reader(io.StringIO(_text(content), newline=""), strict=True))
    except csv.Error as error:
        raise refuse("tariff.unreadable", f"The file is no CSV: {error}", place="file") from None
    at, names = _heading(lines)
    rows = [(at + 2 + number, cells) for number, cells in enumerate(lines[at + 1 :]) if any(cells)]
    if not rows:
        raise refuse("tariff.empty", "The file has no prices", place="file")
    if len(rows) > MOST_ROWS:
        raise refuse("tariff.too-long", f"More than {MOST_ROWS:,} lines are no tariff", place="file")
    faults: list[Refusal] = []
    found: dict[str, TariffRow] = {}
    for number, cells in rows:
        try:
            row = _row(dict(zip(names, cells, strict=False)), f"line {number}")
            if found.setdefault(row.pack_id, row) != row:
                reason = f"The pack {row.pack_id} has two prices"
                raise refuse("tariff.two-prices", reason, place=f"line {number}")
        except Refused as refused:
            faults.extend(refused.refusals)
    if faults:
        raise Refused(*faults)
    return tuple(found.values())


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # As spreadsheets on Windows write it; what matters here is digits.
        return content.decode("cp1252", errors="replace")


def _heading(lines: Sequence[Sequence[str]]) -> tuple[int, list[str]]:
    """Where the heading stands, and which field each column is."""
    for at, cells in enumerate(lines[:_TITLE_LINES]):
        said = [" ".join(cell.split()).casefold() for cell in cells]
        if set(_NEEDED) <= set(said):
            return at, list(_names(said))
    wanted = ", ".join(name.capitalize() for name in _NEEDED)
    raise refuse("tariff.heading", f"No heading names {wanted}", place="file",
                 way_out="Take Part VIIIA of the Drug Tariff, saved as CSV.")  # fmt: skip


def _names(said: Sequence[str]) -> Iterator[str]:
    sized = said.index("pack size")
    for at, name in enumerate(said):
        if name in _NEEDED:
            yield _NEEDED[name]
        elif name in _UNITS and (name or at == sized + 1):
            yield "unit"
        else:
            yield f"column {at}"


def _row(cells: dict[str, str], place: str) -> TariffRow:
    told = {name: " ".join(cells.get(name, "").split()) for name in (*_NEEDED.values(), "unit")}
    for name in _NEEDED.values():
        if not told[name]:
            raise refuse("tariff.missing-field", f"There is no {name.replace('_', ' ')}", place=place)
    for name in ("product_id", "pack_id"):
        if not _ID.fullmatch(told[name]):
            raise refuse("tariff.id", f"“{told[name][:25]}” is no id of dm+d", place=place,
                         way_out="Save the ids as text: a spreadsheet shortens long numbers.")  # fmt: skip
    size, pence = _amount(told["size"], "tariff.size", place), _amount(told["pence"], "tariff.price", place)
    if size <= 0:
        raise refuse("tariff.size", f"A pack of {size} is no pack", place=place)
    if pence != pence.to_integral_value() or not 0 < pence < 10**9:
        raise refuse("tariff.price", f"“{told['pence'][:20]}” is no price in whole pence", place=place)
    return TariffRow(
        told["product_id"], told["pack_id"], size, told["unit"][:60], told["category"][:60], int(pence)
    )


def _amount(text: str, rule: str, place: str) -> Decimal:
    try:
        return decimal(text.replace(",", ""), place=place)
    except Refused:
        raise refuse(rule, f"“{text[:20]}” is no number", place=place) from None
