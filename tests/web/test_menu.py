"""What stands in the menu's row, and what behind “More”, role by role."""

from __future__ import annotations

import pytest

from pestle.pharmacy.people import Person, Role
from pestle.web.actions.measures import MAY_MEASURE
from pestle.web.actions.people import MAY_MANAGE
from pestle.web.pages.menu import FIRST, ITEMS, ROW, menu

# roles, in the row, behind “More”
MENUS = [
    (
        {Role.TECHNICIAN},
        "Worklist Patients Stock Messages Medicines",
        "Bags Tasks Calculators Measures Near misses Definitions",
    ),
    (
        {Role.TECHNICIAN, Role.ACCURACY_CHECKER},
        "Worklist Patients Stock Messages Medicines",
        "Bags Tasks Calculators Measures Near misses Definitions",
    ),
    (
        {Role.PHARMACIST},
        "Worklist Patients Stock Medicines Calculators",
        "Bags Tasks Messages Measures Near misses Definitions Manage",
    ),
    (
        {Role.NURSE},
        "Worklist Patients Stock Medicines Calculators",
        "Bags Tasks Messages Near misses Definitions",
    ),
    (
        {Role.MANAGER},
        "Worklist Patients Stock Messages Manage",
        "Bags Tasks Medicines Calculators Measures Near misses Definitions",
    ),
    (
        {Role.TECHNICIAN, Role.MANAGER},
        "Worklist Patients Stock Messages Medicines",
        "Bags Tasks Calculators Measures Near misses Definitions Manage",
    ),
]


@pytest.mark.parametrize(("roles", "row", "more"), MENUS)
def test_the_menu_of_a_role(roles: set[Role], row: str, more: str) -> None:
    shown = menu(Person(1, "Somebody", frozenset(roles), 1))
    assert " ".join(one.label for one in shown.row) == row
    assert " ".join(one.label for one in shown.more) == more


def test_every_role_has_a_row_that_fits_and_names_what_there_is() -> None:
    assert set(FIRST) == set(Role)
    for first in FIRST.values():
        assert len(first) <= ROW
        assert set(first) <= {one.name for one in ITEMS}


def test_what_is_for_some_is_shown_to_those_who_may_open_it() -> None:
    told = {one.name: one.roles for one in ITEMS if one.roles}
    assert told == {"manage": MAY_MANAGE, "measures": MAY_MEASURE}
