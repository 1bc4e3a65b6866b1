"""Which known words, numbers and marks does a text consist of, in order?

One pass over the characters, then one over the words, in which the longest known phrase wins. Every
character that is not a space is in exactly one lexeme: what is not known becomes UNKNOWN and is kept.
"""

from __future__ import annotations

import re
from datetime import time
from decimal import Decimal
from typing import NamedTuple

from pestle.pharmacy.dosage.dose import PeriodUnit
from pestle.pharmacy.dosage.lexicon import MISSPELT, NUMBERS, PERIODS, PHRASES, TENS, Kind

_EVERY = r"q[. ]?([0-9]{1,2})(?: ?(?:-|to) ?([0-9]{1,2}))?[. ]?(hours?|hrs?|h|days?|d|weeks?|wks?|mins?)x?"
_ATOM = re.compile(
    r"(?P<word>[^\W\d_]{2,}(?:\(s\))?(?:['’][^\W\d_]+)?)"
    r"|(?P<date>[0-9]{1,2}[/.][0-9]{1,2}[/.][0-9]{4}(?![0-9]))"
    r"|(?P<clock>[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?![0-9:]))"
    r"|(?P<fraction>(?:[0-9]{1,2} )?[1-3]/[248](?![0-9/.]))"
    r"|(?P<course>[0-9]{1,2}/(?:7|52|12)(?![0-9/.]))"
    r"|(?P<number>[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?(?![0-9])|[0-9]+(?:\.[0-9]+)?|\.[0-9]+)"
    rf"|(?P<every>{_EVERY.replace('(', '(?:').replace('(?:?:', '(?:')}(?![^\W_]))"
    r"|(?P<dotted>(?:[a-z][./])+[a-z](?![^\W_])\.?|(?:[a-z]\.){2,})"
    r"|(?P<letter>[^\W\d_](?:\(s\))?(?:['’][^\W\d_]+)?)"
    r"|(?P<mark>\S)"
)
_EVERY_PARTS = re.compile(_EVERY)
_AM_PM = frozenset({"am", "pm", "noon"})
_VULGAR = {"½": Decimal("0.5"), "¼": Decimal("0.25"), "¾": Decimal("0.75")}
_SPELT = frozenset({"word", "letter", "dotted", "mark"})
_COURSES = {"7": (1, PeriodUnit.DAY), "52": (1, PeriodUnit.WEEK), "12": (1, PeriodUnit.MONTH)}
# Numbers that are written again and again, made once.
_SMALL = {str(value): Decimal(value) for value in range(101)}


class Lexeme(NamedTuple):
    """A known phrase, a number or a mark, and where it stands. `glued`: no space stands before it."""

    kind: Kind
    value: object
    text: str
    glued: bool = False
    digits: bool = False
    start: int = 0
    end: int = 0


# What kind of characters, the text, the word looked up, whether it is glued, where it starts and ends.
_Atom = tuple[str, str, str, bool, int, int]
_new = tuple.__new__


def lexemes(text: str) -> list[Lexeme]:
    """The text as lexemes, in order; never raises."""
    atoms = _atoms(text)
    found: list[Lexeme] = []
    at, count, top = 0, len(atoms), PHRASES.get
    while at < count:
        atom = atoms[at]
        what, word, low, glued, start, end = atom
        if what in _SPELT:
            if low in TENS and at + 1 < count:
                compound = _compound(atoms, at)
                if compound:
                    lexeme, at = compound
                    found.append(lexeme)
                    continue
            node = top(low)
            at += 1
            if node is None:
                if word in _VULGAR:
                    found.append(Lexeme(Kind.FRACTION, _VULGAR[word], word, glued, True, start, end))
                else:
                    found.append(Lexeme(Kind.UNKNOWN, None, word, glued, False, start, end))
                continue
            said, after, ahead = node.said, at, at
            while node and ahead < count:
                node = node.get(atoms[ahead][2])
                if node is None:
                    break
                ahead += 1
                if node.said is not None:
                    said, after = node.said, ahead
            if said is None:
                found.append(Lexeme(Kind.UNKNOWN, None, word, glued, False, start, end))
                continue
            if after > at:
                end = atoms[after - 1][5]
                low = " ".join([part[2] for part in atoms[at - 1 : after]])
                word = text[start:end]
                at = after
            kind, value = said
            value = low if value is None else value
            found.append(_new(Lexeme, (kind, value, word, glued, False, start, end)))
        elif what == "number":
            lexeme, at = _number(atoms, at)
            found.append(lexeme)
        else:
            found.append(_figures(atom))
            at += 1
    return found


