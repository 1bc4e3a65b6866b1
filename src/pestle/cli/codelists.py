"""The command about lists of codes: what is wrong with them, line by line."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from pestle import definitions
from pestle.cli.begin import say, settings
from pestle.pharmacy import definition as d
from pestle.pharmacy.checks.knowledge import FOLDERS, KINDS
from pestle.pharmacy.criteria import code_list
from pestle.pharmacy.criteria.lint import Known, Rule
from pestle.pharmacy.criteria.lint import check as linted
from pestle.pharmacy.medicines import dmd_bonus
from pestle.pharmacy.medicines.dictionary import read as read_dictionary
from pestle.pharmacy.medicines.release import SUFFIX
from pestle.pharmacy.refusal import Refused, refuse


def check(options: argparse.Namespace) -> int:
    """Look for faults in lists of codes: published CSV files, or definitions that hold codes.

    One a line: file and line, what is wrong, the code, the reason, and by which source. Looked for are ids
    that dm+d has replaced, ids that are none (a spreadsheet rounds long ones), codes that stand twice,
    medicines of another class or route than the list is for, and brands without their generic. What a
    published list is for stands in codelists/published. A dictionary that is loaded and in use answers most;
    without it name the bonus files of dm+d. What could not be judged is counted. Exits with 1 where anything
    is wrong.

    Examples:
      pestle codelists check lists --dmd nhsbsa_dmdbonus_2.2.0_20250217000001.zip
      pestle codelists check
    """
    known, purposes = _known(options.dmd)
    wrong = Counter[Rule]()
    refused = looked_at = 0
    for path, file in _files(options.paths):
        try:
            listed = code_list.read(path, file=file)
        except Refused as refusal:
            refused += 1
            for each in refusal.refusals:
                say(f"{file}\tnot-read\t\t{each.reason}\t")
            continue
        if listed is None:
            continue
        looked_at += 1
        report = linted(listed, purpose=purposes.get(path.name), known=known)
        for fault in report.faults:
            where = f"{file}:{fault.line}" if fault.line else file
            say(f"{where}\t{fault.rule.value}\t{fault.code}\t{fault.reason}\t{fault.source}")
        for why, number in report.not_judged.items():
            say(f"{file}\tnot judged\t{number} lines\t{why}\t")
        wrong.update(each.rule for each in report.faults)
    said = ", ".join(f"{rule.value} {wrong[rule]}" for rule in Rule if wrong[rule]) or "nothing wrong"
    say(f"{looked_at} lists, {refused} not read: {said}")
    return 1 if wrong or refused else 0


def _known(dmd: list[Path]) -> tuple[Known, dict[str, code_list.Purpose]]:
    files = d.load_folders(*map(definitions.folder, FOLDERS), *settings().definitions, kinds=KINDS)
    # A starter list of a few products says nothing of the others.
    whole = any(path.suffix == SUFFIX for path in settings().dictionary)
    families = d.word_lists(files.only("route_words"), "of_product")
    known = Known(
        bonus=dmd_bonus.read(*dmd) if dmd else None,
        dictionary=read_dictionary(*settings().dictionary) if whole else None,
        route_names=code_list.route_names(files),
        families={route: family for family, routes in families.items() for route in routes},
    )
    return known, dict(code_list.purposes(files))


def _files(paths: list[Path]) -> Iterator[tuple[Path, str]]:
    """Each file, and what it is called in what is said."""
    for path in paths or [definitions.ROOT, *settings().definitions]:
        if path.is_file():
            yield path, path.name
        elif path.is_dir():
            for inner in sorted(path.rglob("*")):
                if inner.suffix in (".csv", ".yaml") and (paths or inner.suffix == ".yaml"):
                    yield inner, inner.relative_to(path).as_posix()
        else:
            raise refuse("setting.option", f"{path} is neither a file nor a folder", place="FILE|FOLDER")
