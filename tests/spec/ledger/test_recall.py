"""When an alert is overdue, and what stands in the way of calling it done."""

from datetime import UTC, datetime, timedelta

import pytest

from pestle.pharmacy.ledger.recall import AlertKind, Standing, may_act, standing
from pestle.pharmacy.people import Person, Role

NOW = datetime(2026, 11, 2, 10, tzinfo=UTC)
TESS = Person(1, "Tess Okafor", frozenset({Role.TECHNICIAN}), 1)
MO = Person(2, "Mo Rahman", frozenset({Role.MANAGER}), 1)
SECOND = timedelta(seconds=1)

STANDINGS = [
    (None, False, Standing.OPEN),
    (NOW, False, Standing.OPEN),
    (NOW - SECOND, False, Standing.OVERDUE),
    (NOW - SECOND, True, Standing.DONE),
    (NOW + SECOND, False, Standing.OPEN),
]


@pytest.mark.parametrize(("deadline", "done", "wanted"), STANDINGS)
def test_standing(deadline: datetime | None, done: bool, wanted: Standing) -> None:
    assert standing(deadline=deadline, done=done, now=NOW) is wanted


# words, done already, says it is done, still pickable, who -> refusals
ACTS = [
    ("told the team", False, False, 56, TESS, []),
    ("sent it all back", False, True, 0, TESS, []),
    ("sent it all back", False, True, 1, TESS, ["recall.still-held"]),
    (" ", False, False, 0, TESS, ["recall.no-words"]),
    ("told the team", True, False, 0, TESS, ["recall.done"]),
    ("told the team", False, False, 0, MO, ["stock.role"]),
]


@pytest.mark.parametrize(("words", "done", "completes", "pickable", "by", "rules"), ACTS)
def test_acts(words: str, done: bool, completes: bool, pickable: int, by: Person, rules: list[str]) -> None:
    found = may_act(words=words, done=done, completes=completes, pickable=pickable, by=by)
    assert [one.rule for one in found] == rules


def test_kinds_are_said_as_on_the_notice() -> None:
    assert AlertKind.CLASS_2.title == "Class 2"
    assert AlertKind.NATPSA.title == "National Patient Safety Alert"
    assert [kind for kind in AlertKind if not kind.needs_deadline] == [
        AlertKind.CLASS_4,
        AlertKind.UNCLASSIFIED,
    ]
