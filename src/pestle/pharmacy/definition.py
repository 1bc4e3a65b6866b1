"""Is this file a definition that may be used?

A definition is one YAML file that says where it comes from and who answers for it: `kind`, `title`,
`source`, `notice`, `author`, `date_checked`, `next_review`, `status` (verified or unverified), and
optionally `reference`. What was never checked against its source has no `date_checked` and is unverified.

Raises `Refused`, always naming the file and the field: ``definition.unreadable``,
``definition.missing-field``, ``definition.unknown-field``, ``definition.wrong-value``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path
from typing import TypeVar

import yaml

from pestle.pharmacy.refusal import Refusal, Refused, refuse

_HEADER = ("kind", "title", "source", "notice", "author", "next_review", "status")
_OPTIONAL = ("date_checked", "reference")
_DEEPEST = 100

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule comes from, and whether somebody has verified it against the original.

    `definition` is the file that says so, by its path below its folder; empty when no file does.
    """

    title: str
    verified: bool
    checked_on: date | None = None
    next_review: date | None = None
    reference: str = ""
    definition: str = ""


@dataclass(frozen=True, slots=True)
class Definition:
    """One file: its `kind`, title and source, and the `body` that the kind gives a meaning to."""

    file: str
    kind: str
    title: str
    source: Source
    body: Mapping[str, object]

    @property
    def name(self) -> str:
        """What other definitions call it: the file's name without its ending."""
        return Path(self.file.partition(":")[0]).stem


@dataclass(frozen=True, slots=True)
class Definitions:
    """The definitions of a folder, in the order of their names."""

    files: tuple[Definition, ...]

    def of(self, *kinds: str) -> tuple[Definition, ...]:
        """Those of these kinds."""
        return tuple(file for file in self.files if file.kind in kinds)

    def some(self, kind: str) -> tuple[Definition, ...]:
        """Those of this kind. Raises `Refused` (``definition.missing``) where there is none."""
        found = self.of(kind)
        if not found:
            raise refuse("definition.missing", f"There is no definition of the kind {kind}", place=kind)
        return found

    def only(self, kind: str) -> Definition:
        """The one of this kind. Raises `Refused` (``definition.missing``) where there is not just one."""
        found = self.of(kind)
        if len(found) != 1:
            raise refuse(
                "definition.missing",
                f"There must be exactly one definition of the kind {kind}, not {len(found)}",
                place=kind,
            )
        return found[0]


class _Loader(yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader):  # type: ignore[misc]
    """YAML in which a key that is written twice is an error, not the last one wins, and a number is exact.

    By libyaml where PyYAML has it, which reads eight times as fast.
    """


def _mapping_once(loader: _Loader, node: yaml.MappingNode) -> dict[object, object]:
    pairs: dict[object, object] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if type(key) is int:
            key = str(key)
        if not isinstance(key, str) or key in pairs:
            raise yaml.constructor.ConstructorError(
                None, None, f"“{key}” is written twice or is not a word", key_node.start_mark
            )
        pairs[key] = loader.construct_object(value_node, deep=True)
    return pairs


def _decimal(loader: _Loader, node: yaml.ScalarNode) -> Decimal:
    try:
        value = Decimal(node.value)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise yaml.constructor.ConstructorError(None, None, f"{node.value} is no number", node.start_mark)
    return value


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping_once)
_Loader.add_constructor("tag:yaml.org,2002:float", _decimal)


def load(path: Path, *, file: str, kinds: Mapping[str, frozenset[str]]) -> Definition:
    """The definition at `path`, called `file` in messages; `kinds` says which fields each kind has."""
    found = fields(path, file=file)
    for field in _HEADER:
        if field not in found:
            raise refuse(
                "definition.missing-field", f"{file} does not say its {field}", place=_at(file, field)
            )
    header = Definition(file, "", "", Source("", verified=False), found)
    kind = text(header, "kind")
    if kind not in kinds:
        raise wrong(header, "kind", f"is one of: {', '.join(sorted(kinds))}")
    for field in found:
        if field not in kinds[kind] and field not in _HEADER + _OPTIONAL:
            raise refuse(
                "definition.unknown-field",
                f"{file} has a field “{field}” that nothing reads",
                place=_at(file, field),
            )
    body = {field: value for field, value in found.items() if field in kinds[kind]}
    return Definition(file, kind, text(header, "title"), _source(header), body)


