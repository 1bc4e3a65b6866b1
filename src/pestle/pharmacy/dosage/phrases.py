"""Which fixed phrases of an instruction say where, why, what for and with what?

Source: NHS England dosage_instructions 506c0d40 (MIT, 2026); UK label wording as met in the NHS Electronic
Prescription Service examples 77e80e11 (MIT, 2026); US abbreviations as met in parserx 85d213cd (Apache-2.0).
"""

from __future__ import annotations

from itertools import product

ROUTES = (
    "oral", "orally", "by mouth", "subcutaneous", "subcutaneously", "intramuscular", "intramuscularly",
    "intravenous", "intravenously", "cutaneous", "topical", "topically", "transdermal", "transdermally",
    "sublingual", "sublingually", "inhalation", "by inhalation", "via inhalation", "rectal", "rectally",
    "vaginal", "vaginally", "nasal", "nasally", "intranasal", "intranasally", "buccal", "under the tongue",
    "ocular route", "ophthalmic route", "otic route", "inhalation route", "po", "per os", "sl", "pr", "pv",
    "im", "iv", "sc", "sq", "subq", "subcut", "inh", "via nebuliser", "via nebulizer", "by nebulization",
    "by nebulisation", "through a nebuliser",
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
    "via inhalation": "inhalation",
}  # fmt: skip

_INTO = ("", "in the ", "into the ", "to the ", "in ", "into ", "to ", "on ", "on the ", "onto the ")
_PAIRED = (("eye", "eyes"), ("ear", "ears"), ("nostril", "nostrils"), ("hand", "hands"), ("foot", "feet"),
           ("arm", "arms"), ("leg", "legs"), ("knee", "knees"), ("thigh", "thighs"))  # fmt: skip
SITES = (
    *(f"{into}{side} {one}"
      for into, side, (one, _) in product(_INTO, ("left", "right", "affected"), _PAIRED)),
    *(f"{into}affected {many}" for into, (_, many) in product(_INTO, _PAIRED)),
    *(f"{into}each {one}" for into, (one, _) in product(_INTO, _PAIRED)),
    *(f"{into}both {many}" for into, (_, many) in product(_INTO, _PAIRED)),
    *(f"{into}{area}" for into, area in product(_INTO, (
        "affected area", "affected areas", "affected area(s)", "affected site", "affected skin",
        "affected areas of skin", "affected area of skin",
    ))),
    *(f"{into}{place}" for into, place in product(_INTO[1:], (
        "skin", "scalp", "face", "back", "abdomen", "gums",
    ))),
    "ou", "os",
)  # fmt: skip
SITE_NAMES = {"ou": "both eyes", "os": "left eye"}

NOTES = (
    "with food", "after food", "before food", "with or after food", "with or just after food", "with milk",
    "take with food", "take after food", "take with or after food", "take with or just after food",
    "take these tablets with or after food", "take these capsules with or after food", "with or without food",
    "on an empty stomach", "with water", "with plenty of water", "with a full glass of water",
    "with a glass of water", "in water", "dissolved in water", "sparingly", "thinly", "liberally",
    "via spacer", "via a spacer", "with food or milk", "with or after meals", "swallow whole",
    "swallowed whole", "do not crush or chew", "an hour before food", "one hour before food",
    "1 hour before food", "30 minutes before food", "half an hour before food", "half hour before food",
    "an hour before food or on an empty stomach", "thin layer", "a thin layer", "dissolved under the tongue",
)  # fmt: skip
# Notes that also say when: an amount with one of them is an instruction, though not how often.
MEALTIMES = frozenset({
    "with food", "after food", "before food", "with or after food", "with or just after food",
    "take with food", "take after food", "take with or after food", "take with or just after food",
    "with food or milk", "with or after meals",
})  # fmt: skip
LATIN_NOTES = {"ac": "before food", "pc": "after food"}
NOW = ("immediately", "stat", "straight away", "at once", "as a single dose", "as a one off dose", "now")

_BY = ("your doctor", "your gp", "the doctor", "doctor", "gp", "hospital", "the hospital", "clinic",
       "the clinic", "prescriber", "the prescriber", "your prescriber", "consultant", "specialist",
       "physician", "your physician", "package", "your pharmacist", "anticoagulant clinic",
       "the anticoagulant clinic")  # fmt: skip
_USED = ("", "use ", "take ", "apply ", "inject ", "to be used ", "to be taken ", "to be applied ")
DIRECTED = (
    "follow directions", "mdu", "uad", "ud", "as dir",
    *(f"{used}as directed" for used in _USED),
    *(f"{used}as directed by {who}" for used, who in product(_USED, _BY)),
)  # fmt: skip

_AILMENTS = (
    "pain", "constipation", "anxiety", "nausea", "vomiting", "nausea and vomiting", "nausea/vomiting",
    "diarrhoea", "diarrhea", "heart failure", "blood pressure", "high blood pressure", "cholesterol",
    "high cholesterol", "diabetes", "nerve pain", "back pain", "joint pain", "chest pain",
    "breakthrough pain",
    "migraine", "sleep", "insomnia", "itch", "itching", "indigestion", "heartburn", "reflux", "asthma",

    "breathlessness", "shortness of breath", "sob", "wheeze", "wheezing", "cough", "hay fever", "hayfever",
    "infection", "inflammation", "fever", "headache", "headaches", "depression", "epilepsy", "gout",
    "angina", "allergy", "allergies", "allergic rhinitis", "eczema", "psoriasis", "rash", "spasm", "spasms",
    "muscle spasm", "muscle spasms", "swelling", "cramps", "dizziness", "agitation", "seizures", "stomach",
    "dry eyes", "gerd", "acid reflux", "congestion", "hypertension", "mood", "thyroid", "dyspnea",
    "high temperature", "temperature", "bp", "sickness", "travel sickness", "arthritis", "palpitations",
    "stomach acid", "water retention", "erectile dysfunction", "hot flushes", "panic attacks",
)  # fmt: skip
REASONS = (*_AILMENTS, *(f"{how} pain" for how in ("mild", "moderate", "severe", "moderate to severe")),
           "pain relief", "pain and fever", "pain or fever")  # fmt: skip
_HELP = ("lower", "help lower", "reduce", "help reduce", "control", "help control", "treat", "prevent",
    "help",
         "help with")  # fmt: skip
_TROUBLES = ("cholesterol", "blood pressure", "bp", "stomach acid", "pain", "inflammation", "blood sugar",
             "migraine", "swelling", "sleep", "angina", "gout", "infection", "asthma")  # fmt: skip
PURPOSES = (
    *(f"to {verb} {what}" for verb, what in product(_HELP, _TROUBLES)), "to help you sleep",
    "to protect the stomach", "to protect your stomach", "to thin the blood",
)  # fmt: skip
