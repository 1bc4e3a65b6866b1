"""Letters: what one says, what is still to be settled in it, and lists of them by their clock.

The lines that arrived are read from the message each time, and matched with those lines of the practice's
list that were there when it came and that no decision has taken up. What waits for a pharmacist keeps
together what it was asked about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Value
from django.db.models.functions import Concat

from pestle.pharmacy.practice.medicines_list import Listed, ListStatus
from pestle.pharmacy.practice.reconciliation.clock import Deadline, deadline
from pestle.pharmacy.practice.reconciliation.discrepancy import Discrepancy, Intent, Severity, Type
from pestle.pharmacy.practice.reconciliation.line import ListLine
from pestle.pharmacy.practice.reconciliation.listed import listed_line, next_supplies
from pestle.pharmacy.practice.reconciliation.matching import matched
from pestle.pharmacy.practice.reconciliation.outcome import Outcome, Proposal, proposals
from pestle.pharmacy.practice.reconciliation.written import written
from pestle.pharmacy.refusal import refuse
from pestle.web.store import medicines_list, models
from pestle.web.store.knowledge import list_names, reconciling
from pestle.wire.fhir.letter import read_letter

PAGE = 50
MOST_QUESTIONS = 100
KIND, DOCUMENT = "letter", "letter_document"
TEXT, FHIR = "text", "fhir"
OPEN, SETTLED = "open", "settled"
QUERY = Outcome.QUERY.value
# What an inbox can be asked for.
VIEWS = ("open", "questions", "settled")


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked of a pharmacist about one medicine, and has not come back."""

    proposal: Proposal
    asked: models.LetterDecision


@dataclass(frozen=True, slots=True)
class Look:
    """A letter as it stands: what is to be settled, what waits for a pharmacist, what was decided (the oldest
    first), the lines of the list by their keys, and what was decided and undone."""

    row: models.Letter
    open: tuple[Proposal, ...]
    questions: tuple[Question, ...]
    decided: tuple[models.LetterDecision, ...]
    listed: dict[str, Listed]
    undone: tuple[models.LetterDecision, ...] = ()

    @property
    def left(self) -> int:
        """How many medicines are still to be settled."""
        return len(self.open) + len(self.questions)

    def proposal(self, key: str) -> Proposal:
        """The medicine of that key that is still to be settled. Raises `Refused` (``letter.changed``)."""
        every = (*self.open, *(one.proposal for one in self.questions))
        found = next((each for each in every if each.key == key), None)
        if found is None:
            raise refuse("letter.changed", "This letter has changed since you looked at it",
                         way_out="Look at it again, then decide.")  # fmt: skip
        return found


def arrived(row: models.Letter) -> tuple[ListLine, ...]:
    """The lines that the letter has, read from its message."""
    body = bytes(row.message.body)
    if row.way == FHIR:
        return read_letter(body, list_names(), sender=row.sender, received_at=row.at).lines
    return written(body.decode(), list_names(), on=row.dated or row.received_on)


def called(row: models.Letter) -> str:
    """What reasons name it: “letter of 30-Nov-2026, Ashcombe General”."""
    return f"letter of {row.dated or row.received_on:%d-%b-%Y}, {row.sender}"


def look(row: models.Letter) -> Look:
    """How the letter stands; `row` with its message and decisions (see `here`)."""
    lines = {str(line.id): line for line in medicines_list.lines(row.patient) if line.id in set(row.listed)}
    ours = {key: listed_line(line, list_names()) for key, line in lines.items()}
    theirs = {line.key: line for line in arrived(row)}
    every = tuple(row.decisions.all())
    decided = tuple(one for one in every if not hasattr(one, "undo"))
    ended = {one.medicine for one in decided if one.outcome != QUERY}
    asked = {one.key: one for one in decided if one.outcome == QUERY and one.key not in ended}
    questions = []
    for one in asked.values():
        found = _matched(
            [ours[key] for key in one.listed if key in ours],
            [theirs[key] for key in one.arrived if key in theirs],
        )
        if found:
            questions.append(Question(replace(found[0], key=one.key), one))
    taken_up = [one for one in decided if one.medicine in ended or one.medicine in asked]
    rest_ours = _rest(ours, (key for one in taken_up for key in one.listed))
    rest_theirs = _rest(theirs, (key for one in taken_up for key in one.arrived))
    undone = tuple(one for one in every if hasattr(one, "undo"))
    return Look(row, _matched(rest_ours, rest_theirs), tuple(questions), decided, lines, undone)


def key_to_settle(look: Look, proposal: Proposal, outcome: Outcome) -> str:
    """Under which key a decision about this medicine is kept (see `LetterDecision.medicine`)."""
    before = sum(one.medicine == proposal.key for one in look.undone)
    return f"{proposal.key}#{before}" if before and outcome is not Outcome.QUERY else proposal.key


def _rest(lines: dict[str, ListLine], gone: Iterable[str]) -> list[ListLine]:
    without = set(gone)
    return [line for key, line in lines.items() if key not in without]


def _matched(ours: Sequence[ListLine], theirs: Sequence[ListLine]) -> tuple[Proposal, ...]:
    return proposals(matched(ours, theirs, reconciling()), reconciling())


def to_compare(patient: models.Patient) -> list[int]:
    """The ids of the lines that a letter is compared with when it comes: all that have not ended."""
    return [line.id for line in medicines_list.lines(patient) if line.status is not ListStatus.ENDED]


def clock(seen: Look) -> Deadline:
    """By when the letter is to be settled, by what is still open in it."""
    open_ = {line.key for each in seen.open for line in each.listed}
    open_ |= {line.key for one in seen.questions for line in one.proposal.listed}
    return deadline(
        seen.row.received_on, next_supplies(line for key, line in seen.listed.items() if key in open_)
    )


