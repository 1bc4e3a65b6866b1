"""The commands about definitions: which there are, which are due for review, whether a folder is whole, and
what to take in from outside."""

from __future__ import annotations

import argparse
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pathlib import Path

from pestle import definitions
from pestle.cli.begin import say, settings
from pestle.pharmacy import library
from pestle.pharmacy.calculators.table import read_calculators
from pestle.pharmacy.checks.knowledge import FOLDERS, read
from pestle.pharmacy.criteria.read import Terms
from pestle.pharmacy.dispensary.charge import read_charges
from pestle.pharmacy.dispensary.endorsement import read_endorsements
from pestle.pharmacy.dispensary.near_miss import read_vocabulary
from pestle.pharmacy.dispensary.repeat_dispensing import read_questions
from pestle.pharmacy.documents.cautions import read_wordings
from pestle.pharmacy.ledger.temperature import read_limits
from pestle.pharmacy.library import Entry
from pestle.pharmacy.measures import library as measures
from pestle.pharmacy.medicines.dictionary import read as read_dictionary
from pestle.pharmacy.medicines.equivalence import read_bars
from pestle.pharmacy.medicines.lookalike import read_tall_man
from pestle.pharmacy.practice.monitoring_policy import read_policy
from pestle.pharmacy.practice.ordering_policy import read_ordering
from pestle.pharmacy.practice.reconciliation import high_risk
from pestle.pharmacy.practice.repeat_dispensing import read_suitability
from pestle.pharmacy.practice.review_library import read_library
from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.web import environment
from pestle.wire.gp_extract.mapping import read_mappings
from pestle.wire.knowledge.formats import FORMATS
from pestle.wire.knowledge.written import Heading
from pestle.wire.knowledge.written import definitions as written


def _terms() -> Terms:
    """The words of conditions, as the program's own definitions give them."""
    return read(*map(definitions.folder, FOLDERS)).terms


# By which part each folder of the program is read that is not, or not only, for the checks (`FOLDERS`).
READERS: Mapping[str, Callable[[Path], object]] = {
    "calculators": read_calculators,
    "equivalence": read_bars,
    "formulary": read_dictionary,
    "gp_extract": read_mappings,
    "labels": lambda folder: read_wordings(folder / "cautionary.yaml"),
    "lookalike": read_tall_man,
    "measures": lambda _: measures.read(*map(definitions.folder, measures.FOLDERS)),
    "near_misses": read_vocabulary,
    "ordering": lambda folder: read_ordering(folder / "repeats.yaml"),
    "payment": lambda folder: (read_charges(folder), read_endorsements(folder)),
    "practice": lambda folder: read_policy(folder, _terms()),
    "reconciliation": lambda folder: high_risk.read(
        folder, classes=_terms().classes, bars=read_bars(definitions.folder("equivalence"))
    ),
    "repeat_dispensing": read_questions,
    "reviews": lambda folder: read_library(folder, _terms()),
    "storage": read_limits,
    "suitability": lambda folder: read_suitability(folder / "repeat_dispensing.yaml"),
}


def list_(options: argparse.Namespace) -> int:
    """List the definitions: what clinicians own as data.

    One a line: verified or not, next review, kind, file, title; then how many of each folder are verified.
    Those of the program and those of PESTLE_DEFINITIONS, or those below FOLDER.

    Examples:
      pestle definitions list
      pestle definitions list --unverified my-definitions
    """
    entries = [each for each in _entries(options.folder) if not (options.unverified and each.source.verified)]
    for each in entries:
        say(_line(each))
    folders = Counter(each.folder for each in entries)
    sure = Counter(each.folder for each in entries if each.source.verified)
    for folder, number in sorted(folders.items()):
        say(f"{folder or '.'}: {number}, of which verified: {sure[folder]}")
    return 0


