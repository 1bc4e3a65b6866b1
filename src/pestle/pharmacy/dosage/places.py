"""Which phrases say by which route, and where on the body?

Source: NHS England dosage_instructions 506c0d40 (MIT, 2026); UK label wording as met in the NHS Electronic
Prescription Service examples 77e80e11 (MIT, 2026); US abbreviations as met in parserx 85d213cd (Apache-2.0).
"""

from __future__ import annotations

from itertools import product

_NEBULISED = (
    "nebulised", "nebulized", "by nebulization", "by nebulisation", "via nebulisation", "via nebulization",
    "in small volume nebulizer",
    *(f"{by} {the}{nebuliser}"
      for by in ("via", "by", "in", "per", "through", "using", "with") for the in ("", "a ", "the ")
      for nebuliser in ("nebuliser", "nebulizer")),
)  # fmt: skip
ROUTES = (
    *_NEBULISED,
    "oral", "orally", "by mouth", "subcutaneous", "subcutaneously", "intramuscular", "intramuscularly",
    "intravenous", "intravenously", "cutaneous", "topical", "topically", "transdermal", "transdermally",
    "sublingual", "sublingually", "inhalation", "by inhalation", "via inhalation", "rectal", "rectally",
    "vaginal", "vaginally", "nasal", "nasally", "intranasal", "intranasally", "buccal", "under the tongue",
    "ocular route", "ophthalmic route", "otic route", "inhalation route", "po", "per os", "sl", "pr", "pv",
    "im", "iv", "sc", "sq", "subq", "subcut", "inh",



    "under the skin", "under skin", "s.c.", "s.q.",
    "beneath the skin", "subcutaneous injection", "by subcutaneous injection", "intramuscular injection",
    "by intramuscular injection", "intravenous injection", "by injection", "into the muscle", "into muscle",
    "into the lungs", "into lungs", "to the lungs", "via ng tube", "via ng", "ng", "via peg tube", "via peg",
    "peg", "via g tube", "via gastrostomy", "via gastrostomy tube", "via nasogastric tube", "via tube",
    "per rectum", "per vagina", "into the rectum", "into rectum", "in the rectum", "into the vagina",
    "into vagina", "in the vagina", "intravaginally", "intravaginal", "per vaginam", "externally", "td",
    "on the tongue",
    "on tongue", "onto the tongue", "on top of the tongue", "on top of tongue", "under tongue",
    "beneath the tongue",
    "ophthalmic", "otic", "ophthalmically", "in mouth", "in the mouth", "via mouth", "per mouth", "buccally",
    "between gum and cheek", "to the gum", "inhaled", "intradermally", "intradermal", "epidural",
    "intrathecal",
    "by nasal route", "into the nose", "in the nose", "to nose", "po/pr", "iv/im", "po or iv",
    "transdermal patch", "topical route",
    *(f"{before}{route} route" for before in ("", "by ", "via ", "by the ")
      for route in ("oral", "subcutaneous", "intramuscular", "intravenous", "cutaneous", "topical", "nasal",
                    "transdermal", "sublingual", "rectal", "vaginal", "buccal", "inhalation", "ophthalmic")),
)  # fmt: skip
ROUTE_NAMES = {
    "orally": "oral", "by mouth": "oral", "po": "oral", "per os": "oral", "by oral": "oral",
    "subcutaneously": "subcutaneous", "sc": "subcutaneous", "sq": "subcutaneous", "subq": "subcutaneous",
    "subcut": "subcutaneous", "intramuscularly": "intramuscular", "im": "intramuscular",
    "intravenously": "intravenous", "iv": "intravenous", "topically": "topical", "cutaneous": "topical",
    "transdermally": "transdermal", "rectally": "rectal", "pr": "rectal", "vaginally": "vaginal",
    "pv": "vaginal", "under the tongue": "sublingual", "sublingually": "sublingual", "sl": "sublingual",
    "nasally": "nasal", "intranasal": "nasal", "intranasally": "nasal", "ophthalmic": "ocular",
    "respiratory": "inhalation", "inh": "inhalation", "by inhalation": "inhalation",
    "via inhalation": "inhalation", "into the lungs": "inhalation", "into lungs": "inhalation",
    "to the lungs": "inhalation", "inhaled": "inhalation", "under the skin": "subcutaneous",
    "under skin": "subcutaneous", "beneath the skin": "subcutaneous", "into the muscle": "intramuscular",
    "into muscle": "intramuscular", "intramuscular injection": "intramuscular",
    "by intramuscular injection": "intramuscular", "subcutaneous injection": "subcutaneous",
    "by subcutaneous injection": "subcutaneous", "intravenous injection": "intravenous",
    "under tongue": "sublingual", "beneath the tongue": "sublingual", "per rectum": "rectal",
    "into the rectum": "rectal", "into rectum": "rectal", "in the rectum": "rectal", "per vagina": "vaginal",
    "per vaginam": "vaginal", "into the vagina": "vaginal", "into vagina": "vaginal",
    "in the vagina": "vaginal",
    "intravaginally": "vaginal", "intravaginal": "vaginal", "externally": "topical", "td": "transdermal",
    "via mouth": "oral",
    "per mouth": "oral", "buccally": "buccal", "ophthalmically": "ocular", "into the nose": "nasal",
    "in the nose": "nasal", "to nose": "nasal", "intradermally": "intradermal", "topical route": "topical",
}  # fmt: skip