def restand(row: models.Letter, standing: models.LetterStanding) -> models.LetterStanding:
    """Makes the standing say how the letter is now, and saves it."""
    row = _loaded(models.Letter.objects.filter(pk=row.pk)).get()
    seen = look(row)
    due = clock(seen)
    standing.left, standing.asked = seen.left, len(seen.questions)
    standing.state = OPEN if seen.left else SETTLED
    if seen.left:
        standing.due_on, standing.due_why = due.on, due.why()[:200]
    standing.high_risk = any(each.high_risk for each in seen.open) or any(
        one.proposal.high_risk for one in seen.questions
    )
    standing.version += 1
    standing.save()
    return standing


def here(site_id: int, letter_id: int) -> models.Letter | None:
    """The letter of that id at the site, with everything its page shows."""
    return _loaded(models.Letter.objects.filter(site=site_id, pk=letter_id)).first()


def locked(letter_id: int, *, site_id: int) -> tuple[models.Letter, models.LetterStanding]:
    """The letter, and its standing locked for this transaction. Raises `Refused` (``letter.unknown``)."""
    standing = (
        models.LetterStanding.objects.select_for_update().filter(letter=letter_id, site=site_id).first()
    )
    if standing is None:
        raise refuse("letter.unknown", "There is no such letter at this site")
    return _loaded(models.Letter.objects.filter(pk=letter_id)).get(), standing


def _loaded(found: QuerySet[models.Letter]) -> QuerySet[models.Letter]:
    decisions = models.LetterDecision.objects.select_related("by", "undo__by").order_by("pk")
    documents = models.LetterDocument.objects.select_related("message").defer("message__body").order_by("pk")
    return found.select_related("patient", "site", "message", "standing", "by").prefetch_related(
        Prefetch("decisions", decisions), Prefetch("documents", documents)
    )


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the inbox; `counts` has the length of every view, and how many are late."""

    rows: tuple[models.LetterStanding, ...]
    counts: dict[str, int]
    page: int
    pages: int


_VIEWS = {
    "open": Q(state=OPEN),
    "questions": Q(state=OPEN, asked__gt=0),
    "settled": Q(state=SETTLED),
}


def waiting(site_id: int, *, today: date) -> dict[str, int]:
    """How many letters each view has, and how many are late; one query."""
    counted: dict[str, int] = models.LetterStanding.objects.filter(site=site_id).aggregate(
        **{name: Count("pk", filter=found) for name, found in _VIEWS.items()},
        late=Count("pk", filter=Q(state=OPEN, due_on__lt=today)),
    )
    return counted


def listed(site_id: int, *, view: str, today: date, page: int) -> Page:
    """The letters of a view: what is due first on top, high risk before the rest of a day; what is settled,
    the newest first. Two queries."""
    of_site = models.LetterStanding.objects.filter(site=site_id)
    counts = waiting(site_id, today=today)
    pages = max(1, -(-counts[view] // PAGE))
    page = min(max(1, page), pages)
    order = ("-letter",) if view == "settled" else ("due_on", "-high_risk", "letter")
    rows = of_site.filter(_VIEWS[view]).select_related("letter", "patient").order_by(*order)
    return Page(tuple(rows[(page - 1) * PAGE : page * PAGE]), counts, page, pages)


def next_open(site_id: int, *, view: str, but: int) -> models.LetterStanding | None:
    """The most urgent letter of a view, another than this one."""
    found = models.LetterStanding.objects.filter(_VIEWS[view], site=site_id).exclude(letter=but)
    return found.select_related("patient").order_by("due_on", "-high_risk", "letter").first()


def questions(site_id: int) -> list[models.LetterDecision]:
    """What was asked of a pharmacist and waits, with what was seen then; of the letter that is due first on
    top. One query."""
    same = models.LetterDecision.objects.filter(letter=OuterRef("letter"))
    settled = Q(key=OuterRef("key")) | Q(key__startswith=Concat(OuterRef("key"), Value("#")))
    ended = same.filter(settled, undo=None).exclude(outcome=QUERY)
    newer = same.filter(key=OuterRef("key"), outcome=QUERY, pk__gt=OuterRef("pk"))
    found = models.LetterDecision.objects.filter(
        ~Exists(newer), ~Exists(ended), letter__site=site_id, letter__standing__state=OPEN,
        letter__standing__asked__gt=0, outcome=QUERY,
    )  # fmt: skip
    rows = found.select_related("letter__patient", "by").order_by("letter__standing__due_on", "pk")
    return list(rows[:MOST_QUESTIONS])


@dataclass(frozen=True, slots=True)
class Told:
    """A discrepancy with the decision that settled it."""

    row: models.LetterDecision
    found: Discrepancy


def discrepancies(site_id: int, *, since: datetime) -> tuple[list[Told], int, int]:
    """Every discrepancy that was settled since then, the newest first; of how many letters, and of how many
    medicines that were settled."""
    final = (
        models.LetterDecision.objects.filter(letter__site=site_id, at__gte=since, undo=None)
        .exclude(outcome=QUERY)
        .select_related("letter__patient", "by")
        .order_by("-pk")
    )
    rows = list(final)
    told = [
        Told(row, Discrepancy(Type(row.type), Severity(row.severity), Intent(row.intent)))
        for row in rows
        if row.type
    ]
    return told, len({row.letter_id for row in rows}), len(rows)


def document(site_id: int, message_id: int) -> models.Message | None:
    """A file that came beside a letter; None when it is not the site's."""
    return models.Message.objects.filter(site=site_id, pk=message_id, kind=DOCUMENT).first()
