"""Whose name may somebody mean who has typed, or heard, it a little wrong?

Asked only when nobody is written so. Each word that was typed must be a word of the name, or the beginning of
one, or be as few typing errors away as `medicines.spelling.errors` allows for its length; figures are never
guessed. It offers, a person chooses: by birth date and address, never by the name alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA

from pestle.pharmacy.medicines.spelling import errors


def spelt_like(asked: Sequence[str], names: Iterable[tuple[int, str]], *, most: int) -> list[int]:
    """The ids of the names that may be meant, the fewest errors first, then by name; at most `most`.

    `asked` and `names` are folded alike: no capitals, no accents, a blank between words.
    """
    every = [(pk, name, name.split()) for pk, name in names]
    known = {word for _, _, words in every for word in words}
    wrong = [_near(word, known) for word in asked]
    if not wrong or not all(wrong):
        return []
    ranked = [
        (sum(min(near[word] for word in words if word in near) for near in wrong), name, pk)
        for pk, name, words in every
        if all(any(word in near for word in words) for near in wrong)
    ]
    return [pk for _, _, pk in sorted(ranked)[:most]]


def _near(asked: str, known: set[str]) -> dict[str, int]:
    """The known words that `asked` may be, with the number of errors."""
    near = {word: 0 for word in known if word.startswith(asked)}
    allowed = 0 if asked.isdigit() else errors(asked)
    if allowed:
        for word, distance, _ in process.extract(
            asked, known, scorer=OSA.distance, score_cutoff=allowed, limit=None
        ):
            near.setdefault(word, int(distance))
    return near
