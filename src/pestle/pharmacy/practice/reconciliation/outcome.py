"""What does each line of the two lists end as, and who may settle it?

Every line of either list ends as exactly one `Outcome`. The program proposes one with its reasons and a
person settles; `check_settled` says whether this person may settle it so. A line that is not mentioned is a
query and never stopped: only the sender's own words stop a medicine, and a person who is answerable for it.

Who may settle what (`TECHNICAL`): a technician settles what needs no judgement of what the patient should
have. A pharmacist or prescriber settles everything else, and everything of a high-risk medicine that differs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.practice.reconciliation.differences import (
    OF_THE_DOSE,
    OF_THE_PRODUCT,
    Difference,
    Kind,
)
from pestle.pharmacy.practice.reconciliation.high_risk import Group
from pestle.pharmacy.practice.reconciliation.line import ListLine
from pestle.pharmacy.practice.reconciliation.matching import Alone, Knows, Matching, Pair, Tie
from pestle.pharmacy.practice.reconciliation.said import Says
from pestle.pharmacy.record.medication import CourseOfTherapy
from pestle.pharmacy.record.moment import PartialDate
from pestle.pharmacy.refusal import Refusal, Refused


class Outcome(Enum):
    """What a line ends as. The value is stored and shown."""

    UNCHANGED = "unchanged"
    DOSE_CHANGED = "dose changed"
    FORM_CHANGED = "form or brand changed"
    STARTED = "started"
    STOPPED = "stopped"
    WITHHELD = "withheld until"
    HOSPITAL_ONLY = "hospital only"
    DUPLICATE = "duplicate"
    QUERY = "query"


# What changes the practice's list; a query leaves it as it is until it comes back.
CHANGES = frozenset({
    Outcome.DOSE_CHANGED, Outcome.FORM_CHANGED, Outcome.STARTED, Outcome.STOPPED, Outcome.WITHHELD,
    Outcome.HOSPITAL_ONLY, Outcome.DUPLICATE,
})  # fmt: skip
MAY_SETTLE = frozenset({Role.TECHNICIAN, Role.ACCURACY_CHECKER, Role.PHARMACIST, Role.PRESCRIBER})
CLINICAL = frozenset({Role.PHARMACIST, Role.PRESCRIBER})
SHORTEST = 3


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the program proposes for one medicine, and why. `technical`: a technician may settle it so.

    `listed` and `arrived` are its lines; one side may be empty. `pair` holds how they were matched, None for
    a line alone. `clinical` says why a pharmacist settles it, empty where nothing does. `confirm`: a person
    says first that the lines are about the same medicine."""

    key: str
    outcome: Outcome
    why: tuple[str, ...]
    listed: tuple[ListLine, ...] = ()
    arrived: tuple[ListLine, ...] = ()
    pair: Pair | None = None
    differences: tuple[Difference, ...] = ()
    clinical: tuple[str, ...] = ()
    high_risk: tuple[Group, ...] = ()
    confirm: bool = False

    @property
    def technical(self) -> bool:
        """Whether a technician may settle it as proposed."""
        return not self.clinical and self.outcome is not Outcome.QUERY

    @property
    def at_once(self) -> bool:
        """Whether it is among those that are settled together: unchanged, and nobody need confirm
        anything."""
        return self.outcome is Outcome.UNCHANGED and self.technical and not self.confirm


def proposals(matching: Matching, knows: Knows) -> tuple[Proposal, ...]:
    """One for every pair and every line alone: high-risk medicines that differ first, then what asks for a
    person, then the rest; within each in the order of the practice's list and then of the letter."""
    lines = [line for pair in matching.pairs for line in pair.arrived]
    lines += [alone.line for alone in matching.arrived]
    found = [
        *(_of_pair(pair, knows) for pair in matching.pairs),
        *(_of_listed(alone, knows, _beside(alone.line, lines)) for alone in matching.listed),
        *(_of_arrived(alone, knows) for alone in matching.arrived),
    ]
    return tuple(sorted(found, key=lambda each: (_urgency(each), not each.listed)))


def _urgency(each: Proposal) -> int:
    if each.high_risk and each.outcome is not Outcome.UNCHANGED:
        return 0
    if not each.technical:
        return 1
    return 3 if each.at_once else 2


