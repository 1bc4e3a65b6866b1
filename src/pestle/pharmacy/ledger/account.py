"""Where can stock be?

Every amount is in some account, and a movement takes it from one to another (double entry), so that all
accounts of a batch together always hold nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class AccountKind(Enum):
    """What an account stands for; the value is stored. PREPARED holds bags that wait for their patient,
    RETURNED what patients brought back, which may only be destroyed. RECIPIENT is whoever was supplied on a
    requisition."""

    SUPPLIER = "supplier"
    SHELF = "shelf"
    FRIDGE = "fridge"
    ROBOT = "robot"
    WARD = "ward"
    TROLLEY = "trolley"
    IN_TRANSIT = "in_transit"
    PREPARED = "prepared"
    QUARANTINE = "quarantine"
    PATIENT = "patient"
    RECIPIENT = "recipient"
    RETURNED = "returned"
    WASTE = "waste"
    COUNT_DIFFERENCE = "count_difference"

    @property
    def held(self) -> bool:
        """Whether stock in it is ours to count: its balance may never go below zero."""
        return self not in _BOUNDARY

    @property
    def dispensable(self) -> bool:
        """Whether packs may be picked from it."""
        return self in STORES

    @property
    def title(self) -> str:
        """The name of the site's account of that kind, where it has only one."""
        return _TITLES[self]


_BOUNDARY = frozenset(
    {
        AccountKind.SUPPLIER,
        AccountKind.PATIENT,
        AccountKind.RECIPIENT,
        AccountKind.WASTE,
        AccountKind.COUNT_DIFFERENCE,
    }
)
# Where packs are dispensed from, and where they are kept for use by nurses.
STORES = frozenset({AccountKind.SHELF, AccountKind.FRIDGE, AccountKind.ROBOT})
WARDS = frozenset({AccountKind.WARD, AccountKind.TROLLEY})

_TITLES = {
    AccountKind.SUPPLIER: "Suppliers",
    AccountKind.SHELF: "Dispensary shelf",
    AccountKind.FRIDGE: "Fridge",
    AccountKind.ROBOT: "Robot",
    AccountKind.WARD: "Ward",
    AccountKind.TROLLEY: "Trolley",
    AccountKind.IN_TRANSIT: "In transit",
    AccountKind.PREPARED: "Bags that wait",
    AccountKind.QUARANTINE: "Quarantine",
    AccountKind.PATIENT: "Patients",
    AccountKind.RECIPIENT: "Supplied on requisition",
    AccountKind.RETURNED: "Returned by patients",
    AccountKind.WASTE: "Waste",
    AccountKind.COUNT_DIFFERENCE: "Count difference",
}


@dataclass(frozen=True, slots=True)
class Account:
    """One account of a site. Kind and name together are its own; the id is where it is stored."""

    id: int
    kind: AccountKind
    name: str

    def __str__(self) -> str:
        return f"{self.kind.value}/{self.name}"
