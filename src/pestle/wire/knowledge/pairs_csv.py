"""Which pairs does this table of interactions hold?

A CSV file in UTF-8 with a heading: ``drug_a``, ``drug_b``, ``severity``, and where there are any ``effect``
and ``action``. The severities are those of NDF-RT (Critical, Significant; United States Department of
Veterans Affairs, last published 2014) and the words that other lists use for the same.
"""

from __future__ import annotations

import csv
import io

from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.wire.knowledge.pair import Pair

NAME = "pairs-csv"
TITLE = "table of pairs: drug_a, drug_b, severity, and where there are any effect and action"

_NEEDED = ("drug_a", "drug_b", "severity")
_OPTIONAL = ("effect", "action")
_SEVERITY = {
    "contraindicated": "hard_stop",
    "critical": "interrupt",
    "major": "interrupt",
    "severe": "interrupt",
    "significant": "note",
    "moderate": "note",
    "minor": "note",
}
_EFFECT = {
    "hard_stop": "the source says that they must not be given together",
    "interrupt": "the source calls this interaction serious and does not say what happens",
    "note": "the source calls this interaction significant and does not say what happens",
}
_DO = "Look the pair up, and speak to the prescriber if it matters."


def read(content: bytes) -> tuple[Pair, ...]:
    """The pairs of a file, each once.

    Raises `Refused` with every fault: ``knowledge.unreadable``, ``knowledge.heading``,
    ``knowledge.missing-field``, ``knowledge.severity``, ``knowledge.itself``.
    """
    try:
        rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig")), strict=True)
        heading = tuple(rows.fieldnames or ())
        lines = [(rows.line_num, row) for row in rows]
    except (UnicodeDecodeError, csv.Error) as error:
        raise refuse("knowledge.unreadable", f"The file is no CSV in UTF-8: {error}", place="file") from None
    if not set(_NEEDED) <= set(heading) <= {*_NEEDED, *_OPTIONAL}:
        columns = ", ".join(_NEEDED)
        raise refuse(
            "knowledge.heading",
            f"The heading has {columns}, and besides only {' and '.join(_OPTIONAL)}",
            place="line 1",
        )
    faults: list[Refusal] = []
    found: dict[Pair, None] = {}
    for number, row in lines:
        try:
            found[_pair(row, place=f"line {number}")] = None
        except Refused as refused:
            faults.extend(refused.refusals)
    if faults:
        raise Refused(*faults)
    return tuple(found)


def _pair(row: dict[str, str | None], *, place: str) -> Pair:
    told = {name: " ".join((value or "").split()) for name, value in row.items() if isinstance(name, str)}
    for name in _NEEDED:
        if not told[name]:
            raise refuse("knowledge.missing-field", f"There is no {name}", place=f"{place}, {name}")
    severity = _SEVERITY.get(told["severity"].casefold())
    if severity is None:
        raise refuse(
            "knowledge.severity",
            f"“{told['severity']}” is not one of: {', '.join(_SEVERITY)}",
            place=f"{place}, severity",
        )
    one, other = sorted((told["drug_a"].casefold(), told["drug_b"].casefold()))
    if one == other:
        raise refuse("knowledge.itself", f"“{one}” is paired with itself", place=place)
    return Pair(one, other, severity, told.get("effect") or _EFFECT[severity], told.get("action") or _DO)
