"""The next issue of a line: as the list says, or as was decided while a test was late?

A decision (`shortened_issue`) is about one issue: it holds until that was made, or until none of the tests
for whose sake it was made is late any more; the newest counts. What is only proposed, and a test that is
late, change nothing here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from math import ceil

from pestle.pharmacy.practice.shortened_issue import Decision
from pestle.pharmacy.refusal import Refusal, Refused

_ANEW = "Take it back and prepare it again."


@dataclass(frozen=True, slots=True)
class Amount:
    """How much one issue is, in the unit of the line, and for how many days; None: it cannot be told."""

    quantity: Decimal | None
    days: Decimal | None


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision: the days of a short issue (None of any other), why, which tests were late, by whom and
    when; `on` is that day where the practice is."""

    decision: Decision
    days: int | None
    reason: str
    late: tuple[str, ...]
    by: str
    at: datetime
    on: date

    @property
    def told(self) -> str:
        """“A short issue of 7 days, decided by Gareth Rivers on 02-Nov-2026”."""
        days = f" of {self.days} days" if self.days else ""
        return f"{self.decision.words}{days}, decided by {self.by} on {self.on:%d-%b-%Y}"

    @property
    def words(self) -> str:
        """The same, and why."""
        return f"{self.told} while late: {', '.join(self.late)}. {self.reason}"


@dataclass(frozen=True, slots=True)
class Made:
    """An issue that was made: of which day, and when it was recorded."""

    on: date
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """What is issued: the medicine, what the list says one issue is, and whether many are signed at once."""

    name: str
    usual: Amount
    batch: bool = False


def unspent(decided: Iterable[Decided], issues: Iterable[Made]) -> Decided | None:
    """The newest decision, unless an issue was made since. One of an earlier day that is recorded later was
    not it."""
    newest = max(decided, key=lambda one: one.at, default=None)
    if newest is None:
        return None
    made = any(one.on >= newest.on and one.recorded_at > newest.at for one in issues)
    return None if made else newest


def holds(decided: Decided, late: Iterable[str]) -> bool:
    """Whether any test for whose sake it was decided is among those that are late now, or may be."""
    return bool(set(decided.late).intersection(late))


def to_prepare(line: Line, decided: Decided | None, asked: Amount | None = None) -> Amount | None:
    """What is prepared; None: what the list says. `asked` is another amount that somebody chose once.

    Raises `Refused`: ``short-issue.not-now``, ``short-issue.batch`` (repeat dispensing is signed whole),
    ``short-issue.no-amount`` (how long the usual issue lasts cannot be told), ``short-issue.undivided`` (so
    many days are no less than the whole), ``short-issue.longer`` (what was asked for).
    """
    if decided is None or decided.decision is Decision.AS_USUAL:
        return asked
    wanted = _decided(line, decided)
    if asked is not None and _more(asked, wanted):
        raise Refused(_longer(line, asked, decided))
    return asked or (None if wanted == line.usual else wanted)


def check_prepared(line: Line, decided: Decided | None, prepared: Amount, *, prepared_at: datetime) -> None:
    """Whether what was prepared may still be signed. Raises `Refused`: ``short-issue.stale`` (something else
    was decided since), ``short-issue.longer``, and those of `to_prepare`."""
    if decided is None:
        return
    refusals = list(_not_to_sign(line, decided, prepared, prepared_at))
    if refusals:
        raise Refused(*refusals)


def _not_to_sign(line: Line, decided: Decided, prepared: Amount, prepared_at: datetime) -> Iterator[Refusal]:
    since = decided.at >= prepared_at
    if since and decided.decision is Decision.NOT_NOW:
        yield _stale(line, decided, "Take it back, or refuse it.")
        return
    wanted = to_prepare(line, decided) or line.usual
    if since and prepared != wanted:
        yield _stale(line, decided, _ANEW)
    elif decided.decision is Decision.SHORT and _more(prepared, wanted):
        yield _longer(line, prepared, decided)


def _decided(line: Line, decided: Decided) -> Amount:
    """The amount of the days that were decided, rounded up to a whole unit; never more than the list's."""
    if decided.decision is Decision.NOT_NOW or decided.days is None:
        raise Refused(
            Refusal(
                "short-issue.not-now",
                f"{line.name}: {decided.words}",
                way_out="Refuse it and tell the patient, or propose a short issue, to be decided anew.",
            )
        )
    if line.batch:
        raise Refused(
            Refusal(
                "short-issue.batch",
                f"{line.name} is repeat dispensing, signed as a whole batch: {decided.words}",
                way_out="Make it a repeat on the list, or have the usual issue decided.",
            )
        )
    usual = line.usual
    if usual.days is not None and usual.days <= decided.days:
        return usual
    if not usual.days or usual.quantity is None:
        raise Refused(
            Refusal(
                "short-issue.no-amount",
                f"How much of {line.name} lasts {decided.days} days cannot be told: {decided.words}",
                way_out="Say on the list how many days its quantity lasts.",
            )
        )
    exact = Fraction(usual.quantity) * decided.days / Fraction(usual.days)
    quantity = Decimal(ceil(exact))
    if quantity >= usual.quantity:
        raise Refused(
            Refusal(
                "short-issue.undivided",
                f"{decided.days} days of {line.name} are no less than its usual issue: {decided.words}",
                way_out="Have the usual issue decided, or put a smaller pack on the list.",
            )
        )
    return Amount(quantity, Decimal(decided.days))


def _more(one: Amount, wanted: Amount) -> bool:
    """Whether it is more than was wanted; what cannot be told is."""
    if wanted.days is not None and (one.days is None or one.days > wanted.days):
        return True
    return wanted.quantity is not None and (one.quantity is None or one.quantity > wanted.quantity)


def _stale(line: Line, decided: Decided, way_out: str) -> Refusal:
    return Refusal(
        "short-issue.stale", f"{line.name} was prepared before this: {decided.words}", way_out=way_out
    )


def _longer(line: Line, amount: Amount, decided: Decided) -> Refusal:
    days = "an unknown number of days" if amount.days is None else f"{amount.days} days"
    return Refusal(
        "short-issue.longer",
        f"{line.name} for {days} is more than was decided: {decided.words}",
        way_out=f"{_ANEW} A pharmacist or prescriber may decide anew.",
    )
