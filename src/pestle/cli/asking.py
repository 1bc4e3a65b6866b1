"""The commands that answer a question from what Pestle knows, without a database."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable

from pestle import __version__
from pestle.cli.begin import say, settings
from pestle.pharmacy.dosage.parse import read
from pestle.pharmacy.dosage.reading import reading_json
from pestle.pharmacy.dosage.supply import CannotTell, daily_amount, days_supply
from pestle.pharmacy.dosage.wording import label, plain
from pestle.pharmacy.medicines.dictionary import read as read_dictionary
from pestle.pharmacy.medicines.search import Index
from pestle.pharmacy.quantity import Quantity, Unit, decimal
from pestle.pharmacy.quantity import plain as number
from pestle.pharmacy.refusal import refuse

NOT_FOUND = 1


def dosage(options: argparse.Namespace) -> int:
    """Read instructions, one a line, and write what they say, one JSON a line.

    parse: what was understood, or by which rule it was not. wording: as a label and a screen say it.
    supply: the amount in a day, and how many days --quantity lasts. Lines come from the standard input or
    from FILE. Nothing is guessed: what has no single meaning says so.

    Examples:
      echo "1 tds for 7/7" | pestle dosage parse
      echo "Take two tablets four times a day" | pestle dosage supply --quantity "100 tablets"
    """
    source = options.file.open(encoding="utf-8") if options.file else sys.stdin
    with source:
        for line in source:
            said = KINDS[options.what](line.rstrip("\r\n"), options)
            say(json.dumps(said, ensure_ascii=False))
    return 0


def medicine(options: argparse.Namespace) -> int:
    """Search the medicines dictionary.

    Prints one product a line: code, name, packs. Small typing errors are forgiven. Exit code 1 when
    nothing fits.

    Examples:
      pestle medicine amoxicilin 500
      pestle medicine "sodium valproate"
    """
    dictionary = read_dictionary(*settings().dictionary)
    hits = Index(dictionary).search(" ".join(options.words), limit=options.most)
    for hit in hits:
        packs = ", ".join(f"{number(pack.quantity)} {pack.unit}" for pack in dictionary.packs(hit.product.id))
        say("\t".join(filter(None, [hit.product.id, hit.product.name, packs])))
    return 0 if hits else NOT_FOUND


def version(options: argparse.Namespace) -> int:
    """Print the version."""
    say(__version__)
    return 0


def _parse(line: str, _: argparse.Namespace) -> dict[str, object]:
    return reading_json(read(line))


def _wording(line: str, _: argparse.Namespace) -> dict[str, object]:
    reading = read(line)
    if reading.dosage is None:
        return {"text": line, "label": line, "plain": line, "verbatim": True}
    worded, said = label(reading.dosage), plain(reading.dosage)
    verbatim = worded.verbatim or said.verbatim
    return {"text": line, "label": worded.text, "plain": said.text, "verbatim": verbatim}


def _supply(line: str, options: argparse.Namespace) -> dict[str, object]:
    reading = read(line)
    quantity = reading.quantity or (_quantity(options.quantity) if options.quantity else None)
    if reading.dosage is None:
        assert reading.refusal is not None
        unknown = {"rule": reading.refusal.rule, "reason": reading.refusal.reason}
        return {"text": line, "daily": None, "days": None, "cannot_tell": unknown}
    daily = daily_amount(reading.dosage)
    days = days_supply(reading.dosage, quantity) if quantity else None
    why = next((each for each in (daily, days) if isinstance(each, CannotTell)), None)
    return {
        "text": line,
        "quantity": str(quantity) if quantity else None,
        "daily": None if isinstance(daily, CannotTell) else daily.text,
        "days": None if days is None or isinstance(days, CannotTell) else days.text,
        "cannot_tell": {"rule": why.rule, "reason": why.reason} if why else None,
    }


KINDS: dict[str, Callable[[str, argparse.Namespace], dict[str, object]]] = {
    "parse": _parse,
    "wording": _wording,
    "supply": _supply,
}


def _quantity(text: str) -> Quantity:
    number, _, unit = text.strip().partition(" ")
    if not unit.strip():
        raise refuse("quantity.no-unit", f"“{text}” has no unit", place="--quantity",
                     way_out="Write it as “28 tablets”.")  # fmt: skip
    return Quantity(decimal(number, place="--quantity"), Unit(unit.strip()))