_INTO = ("", "the ", "of the ", "of ", "in the ", "into the ", "to the ", "in ", "into ", "to ", "on ",
         "on the ", "onto the ", "onto ",
         "over the ", "around the ")  # fmt: skip
_PAIRED = (("eye", "eyes"), ("ear", "ears"), ("nostril", "nostrils"), ("hand", "hands"), ("foot", "feet"),
           ("arm", "arms"), ("leg", "legs"), ("knee", "knees"), ("thigh", "thighs"), ("heel", "heels"),
           ("elbow", "elbows"), ("shoulder", "shoulders"), ("ankle", "ankles"), ("wrist", "wrists"),
           ("eyelid", "eyelids"), ("hip", "hips"), ("armpit", "armpits"), ("cheek", "cheeks"))  # fmt: skip
_SKIN = ("area", "site", "skin", "part", "region", "joint", "muscle", "nail", "toenail", "fingernail", "toe",
         "finger", "spot", "lesion")  # fmt: skip
_WHICH = ("affected", "painful", "sore", "itchy", "dry", "inflamed", "infected", "the affected")
_PLACES = (
    "scalp", "face", "back", "abdomen", "gums", "groin", "chest", "neck", "body", "whole body", "trunk",
    "lips",
    "lip", "nose", "hands", "feet", "arms", "legs", "nail", "nails", "toenail", "toenails", "fingernails",
    "toes",
    "fingers", "knee", "knees", "elbows", "shoulder", "shoulders", "ankle", "hip", "thigh", "rash", "wound",
    "wounds", "lesion", "lesions", "spots", "joints", "anus", "anal area", "perianal area", "rectal area",
    "vulva", "vulval area", "genital area", "genitals", "penis", "foreskin", "nipple", "nipples",
    "nappy area",
    "skin folds", "eye area", "eyelids", "eyelid", "lower eyelid", "lower lid", "eyes", "eye", "ears", "ear",
    "nostrils", "nostril", "area", "areas", "stoma", "leg ulcer", "ulcer", "ulcers", "cold sore", "wart",
    "warts",
    "verruca", "verrucas", "hair", "wet hair", "dry hair", "inner arm", "upper arm", "outer arm",
    "upper back",
    "lower back", "tummy", "stomach area", "psoriasis", "eczema", "patches of psoriasis",
    "inside of nostrils",
    "inside of nose", "inside of the nose", "inside the nose", "inner nostrils", "inside of each nostril",
    "inside of both nostrils", "inside each nostril", "eye(s)", "ear(s)", "nostril(s)", "affected eye(s)",
    "affected ear(s)", "affected nostril(s)", "affected area(s)", "affected areas of skin",
    "affected area of skin",
    "affected and surrounding areas of skin", "surgical eye", "operated eye", "hands and feet",
    "arms and legs",
    "face and neck", "back and chest", "chest and back", "arms and trunk", "clean dry skin", "hairless skin",
    "clean, dry skin", "intact skin", "affected skin folds", "outside of nose", "external genitalia",
    "mouth ulcer", "mouth ulcers", "affected gums", "teeth",
)  # fmt: skip
SITES = (
    *(f"{into}{side} {one}"
      for into, side, (one, _) in product(_INTO, ("left", "right", "affected", "l", "r", "either",
      "one"), _PAIRED)),
    *(f"{into}affected {many}" for into, (_, many) in product(_INTO, _PAIRED)),
    *(f"{into}each {one}" for into, (one, _) in product((*_INTO, "inside ", "up "), _PAIRED)),
    *(f"per {one}" for one, _ in _PAIRED),
    *(f"{into}both {many}" for into, (_, many) in product((*_INTO, "inside ", "up "), _PAIRED)),
    *(f"{into}{which} {area}" for into, which, place in product(_INTO, _WHICH, _SKIN)
      for area in (place, f"{place}s", f"{place}(s)")),
    *(f"{into}{place}" for into, place in product(_INTO[1:], (*_PLACES, "skin"))),
    *(place for place in _PLACES if place.startswith("affected")), "affected skin",
    "ou", "os", "both eyes", "each eye", "both sides", "each side",
)  # fmt: skip
SITE_NAMES = {"ou": "both eyes", "os": "left eye"}
# Abbreviations that are a place only behind drops, sprays or puffs: elsewhere they are other words.
SITES_OF_DROPS = {
    "re": "right eye", "le": "left eye", "be": "both eyes", "od": "right eye", "au": "both ears",
    "ad": "right ear",
}  # fmt: skip


def plain_place(words: str) -> str:
    """A route, site or reason without its frame: “into the LEFT eye” is “left eye”, “Oral route” “oral”."""
    text = words.casefold().strip().removesuffix(" route")
    for frame in ("into ", "onto ", "in ", "on ", "to ", "by ", "via ", "the "):
        text = text.removeprefix(frame) if text not in ROUTE_NAMES else text
    return ROUTE_NAMES.get(text) or SITE_NAMES.get(text, text)
