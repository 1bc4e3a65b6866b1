"""What part of what a practice prescribes is of one kind, and how much is it for so many patients?

A measure of prescribing knows no patients: it counts items by their BNF codes, or by the products that the
codes mean (`presentations`), a practice and a month at a time. Kind: prescribing_measure
(``measures/prescribing/*.yaml``): `of` says which items are asked, `among_them` which of those are found, or
`for_patients` for how many patients of the list they are counted, `counted_as` what instead of items. Of what
a product is not known, or not known well enough, nobody can tell: it is counted apart.
The tables are `prescribing` and `list_size` of a population's folder; the first may be the English
Prescribing Dataset.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

import ibis
import pyarrow as pa
from ibis.expr.types import BooleanValue, Table, Value

from pestle.pharmacy import definition as d
from pestle.pharmacy.calculators.precision import decimal_of
from pestle.pharmacy.criteria import read as criteria
from pestle.pharmacy.criteria.lists import MedicineList
from pestle.pharmacy.criteria.read import Terms
from pestle.pharmacy.definition import Definition, Definitions, Source
from pestle.pharmacy.measures import morphine
from pestle.pharmacy.measures.morphine import Equivalents, per_unit
from pestle.pharmacy.measures.presentations import Presentations
from pestle.pharmacy.refusal import refuse

KINDS = {
    "prescribing_measure": frozenset({
        "group", "why", "of", "among_them", "for_patients", "counted_as", "may_be", "fewer_is_better",
    }),
    **morphine.KINDS,
}  # fmt: skip
_WHICH = frozenset({"begins", "ends", "not_beginning", "more_than", "medicines"})
_MILLIONTH = 10**6


@dataclass(frozen=True, slots=True)
class Which:
    """Items whose BNF code begins and ends so, whose quantity is more than so much (None: any), and whose
    product is on the list (None: whatever it is)."""

    begins: str = ""
    ends: str = ""
    not_beginning: tuple[str, ...] = ()
    more_than: Decimal | None = None
    medicines: MedicineList | None = None


@dataclass(frozen=True, slots=True)
class PrescribingMeasure:
    """Of the items `of`, those `among_them`; or with `for_patients` those of so many patients, each counted
    as so much morphine where `counted_as` says how much that is.

    `may_be` are beginnings of BNF codes: one that no product is known for may be such a medicine.
    """

    name: str
    title: str
    group: str
    why: str
    of: tuple[Which, ...]
    among_them: tuple[Which, ...]
    for_patients: int | None
    counted_as: Equivalents | None
    may_be: tuple[str, ...]
    fewer_is_better: bool | None
    source: Source


def read(files: Definitions, terms: Terms) -> Mapping[str, PrescribingMeasure]:
    """The measures of these definitions, by name. Raises `Refused` as `definition` does."""
    equivalents = morphine.read(files)
    return {file.name: _measure(file, terms, equivalents) for file in files.of("prescribing_measure")}


def counted(
    measure: PrescribingMeasure,
    prescribing: Table,
    list_size: Table | None,
    presentations: Presentations,
) -> Table:
    """`practice`, `month`, `found`, `asked` and `unsure`: items of items, or items or mg of morphine and the
    patients of the list; and the items of which nobody can tell, which are in neither.

    Who has no list of the month is left out of a measure for patients. Raises `Refused`
    (``prescribing.no-list``) where such a measure has no lists at all.
    """
    asking = _Asking(measure, prescribing, presentations)
    if measure.for_patients is None:
        return asking.share()
    if list_size is None:
        said = f"{measure.title} needs the sizes of the lists"
        raise refuse("prescribing.no-list", said, place="list_size",
                     way_out="Add the table list_size: practice, month, patients.")  # fmt: skip
    found = asking.morphine(measure.counted_as) if measure.counted_as else asking.items()
    lists = list_size.rename(of="practice", in_="month", asked="patients")
    joined = found.inner_join(lists, [found.practice == lists.of, found.month == lists.in_])
    return joined.filter(joined.asked > 0).select("practice", "month", "found", "asked", "unsure")


class _Asking:
    """One measure of one table; its BNF codes are looked up once."""

    def __init__(self, measure: PrescribingMeasure, rows: Table, presentations: Presentations) -> None:
        self._measure, self._rows, self._presentations = measure, rows, presentations

    def share(self) -> Table:
        rows = self._rows
        asked = self._any(self._measure.of)
        found = asked & self._any(self._measure.among_them)
        unsure = asked.isnull() | (asked & found.isnull()).fill_null(False)
        per = self._per(
            found=_items(rows, ~unsure & found.fill_null(False)),
            asked=_items(rows, ~unsure & asked.fill_null(False)),
            unsure=_items(rows, unsure),
        )
        return per.filter((per.asked > 0) | (per.unsure > 0))

    def items(self) -> Table:
        asked = self._any(self._measure.of)
        return self._per(
            found=_items(self._rows, asked.fill_null(False)), unsure=_items(self._rows, asked.isnull())
        )

    def morphine(self, equivalents: Equivalents) -> Table:
        """mg, to the millionth for each unit of a product."""
        each: list[dict[str, object]] = []
        for code in self._codes:
            mg = self._milligrams(equivalents, code)
            if mg != 0:
                each.append({"code": code, "mg": mg})
        schema = ibis.schema({"code": "string", "mg": "decimal(14, 6)"})
        told = ibis.memtable(pa.Table.from_pylist(each, schema=schema.to_pyarrow()))
        rows = self._rows.filter(self._any(self._measure.of))
        rows = rows.inner_join(told, rows.bnf == told.code)
        # So wide that the product of the three has its place in the widest decimal there is.
        mg = rows["items"].cast("decimal(7, 0)") * rows.quantity.cast("decimal(12, 3)") * rows.mg
        sums = rows.group_by("practice", "month").agg(
            found=mg.sum().fill_null(0), unsure=_items(rows, mg.isnull())
        )
        every = self._rows.select("practice", "month").distinct().rename(of="practice", in_="month")
        joined = every.left_join(sums, [every.of == sums.practice, every.in_ == sums.month])
        return joined.select(
            practice=joined.of,
            month=joined.in_,
            found=joined.found.fill_null(0),
            unsure=joined.unsure.fill_null(0),
        )

    def _milligrams(self, equivalents: Equivalents, code: str) -> Decimal | None:
        """For one unit of what a code means: zero of what is no opioid, None where nobody can tell."""
        products = [each for each in self._presentations.products(code) if each.ingredients is not None]
        if not products:
            return None if self._may_be(code) else Decimal(0)
        found = {per_unit(equivalents, each, self._presentations.substances) for each in products}
        only = found.pop() if len(found) == 1 else None
        return None if only is None else Decimal(round(only * _MILLIONTH)) / _MILLIONTH

    @cached_property
    def _codes(self) -> tuple[str, ...]:
        codes = self._rows.select("bnf").distinct().to_pyarrow()["bnf"].to_pylist()
        return tuple(sorted(code for code in codes if code is not None))

    def _may_be(self, code: str) -> bool:
        return code.startswith(self._measure.may_be)

    def _any(self, several: tuple[Which, ...]) -> BooleanValue:
        return ibis.or_(*map(self._is, several))

    def _is(self, which: Which) -> BooleanValue:
        rows = self._rows
        parts = [rows.bnf.startswith(which.begins)]
        if which.ends:
            parts.append(rows.bnf.endswith(which.ends))
        parts += [~rows.bnf.startswith(prefix) for prefix in which.not_beginning]
        if which.more_than is not None:
            parts.append(rows.quantity > ibis.literal(which.more_than, "decimal(18, 3)"))
        if which.medicines is not None:
            parts.append(self._on(which.medicines))
        return ibis.and_(*parts)

    def _on(self, listed: MedicineList) -> BooleanValue:
        """Whether the product is on the list; null where nobody can tell."""
        answers = {code: self._presentations.on(listed, code) for code in self._codes}
        perhaps = [
            code
            for code, on in answers.items()
            if on is None and (self._may_be(code) or self._presentations.products(code))
        ]
        return ibis.cases(
            (self._rows.bnf.isin([code for code, on in answers.items() if on]), True),
            (self._rows.bnf.isin(perhaps), ibis.null("boolean")),
            else_=False,
        )

    def _per(self, **sums: Value) -> Table:
        return self._rows.group_by("practice", "month").agg(**sums)


def _items(rows: Table, where: BooleanValue) -> Value:
    return rows["items"].sum(where=where).fill_null(0)


def _measure(file: Definition, terms: Terms, equivalents: Mapping[str, Equivalents]) -> PrescribingMeasure:
    if ("among_them" in file.body) == ("for_patients" in file.body):
        raise d.wrong(file, "among_them", "or for_patients says what is counted, and one of them only")
    counted_as = d.choice(file, "counted_as", equivalents) if "counted_as" in file.body else None
    if counted_as is not None and "for_patients" not in file.body:
        raise d.wrong(file, "counted_as", "counts for patients only")
    return PrescribingMeasure(
        name=file.name,
        title=file.title,
        group=d.text(file, "group"),
        why=d.text(file, "why"),
        of=_which(file, "of", terms),
        among_them=_which(file, "among_them", terms) if "among_them" in file.body else (),
        for_patients=d.number(file, "for_patients") if "for_patients" in file.body else None,
        counted_as=counted_as,
        may_be=d.texts(file, "may_be", empty=True),
        fewer_is_better=d.flag(file, "fewer_is_better") if "fewer_is_better" in file.body else None,
        source=file.source,
    )


def _which(file: Definition, name: str, terms: Terms) -> tuple[Which, ...]:
    found = d.entries(file, name, fields=_WHICH)
    if not found:
        raise d.wrong(file, name, "lists which items are meant")
    return tuple(
        Which(
            begins=d.text(each, "begins") if "begins" in each.body else "",
            ends=d.text(each, "ends") if "ends" in each.body else "",
            not_beginning=d.texts(each, "not_beginning", empty=True),
            more_than=decimal_of(d.exact(each, "more_than")) if "more_than" in each.body else None,
            medicines=criteria.medicines(each, "medicines", terms=terms)
            if "medicines" in each.body
            else None,
        )
        for each in found
    )
