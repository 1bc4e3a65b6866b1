"""Which known words, numbers and marks does a text consist of, in order?

One pass over the characters, then one over the words, in which the longest known phrase wins. Every
character that is not a space is in exactly one lexeme: what is not known becomes UNKNOWN and is kept.
"""

from __future__ import annotations

import re
from datetime import time
from decimal import Decimal
from typing import NamedTuple

from pestle.pharmacy.dosage.lexicon import NUMBERS, PHRASES, TENS, Kind

_ATOM = re.compile(
    r"(?P<date>[0-9]{1,2}[/.][0-9]{1,2}[/.][0-9]{4}(?![0-9]))"
    r"|(?P<clock>[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?![0-9:]))"
    r"|(?P<number>[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?(?![0-9])|[0-9]+(?:\.[0-9]+)?|\.[0-9]+)"
    r"|(?P<dotted>(?:[a-z]\.){2,})"
    r"|(?P<word>[^\W\d_]+(?:\(s\))?(?:['’][^\W\d_]+)?)"
    r"|(?P<mark>\S)",
    re.IGNORECASE,
)
_AM_PM = frozenset({"am", "pm", "noon"})
_VULGAR = {"½": Decimal("0.5"), "¼": Decimal("0.25"), "¾": Decimal("0.75")}


class Lexeme(NamedTuple):
    """A known phrase, a number or a mark. `glued` says that no space stands before it."""

    kind: Kind
    value: object
    text: str
    glued: bool = False
    digits: bool = False


class _Atom(NamedTuple):
    what: str
    text: str
    low: str
    glued: bool


def lexemes(text: str) -> list[Lexeme]:
    """The text as lexemes, in order; never raises."""
    atoms = _atoms(text)
    found: list[Lexeme] = []
    at = 0
    while at < len(atoms):
        lexeme, at = _next(atoms, at)
        found.append(lexeme)
    return found


def _atoms(text: str) -> list[_Atom]:
    atoms: list[_Atom] = []
    end = 0
    for match in _ATOM.finditer(text):
        word = match.group()
        what = match.lastgroup or "mark"
        low = word.casefold()
        if what == "dotted":
            low = low.replace(".", "")
        atoms.append(_Atom(what, word, low, match.start() == end and end > 0))
        end = match.end()
    return atoms


def _next(atoms: list[_Atom], at: int) -> tuple[Lexeme, int]:
    atom = atoms[at]
    if atom.what == "number":
        return _number(atoms, at)
    if atom.what == "clock":
        return _clock(atom), at + 1
    if atom.what == "date":
        return Lexeme(Kind.DATE, _iso(atom.text), atom.text, atom.glued), at + 1
    if atom.text in _VULGAR:
        return Lexeme(Kind.FRACTION, _VULGAR[atom.text], atom.text, atom.glued, True), at + 1
    if atom.low in TENS and at + 1 < len(atoms):
        compound = _compound(atoms, at)
        if compound:
            return compound
    for rest, kind, value in PHRASES.get(atom.low, ()):
        end = at + 1 + len(rest)
        if end <= len(atoms) and all(a.low == w for a, w in zip(atoms[at + 1 : end], rest, strict=False)):
            text = " ".join(a.low if a.what == "dotted" else a.text for a in atoms[at:end])
            return Lexeme(kind, text.casefold() if value is None else value, text, atom.glued), end
    return Lexeme(Kind.UNKNOWN, None, atom.text, atom.glued), at + 1


def _compound(atoms: list[_Atom], at: int) -> tuple[Lexeme, int] | None:
    """“twenty four” and “twenty-four”; None where no digit word follows."""
    after = at + 2 if atoms[at + 1].text == "-" and atoms[at + 1].glued else at + 1
    if after >= len(atoms):
        return None
    ones = NUMBERS.get(atoms[after].low)
    if ones is None or not 0 < ones < 10:
        return None
    text = f"{atoms[at].text} {atoms[after].text}"
    return Lexeme(Kind.NUMBER, TENS[atoms[at].low] + ones, text, atoms[at].glued), after + 1


def _number(atoms: list[_Atom], at: int) -> tuple[Lexeme, int]:
    atom = atoms[at]
    if at + 1 < len(atoms) and atoms[at + 1].low in _AM_PM:
        moment = _am_pm(atom.text, atoms[at + 1].low)
        if moment is not None:
            return Lexeme(Kind.CLOCK, moment, f"{atom.text}{atoms[at + 1].text}", atom.glued), at + 2
    return Lexeme(Kind.NUMBER, Decimal(atom.text.replace(",", "")), atom.text, atom.glued, True), at + 1


def _am_pm(digits: str, half: str) -> time | None:
    """8am, 2pm, 8.30am, 12 noon; None for what is no time of day."""
    hour, _, minute = digits.partition(".")
    if not (hour.isdigit() and (not minute or (minute.isdigit() and len(minute) == 2))):
        return None
    hours, minutes = int(hour), int(minute or 0)
    if not 1 <= hours <= 12 or minutes > 59 or (half == "noon" and (hours, minutes) != (12, 0)):
        return None
    if half == "noon":
        return time(12)
    return time(hours % 12 + (12 if half == "pm" else 0), minutes)


def _clock(atom: _Atom) -> Lexeme:
    parts = atom.text.split(":")
    try:
        # “1:45” may be the afternoon; two digits make a 24-hour time.
        value = time.fromisoformat(atom.text) if len(parts[0]) == 2 else None
    except ValueError:
        value = None
    return Lexeme(Kind.UNKNOWN if value is None else Kind.CLOCK, value, atom.text, atom.glued)


def _iso(text: str) -> str:
    day, month, year = re.split(r"[/.]", text)
    return f"{year}-{int(month):02d}-{int(day):02d}"
