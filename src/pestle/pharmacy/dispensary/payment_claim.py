"""May this prescription be claimed for now, may its claim be amended, and in which month is it paid?

Refused here is what the prescription service or the payer would refuse:

* Every line is final: dispensed, not dispensed, cancelled or expired; at least one was dispensed.
* The service was told of the supply, has not refused that, and it was not withdrawn.
* The charge or exemption is on record, and every line has an endorsement, if only that there is none.
* In time: within 180 days of the dispense notification (NHS Business Services Authority, KA-01598); an issue
  of repeat dispensing within 365 days of the signature (Community Pharmacy England, submitting EPS and eRD
  messages within time, updated November 2025).
* Once. A claim that the service refused may be made again; one that stands is amended by another that
  replaces it, until the fifth day of the month after the supply (KA-01593).

A claim counts for the month of the supply when it is made by the fifth day of the next, else for the month
in which it is made (Community Pharmacy England, as above; read as quoted by others). Secondary sources,
unverified: the Drug Tariff was not read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from pestle.pharmacy.refusal import Refusal

DAYS_TO_CLAIM = timedelta(days=180)
DAYS_OF_REPEAT_DISPENSING = timedelta(days=365)
LAST_DAY_OF_THE_WINDOW = 5


class Answer(Enum):
    """What the service has said to a message of ours."""

    NONE = "no answer yet"
    ACCEPTED = "accepted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class LineToClaim:
    """A line: its name, whether nothing more is to come of it, whether any of it was dispensed, and whether
    it is endorsed."""

    name: str
    final: bool
    dispensed: bool
    endorsed: bool


@dataclass(frozen=True, slots=True)
class Told:
    """What the service was told last of a hand-out: when, whether that was withdrawn, what was answered, and
    whether it told of every line as it stands now."""

    on: date
    withdrawn: bool = False
    answer: Answer = Answer.NONE
    final: bool = True


@dataclass(frozen=True, slots=True)
class ToClaim:
    """A prescription as its claim depends on it. `told` has one for each hand-out, the first first; `claimed`
    is what became of the claim that was made last (None: none was); `signed_on` matters for repeat
    dispensing."""

    lines: tuple[LineToClaim, ...]
    told: tuple[Told, ...]
    charge_recorded: bool
    claimed: Answer | None = None
    repeat_dispensing: bool = False
    signed_on: date | None = None

    @property
    def supplied_on(self) -> date | None:
        """The day of the last notification; None when there is none."""
        return max((told.on for told in self.told), default=None)

    @property
    def claimable(self) -> bool:
        """Whether it is for a claim at all: something was dispensed and nothing more is to come."""
        return any(line.dispensed for line in self.lines) and all(line.final for line in self.lines)


def claim_refusals(prescription: ToClaim, *, on: date) -> tuple[Refusal, ...]:
    """Why it may not be claimed for today; empty when it may.

    Names: ``claim.already-made``, ``claim.not-final``, ``claim.nothing-dispensed``,
    ``claim.notification-missing``, ``claim.notification-withdrawn``, ``claim.notification-refused``,
    ``claim.notification-not-final``, ``claim.exemption-missing``,
    ``claim.endorsement-missing``, ``claim.out-of-time``.
    """
    return tuple(_refusals(prescription, on=on))


def amend_refusals(prescription: ToClaim, *, on: date) -> tuple[Refusal, ...]:
    """Why its claim may not be amended today; empty when it may.

    Names: those of `claim_refusals` but for ``claim.already-made``; ``claim.none-made``,
    ``claim.amended-too-late``.
    """
    found = [each for each in _refusals(prescription, on=on) if each.rule != "claim.already-made"]
    if prescription.claimed in (None, Answer.REFUSED):
        found.append(Refusal("claim.none-made", "No claim stands that could be amended"))
    elif (supplied := prescription.supplied_on) and on > (last := window_ends(supplied)):
        reason = f"A claim for that month could be amended until {last:%d-%b-%Y}"
        found.append(Refusal("claim.amended-too-late", reason, None, "Write to the payer."))
    return tuple(found)


def last_day_to_claim(prescription: ToClaim) -> date | None:
    """The last day on which a claim is in time; None when nothing was told, or nobody knows when a repeat
    dispensing prescription was signed."""
    supplied = prescription.supplied_on
    if supplied is None:
        return None
    if not prescription.repeat_dispensing:
        return supplied + DAYS_TO_CLAIM
    signed = prescription.signed_on
    return None if signed is None else min(supplied + DAYS_TO_CLAIM, signed + DAYS_OF_REPEAT_DISPENSING)


def window_ends(supplied_on: date) -> date:
    """The last day on which a claim counts for the month of the supply, and may be amended."""
    first = (supplied_on.replace(day=1) + timedelta(days=32)).replace(day=1)
    return first.replace(day=LAST_DAY_OF_THE_WINDOW)


def month_of_payment(*, supplied_on: date, claimed_on: date) -> date:
    """The first day of the month for which a claim counts."""
    return (supplied_on if claimed_on <= window_ends(supplied_on) else claimed_on).replace(day=1)


def _refusals(prescription: ToClaim, *, on: date) -> Iterator[Refusal]:
    if prescription.claimed not in (None, Answer.REFUSED):
        yield Refusal("claim.already-made", "A claim for it stands", None, "Amend it, if it is wrong.")
    for line in prescription.lines:
        if not line.final:
            yield Refusal("claim.not-final", "It is not settled what becomes of this line", line.name,
                          "Supply what is owed, or say why it is not dispensed.")  # fmt: skip
    if prescription.lines and not any(line.dispensed for line in prescription.lines):
        yield Refusal("claim.nothing-dispensed", "Nothing of it was dispensed, so there is nothing to claim")
    yield from _told(prescription.told)
    if not prescription.charge_recorded:
        yield Refusal("claim.exemption-missing", "Whether the charge was paid, or why not, is not on record",
                      "exemption")  # fmt: skip
    for line in prescription.lines:
        if not line.endorsed:
            yield Refusal("claim.endorsement-missing", "This line has no endorsement", line.name,
                          "Endorse it, if only that there is nothing to endorse.")  # fmt: skip
    last = last_day_to_claim(prescription)
    if last is not None and on > last:
        yield Refusal("claim.out-of-time", f"The last day to claim was {last:%d-%b-%Y}")


def _told(told: tuple[Told, ...]) -> Iterator[Refusal]:
    if not told:
        yield Refusal("claim.notification-missing", "The service was not told of the supply")
        return
    if any(each.withdrawn for each in told):
        yield Refusal("claim.notification-withdrawn", "What the service was told is withdrawn", None,
                      "Tell the service of the supply again.")  # fmt: skip
    if any(each.answer is Answer.REFUSED and not each.withdrawn for each in told):
        reason = "The service refused what it was told of the supply"
        yield Refusal("claim.notification-refused", reason, None,
                      "Put right what it refused, and tell it of the supply again.")  # fmt: skip
    if not told[-1].final:
        reason = "A line has been settled since the service was told of the supply"
        yield Refusal("claim.notification-not-final", reason, None,
                      "Tell the service of the supply again.")  # fmt: skip
