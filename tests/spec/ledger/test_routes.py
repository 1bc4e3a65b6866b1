"""From which account to which may stock go, and for which reason? Everything else is refused by name."""

from __future__ import annotations

from itertools import product

import pytest

from pestle.pharmacy.ledger.account import Account, AccountKind
from pestle.pharmacy.ledger.routes import CORRECTABLE, Reason, Route, may_move, route
from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.refusal import Refusal

ACCOUNTS = {kind: Account(n, kind, kind.title) for n, kind in enumerate(AccountKind, start=1)}

# from -> to: the reasons for which stock may go that way (corrections are below)
ALLOWED = """
supplier -> shelf fridge robot quarantine: receipt
shelf fridge robot quarantine -> supplier: supplier_return
shelf fridge robot -> shelf fridge robot: put_away
ward trolley -> ward trolley: put_away
shelf fridge robot ward trolley -> in_transit: send
in_transit -> shelf fridge robot ward trolley quarantine: arrive
shelf fridge robot -> prepared: pick
prepared -> shelf fridge robot: undo_pick
shelf fridge robot ward trolley prepared -> patient: supply
shelf fridge robot -> recipient: requisition
shelf fridge robot ward trolley in_transit -> quarantine: quarantine
quarantine -> shelf fridge robot ward trolley: release
shelf fridge robot ward trolley in_transit quarantine returned -> waste: waste
patient -> returned: patient_return
shelf fridge robot ward trolley prepared in_transit quarantine returned -> count_difference: count
count_difference -> shelf fridge robot ward trolley prepared in_transit quarantine returned: count
"""

# a way that somebody might try -> the name of the refusal
REFUSED = [
    ("patient", "shelf", "patient_return", "ledger.left-with-patient"),
    ("patient", "shelf", "correction", "ledger.left-with-patient"),
    ("patient", "prepared", "undo_pick", "ledger.left-with-patient"),
    ("patient", "quarantine", "quarantine", "ledger.left-with-patient"),
    ("patient", "supplier", "supplier_return", "ledger.left-with-patient"),
    ("recipient", "shelf", "correction", "ledger.left-on-requisition"),
    ("recipient", "quarantine", "quarantine", "ledger.left-on-requisition"),
    ("quarantine", "recipient", "requisition", "ledger.no-such-route"),
    ("prepared", "recipient", "requisition", "ledger.no-such-route"),
    ("returned", "shelf", "put_away", "ledger.returned-by-patient"),
    ("returned", "quarantine", "quarantine", "ledger.returned-by-patient"),
    ("returned", "patient", "supply", "ledger.returned-by-patient"),
    ("waste", "shelf", "put_away", "ledger.wasted"),
    ("quarantine", "patient", "supply", "ledger.no-such-route"),
    ("quarantine", "prepared", "pick", "ledger.no-such-route"),
    ("in_transit", "patient", "supply", "ledger.no-such-route"),
    ("ward", "shelf", "put_away", "ledger.no-such-route"),
    ("supplier", "patient", "supply", "ledger.no-such-route"),
    ("prepared", "waste", "waste", "ledger.no-such-route"),
]


def _table() -> set[tuple[str, str, str]]:
    found = set()
    for line in ALLOWED.strip().splitlines():
        way, _, reasons = line.partition(":")
        sources, _, targets = way.partition("->")
        found |= set(product(sources.split(), targets.split(), reasons.split()))
    return found


def test_the_table_is_all_there_is() -> None:
    allowed = {
        (source.value, target.value, reason.value)
        for source, target, reason in product(AccountKind, AccountKind, Reason)
        if reason is not Reason.CORRECTION
        and isinstance(route(reason, ACCOUNTS[source], ACCOUNTS[target]), Route)
    }
    assert allowed == _table()


def test_a_correction_goes_back_the_way_it_came_and_never_from_a_patient() -> None:
    correctable = {reason.value for reason in CORRECTABLE}
    never = {"supply", "requisition", "pick", "undo_pick", "correction"}
    assert correctable == {reason.value for reason in Reason} - never
    back = {
        (source.value, target.value)
        for source, target in product(AccountKind, AccountKind)
        if isinstance(route(Reason.CORRECTION, ACCOUNTS[source], ACCOUNTS[target]), Route)
    }
    assert back == {(target, source) for source, target, reason in _table() if reason in correctable}
    assert {source for source, _ in back if source == "patient"} == set()


@pytest.mark.parametrize(("source", "target", "reason", "rule"), REFUSED)
def test_what_is_refused(source: str, target: str, reason: str, rule: str) -> None:
    found = route(Reason(reason), ACCOUNTS[AccountKind(source)], ACCOUNTS[AccountKind(target)])
    assert isinstance(found, Refusal)
    assert found.rule == rule


# who, from, to, reason, said why -> refusals
PEOPLE = [
    (Role.TECHNICIAN, "shelf", "waste", "waste", "", ["stock.no-reason"]),
    (Role.TECHNICIAN, "shelf", "waste", "waste", "dropped", []),
    (Role.TECHNICIAN, "quarantine", "shelf", "release", "maker's advice", ["stock.role"]),
    (Role.PHARMACIST, "quarantine", "shelf", "release", "maker's advice", []),
    (Role.NURSE, "ward", "patient", "supply", "", []),
    (Role.NURSE, "shelf", "patient", "supply", "", ["stock.role"]),
    (Role.NURSE, "trolley", "waste", "waste", "dropped", []),
    (Role.MANAGER, "shelf", "waste", "waste", "", ["stock.role", "stock.no-reason"]),
]


@pytest.mark.parametrize(("role", "source", "target", "reason", "why", "rules"), PEOPLE)
def test_who_may(role: Role, source: str, target: str, reason: str, why: str, rules: list[str]) -> None:
    way = route(Reason(reason), ACCOUNTS[AccountKind(source)], ACCOUNTS[AccountKind(target)])
    assert isinstance(way, Route)
    by = Person(1, "Somebody", frozenset({role}), 1)
    assert [refusal.rule for refusal in may_move(way, by=by, why=why)] == rules