def load_folders(*folders: Path, kinds: Mapping[str, frozenset[str]]) -> Definitions:
    """Every ``.yaml`` file below these folders; each is called by its path below its folder.

    Raises `Refused` with everything that is wrong with any of them.
    """
    files: list[Definition] = []
    refusals: list[Refusal] = []
    for folder in folders:
        for path in sorted(folder.rglob("*.yaml")):
            try:
                files.append(load(path, file=path.relative_to(folder).as_posix(), kinds=kinds))
            except Refused as refused:
                refusals.extend(refused.refusals)
    if refusals:
        raise Refused(*refusals)
    return Definitions(tuple(files))


def text(definition: Definition, field: str) -> str:
    """A field that is words."""
    value = _present(definition, field)
    if not isinstance(value, str) or not value.strip():
        raise wrong(definition, field, "is words")
    return " ".join(value.split())


def texts(definition: Definition, field: str, *, empty: bool = False) -> tuple[str, ...]:
    """A field that is a list of words; absent and empty are allowed only when `empty`."""
    value = definition.body.get(field, []) if empty else _present(definition, field)
    if not isinstance(value, list) or not (value or empty):
        raise wrong(definition, field, "is a list of words")
    if not all(isinstance(word, str) and word.strip() for word in value):
        raise wrong(definition, field, "is a list of words (a number or a yes needs quotation marks)")
    return tuple(value)


def number(definition: Definition, field: str) -> int:
    """A field that is a whole number, zero or more."""
    value = _present(definition, field)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise wrong(definition, field, "is a whole number")
    return value


def day(definition: Definition, field: str) -> date:
    """A field that is a date."""
    value = _present(definition, field)
    if type(value) is not date:
        raise wrong(definition, field, "is a date such as 2026-11-22")
    return value


def flag(definition: Definition, field: str) -> bool:
    """A field that is yes or no; absent is no."""
    value = definition.body.get(field, False)
    if not isinstance(value, bool):
        raise wrong(definition, field, "is true or false")
    return value


def exact(definition: Definition, field: str) -> Fraction:
    """A field that is an exact number: ``88.4``, ``-5``, or in quotes a fraction such as ``1/0.09148``."""
    value = _present(definition, field)
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return Fraction(value)
    try:
        above, _, below = str(value).partition("/")
        return Fraction(Decimal(above)) / Fraction(Decimal(below or 1))
    except (InvalidOperation, ValueError, OverflowError, ZeroDivisionError):
        raise wrong(definition, field, "is a number") from None


def choice(definition: Definition, field: str, among: Mapping[str, T]) -> T:
    """A field that is one of these words, as what the word stands for."""
    value = text(definition, field)
    if value not in among:
        raise wrong(definition, field, f"is one of: {', '.join(among)}")
    return among[value]


def schedules(definition: Definition, field: str) -> frozenset[int]:
    """A field that lists schedules of the Misuse of Drugs Regulations, 1 to 5."""
    value = _present(definition, field)
    if not isinstance(value, list) or not value:
        raise wrong(definition, field, "lists schedules")
    if not all(isinstance(each, int) and not isinstance(each, bool) and 1 <= each <= 5 for each in value):
        raise wrong(definition, field, "lists schedules, each from 1 to 5")
    return frozenset(value)


def word_lists(definition: Definition, field: str) -> dict[str, tuple[str, ...]]:
    """A field that gives a list of words for each word."""
    return {word: texts(part, word) for word, part in _parts(definition, field)}


def words(definition: Definition, field: str) -> dict[str, str]:
    """A field that gives one word for each word."""
    return {word: text(part, word) for word, part in _parts(definition, field)}


