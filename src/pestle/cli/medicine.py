"""The commands that ask the medicines dictionary: search, one product, what is the same, a barcode."""

from __future__ import annotations

import argparse
from collections.abc import Iterable

from pestle import definitions
from pestle.cli.begin import say, settings
from pestle.pharmacy.documents.medicine import exchange_words, facts, pack_facts, replaced_words
from pestle.pharmacy.medicines import barcode as barcodes
from pestle.pharmacy.medicines.concept import Product
from pestle.pharmacy.medicines.dictionary import Dictionary
from pestle.pharmacy.medicines.dictionary import read as read_dictionary
from pestle.pharmacy.medicines.equivalence import alternatives, read_bars
from pestle.pharmacy.medicines.lookalike import read_tall_man
from pestle.pharmacy.medicines.search import Index
from pestle.pharmacy.quantity import plain as number
from pestle.pharmacy.refusal import Refused, refuse

NOT_FOUND = 1
UNKNOWN = "unknown: no source says"


def search(options: argparse.Namespace) -> int:
    """Search the medicines dictionary.

    Prints one product a line: code, name, packs, and what to beware of: names it could be taken for, and
    whether it is discontinued. Small typing errors are forgiven. Exit code 1 when nothing fits.

    Examples:
      pestle medicine search amoxicilin 500
      pestle medicine search "sodium valproate" --most 3
    """
    known = _dictionary()
    index = Index(known, tall_man=read_tall_man(definitions.folder("lookalike")))
    hits = index.search(" ".join(options.words), limit=options.most)
    for hit in hits:
        packs = ", ".join(f"{number(pack.quantity)} {pack.unit}" for pack in known.packs(hit.product.id))
        other = f"not the same as {', '.join(hit.look_alike)}" if hit.look_alike else ""
        ended = "discontinued" if hit.product.discontinued else ""
        _line(hit.product.id, hit.product.name, packs, other, ended)
    return 0 if hits else NOT_FOUND


def show(options: argparse.Namespace) -> int:
    """Show what the dictionary says of one product.

    CODE is its code, which may be an old one, or a US National Drug Code. Prints one fact a line; what no
    source says is unknown. Then one pack a line: code, size, GTINs, price, discontinued, splitting.

    Examples:
      pestle medicine show 42294811000001108
      pestle medicine show 0071-0156-23
    """
    known = _dictionary()
    product = _product(known, options.code)
    _line("Name", product.name)
    for fact in facts(product, known):
        _line(fact.label, fact.words or UNKNOWN)
    _line("Release", f"{known.release.title} ({known.release.id}), dated {known.release.dated}")
    for of in (product, *known.brands(product.id)):
        for pack in known.packs(of.id):
            said = pack_facts(pack)
            told = {"GTIN": said.codes, "price": said.price, "discontinued": said.discontinued,
                    "splitting": said.splitting}  # fmt: skip
            _line("Pack", pack.id, pack.name, said.size,
                  *(f"{label}: {words or UNKNOWN}" for label, words in told.items()), *said.more)  # fmt: skip
    return 0


def equivalents(options: argparse.Namespace) -> int:
    """List what is the same product by another brand, and the same moiety in another form.

    CODE is as for "pestle medicine show". Prints one product a line: code, name, in what it is equivalent,
    and what bars the exchange unless a person says so. Exit code 1 when there is none.

    Examples:
      pestle medicine equivalents 42381611000001104
    """
    known = _dictionary()
    product = _product(known, options.code)
    found = alternatives(product, dictionary=known, bars=read_bars(definitions.folder("equivalence")))
    for one in found:
        barred = [f"a person must say so: {bar.title} ({bar.status})" for bar in one.bars]
        _line(one.product.id, one.product.name, one.kind.value, "; ".join(barred))
    if found:
        say(exchange_words(product, known))
    return 0 if found else NOT_FOUND


def barcode(options: argparse.Namespace) -> int:
    r"""Read what the barcode of a pack says, and which pack it is.

    SCAN is as the scanner sends it; a separator may be written \x1d. A wrong check digit, or a code with two
    readings, is refused and nothing is guessed. Exit code 1 when it is refused, or no pack has the code.

    Examples:
      pestle medicine barcode 09521000000773
      pestle medicine barcode ']d201095210000007731729033110A1\x1d21XYZ'
    """
    scan = barcodes.read(options.scan.replace("\\x1d", barcodes.GS))
    if isinstance(scan, barcodes.LabelScan):
        _line("Our own label", scan.id)
        return 0
    for label, words in (("GTIN", scan.gtin), ("Batch", scan.batch), ("Expiry", scan.expiry),
                         ("Serial", scan.serial)):  # fmt: skip
        if words:
            _line(label, str(words))
    known = _dictionary()
    pack = known.pack_by_gtin(scan.gtin)
    if pack is None:
        _line("Pack", f"none of {known.release.id} has this code")
        return NOT_FOUND
    _line("Pack", pack.id, pack.name)
    product = known.product(pack.product_id)
    if product is not None:
        _line("Product", product.id, product.name)
    return 0


def _dictionary() -> Dictionary:
    return read_dictionary(*settings().dictionary)


def _product(known: Dictionary, code: str) -> Product:
    """The product of a code in use, an old code or a drug code."""
    chain = known.replaced(code)
    product = known.product(chain[-1])
    if product is None:
        try:
            product = known.product_by_ndc(code)
        except Refused:
            product = None
    if product is None:
        raise refuse("dictionary.unknown-product", f"{known.release.id} has no product {chain[-1]}",
                     place="CODE", way_out="Find it: pestle medicine search.")  # fmt: skip
    if len(chain) > 1:
        say(replaced_words(chain))
    return product


def _line(*parts: str | None) -> None:
    """One line, its parts with tabs between them; what is empty is left out."""
    told: Iterable[str] = (part for part in parts if part)
    say("\t".join(told))
