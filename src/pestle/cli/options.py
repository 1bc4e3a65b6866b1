"""Which commands and options are there? Every command's help is its function's docstring."""

from __future__ import annotations

import argparse
import inspect
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TypeAlias

from pestle import __version__
from pestle.cli import (
    calculate,
    check,
    codelists,
    definitions,
    dictionary,
    dosage,
    keeping,
    medicine,
    population,
    practice,
    prescribing,
    records,
    serving,
)
from pestle.cli.begin import say
from pestle.pharmacy.people import Role
from pestle.wire.knowledge.formats import FORMATS

_Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command."""
    whole = argparse.ArgumentParser(
        prog="pestle",
        description="Pestle, the pharmacy technician's bench.",
        epilog="pestle COMMAND --help says what each one does, with examples. Begin with: pestle demo\n"
        "Settings come from the environment: pestle settings lists them.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = whole.add_subparsers(required=True, metavar="COMMAND")
    one = _command(commands, "demo", serving.demo)
    one.add_argument("--port", type=_port, default=8000, help="port on this computer (default: 8000)")
    one.add_argument("--fresh", action="store_true", help="throw the demo's data away and begin again")
    one.add_argument("--no-serve", action="store_true", help="make the data and stop")
    one.add_argument("--folder", type=Path, default=Path("var/demo"), help="its data (default: ./var/demo)")
    one = _command(commands, "serve", serving.serve)
    one.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    one.add_argument("--port", type=_port, default=8000, help="port to listen on (default: 8000)")
    one.add_argument("--workers", type=_count, default=1, help="processes (default: 1)")
    one = _command(commands, "worker", serving.worker)
    one.add_argument("--until-empty", action="store_true", help="run what waits, and stop")
    _command(commands, "migrate", serving.migrate)
    _command(commands, "settings", serving.settings)
    one = _command(commands, "receive", records.receive)
    one.add_argument("paths", nargs="+", type=Path, metavar="FILE|FOLDER")
    one.add_argument("--site", required=True, metavar="CODE", help="the site they are for")
    one.add_argument("--as", dest="by", metavar="USERNAME", help="who takes them in (default: the program)")
    one = _command(_group(commands, "site", "open a site"), "add", records.site_add)
    one.add_argument("--code", required=True, help="its ODS code")
    one.add_argument("--name", required=True)
    one.add_argument("--address", action="append", default=[], metavar="LINE", help="again for each line")
    one.add_argument("--telephone", default="")
    one.add_argument("--self-check", type=_count, metavar="MINUTES", help="pause of the procedure, if any")
    one = _command(_group(commands, "person", "add a person to a site"), "add", records.person_add)
    one.add_argument("username")
    one.add_argument("--name", required=True)
    one.add_argument("--role", action="append", required=True, choices=_roles())
    one.add_argument("--registration", default="", metavar="NUMBER", help="GPhC registration number")
    one.add_argument("--site", required=True, metavar="CODE")
    one = _command(_group(commands, "token", "make a key for a program"), "add", records.token_add)
    one.add_argument("--site", required=True, metavar="CODE")
    one.add_argument("--as", dest="by", required=True, metavar="USERNAME", help="a manager or pharmacist")
    one.add_argument("--name", required=True, help="the program it is for")
    one.add_argument("--days", type=_count, default=365, help="how long it lasts (default: 365)")
    one = _command(commands, "verify", records.verify)
    one.add_argument("--site", metavar="CODE", help="only this one (default: every site)")
    one = _command(commands, "backup", keeping.backup)
    one.add_argument("file", type=Path, metavar="FILE")
    one = _command(commands, "restore", keeping.restore)
    one.add_argument("file", type=Path, metavar="FILE")
    group = _group(commands, "ledger", "prove the ledger")
    one = _command(group, "verify", records.verify)
    one.add_argument("--site", metavar="CODE", help="only this one (default: every site)")
    group = _group(commands, "practice", "work out the lists of GP practices anew, or prove them")
    for name, run in (("refresh", practice.refresh), ("verify", practice.verify)):
        one = _command(group, name, run)
        one.add_argument("--site", metavar="CODE", help="only this one (default: every practice)")
    dosage.add_options(_command(commands, "dosage", dosage.dosage))
    calculate.add_options(_command(commands, "calculate", calculate.calculate))
    group = _group(commands, "population", "make an invented population, or look whether a folder is one")
    one = _command(group, "make", population.make)
    one.add_argument("folder", type=Path, metavar="FOLDER")
    one.add_argument("--patients", type=_people, default=10_000, help="how many (default: 10000)")
    one.add_argument("--seed", type=_count, default=1, help="other people for another number (default: 1)")
    one.add_argument("--on", type=_day, metavar="YYYY-MM-DD", help="up to that day (default: today)")
    one = _command(group, "check", population.check)
    one.add_argument("folder", type=Path, metavar="FOLDER")
    group = _group(commands, "audit", "ask a population measures")
    one = _command(group, "prescribing", prescribing.audit)
    one.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a folder, or files of the dataset")
    one.add_argument("--out", type=Path, required=True, metavar="FILE", help="the CSV to write")
    one = _command(group, "run", population.audit)
    one.add_argument("folder", type=Path, metavar="FOLDER")
    one.add_argument(
        "--measure", dest="measures", action="append", default=[], metavar="NAME",
        help="its name, or the beginning of several; again for each (default: all)",
    )  # fmt: skip
    one.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="where to write the answers")
    one.add_argument("--on", type=_day, metavar="YYYY-MM-DD", help="as of that day (default: today)")
    one.add_argument("--for-outside", action="store_true", help="only what may leave the site")
    one.add_argument("--site", metavar="CODE", help="keep the answers on the pages of this site too")
    one.add_argument("--as", dest="by", metavar="USERNAME", help="who keeps them (default: the program)")
    group = _group(commands, "codelists", "look for faults in lists of codes")
    one = _command(group, "check", codelists.check)
    one.add_argument("paths", nargs="*", type=Path, metavar="FILE|FOLDER", help="default: the program's own")
    one.add_argument(
        "--dmd", action="append", default=[], type=Path, metavar="PATH",
        help="the bonus files of dm+d: their zip, folder or files; again for each",
    )  # fmt: skip
    one = _command(commands, "check", check.check)
    one.add_argument("file", type=Path, metavar="FILE", help="a FHIR R4 Bundle of one patient")
    one.add_argument("--proposed", action="append", default=[], metavar="ID", help="an order; again for each")
    one.add_argument("--on", type=_day, metavar="YYYY-MM-DD", help="as of that day (default: today)")
    one.add_argument("--country", choices=("uk", "us"), default="uk", help="whose rules (default: uk)")
    group = _group(commands, "medicine", "ask the medicines dictionary")
    one = _command(group, "search", medicine.search)
    one.add_argument("words", nargs="+", metavar="WORD")
    one.add_argument("--most", type=_count, default=12, help="how many to show (default: 12)")
    _command(group, "show", medicine.show).add_argument("code", metavar="CODE")
    _command(group, "equivalents", medicine.equivalents).add_argument("code", metavar="CODE")
    _command(group, "barcode", medicine.barcode).add_argument("scan", metavar="SCAN")
    group = _group(commands, "dictionary", "load and choose a release of the medicines dictionary")
    one = _command(group, "load", dictionary.load)
    one.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    one.add_argument("--dated", type=_day, metavar="YYYY-MM-DD", help="its day, where no file name says it")
    one.add_argument("--use", action="store_true", help="use it from the next start on")
    _command(group, "list", dictionary.list_)
    one = _command(group, "use", dictionary.use)
    one.add_argument("release", metavar="RELEASE")
    group = _group(commands, "definitions", "list, check and take in clinical definitions")
    one = _command(group, "list", definitions.list_)
    one.add_argument("folder", nargs="?", type=Path, metavar="FOLDER")
    one.add_argument("--unverified", action="store_true", help="only those that nobody has verified")
    one = _command(group, "overdue", definitions.overdue)
    one.add_argument("folder", nargs="?", type=Path, metavar="FOLDER")
    one.add_argument("--on", type=_day, metavar="YYYY-MM-DD", help="as of that day (default: today)")
    one = _command(group, "check", definitions.check)
    one.add_argument("folder", nargs="?", type=Path, metavar="FOLDER")
    one = _command(group, "import", definitions.import_)
    one.add_argument("format", choices=sorted(FORMATS), metavar="FORMAT", help=", ".join(sorted(FORMATS)))
    one.add_argument("file", type=Path, metavar="FILE")
    one.add_argument("--title", required=True, help="what it is called beside each finding")
    one.add_argument("--source", required=True, help="publisher and release")
    one.add_argument("--notice", required=True, help="on which terms it may be used")
    one.add_argument("--author", required=True, help="who answers for it here")
    one.add_argument(
        "--review", type=_day, required=True, metavar="YYYY-MM-DD", help="when it is looked at again"
    )
    one.add_argument("--on", type=_day, metavar="YYYY-MM-DD", help="its day (default: today)")
    _command(commands, "version", version)
    return whole


def version(options: argparse.Namespace) -> int:
    """Print the version."""
    say(__version__)
    return 0


def _group(commands: _Commands, name: str, says: str) -> _Commands:
    group = commands.add_parser(name, help=says, description=f"{says.capitalize()}.")
    return group.add_subparsers(required=True, metavar="COMMAND")


def _command(
    commands: _Commands, name: str, run: Callable[[argparse.Namespace], int]
) -> argparse.ArgumentParser:
    says = inspect.cleandoc(run.__doc__ or "")
    first = says.splitlines()[0].rstrip(".")
    made = commands.add_parser(
        name,
        help=first[0].lower() + first[1:],
        description=says,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.set_defaults(run=run)
    return made


def _roles() -> list[str]:

    return [role.value for role in Role if role is not Role.SYSTEM]


def _port(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"“{text}” is not a port from 1 to 65535")
    return int(text)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}” is not a day such as 2026-11-22") from None


def _count(text: str, most: int = 10_000) -> int:
    if not text.isdigit() or not 1 <= int(text) <= most:
        raise argparse.ArgumentTypeError(f"“{text}” is not a number from 1 to {most}")
    return int(text)


def _people(text: str) -> int:
    """As many as a country has."""
    return _count(text, most=100_000_000)
