"""Which places are open at which kind of site, and at a practice to its reception?

A place is the name of a route. Everything that is of a dispensary (stock, register, prescriptions at their
steps, payment) is shut at a GP practice, and everything of a practice anywhere else; the rest is open
everywhere. A receptionist of a practice takes requests, and comes no further.
"""

from __future__ import annotations

from pestle.pharmacy.people import Person, Role, SiteKind

# By the beginning of their address, so that a new page below one of them is shut without being listed.
DISPENSARY = (
    "prescriptions/", "not-collected", "scans/", "labels/", "worklist.csv", "responsible/", "stock",
    "register/", "instalments/", "claims", "near-misses", "burden", "replays", "scan", "manage/today",
    "bags", "rounds/", "label-runs/", "repeats", "paper-bundle", "manage/shelves", "manage/times",
    "patients/<int:patient_id>/contact", "messages/ask-for-release",
    "definitions/<path:file>/replay",
)  # fmt: skip
PRACTICE = ("practice/",)
PRACTICES = frozenset({SiteKind.GP_PRACTICE})
# What a receptionist of a practice may open, by the names of the routes.
RECEPTION = frozenset({
    "worklist", "practice-requests", "practice-ask", "request-sheet-new", "request-sheet", "request-document",
    "log-call", "change-person",
    "set-pin", "make-badge", "end-badge", "session",
})  # fmt: skip


def is_there(kind: SiteKind, route: str) -> bool:
    """Whether a site of this kind has the place at this route."""
    return not route.startswith(DISPENSARY if kind in PRACTICES else PRACTICE)


def may_enter(kind: SiteKind, person: Person, name: str) -> bool:
    """Whether this person may come to the place of this name, as far as it is for reception to ask."""
    return not only_requests(kind, person) or name in RECEPTION


def only_requests(kind: SiteKind, person: Person) -> bool:
    """Whether somebody takes requests at a practice, and does nothing else there."""
    return kind in PRACTICES and person.roles == {Role.RECEPTIONIST}
