"""What does this release of the medicines dictionary say?

A release is immutable and dated, and every decision names the one it used. Questions are asked one product or
pack at a time, so that a release may as well be held in a file of half a million packs as in memory.

    release = read(folder_of_the_formulary, file_of_packs)
    product = release.product(release.current(code_on_the_prescription))
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from pestle.pharmacy.medicines.barcode import gtin14
from pestle.pharmacy.medicines.concept import Entry, Level, Moiety, Pack, Product, Release
from pestle.pharmacy.medicines.controlled import ControlledList, controlled_list, with_category
from pestle.pharmacy.medicines.formulary import formulary, listed, load
from pestle.pharmacy.medicines.formulary import packs as packs_of
from pestle.pharmacy.medicines.ndc import ndc
from pestle.pharmacy.medicines.release import SUFFIX, Tables, opened
from pestle.pharmacy.refusal import Refusal, Refused, refuse


class Dictionary:
    """One dated release that never changes: made from values held in memory, or over `tables` of a file.

    Raises `Refused` when it is made from values: ``formulary.unknown-product`` (a VMP or a pack's product
    that is not in the release), ``formulary.id-twice``, ``formulary.gtin-twice``.
    """

    __slots__ = ("_tables", "release")

    def __init__(
        self,
        *,
        release: Release,
        products: Iterable[Product] = (),
        packs: Iterable[Pack] = (),
        superseded: Mapping[str, str] | None = None,
        moieties: Iterable[Moiety] = (),
        tables: Tables | None = None,
    ) -> None:
        self.release = release
        self._tables = tables or _in_memory(products, packs, superseded or {}, moieties)

    def product(self, id: str) -> Product | None:
        """The product of exactly that id, None when there is none. Of an old id, ask `current` first."""
        return self._tables.products.get(id)

    def products(self) -> Iterator[Product]:
        """Every valid product, in the order of the release."""
        return (product for product in self._tables.products.values() if product.valid)

    def entries(self) -> Iterator[Entry]:
        """Every valid product in the order of the release, no more of each than a list needs."""
        return self._tables.entries()

    def moiety(self, id: str) -> Moiety | None:
        """The VTM of that id."""
        return self._tables.moieties.get(id)

    def current(self, id: str) -> str:
        """The id in use today for an id of any age; the id itself when nothing replaced it.

        Replacements are followed any number of steps. In a circle of replacements, which no release should
        have, nothing is current, and the id comes back as it was.
        """
        return self.replaced(id)[-1]

    def replaced(self, id: str) -> tuple[str, ...]:
        """The id, what replaced it, what replaced that, and so on to the one in use today."""
        chain = {id: None}  # in order
        at = id
        while (following := self._tables.superseded.get(at)) is not None:
            if following in chain:
                return (id,)
            chain[following] = None
            at = following
        return tuple(chain)

    def generic(self, product: Product) -> Product | None:
        """The VMP: of an AMP the one it is a brand of, None when unknown; a VMP is its own."""
        if product.level is Level.VMP:
            return product
        return self._tables.products.get(product.generic_id) if product.generic_id else None

    def brands(self, product_id: str) -> tuple[Product, ...]:
        """The valid AMPs of that VMP."""
        return tuple(product for product in self._tables.brands.get(product_id, ()) if product.valid)

    def generics(self, product: Product) -> tuple[Product, ...]:
        """The valid VMPs of the product's moiety; none when the moiety is unknown."""
        key = product.moiety_key
        found = self._tables.generics.get(key, ()) if key else ()
        return tuple(each for each in found if each.valid)

    def pack(self, id: str) -> Pack | None:
        """The pack of that id."""
        return self._tables.packs.get(id)

    def packs(self, product_id: str) -> tuple[Pack, ...]:
        """The valid packs of exactly that product, the smallest first."""
        found = (pack for pack in self._tables.packs_of.get(product_id, ()) if pack.valid)
        return tuple(sorted(found, key=lambda pack: (pack.quantity, pack.id)))

    def pack_by_gtin(self, gtin: str) -> Pack | None:
        """The pack that carries a GTIN of 8, 12, 13 or 14 digits; None when the release has none.

        None also where the release has it on two packs at once: nothing is guessed.

        Raises `Refused`: ``barcode.not-a-gtin``, ``barcode.check-digit``.
        """
        return self._tables.gtins.get(gtin14(gtin))

    def product_by_ndc(self, code: str) -> Product | None:
        """The product of a US National Drug Code: with hyphens, or in eleven or twelve digits.

        Raises `Refused`: ``ndc.not-a-code``, ``ndc.segments``, ``ndc.ambiguous``.
        """
        twelve = ndc(code).twelve
        found = self._tables.codes.get(twelve)
        if found is None and (pack := self._tables.packs.get(twelve)) is not None:
            found = pack.product_id
        return self._tables.products.get(found) if found is not None else None

    def ndcs(self, product_id: str) -> tuple[str, ...]:
        """The National Drug Codes of exactly that product, in twelve digits."""
        return self._tables.codes_of.get(product_id, ())


