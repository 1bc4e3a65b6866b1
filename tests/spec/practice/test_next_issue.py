"""What is the next issue of a line, and may what was prepared still be signed?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from pestle.pharmacy.practice.next_issue import (
    Amount,
    Decided,
    Line,
    Made,
    check_prepared,
    holds,
    to_prepare,
    unspent,
)
from pestle.pharmacy.practice.shortened_issue import Decision
from pestle.pharmacy.refusal import Refused

AT = datetime(2026, 11, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)
SHORT = Decided(Decision.SHORT, 14, "invited twice", ("full blood count",), "Gareth Rivers", AT, AT.date())
USUAL = replace(SHORT, decision=Decision.AS_USUAL, days=None, reason="blood taken today")
NOT_NOW = replace(SHORT, decision=Decision.NOT_NOW, days=None, reason="neutrophils 1.2", by="Dana Rivers")


def _of(quantity: int | str | None, days: int | None) -> Amount:
    return Amount(*(None if each is None else Decimal(each) for each in (quantity, days)))


TABLETS = Line("Methotrexate 2.5mg tablets", _of(28, 28))

# the line, what was decided, what was asked for otherwise -> what is prepared (None: the list's), or why not
PREPARED = [
    (TABLETS, None, None, None),
    (TABLETS, None, _of(7, 7), _of(7, 7)),
    (TABLETS, SHORT, None, _of(14, 14)),
    # Of weekly tablets a part of a unit is rounded up.
    (replace(TABLETS, usual=_of(24, 28)), replace(SHORT, days=10), None, _of(9, 10)),
    (replace(TABLETS, usual=_of("100.5", 30)), replace(SHORT, days=7), None, _of(24, 7)),
    (TABLETS, SHORT, _of(7, 7), _of(7, 7)),
    (TABLETS, SHORT, _of(28, 28), "short-issue.longer"),
    (TABLETS, SHORT, _of(56, 14), "short-issue.longer"),
    (TABLETS, SHORT, _of(14, None), "short-issue.longer"),
    # The list was shortened since: nothing is added to it.
    (replace(TABLETS, usual=_of(7, 7)), SHORT, None, None),
    (replace(TABLETS, usual=_of(7, 7)), SHORT, _of(28, 28), "short-issue.longer"),
    (replace(TABLETS, usual=_of(28, None)), SHORT, None, "short-issue.no-amount"),
    (replace(TABLETS, usual=_of(None, 28)), SHORT, None, "short-issue.no-amount"),
    (replace(TABLETS, usual=_of(1, 28)), SHORT, None, "short-issue.undivided"),
    (replace(TABLETS, batch=True), SHORT, None, "short-issue.batch"),
    (TABLETS, USUAL, None, None),
    (replace(TABLETS, batch=True), USUAL, None, None),
    (TABLETS, NOT_NOW, None, "short-issue.not-now"),
    (TABLETS, NOT_NOW, _of(7, 7), "short-issue.not-now"),
]
BEFORE, AFTER = AT - DAY, AT + DAY
# the line, what was decided, what was prepared and when -> why it may not be signed
SIGNED = [
    (TABLETS, None, _of(28, 28), BEFORE, None),
    (TABLETS, SHORT, _of(14, 14), AFTER, None),
    (TABLETS, SHORT, _of(7, 7), AFTER, None),
    (TABLETS, SHORT, _of(28, 28), AFTER, "short-issue.longer"),
    (TABLETS, SHORT, _of(28, 14), AFTER, "short-issue.longer"),
    (TABLETS, SHORT, _of(14, None), AFTER, "short-issue.longer"),
    (TABLETS, SHORT, _of(28, 28), BEFORE, "short-issue.stale"),
    (TABLETS, SHORT, _of(7, 7), BEFORE, "short-issue.stale"),
    (TABLETS, SHORT, _of(14, 14), BEFORE, None),
    (TABLETS, USUAL, _of(14, 14), BEFORE, "short-issue.stale"),
    (TABLETS, USUAL, _of(28, 28), BEFORE, None),
    (TABLETS, USUAL, _of(14, 14), AFTER, None),
    (TABLETS, NOT_NOW, _of(28, 28), BEFORE, "short-issue.stale"),
    (TABLETS, NOT_NOW, _of(28, 28), AFTER, "short-issue.not-now"),
    (replace(TABLETS, batch=True), SHORT, _of(28, 28), BEFORE, "short-issue.batch"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "decided", "asked", "wanted"), PREPARED)
def test_what_is_prepared(
    line: Line, decided: Decided | None, asked: Amount | None, wanted: Amount | str | None
) -> None:
    if isinstance(wanted, str):
        assert _refused(lambda: to_prepare(line, decided, asked)) == wanted
    else:
        assert to_prepare(line, decided, asked) == wanted


@pytest.mark.parametrize(("line", "decided", "prepared", "at", "rule"), SIGNED)
def test_what_is_signed(
    line: Line, decided: Decided | None, prepared: Amount, at: datetime, rule: str | None
) -> None:
    found = _refused(lambda: check_prepared(line, decided, prepared, prepared_at=at))
    assert found == rule


# when decisions were made, and issues (of which day, recorded when) -> which of them holds
def _made(on: datetime, recorded_at: datetime) -> Made:
    return Made(on.date(), recorded_at)


NEWER = replace(USUAL, at=AT + DAY, on=(AT + DAY).date())
SPENT = [
    ((), (), None),
    ((SHORT,), (), SHORT),
    ((NEWER, SHORT), (), NEWER),
    ((SHORT,), (_made(AT, AT - DAY / 24),), SHORT),
    ((SHORT,), (_made(AT, AT + DAY / 24),), None),
    # Issued before, and told by the other system afterwards.
    ((SHORT,), (_made(AT - 28 * DAY, AT + DAY),), SHORT),
    # One decision is spent, and the next is not.
    ((SHORT, NEWER), (_made(AT, AT + DAY / 24),), NEWER),
    # An older one does not come back.
    ((SHORT, NEWER), (_made(AT + DAY, AT + 2 * DAY),), None),
]  # fmt: skip


@pytest.mark.parametrize(("decided", "issues", "wanted"), SPENT)
def test_a_decision_is_about_one_issue(
    decided: tuple[Decided, ...], issues: tuple[Made, ...], wanted: Decided | None
) -> None:
    assert unspent(decided, issues) == wanted


def test_a_decision_holds_while_its_tests_are_late_and_says_whose_it_is() -> None:
    assert holds(SHORT, ["full blood count", "renal function"])
    assert not holds(SHORT, ["renal function"])
    assert SHORT.words == (
        "A short issue of 14 days, decided by Gareth Rivers on 02-Nov-2026 while late: full blood count."
        " invited twice"
    )


def _refused(do: Callable[[], object]) -> str | None:
    try:
        do()
    except Refused as refused:
        ways = [each.way_out for each in refused.refusals]
        return refused.rule if all(ways) else "no way out"
    return None
