"""Which other names could this one be taken for, and how are they written so that they look apart?

Two names look alike when two typing errors or fewer lie between them, or when a published list pairs them.
Tall-man letters are those of the list; a name that no list has stays as it is written: letters made up by a
program would be one more thing to confuse.

Source: the definition file read (kind `tall-man`). Two errors: of 1,477 single-word dm+d moieties 203 have
another within two (our measurement, release 2019-04, 2026-11).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz.distance import OSA

from pestle.pharmacy.medicines.formulary import listed, load, text
from pestle.pharmacy.medicines.spelling import Words
from pestle.pharmacy.refusal import refuse

KINDS = {"tall-man": frozenset({"groups"})}
_ERRORS = 2
_SHORTEST = 5


@dataclass(frozen=True, slots=True)
class TallMan:
    """`letters`: for a name in lower case, how it is written; `pairs`: the names to tell it apart from."""

    letters: Mapping[str, str]
    pairs: Mapping[str, frozenset[str]]

    def tall_man(self, name: str) -> str:
        """The name with the tall-man letters of the list; as it is where no list has it.

        Words are looked up one by one, so that "Prednisolone 5mg tablets" is "prednisoLONE 5mg tablets".
        """
        return re.sub(r"[^\W\d_]+", lambda word: self.letters.get(word[0].casefold(), word[0]), name)


NO_LIST = TallMan({}, {})


def read_tall_man(folder: Path) -> TallMan:
    """The lists in the definition files of a folder (kind `tall-man`) as one.

    Raises `Refused`: ``definition.unreadable``, ``definition.missing-field``, ``definition.wrong-value``,
    ``tall-man.two-ways`` (one name written two ways).
    """
    letters: dict[str, str] = {}
    pairs: dict[str, set[str]] = {}
    for path in sorted(folder.glob("*.yaml")):
        head = load(path, kinds=KINDS)
        for row in listed(head, "groups", place=path.name):
            written = listed(row, "names", place=path.name)
            text(row, "evidence", place=path.name)
            for name in written:
                plain = name.casefold()
                if name != plain and letters.setdefault(plain, name) != name:
                    raise refuse("tall-man.two-ways", f"“{plain}” is written {letters[plain]} and {name}",
                                 place=path.name)  # fmt: skip
                others = {other.casefold() for other in written} - {plain}
                pairs.setdefault(plain, set()).update(others)
    return TallMan(letters, {name: frozenset(others) for name, others in pairs.items()})


def alike(one: str, other: str) -> bool:
    """Whether two names that differ are within two typing errors of each other; short ones never are."""
    if one == other or min(len(one), len(other)) < _SHORTEST:
        return False
    return OSA.distance(one, other, score_cutoff=_ERRORS) <= _ERRORS


class LookAlikes:
    """The names in use, made once; which of them look like another is worked out when first asked."""

    __slots__ = ("_known", "_list", "_names", "_written")

    def __init__(self, names: Iterable[str], tall_man: TallMan = NO_LIST) -> None:
        self._written: dict[str, str] = {}
        for name in names:
            self._written.setdefault(name.casefold(), name)
        self._names = Words(name for name in self._written if len(name) >= _SHORTEST)
        self._list = tall_man
        self._known: dict[str, tuple[str, ...]] = {}

    def of(self, name: str) -> tuple[str, ...]:
        """The other names in use that look like this one, in tall-man letters; names of four letters or
        fewer are compared only where a list pairs them.
        """
        plain = name.casefold()
        if plain not in self._known:
            near = (
                {other for other, _ in self._names.near(plain, _ERRORS)} if len(plain) >= _SHORTEST else set()
            )
            near |= {other for other in self._list.pairs.get(plain, ()) if other in self._written}
            self._known[plain] = tuple(self.tall_man(self._written[other]) for other in sorted(near))
        return self._known[plain]

    def tall_man(self, name: str) -> str:
        """The name with the tall-man letters of the list."""
        return self._list.tall_man(name)
