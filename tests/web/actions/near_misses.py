"""A near miss as somebody tells it."""

from __future__ import annotations

from typing import Any

from tests.web.actions.bench import NOW

from pestle.pharmacy.dispensary.near_miss import Harm, NearMiss, NoticedBy, Reached, Stage


def told(**other: Any) -> NearMiss:
    """Caught at the accuracy check, unless told otherwise."""
    return NearMiss(
        **{
            "kind": "strength", "stage": Stage.ASSEMBLY, "happened_on": NOW.date(), "reached": Reached.NO,
            "harm": Harm.NONE, "noticed_by": NoticedBy.CHECKER, "words": "20 mg was in the bag", **other,
        }
    )  # fmt: skip
