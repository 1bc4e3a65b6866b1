"""Under which heading does a system's file have each of our fields?

A mapping is a definition, because a report's columns are named by whoever makes the report. README.md says
what each field is for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from pestle.pharmacy import definition
from pestle.pharmacy.refusal import refuse


class Part(Enum):
    """What a file holds: one row for each. The value is stored."""

    PATIENTS = "patients"
    MEDICINES = "medicines"
    ISSUES = "issues"
    PROBLEMS = "problems"
    RESULTS = "results"


NEEDED: Mapping[Part, frozenset[str]] = {
    Part.PATIENTS: frozenset({"nhs_number", "family", "given", "born", "gender"}),
    Part.MEDICINES: frozenset({"nhs_number", "medicine", "course"}),
    Part.ISSUES: frozenset({"nhs_number", "medicine", "issued"}),
    Part.PROBLEMS: frozenset({"nhs_number", "problem"}),
    Part.RESULTS: frozenset({"nhs_number", "what", "value", "taken"}),
}
OPTIONAL: Mapping[Part, frozenset[str]] = {
    Part.PATIENTS: frozenset({"prefix", "address", "postcode", "died"}),
    Part.MEDICINES: frozenset({
        "id", "code", "directions", "quantity", "unit", "started", "ended", "last_issued", "issues",
        "issues_allowed", "authorised_until", "review_by", "indication",
    }),
    Part.ISSUES: frozenset({"id", "line", "quantity", "unit", "days"}),
    Part.PROBLEMS: frozenset({"id", "code", "began", "ended", "status"}),
    Part.RESULTS: frozenset({"id", "code", "unit"}),
}  # fmt: skip
_KINDS = {"gp_extract": frozenset({"name", *(part.value for part in Part)})}


@dataclass(frozen=True, slots=True)
class Columns:
    """A system's mapping: for each part and field the headings, in small letters, the first that is there."""

    name: str
    title: str
    headings: Mapping[Part, Mapping[str, tuple[str, ...]]]

    def places(self, part: Part, heading: Sequence[str]) -> dict[str, int]:
        """Where each field of the part stands in a file with this heading.

        Raises `Refused` (``extract.columns``) naming what is missing.
        """
        at = {" ".join(name.split()).casefold(): place for place, name in reversed(list(enumerate(heading)))}
        found = {
            field: next(at[name] for name in names if name in at)
            for field, names in self.headings[part].items()
            if any(name in at for name in names)
        }
        missing = sorted(NEEDED[part] - set(found))
        if missing:
            wanted = "; ".join(f"{field}: {' or '.join(self.headings[part][field])}" for field in missing)
            raise refuse("extract.columns", f"The file has no column for {wanted}", place="heading",
                         way_out="Compare the heading with the mapping under Definitions.")  # fmt: skip
        return found


def read_mappings(*folders: Path) -> dict[str, Columns]:
    """The mappings of these folders by name; a later folder's takes the place of an earlier one's.

    Raises `Refused` (``definition.…``) for one that does not say what it must.
    """
    found: dict[str, Columns] = {}
    for folder in folders:
        for one in definition.load_folders(folder, kinds=_KINDS).files:
            columns = _columns(one)
            found[columns.name] = columns
    return found


def _columns(one: definition.Definition) -> Columns:
    headings: dict[Part, Mapping[str, tuple[str, ...]]] = {}
    for part in Part:
        told = one.body.get(part.value)
        known = NEEDED[part] | OPTIONAL[part]
        if not isinstance(told, dict) or not NEEDED[part] <= set(told) <= known:
            raise definition.wrong(one, part.value, f"has headings for {', '.join(sorted(known))}")
        for names in told.values():
            if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
                raise definition.wrong(one, part.value, "has a list of headings for each field")
        headings[part] = {
            field: tuple(" ".join(name.split()).casefold() for name in names) for field, names in told.items()
        }
    return Columns(definition.text(one, "name"), one.title, headings)
