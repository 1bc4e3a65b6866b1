"""How often the name meant stands first, over real moieties and every kind of error, seeded."""

from __future__ import annotations

import random
from pathlib import Path

from tests.scale.search import (
    KINDS,
    SEED,
    first_is_name,
    moieties,
    moiety_dictionary,
    part_products,
    part_words,
    questions,
    score,
)

from pestle.definitions import folder
from pestle.pharmacy.medicines.dictionary import read
from pestle.pharmacy.medicines.equivalence import read_bars
from pestle.pharmacy.medicines.lookalike import LookAlikes
from pestle.pharmacy.medicines.search import Index


def test_one_wrong_letter_and_part_words_of_moieties(samples: Path) -> None:
    names = moieties(samples)
    index = Index(moiety_dictionary(names))
    draw = random.Random(SEED)
    asked = questions(draw.sample(names, 400))
    for kind in KINDS:
        assert score(index, asked[f"one letter {kind}"], first_is_name, []) >= 99, kind
    parts = {
        "begun": (list(part_words(names, draw, most=99, wrong=False)), 99),
        "begun with an error": (list(part_words(names, draw, most=99, wrong=True)), 85),
    }
    for kind, (all_, least) in parts.items():
        decidable = [question for question in all_ if question.decidable]
        assert score(index, decidable[:600], first_is_name, []) >= least, kind
    # "Part of every word" needs no allowance for what nobody can decide.
    assert score(index, asked["part of every word"], first_is_name, []) >= 85


def test_one_wrong_letter_and_part_words_of_products() -> None:
    starter = read(folder("formulary"))
    names = [product.name for product in starter.products()]
    index = Index(starter)
    asked = questions(names, products=True)
    for kind in KINDS:
        assert score(index, asked[f"one letter {kind}"], first_is_name, []) >= 99, kind
    assert score(index, list(part_products(names, random.Random(SEED))), first_is_name, []) >= 85


def test_how_many_real_names_look_like_another(samples: Path) -> None:
    single = [name for name in moieties(samples) if name.isalpha()]
    found = LookAlikes(single)
    assert (len(single), sum(bool(found.of(name)) for name in single)) == (1477, 203)


def test_every_moiety_of_a_bar_is_a_real_one(samples: Path) -> None:
    names = {name.casefold() for name in moieties(samples)}
    assert [name for bar in read_bars(folder("equivalence")) for name in bar.names - names] == []
