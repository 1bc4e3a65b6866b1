"""What does the law ask of a controlled drug?

Kind: controlled_rule (``controlled/*.yaml``), one file a rule, each under its own name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pestle.pharmacy import definition as d
from pestle.pharmacy.definition import Definitions, Source
from pestle.pharmacy.refusal import refuse

KINDS = {"controlled_rule": frozenset({"schedules", "days", "do"})}
RULES = ("validity", "quantity_words", "supply_days", "repeat_dispensing", "licence", "stated_schedule")


@dataclass(frozen=True, slots=True)
class ControlledRule:
    """One rule for the schedules in `schedules`; `days` where the rule counts days; what to do about it."""

    schedules: frozenset[int]
    days: int | None
    do: str
    source: Source


def read(files: Definitions) -> Mapping[str, ControlledRule]:
    """The rules by the names of their files."""
    return {rule: _controlled(files, rule) for rule in RULES}


def _controlled(files: Definitions, rule: str) -> ControlledRule:
    for file in files.of("controlled_rule"):
        if file.file == f"controlled/{rule}.yaml":
            days = d.number(file, "days") if "days" in file.body else None
            return ControlledRule(d.schedules(file, "schedules"), days, d.text(file, "do"), file.source)
    raise refuse("definition.missing", f"controlled/{rule}.yaml is missing", place=f"controlled/{rule}.yaml")
