"""How does a publisher say that two medicines act on each other?"""

from __future__ import annotations

from dataclasses import dataclass

SEVERITIES = ("hard_stop", "interrupt", "note")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two substances by name, how serious (a word of SEVERITIES), what happens and what to do."""

    one: str
    other: str
    severity: str
    effect: str
    do: str

    def __post_init__(self) -> None:
        if not (self.one and self.other and self.effect and self.do) or self.severity not in SEVERITIES:
            raise ValueError("a pair names two substances, what happens, what to do, and how serious it is")