def _in_memory(
    products: Iterable[Product],
    packs: Iterable[Pack],
    superseded: Mapping[str, str],
    moieties: Iterable[Moiety],
) -> Tables:
    faults: list[Refusal] = []
    by_id = {product.id: product for product in products}
    brands: dict[str, list[Product]] = defaultdict(list)
    generics: dict[str, list[Product]] = defaultdict(list)
    packs_by_id: dict[str, Pack] = {}
    packs_of: dict[str, list[Pack]] = defaultdict(list)
    gtins: dict[str, Pack] = {}
    for product in by_id.values():
        if product.level is Level.VMP and product.moiety_key:
            generics[product.moiety_key].append(product)
        if product.generic_id is None:
            continue
        generic = by_id.get(product.generic_id)
        if generic is None or generic.level is not Level.VMP:
            faults.append(_no_product(f"{product.generic_id} is no VMP here", product.id))
        brands[product.generic_id].append(product)
    for pack in packs:
        if pack.product_id not in by_id:
            faults.append(_no_product(f"There is no product {pack.product_id}", pack.id))
        if pack.id in packs_by_id:
            faults.append(
                Refusal("formulary.id-twice", f"The pack {pack.id} stands here twice", place=pack.id)
            )
        packs_by_id[pack.id] = pack
        packs_of[pack.product_id].append(pack)
        for gtin in pack.gtins:
            other = gtins.setdefault(gtin14(gtin, place=pack.id), pack)
            if other is not pack:
                faults.append(
                    Refusal("formulary.gtin-twice", f"{gtin} is also on pack {other.id}", place=pack.id)
                )
    if faults:
        raise Refused(*faults)
    return Tables(
        products=by_id,
        brands=brands,
        generics=generics,
        packs=packs_by_id,
        packs_of=packs_of,
        gtins=gtins,
        superseded=dict(superseded),
        moieties={moiety.id: moiety for moiety in moieties},
        entries=lambda: (product.entry for product in by_id.values() if product.valid),
    )


def _no_product(reason: str, place: str) -> Refusal:
    return Refusal("formulary.unknown-product", reason, place=place)


def read(*paths: Path) -> Dictionary:
    """The release in these definition files, merged; a folder stands for all its YAML files.

    The release is that of the first formulary. One of them may be a dictionary file of `release`: then
    products and packs are that file's alone, and of the definitions only `whole-packs` holds beside it.

    Raises `Refused` with every fault found in the file at fault, as `load`, `formulary`, `packs_of`,
    `controlled_list`, `Dictionary` and `release.opened` name them; ``definition.no-formulary``,
    ``dictionary.two-at-once``.
    """
    files = list(_files(paths))
    loaded = [path for path in files if path.suffix == SUFFIX]
    heads = [(path, load(path)) for path in files if path.suffix != SUFFIX]
    formularies = [formulary(path, head) for path, head in _of_kind(heads, "formulary")]
    whole = frozenset(
        str(name).casefold()
        for path, head in _of_kind(heads, "whole-packs")
        for name in listed(head, "ingredients", place=path.name)
    )
    if loaded:
        if len(loaded) + len(formularies) > 1:
            raise refuse("dictionary.two-at-once", "Only one dictionary can be in use",
                         place=", ".join(path.name for path in paths),
                         way_out="Name one dictionary file, and no formulary beside it.")  # fmt: skip
        release, tables = opened(
            loaded[0], kept_whole=lambda pack, product: _kept_whole(pack, product, whole)
        )
        return Dictionary(release=release, tables=tables)
    if not formularies:
        raise refuse("definition.no-formulary", "None of the files is a formulary",
                     place=", ".join(path.name for path in paths))  # fmt: skip
    products: dict[str, Product] = {}
    superseded: dict[str, str] = {}
    for each in formularies:
        for product in each.products:
            if product.id in products:
                raise refuse(
                    "formulary.id-twice", f"{product.id} is in two formularies", place=each.release.id
                )
            products[product.id] = product
        superseded |= each.superseded
    lists = [controlled_list(path, head) for path, head in _of_kind(heads, "controlled")]
    products = {id_: _completed(product, products, lists) for id_, product in products.items()}
    packs = [pack for path, head in _of_kind(heads, "packs") for pack in packs_of(path, head, products)]
    return Dictionary(
        release=formularies[0].release,
        products=products.values(),
        packs=[_kept_whole(pack, products[pack.product_id], whole) for pack in packs],
        superseded=superseded,
    )


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(path.glob("*.yaml"))
        else:
            yield path


def _of_kind(
    heads: Iterable[tuple[Path, Mapping[str, Any]]], kind: str
) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    for path, head in heads:
        if head["kind"] == kind:
            yield path, head


def _completed(product: Product, products: Mapping[str, Product], lists: Iterable[ControlledList]) -> Product:
    """A brand with what is its VMP's, and then with its controlled-drug category."""
    generic = products.get(product.generic_id) if product.generic_id else None
    if generic is not None:
        blank = [each.name for each in fields(product) if getattr(product, each.name) is None]
        product = replace(product, **{name: getattr(generic, name) for name in blank if name not in _OWN})
        if product.controlled is generic.controlled and not product.controlled_source:
            product = replace(product, controlled_source=generic.controlled_source)
    for each in lists:
        product = with_category(product, each)
    return product


# What a brand never takes from its VMP.
_OWN = frozenset({"generic_id", "maker", "discontinued", "bnf_code"})


def _kept_whole(pack: Pack, product: Product, whole: frozenset[str]) -> Pack:
    # The moiety counts as well: a release may name it and leave the ingredients out.
    substances = {*(product.ingredient_names or ()), (product.moiety or "").casefold()}
    named = not whole.isdisjoint(substances)
    return replace(pack, split=False) if named else pack
