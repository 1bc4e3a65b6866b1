"""Which formats of knowledge from outside can be read?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pestle.wire.knowledge import pairs_csv
from pestle.wire.knowledge.pair import Pair


@dataclass(frozen=True, slots=True)
class Format:
    """A format by what it is, and how its bytes are read."""

    title: str
    read: Callable[[bytes], tuple[Pair, ...]]


FORMATS: Mapping[str, Format] = {pairs_csv.NAME: Format(pairs_csv.TITLE, pairs_csv.read)}
