"""The controlled-drug register: what is an entry, what it says, what it asks, and who may witness.

Law: Misuse of Drugs Regulations 2001 (SI 2001/3998), regulations 19, 20 and 27 and Schedule 6.
"""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pestle.pharmacy.ledger.account import AccountKind as A
from pestle.pharmacy.ledger.controlled import (
    EntryKind,
    Source,
    Witness,
    belated,
    change,
    check_due,
    custody_refusals,
    entry_kind,
    in_register,
    interval_refusal,
    not_undone,
    own_action,
    receipt_refusals,
    return_refusals,
    running,
    witness_refusals,
)
from pestle.pharmacy.ledger.routes import Reason
from pestle.pharmacy.medicines.concept import ControlledDrugCategory as Category
from pestle.pharmacy.people import Person, Role


@pytest.mark.parametrize("category", Category)
def test_schedules_1_and_2_are_in_the_register(category: Category) -> None:
    assert in_register(category) is (category.schedule in (1, 2))


def test_of_an_unknown_schedule_there_is_no_page() -> None:
    assert not in_register(None)


@pytest.mark.parametrize(
    ("source", "target", "sign"),
    [
        (A.SUPPLIER, A.SHELF, 1),
        (A.SUPPLIER, A.QUARANTINE, 1),
        (A.SHELF, A.PREPARED, 0),
        (A.PREPARED, A.SHELF, 0),
        (A.SHELF, A.QUARANTINE, 0),
        (A.PREPARED, A.PATIENT, -1),
        (A.SHELF, A.IN_TRANSIT, -1),
        (A.IN_TRANSIT, A.WARD, 0),
        (A.WARD, A.PATIENT, 0),
        (A.IN_TRANSIT, A.SHELF, 1),
        (A.QUARANTINE, A.WASTE, -1),
        (A.SHELF, A.COUNT_DIFFERENCE, -1),
        (A.COUNT_DIFFERENCE, A.SHELF, 1),
        (A.PATIENT, A.RETURNED, 0),
        (A.RETURNED, A.WASTE, 0),
    ],
)
def test_an_entry_is_where_the_pharmacy_comes_to_hold_more_or_less(source: A, target: A, sign: int) -> None:
    assert change(source, target) == sign


@pytest.mark.parametrize(
    ("reason", "sign", "kind"),
    [
        (Reason.RECEIPT, 1, EntryKind.OBTAINED),
        (Reason.SUPPLY, -1, EntryKind.SUPPLIED),
        (Reason.SUPPLIER_RETURN, -1, EntryKind.SUPPLIED),
        (Reason.SEND, -1, EntryKind.SUPPLIED),
        (Reason.ARRIVE, 1, EntryKind.OBTAINED),
        (Reason.WASTE, -1, EntryKind.DESTROYED),
        (Reason.COUNT, 1, EntryKind.DIFFERENCE),
        (Reason.COUNT, -1, EntryKind.DIFFERENCE),
        (Reason.CORRECTION, 1, EntryKind.CORRECTION),
    ],
)
def test_what_an_entry_is(reason: Reason, sign: int, kind: EntryKind) -> None:
    assert entry_kind(reason, sign) is kind


@given(st.lists(st.integers(-1000, 1000)), st.integers(0, 5000))
def test_the_running_balance_is_what_adding_up_again_says(changes: list[int], before: int) -> None:
    slow = [before + sum(changes[: n + 1]) for n in range(len(changes))]
    assert list(running(changes, brought_forward=before)) == slow


@pytest.mark.parametrize(
    ("happened", "recorded", "is_belated"),
    [
        ("2026-11-02", "2026-11-02", False),
        ("2026-11-02", "2026-11-03", False),
        ("2026-11-02", "2026-11-04", True),
        ("2026-12-31", "2027-01-01", False),
    ],
)
def test_an_entry_is_made_on_the_day_or_the_next(happened: str, recorded: str, is_belated: bool) -> None:
    days = (date.fromisoformat(happened), date.fromisoformat(recorded))
    assert belated(happened_on=days[0], recorded_on=days[1]) is is_belated


@pytest.mark.parametrize(
    ("source", "rules"),
    [
        (Source("Ashcombe Wholesale", "2 Depot Road", "INV-1"), []),
        (Source("", "2 Depot Road", "INV-1"), ["controlled.no-supplier"]),
        (Source("Ashcombe Wholesale", " ", "INV-1"), ["controlled.no-supplier-address"]),
        (Source("Ashcombe Wholesale", "2 Depot Road", ""), ["controlled.no-invoice"]),
        (
            Source(),
            ["controlled.no-supplier", "controlled.no-supplier-address", "controlled.no-invoice"],
        ),
    ],
)
def test_what_a_receipt_says(source: Source, rules: list[str]) -> None:
    assert [each.rule for each in receipt_refusals(source)] == rules


