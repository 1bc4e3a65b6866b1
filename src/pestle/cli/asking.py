"""The commands that answer a question from what Pestle knows, without a database."""

from __future__ import annotations

import argparse

from pestle import __version__
from pestle.cli.begin import say, settings
from pestle.pharmacy.medicines.dictionary import read as read_dictionary
from pestle.pharmacy.medicines.search import Index
from pestle.pharmacy.quantity import plain as number

NOT_FOUND = 1


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
