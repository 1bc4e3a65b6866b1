"""Which unit does a word name, and how do units of mass and of volume convert?

Source: FHIR and UCUM units as UK and US instructions write them; NHS England dosage_instructions 506c0d40
(MIT, 2026) for what is counted.
"""

from __future__ import annotations

from decimal import Decimal

# Units that are counted one by one. More than ten of them at once is not believed.
COUNTED = (
    "tablet", "capsule", "caplet", "lozenge", "pastille", "patch", "plaster", "sachet", "suppository",
    "pessary",
    "puff", "spray", "drop", "dose", "injection", "application", "applicatorful", "ampoule", "vial",
    "pump",
    "blister", "enema", "pad", "dressing", "pen", "syringe", "inhalation", "actuation", "pill", "softgel",
    "ring", "film", "nebule", "squirt", "click", "gummy", "wafer", "lollipop", "bottle", "carton", "capful",
    "fingertip unit", "scoop", "strip", "chewable tablet", "cartridge", "actuator", "implant", "swab",
)  # fmt: skip
_PLURALS = {"patch": "patches", "suppository": "suppositories", "pessary": "pessaries", "gummy": "gummies",
            "capful": "capfuls"}  # fmt: skip
_TABLETS = ("soluble", "dispersible", "orodispersible", "effervescent", "chewable", "mr", "m/r", "e/c",
            "coated", "modified release", "enteric coated", "sublingual", "buccal", "vaginal", "film coated",
            "gastro resistant")  # fmt: skip
_CAPSULES = ("mr", "m/r", "e/c", "modified release", "gastro resistant", "soft")
_UNIT_WORDS = {
    "tab": "tablet", "tabs": "tablet", "cap": "capsule", "caps": "capsule", "supp": "suppository",
    "gtt": "drop", "gtts": "drop", "amp": "ampoule", "amps": "ampoule", "ampule": "ampoule",
    "ampules": "ampoule", "neb": "nebule", "nebs": "nebule", "supps": "suppository", "cc": "ml",
    "tsp": "teaspoonful", "teaspoon": "teaspoonful", "teaspoons": "teaspoonful",
    "teaspoonful": "teaspoonful", "teaspoonfuls": "teaspoonful", "tbsp": "tablespoonful",
    "tablespoon": "tablespoonful", "tablespoons": "tablespoonful", "tablespoonful": "tablespoonful",
    "tablespoonfuls": "tablespoonful", "iu": "international unit", "mmol": "millimole",
    "ml": "ml", "mls": "ml", "millilitre": "ml", "millilitres": "ml", "milliliter": "ml",
    "milliliters": "ml",
    "l": "litre", "litre": "litre", "litres": "litre",
    "mg": "milligram", "mgs": "milligram", "milligram": "milligram", "milligrams": "milligram",
    "g": "gram", "gram": "gram", "grams": "gram", "kg": "kilogram",
    "mcg": "microgram", "microgram": "microgram", "micrograms": "microgram",
    "nanogram": "nanogram", "nanograms": "nanogram",
    "gm": "gram", "gms": "gram", "grm": "gram", "gr": "gram", "mgm": "milligram", "ug": "microgram",
    "\u03bcg": "microgram",
    "mcgs": "microgram", "microgm": "microgram", "micrgrams": "microgram", "microgrammes": "microgram",
    "microgramme": "microgram", "milligrammes": "milligram", "milligramme": "milligram",
    "grammes": "gram", "gramme": "gram", "oz": "ounce", "ounce": "ounce", "ounces": "ounce",
    "cm": "cm", "centimetre": "cm", "centimetres": "cm", "inch": "inch", "inches": "inch",
    "ftu": "fingertip unit", "new patch": "patch", "microenema": "enema", "micro enema": "enema",
    "microenemas": "enema",
    **{f"{kind} tablet{s}": "tablet" for s in ("", "s") for kind in _TABLETS},
    **{f"{kind} capsule{s}": "capsule" for s in ("", "s") for kind in _CAPSULES},
    "metered dose": "dose", "metered doses": "dose", "metered spray": "spray", "metered sprays": "spray",
    "finger tip unit": "fingertip unit",
    "finger tip units": "fingertip unit",
    "unit": "unit", "units": "unit", "drp": "drop", "drps": "drop", "pessarys": "pessary",
    "pess": "pessary", "suppos": "suppository", "supps.": "suppository", "tbs": "tablespoonful",
    "tabelts": "tablet", "appl": "application", "applic": "applicatorful", "inhal": "inhalation",
    "respule": "nebule", "respules": "nebule", "neb(s)": "nebule", "tab(s)": "tablet", "cap(s)": "capsule",
    "caps(s)": "capsule", "capsul": "capsule", "rotacap": "capsule", "spoonsfull": "spoonful",
    "pre filled pen": "pen", "pre filled pens": "pen", "prefilled pen": "pen", "prefilled pens": "pen",
    "pre filled syringe": "syringe", "prefilled syringe": "syringe", "pre filled syringes": "syringe",
    "prefilled syringes": "syringe", "pre - filled pen": "pen", "pre - filled syringe": "syringe",
    "pre - filled syringes": "syringe", "international unit": "international unit",
    "international units": "international unit", "meq": "milliequivalent",
    "millimole": "millimole", "millimoles": "millimole",
    "spoonful": "spoonful", "spoonfuls": "spoonful", "spoonsful": "spoonful", "spoon": "spoonful",
    "spoons": "spoonful",
}  # fmt: skip

# How many of the smallest unit of its kind one unit holds. Exact; units of different kinds never convert.
MASS = {
    "nanogram": Decimal(1), "microgram": Decimal(1000), "milligram": Decimal(1000000),
    "gram": Decimal(1000000000), "kilogram": Decimal(1000000000000),
}  # fmt: skip
VOLUME = {"ml": Decimal(1), "litre": Decimal(1000)}


def unit_word(word: str) -> str | None:
    """The one word for a unit, whatever its plural or abbreviation; None for a word that is no unit."""
    return UNITS.get(word.strip().casefold())


def _units() -> dict[str, str]:
    units = dict(_UNIT_WORDS)
    for word in COUNTED:
        units[word] = units[_PLURALS.get(word, f"{word}s")] = units[f"{word}(s)"] = word
    return units


# Every spelling of a unit, with its one word.
UNITS = _units()
