"""The form of a calculator: its fields as the page shows them, what was typed, and the entries it gives.

A figure and its unit are two fields and one entry, “98 µmol/L”. Rows are entered in a table, or one a line
where they have one column. What was taken from the patient's record says of which day it is, and can be
changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from pestle.pharmacy.calculators.calculator import Entries
from pestle.pharmacy.calculators.entry import Choice, Column, Input, Name, Number, Rows, YesNo
from pestle.pharmacy.calculators.on_record import OnRecord
from pestle.pharmacy.calculators.table import AnyCalculator
from pestle.pharmacy.refusal import Refusal

_MORE, _FIRST, _RADIOS = 4, 4, 5
_KINDS = {Number: "number", Choice: "choice", YesNo: "choice", Name: "text", Rows: "rows"}
_YES_NO = {"yes": "Yes", "no": "No"}


def entries_of(calculator: AnyCalculator, posted: Mapping[str, str]) -> Entries:
    """What was entered, by input name; an input that was left empty is not there."""
    found: dict[str, str | tuple[str, ...]] = {}
    for one in calculator.inputs:
        if isinstance(one, Rows):
            found[one.name] = tuple(_rows_of(one, posted))
        elif text := _with_unit(one, posted.get(one.name, ""), posted.get(f"{one.name}-unit", "")):
            found[one.name] = text
    return {name: value for name, value in found.items() if value}


def taken_of(entries: Entries, known: Mapping[str, OnRecord]) -> dict[str, date]:
    """The days of those values that stand as the record has them."""
    return {
        name: one.taken
        for name, one in known.items()
        if one.taken is not None and entries.get(name) == one.text
    }


def fields_of(
    calculator: AnyCalculator,
    typed: Mapping[str, str],
    *,
    known: Mapping[str, OnRecord],
    faults: tuple[Refusal, ...] = (),
) -> list[dict[str, Any]]:
    """The fields, in the order of the calculator's table. `typed` is what was posted; empty at first."""
    return [
        {**_field(one, typed, known.get(one.name)), "faults": _faults(one, faults)}
        for one in calculator.inputs
    ]


def _field(one: Input | Column, typed: Mapping[str, str], known: OnRecord | None) -> dict[str, Any]:
    value = typed.get(one.name, "") if typed else getattr(one, "default", None) or ""
    unit = typed.get(f"{one.name}-unit", "")
    if known and known.text and not typed:
        value, _, unit = known.text.partition(" ")
    as_recorded = known is not None and _with_unit(one, value, unit) == known.text
    field: dict[str, Any] = {
        "id": f"enter-{one.name}", "name": one.name, "label": one.label, "hint": one.hint, "value": value,
        "kind": _KINDS.get(type(one), "day"), "optional": one.optional,
        "known": known.says if known and known.text and as_recorded else "",
        "unknown": known.says if known and not known.text else "",
    }  # fmt: skip
    if isinstance(one, Number):
        field |= {"units": _units(one), "unit": unit or one.scales[0].unit}
    elif isinstance(one, Choice):
        field |= {"options": list(one.options.items()), "radios": len(one.options) <= _RADIOS}
    elif isinstance(one, YesNo):
        field |= {"options": list(_YES_NO.items()), "radios": True}
    elif isinstance(one, Rows):
        field |= _table(one, typed)
    return field


def _table(rows: Rows, typed: Mapping[str, str]) -> dict[str, Any]:
    """The columns with their units, and the cells of as many rows as were filled, and a few more."""
    columns = [_field(column, {}, None) for column in rows.columns]
    for column in columns:
        column["name"] = f"{rows.name}-{column['name']}"
        column["unit"] = typed.get(f"{column['name']}-unit", column.get("unit", ""))
    if len(columns) == 1:
        return {"columns": columns, "value": typed.get(columns[0]["name"], ""), "kind": "lines"}
    filled = max((number for number, _ in _cells(rows, typed)), default=0)
    more = _MORE if typed.get("more") == rows.name else 0
    count = min(rows.most, max(_FIRST, filled + 1) + more)
    cells = [
        [_cell(column, f"{column['name']}-{number}", number, typed) for column in columns]
        for number in range(1, count + 1)
    ]
    return {"columns": columns, "rows": cells, "more": count < rows.most}


def _cell(column: dict[str, Any], name: str, number: int, typed: Mapping[str, str]) -> dict[str, Any]:
    label = f"{column['label']}, row {number}"
    return {**column, "name": name, "id": f"enter-{name}", "label": label, "value": typed.get(name, "")}


def _cells(rows: Rows, posted: Mapping[str, str]) -> Iterator[tuple[int, list[str]]]:
    """The rows of the table that are not empty, with their numbers."""
    for number in range(1, rows.most + 1):
        names = [f"{rows.name}-{column.name}-{number}" for column in rows.columns]
        texts = [posted.get(name, "").strip() for name in names]
        if any(texts):
            yield number, texts


def _rows_of(rows: Rows, posted: Mapping[str, str]) -> Iterator[str]:
    units = [posted.get(f"{rows.name}-{column.name}-unit", "") for column in rows.columns]
    if len(rows.columns) == 1:
        lines = posted.get(f"{rows.name}-{rows.columns[0].name}", "").splitlines()
        yield from (_with_unit(rows.columns[0], line, units[0]) for line in lines if line.strip())
        return
    for _, texts in _cells(rows, posted):
        parts = zip(rows.columns, texts, units, strict=True)
        yield " = ".join(_with_unit(column, text.replace("=", " "), unit) for column, text, unit in parts)


def _with_unit(one: Input | Column, text: str, unit: str) -> str:
    """The figure with the unit chosen beside it, unless a unit was typed with it."""
    text = text.strip()
    if isinstance(one, Number) and text and unit and not one.entered_in(text):
        return f"{text} {unit}"
    return text


def _units(one: Number) -> list[str]:
    return [scale.unit for scale in one.scales if scale.unit]


def _faults(one: Input, faults: tuple[Refusal, ...]) -> list[str]:
    return [fault.reason for fault in faults if fault.place == one.name]
