"""How do invitations for tests look on paper? One sheet of A4 each, for a window envelope, in one file."""

from __future__ import annotations

from collections.abc import Sequence

from pestle.pharmacy.documents.invitation import Invitation
from pestle.web.print.labels import day_words
from pestle.web.print.typeset import pdf


def invitations_pdf(letters: Sequence[Invitation]) -> bytes:
    """The letters as one PDF/UA-1; the same letters give the same bytes.

    Raises `Refused`: ``print.unprintable-character``.
    """
    return pdf("invitation.typ", {"letters": [_letter(one) for one in letters]})


def _letter(one: Invitation) -> dict[str, object]:
    number = one.number
    return {
        "address": [one.patient, *one.address],
        "salutation": one.salutation,
        "about": f"Born {day_words(one.born) if one.born else 'not known'}"
        + (f", NHS number {number}" if number else ""),
        "paragraphs": list(one.letter),
        "practice": one.practice,
        "practice_address": list(one.practice_address),
        "telephone": one.telephone or "not recorded",
        "written": day_words(one.written),
    }