def _atoms(text: str) -> list[_Atom]:
    lower = text.lower()
    if len(lower) != len(text):  # a few letters become two
        lower = text
    atoms: list[_Atom] = []
    last = -1
    spelt = MISSPELT.get
    for match in _ATOM.finditer(lower):
        start, end = match.span()
        low, what = lower[start:end], match.lastgroup or "mark"
        if what == "word":
            low = spelt(low, low)
        elif what == "dotted":
            low = low.replace(".", "").replace("/", "")
        atoms.append((what, text[start:end], low, start == last, start, end))
        last = end
    return atoms


def _figures(atom: _Atom) -> Lexeme:
    """A time, a date, “1/2”, “5/7” (five days) or “q4-6h”."""
    what, word, low, glued, start, end = atom
    if what == "clock":
        return _clock(atom)
    if what == "date":
        return Lexeme(Kind.DATE, _iso(word), word, glued, False, start, end)
    if what == "fraction":
        whole, _, parts = word.rpartition(" ")
        above, below = parts.split("/")
        value = Decimal(whole or 0) + Decimal(above) / Decimal(below)
        return Lexeme(Kind.FRACTION, value, word, glued, True, start, end)
    if what == "course":
        many, _, of = word.partition("/")
        return Lexeme(Kind.COURSE, (Decimal(many), *_COURSES[of]), word, glued, True, start, end)
    found = _EVERY_PARTS.match(low)
    assert found is not None
    least, most, unit = found.groups()
    span = (Decimal(least), Decimal(most) if most else None, PERIODS[unit.removesuffix("s")])
    return Lexeme(Kind.ALTERNATE, span, word, glued, False, start, end)


def _compound(atoms: list[_Atom], at: int) -> tuple[Lexeme, int] | None:
    """“twenty four” and “twenty-four”; None where no digit word follows."""
    _, first, low, glued, start, _ = atoms[at]
    after = at + 2 if atoms[at + 1][1] == "-" and atoms[at + 1][3] else at + 1
    if after >= len(atoms):
        return None
    _, second, digit, _, _, end = atoms[after]
    ones = NUMBERS.get(digit)
    if ones is None or not 0 < ones < 10:
        return None
    return Lexeme(Kind.NUMBER, TENS[low] + ones, f"{first} {second}", glued, False, start, end), after + 1


def _number(atoms: list[_Atom], at: int) -> tuple[Lexeme, int]:
    _, word, _, glued, start, end = atoms[at]
    if at + 1 < len(atoms) and atoms[at + 1][2] in _AM_PM:
        moment = _am_pm(word, atoms[at + 1][2])
        if moment is not None:
            text = f"{word}{atoms[at + 1][1]}"
            return Lexeme(Kind.CLOCK, moment, text, glued, False, start, atoms[at + 1][5]), at + 2
    value = _SMALL.get(word) or Decimal(word.replace(",", ""))
    return _new(Lexeme, (Kind.NUMBER, value, word, glued, True, start, end)), at + 1


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
    _, word, _, glued, start, end = atom
    try:
        # “1:45” may be the afternoon; two digits make a 24-hour time.
        value = time.fromisoformat(word) if word.index(":") == 2 else None
    except ValueError:
        value = None
    return Lexeme(Kind.UNKNOWN if value is None else Kind.CLOCK, value, word, glued, False, start, end)


def _iso(text: str) -> str:
    day, month, year = re.split(r"[/.]", text)
    return f"{year}-{int(month):02d}-{int(day):02d}"
