"""How the paper prescriptions of a month are sorted and counted."""

from __future__ import annotations

from datetime import date

import pytest

from pestle.pharmacy.dispensary.paper_bundle import Form, Group, bundle

NOVEMBER = date(2026, 11, 1)

# form, where it lies in November's bundle ("" : in none)
FORMS = [
    (Form(1, 2, 2, 1980, date(2026, 11, 2)), "Charge paid"),
    # One item was free, the other one paid for: the form lies with the paid.
    (Form(2, 2, 1, 990, date(2026, 11, 30)), "Charge paid"),
    (Form(3, 1, 0, 0, date(2026, 11, 3)), "Exempt"),
    (Form(4, 1, None, None, date(2026, 11, 4)), "Nobody was asked"),
    (Form(5, 1, 0, 0, date(2026, 12, 1)), ""),
    (Form(6, 1, 0, 0, date(2025, 11, 3)), ""),
    # The last instalment, or what is owed, is still to come.
    (Form(7, 1, 1, 990, None), "waits"),
    # Nothing of it was dispensed.
    (Form(8, 0, None, None, date(2026, 11, 5)), ""),
]


@pytest.mark.parametrize(("form", "where"), FORMS)
def test_where_a_form_lies(form: Form, where: str) -> None:
    found = bundle([form], month=date(2026, 11, 17))
    places = {group.group.value: group.forms for group in found.groups} | {"waits": found.waiting}
    assert [name for name, forms in places.items() if forms] == ([where] if where else [])


def test_what_is_counted() -> None:
    found = bundle([form for form, _ in reversed(FORMS)], month=NOVEMBER)
    assert [(one.group, len(one.forms), one.items, one.paid_items, one.pence) for one in found.groups] == [
        (Group.PAID, 2, 4, 3, 2970),
        (Group.EXEMPT, 1, 1, 0, 0),
        (Group.NOT_ASKED, 1, 1, 0, None),
    ]
    assert [form.id for form in found.groups[0].forms] == [1, 2]
    assert (found.forms, found.month) == (4, NOVEMBER)
