"""Which movements are entries of the controlled-drug register, what do they say, and who may witness?

The register is a view of the ledger. Of each drug, form and strength it has a page; an entry is a movement
by which the pharmacy comes to hold more of it or less. Entries stand in the order in which they were written
down and are never altered: what was wrong is put right by a later entry, or by a note beside it, signed and
dated.

Sources: Misuse of Drugs Regulations 2001 (SI 2001/3998), regulation 19 (a register for Schedules 1 and 2, in
the order of time, headed by the class of drug; an entry on the day or the next day; no cancellation or
alteration, a correction by a dated note), regulation 20 and Schedule 6 (headings), as summarised in 2026; the
amending orders were not looked through. The running balance is good practice and no statutory heading.
Regulation 27 (destruction before an authorised person) is from memory, unverified.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from itertools import accumulate

from pestle.pharmacy.ledger.account import STORES, AccountKind
from pestle.pharmacy.ledger.routes import KEEPS_STOCK, Reason
from pestle.pharmacy.medicines.concept import ControlledDrugCategory
from pestle.pharmacy.people import Person
from pestle.pharmacy.refusal import Refusal

MOST_DAYS = 31

# What the pharmacy itself holds. A bag that waits is still ours; a ward keeps a register of its own.
IN_REGISTER = STORES | {AccountKind.PREPARED, AccountKind.QUARANTINE}

# Movements of a drug in the register that need more beside them than a plain move can say.
OWN_ACTION = frozenset(
    {Reason.SUPPLY, Reason.SUPPLIER_RETURN, Reason.WASTE, Reason.PATIENT_RETURN, Reason.QUARANTINE,
     Reason.RELEASE, Reason.COUNT}
)  # fmt: skip


# Destroyed before a witness, set aside before a second person, counted by two.
_SIGNED_BY_TWO = frozenset({Reason.WASTE, Reason.QUARANTINE, Reason.RELEASE, Reason.COUNT})


class EntryKind(Enum):
    """What an entry of the register is; the value is shown."""

    OBTAINED = "obtained"
    SUPPLIED = "supplied"
    DESTROYED = "destroyed"
    DIFFERENCE = "difference"
    CORRECTION = "correction"


def in_register(category: ControlledDrugCategory | None) -> bool:
    """Whether a product of that category has a page: Schedules 1 and 2. Of an unknown one nobody can tell,
    and it is not handed out."""
    return category is not None and category.schedule in (1, 2)


def change(source: AccountKind, target: AccountKind) -> int:
    """1 where the pharmacy then holds more, -1 where it holds less, 0 where the movement is no entry."""
    return (target in IN_REGISTER) - (source in IN_REGISTER)


def entry_kind(reason: Reason, sign: int) -> EntryKind:
    """What the entry of a movement is that changes what is held by that sign."""
    match reason:
        case Reason.CORRECTION:
            return EntryKind.CORRECTION
        case Reason.COUNT:
            return EntryKind.DIFFERENCE
        case Reason.WASTE:
            return EntryKind.DESTROYED
    return EntryKind.OBTAINED if sign > 0 else EntryKind.SUPPLIED


def running(changes: Iterable[int], *, brought_forward: int = 0) -> Iterator[int]:
    """The balance after each entry, in base units."""
    balances = accumulate(changes, initial=brought_forward)
    next(balances)
    return balances


def belated(*, happened_on: date, recorded_on: date) -> bool:
    """Whether an entry was made later than on the day after (regulation 19). Days of the site."""
    return recorded_on > happened_on + timedelta(days=1)


def not_undone(category: ControlledDrugCategory | None, reason: Reason) -> Refusal | None:
    """Why one person does not undo this movement: ``controlled.signed-by-two``."""
    if not in_register(category) or reason not in _SIGNED_BY_TWO:
        return None
    return Refusal(
        "controlled.signed-by-two",
        "Two people stand for this movement of a drug in the register, and one does not undo it",
        place="movement",
        way_out="Set it aside or release it the other way; or count its page together.",
    )


@dataclass(frozen=True, slots=True)
class Source:
    """From whom stock came: name and address, and the number of the invoice or requisition."""

    name: str = ""
    address: str = ""
    document: str = ""


def receipt_refusals(source: Source) -> Iterator[Refusal]:
    """What a receipt into the register must say: ``controlled.no-supplier``,
    ``controlled.no-supplier-address``, ``controlled.no-invoice``."""
    if len(source.name.strip()) < 2:
        yield Refusal("controlled.no-supplier", "The register names who supplied it", "supplier")
    if len(source.address.strip()) < 5:
        yield Refusal("controlled.no-supplier-address", "The register has the supplier's address",
                      "supplier address")  # fmt: skip
    if len(source.document.strip()) < 2:
        yield Refusal("controlled.no-invoice", "Give the number of the invoice or requisition", "invoice")


def own_action(category: ControlledDrugCategory | None, reason: Reason) -> Refusal | None:
    """Why a plain move is not enough for this drug: ``controlled.own-action``."""
    if not in_register(category) or reason not in OWN_ACTION:
        return None
    return Refusal(
        "controlled.own-action",
        "For a drug in the controlled-drug register this asks for more than a move",
        place="reason",
        way_out="Hand it out on a prescription; on its page of the register it is counted, set aside, "
        "returned to its supplier and destroyed.",
    )


def return_refusals(supplier: Source, *, authority: str) -> Iterator[Refusal]:
    """What a return to the supplier must say: ``controlled.no-supplier``, ``controlled.no-supplier-address``,
    ``controlled.no-authority``, ``controlled.no-return-note``. `supplier` has the return note's number."""
    for no in receipt_refusals(supplier):
        if no.rule == "controlled.no-invoice":
            yield Refusal("controlled.no-return-note", "Give the number of the return note", "return note")
        else:
            yield no
    if len(authority.strip()) < 3:
        yield Refusal("controlled.no-authority", "Say by which authority the supplier may possess it",
                      "authority", "Such as the number of their Home Office licence.")  # fmt: skip


