"""Which batches does an amount come from? First expired, first out, over as many as it takes.

What may not be used is left out and named: recalled, past its last usable day, set aside. Nothing is forced
onto one batch, and what no batch can give is said as short.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum

from pestle.pharmacy.ledger.account import AccountKind
from pestle.pharmacy.medicines.expiry import Expiry, InUse, last_usable_day


@dataclass(frozen=True, slots=True)
class Lot:
    """What one account holds of one batch (base units). `pack` is a whole pack; `splits` whether one may be
    opened; `opened` the container in use, which what is left over whole packs is in. `recall` is a reference.
    """

    batch_id: int
    account_id: int
    kind: AccountKind
    expiry: Expiry
    held: int
    pack: int
    splits: bool = True
    recall: str | None = None
    opened: InUse | None = None


@dataclass(frozen=True, slots=True)
class Take:
    """So many base units of one lot."""

    batch_id: int
    account_id: int
    amount: int


class LeftOut(Enum):
    """Why a lot, or the opened part of it, is not used."""

    SET_ASIDE = "not where packs are picked from"
    RECALLED = "recalled"
    EXPIRED = "past its last usable day"
    OPENED_TOO_LONG = "opened too long ago"


@dataclass(frozen=True, slots=True)
class Allocation:
    """What to take, in the order of expiry; how much no lot can give; what was left out, and why."""

    takes: tuple[Take, ...]
    short: int
    left_out: tuple[tuple[Lot, LeftOut], ...]


@dataclass(frozen=True, slots=True)
class _Part:
    """A lot's sealed packs, or what is left in its opened one."""

    lot: Lot
    amount: int
    last_day: date
    opened: bool


def allocate(wanted: int, lots: Iterable[Lot], *, on: date, whole_packs_first: bool = False) -> Allocation:
    """Allocates `wanted` base units on a day, the earliest last usable day first.

    Of one day an opened pack comes before sealed ones, then the batch and account with the lower number.
    `whole_packs_first` takes unopened packs while one is still wanted whole, and parts only for the rest.
    """
    usable: list[_Part] = []
    left_out: list[tuple[Lot, LeftOut]] = []
    for lot in lots:
        for part, why in _parts(lot, on=on):
            if why is None:
                usable.append(part)
            elif (lot, why) not in left_out:
                left_out.append((lot, why))
    usable.sort(key=lambda part: (part.last_day, not part.opened, part.lot.batch_id, part.lot.account_id))
    taken = [0] * len(usable)
    left = max(wanted, 0)
    if whole_packs_first:
        for n, part in enumerate(usable):
            if not part.opened:
                taken[n] = _whole(min(part.amount, left), part.lot)
                left -= taken[n]
    for n, part in enumerate(usable):
        more = min(part.amount - taken[n], left)
        more = more if part.lot.splits else _whole(more, part.lot)
        taken[n] += more
        left -= more
    return Allocation(_together(usable, taken), left, tuple(left_out))


def usable_until(lot: Lot, *, sealed: bool) -> date:
    """The last usable day of a lot's sealed packs, or of its opened one."""
    return last_usable_day(lot.expiry, None if sealed else lot.opened)


def _parts(lot: Lot, *, on: date) -> Iterable[tuple[_Part, LeftOut | None]]:
    barred = LeftOut.SET_ASIDE if not lot.kind.dispensable else LeftOut.RECALLED if lot.recall else None
    open_amount = lot.held % lot.pack if lot.opened else 0
    for amount, opened in ((open_amount, True), (lot.held - open_amount, False)):
        if amount <= 0:
            continue
        last_day = usable_until(lot, sealed=not opened)
        why = barred
        if why is None and on > last_day:
            too_long = opened and on <= lot.expiry.last_usable_day
            why = LeftOut.OPENED_TOO_LONG if too_long else LeftOut.EXPIRED
        yield _Part(lot, amount, last_day, opened), why


def _whole(amount: int, lot: Lot) -> int:
    return amount - amount % lot.pack


def _together(parts: list[_Part], taken: list[int]) -> tuple[Take, ...]:
    """One take for each lot, where its opened and its sealed part are both taken from."""
    amounts: dict[tuple[int, int], int] = {}
    for part, amount in zip(parts, taken, strict=True):
        if amount:
            at = (part.lot.batch_id, part.lot.account_id)
            amounts[at] = amounts.get(at, 0) + amount
    return tuple(Take(batch, account, amount) for (batch, account), amount in amounts.items())
