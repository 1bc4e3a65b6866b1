"""Which files lie in these folders and zips, and in the zips inside them?

A publisher's release comes as a zip, as the folder that it was unpacked to, or as single files. Each file is
given by its own name and its place, and is opened only when it is asked for; one that ends in ``.gz`` is
unpacked as it is read.
"""

from __future__ import annotations

import gzip
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from pestle.pharmacy.refusal import Refused, refuse

_DEPTH = 3  # zips within zips
_IN_MEMORY = 1 << 24  # bytes of a zip within a zip, before it goes to disk
_UNREADABLE = (OSError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError)


@dataclass(frozen=True, slots=True)
class Found:
    """One file: its own name, and `inside`, its path in the folder or zip that was named."""

    name: str
    inside: str
    where: Path | tuple[zipfile.ZipFile, str]

    @contextmanager
    def opened(self) -> Iterator[IO[bytes]]:
        """The file's bytes. Raises `Refused` (``release.not-readable``), also while it is read."""
        with readable(self.name), ExitStack() as stack:
            where = self.where
            file = stack.enter_context(
                where.open("rb") if isinstance(where, Path) else where[0].open(where[1])
            )
            if self.name.lower().endswith(".gz"):
                file = cast("IO[bytes]", stack.enter_context(gzip.open(file)))
            yield file


def files_within(paths: Iterable[Path], stack: ExitStack) -> Iterator[Found]:
    """Every file of these folders, zips and files; zips stay open until `stack` is left.

    Raises `Refused`: ``release.not-readable``.
    """
    for path in paths:
        yield from _within(path, path.name, stack)


@contextmanager
def readable(name: str) -> Iterator[None]:
    """What goes wrong with a file or zip of that name becomes a refusal (``release.not-readable``)."""
    try:
        yield
    except _UNREADABLE as error:
        raise _not_readable(name, error) from None


def _within(path: Path, inside: str, stack: ExitStack) -> Iterator[Found]:
    if path.is_dir():
        for inner in sorted(path.rglob("*")):
            if inner.is_file():
                yield from _within(inner, inner.relative_to(path).as_posix(), stack)
    elif path.suffix.lower() == ".zip":
        with readable(path.name):
            archive = stack.enter_context(zipfile.ZipFile(path))
        yield from _archived(archive, stack, _DEPTH)
    elif path.exists():
        yield Found(path.name, inside, path)
    else:
        raise refuse("release.not-readable", f"{path} does not exist", place=str(path))


def _archived(archive: zipfile.ZipFile, stack: ExitStack, depth: int) -> Iterator[Found]:
    for inner in archive.namelist():
        name = inner.rsplit("/", 1)[-1]
        if name.lower().endswith(".zip") and depth:
            spool = stack.enter_context(tempfile.SpooledTemporaryFile(_IN_MEMORY))  # noqa: SIM115
            with readable(name):
                with archive.open(inner) as packed:
                    shutil.copyfileobj(packed, spool)
                nested = stack.enter_context(zipfile.ZipFile(spool))
            yield from _archived(nested, stack, depth - 1)
        elif name:
            yield Found(name, inner, (archive, inner))


def _not_readable(name: str, error: BaseException) -> Refused:
    return refuse("release.not-readable", f"{name} cannot be read: {error}", place=name,
                  way_out="Fetch the release again.")  # fmt: skip
