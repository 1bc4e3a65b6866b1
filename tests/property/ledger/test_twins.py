"""Beside each clever rule of the ledger stands a slow one that is obvious, and they always agree."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pestle.pharmacy.ledger.account import Account, AccountKind
from pestle.pharmacy.ledger.allocation import Lot, allocate
from pestle.pharmacy.ledger.chain import canonical
from pestle.pharmacy.ledger.movement import Movement, as_recorded, instant, quoted, spelled
from pestle.pharmacy.ledger.replay import Change, lowest_since
from pestle.pharmacy.ledger.routes import Reason
from pestle.pharmacy.medicines.expiry import Expiry, InUse, last_usable_day

START = datetime(2026, 11, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 12).map(lambda hours: START + timedelta(hours=hours))
TODAY = date(2026, 11, 30)


# the past


@given(st.lists(st.tuples(MOMENTS, st.integers(-30, 30))), MOMENTS)
def test_the_least_since_a_moment(moved: list[tuple[datetime, int]], moment: datetime) -> None:
    """The twin adds up forward and looks at the level of every moment."""
    changes = [Change(at, place, amount) for place, (at, amount) in enumerate(moved)]
    level, levels, since = 0, list[int](), list[datetime | None]()
    before = [change for change in changes if change.at <= moment]
    level = sum(change.amount for change in before)
    levels, since = [level], [None]
    for change in sorted(changes, key=lambda one: (one.at, one.place)):
        if change.at > moment:
            level += change.amount
            levels.append(level)
            since.append(change.at)
    found = lowest_since(moment, held=level, changes=changes)
    assert found.held == min(levels)
    assert found.since == since[levels.index(min(levels))]


@given(st.lists(st.tuples(MOMENTS, st.integers(-9, 9)), max_size=12), MOMENTS, st.integers(1, 12))
def test_an_entry_about_the_past_is_refused_exactly_when_a_level_would_fall_below_zero(
    moved: list[tuple[datetime, int]], moment: datetime, wanted: int
) -> None:
    def levels(changes: list[Change]) -> list[int]:
        level, found = 0, []
        for change in sorted(changes, key=lambda one: (one.at, one.place)):
            level += change.amount
            found.append(level)
        return found

    changes = [Change(at, place, amount) for place, (at, amount) in enumerate(moved)]
    if any(level < 0 for level in levels(changes)):
        return
    with_it = [*changes, Change(moment, len(changes), -wanted)]
    held = sum(change.amount for change in changes)
    allowed = wanted <= lowest_since(moment, held=held, changes=changes).held
    assert allowed == all(level >= 0 for level in levels(with_it))


# first expired, first out


LOTS = st.lists(
    st.builds(
        Lot,
        batch_id=st.integers(1, 9),
        account_id=st.integers(1, 3),
        kind=st.sampled_from(
            [AccountKind.SHELF, AccountKind.FRIDGE, AccountKind.QUARANTINE, AccountKind.PREPARED]
        ),
        expiry=st.builds(Expiry, st.just(2026), st.sampled_from([10, 11, 12]), st.sampled_from([0, 29, 30])),
        held=st.integers(0, 40),
        pack=st.sampled_from([1, 7, 10]),
        splits=st.booleans(),
        recall=st.sampled_from([None, None, None, "EL(26)A/40"]),
        opened=st.none() | st.builds(InUse, st.dates(date(2026, 11, 1), TODAY), st.integers(0, 40)),
    ),
    max_size=6,
    unique_by=lambda lot: (lot.batch_id, lot.account_id),
)


def _pieces(lot: Lot) -> list[tuple[date, bool, Lot, int]]:
    """A lot as its sealed packs and what is left in the open one: last day, whether sealed, lot, size."""
    left_over = lot.held % lot.pack
    sealed = [(last_usable_day(lot.expiry), True, lot, lot.pack)] * (lot.held // lot.pack)
    if left_over:
        opened = lot.opened is not None
        rest = (last_usable_day(lot.expiry, lot.opened), not opened, lot, left_over)
        return [*sealed, rest]
    return sealed


def _slow(wanted: int, lots: list[Lot], *, whole_packs_first: bool) -> tuple[dict[tuple[int, int], int], int]:
    """One base unit after the other, from the piece that may be used and expires first."""
    pieces = [
        piece
        for lot in lots
        if lot.kind.dispensable and lot.recall is None
        for piece in _pieces(lot)
        if piece[0] >= TODAY
    ]
    pieces.sort(key=lambda piece: (piece[0], piece[1], piece[2].batch_id, piece[2].account_id, -piece[3]))
    taken: dict[tuple[int, int], int] = {}
    rest = []
    for piece in pieces:
        _, sealed, lot, size = piece
        if whole_packs_first and sealed and size == lot.pack and size <= wanted:
            taken[lot.batch_id, lot.account_id] = taken.get((lot.batch_id, lot.account_id), 0) + size
            wanted -= size
        else:
            rest.append(piece)
    for _, _, lot, size in rest:
        for _ in range(size if lot.splits else 1):
            unit = 1 if lot.splits else size
            if unit <= wanted and (lot.splits or size == lot.pack):
                taken[lot.batch_id, lot.account_id] = taken.get((lot.batch_id, lot.account_id), 0) + unit
                wanted -= unit
    return taken, wanted


@given(st.integers(0, 150), LOTS, st.booleans())
def test_first_expired_first_out(wanted: int, lots: list[Lot], whole_packs_first: bool) -> None:
    found = allocate(wanted, lots, on=TODAY, whole_packs_first=whole_packs_first)
    taken, short = _slow(wanted, lots, whole_packs_first=whole_packs_first)
    assert {(take.batch_id, take.account_id): take.amount for take in found.takes} == taken
    assert found.short == short


@given(st.integers(0, 150), LOTS, st.booleans())
def test_what_is_taken_is_there_and_adds_up(wanted: int, lots: list[Lot], whole: bool) -> None:
    found = allocate(wanted, lots, on=TODAY, whole_packs_first=whole)
    held = {(lot.batch_id, lot.account_id): lot for lot in lots}
    assert sum(take.amount for take in found.takes) + found.short == wanted
    for take in found.takes:
        lot = held[take.batch_id, take.account_id]
        assert 0 < take.amount <= lot.held
        assert lot.recall is None
        assert lot.kind.dispensable
        assert not lot.expiry.expired(on=TODAY)


# spelling, time


ACCOUNTS = st.builds(Account, st.integers(1, 99), st.just(AccountKind.SHELF), st.text(max_size=20))
BAGS = st.builds(Account, st.integers(100, 199), st.just(AccountKind.PREPARED), st.text(max_size=20))
TIMES = st.datetimes(timezones=st.just(UTC), min_value=datetime(2020, 1, 1), max_value=datetime(2090, 1, 1))  # noqa: DTZ001
MOVEMENTS = st.builds(
    lambda times, **fields: Movement(happened_at=min(times), recorded_at=max(times), **fields),
    st.tuples(TIMES, TIMES),
    batch_id=st.integers(1), source=ACCOUNTS, target=BAGS, amount=st.integers(1), by=st.integers(1),
    key=st.text(max_size=9), reason=st.just(Reason.PICK), about=st.text(max_size=9), why=st.text(max_size=9),
)  # fmt: skip


@given(MOVEMENTS, st.none() | st.integers(1))
def test_a_movement_is_spelled_as_its_content(movement: Movement, reverses: int | None) -> None:
    content = {**movement.content(), "reverses": reverses}
    assert canonical(content) == spelled(
        movement.batch_id, quoted(str(movement.source)), quoted(str(movement.target)), movement.amount,
        instant(movement.happened_at), instant(movement.recorded_at), movement.by, movement.key,
        movement.reason.value, movement.about, movement.why, reverses,
    ).encode()  # fmt: skip


@given(MOVEMENTS, st.none() | TIMES)
def test_the_book_runs_forward(movement: Movement, after: datetime | None) -> None:
    written = as_recorded(movement, after=after)
    assert written.recorded_at >= (after or movement.recorded_at)
    assert written.happened_at <= written.recorded_at
    assert written.backdated == movement.backdated or written.recorded_at == after
    if movement.backdated:
        assert written.happened_at == movement.happened_at
