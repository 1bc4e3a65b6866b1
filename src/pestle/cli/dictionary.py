"""The commands that load a release of the medicines dictionary, show those there are, and choose one."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from pestle.cli.begin import say, settings
from pestle.pharmacy.medicines import dmd, ndc_directory, rxnorm, rxnorm_files
from pestle.pharmacy.medicines.release import SUFFIX, release_of
from pestle.pharmacy.refusal import Refused, refuse
from pestle.web import environment

STARTER = "starter"
# What a release is known by, and what loads it; RxNorm comes first, as it takes the directory in.
_LOADERS = (
    (rxnorm_files.is_release, rxnorm.load),
    (ndc_directory.is_directory, ndc_directory.load),
)


def load(options: argparse.Namespace) -> int:
    """Load a release of the medicines dictionary from the publisher's own files.

    All PATHs together are one release. It is one of: the dm+d zip or its folder, and where there are any its
    bonus files (BNF, historic codes, VTM ingredients) and the workbook of BNF codes; RxNorm, full or Current
    Prescribable Content, with the US National Drug Code directory beside it where packs are wanted; or that
    directory alone (product.txt and package.txt, with --dated). It becomes a read-only file in PESTLE_HOME,
    beside those of other days. A release with one fault is refused whole, and what was in use stays in use.

    Examples:
      pestle dictionary load nhsbsa_dmd_4.0.1_20190401000001.zip --use
      pestle dictionary load RxNorm_full_prescribe_11022026.zip ndctext.zip
      pestle dictionary load ndctext.zip --dated 2026-11-22
    """
    into = environment.dictionaries(settings().home)
    load_release = next((load for is_of, load in _LOADERS if is_of(options.paths)), dmd.load)
    path = load_release(*options.paths, into=into, say=say, dated=options.dated)
    release = release_of(path)
    for note in release.notes:
        say(f"note: {note}")
    say(f"loaded {release.id}: {path}")
    if options.use:
        return _use(path)
    say(f"Not in use yet: pestle dictionary use {release.id}")
    return 0


def list_(options: argparse.Namespace) -> int:
    """List the dictionary releases that are loaded.

    One a line: whether it is in use, id, date, title, notes. The starter formulary comes with the program.
    PESTLE_DICTIONARY, where it is set, comes before all of them.

    Examples:
      pestle dictionary list
    """
    home = settings().home
    chosen = environment.dictionary_in_use(home)
    named = bool(os.environ.get("PESTLE_DICTIONARY"))
    say("\t".join([_mark(chosen is None and not named), STARTER, "", "Pestle starter formulary"]))
    for path in _loaded(home):
        used = _mark(path == chosen and not named)
        try:
            release = release_of(path)
        except Refused as refused:
            say("\t".join([used, path.stem, "", refused.refusals[0].reason]))
            continue
        say(
            "\t".join(
                filter(None, [used, release.id, release.dated, release.title, "; ".join(release.notes)])
            )
        )
    if named:
        say(f"PESTLE_DICTIONARY decides: {os.environ['PESTLE_DICTIONARY']}")
    return 0


def use(options: argparse.Namespace) -> int:
    """Choose the dictionary release that decides from the next start on.

    RELEASE is an id of "pestle dictionary list"; "starter" goes back to the starter formulary. A program
    that runs keeps its release until it is started again.

    Examples:
      pestle dictionary use dmd-2019-04-01
      pestle dictionary use starter
    """
    home = settings().home
    if options.release == STARTER:
        environment.use_dictionary(home, None)
        say("In use from the next start: the starter formulary")
        return 0
    loaded = {path.stem: path for path in _loaded(home)}
    if options.release not in loaded:
        raise refuse("dictionary.unknown", f"There is no release {options.release} here", place="RELEASE",
                     way_out=f"Loaded: {', '.join([STARTER, *loaded])}.")  # fmt: skip
    return _use(loaded[options.release])


def _use(path: Path) -> int:
    release = release_of(path)
    environment.use_dictionary(settings().home, path)
    say(f"In use from the next start: {release.id}")
    if os.environ.get("PESTLE_DICTIONARY"):
        say("PESTLE_DICTIONARY is set, and comes first: unset it.")
    return 0


def _loaded(home: Path) -> list[Path]:
    return sorted(environment.dictionaries(home).glob(f"*{SUFFIX}"))


def _mark(used: bool) -> str:
    return "in use" if used else "-"