@pytest.mark.parametrize(
    ("category", "reason", "refused"),
    [
        (Category.SCHEDULE_2, Reason.SUPPLY, True),
        (Category.SCHEDULE_2, Reason.WASTE, True),
        (Category.SCHEDULE_2, Reason.SUPPLIER_RETURN, True),
        (Category.SCHEDULE_2, Reason.PATIENT_RETURN, True),
        (Category.SCHEDULE_2, Reason.QUARANTINE, True),
        (Category.SCHEDULE_2, Reason.RELEASE, True),
        (Category.SCHEDULE_2, Reason.COUNT, True),
        (Category.SCHEDULE_2, Reason.PUT_AWAY, False),
        (Category.SCHEDULE_3_TEMAZEPAM, Reason.WASTE, False),
        (None, Reason.WASTE, False),
    ],
)
def test_a_plain_move_is_not_enough_for_the_register(
    category: Category | None, reason: Reason, refused: bool
) -> None:
    assert (own_action(category, reason) is not None) is refused


@pytest.mark.parametrize(
    ("category", "reason", "refused"),
    [
        (Category.SCHEDULE_2, Reason.WASTE, True),
        (Category.SCHEDULE_2, Reason.QUARANTINE, True),
        (Category.SCHEDULE_2, Reason.COUNT, True),
        (Category.SCHEDULE_2, Reason.RECEIPT, False),
        (Category.SCHEDULE_2, Reason.SUPPLIER_RETURN, False),
        (Category.SCHEDULE_3_TEMAZEPAM, Reason.WASTE, False),
        (None, Reason.WASTE, False),
    ],
)
def test_what_two_people_stand_for_is_not_undone_by_one(
    category: Category | None, reason: Reason, refused: bool
) -> None:
    assert (not_undone(category, reason) is not None) is refused


@pytest.mark.parametrize(
    ("supplier", "authority", "rules"),
    [
        (Source("Ashcombe Wholesale", "2 Depot Road", "RN-1"), "licence 1234", []),
        (Source("", "2 Depot Road", "RN-1"), "licence 1234", ["controlled.no-supplier"]),
        (Source("Ashcombe Wholesale", "", "RN-1"), "licence 1234", ["controlled.no-supplier-address"]),
        (Source("Ashcombe Wholesale", "2 Depot Road"), "licence 1234", ["controlled.no-return-note"]),
        (Source("Ashcombe Wholesale", "2 Depot Road", "RN-1"), " ", ["controlled.no-authority"]),
    ],
)
def test_what_a_return_to_the_supplier_says(supplier: Source, authority: str, rules: list[str]) -> None:
    assert [each.rule for each in return_refusals(supplier, authority=authority)] == rules


def test_who_is_named_on_the_way_to_a_ward() -> None:
    assert [each.rule for each in custody_refusals()] == ["controlled.no-orderer"]
    assert [each.rule for each in custody_refusals(received_by=" ")] == ["controlled.no-receiver"]
    assert not list(custody_refusals(ordered_by="Nurse Joy Adu"))
    assert not list(custody_refusals(received_by="Sister Ann Lee"))


@pytest.mark.parametrize(("days", "wrong"), [(0, True), (1, False), (7, False), (31, False), (32, True)])
def test_pages_are_counted_at_least_once_a_month(days: int, wrong: bool) -> None:
    assert (interval_refusal(days) is not None) is wrong


def _person(id_: int, name: str, role: Role) -> Person:
    return Person(id_, name, frozenset({role}), site_id=1)


TESS = _person(1, "Tess Okafor", Role.TECHNICIAN)
RUTH = _person(2, "Ruth Evans", Role.PHARMACIST)
MO = _person(3, "Mo Rahman", Role.MANAGER)


@pytest.mark.parametrize(
    ("witness", "stock_of_schedule_2", "a_patient_s_return"),
    [
        # Who watches,                                           stock of Schedule 2,     a patient's return
        (None, "witness.none", "witness.none"),
        (Witness(" "), "witness.none", "witness.none"),
        (Witness("Tess Okafor", person=TESS), "witness.own", "witness.own"),
        (Witness("tess  okafor", "police"), "witness.own", "witness.own"),
        (Witness("Ruth Evans", person=RUTH), "witness.not-authorised", None),
        (Witness("Mo Rahman", person=MO), "witness.not-authorised", "witness.role"),
        (Witness("Cora Lane", ""), "witness.no-authority", "witness.no-authority"),
        (Witness("Cora Lane", "NHS England, CDLO letter 12"), None, None),
    ],
)
def test_who_may_be_a_witness_of_what_tess_does(
    witness: Witness | None, stock_of_schedule_2: str | None, a_patient_s_return: str | None
) -> None:
    for authorised, rule in ((True, stock_of_schedule_2), (False, a_patient_s_return)):
        found = [each.rule for each in witness_refusals(witness, performer=TESS, authorised=authorised)]
        assert found == ([rule] if rule else [])


def test_a_balance_is_counted_again_after_so_many_days_and_at_once_when_it_never_was() -> None:
    today = date(2026, 11, 9)
    assert check_due(last=None, days=7, on=today) == today
    assert check_due(last=date(2026, 11, 2), days=7, on=today) == today
    assert check_due(last=date(2026, 11, 3), days=7, on=today) > today
