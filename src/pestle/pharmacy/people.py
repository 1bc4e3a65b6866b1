"""Who acts, in which role, with which registration, and where?

Roles follow who is registered to do what in UK pharmacy: a technician settles technical steps, a
pharmacist clinical ones; an accuracy-checking technician is a technician with that qualification;
a manager runs the site and holds no clinical authority by being one.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Literal


class Role(Enum):
    """What a person may be at a site. The value is stored; the sentence explains it."""

    TECHNICIAN = "technician"
    ACCURACY_CHECKER = "accuracy_checker"
    PHARMACIST = "pharmacist"
    PRESCRIBER = "prescriber"
    NURSE = "nurse"
    RECEPTIONIST = "receptionist"
    MANAGER = "manager"
    SYSTEM = "system"

    @property
    def title(self) -> str:
        """As it stands beside a name."""
        return _ROLE_TITLES[self]


_ROLE_TITLES = {
    Role.TECHNICIAN: "pharmacy technician",
    Role.ACCURACY_CHECKER: "accuracy-checking technician",
    Role.PHARMACIST: "pharmacist",
    Role.PRESCRIBER: "prescriber",
    Role.NURSE: "nurse",
    Role.RECEPTIONIST: "receptionist",
    Role.MANAGER: "manager",
    Role.SYSTEM: "the program",
}


class SiteKind(Enum):
    """Where the work is done; the value is stored."""

    COMMUNITY_PHARMACY = "community_pharmacy"
    DISPENSING_PRACTICE = "dispensing_practice"
    GP_PRACTICE = "gp_practice"
    HOSPITAL_PHARMACY = "hospital_pharmacy"


class Country(Enum):
    """Whose law applies (ISO 3166-2 for the UK's nations, since theirs differ)."""

    ENGLAND = "GB-ENG"
    SCOTLAND = "GB-SCT"
    WALES = "GB-WLS"
    NORTHERN_IRELAND = "GB-NIR"
    UNITED_STATES = "US"

    @property
    def title(self) -> str:
        """As people write it."""
        return _COUNTRY_TITLES[self]

    @property
    def guidance(self) -> Literal["uk", "us"]:
        """Whose figures checks and calculators go by, where the two differ."""
        return "us" if self is Country.UNITED_STATES else "uk"


_COUNTRY_TITLES = {
    Country.ENGLAND: "England",
    Country.SCOTLAND: "Scotland",
    Country.WALES: "Wales",
    Country.NORTHERN_IRELAND: "Northern Ireland",
    Country.UNITED_STATES: "United States",
}


@dataclass(frozen=True, slots=True)
class Site:
    """One set of premises. `code` is its ODS code in England, its NCPDP id in the US."""

    id: int
    name: str
    code: str
    kind: SiteKind
    country: Country
    time_zone: str
    address: tuple[str, ...] = ()
    telephone: str = ""


@dataclass(frozen=True, slots=True)
class Registration:
    """A professional's entry in a public register, such as GPhC 5012345."""

    body: str
    number: str


@dataclass(frozen=True, slots=True)
class Person:
    """Who acts: a person at one site, with the roles held there."""

    id: int
    name: str
    roles: frozenset[Role]
    site_id: int
    registration: Registration | None = None

    def has(self, *roles: Role) -> bool:
        """Whether this person holds any one of the roles."""
        return not self.roles.isdisjoint(roles)

    @property
    def named_by(self) -> Role | None:
        """The role that is said beside the name: the one with most authority over medicines."""
        return next((role for role in _AUTHORITY if role in self.roles), None)

    @property
    def title(self) -> str:
        """What is said beside the name."""
        return self.named_by.title if self.named_by else "no role"


_AUTHORITY = (
    Role.PHARMACIST, Role.PRESCRIBER, Role.ACCURACY_CHECKER, Role.TECHNICIAN,
    Role.NURSE, Role.RECEPTIONIST, Role.MANAGER, Role.SYSTEM,
)  # fmt: skip