def _of_pair(pair: Pair, knows: Knows) -> Proposal:
    arrived = pair.arrived[0]
    groups = knows.high_risk.of(*pair.listed, *pair.arrived)
    outcome, why = _outcome(pair)
    return Proposal(
        key=_key(pair.listed, pair.arrived),
        outcome=outcome,
        why=(*why, *pair.evidence),
        listed=pair.listed,
        arrived=pair.arrived,
        pair=pair,
        differences=pair.differences,
        clinical=tuple(_clinical(pair, outcome, groups, arrived)),
        high_risk=groups,
        confirm=not pair.sure or Kind.COUNT in {each.kind for each in pair.differences},
    )


def _outcome(pair: Pair) -> tuple[Outcome, tuple[str, ...]]:
    """What the pair ends as by the sender's words, and else by what differs."""
    arrived, listed = pair.arrived[0], pair.listed[0]
    kinds = {each.kind for each in pair.differences}
    said = arrived.change
    if said.unclear:
        return Outcome.QUERY, (f"The letter’s words do not say for sure what was done: “{said.words}”",)
    match said.says:
        case Says.STOPPED | Says.COMPLETED:
            return Outcome.STOPPED, (f"The letter says: “{said.words}”",)
        case Says.ON_HOLD:
            return Outcome.WITHHELD, (f"The letter says: “{said.words}”",)
        case Says.RECOMMENDED:
            return Outcome.QUERY, (
                f"The letter recommends and does not say that it was done: “{said.words}”",
            )
    if arrived.hospital_only and not listed.hospital_only:
        return Outcome.HOSPITAL_ONLY, (f"The letter says: “{said.words or 'supplied by the hospital'}”",)
    if listed.withheld:
        return Outcome.QUERY, ("It is withheld on the practice’s list, and the letter has it",)
    changed = [str(each) for each in pair.differences if each.kind is not Kind.UNCLEAR]
    if Kind.UNCLEAR in kinds:
        unclear = tuple(str(each) for each in pair.differences if each.kind is Kind.UNCLEAR)
        return Outcome.QUERY, (*unclear, *changed)
    if kinds == {Kind.COUNT}:
        return Outcome.UNCHANGED, ("The letter does not say how many each time; on the list it is one",)
    if kinds & OF_THE_DOSE or Kind.ROUTE in kinds:
        return Outcome.DOSE_CHANGED, tuple(changed)
    if kinds:
        return Outcome.FORM_CHANGED, tuple(changed)
    if said.says is Says.AMENDED:
        return Outcome.QUERY, (
            f"The letter says “{said.words}”, and nothing differs from the practice’s list",
        )
    if pair.listed[0].hospital_only:
        return Outcome.HOSPITAL_ONLY, ("It is recorded as prescribed elsewhere, and stays so",)
    return Outcome.UNCHANGED, ("The same medicine, dose and times",)


def _clinical(pair: Pair, outcome: Outcome, groups: tuple[Group, ...], arrived: ListLine) -> Iterator[str]:
    """Why a pharmacist settles a pair: the table of what is technical, the other way round."""
    kinds = {each.kind for each in pair.differences}
    if outcome is Outcome.QUERY:
        yield "It cannot be settled from the two lists"
    yield from _others(pair.arrived)
    if pair.tie in (Tie.SALT, Tie.RELEASE, Tie.ROUTE, Tie.COMBINATION):
        yield f"The two may not be the same: {pair.tie.value}"
    if pair.tie is Tie.NAME and len(_moieties(pair)) > 1:
        yield "The name may be that of several medicines"
    if groups and (outcome not in (Outcome.UNCHANGED, Outcome.HOSPITAL_ONLY) or Kind.COUNT in kinds):
        yield _high_risk(groups)
    match outcome:
        case Outcome.DOSE_CHANGED:
            if arrived.change.says is not Says.AMENDED:
                yield "The letter does not say that it was changed on purpose"
            if Kind.ROUTE in kinds:
                yield "The route differs"
        case Outcome.FORM_CHANGED:
            if kinds - OF_THE_PRODUCT:
                more = ", ".join(sorted(kind.value for kind in kinds - OF_THE_PRODUCT))
                yield f"More than the product differs: {more}"
            elif pair.differences and Kind.BRAND in kinds:
                yield "It is kept on one brand"
        case Outcome.STOPPED:
            if not arrived.change.reason and arrived.change.says is Says.STOPPED:
                yield "The letter does not say why it was stopped"
        case Outcome.WITHHELD:
            if arrived.change.until is None:
                yield "The letter does not say until when"


