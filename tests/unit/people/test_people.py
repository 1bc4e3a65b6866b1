"""What a person may be called, and which roles they hold."""

from __future__ import annotations

import pytest

from pestle.pharmacy.people import Person, Role


def _person(*roles: Role) -> Person:
    return Person(1, "Sam Reed", frozenset(roles), site_id=1)


@pytest.mark.parametrize(
    ("roles", "title"),
    [
        ((Role.TECHNICIAN,), "pharmacy technician"),
        ((Role.TECHNICIAN, Role.ACCURACY_CHECKER), "accuracy-checking technician"),
        ((Role.MANAGER, Role.PHARMACIST), "pharmacist"),
        ((Role.MANAGER, Role.RECEPTIONIST), "receptionist"),
        ((Role.SYSTEM,), "the program"),
        ((), "no role"),
    ],
)
def test_the_role_beside_a_name_is_the_one_with_most_authority(roles: tuple[Role, ...], title: str) -> None:
    assert _person(*roles).title == title


@pytest.mark.parametrize("role", Role)
def test_every_role_has_a_title(role: Role) -> None:
    assert _person(role).title == role.title


def test_one_of_several_roles_is_enough() -> None:
    sam = _person(Role.TECHNICIAN, Role.MANAGER)
    assert sam.has(Role.PHARMACIST, Role.TECHNICIAN)
    assert not sam.has(Role.PHARMACIST)
    assert not sam.has()
