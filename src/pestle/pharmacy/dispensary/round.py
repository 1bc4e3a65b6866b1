"""How does a delivery round go, what may become of each stop, and what proves a delivery?

Bags are put on a round, a stop each; the round leaves; each stop ends delivered, or came back with a reason;
the round is closed when every stop has ended. A bag that is delivered is handed out by the same rules as at
the counter, judged before it leaves and again when it is recorded.

What may be left with whom is a site's own rule, invented and unverified: nothing controlled without a
signature of the patient or of somebody who lives there, and nothing cold where nobody takes it in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from pestle.pharmacy.dispensary.bag import Part
from pestle.pharmacy.people import Role
from pestle.pharmacy.refusal import Refusal
from pestle.pharmacy.worklist.workflow import Step, Transition, Workflow

LOADING = "loading"
OUT = "out"
CLOSED = "closed"

_DISPENSERS = frozenset({Role.TECHNICIAN, Role.ACCURACY_CHECKER, Role.PHARMACIST})

ROUNDS = Workflow(
    name="delivery round",
    steps=(Step(LOADING, "Being loaded"), Step(OUT, "Out"), Step(CLOSED, "Closed", final=True)),
    transitions=(
        Transition("load", LOADING, LOADING, _DISPENSERS, "put a bag on"),
        Transition("take_off", LOADING, LOADING, _DISPENSERS, "took a bag off"),
        Transition("order_stops", LOADING, LOADING, _DISPENSERS, "ordered the stops of"),
        Transition("leave", LOADING, OUT, _DISPENSERS, "sent off"),
        Transition("deliver", OUT, OUT, _DISPENSERS, "recorded a delivery of"),
        Transition("bring_back", OUT, OUT, _DISPENSERS, "recorded a failed attempt of"),
        Transition("close", OUT, CLOSED, _DISPENSERS, "closed"),
    ),
)
MAY_BEGIN = _DISPENSERS


class StopState(Enum):
    """How a stop stands; the value is stored."""

    ON = "on"
    TAKEN_OFF = "taken_off"
    DELIVERED = "delivered"
    CAME_BACK = "came_back"

    @property
    def words(self) -> str:
        """As the round says it."""
        return {"on": "On the round", "taken_off": "Taken off", "delivered": "Delivered",
                "came_back": "Came back"}[self.value]  # fmt: skip


# (where the round is, what is done to a stop that is on it) -> what the stop becomes. Nothing else ends one.
BECOMES = {
    (LOADING, "take_off"): StopState.TAKEN_OFF,
    (OUT, "deliver"): StopState.DELIVERED,
    (OUT, "bring_back"): StopState.CAME_BACK,
}


class Failed(Enum):
    """Why an attempt failed; the value is stored."""

    NO_ANSWER = "no_answer"
    WRONG_ADDRESS = "wrong_address"
    REFUSED = "refused"
    NOT_REACHED = "not_reached"

    @property
    def words(self) -> str:
        """As the page says it."""
        return {"no_answer": "Nobody answered", "wrong_address": "Wrong address",
                "refused": "It was refused",
                "not_reached": "The round did not get there"}[self.value]  # fmt: skip


class Recipient(Enum):
    """With whom a bag was left; the value is stored."""

    PATIENT = "patient"
    HOUSEHOLD = "household"
    NEIGHBOUR = "neighbour"
    SAFE_PLACE = "safe_place"

    @property
    def words(self) -> str:
        """As the page says it."""
        return {"patient": "The patient", "household": "Somebody who lives there",
                "neighbour": "A neighbour", "safe_place": "Left in an agreed place"}[self.value]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Proof:
    """What shows that a bag was delivered: with whom it was left; their name, or the place; whether they
    signed; and, where a rule of the site was not kept, why."""

    recipient: Recipient
    name: str = ""
    signed: bool = False
    words: str = ""


@dataclass(frozen=True, slots=True)
class Stop:
    """A stop of a round that is to leave: whose bag, what of it is not on the van, and why it stays."""

    patient: str
    prescriptions: int
    missing: tuple[Part, ...] = ()
    kept: tuple[Refusal, ...] = ()


def begin_refusals(*, driver: str) -> Iterator[Refusal]:
    """Why a round is not begun: ``round.no-driver``."""
    if len(driver.strip()) < 3:
        yield Refusal("round.no-driver", "Say who drives", "driver")


def load_refusal(*, address: Collection[str], on_round: str) -> Refusal | None:
    """Why a bag is not put on a round: ``round.on-another`` (`on_round` says which), ``round.no-address``."""
    if on_round:
        return Refusal("round.on-another", f"This bag is on {on_round} already", "scan",
                       "Take it off there first.")  # fmt: skip
    if not any(line.strip() for line in address):
        return Refusal("round.no-address", "We hold no address of this patient", "scan",
                       "It waits at the counter.")  # fmt: skip
    return None


def leave_refusals(stops: Iterable[Stop]) -> Iterator[Refusal]:
    """Why a round does not leave: ``round.nothing-on``, ``round.empty-bag``, ``round.part-missing``, and what
    keeps a bag here, each with the patient's name."""
    some = False
    for stop in stops:
        some = True
        if not stop.prescriptions:
            yield Refusal("round.empty-bag", f"{stop.patient}: nothing that is ready is in the bag any more",
                          way_out="Take it off the round.")  # fmt: skip
        for part in stop.missing if stop.prescriptions else ():
            yield Refusal("round.part-missing", f"{stop.patient}: the {part.inside} is not on the round",
                          way_out="Scan its label, or take the bag off.")  # fmt: skip
        for kept in stop.kept:
            yield Refusal(kept.rule, f"{stop.patient}: {kept.reason}", kept.place, kept.way_out)
    if not some:
        yield Refusal("round.nothing-on", "There is no bag on this round",
                      way_out="Scan the bag labels first.")  # fmt: skip


