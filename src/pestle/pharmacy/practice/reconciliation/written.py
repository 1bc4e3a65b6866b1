"""Which lines does a pasted or typed list hold, and what does each of them say?

One line of text is one medicine. A line is parted into the name, the directions, what the sender says was
done, and what it is for; the parting is the one of which most is understood, and where nothing is understood
the whole line is the name and its directions are *not understood*. Nothing is dropped: `verbatim` has it all.

Headings say something of the lines below them (“Stopped medicines:”); they are remembered by `written`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.dosage.parse import read
from pestle.pharmacy.dosage.reading import Reading
from pestle.pharmacy.practice.reconciliation.line import NO_DIRECTIONS, ListLine
from pestle.pharmacy.practice.reconciliation.names import Names
from pestle.pharmacy.practice.reconciliation.said import Change, Says, changes_in
from pestle.pharmacy.refusal import refuse

MOST_LINES = 100
LONGEST = 500


def written(text: str, names: Names, *, on: date | None = None) -> tuple[ListLine, ...]:
    """The lines of a list that was pasted or typed; `on` is the day of the letter. Keys count from 1.

    Raises `Refused`: ``list.empty``, ``list.too-many-lines``, ``list.line-too-long``.
    """
    rows = [row.strip() for row in text.splitlines() if row.strip(" \t*•-–—_=")]
    if not rows:
        raise refuse("list.empty", "There is no line in this list", place="list",
                     way_out="Paste or type one medicine a line.")  # fmt: skip
    if len(rows) > MOST_LINES:
        raise refuse("list.too-many-lines", f"A list has {MOST_LINES} lines at most; this has {len(rows)}",
                     place="list", way_out="Paste the medicines alone.")  # fmt: skip
    lines: list[ListLine] = []
    heading: Change | None = None
    for number, row in enumerate(rows, start=1):
        if len(row) > LONGEST:
            raise refuse("list.line-too-long", f"Line {number} is longer than {LONGEST} characters",
                         place="list", way_out="Put each medicine on a line of its own.")  # fmt: skip
        headed = _heading(row, names)
        if headed is not None:
            heading = headed
            continue
        line = written_line(row, names, key=str(len(lines) + 1), on=on)
        if heading is not None and not line.change.words:
            line = replace(line, change=heading, hospital_only=heading.says is Says.HOSPITAL_ONLY)
        lines.append(line)
    if not lines:
        raise refuse("list.empty", "There is no medicine in this list", place="list",
                     way_out="Paste or type one medicine a line.")  # fmt: skip
    return tuple(lines)


def written_line(row: str, names: Names, *, key: str, on: date | None = None) -> ListLine:
    """What one line says."""
    change, rest = changes_in(_NUMBERED.sub("", row), on=on)
    indication = _INDICATION.search(rest)
    if indication is None and (aside := _ASIDE.search(rest)) and not read(aside["what"]).understood:
        indication = aside
    if indication:
        rest = f"{rest[: indication.start()]} {rest[indication.end() :]}".strip(_EDGES)
    name, directions = _parted(rest, names)
    if not directions.understood and change.to:
        said = read(change.to)
        directions = said if said.understood else directions
    return ListLine(
        key=key,
        verbatim=row,
        name=name,
        meant=names.meant_by(Coded(name)),
        directions=directions,
        change=change,
        indication=indication["what"].strip(_EDGES) if indication else _reason(directions),
        hospital_only=change.says is Says.HOSPITAL_ONLY,
    )


def _parted(text: str, names: Names) -> tuple[str, Reading]:
    """The name and the directions: best a known name, the longest there is, with directions that are
    understood and say how much; where no name is known, the longest directions that are understood."""
    best: tuple[tuple[int, int, int], str, Reading] | None = None
    for name, rest in _partings(text):
        if names.goes_on(rest):
            continue
        directions = read(rest) if rest else NO_DIRECTIONS
        known = names.says_medicine(name)
        rank = (2 * known + directions.understood, _dosed(directions), len(name) if known else -len(name))
        if best is None or rank > best[0]:
            best = rank, name, directions
    if best is None or best[0][0] == 0:
        return text.strip(_EDGES), NO_DIRECTIONS
    return best[1], best[2]


def _partings(text: str) -> Iterator[tuple[str, str]]:
    """Every way to part the words in two, the name at least one word."""
    ends = [match.end() for match in re.finditer(r"\S+", text)]
    for end in ends:
        yield text[:end].strip(_EDGES), text[end:].strip(_BETWEEN)


def _dosed(directions: Reading) -> bool:
    """Whether they say how much at a time."""
    return directions.dosage is not None and all(step.doses for step in directions.dosage.steps)


def _reason(directions: Reading) -> str:
    """What the directions say it is for: “for sleep” is sleep."""
    notes = [note.text for step in (directions.dosage.steps if directions.dosage else ())
             for note in step.additional_instructions]  # fmt: skip
    return next((note.removeprefix("for ") for note in notes if note.startswith("for ")), "")


def _heading(row: str, names: Names) -> Change | None:
    """What a heading says of the lines below it; None for a line that is a medicine."""
    if names.says_medicine(row) or not (row.endswith(":") or _TITLE.fullmatch(row)):
        return None
    change, _ = changes_in(row)
    return change


_NUMBERED = re.compile(r"^\s*(?:\(?\d{1,2}[.)]\s+|[*•·–—-]\s*)")
_INDICATION = re.compile(
    r"\b(?:indication|for treatment of|reason)\s*[:=-]?\s*(?P<what>[^;,\t()]+)", re.IGNORECASE
)
_ASIDE = re.compile(r"\((?P<what>[^()\d]{3,})\)\s*$")
_TITLE = re.compile(
    r"(?:\w+ ){0,4}(?:medicines|medications|medication|drugs|list)(?: \w+){0,4}", re.IGNORECASE
)
_BETWEEN = " \t,;:-–—|"
_EDGES = " \t,;:.-–—|()"
