"""Must a pharmacist speak to the patient before the bag leaves, and have they?

A stop that a pharmacist sets on a line or a whole prescription, with the reason. The bag stays until a
pharmacist has written down what was said.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pestle.pharmacy.refusal import Refusal, refuse

SHORTEST = 3


@dataclass(frozen=True, slots=True)
class Stop:
    """A conversation that is wanted: about which medicine (empty: all of it), why, and who asked for it."""

    about: str
    reason: str
    by: str


def check_reason(reason: str) -> None:
    """Raises `Refused` (``speak.no-reason``)."""
    if len(reason.strip()) < SHORTEST:
        raise refuse("speak.no-reason", "Say what is to be spoken about", place="speak")


def check_said(words: str) -> None:
    """Raises `Refused` (``speak.nothing-said``)."""
    if len(words.strip()) < SHORTEST:
        raise refuse("speak.nothing-said", "Write down what was said", place="said")


def refusals(stops: Iterable[Stop]) -> list[Refusal]:
    """Why the bag stays: ``hand-out.must-speak`` for each conversation that has not been held."""
    return [
        Refusal(
            "hand-out.must-speak",
            f"A pharmacist must speak to the patient{_about(stop)}: {stop.reason}",
            way_out="A pharmacist speaks to them, and writes down what was said.",
        )
        for stop in stops
    ]


def _about(stop: Stop) -> str:
    return f" about {stop.about}" if stop.about else ""
