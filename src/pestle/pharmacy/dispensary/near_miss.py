"""What went wrong, or nearly, and may it be recorded as it is told?

A near miss is caught before it reaches the patient; an error has reached them; whether it did may be unknown.
Both are kept to be learned from and not to lay blame: who noticed is a role, never a name. What reached a
patient needs a note of what the patient was told, or why they have not been told yet.

Sources: GPhC, Standards for pharmacy professionals (2017), standard 8, and the professional duty of candour
(joint statement of the regulators, 2014; both recalled, unverified). Types and factors are words of a
definition (kind ``near_miss_words``), with its own source and status.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from pathlib import Path

from pestle.pharmacy import definition as d
from pestle.pharmacy.definition import Source
from pestle.pharmacy.people import Role
from pestle.pharmacy.refusal import Refusal

KINDS = {"near_miss_words": frozenset({"types", "factors"})}
SHORTEST_WORDS = 3
# Whoever works in the dispensary sees what goes wrong there.
MAY_RECORD = (Role.TECHNICIAN, Role.ACCURACY_CHECKER, Role.PHARMACIST, Role.MANAGER, Role.RECEPTIONIST)
MAY_CORRECT = (Role.PHARMACIST, Role.MANAGER)


class Stage(Enum):
    """Where it went wrong; the value is stored."""

    ENTRY = "entry"
    LABEL = "label"
    ASSEMBLY = "assembly"
    ACCURACY = "accuracy"
    HAND_OUT = "hand_out"
    UNKNOWN = "unknown"

    @property
    def words(self) -> str:
        """As the page says it."""
        return _STAGES[self]


_STAGES = {
    Stage.ENTRY: "Entry",
    Stage.LABEL: "Label",
    Stage.ASSEMBLY: "Assembly",
    Stage.ACCURACY: "Accuracy check",
    Stage.HAND_OUT: "Hand-out",
    Stage.UNKNOWN: "Not known",
}


class Reached(Enum):
    """Whether it reached the patient; the value is stored."""

    NO = "no"
    YES = "yes"
    UNKNOWN = "unknown"

    @property
    def words(self) -> str:
        """As the page says it."""
        return _REACHED[self]


_REACHED = {
    Reached.NO: "No: a near miss",
    Reached.YES: "Yes: an error",
    Reached.UNKNOWN: "Not known",
}


class Harm(Enum):
    """Whether it did harm; the value is stored."""

    NONE = "none"
    SOME = "some"
    UNKNOWN = "unknown"

    @property
    def words(self) -> str:
        """As the page says it."""
        return _HARM[self]


_HARM = {Harm.NONE: "No harm", Harm.SOME: "Harm", Harm.UNKNOWN: "Not known"}


class NoticedBy(Enum):
    """Who noticed, as a role; the value is stored."""

    CHECKER = "checker"
    SELF = "self"
    COLLEAGUE = "colleague"
    PATIENT = "patient"
    PRESCRIBER = "prescriber"
    OTHER = "other"
    UNKNOWN = "unknown"

    @property
    def words(self) -> str:
        """As the page says it."""
        return _NOTICED_BY[self]


_NOTICED_BY = {
    NoticedBy.CHECKER: "Whoever checked the accuracy",
    NoticedBy.SELF: "Whoever was doing it",
    NoticedBy.COLLEAGUE: "A colleague",
    NoticedBy.PATIENT: "The patient or a carer",
    NoticedBy.PRESCRIBER: "The prescriber or a ward",
    NoticedBy.OTHER: "Somebody else",
    NoticedBy.UNKNOWN: "Not known",
}


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of types and contributing factors, by code, and where they come from."""

    types: Mapping[str, str]
    factors: Mapping[str, str]
    source: Source


@dataclass(frozen=True, slots=True)
class Named:
    """A medicine: its product in the dictionary, empty where it was named by hand, and its name."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class NearMiss:
    """One near miss or error as it is told. `kind` and `factors` are codes of the vocabulary; `meant` and
    `picked` are the medicine that was meant and the one that was picked, where it was about two; `candour` is
    what the patient was told."""

    kind: str
    stage: Stage
    happened_on: date
    reached: Reached
    harm: Harm
    noticed_by: NoticedBy
    words: str
    meant: Named | None = None
    picked: Named | None = None
    factors: tuple[str, ...] = ()
    learned: str = ""
    done: str = ""
    candour: str = ""


def read_vocabulary(folder: Path) -> Vocabulary:
    """The words of types and factors. Raises `Refused`: those of `pestle.pharmacy.definition`."""
    file = d.load_folders(folder, kinds=KINDS).only("near_miss_words")
    return Vocabulary(d.words(file, "types"), d.words(file, "factors"), file.source)


def near_miss_refusals(
    told: NearMiss, *, vocabulary: Vocabulary, on: date, handed_out: bool | None
) -> Iterator[Refusal]:
    """Why this cannot be recorded on that day at the site: ``near-miss.no-type``, ``near-miss.factor``,
    ``near-miss.no-words``, ``near-miss.day-ahead``, ``near-miss.not-handed-out``,
    ``near-miss.harm-without-reach``, ``near-miss.no-candour``, ``near-miss.same-medicine``.

    `handed_out` says whether anything of the prescription has left; None where it is about none.
    """
    if told.kind not in vocabulary.types:
        yield Refusal("near-miss.no-type", "Say what kind of near miss it was", "type")
    unknown = [factor for factor in told.factors if factor not in vocabulary.factors]
    if unknown:
        yield Refusal("near-miss.factor", f"There is no factor “{unknown[0]}”", "factors")
    if len(told.words.strip()) < SHORTEST_WORDS:
        yield Refusal("near-miss.no-words", "Say what happened", "what happened")
    if told.happened_on > on:
        yield Refusal("near-miss.day-ahead", f"{told.happened_on:%d-%b-%Y} has not come yet", "day")
    if told.reached is not Reached.NO and handed_out is False:
        yield Refusal(
            "near-miss.not-handed-out",
            "Nothing of this prescription has left, so it cannot have reached the patient",
            "reached the patient",
            "If a wrong bag was handed out, record it at the prescription whose bag it was.",
        )
    if told.harm is Harm.SOME and told.reached is not Reached.YES:
        yield Refusal(
            "near-miss.harm-without-reach", "What did harm has reached the patient", "harm",
            "Say that it reached the patient, or that harm is not known.",
        )  # fmt: skip
    if told.reached is Reached.YES and len(told.candour.strip()) < SHORTEST_WORDS:
        yield Refusal(
            "near-miss.no-candour",
            "It reached the patient: say what they were told, or why they have not been told yet",
            "candour",
            "Speak to the pharmacist now if nobody has.",
        )
    if told.meant and told.picked and told.meant.name.casefold() == told.picked.name.casefold():
        yield Refusal(
            "near-miss.same-medicine", "The medicine meant and the one picked are the same", "picked",
            "Leave both empty where it was not about two medicines.",
        )  # fmt: skip


def meant_for(
    picked: Named, prescribed: Sequence[Named], *, alike: Callable[[str, str], bool]
) -> Named | None:
    """Which of the medicines prescribed was probably meant where `picked` was in the bag: the only one there
    is, else the only one that begins with the same name, or with one that is `alike`. None: cannot tell."""
    if len(prescribed) == 1:
        return prescribed[0]
    first = _first(picked)
    near = [one for one in prescribed if _first(one) == first or alike(_first(one), first)]
    return near[0] if len(near) == 1 else None


def _first(medicine: Named) -> str:
    return medicine.name.split()[0].casefold() if medicine.name.strip() else ""
