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
from pestle.pharmacy.medicines.concept import Level, Pack, Product, Release
from pestle.pharmacy.medicines.controlled import ControlledList, controlled_list, with_category
from pestle.pharmacy.medicines.formulary import formulary, listed, load
from pestle.pharmacy.medicines.formulary import packs as packs_of
from pestle.pharmacy.refusal import Refusal, Refused, refuse


class Dictionary:
    """One dated release, held in memory and never changed.

    Raises `Refused` when it is made: ``formulary.unknown-product`` (a VMP or a pack's product that is not in
    the release), ``formulary.id-twice``, ``formulary.gtin-twice``.
    """

    __slots__ = ("_brands", "_gtins", "_packs", "_packs_of", "_products", "_superseded", "release")

    def __init__(
        self,
        *,
        release: Release,
        products: Iterable[Product],
        packs: Iterable[Pack] = (),
        superseded: Mapping[str, str] | None = None,
    ) -> None:
        self.release = release
        self._superseded = dict(superseded or {})
        self._products = {product.id: product for product in products}
        self._brands: dict[str, list[Product]] = defaultdict(list)
        self._packs: dict[str, Pack] = {}
        self._packs_of: dict[str, list[Pack]] = defaultdict(list)
        self._gtins: dict[str, Pack] = {}
        faults = [fault for product in self._products.values() for fault in self._index(product)]
        faults += [fault for pack in packs for fault in self._index_pack(pack)]
        if faults:
            raise Refused(*faults)

    def product(self, id: str) -> Product | None:
        """The product of exactly that id, None when there is none. Of an old id, ask `current` first."""
        return self._products.get(id)

    def products(self) -> Iterator[Product]:
        """Every product, in the order of the release."""
        return iter(self._products.values())

    def current(self, id: str) -> str:
        """The id in use today for an id of any age; the id itself when nothing replaced it.

        Replacements are followed any number of steps. In a circle of replacements, which no release should
        have, nothing is current, and the id comes back as it was.
        """
        seen = {id}
        at = id
        while (following := self._superseded.get(at)) is not None:
            if following in seen:
                return id
            seen.add(following)
            at = following
        return at

    def generic(self, product: Product) -> Product | None:
        """The VMP: of an AMP the one it is a brand of, None when unknown; a VMP is its own."""
        if product.level is Level.VMP:
            return product
        return self._products.get(product.generic_id) if product.generic_id else None

    def brands(self, product_id: str) -> tuple[Product, ...]:
        """The AMPs of that VMP."""
        return tuple(self._brands.get(product_id, ()))

    def pack(self, id: str) -> Pack | None:
        """The pack of that id."""
        return self._packs.get(id)

    def packs(self, product_id: str) -> tuple[Pack, ...]:
        """The packs of exactly that product, the smallest first."""
        return tuple(sorted(self._packs_of.get(product_id, ()), key=lambda pack: (pack.quantity, pack.id)))

    def pack_by_gtin(self, gtin: str) -> Pack | None:
        """The pack that carries a GTIN of 8, 12, 13 or 14 digits; None when the release has none.

        Raises `Refused`: ``barcode.not-a-gtin``, ``barcode.check-digit``.
        """
        return self._gtins.get(gtin14(gtin))

    def _index(self, product: Product) -> Iterator[Refusal]:
        if product.generic_id is None:
            return
        generic = self._products.get(product.generic_id)
        if generic is None or generic.level is not Level.VMP:
            yield Refusal(
                "formulary.unknown-product", f"{product.generic_id} is no VMP here", place=product.id
            )
        self._brands[product.generic_id].append(product)

    def _index_pack(self, pack: Pack) -> Iterator[Refusal]:
        if pack.product_id not in self._products:
            yield Refusal(
                "formulary.unknown-product", f"There is no product {pack.product_id}", place=pack.id
            )
        if pack.id in self._packs:
            yield Refusal("formulary.id-twice", f"The pack {pack.id} stands here twice", place=pack.id)
        self._packs[pack.id] = pack
        self._packs_of[pack.product_id].append(pack)
        for gtin in pack.gtins:
            other = self._gtins.setdefault(gtin14(gtin, place=pack.id), pack)
            if other is not pack:
                yield Refusal("formulary.gtin-twice", f"{gtin} is also on pack {other.id}", place=pack.id)


def read(*paths: Path) -> Dictionary:
    """The release in these definition files, merged; a folder stands for all its YAML files.

    The release is that of the first formulary. Raises `Refused` with every fault found in the file at fault,
    as `load`, `formulary`, `packs_of`, `controlled_list` and `Dictionary` name them, and
    ``definition.no-formulary``.
    """
    heads = [(path, load(path)) for path in _files(paths)]
    formularies = [formulary(path, head) for path, head in _of_kind(heads, "formulary")]
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
    whole = frozenset(
        str(name).casefold()
        for path, head in _of_kind(heads, "whole-packs")
        for name in listed(head, "ingredients", place=path.name)
    )
    packs = [pack for path, head in _of_kind(heads, "packs") for pack in packs_of(path, head, products)]
    return Dictionary(
        release=formularies[0].release,
        products=products.values(),
        packs=[
            replace(pack, split=False) if _whole(products[pack.product_id], whole) else pack for pack in packs
        ],
        superseded=superseded,
    )


_KINDS = frozenset({"formulary", "packs", "controlled", "whole-packs"})


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
        if head["kind"] not in _KINDS:
            raise refuse("definition.wrong-field", f"“{head['kind']}” is no kind of definition here",
                         place=f"{path.name}, kind")  # fmt: skip
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


def _whole(product: Product, whole: frozenset[str]) -> bool:
    return any(name in whole for name in product.ingredient_names or ())
