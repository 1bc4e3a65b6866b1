"""The form of a near miss: what it offers and suggests, and what was told with it.

Suggestions come from the scans that were refused at the check, the lines of the prescription, and the names
that look like theirs. A medicine is found by its name; a name that the dictionary lacks is kept as typed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import TypeVar

from django.http import HttpRequest

from pestle.pharmacy.dispensary.near_miss import (
    Harm,
    Named,
    NearMiss,
    NoticedBy,
    Reached,
    Stage,
    meant_for,
)
from pestle.pharmacy.refusal import refuse
from pestle.web.pages import scanning
from pestle.web.pages.dates import day_of
from pestle.web.store import models
from pestle.web.store.knowledge import dictionary, medicine_index
from pestle.web.store.orders import generic_of

_OFFERED = 12
_LONGEST = 500

Choice = TypeVar("Choice", bound=Enum)


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Names offered for the medicine meant and the one picked; the likely ones stand in the fields."""

    meant: tuple[str, ...] = ()
    picked: tuple[str, ...] = ()
    likely_meant: str = ""
    likely_picked: str = ""


def suggestions(request: HttpRequest, row: models.Prescription) -> Suggestions:
    """What may have been meant and picked at a prescription."""
    lines = [line for line in row.lines.all() if line.product_id]
    prescribed = [Named(line.product_id, line.product_name) for line in lines]
    refused = _refused(request, row.pk, {generic_of(one.id) for one in prescribed})
    near: dict[str, set[str]] = {}
    others: list[str] = []
    for one in prescribed:
        first = one.name.split()[0]
        hits = medicine_index().search(first, limit=_OFFERED)
        looks = next((hit.look_alike for hit in hits if hit.product.id == one.id), ())
        near[first.casefold()] = {name.casefold() for name in looks}
        others += [hit.product.name for hit in hits if hit.product.id != one.id]
        others += looks
    picked = tuple(dict.fromkeys([*(one.name for one in refused), *others]))
    likely = refused[0] if len(refused) == 1 else None
    meant = None
    if likely is not None:
        meant = meant_for(likely, prescribed, alike=lambda one, other: other in near.get(one, ()))
    return Suggestions(
        tuple(dict.fromkeys(one.name for one in prescribed)), picked,
        meant.name if meant else "", likely.name if likely else "",
    )  # fmt: skip


def told(typed: Mapping[str, str], factors: Sequence[str], *, today: date) -> NearMiss:
    """What was told. Raises `Refused`: ``near-miss.unreadable``, ``day.unreadable``."""
    reached = _one(Reached, typed, "reached", Reached.UNKNOWN)
    caught = Harm.NONE if reached is Reached.NO else Harm.UNKNOWN
    return NearMiss(
        kind=typed.get("type", ""),
        stage=_one(Stage, typed, "stage", Stage.UNKNOWN),
        happened_on=day_of(typed["day"], place="day") if typed.get("day", "").strip() else today,
        reached=reached,
        harm=_one(Harm, typed, "harm", caught),
        noticed_by=_one(NoticedBy, typed, "noticed_by", NoticedBy.UNKNOWN),
        words=typed.get("words", "")[:_LONGEST],
        meant=medicine(typed.get("meant", "")),
        picked=medicine(typed.get("picked", "")),
        factors=tuple(dict.fromkeys(factors)),
        learned=typed.get("learned", "")[:_LONGEST],
        done=typed.get("done", "")[:_LONGEST],
        candour=typed.get("candour", "")[:_LONGEST],
    )


def medicine(name: str) -> Named | None:
    """The medicine of that name, with its product where the dictionary has it; None for no words."""
    words = " ".join(name.split())[:300]
    if not words:
        return None
    same = (hit.product for hit in medicine_index().search(words)
            if hit.product.name.casefold() == words.casefold())  # fmt: skip
    found = next(same, None)
    return Named(found.id, found.name) if found else Named("", words)


def _refused(request: HttpRequest, prescription_id: int, expected: Iterable[str]) -> list[Named]:
    """The generic products of the packs that were refused in the last scans and are of no line."""
    found: dict[str, Named] = {}
    for scan in scanning.feed(request, prescription_id):
        product = dictionary().product(generic_of(scan.get("product", "")))
        if product is not None and product.id not in expected:
            found.setdefault(product.id, Named(product.id, product.name))
    return list(found.values())


def _one(kind: type[Choice], typed: Mapping[str, str], name: str, unsaid: Choice) -> Choice:
    value = typed.get(name, "")
    if not value:
        return unsaid
    try:
        return kind(value)
    except ValueError:
        raise refuse("near-miss.unreadable", f"“{value}” is no answer here", place=name) from None
