"""Does a date of a row lie in a window? As `Window.holds`, over a column."""

from __future__ import annotations

from datetime import date

import ibis
from ibis.expr.types import BooleanValue, DateValue, Table

from pestle.pharmacy.criteria.span import EVER, Window


def first(rows: Table, name: str) -> DateValue:
    """The earliest day it can be."""
    return rows[name]


def last(rows: Table, name: str) -> DateValue:
    """The latest day it can be: the same, where every date of the table is known whole."""
    partial = f"{name}_last"
    return rows[partial].coalesce(rows[name]) if partial in rows.columns else rows[name]


def lies(rows: Table, name: str, window: Window, *, on: date) -> BooleanValue:
    """True, false, or none where nobody can tell, because there is no date or only a part of one."""
    end = window.until.before(on)
    start = window.begins(on)
    begins, ends = first(rows, name), last(rows, name)
    if f"{name}_last" not in rows.columns:
        within = begins <= end
        if start is not None:
            within = within & (begins >= start)
    else:
        out, sure = begins > end, ends <= end
        if start is not None:
            out, sure = out | (ends < start), sure & (begins >= start)
        within = ibis.cases((out, False), (sure, True), else_=ibis.null("boolean"))
    return begins.isnull() | within if window == EVER else within


def after(rows: Table, name: str, *, on: date) -> BooleanValue:
    """Whether it lies after a day, as `PartialDate.after`; no date is not after."""
    return ibis.cases(
        (rows[name].isnull(), False),
        (first(rows, name) > on, True),
        (last(rows, name) <= on, False),
        else_=ibis.null("boolean"),
    )


def before(rows: Table, name: str, *, on: date) -> BooleanValue:
    """Whether it lies before a day, as `PartialDate.before`; no date is not before."""
    return ibis.cases(
        (rows[name].isnull(), False),
        (last(rows, name) < on, True),
        (first(rows, name) >= on, False),
        else_=ibis.null("boolean"),
    )
