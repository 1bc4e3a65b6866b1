"""What part of what a practice prescribes is of one kind, and how much is it for so many patients?

A measure of prescribing knows no patients: it counts items by their BNF codes, a practice and a month at a
time. Kind: prescribing_measure (``measures/prescribing/*.yaml``): `of` says which items are asked,
`among_them` which of those are found, or `for_patients` for how many patients of the list they are counted.
The tables are `prescribing` and `list_size` of a population's folder; the first may be the English
Prescribing Dataset.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import ibis
from ibis.backends.duckdb import Backend
from ibis.expr.types import BooleanValue, Table

from pestle.pharmacy import definition as d
from pestle.pharmacy.calculators.precision import decimal_of
from pestle.pharmacy.definition import Definition, Definitions, Source
from pestle.pharmacy.refusal import refuse

KINDS = {
    "prescribing_measure": frozenset({
        "group", "why", "of", "among_them", "for_patients", "fewer_is_better",
    }),
}  # fmt: skip
_WHICH = frozenset({"begins", "ends", "not_beginning", "more_than"})
# The columns of the English Prescribing Dataset (NHSBSA) that are read: a line is a practice, a presentation
# and a quantity, and how many items of it there were in the month.
_EPD = ("YEAR_MONTH", "PRACTICE_CODE", "BNF_CODE", "ITEMS", "QUANTITY")


@dataclass(frozen=True, slots=True)
class Which:
    """Items whose BNF code begins and ends so, and whose quantity is more than so much (None: any)."""

    begins: str
    ends: str = ""
    not_beginning: tuple[str, ...] = ()
    more_than: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PrescribingMeasure:
    """Of the items `of`, those `among_them`; or with `for_patients` those of so many patients."""

    name: str
    title: str
    group: str
    why: str
    of: tuple[Which, ...]
    among_them: tuple[Which, ...]
    for_patients: int | None
    fewer_is_better: bool | None
    source: Source


def read(files: Definitions) -> Mapping[str, PrescribingMeasure]:
    """The measures of these definitions, by name. Raises `Refused` as `definition` does."""
    return {file.name: _measure(file) for file in files.of("prescribing_measure")}


def counted(measure: PrescribingMeasure, prescribing: Table, list_size: Table | None) -> Table:
    """`practice`, `month`, `found` and `asked`: items of items, or items and the patients of the list.

    Who has no list of the month is left out of a measure for patients. Raises `Refused`
    (``prescribing.no-list``) where such a measure has no lists at all.
    """
    asked = _any(measure.of, prescribing)
    if measure.for_patients is None:
        found = asked & _any(measure.among_them, prescribing)
        per = prescribing.group_by("practice", "month").agg(
            found=prescribing["items"].sum(where=found).fill_null(0),
            asked=prescribing["items"].sum(where=asked).fill_null(0),
        )
        return per.filter(per.asked > 0)
    if list_size is None:
        said = f"{measure.title} needs the sizes of the lists"
        raise refuse("prescribing.no-list", said, place="list_size",
                     way_out="Add the table list_size: practice, month, patients.")  # fmt: skip
    items = prescribing.group_by("practice", "month").agg(
        found=prescribing["items"].sum(where=asked).fill_null(0)
    )
    lists = list_size.rename(of="practice", in_="month", asked="patients")
    joined = items.inner_join(lists, [items.practice == lists.of, items.month == lists.in_])
    return joined.filter(joined.asked > 0).select("practice", "month", "found", "asked")


def from_epd(files: Iterable[Path], backend: Backend) -> Table:
    """The table `prescribing` of files of the English Prescribing Dataset.

    Raises `Refused` (``prescribing.not-epd``) where a file lacks a column of it.
    """
    paths = [str(path) for path in files]
    for path in paths:
        with Path(path).open(encoding="utf-8-sig") as file:
            header = file.readline().strip().split(",")
        lacks = [name for name in _EPD if name not in header]
        if lacks:
            raise refuse("prescribing.not-epd", f"{path} has no column {', '.join(lacks)}", place=path)
    text = {"YEAR_MONTH": "string", "PRACTICE_CODE": "string", "BNF_CODE": "string"}
    rows = backend.read_csv(paths, types={**text, "ITEMS": "int64", "QUANTITY": "decimal(18, 3)"})
    return rows.select(
        practice=rows.PRACTICE_CODE,
        # Written 2017_09 or, since 2020, 202009.
        month=(rows.YEAR_MONTH.replace("_", "")[:4] + "-" + rows.YEAR_MONTH.replace("_", "")[4:6] + "-01")
        .cast("date"),
        bnf=rows.BNF_CODE,
        items=rows.ITEMS,
        quantity=rows.QUANTITY,
    )  # fmt: skip


def _any(several: tuple[Which, ...], rows: Table) -> BooleanValue:
    return ibis.or_(*(_is(each, rows) for each in several))


def _is(which: Which, rows: Table) -> BooleanValue:
    parts = [rows.bnf.startswith(which.begins)]
    if which.ends:
        parts.append(rows.bnf.endswith(which.ends))
    parts += [~rows.bnf.startswith(prefix) for prefix in which.not_beginning]
    if which.more_than is not None:
        parts.append(rows.quantity > ibis.literal(which.more_than, "decimal(18, 3)"))
    return ibis.and_(*parts)


def _measure(file: Definition) -> PrescribingMeasure:
    if ("among_them" in file.body) == ("for_patients" in file.body):
        raise d.wrong(file, "among_them", "or for_patients says what is counted, and one of them only")
    return PrescribingMeasure(
        name=file.name,
        title=file.title,
        group=d.text(file, "group"),
        why=d.text(file, "why"),
        of=_which(file, "of"),
        among_them=_which(file, "among_them") if "among_them" in file.body else (),
        for_patients=d.number(file, "for_patients") if "for_patients" in file.body else None,
        fewer_is_better=d.flag(file, "fewer_is_better") if "fewer_is_better" in file.body else None,
        source=file.source,
    )


def _which(file: Definition, name: str) -> tuple[Which, ...]:
    found = d.entries(file, name, fields=_WHICH)
    if not found:
        raise d.wrong(file, name, "lists which items are meant")
    return tuple(
        Which(
            begins=d.text(each, "begins"),
            ends=d.text(each, "ends") if "ends" in each.body else "",
            not_beginning=d.texts(each, "not_beginning", empty=True),
            more_than=decimal_of(d.exact(each, "more_than")) if "more_than" in each.body else None,
        )
        for each in found
    )
