"""Messages: filed whole; lists of them, what each made, and which wait to be worked through."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from django.db.models import Count, Q, QuerySet

from pestle.pharmacy.refusal import Refusal
from pestle.web.store import audit, models

PAGE = 50
# The kinds that are no messages of the prescription service: a file that belongs to something else here.
SUPPLIER_ANSWER = "supplier-answer"
TEMPERATURES = "temperatures"
FILES = frozenset({SUPPLIER_ANSWER, TEMPERATURES})
# What a list may show, and which messages that is.
VIEWS: dict[str, Q] = {
    "open": Q(task__isnull=False, task__closed_at=None),
    "refused": Q(task__isnull=False),
    "in": Q(direction="in"),
    "out": Q(direction="out"),
    "all": Q(),
}


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list, newest first, without the bodies. `counts` has the length of every view."""

    rows: tuple[models.Message, ...]
    counts: dict[str, int]
    page: int
    pages: int


def file(message: models.Message, refusals: Iterable[Refusal]) -> models.Message:
    """Writes a message with what was wrong with it; what is wrong waits for a person."""
    message.refusals = [asdict(refusal) for refusal in refusals]
    message.save(force_insert=True)
    if message.refusals:
        models.MessageTask.objects.create(message=message, site_id=message.site_id, opened_at=message.at)
    return message


def listed(site_id: int, *, view: str, page: int) -> Page:
    """The messages of a view; two queries, whatever their number."""
    here = models.Message.objects.filter(site=site_id)
    counts = here.aggregate(**{name: Count("pk", filter=view or Q(pk__gt=0)) for name, view in VIEWS.items()})
    pages = max(1, -(-counts[view] // PAGE))
    page = min(max(1, page), pages)
    rows = _without_bodies(here.filter(VIEWS[view]))[(page - 1) * PAGE : page * PAGE]
    return Page(tuple(rows), counts, page, pages)


def some(site_id: int, ids: list[int]) -> list[models.Message]:
    """Those of these messages that are the site's, in the order given."""
    found = {row.pk: row for row in _without_bodies(models.Message.objects.filter(site=site_id, pk__in=ids))}
    return [found[pk] for pk in ids if pk in found]


def one(site_id: int, message_id: int) -> models.Message | None:
    """The message whole, with its task if it has one; None when it is not the site's."""
    return (
        models.Message.objects.select_related("task__closed_by").filter(site=site_id, pk=message_id).first()
    )


def prescriptions(message: models.Message) -> list[models.Prescription]:
    """What the message made, found held, changed, or tells of."""
    made: set[int] = set()
    for event in audit.about(f"message:{message.pk}"):
        made.update(event.result.get("prescriptions", ()))
    answered = getattr(message, "answers_to", None)
    about = message.pk if answered is None else answered.about_id
    paths = ("hand_outs__notification", "hand_outs__told_again__message", "payment_claims__message",
             "returns__message", "hand_outs__notification__withdrawal__message",
             "hand_outs__told_again__message__withdrawal__message")  # fmt: skip
    tells = Q(pk__in=made)
    for path in paths:
        tells |= Q(**{path: about})
    return list(
        models.Prescription.objects.filter(site=message.site_id)
        .filter(tells | Q(order__message=message) | Q(scans__message=message))
        .select_related("patient")
        .order_by("pk")
        .distinct()
    )


def next_open(site_id: int, *, but: int) -> tuple[int | None, int]:
    """The refused message that has waited longest, and how many others wait; `but` is left out."""
    waiting = models.MessageTask.objects.filter(site=site_id, closed_at=None).exclude(message=but)
    ids = list(waiting.order_by("opened_at", "pk").values_list("message_id", flat=True)[:1])
    return (ids[0] if ids else None), waiting.count()


def _without_bodies(found: QuerySet[models.Message]) -> QuerySet[models.Message]:
    return found.defer("body").select_related("task").order_by("-at", "-pk")