def overdue(options: argparse.Namespace) -> int:
    """List the definitions whose day of review has come.

    One a line, the longest overdue first; exit code 1 when there are any, so that a timer can tell.

    Examples:
      pestle definitions overdue
      pestle definitions overdue --on 2027-06-01
    """
    on = options.on or date.today()  # noqa: DTZ011 - the day on this computer is meant
    due = [each for each in _entries(options.folder) if each.overdue(on=on)]
    for each in sorted(due, key=lambda each: (each.source.next_review or date.min, each.file)):
        say(_line(each))
    say(f"due for review on {on}: {len(due)}")
    return 1 if due else 0


def check(options: argparse.Namespace) -> int:
    """Check that every definition can be used: those of the program, and a folder beside them.

    Every folder is read as the part reads it that works with it (checks, calculators, labels, the formulary,
    storage and so on), and every fault is named by file and field. Beside those of the program, FOLDER is
    read as the checks read it; without it the folders of PESTLE_DEFINITIONS are.

    Examples:
      pestle definitions check my-definitions
    """
    own = settings().definitions if options.folder is None else (_existing(options.folder),)
    refusals: list[Refusal] = []
    try:
        read(*map(definitions.folder, FOLDERS), *own)
    except Refused as refused:
        refusals += refused.refusals
    for name, read_folder in READERS.items():
        try:
            read_folder(definitions.folder(name))
        except Refused as refused:
            refusals += refused.refusals
    if refusals:
        raise Refused(*dict.fromkeys(refusals))
    number = sum(len(library.read(folder)) for folder in own)
    say(f"whole: the program's definitions, {len(library.read(definitions.ROOT))}, and {number} beside them")
    return 0


def import_(options: argparse.Namespace) -> int:
    """Take in knowledge from outside: a licensed or public list becomes a dated folder of definitions.

    The folder is read-only, in PESTLE_HOME, and nothing is used before PESTLE_DEFINITIONS names it. A file
    with one fault is refused whole. What is taken in is unverified until a pharmacist has compared it.

    Examples:
      pestle definitions import pairs-csv pairs.csv --title "Interactions of X, 2026" \\
        --source "X Ltd, release 12" --notice "Licensed to this site" --author "A. Pharmacist" \\
        --review 2027-05-22
    """
    try:
        content = options.file.read_bytes()
    except OSError as error:
        raise refuse(
            "knowledge.unreadable", f"{options.file} cannot be read: {error}", place="FILE"
        ) from None
    pairs = FORMATS[options.format].read(content)
    heading = Heading(options.title, options.source, options.notice, options.author, options.review)
    on = options.on or date.today()  # noqa: DTZ011 - the day on this computer is meant
    into = environment.imported_definitions(settings().home) / f"{options.format}-{on}"
    if into.exists():
        raise refuse("knowledge.already-there", f"{into} is there already", place="FILE",
                     way_out="Remove it first, or wait until tomorrow.")  # fmt: skip
    partial = into.with_name(f"{into.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    (partial / "interaction").mkdir(parents=True)
    for name, text in written(pairs, heading).items():
        path = partial / "interaction" / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o444)
    # Read back as the checks will read it, before it has its name.
    read(*map(definitions.folder, FOLDERS), partial)
    partial.rename(into)
    say(f"taken in: {len(pairs)} pairs in {into}")
    say(f"Not in use yet: PESTLE_DEFINITIONS={os.pathsep.join(map(str, (*settings().definitions, into)))}")
    return 0


def _entries(folder: Path | None) -> list[Entry]:
    roots: Iterable[Path]
    roots = (definitions.ROOT, *settings().definitions) if folder is None else (_existing(folder),)
    return [entry for root in roots for entry in library.read(root)]


def _existing(folder: Path) -> Path:
    if not folder.is_dir():
        raise refuse("definitions.unknown-folder", f"{folder} is no folder", place="FOLDER")
    return folder


def _line(entry: Entry) -> str:
    state = "verified" if entry.source.verified else "unverified"
    review = str(entry.source.next_review or "no day of review")
    return "\t".join((state, review, entry.kind, entry.file, entry.title))
