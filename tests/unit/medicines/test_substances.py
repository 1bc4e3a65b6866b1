"""Which substances does a name mean?"""

from __future__ import annotations

import pytest
from tests.spec.checks.bench import KNOWLEDGE, PRODUCTS

SUBSTANCES = KNOWLEDGE.substances


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Amoxicillin trihydrate", {"amoxicillin"}),
        ("Morphine sulfate", {"morphine"}),
        ("Sodium valproate", {"valproic acid"}),
        ("Potassium clavulanate", {"clavulanic acid"}),
        ("Cefuroxime axetil", {"cefuroxime"}),
        ("Ceftaroline fosamil", {"ceftaroline"}),
        ("Sodium chloride", {"sodium chloride"}),
        ("Potassium chloride", {"potassium chloride"}),
        ("Magnesium hydroxide", {"magnesium hydroxide"}),
        ("Co-amoxiclav", {"amoxicillin", "clavulanic acid"}),
        ("Sacubitril + Valsartan", {"sacubitril", "valsartan"}),
        ("Penicillin V", {"phenoxymethylpenicillin"}),
        ("", set()),
    ],
)
def test_the_substances_of_a_name(name: str, expected: set[str]) -> None:
    assert SUBSTANCES.of(name) == expected


def test_a_product_of_which_nothing_is_known_has_no_answer() -> None:
    assert SUBSTANCES.in_products([PRODUCTS["Unlisted elixir"]]) is None
    assert SUBSTANCES.in_products([]) is None


@pytest.mark.parametrize(
    ("text", "phrases", "left"),
    [
        ("Allergy to penicillin", {"penicillin"}, ""),
        ("penicillin V", {"penicillin v"}, ""),
        ("amoxicillin trihydrate", {"amoxicillin trihydrate"}, ""),
        ("codeine / morphine", {"codeine", "morphine"}, ""),
        ("penicillin, strawberries", {"penicillin"}, "strawberries"),
        ("not penicillin", {"penicillin"}, "not"),
        ("penicillin and magnesium", {"penicillin"}, "magnesium"),
        ("bee stings", set(), "bee stings"),
    ],
)
def test_every_word_of_a_recorded_name_is_accounted_for(text: str, phrases: set[str], left: str) -> None:
    names = frozenset().union(*(each.names for each in KNOWLEDGE.allergy.classes))
    assert SUBSTANCES.recognise(text, names=names) == (frozenset(phrases), left)
