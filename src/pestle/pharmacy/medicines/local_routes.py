"""By which routes does a medicine act mainly where it is put?

Kind: local_routes (``routes/local.yaml``), in the words of dm+d.
"""

from __future__ import annotations

from dataclasses import dataclass

from pestle.pharmacy import definition as d
from pestle.pharmacy.definition import Definitions, Source

KINDS = {"local_routes": frozenset({"routes"})}


@dataclass(frozen=True, slots=True)
class LocalRoutes:
    """The routes, in lower case."""

    routes: frozenset[str]
    source: Source


def read(files: Definitions) -> LocalRoutes:
    """What the one definition says."""
    file = files.only("local_routes")
    return LocalRoutes(frozenset(route.casefold() for route in d.texts(file, "routes")), file.source)
