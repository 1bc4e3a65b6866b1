"""What did somebody post about a letter: the list itself, or what its medicines end as?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TypeVar

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.people import Person
from pestle.pharmacy.practice.reconciliation.discrepancy import Intent, Severity
from pestle.pharmacy.practice.reconciliation.outcome import (
    CLINICAL,
    Outcome,
    Proposal,
    Settled,
    possible,
)
from pestle.pharmacy.quantity import SNOMED
from pestle.pharmacy.record.medication import CourseOfTherapy
from pestle.pharmacy.record.moment import whole
from pestle.pharmacy.refusal import refuse
from pestle.web.actions.documents import File
from pestle.web.actions.letters import Arrived, Judged
from pestle.web.pages.dates import day_of, day_or_none
from pestle.web.pages.product_options import Option, named, option
from pestle.web.store.knowledge import dictionary

Word = TypeVar("Word", Outcome, Severity, Intent)

# One letter chooses an outcome in the row that has the focus.
LETTERS = {
    Outcome.UNCHANGED: "u",
    Outcome.DOSE_CHANGED: "d",
    Outcome.FORM_CHANGED: "f",
    Outcome.STARTED: "n",
    Outcome.STOPPED: "s",
    Outcome.WITHHELD: "w",
    Outcome.HOSPITAL_ONLY: "h",
    Outcome.DUPLICATE: "t",
    Outcome.QUERY: "q",
}
MOST_DOCUMENTS = 10


def arrived(request: HttpRequest, *, today: date) -> Arrived:
    """The list that was pasted, typed or uploaded, and what was said of it. Raises `Refused`:
    ``letter.two-lists``, ``letter.too-many-documents``, ``day.unreadable``."""
    form, text = request.POST, request.POST.get("list", "")
    file = request.FILES.get("file")
    if isinstance(file, UploadedFile) and text.strip():
        raise refuse("letter.two-lists", "Give the list as text or as a file, not both", place="list")
    documents = [each for each in request.FILES.getlist("documents") if isinstance(each, UploadedFile)]
    if len(documents) > MOST_DOCUMENTS:
        raise refuse("letter.too-many-documents", f"At most {MOST_DOCUMENTS} documents stand beside a list",
                     place="documents")  # fmt: skip
    received = form.get("received", "").strip()
    return Arrived(
        data=file.read() if isinstance(file, UploadedFile) else text.encode(errors="replace"),
        sender=form.get("sender", "")[:200],
        kind=form.get("kind", ""),
        received_on=day_of(received, place="received") if received else today,
        dated=day_or_none(form.get("dated", ""), place="dated"),
        name=(file.name or "") if isinstance(file, UploadedFile) else "",
        documents=[File(each.name or "", each.read()) for each in documents],
    )


def settled(
    form: Mapping[str, str], every: Iterable[Proposal]
) -> tuple[dict[str, Settled], dict[str, Judged]]:
    """What was chosen for each medicine, and how serious it was judged to be; what nobody chose is left out.

    Raises `Refused`: ``day.unreadable``, ``letter.outcome``, ``letter.product``.
    """
    chosen: dict[str, Settled] = {}
    judged: dict[str, Judged] = {}
    for proposal in every:
        key = proposal.key
        said = form.get(f"outcome-{key}", "")
        if not said:
            continue
        outcome = _one(Outcome, said)
        until = day_or_none(form.get(f"until-{key}", ""), place="until")
        reason = form.get(f"reason-{key}", "").strip()[:1000]
        if outcome is Outcome.QUERY and not reason:
            reason = question(proposal)
        chosen[key] = Settled(
            outcome=outcome,
            reason=reason,
            confirmed=form.get(f"same-{key}") == "yes",
            medication=_medication(form.get(f"product-{key}", "")),
            directions=form.get(f"directions-{key}", "").strip()[:300],
            until=whole(until) if until else None,
            course=CourseOfTherapy.ACUTE if form.get(f"acute-{key}") == "yes" else None,
        )
        severity, intent = form.get(f"severity-{key}", ""), form.get(f"intent-{key}", "")
        if severity or intent:
            judged[key] = Judged(
                _one(Severity, severity) if severity else Severity.NOT_JUDGED,
                _one(Intent, intent) if intent else None,
            )
    return chosen, judged


def options(form: Mapping[str, str], key: str) -> tuple[Option, ...]:
    """The products that may be meant by what was looked up for a medicine, the one that was chosen with
    them."""
    found = named(form.get(f"find-{key}", "").strip())
    chosen = dictionary().product(form.get(f"product-{key}", ""))
    if chosen is not None and chosen.id not in {one.id for one in found}:
        found = (option(chosen, "Chosen before"), *found)
    return found


def _medication(product_id: str) -> Coded | None:
    """The product that was chosen instead of the letter's; None: the letter's."""
    if not product_id:
        return None
    product = dictionary().product(product_id)
    if product is None:
        raise refuse("letter.product", "This product is not in the dictionary", place="product")
    return Coded(product.name, SNOMED, product.id)


def question(proposal: Proposal) -> str:
    """What a pharmacist is asked where nobody typed a question: what is known of the two lists."""
    return "; ".join(dict.fromkeys((*proposal.why, *proposal.clinical)))[:1000]


def choices(proposal: Proposal, by: Person) -> list[Outcome]:
    """What this person may choose: a technician what is proposed, where it is technical, and the question;
    who decides clinical questions everything that the lines allow, the proposal first."""
    if by.has(*CLINICAL):
        every = possible(proposal)
        first = [proposal.outcome] if proposal.outcome is not Outcome.QUERY else []
        return [*first, *(each for each in every if each not in (*first, Outcome.QUERY)), Outcome.QUERY]
    return list(dict.fromkeys((*([proposal.outcome] if proposal.technical else []), Outcome.QUERY)))


def _one(of: type[Word], text: str) -> Word:
    try:
        return of(text)
    except ValueError:
        raise refuse("letter.outcome", f"“{text}” is no answer here", place="outcome") from None