def stop_refusal(state: StopState) -> Refusal | None:
    """Why nothing more becomes of a stop: ``round.stop-ended``."""
    if state is StopState.ON:
        return None
    return Refusal("round.stop-ended", f"It is on record already what became of this stop: {state.words}")


def when_refusal(happened_at: datetime, *, left_at: datetime | None, now: datetime) -> Refusal | None:
    """Why something cannot have happened then: ``round.when``."""
    if happened_at > now:
        return Refusal("round.when", "This moment lies ahead", "when")
    # A moment is told to the minute.
    if left_at is not None and happened_at < left_at.replace(second=0, microsecond=0):
        return Refusal("round.when", "The round had not left by then", "when")
    return None


def proof_refusals(proof: Proof, *, parts: Collection[Part], schedules: Collection[int]) -> Iterator[Refusal]:
    """What is missing for a delivery of a bag with these parts and schedules: ``delivery.no-name``; and,
    where nothing says why, ``delivery.controlled`` and ``delivery.cold``. What happened can always be
    recorded."""
    nobody_there = proof.recipient is Recipient.SAFE_PLACE
    named = len(proof.name.strip()) >= 2
    if proof.recipient is not Recipient.PATIENT and not named:
        yield Refusal("delivery.no-name", "Say where" if nobody_there else "Say who, by name", "name")
    if len(proof.words.strip()) >= 3:
        return
    at_home = proof.recipient in (Recipient.PATIENT, Recipient.HOUSEHOLD)
    if {2, 3} & set(schedules) and not (at_home and proof.signed and named):
        yield Refusal(
            "delivery.controlled",
            "A controlled drug is signed for, by name, by the patient or by somebody who lives there",
            "name",
            "If it was left otherwise, say why, and tell the pharmacist.",
        )
    if Part.FRIDGE in parts and nobody_there:
        yield Refusal("delivery.cold", "What is kept cold is not left where nobody takes it in", "recipient",
                      "If it was, say why, and tell the pharmacist.")  # fmt: skip


def close_refusals(open_stops: Iterable[str]) -> Iterator[Refusal]:
    """Why a round is not closed: ``round.still-out``, for each patient whose bag is still out."""
    for patient in open_stops:
        yield Refusal("round.still-out", f"{patient}: still out",
                      way_out="Say what became of it: delivered, or why not.")  # fmt: skip
