"""Which records does a large, flat XML file hold, one after the other?

Read in pieces, so that memory does not grow with the file. A document type declaration is refused before
anything in it is read: no entity is ever expanded and nothing outside the file is opened.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO
from xml.parsers import expat

from pestle.pharmacy.refusal import refuse

PIECE = 1 << 16


@dataclass(frozen=True, slots=True)
class Record:
    """An element that holds plain fields: its tag, what it stands in, and its fields by tag.

    `outer` are the plain fields, so far, of the element around it. Empty fields are left out.
    """

    tag: str
    parent: str
    fields: Mapping[str, str]
    outer: Mapping[str, str]
    line: int


def records(file: IO[bytes], *, root: str, place: str) -> Iterator[Record]:
    """Every record of the file, in its order.

    Raises `Refused`: ``release.not-xml``, ``release.doctype``, ``release.wrong-file`` (another root element
    than `root`), ``release.field-twice``.
    """
    reader = _Reader(root, place)
    piece = b"-"
    while piece:
        piece = file.read(PIECE)
        reader.feed(piece)
        yield from reader.taken()


class _Reader:
    """Expat calls back; `taken` gives what has come together since it was asked last."""

    def __init__(self, root: str, place: str) -> None:
        self._root, self._place = root, place
        self._open: list[tuple[str, dict[str, str], bool]] = []  # tag, fields, has element children
        self._text: list[str] = []
        self._done: list[Record] = []
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text.append

    def feed(self, piece: bytes) -> None:
        try:
            self._parser.Parse(piece, not piece)
        except (expat.ExpatError, ValueError, LookupError) as error:
            raise refuse("release.not-xml", f"{self._place} is broken off or no XML: {error}",
                         place=self._place, way_out="Fetch the release again.") from None  # fmt: skip

    def taken(self) -> list[Record]:
        done, self._done = self._done, []
        return done

    def _doctype(self, name: str, *_: object) -> None:
        raise refuse("release.doctype", "A document type declaration has no place in a release",
                     place=self._place)  # fmt: skip

    def _start(self, tag: str, _: dict[str, str]) -> None:
        if not self._open and tag != self._root:
            raise refuse("release.wrong-file", f"It holds {tag}, not {self._root}", place=self._place)
        if self._open:
            around, fields, _flat = self._open[-1]
            self._open[-1] = (around, fields, True)
        self._open.append((tag, {}, False))
        self._text.clear()

    def _end(self, tag: str) -> None:
        _, fields, has_children = self._open.pop()
        if not self._open:
            return
        parent, outer, _ = self._open[-1]
        line = self._parser.CurrentLineNumber
        if has_children:
            if fields:
                self._done.append(Record(tag, parent, fields, dict(outer), line))
        elif text := "".join(self._text).strip():
            if tag in outer:
                raise refuse("release.field-twice", f"{tag} stands twice in one {parent}",
                             place=f"{self._place}, line {line}")  # fmt: skip
            outer[tag] = text
        self._text.clear()
