"""After how long is a repeat not ordered, and a signed prescription not known to be collected?

One definition of the kind repeat_ordering (``ordering/repeats.yaml``). No national source that we have read
names these times: they are a practice's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pestle.pharmacy import definition
from pestle.pharmacy.criteria import fields
from pestle.pharmacy.criteria.span import Span
from pestle.pharmacy.definition import Source

_FIELDS = frozenset({"not_ordered_after", "not_heard_after", "looked_back"})


@dataclass(frozen=True, slots=True)
class OrderingPolicy:
    """The practice's times; `looked_back` is how far back signed prescriptions are listed."""

    not_ordered_after: Span
    not_heard_after: Span
    looked_back: Span
    source: Source


def read_ordering(path: Path) -> OrderingPolicy:
    """The times of the file. Raises `Refused`: ``definition.…``."""
    one = definition.load(path, file=path.name, kinds={"repeat_ordering": _FIELDS})
    return OrderingPolicy(
        not_ordered_after=fields.span(one, "not_ordered_after"),
        not_heard_after=fields.span(one, "not_heard_after"),
        looked_back=fields.span(one, "looked_back"),
        source=one.source,
    )
