"""Which medicines does a rule mean: these ingredients, those of these classes, and not those?

Kind: medicine_class (``classes/*.yaml``), a class by the name of its file. A class may take in others whole.
Every rule names its medicines in the same three fields: `ingredients`, `classes`, `but_not`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pestle.pharmacy import definition as d
from pestle.pharmacy.definition import Definition, Definitions, Source
from pestle.pharmacy.medicines.substances import Substances

KINDS = {"medicine_class": frozenset({"members", "classes"})}
WHICH = frozenset({"ingredients", "classes", "but_not"})


@dataclass(frozen=True, slots=True)
class MedicineClass:
    """A class and its members, as substances."""

    title: str
    members: frozenset[str]
    source: Source


@dataclass(frozen=True, slots=True)
class Classes:
    """The classes by the names of their files."""

    by_name: Mapping[str, MedicineClass]
    substances: Substances

    def meant(self, rule: Definition) -> frozenset[str]:
        """The substances that a rule names in its fields `ingredients`, `classes` and `but_not`.

        Raises `Refused`: ``definition.missing-field`` (none at all), ``definition.wrong-value`` (no such
        class).
        """
        given = [field for field in ("ingredients", "classes") if field in rule.body]
        found = self.substances.all_of(d.texts(rule, "ingredients", empty="classes" in given))
        found |= self._of_classes(rule)
        return found - self.substances.all_of(d.texts(rule, "but_not", empty=True))

    def _of_classes(self, rule: Definition) -> frozenset[str]:
        found: frozenset[str] = frozenset()
        for name in d.texts(rule, "classes", empty=True):
            if name not in self.by_name:
                raise d.wrong(rule, "classes", f"names a class that no file defines: {name}")
            found |= self.by_name[name].members
        return found


def names(files: Definitions) -> list[str]:
    """Every substance that these definitions name."""
    return [name for file in files.of("medicine_class") for name in d.texts(file, "members", empty=True)]


def ingredients(rules: Iterable[Definition]) -> list[str]:
    """Every substance that these rules name by itself."""
    return [name for rule in rules for name in d.texts(rule, "ingredients", empty=True)]


def read(files: Definitions, substances: Substances) -> Classes:
    """The classes that these definitions make."""
    by_name = {file.name: file for file in files.of("medicine_class")}
    return Classes(
        {name: _class(name, by_name, substances, inside=()) for name in by_name},
        substances,
    )


def _class(
    name: str, files: Mapping[str, Definition], substances: Substances, *, inside: tuple[str, ...]
) -> MedicineClass:
    file = files[name]
    parts = d.texts(file, "classes", empty="members" in file.body)
    members = substances.all_of(d.texts(file, "members", empty=bool(parts)))
    for part in parts:
        if part not in files or part in (*inside, name):
            raise d.wrong(file, "classes", f"names a class that no file defines, or itself: {part}")
        members |= _class(part, files, substances, inside=(*inside, name)).members
    return MedicineClass(file.title, members, file.source)
