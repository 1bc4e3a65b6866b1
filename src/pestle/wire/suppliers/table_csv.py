"""How is an order a table, and what does a supplier's table answer?

CSV in UTF-8 with a heading, for suppliers that read and write spreadsheets. No standard: it is described in
README.md, which is what a supplier is given.

Out, one line for each pack: ``order``, ``site``, ``ordered`` (2026-11-30), ``gtin``, ``packs``, and
``description``, which begins with the number of packs, so that no spreadsheet takes it for a formula.

Back, one line for each answer: ``order``, ``gtin`` (of the ordered pack), ``status`` (accepted, substituted,
short, refused), ``packs``; and where there are any ``instead`` (the GTIN that comes instead), ``price`` (of
one pack, in pounds), ``expected`` (2026-12-01 or 01/12/2026) and ``words``.
"""

from __future__ import annotations

import csv
import io
import re
from datetime import date

from pestle.pharmacy.ledger.confirmation import Answer, Confirmation, Said
from pestle.pharmacy.quantity import decimal
from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.wire.suppliers.order import OrderOut

NAME = "table-csv"
TITLE = "Table (CSV)"

MOST_LINES = 5_000
_OUT = ("order", "site", "ordered", "gtin", "packs", "description")
_NEEDED = ("order", "gtin", "status", "packs")
_OPTIONAL = ("instead", "price", "expected", "words")
_STATUS = {said.value: said for said in Said}
_DAY_FIRST = re.compile(r"(\d{2})/(\d{2})/(\d{4})")


def write(order: OrderOut) -> bytes:
    """The file that is sent, with a byte order mark: spreadsheets take bare UTF-8 for something else."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(_OUT)
    for line in order.lines:
        table.writerow((order.number, order.site, order.ordered_on.isoformat(), line.gtin, line.packs,
                        f"{line.packs} x {line.name}"))  # fmt: skip
    return text.getvalue().encode("utf-8-sig")


def read(content: bytes) -> Confirmation:
    """The answer in a file, whole.

    Raises `Refused` with every fault by its line: ``confirmation.unreadable``, ``confirmation.heading``,
    ``confirmation.empty``, ``confirmation.too-long``, ``confirmation.missing-field``,
    ``confirmation.two-orders``, ``confirmation.status``, ``confirmation.packs``, ``confirmation.price``,
    ``confirmation.day``.
    """
    try:
        table = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        heading = tuple((name or "").strip().casefold() for name in table.fieldnames or ())
        table.fieldnames = heading
        rows = [(table.line_num, row) for row in table]
    except (UnicodeDecodeError, csv.Error) as error:
        raise refuse(
            "confirmation.unreadable", f"The file is no CSV in UTF-8: {error}", place="file"
        ) from None
    if not set(_NEEDED) <= set(heading) <= {*_NEEDED, *_OPTIONAL} or len(set(heading)) < len(heading):
        raise refuse("confirmation.heading", f"The heading has {', '.join(_NEEDED)}, and besides only "
                     f"{', '.join(_OPTIONAL)}, each once", place="line 1")  # fmt: skip
    if not rows:
        raise refuse("confirmation.empty", "The file answers nothing", place="file")
    if len(rows) > MOST_LINES:
        raise refuse("confirmation.too-long", f"More than {MOST_LINES:,} lines are no answer to one order")
    faults: list[Refusal] = []
    answers: list[Answer] = []
    order = ""
    for number, row in rows:
        place = f"line {number}"
        try:
            told = _told(row, place)
            order = order or told["order"]
            if told["order"] != order:
                reason = f"This line answers {told['order']}, the file {order}"
                raise refuse("confirmation.two-orders", reason, place=place)
            answers.append(_answer(told, place))
        except Refused as refused:
            faults.extend(refused.refusals)
    if faults:
        raise Refused(*faults)
    return Confirmation(order, tuple(answers))


def _told(row: dict[str, str | None], place: str) -> dict[str, str]:
    if None in row or None in row.values():
        raise refuse("confirmation.missing-field", "This line has another number of cells than the heading",
                     place=place)  # fmt: skip
    told = {name: " ".join((value or "").split()) for name, value in row.items()}
    for name in _NEEDED:
        if not told[name]:
            raise refuse("confirmation.missing-field", f"There is no {name}", place=f"{place}, {name}")
    return told


def _answer(told: dict[str, str], place: str) -> Answer:
    said = _STATUS.get(told["status"].casefold())
    if said is None:
        raise refuse("confirmation.status", f"“{told['status']}” is not one of: {', '.join(_STATUS)}",
                     place=f"{place}, status")  # fmt: skip
    packs = told["packs"]
    if not (packs.isascii() and packs.isdecimal() and len(packs) < 7):
        raise refuse("confirmation.packs", f"“{packs[:20]}” is no number of packs", place=f"{place}, packs")
    return Answer(
        place=place,
        gtin=told["gtin"],
        said=said,
        packs=int(packs),
        instead=told.get("instead", ""),
        pence=_pence(told.get("price", ""), place=f"{place}, price"),
        expected=_day(told.get("expected", ""), place=f"{place}, expected"),
        words=told.get("words", "")[:200],
    )


def _pence(text: str, *, place: str) -> int | None:
    if not text:
        return None
    try:
        pence = decimal(text, place=place) * 100
    except Refused:
        pence = None
    if pence is None or pence < 0 or pence != pence.to_integral_value() or pence >= 10**9:
        raise refuse("confirmation.price", f"“{text[:20]}” is no price in pounds and pence", place=place)
    return int(pence)


def _day(text: str, *, place: str) -> date | None:
    if not text:
        return None
    try:
        if matched := _DAY_FIRST.fullmatch(text):
            day, month, year = map(int, matched.groups())
            return date(year, month, day)
        return date.fromisoformat(text)
    except ValueError:
        raise refuse("confirmation.day", f"“{text[:20]}” is no day such as 2026-12-01", place=place) from None