def entries(
    definition: Definition, field: str, *, fields: frozenset[str] | None = None
) -> tuple[Definition, ...]:
    """A field that is a list of small records; with `fields`, only these stand in them; may be absent."""
    value = definition.body.get(field, [])
    if not isinstance(value, list):
        raise wrong(definition, field, "is a list")
    found = []
    for number_, each in enumerate(value, start=1):
        where = f"{field}[{number_}]"
        if not isinstance(each, dict):
            raise wrong(definition, where, "has fields")
        found.append(_entry(definition, where, each, fields))
    return tuple(found)


def entry(definition: Definition, field: str, *, fields: frozenset[str] | None = None) -> Definition:
    """A field that is one small record; with `fields`, only these stand in it."""
    value = _present(definition, field)
    if not isinstance(value, dict):
        raise wrong(definition, field, "has fields")
    return _entry(definition, field, value, fields)


def _entry(
    definition: Definition, where: str, value: dict[str, object], fields: frozenset[str] | None
) -> Definition:
    for unknown in sorted(value.keys() - fields) if fields is not None else ():
        raise refuse(
            "definition.unknown-field",
            f"{definition.file} has a field “{unknown}” that nothing reads",
            place=_at(definition.file, f"{where}.{unknown}"),
        )
    return Definition(
        f"{definition.file}: {where}", definition.kind, definition.title, definition.source, value
    )


def fields(path: Path, *, file: str) -> dict[str, object]:
    """The fields of one file as they stand. Raises `Refused` (``definition.unreadable``)."""
    try:
        written = path.read_text(encoding="utf-8")
        if _too_deep(written):
            raise ValueError(f"its lists lie more than {_DEEPEST} deep")
        # _Loader is a SafeLoader: it makes plain values only.
        found = yaml.load(written, Loader=_Loader)  # noqa: S506
    except (OSError, ValueError, yaml.YAMLError, RecursionError) as error:
        raise refuse("definition.unreadable", f"{file} cannot be read: {error}", place=file) from None
    if not isinstance(found, dict):
        raise refuse("definition.unreadable", f"{file} is not a list of fields", place=file)
    return found


def _too_deep(written: str) -> bool:
    """Whether lists lie in lists further than ours ever do: libyaml follows them until the process ends."""
    depth = 0
    for event in yaml.parse(written, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            return True
    return False


def _source(header: Definition) -> Source:
    status = text(header, "status")
    if status not in ("verified", "unverified"):
        raise wrong(header, "status", "is verified or unverified")
    checked = header.body.get("date_checked")
    if checked is None and status == "verified":
        raise wrong(header, "date_checked", "is the day on which it was verified")
    for field in ("notice", "author"):
        text(header, field)
    return Source(
        title=text(header, "source"),
        verified=status == "verified",
        checked_on=None if checked is None else day(header, "date_checked"),
        next_review=day(header, "next_review"),
        reference=text(header, "reference") if "reference" in header.body else "",
        definition=header.file,
    )


def _parts(definition: Definition, field: str) -> list[tuple[str, Definition]]:
    value = _present(definition, field)
    if not isinstance(value, dict):
        raise wrong(definition, field, "has a line for each word")
    part = Definition(
        f"{definition.file}: {field}", definition.kind, definition.title, definition.source, value
    )
    return [(word, part) for word in value]


def _present(definition: Definition, field: str) -> object:
    if definition.body.get(field) is None:
        raise refuse(
            "definition.missing-field",
            f"{definition.file} does not say its {field}",
            place=_at(definition.file, field),
        )
    return definition.body[field]


def wrong(definition: Definition, field: str, expected: str) -> Refused:
    """The refusal of a field that does not say what it should."""
    return refuse(
        "definition.wrong-value",
        f"In {definition.file}, {field} {expected}",
        place=_at(definition.file, field),
    )


def _at(file: str, field: str) -> str:
    return f"{file}: {field}"
