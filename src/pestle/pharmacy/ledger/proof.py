"""Do the movements of a batch prove what is said to be held of it?

Everything is worked out again from the stored fields, one movement after the other: that each follows the one
before it unchanged, that the book runs forward, that what was held never fell below zero at any instant, that
the balances are what moved. Memory grows with the number of accounts, never with the number of movements.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeAlias

from pestle.pharmacy.ledger.account import Account
from pestle.pharmacy.ledger.chain import Broken, Head
from pestle.pharmacy.ledger.movement import quoted, spelled

# A movement as it is stored: batch, place, source, target, amount, happened at, recorded at, by, key, reason,
# about, why, what it reverses, the digest before and its own. Times are spelled as `movement.instant` does.
Entry: TypeAlias = tuple[int, int, int, int, int, str, str, int, str, str, str, str, "int | None", str, str]


def prove(
    batch_id: int,
    entries: Iterable[Entry],
    *,
    begins: Head,
    head: Head,
    latest_at: str | None,
    accounts: Mapping[int, Account],
    balances: Mapping[int, int],
    in_time: Callable[[], Iterable[tuple[int, int, int, int]]],
) -> Iterator[Broken]:
    """Everything that is wrong with a batch, in the order of the book. Of its chain only the first break,
    since nothing after it can be trusted.

    `entries` come by place. `balances` is what is said to be held, by account. `in_time` gives
    place, source, target and amount in the order of happening; it is asked only if that is another order.
    """
    count, digest = begins.count, begins.digest
    sums: defaultdict[int, int] = defaultdict(int)
    held = {pk for pk, account in accounts.items() if account.kind.held}
    names = {pk: str(account) for pk, account in accounts.items()}
    spelling = {pk: quoted(name) for pk, name in names.items()}
    last_happened, last_recorded, in_order, broken, below = "", "", True, False, None
    sha256 = hashlib.sha256
    for (
        _, place, source, target, amount, happened, recorded, by, key, reason, about, why, reverses,
        previous, stored,
    ) in entries:  # fmt: skip
        if not broken:
            found = ""
            if place != count + 1:
                found = f"entry {count + 1} is missing"
            elif previous != digest:
                found = (
                    f"entry {place} does not follow the one before it"
                    if count
                    else "what the batch is has been changed"
                )
            elif source not in names or target not in names:
                found = f"entry {place} names an account that is not there"
            elif recorded < last_recorded or happened > recorded:
                found = f"entry {place} is out of the order of time"
            else:
                content = spelled(
                    batch_id, spelling[source], spelling[target], amount, happened, recorded,
                    by, key, reason, about, why, reverses,
                )  # fmt: skip
                digest = sha256(f"{place}\n{previous}\n{content}".encode()).hexdigest()
                if digest != stored:
                    found = f"entry {place} has been changed"
            if found:
                broken = True
                yield Broken(count + 1 if place != count + 1 else place, found)
            count = place
        if happened < last_happened:
            in_order = False
        last_happened, last_recorded = happened, recorded
        sums[source] -= amount
        sums[target] += amount
        if below is None and in_order and source in held and sums[source] < 0:
            below = (place, source)
    if not broken and (count, digest) != (head.count, head.digest):
        if count == head.count == 0:
            yield Broken(0, "what the batch is has been changed")
        else:
            yield Broken(count + 1, f"the chain ends at entry {count}, its head says {head.count}")
    elif not broken and (last_recorded or None) != latest_at:
        yield Broken(count, "its last entry was not recorded when its head says")
    if not in_order:
        below = _first_below(in_time(), held)
    if below is not None:
        yield Broken(below[0], f"entry {below[0]} takes {names[below[1]]} below zero")
    yield from _unlike(sums, balances, names, count)


def _first_below(moved: Iterable[tuple[int, int, int, int]], held: set[int]) -> tuple[int, int] | None:
    sums: defaultdict[int, int] = defaultdict(int)
    for place, source, target, amount in moved:
        sums[source] -= amount
        sums[target] += amount
        if source in held and sums[source] < 0:
            return place, source
    return None


def _unlike(
    sums: Mapping[int, int], balances: Mapping[int, int], names: Mapping[int, str], count: int
) -> Iterator[Broken]:
    for account in sorted(sums.keys() | balances.keys()):
        moved, said = sums.get(account, 0), balances.get(account)
        name = names.get(account, f"account {account}")
        if said is None and moved:
            yield Broken(count, f"the balance of {name} is missing")
        elif said is not None and said != moved:
            yield Broken(count, f"the balance of {name} is not what moved")
