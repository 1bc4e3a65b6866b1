"""Which prescriptions at Assemble can be labelled together in one run, and why can each of the others not?

A run is for what needs no thought at the labels: whole packs of medicines that are understood, decided and
not in anybody's hands. Everything else is labelled one by one, where a person sees it. Our own rule, not law;
Schedules 1 to 3, and what may be one of them, are left out because each of their labels is looked at when it
is made.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pestle.pharmacy.medicines.concept import ControlledDrugCategory
from pestle.pharmacy.refusal import Refusal

_LOOKED_AT = (1, 2, 3)
_BY_HAND = "Label it on its own page."


@dataclass(frozen=True, slots=True)
class LineOfRun:
    """An open line: how much of it leaves now and how much a pack of it holds, in base units (None: not
    known).

    `begun`: something of it was picked, supplied or is owed. `holds` says why it waits, if it does.
    """

    name: str
    amount: int | None
    pack: int | None
    controlled: ControlledDrugCategory | None
    understood: bool = True
    labelled: bool = False
    begun: bool = False
    instalments: bool = False
    cancellation_asked: bool = False
    holds: Refusal | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A prescription at Assemble: its open lines, who else has it in hand, and whether a colleague referred
    it."""

    lines: tuple[LineOfRun, ...]
    in_hand_of: str = ""
    referred: bool = False


def why_not(candidate: Candidate) -> tuple[Refusal, ...]:
    """Why it is not labelled in a run; empty when it is.

    Names: ``label-run.nothing``, ``label-run.in-hand``, ``label-run.referred``, and for a line
    ``label-run.no-product``, ``label-run.labelled``, ``label-run.begun``, ``label-run.instalments``,
    ``label-run.not-understood``, ``label-run.cancellation-asked``, ``label-run.schedule-unknown``,
    ``label-run.controlled``, ``label-run.pack-unknown``, ``label-run.part-of-a-pack``, and that for which it
    waits.
    """
    return tuple(_why_not(candidate))


def new_finding(what: str) -> Refusal:
    """Why one is left out although it qualified: ``label-run.new-finding``."""
    return Refusal("label-run.new-finding", f"New since the clinical check: {what}", "findings",
                   "It is answered first.")  # fmt: skip


def _why_not(candidate: Candidate) -> Iterator[Refusal]:
    if not candidate.lines:
        yield Refusal("label-run.nothing", "There is no open line to label")
    if candidate.in_hand_of:
        yield Refusal("label-run.in-hand", f"{candidate.in_hand_of} has it in hand")
    if candidate.referred:
        yield Refusal("label-run.referred", "A colleague referred it to a pharmacist", None,
                      "It is answered first.")  # fmt: skip
    for line in candidate.lines:
        yield from _line(line)


def _line(line: LineOfRun) -> Iterator[Refusal]:
    schedule = line.controlled.schedule if line.controlled else None
    if line.holds is not None:
        yield line.holds
    if line.amount is None:
        yield Refusal("label-run.no-product", "Nobody has matched it to a product", line.name, _BY_HAND)
        return
    found = (
        (line.labelled, "labelled", "It has labels already"),
        (line.begun, "begun", "A part of it is picked, supplied or owed"),
        (line.instalments, "instalments", "It is collected in instalments"),
        (not line.understood, "not-understood", "Its directions are the prescriber's words, not understood"),
        (line.cancellation_asked, "cancellation-asked", "The prescriber asked to cancel it"),
        (line.controlled is None, "schedule-unknown", "Its schedule is not known"),
        (schedule in _LOOKED_AT, "controlled", f"It is a controlled drug of Schedule {schedule}"),
        (line.pack is None, "pack-unknown", "How much a pack of it holds is not known"),
        (
            line.pack is not None and bool(line.amount % line.pack),
            "part-of-a-pack",
            "It is not a number of whole packs",
        ),
    )
    for so, name, reason in found:
        if so:
            yield Refusal(f"label-run.{name}", reason, line.name, _BY_HAND)
