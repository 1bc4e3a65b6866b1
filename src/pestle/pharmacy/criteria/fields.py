"""What does a field of a condition say: a length of time, a window, a number, the name of a definition?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import TypeVar

from pestle.pharmacy import definition as d
from pestle.pharmacy.criteria.span import NONE, Span, SpanUnit, Window
from pestle.pharmacy.definition import Definition

T = TypeVar("T")

# The fields of a window.
WINDOW = frozenset({"within", "since", "until"})


def span(definition: Definition, name: str) -> Span:
    """A field such as ``3 months``, ``28 days``, ``12 weeks`` or ``1 year``."""
    match = re.fullmatch(r"(\d{1,4}) (day|week|month|year)s?", d.text(definition, name))
    if match is None:
        raise d.wrong(definition, name, "is a length of time such as 28 days, 12 weeks or 3 months")
    number = int(match[1])
    if match[2] in ("day", "week"):
        return Span(number * (7 if match[2] == "week" else 1), SpanUnit.DAYS)
    return Span(number * (12 if match[2] == "year" else 1), SpanUnit.MONTHS)


def window(definition: Definition, *, needed: bool = True) -> Window:
    """How far back to look: `within` so long or `since` a day, `until` so long ago; without `needed` all may
    be left out."""
    if needed and WINDOW.isdisjoint(definition.body):
        raise d.wrong(definition, "within", "says how far back to look (or until when, or ever)")
    if "within" in definition.body and "since" in definition.body:
        raise d.wrong(definition, "since", "or within says where the window begins, and one of them only")
    since: Span | date | None = None
    if "since" in definition.body:
        since = d.day(definition, "since")
    elif "within" in definition.body and definition.body["within"] != "ever":
        since = span(definition, "within")
    until = span(definition, "until") if "until" in definition.body else NONE
    return Window(since, until)


def number(part: Definition, name: str) -> int | None:
    """A whole number; None where the field is left out."""
    return d.number(part, name) if name in part.body else None


def named(part: Definition, name: str, among: Mapping[str, T]) -> T:
    """What a field names. Raises `Refused` (``definition.wrong-value``) where there is no such thing."""
    return known(part, name, d.text(part, name), among)


def known(part: Definition, name: str, called: str, among: Mapping[str, T]) -> T:
    """What a word of a field names. Raises as `named` does."""
    if called not in among:
        raise d.wrong(part, name, f"names a definition; there is no “{called}”")
    return among[called]
