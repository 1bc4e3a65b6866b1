"""May stock go from here to there, for this reason, and who may say so?

One table. What is not in it is refused by name. Nothing that left the premises with a patient returns to
stock: it goes to the account of returned medicines, and from there to be destroyed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from pestle.pharmacy.ledger.account import STORES, WARDS, Account, AccountKind
from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.refusal import Refusal

_Kinds = frozenset[AccountKind]
_A = AccountKind


class Reason(Enum):
    """Why stock moves; the value is stored."""

    RECEIPT = "receipt"
    SUPPLIER_RETURN = "supplier_return"
    PUT_AWAY = "put_away"
    SEND = "send"
    ARRIVE = "arrive"
    PICK = "pick"
    UNDO_PICK = "undo_pick"
    SUPPLY = "supply"
    REQUISITION = "requisition"
    QUARANTINE = "quarantine"
    RELEASE = "release"
    WASTE = "waste"
    PATIENT_RETURN = "patient_return"
    COUNT = "count"
    CORRECTION = "correction"

    @property
    def reverses(self) -> bool:
        """Whether a movement for this reason undoes another one, and points at it."""
        return self in (Reason.UNDO_PICK, Reason.CORRECTION)


KEEPS_STOCK = (Role.TECHNICIAN, Role.ACCURACY_CHECKER, Role.PHARMACIST)
_AT_THE_BEDSIDE = (*KEEPS_STOCK, Role.NURSE)


@dataclass(frozen=True, slots=True)
class Route:
    """From which kinds of account to which, by whom, and whether it has to be said why."""

    sources: _Kinds
    targets: _Kinds
    roles: tuple[Role, ...] = KEEPS_STOCK
    needs_why: bool = False


_PLACES = STORES | WARDS
_COUNTED = _PLACES | {_A.PREPARED, _A.IN_TRANSIT, _A.QUARANTINE, _A.RETURNED}


def _only(*kinds: AccountKind) -> _Kinds:
    return frozenset(kinds)


# A difference between book and count goes either way; a correction goes back the way it came.
ROUTES: dict[Reason, tuple[Route, ...]] = {
    Reason.RECEIPT: (Route(_only(_A.SUPPLIER), STORES | {_A.QUARANTINE}),),
    Reason.SUPPLIER_RETURN: (Route(STORES | {_A.QUARANTINE}, _only(_A.SUPPLIER), needs_why=True),),
    Reason.PUT_AWAY: (Route(STORES, STORES), Route(WARDS, WARDS, _AT_THE_BEDSIDE)),
    Reason.SEND: (Route(_PLACES, _only(_A.IN_TRANSIT), _AT_THE_BEDSIDE),),
    Reason.ARRIVE: (Route(_only(_A.IN_TRANSIT), _PLACES | {_A.QUARANTINE}, _AT_THE_BEDSIDE),),
    Reason.PICK: (Route(STORES, _only(_A.PREPARED)),),
    Reason.UNDO_PICK: (Route(_only(_A.PREPARED), STORES),),
    Reason.SUPPLY: (
        Route(STORES | {_A.PREPARED}, _only(_A.PATIENT)),
        Route(WARDS, _only(_A.PATIENT), _AT_THE_BEDSIDE),
    ),
    Reason.REQUISITION: (Route(STORES, _only(_A.RECIPIENT)),),
    Reason.QUARANTINE: (
        Route(_PLACES | {_A.IN_TRANSIT}, _only(_A.QUARANTINE), _AT_THE_BEDSIDE, needs_why=True),
    ),
    Reason.RELEASE: (Route(_only(_A.QUARANTINE), _PLACES, (Role.PHARMACIST,), needs_why=True),),
    Reason.WASTE: (
        Route(
            _PLACES | {_A.IN_TRANSIT, _A.QUARANTINE, _A.RETURNED},
            _only(_A.WASTE),
            _AT_THE_BEDSIDE,
            needs_why=True,
        ),
    ),
    Reason.PATIENT_RETURN: (Route(_only(_A.PATIENT), _only(_A.RETURNED)),),
    Reason.COUNT: (
        Route(_COUNTED, _only(_A.COUNT_DIFFERENCE), needs_why=True),
        Route(_only(_A.COUNT_DIFFERENCE), _COUNTED, needs_why=True),
    ),
}

# A supply is not undone: either it left the premises, or the count says that it did not. A pick has its own
# way back, and what undoes something is not undone in its turn but done again.
CORRECTABLE = frozenset(ROUTES) - {Reason.SUPPLY, Reason.REQUISITION, Reason.PICK, Reason.UNDO_PICK}


def route(reason: Reason, source: Account, target: Account) -> Route | Refusal:
    """The way that stock takes for this reason; else why it may not go.

    Refusals: ``ledger.left-with-patient``, ``ledger.left-on-requisition``, ``ledger.returned-by-patient``,
    ``ledger.wasted``, ``ledger.no-such-route``.
    """
    for way in _ways(reason):
        if source.kind in way.sources and target.kind in way.targets:
            return way
    there = f"from {source.name} to {target.name}"
    if source.kind is _A.RECIPIENT:
        return Refusal(
            "ledger.left-on-requisition",
            f"What was supplied on a requisition does not return to stock ({there})",
            place="to",
            way_out="What its recipient brings back is recorded as returned, and destroyed.",
        )
    if source.kind is _A.PATIENT:
        return Refusal(
            "ledger.left-with-patient",
            f"What left the premises with a patient does not return to stock ({there})",
            place="to",
            way_out="Record it as returned by a patient, and have it destroyed.",
        )
    if source.kind is _A.RETURNED:
        return Refusal(
            "ledger.returned-by-patient",
            f"What a patient brought back may only be destroyed ({there})",
            place="to",
            way_out="Record its destruction.",
        )
    if source.kind is _A.WASTE:
        return Refusal("ledger.wasted", f"What was destroyed cannot be moved ({there})", place="from")
    return Refusal(
        "ledger.no-such-route",
        f"Stock does not move {there} as “{reason.value.replace('_', ' ')}”",
        place="to",
    )


def may_move(way: Route, *, by: Person, why: str) -> Iterable[Refusal]:
    """What stands in the way of this person, with this explanation: ``stock.role``, ``stock.no-reason``."""
    if not by.has(*way.roles):
        who = " or ".join(role.title for role in way.roles)
        yield Refusal("stock.role", f"This is for a {who}; you are signed in as {by.title}")
    if way.needs_why and len(why.strip()) < 3:
        yield Refusal("stock.no-reason", "Say why", place="reason")


def _ways(reason: Reason) -> Iterable[Route]:
    if reason is not Reason.CORRECTION:
        return ROUTES[reason]
    return (
        Route(way.targets, way.sources, way.roles, needs_why=True)
        for of in sorted(CORRECTABLE, key=lambda one: one.value)
        for way in ROUTES[of]
    )
