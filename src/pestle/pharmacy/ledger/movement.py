"""What moved, from where to where, when, and by whom?

Stock is moved, never set: a movement takes whole base units of one batch out of one account and puts them
into another. A correction is a new movement that points at the one it undoes, once. `happened_at` is when it
happened on the shelf, `recorded_at` when it was written down; both UTC.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from json.encoder import encode_basestring

from pestle.pharmacy.ledger.account import Account
from pestle.pharmacy.ledger.base_unit import amount_words
from pestle.pharmacy.ledger.routes import CORRECTABLE, Reason, route
from pestle.pharmacy.medicines.concept import BaseUnit
from pestle.pharmacy.refusal import Refusal, Refused, refuse


@dataclass(frozen=True, slots=True)
class Movement:
    """One entry. `amount` is in base units and above zero; `key` is the command it belongs to; `about`
    names the prescription line, transfer or movement that it was made for (``line:12``); `why` is what a
    person said. A reversal `reverses` the movement with that id.

    Raises `Refused` where it cannot be: ``ledger.not-positive``, ``ledger.same-account``, ``ledger.future``,
    ``ledger.reversal``, and those of `pestle.pharmacy.ledger.routes.route`.
    """

    batch_id: int
    source: Account
    target: Account
    amount: int
    happened_at: datetime
    recorded_at: datetime
    by: int
    key: str
    reason: Reason
    about: str = ""
    why: str = ""
    reverses: int | None = None

    def __post_init__(self) -> None:
        if self.amount <= 0:
            raise refuse("ledger.not-positive", "A movement moves at least one unit", place="amount")
        if self.source.id == self.target.id:
            raise refuse("ledger.same-account", "A movement goes from one account to another", place="to")
        if self.happened_at > self.recorded_at:
            raise refuse(
                "ledger.future", "A movement cannot happen after it is recorded", place="happened at"
            )
        if self.reason.reverses != (self.reverses is not None):
            raise refuse("ledger.reversal", "A reversal, and nothing else, points at what it undoes")
        way = route(self.reason, self.source, self.target)
        if isinstance(way, Refusal):
            raise Refused(way)

    @property
    def backdated(self) -> bool:
        """Whether it is written down later than it happened."""
        return self.happened_at < self.recorded_at

    def content(self) -> dict[str, object]:
        """What the chain protects."""
        return {
            "batch": self.batch_id,
            "from": str(self.source),
            "to": str(self.target),
            "amount": self.amount,
            "happened_at": instant(self.happened_at),
            "recorded_at": instant(self.recorded_at),
            "by": self.by,
            "key": self.key,
            "reason": self.reason.value,
            "about": self.about,
            "why": self.why,
            "reverses": self.reverses,
        }


def instant(at: datetime) -> str:
    """A time as the chain spells it: UTC, to the microsecond, ``2026-11-02T10:00:00.000000``."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")


quoted = encode_basestring


def spelled(
    batch: int, source: str, target: str, amount: int, happened_at: str, recorded_at: str,
    by: int, key: str, reason: str, about: str, why: str, reverses: int | None,
) -> str:  # fmt: skip
    """What `chain.canonical` makes of a movement's content, from its stored fields and its accounts `quoted`:
    what a verification of millions of them computes. The property test holds the two equal."""
    return (
        f'{{"about":{quoted(about)},"amount":{amount},"batch":{batch},"by":{by},"from":{source},'
        f'"happened_at":"{happened_at}","key":{quoted(key)},"reason":{quoted(reason)},'
        f'"recorded_at":"{recorded_at}","reverses":{"null" if reverses is None else reverses},'
        f'"to":{target},"why":{quoted(why)}}}'
    )


def as_recorded(movement: Movement, *, after: datetime | None) -> Movement:
    """The movement as it is written after the batch's last one, recorded at `after`.

    Clocks of two computers differ a little, and who waits for a lock is recorded later than they asked; but
    the book runs forward. What happened as it was recorded happens no earlier than what stands before it.
    """
    if after is None or movement.recorded_at >= after:
        return movement
    happened_at = movement.happened_at if movement.backdated else after
    return replace(movement, happened_at=happened_at, recorded_at=after)


def reversal(
    original: Movement,
    original_id: int,
    *,
    at: datetime,
    by: int,
    key: str,
    reason: Reason = Reason.CORRECTION,
    why: str = "",
) -> Movement:
    """The movement that undoes `original`, pointing at it. Raises `Refused` (``ledger.not-correctable``)."""
    if reason is Reason.CORRECTION and original.reason not in CORRECTABLE:
        said = original.reason.value.replace("_", " ")
        raise refuse(
            "ledger.not-correctable",
            f"A movement of this kind ({said}) is not undone",
            way_out="Count what is there, and record the difference.",
        )
    return Movement(
        batch_id=original.batch_id,
        source=original.target,
        target=original.source,
        amount=original.amount,
        happened_at=at,
        recorded_at=at,
        by=by,
        key=key,
        reason=reason,
        about=original.about,
        why=why,
        reverses=original_id,
    )


def enough(held: int, wanted: int, base: BaseUnit, *, where: str = "the shelf") -> Refusal | None:
    """Why `wanted` base units cannot be taken out of a held account that has `held`; None when they can."""
    if wanted <= held:
        return None
    return Refusal(
        "stock.not-in-stock",
        f"{amount_words(wanted, base)} wanted, and {where} holds {amount_words(held, base)} of this batch",
        place="pack",
        way_out="Pick another batch, or receive the delivery first.",
    )
