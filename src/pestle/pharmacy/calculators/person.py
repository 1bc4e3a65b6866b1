"""What of a person do several calculators ask for?"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Literal

from pestle.pharmacy.calculators.entry import Choice, Number
from pestle.pharmacy.calculators.units import CENTIMETRES, CREATININE, KILOGRAMS, YEARS

Sex = Literal["female", "male"]
Country = Literal["uk", "us"]
COUNTRIES: tuple[Country, ...] = ("uk", "us")

AGE = Number("age", "age_years", "Age", YEARS, Decimal(18), Decimal(120), whole=True, hint="Whole years")
SEX = Choice(
    "sex", "Sex", {"female": "Female", "male": "Male"}, hint="As the formula was made for: sex at birth"
)
WEIGHT = Number("weight", "weight_kg", "Weight", KILOGRAMS, Decimal(25), Decimal(350), hint="Actual weight")
HEIGHT = Number("height", "height_cm", "Height", CENTIMETRES, Decimal(100), Decimal(250))
CREATININE_SERUM = Number(
    "creatinine", "creatinine_umol_l", "Serum creatinine", CREATININE, Decimal(20), Decimal(2000)
)  # fmt: skip
COUNTRY = Choice(
    "rules",
    "Country",
    {"uk": "United Kingdom", "us": "United States"},
    default="uk",
    countries={"uk": "uk", "us": "us"},
)


def anybody(one: Number, low: str, high: str) -> Number:
    """The same input for other people than adults, from `low` to `high`."""
    return replace(one, low=Decimal(low), high=Decimal(high))
