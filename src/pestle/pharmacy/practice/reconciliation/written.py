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
from pestle.pharmacy.practice.reconciliation.line import NO_DIRECTIONS, NOTHING_SAID, ListLine
from pestle.pharmacy.practice.reconciliation.names import Meant, Names
from pestle.pharmacy.practice.reconciliation.said import Change, Says, changes_in
from pestle.pharmacy.record.medication import Medication
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
    remark = ""
    for number, row in enumerate(rows, start=1):
        if len(row) > LONGEST:
            raise refuse("list.line-too-long", f"Line {number} is longer than {LONGEST} characters",
                         place="list", way_out="Put each medicine on a line of its own.")  # fmt: skip
        headed = _heading(row, names)
        if headed is not None:
            heading, remark = headed, _remark(row)
            continue
        if lines and _is_directions(row, lines[-1], names):
            joined = written_line(f"{lines[-1].verbatim} - {row}", names, key=lines[-1].key, on=on)
            line, lines = replace(joined, verbatim=f"{lines[-1].verbatim}\n{row}"), lines[:-1]
        else:
            line = written_line(row, names, key=str(len(lines) + 1), on=on)
        if not line.name or (heading is not None and _is_aside(line, names)):
            # A word of change alone is of the line above or of those below: a person says of which. And what
            # names no medicine (“TTO”) may be the heading of what comes next: nothing below is stopped by the
            # one before.
            heading = None
        elif heading is not None and not line.change.words:
            line = replace(line, change=heading, hospital_only=heading.says is Says.HOSPITAL_ONLY)
        if remark and not line.remark:
            line = _only_remarks(line, remark)
        lines.append(line)
    if not lines:
        raise refuse("list.empty", "There is no medicine in this list", place="list",
                     way_out="Paste or type one medicine a line.")  # fmt: skip
    return tuple(lines)


def written_line(row: str, names: Names, *, key: str, on: date | None = None) -> ListLine:
    """What one line says."""
    text = _NUMBERED.sub("", _CELLS.sub("  ", row)).strip()
    change, rest = changes_in(text, on=on)
    for latin, plain in _LATIN:
        rest = latin.sub(plain, rest)
    indication = _INDICATION.search(rest)
    if indication is None and (aside := _ASIDE.search(rest)) and not read(aside["what"]).understood:
        indication = aside
    if indication:
        rest = f"{rest[: indication.start()]} {rest[indication.end() :]}".strip(_EDGES)
    name, directions = _parted(rest, names)
    if not directions.understood and change.to:
        said = read(change.to)
        directions = said if said.understood else directions
    line = ListLine(
        key=key,
        verbatim=row,
        name=name,
        meant=names.meant_by(Coded(name)),
        directions=directions,
        change=change,
        indication=indication["what"].strip(_EDGES) if indication else _reason(directions),
        hospital_only=change.says is Says.HOSPITAL_ONLY,
        others=names.in_words(text, but=name),
    )
    # “Cetirizine 10mg daily for allergies” is a medicine to take.
    remark = _remark(row) if _ALLERGY.match(text) or not directions.understood else ""
    return _only_remarks(line, remark) if remark else line


def _only_remarks(line: ListLine, remark: str) -> ListLine:
    """A line that tells of something else than a medicine to take: it is about none on the other list."""
    return replace(
        line, meant=Meant(Medication(Coded(line.name))), change=NOTHING_SAID, hospital_only=False, others=(),
        remark=remark,
    )  # fmt: skip


def _remark(row: str) -> str:
    return "an allergy or a reaction" if _ALLERGY.search(row) else ""


def _is_aside(line: ListLine, names: Names) -> bool:
    """Whether a line says nothing of a medicine: no name that is known, no directions, no change."""
    unknown = not line.meant.products and not names.says_medicine(line.name)
    return unknown and not line.change.words and not line.directions.understood


def _is_directions(row: str, above: ListLine, names: Names) -> bool:
    """Whether a row is the directions of the medicine in the row above, which has none of its own."""
    named = names.says_medicine(above.name) and not above.directions.text.strip() and not above.remark
    return bool(named and _DOSED.match(row)) and not names.in_words(row) and read(row).understood