def _others(arrived: Iterable[ListLine]) -> Iterator[str]:
    """What else the lines of the letter name: somebody reads whether it is said of that too."""
    others = dict.fromkeys(name for line in arrived for name in line.others)
    if others:
        yield f"The line names another medicine too: {', '.join(others)}"


def _high_risk(groups: tuple[Group, ...]) -> str:
    return f"High risk ({', '.join(group.title for group in groups)}): {groups[0].why}"


def _moieties(pair: Pair) -> set[str | None]:
    return {product.moiety_key for line in (*pair.listed, *pair.arrived) for product in line.meant.products}


def _beside(line: ListLine, arrived: Iterable[ListLine]) -> str:
    """The line of the letter that names this one beside another medicine; empty: none does."""
    word = line.called.split()[0].casefold() if line.called else ""
    return next((each.verbatim for each in arrived if word in {name.casefold() for name in each.others}), "")


def _of_listed(alone: Alone, knows: Knows, beside: str) -> Proposal:
    """A line of the practice's list that the letter does not have: a query, whatever else is so."""
    line = alone.line
    if alone.beside is not None:
        why: tuple[str, ...] = (f"The list has it twice: beside {alone.beside.called}",)
        outcome = Outcome.DUPLICATE
    else:
        why, outcome = ("The letter does not mention it",), Outcome.QUERY
        if beside:
            why = (f"The letter names it only in the line of another medicine: “{beside}”",)
    groups = knows.high_risk.of(line)
    return Proposal(
        key=_key((line,), ()), outcome=outcome, why=why, listed=(line,), high_risk=groups,
        clinical=("Not mentioned is not stopped: somebody has to find out",) if outcome is Outcome.QUERY
        else ("Which of the two goes on is a clinical question",),
    )  # fmt: skip


def _of_arrived(alone: Alone, knows: Knows) -> Proposal:
    """A line of the letter that the practice's list does not have."""
    line, says = alone.line, alone.line.change.says
    groups = knows.high_risk.of(line)
    clinical: list[str] = []
    why = [f"The letter says: “{line.change.words}”"] if line.change.words else []
    outcome = Outcome.QUERY
    clinical += _others((line,))
    if line.remark or not line.name:
        told = f"tells of {line.remark}" if line.remark else "names no medicine"
        why.append(f"The line {told}: a person reads what is to be done with it")
        clinical.append("It is no medicine to take, and may be about one")
    elif alone.beside is not None:
        outcome = Outcome.DUPLICATE
        why.append(f"The letter has it twice: beside {alone.beside.called}")
        clinical.append("Which of the two is meant is a clinical question")
    elif line.hospital_only:
        outcome = Outcome.HOSPITAL_ONLY
    elif says is Says.ADDED:
        outcome = Outcome.STARTED
        clinical += _not_startable(line)
    elif says in (Says.STOPPED, Says.COMPLETED):
        outcome = Outcome.STOPPED
        why.append("It is not on the practice’s list: nothing to stop there")
    else:
        why.append("It is not on the practice’s list, and the letter does not say that it was started")
        clinical.append("Somebody has to find out whether it is new, or was missing from the list")
    if groups and outcome not in (Outcome.HOSPITAL_ONLY, Outcome.STOPPED):
        clinical.append(_high_risk(groups))
    return Proposal(
        key=_key((), (line,)), outcome=outcome, why=tuple(why), arrived=(line,), clinical=tuple(clinical),
        high_risk=groups, confirm=not line.meant.sure,
    )  # fmt: skip


def _not_startable(line: ListLine) -> Iterator[str]:
    if not line.meant.products:
        yield "The dictionary has no medicine of this name"
    if not line.directions.understood:
        yield "How it is taken is not understood"


def _key(listed: Iterable[ListLine], arrived: Iterable[ListLine]) -> str:
    """What tells a medicine of this letter from the others, whatever is proposed for it."""
    return "+".join((*(f"g{line.key}" for line in listed), *(f"a{line.key}" for line in arrived)))