def custody_refusals(*, ordered_by: str = "", received_by: str | None = None) -> Iterator[Refusal]:
    """Who is named where a drug in the register goes to a ward or comes back: ``controlled.no-orderer`` when
    it is sent, ``controlled.no-receiver`` when it arrives (`received_by` is then given). The carrier is named
    for every transfer. Good practice; no rule of law is known here."""
    if received_by is not None:
        if len(received_by.strip()) < 2:
            yield Refusal("controlled.no-receiver", "Say who received it, by name", "received by")
    elif len(ordered_by.strip()) < 2:
        yield Refusal("controlled.no-orderer", "Say who ordered it, by name", "ordered by")


@dataclass(frozen=True, slots=True)
class Witness:
    """Who watched. A `person` has signed in for themself; somebody from outside is a name and an
    `authority`, such as the body that authorised them."""

    name: str
    authority: str = ""
    person: Person | None = None


def witness_refusals(
    witness: Witness | None, *, performer: Person, authorised: bool = False
) -> Iterator[Refusal]:
    """What stands in the way of this witness: ``witness.none``, ``witness.own``, ``witness.role``,
    ``witness.not-authorised``, ``witness.no-authority``.

    `authorised`: stock of Schedule 2, which only somebody authorised from outside may watch being destroyed.
    """
    if witness is None or len(witness.name.strip()) < 2:
        yield Refusal("witness.none", "Somebody else has to watch", "witness")
        return
    same_name = _folded(witness.name) == _folded(performer.name)
    if (witness.person is not None and witness.person.id == performer.id) or same_name:
        yield Refusal("witness.own", "Nobody is a witness of what they do themself", "witness",
                      "Ask a colleague.")  # fmt: skip
        return
    if witness.person is None:
        if len(witness.authority.strip()) < 3:
            yield Refusal(
                "witness.no-authority",
                "Say by what authority this person is the witness",
                "authority",
                "A colleague with an account signs with their own PIN or password.",
            )
    elif authorised:
        yield Refusal(
            "witness.not-authorised",
            "Stock of Schedule 2 is destroyed before an authorised person from outside",
            "witness",
            "Ask the controlled drugs accountable officer who may come.",
        )
    elif not witness.person.has(*KEEPS_STOCK):
        yield Refusal("witness.role", f"A {witness.person.title} does not witness this here", "witness",
                      "Ask a technician or pharmacist.")  # fmt: skip


def interval_refusal(days: int) -> Refusal | None:
    """Why pages are not counted every so many days: ``register.interval``. At least once a month; how often
    is for whoever answers for the pharmacy."""
    if 1 <= days <= MOST_DAYS:
        return None
    return Refusal("register.interval", f"Pages are counted every 1 to {MOST_DAYS} days", "days")


def check_due(*, last: date | None, days: int, on: date) -> date:
    """When the balance is to be counted next; at once where it never was."""
    return on if last is None else last + timedelta(days=days)


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())
