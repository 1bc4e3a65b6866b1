"""For how long does a measurement of a patient count?

Kind: result_ages (``measured/result_ages.yaml``): for each kind of result so many days, fewer for children.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pestle.pharmacy import definition as d
from pestle.pharmacy.definition import Definitions, Source

KINDS = {"result_ages": frozenset({"ages"})}
_AGE = frozenset({"of", "under_months", "days"})


@dataclass(frozen=True, slots=True)
class ResultAges:
    """By observable: (for people under so many months of age, so many days), those for all others last."""

    of: Mapping[str, tuple[tuple[int | None, int], ...]]
    source: Source

    def days(self, observable: str, months: int | None) -> int | None:
        """How many days a result counts for somebody of that age; None: for ever."""
        for under, days in self.of.get(observable, ()):
            if under is None or (months is not None and months < under):
                return days
        return None


def read(files: Definitions) -> ResultAges:
    """What the one definition says."""
    file = files.only("result_ages")
    found: dict[str, list[tuple[int | None, int]]] = {}
    for entry in d.entries(file, "ages", fields=_AGE):
        under = d.number(entry, "under_months") if "under_months" in entry.body else None
        found.setdefault(d.text(entry, "of"), []).append((under, d.number(entry, "days")))
    ordered = {
        name: tuple(sorted(ages, key=lambda age: (age[0] is None, age[0] or 0)))
        for name, ages in found.items()
    }
    return ResultAges(ordered, file.source)
