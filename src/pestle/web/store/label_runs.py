"""Runs of labels: who qualifies, how far a run is, what became of each prescription."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Prefetch

from pestle.pharmacy.dispensary.clinical import undecided_refusal
from pestle.pharmacy.dispensary.label_run import Candidate, LineOfRun, why_not
from pestle.pharmacy.dispensary.workflow import ASSEMBLE
from pestle.pharmacy.ledger.base_unit import base_units
from pestle.pharmacy.quantity import Quantity
from pestle.pharmacy.refusal import Refusal
from pestle.web.store import instalments, labels, models, places, prescriptions, queries
from pestle.web.store.knowledge import dictionary

WORKLIST, SHELF = "worklist", "shelf"
# A worker that has not been heard of for so long is taken to be gone.
SILENT = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class AtAssemble:
    """A prescription at Assemble, and why it is not labelled in a run (nothing: it is)."""

    row: models.Prescription
    why_not: tuple[Refusal, ...]


def at_assemble(site_id: int, *, by: int, now: datetime, only: int | None = None) -> list[AtAssemble]:
    """Every prescription at Assemble, the most urgent first, or `only` one of them; a fixed number of
    queries. `by` is who would make the run."""
    unanswered = models.Referral.objects.filter(prescription=OuterRef("pk"), answers=None, answered_by=None)
    found = models.Prescription.objects.filter(site=site_id, step=ASSEMBLE)
    if only is not None:
        found = found.filter(pk=only)
    current = models.Label.objects.filter(withdrawn=False)
    begun = models.Pick.objects.filter(line=OuterRef("pk"))
    lines = models.Line.objects.filter(state="open").annotate(begun=Exists(begun))
    rows = list(
        found.select_related("patient", "site", "claimed_by")
        .annotate(referred=Exists(unanswered))
        .prefetch_related(
            Prefetch("lines", lines.prefetch_related(Prefetch("labels", current, to_attr="current")),
                     to_attr="open")
        )
        .order_by("due_at", "pk")
    )  # fmt: skip
    every = [line for row in rows for line in _open(row)]
    sizes = labels.pack_sizes(site_id, {line.product_id for line in every if line.product_id})
    planned = instalments.planned(every)
    held = queries.holding_of({row.pk: [line.pk for line in _open(row)] for row in rows})
    return [
        AtAssemble(
            row,
            why_not(
                Candidate(
                    tuple(
                        _line(line, sizes, line.pk in planned, _holds(line, held.get(row.pk, {})))
                        for line in _open(row)
                    ),
                    in_hand_of=_in_hand(row, by=by, now=now),
                    referred=row.referred,
                )
            ),
        )
        for row in rows
    ]


def by_shelf(site_id: int, rows: Iterable[models.Prescription]) -> list[models.Prescription]:
    """In the order in which the first line of each stands on the shelves; what has no address comes last."""
    rows = list(rows)
    kept = places.keepings(site_id, {line.product_id for row in rows for line in _open(row)})

    def address(row: models.Prescription) -> tuple[bool, str, str]:
        at = [kept[line.product_id] for line in _open(row) if line.product_id in kept]
        first = min(((one.account.name, one.address) for one in at), default=None)
        return (first is None, *(first or ("", "")))

    return sorted(rows, key=address)


def of_site(site_id: int) -> list[models.LabelRun]:
    """The latest runs, the newest first, with their items."""
    rows = models.LabelRun.objects.filter(site=site_id).select_related("by").order_by("-pk")
    return list(rows.prefetch_related("items")[:20])


def one(site_id: int, run_id: int) -> models.LabelRun | None:
    """A run of the site with its parts and what became of each prescription."""
    items = models.LabelRunItem.objects.select_related("prescription__patient")
    return (
        models.LabelRun.objects.filter(site=site_id, pk=run_id)
        .select_related("by", "site")
        .prefetch_related("parts__by", Prefetch("items", items))
        .first()
    )


def left(row: models.LabelRun) -> list[int]:
    """The prescriptions of which nothing has become yet, in order."""
    done = {item.prescription_id for item in row.items.all()}
    return [pk for pk in row.prescriptions if pk not in done]


def silent(row: models.LabelRun, *, now: datetime) -> bool:
    """Whether a run that has something left was not heard of for a while: it was interrupted, or its worker
    is not there."""
    times = [part.at for part in row.parts.all()] + [item.at for item in row.items.all()]
    return bool(left(row)) and now - max(times) > SILENT


def stored_labels(items: Sequence[models.LabelRunItem]) -> list[tuple[models.Prescription, models.Label]]:
    """The labels of these items that still stand, in their order, each with its prescription."""
    codes = [code for item in items for code in item.labels]
    found = models.Label.objects.filter(code__in=codes, withdrawn=False).select_related(
        "line__prescription__patient", "line__prescription__site"
    )
    standing = {label.code: label for label in found}
    return [(standing[code].line.prescription, standing[code]) for code in codes if code in standing]


def _open(row: models.Prescription) -> list[models.Line]:
    found: list[models.Line] = row.open  # type: ignore[attr-defined]
    return found


def _in_hand(row: models.Prescription, *, by: int, now: datetime) -> str:
    claim = prescriptions.claim(row)
    held = claim is not None and claim.person_id != by and claim.holds(now=now)
    return claim.person_name if claim is not None and held else ""


def _holds(line: models.Line, held: dict[int, Refusal]) -> Refusal | None:
    if line.undecided:
        return undecided_refusal(line.product_name or line.medication_text)
    return held.get(line.pk)


def _line(
    line: models.Line, sizes: dict[str, Quantity | None], planned: bool, holds: Refusal | None
) -> LineOfRun:
    product = dictionary().product(line.product_id)
    size, pack = sizes.get(line.product_id), None
    if size is not None and line.unit and size.unit == prescriptions.base(line).unit:
        pack = base_units(size, prescriptions.base(line))
    return LineOfRun(
        name=line.product_name or line.medication_text,
        amount=line.wanted if product else None,
        pack=pack,
        controlled=product.controlled if product else None,
        understood=not line.verbatim,
        labelled=bool(line.current),  # type: ignore[attr-defined]
        begun=bool(line.owed) or line.begun,  # type: ignore[attr-defined]
        instalments=planned,
        cancellation_asked=line.cancellation is not None,
        holds=holds,
    )