def _parted(text: str, names: Names) -> tuple[str, Reading]:
    """The name and the directions: best a known name, the longest there is, with directions that are
    understood and say how much; where no name is known, the longest directions that are understood."""
    best: tuple[tuple[int, int, int], str, Reading] | None = None
    for name, rest in _partings(text):
        if names.goes_on(rest) or _is_range(name, text):
            continue
        directions = read(rest) if rest else NO_DIRECTIONS
        known = names.says_medicine(name)
        rank = (2 * known + directions.understood, _dosed(directions), len(name) if known else -len(name))
        if best is None or rank > best[0]:
            best = rank, name, directions
    if best is None or best[0][0] == 0:
        return text.strip(_EDGES), NO_DIRECTIONS
    return best[1], best[2]


def _is_range(name: str, text: str) -> bool:
    """Whether a parting would cut through “500 mg - 1 g”, which may be from how much to how much."""
    return any(each.start() < text.find(name) + len(name) < each.end() for each in _RANGE.finditer(text))


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
    if _NOTHING.fullmatch(row) or _columns(row):
        return Change()
    if names.says_medicine(row) or _OTHERS.search(row):
        return None
    if not (row.endswith(":") or _TITLE.fullmatch(row)):
        return None
    change, _ = changes_in(row)
    return change


def _columns(row: str) -> bool:
    """Whether a row is the heads of a table's columns."""
    words = [word.strip().casefold() for word in re.split(r"[\t|,/]|\s{2,}|\s", row) if word.strip()]
    return len(words) > 1 and _COLUMNS.issuperset(words)


_COLUMNS = frozenset({
    "drug", "drugs", "medicine", "medication", "name", "dose", "dosage", "strength", "form", "route",
    "frequency", "freq", "status", "change", "changes", "comment", "comments", "notes", "indication",
    "duration", "quantity", "qty", "supply", "directions", "instructions", "reason", "start", "end", "date",
})  # fmt: skip
# How directions begin; a medicine that the dictionary does not have begins otherwise.
_DOSED = re.compile(
    r"(?:\d|½|one\b|two\b|three\b|four\b|half\b|take\b|apply\b|inhale\b|inject\b|instil\b|use\b|to be\b)",
    re.IGNORECASE,
)
_RANGE = re.compile(
    r"\d[\d.,]*\s*(?:mg|g|grams?|micrograms?|mcg|ml|units?)?\s*(?:-|–|to)\s*\d[\d.,]*\s*"
    r"(?:mg|g|grams?|micrograms?|mcg|ml|units?)\b",
    re.IGNORECASE,
)
# Cells of a table that was pasted.
_CELLS = re.compile(r"\s*\|\s*")
# “om” and “on” as prescribers write them (omni mane, omni nocte); “on” only in capitals and at an end, since
# it is a word.
_LATIN = (
    (re.compile(r"\b(?:om\b|o\.m\.)", re.IGNORECASE), "in the morning"),
    (re.compile(r"\b(?:ON\b|[oO]\.[nN]\.)(?=\s*(?:$|[,;()\[\t]|[-–—]\s))"), "at night"),
)
_ALLERGY = re.compile(
    r"\b(?:(?:known |drug |new |no )*allerg(?:y|ies|ic)|anaphyla\w+|nkda|nkfda|sensitivit(?:y|ies)"
    r"|intoleran(?:t|ce|ces)|adverse (?:drug )?reactions?)\b",
    re.IGNORECASE,
)
# “Stopped: none”, “No medicines were stopped”, “Nothing changed”: of no medicine anything is said.
_NOTHING = re.compile(
    r"\W*(?:[a-z ]{3,40}[:–-]\s*(?:none|nil|nothing|n/?a)|none|nil|n/?a"
    r"|(?:no|none|nothing)\b(?: (?:new|other|regular|of|the|any|medicines?|medications?|drugs?)){0,4}"
    r"(?: (?:was|were|been|has|have)){0,2} (?:stopped|started|changed|withheld|added))\W*",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"^\s*(?:\(?\d{1,2}[.)]\s+|[*•·–—-]\s*)")
_INDICATION = re.compile(
    r"\b(?:indication|for treatment of|reason)\s*[:=-]?\s*(?P<what>[^;,\t()]+)", re.IGNORECASE
)
_ASIDE = re.compile(r"\((?P<what>[^()\d]{3,})\)\s*$")
# “All other medicines unchanged” says something of medicines that it does not name.
_OTHERS = re.compile(r"\ball other\b", re.IGNORECASE)
_TITLE = re.compile(
    r"(?:\w+ ){0,4}(?:medicines|medications|medication|drugs|list)(?: \w+){0,4}", re.IGNORECASE
)
_BETWEEN = " \t,;:-–—|"
_EDGES = " \t,;:.-–—|()"
