"""Which BNF code has each product of dm+d?

The publisher maps every product and pack to its code of the BNF classification, as prescribing data use it:
fifteen characters for a medicine, eleven digits for an appliance. The mapping is a workbook of its own and of
its own month. A product without a code there has none that is known.

Source: NHSBSA, BNF SNOMED mapping (workbooks of 2019-04 and 2024-11-19). Some months write an apostrophe in
front of every code, so that no spreadsheet takes it for a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO

from python_calamine import CalamineError, CalamineWorkbook

from pestle.pharmacy.medicines.archives import Found
from pestle.pharmacy.refusal import Refused, refuse

_NAME = re.compile(r"bnf[ _]snomed[ _]mapping.*\.xlsx", re.IGNORECASE)
_LEVEL, _CODE, _ID = "VMP / VMPP/ AMP / AMPP", "BNF Code", "SNOMED Code"
_PRODUCTS = frozenset({"VMP", "AMP"})
_BNF = re.compile(r"[0-9]{4}[0-9A-Z]{11}|[0-9]{11}")


def is_mapping(name: str) -> bool:
    """Whether a file of that name is the workbook."""
    return _NAME.fullmatch(name) is not None


def bnf_codes(found: Found) -> Iterator[tuple[str, str]]:
    """The id of each product that has a code, with the code.

    Raises `Refused`: ``release.not-readable``, ``release.wrong-columns``, ``release.wrong-value``.
    """
    with found.opened() as file:
        content = BytesIO(file.read())
    try:
        sheet = CalamineWorkbook.from_object(content).get_sheet_by_index(0)
    except CalamineError as error:
        raise refuse("release.not-readable", f"{found.name} cannot be read: {error}",
                     place=found.name) from None  # fmt: skip
    rows = enumerate(sheet.iter_rows(), start=sheet.start[0] + 1 if sheet.start else 1)
    _, heads = next(rows, (0, []))
    missing = [head for head in (_LEVEL, _CODE, _ID) if head not in heads]
    if missing:
        raise refuse("release.wrong-columns", f"{found.name} has no {', '.join(missing)}", place=found.name)
    level, code, id_ = (heads.index(head) for head in (_LEVEL, _CODE, _ID))
    for number, row in rows:
        if row[level] in _PRODUCTS and row[code] != "":
            place = f"{found.name}, row {number}"
            yield _text(row[id_], place), _checked(_text(row[code], place), place)


def _text(cell: object, place: str) -> str:
    if not isinstance(cell, str):
        # A number has lost the last digits of a long code.
        raise _wrong(f"{cell} is a number, not a code", place)
    return cell.removeprefix("'").strip()


def _checked(code: str, place: str) -> str:
    if not _BNF.fullmatch(code):
        raise _wrong(f"“{code}” is not a BNF code", place)
    return code


def _wrong(reason: str, place: str) -> Refused:
    return refuse("release.wrong-value", reason, place=place)