@dataclass(frozen=True, slots=True)
class Settled:
    """What a person makes of a proposal: an outcome with a reason, where one is needed; `confirmed` that the
    lines are about one medicine.

    `medication`, `directions`, `until` and `course` say what it is to be, where that is not what the letter
    says; a person may leave them out.
    """

    outcome: Outcome
    reason: str = ""
    confirmed: bool = False
    medication: Coded | None = None
    directions: str = ""
    until: PartialDate | None = None
    course: CourseOfTherapy | None = None


def check_settled(proposal: Proposal, settled: Settled, *, by: Person) -> None:
    """Raises `Refused` with all that stands in the way of settling it so.

    ``reconcile.role``; ``reconcile.clinical`` (a pharmacist decides); ``reconcile.not-mentioned`` (only words
    of the sender, or a pharmacist, stop a medicine); ``reconcile.confirm`` (nobody said that the lines are
    about one medicine); ``reconcile.no-reason``; ``reconcile.not-possible`` (there is no line to do that to).
    """
    found = list(_refusals(proposal, settled, by))
    if found:
        raise Refused(*found)


def _refusals(proposal: Proposal, settled: Settled, by: Person) -> Iterator[Refusal]:
    name = (proposal.listed or proposal.arrived)[0].called
    if not by.has(*MAY_SETTLE):
        yield Refusal("reconcile.role", f"Reconciling is for pharmacy staff; you are signed in as {by.title}")
        return
    outcome, as_proposed = settled.outcome, settled.outcome is proposal.outcome
    if outcome not in possible(proposal):
        yield Refusal("reconcile.not-possible", f"{name} cannot end as {outcome.value}: {_sides(proposal)}",
                      "outcome")  # fmt: skip
        return
    if proposal.confirm and not settled.confirmed and outcome is not Outcome.QUERY:
        yield Refusal("reconcile.confirm", f"Say first that {asks_for(proposal)}: {name}", "confirmed")
    if outcome is Outcome.QUERY:
        return
    if not by.has(*CLINICAL):
        if outcome is Outcome.STOPPED and not _says_stopped(proposal):
            yield Refusal("reconcile.not-mentioned", f"The letter does not say that {name} was stopped",
                          "outcome", "Ask the pharmacist.")  # fmt: skip
        elif proposal.clinical or not as_proposed:
            why = "; ".join(proposal.clinical) or f"the lists say “{proposal.outcome.value}”"
            yield Refusal("reconcile.clinical", f"A pharmacist decides about {name}: {why}", "outcome",
                          "Ask the pharmacist.")  # fmt: skip
    if outcome in CHANGES and not as_proposed and len(settled.reason.strip()) < SHORTEST:
        yield Refusal("reconcile.no-reason", f"Say why, for {name}", "reason")


def possible(proposal: Proposal) -> tuple[Outcome, ...]:
    """What a line can end as: what it is proposed as, and everything that its lines allow."""
    both = bool(proposal.listed and proposal.arrived)
    allowed = {proposal.outcome, Outcome.QUERY, Outcome.HOSPITAL_ONLY, Outcome.DUPLICATE}
    if both:
        allowed |= {Outcome.DOSE_CHANGED, Outcome.FORM_CHANGED}
    if proposal.listed:
        allowed |= {Outcome.UNCHANGED, Outcome.STOPPED, Outcome.WITHHELD}
    else:
        allowed.add(Outcome.STARTED)
    return tuple(each for each in Outcome if each in allowed)


def asks_for(proposal: Proposal) -> str:
    """What a person confirms of a proposal."""
    if Kind.COUNT in {each.kind for each in proposal.differences}:
        return "it is one each time"
    return "these are the same medicine" if proposal.listed and proposal.arrived else "this is the medicine"


def _says_stopped(proposal: Proposal) -> bool:
    return any(line.change.says in (Says.STOPPED, Says.COMPLETED) for line in proposal.arrived)


def _sides(proposal: Proposal) -> str:
    if not proposal.listed:
        return "it is not on the practice’s list"
    return "it is not in the letter" if not proposal.arrived else "it is on both lists"
