"""What does the sender say that was done with this medicine?

Words and codes are read alike. What is not said is None, and None is never "stopped" and never "unchanged".
What the words tell beside the change (from which dose, why, until when) stays verbatim.

Source: CareConnect MedicationChangeStatus 1.0.0 (HL7 UK, 2018-03-01) and ITK PatientMedicationChangeType
(NHS Digital, draft of 2017-09-12), each code with its own definition; the words are ours, from letters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import Enum

from pestle.pharmacy.record.moment import PartialDate, whole

CARE_CONNECT = "CareConnect-MedicationChangeStatus-1"
ITK = "ITK-PatientMedicationChangeType-1"


class Says(Enum):
    """What the sender says was done with a medicine; the value says it to a person."""

    CONTINUED = "continued"
    ADDED = "started"
    AMENDED = "changed"
    ON_HOLD = "withheld"
    STOPPED = "stopped"
    COMPLETED = "course completed"
    HOSPITAL_ONLY = "supplied by the hospital only"
    RECOMMENDED = "recommended"


@dataclass(frozen=True, slots=True)
class Change:
    """What the sender says of a line, in which words, and until when where it is withheld.

    `says` is None where nothing is said, and where the words name two changes that cannot both be, or one
    that was not done, or not yet: then a person reads `words`. `reason` is what follows “because”, “due to”
    or “for” in them, and `to` what the medicine was changed to; both are empty where nothing is said.
    """

    says: Says | None = None
    words: str = ""
    until: PartialDate | None = None
    reason: str = ""
    to: str = ""

    @property
    def unclear(self) -> bool:
        """Whether something is said, and it cannot be told what."""
        return self.says is None and bool(self.words)


# ITK 3 (a prescription was cancelled, and a course may still be finished), 10 (never given) and 12 (another
# order took its place) say that something was done with an order, not what the patient now takes.
_CODES = {
    (CARE_CONNECT, "continued"): Says.CONTINUED,
    (CARE_CONNECT, "added"): Says.ADDED,
    (CARE_CONNECT, "amended"): Says.AMENDED,
    (CARE_CONNECT, "on-hold"): Says.ON_HOLD,
    (ITK, "1"): Says.CONTINUED,
    (ITK, "2"): Says.AMENDED,
    (ITK, "4"): Says.ADDED,
    (ITK, "5"): Says.STOPPED,
    (ITK, "6"): Says.ON_HOLD,
    (ITK, "7"): Says.RECOMMENDED,
    (ITK, "8"): Says.CONTINUED,
    (ITK, "11"): Says.COMPLETED,
}


def of_code(system: str, code: str) -> Says | None:
    """What a code of one of the two systems says; None for any other, and for those that say nothing of what
    the patient takes now. `system` is the address, whose last part is the name of the system."""
    return _CODES.get((system.rstrip("/").rpartition("/")[2], code.strip().casefold()))


def changes_in(text: str, *, on: date | None = None) -> tuple[Change, str]:
    """What the words of a line say was done, and the rest of the line.

    A change runs from its word to the end of its clause: a comma, a bracket, a dash or the end of the line.
    `on` is the day of the letter: a date without a year is the next such day from then on; without `on` it is
    not read.
    """
    found = [(kind, match) for pattern, kind in _PATTERNS for match in pattern.finditer(text)]
    found = sorted((each for each in found if not _inside(each, found)), key=lambda each: each[1].start())
    if not found:
        return Change(), text
    clauses: list[str] = []
    pieces: list[str] = []
    at = 0
    for _, match in found:
        if match.start() < at:
            continue  # a second word in a clause that is read already
        end = _clause_end(text, match)
        clauses.append(text[match.start() : end].strip(_EDGES))
        pieces.append(text[at : match.start()].strip(" \t([-–—|"))
        at = end
    pieces.append(text[at:].lstrip(" \t)]"))
    rest = " ".join(piece for piece in pieces if piece).strip(_BETWEEN)
    says = _one_of({kind for kind, _ in found})
    words = "; ".join(clauses)
    until = _until(words, on) if says is Says.ON_HOLD else None
    reason, to = _REASON.search(words), _TO.search(words) if says is Says.AMENDED else None
    return Change(says, words, until, _text(reason), _text(to)), rest


def _clause_end(text: str, match: re.Match[str]) -> int:
    """Where the clause of a change ends; just after the word where the line begins with it and goes on to the
    medicine (“Stopped: amlodipine 5mg”)."""
    if not text[: match.start()].strip(_EDGES):
        return match.end()
    end = _CLAUSE.search(text, match.end())
    return end.start() if end else len(text)


def _text(found: re.Match[str] | None) -> str:
    return found[1].strip(_EDGES) if found else ""


def _one_of(kinds: set[Says | None]) -> Says | None:
    """The one change that these words say; “new … increased” is a change, “stopped … restarted” is
    unclear."""
    if len(kinds) == 1:
        return next(iter(kinds))
    if kinds == {Says.CONTINUED, Says.AMENDED}:
        return Says.AMENDED
    if kinds == {Says.ADDED, Says.HOSPITAL_ONLY} or kinds == {Says.CONTINUED, Says.HOSPITAL_ONLY}:
        return Says.HOSPITAL_ONLY
    return None


def _inside(each: tuple[Says | None, re.Match[str]], among: list[tuple[Says | None, re.Match[str]]]) -> bool:
    """Whether a longer wording of another kind holds these words: “not stopped” is not “stopped”."""
    _, match = each
    return any(
        other.start() <= match.start() and match.end() <= other.end() and len(other[0]) > len(match[0])
        for _, other in among
    )


def _until(words: str, on: date | None) -> PartialDate | None:
    stated = _UNTIL.search(words)
    if stated is None:
        return None
    day, month, year = int(stated["day"]), _month(stated["month"]), stated["year"]
    if month is None:
        return None
    try:
        if year:
            return whole(date(int(year) + (2000 if len(year) == 2 else 0), month, day))
        if on is None:
            return None
        this = date(on.year, month, day)
        return whole(this if this >= on else date(on.year + 1, month, day))
    except ValueError:
        return None


def _month(text: str) -> int | None:
    if text.isdigit():
        return int(text)
    return next((at for at, name in enumerate(_MONTHS, start=1) if text.casefold().startswith(name)), None)


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_EDGES = " \t,;:.-–—()[]*•"
_BETWEEN = " \t,;:-–—|"
_UNTIL = re.compile(
    r"\buntil\s+(?:\w+day\s+)?(?P<day>\d{1,2})(?:st|nd|rd|th)?[\s/.-]+(?P<month>\d{1,2}|[a-z]{3,9})"
    r"(?:[\s/.-]+(?P<year>\d{4}|\d{2}))?\b",
    re.IGNORECASE,
)
_REASON = re.compile(r"\b(?:because of|because|due to|owing to|secondary to|for)\s+([^;]+)", re.IGNORECASE)
_TO = re.compile(r"\bto\s+([^;]+)", re.IGNORECASE)
_CLAUSE = re.compile(r"[;\t()\[\]]|\s[-–—|]\s|,\s|\.\s|$")


def _pattern(*words: str) -> re.Pattern[str]:
    before = r"(?:(?:dose|was|has been|have been|now|please|is|are)\s+)*"
    return re.compile(rf"(?<![\w-]){before}(?:{'|'.join(words)})(?![\w-])", re.IGNORECASE)


# “Stop” as the first word of a line, and not of “stop date”, “stop after five days” or “stop smoking”.
_STOP_FIRST = re.compile(
    r"^\W*(?:please\s+)?stop(?::|\s)(?!\s*(?:after|on|in|when|if|once|date|at|smoking|drinking)\b)",
    re.IGNORECASE,
)
_A_WHILE = r"for (?:\w+ )?(?:hours?|days?|weeks?|months?)"
# “Stop clopidogrel for seven days before the procedure” is no end.
_STOP_A_WHILE = re.compile(
    _STOP_FIRST.pattern + rf"(?=.*\b(?:until|till|while|whilst|during|before|prior to|restart|{_A_WHILE})\b)",
    re.IGNORECASE,
)
_YET_TO = r"(?:to|can|may|might|should|could|will|must) be"
# What was not done, and what is yet to be done: a person reads what the patient takes now.
_NOT_DONE = (
    r"(?:not|never) (?:yet )?(?:to )?(?:be |been )?(?:started|commenced|initiated|added|continued|increased"
    r"|decreased|reduced|switched|converted|restarted|recommenced|resumed|withheld|held|suspended)",
    rf"(?:{_YET_TO}|until) (?:stopped|discontinued)",
    r"(?:if|when|once) (?:restarted|recommenced|resumed|stopped|discontinued)",
)
# Only what says that something was done: “increase after two weeks” is a plan, and stays with the directions.
_PATTERNS: tuple[tuple[re.Pattern[str], Says | None], ...] = (
    (_STOP_FIRST, Says.STOPPED),
    (_STOP_A_WHILE, None),
    (_pattern(*_NOT_DONE), None),
    (
        _pattern(
            "stopped", "stop taking", "discontinued", "discontinue", "ceased", "off",
            "no longer (?:takes|taking|required|needed)", "do not restart", r"(?<=[-–:(] )stop(?= *$)",
        ),
        Says.STOPPED,
    ),
    (
        _pattern(
            "withheld", "with-held", "on hold", "held", "suspended", "temporarily stopped", "paused",
            "omit(?:ted)? until", "stopped temporarily", "stopped until", "temporarily discontinued",
            rf"(?:{_YET_TO}|until) (?:restarted|recommenced|resumed)",
            rf"(?:stopped|discontinued) (?:while|whilst|during|{_A_WHILE})",
            "not to be (?:taken|restarted) until",
        ),
        Says.ON_HOLD,
    ),
    (_pattern("course (?:completed|finished)", "completed course"), Says.COMPLETED),
    (
        _pattern(
            "hospital (?:only|supply only|to supply|prescribed|prescription only)", "homecare",
            "gp not to prescribe", r"not for (?:gp|repeat) prescri\w+",
            "supplied by (?:the )?hospital(?: only)?",
        ),
        Says.HOSPITAL_ONLY,
    ),
    (
        _pattern(
            "increased", "decreased", "reduced", "changed", "change of dose", "amended", "dose change",
            "uptitrated", "up-titrated", "switched", "converted",
        ),
        Says.AMENDED,
    ),
    (_pattern("started", "commenced", "newly started", "new", "initiated", "added"), Says.ADDED),
    (
        _pattern(
            "continued", "unchanged", "no change", "not changed", "as before", "as previously", "not stopped",
            "restarted", "recommenced", "resumed",
            "do not stop", r"(?:not|never|should not|must not) (?:to )?be "
            r"(?:stopped|discontinued|withheld|changed)", "dose unchanged", "to continue",
            r"continue(?= *(?:$|[,.;)]))",
        ),
        Says.CONTINUED,
    ),
    (_pattern("recommended", "suggest", "suggested", "consider"), Says.RECOMMENDED),
)  # fmt: skip
