"""Which words of an instruction do we know, and what does each say?

A word or phrase stands here with its kind and its value; one that stands nowhere is *not understood*. No
word is left out as filler unless it is of kind SILENT, which says nothing wherever it stands. “on”, “om”,
“cd” and “morn” are missing on purpose: each has a second meaning.

Source: NHS England dosage_instructions 506c0d40 (MIT, 2026), dictionary and tests; FHIR R4 EventTiming;
UK label wording as met in the NHS Electronic Prescription Service examples 77e80e11 (MIT, 2026).
"""

from __future__ import annotations

from decimal import Decimal
from enum import Enum, auto

from pestle.pharmacy.dosage.dose import Day, PeriodUnit, When


class Kind(Enum):
    """What a word does in an instruction."""

    NUMBER = auto()
    FRACTION = auto()
    UNIT = auto()
    VERB = auto()
    PASSIVE = auto()
    TIMES = auto()
    MULTIPLE = auto()
    PER = auto()
    EVERY = auto()
    OTHER = auto()
    PERIOD = auto()
    ADVERB = auto()
    LATIN = auto()
    ALTERNATE = auto()
    SAME_DAY = auto()
    WHEN = auto()
    AT = auto()
    ON = auto()
    DAY = auto()
    DAYS = auto()
    CLOCK = auto()
    DATE = auto()
    AS_NEEDED = auto()
    ROUTE = auto()
    SITE = auto()
    NOTE = auto()
    DIRECTED = auto()
    FOR = auto()
    REASON = auto()
    FROM = auto()
    UNTIL = auto()
    OVER = auto()
    UP_TO = auto()
    AT_LEAST = auto()
    MAXIMUM = auto()
    IN = auto()
    PER_DOSE = auto()
    OF = auto()
    AND = auto()
    AND_A = auto()
    OR = auto()
    TO = auto()
    THEN = auto()
    BY = auto()
    DASH = auto()
    COMMA = auto()
    STOP = auto()
    SLASH = auto()
    OPEN = auto()
    CLOSE = auto()
    SILENT = auto()
    UNKNOWN = auto()


NUMBERS = {
    word: Decimal(value)
    for value, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
}
TENS = {
    "twenty": Decimal(20), "thirty": Decimal(30), "forty": Decimal(40), "fifty": Decimal(50),
    "sixty": Decimal(60), "seventy": Decimal(70), "eighty": Decimal(80), "ninety": Decimal(90),
}  # fmt: skip

# Units that are counted one by one. More than ten of them at once is not believed.
COUNTED = (
    "tablet", "capsule", "caplet", "lozenge", "pastille", "patch", "plaster", "sachet", "suppository",
    "pessary",
    "puff", "spray", "drop", "dose", "injection", "application", "applicatorful", "ampoule", "vial",
    "pump",
    "blister", "enema", "pad", "dressing", "pen", "syringe", "inhalation", "actuation",
)  # fmt: skip
_PLURALS = {"patch": "patches", "suppository": "suppositories", "pessary": "pessaries"}
_UNIT_WORDS = {
    "tab": "tablet", "tabs": "tablet", "cap": "capsule", "caps": "capsule", "supp": "suppository",
    "ml": "ml", "mls": "ml", "millilitre": "ml", "millilitres": "ml", "milliliter": "ml",
    "milliliters": "ml",
    "l": "litre", "litre": "litre", "litres": "litre",
    "mg": "milligram", "mgs": "milligram", "milligram": "milligram", "milligrams": "milligram",
    "g": "gram", "gram": "gram", "grams": "gram", "kg": "kilogram",
    "mcg": "microgram", "microgram": "microgram", "micrograms": "microgram",
    "nanogram": "nanogram", "nanograms": "nanogram",
    "unit": "unit", "units": "unit",
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
    return _UNITS.get(word.strip().casefold())


def _units() -> dict[str, str]:
    units = dict(_UNIT_WORDS)
    for word in COUNTED:
        units[word] = units[_PLURALS.get(word, f"{word}s")] = units[f"{word}(s)"] = word
    return units


_UNITS = _units()

# imperative, past participle, the word that a label begins with
VERBS = (
    ("take", "taken", "Take"), ("swallow", "swallowed", "Swallow"), ("apply", "applied", "Apply"),
    ("use", "used", "Use"), ("inhale", "inhaled", "Inhale"), ("inject", "injected", "Inject"),
    ("insert", "inserted", "Insert"), ("instil", "instilled", "Instil"),
    ("instill", "instilled", "Instil"),
    ("put", "put", "Put"), ("suck", "sucked", "Suck"), ("chew", "chewed", "Chew"),
    ("give", "given", "Give"),
    ("dissolve", "dissolved", "Dissolve"), ("spray", "sprayed", "Spray"), ("wear", "worn", "Wear"),
)  # fmt: skip
# Verbs that say only that the medicine is used; they contradict no other verb.
GENERAL_VERBS = frozenset({"take", "use", "give"})

PERIODS = {
    "second": PeriodUnit.SECOND, "minute": PeriodUnit.MINUTE, "min": PeriodUnit.MINUTE,
    "hour": PeriodUnit.HOUR,
    "hr": PeriodUnit.HOUR, "day": PeriodUnit.DAY, "week": PeriodUnit.WEEK, "month": PeriodUnit.MONTH,
    "year": PeriodUnit.YEAR,
}  # fmt: skip

_ADVERBS = {
    "hourly": (1, PeriodUnit.HOUR), "hrly": (1, PeriodUnit.HOUR), "daily": (1, PeriodUnit.DAY),
    "weekly": (1, PeriodUnit.WEEK), "fortnightly": (2, PeriodUnit.WEEK), "monthly": (1, PeriodUnit.MONTH),
    "annually": (1, PeriodUnit.YEAR), "yearly": (1, PeriodUnit.YEAR), "minutely": (1, PeriodUnit.MINUTE),
}  # fmt: skip

_LATIN = {"od": 1, "bd": 2, "bid": 2, "tds": 3, "tid": 3, "qds": 4, "qid": 4}

_MEALS = (("breakfast", "M"), ("lunch", "D"), ("dinner", "V"), ("evening meal", "V"))
_WHEN: dict[str, When] = {
    "in the morning": When.MORNING, "each morning": When.MORNING, "every morning": When.MORNING,
    "in the mornings": When.MORNING, "mane": When.MORNING, "at noon": When.NOON, "at midday": When.NOON,
    "in the afternoon": When.AFTERNOON, "each afternoon": When.AFTERNOON,
    "every afternoon": When.AFTERNOON,
    "in the evening": When.EVENING, "each evening": When.EVENING, "every evening": When.EVENING,
    "at night": When.NIGHT, "each night": When.NIGHT, "every night": When.NIGHT, "nightly": When.NIGHT,
    "nocte": When.NIGHT, "once asleep": When.AFTER_SLEEP, "before sleep": When.BEFORE_SLEEP,
    "at bedtime": When.BEFORE_SLEEP, "before bed": When.BEFORE_SLEEP, "upon waking": When.UPON_WAKING,
    "on waking": When.UPON_WAKING, "at a meal": When.MEAL, "at meals": When.MEAL,
    "at mealtimes": When.MEAL,
    "with meals": When.MEAL, "before a meal": When.BEFORE_MEAL, "before meals": When.BEFORE_MEAL,
    "after a meal": When.AFTER_MEAL, "after meals": When.AFTER_MEAL,
    "early in the morning": When.EARLY_MORNING, "late in the morning": When.LATE_MORNING,
    "early in the afternoon": When.EARLY_AFTERNOON, "late in the afternoon": When.LATE_AFTERNOON,
    "early in the evening": When.EARLY_EVENING, "late in the evening": When.LATE_EVENING,
    **{f"at {meal}": When(f"C{code}") for meal, code in _MEALS},
    **{f"with {meal}": When(f"C{code}") for meal, code in _MEALS},
    **{f"before {meal}": When(f"AC{code}") for meal, code in _MEALS},
    **{f"after {meal}": When(f"PC{code}") for meal, code in _MEALS},
}  # fmt: skip

_AS_NEEDED = (
    "when required", "as required", "if required", "when needed", "as needed", "if needed",
    "when necessary",
    "as necessary", "if necessary", "prn",
)  # fmt: skip

_ROUTES = (
    "oral", "oral route", "orally", "by mouth", "subcutaneous", "subcutaneous route", "subcutaneously",
    "intramuscular", "intramuscular route", "intravenous", "intravenous route", "cutaneous route",
    "cutaneous",
    "topical", "topical route", "topically", "transdermal", "transdermal route", "sublingual",
    "sublingual route", "inhalation", "inhalation route", "rectal", "rectal route", "rectally", "vaginal",
    "vaginal route", "vaginally", "nasal", "nasal route", "ocular route", "ophthalmic route",
    "otic route",
    "buccal", "buccal route", "under the tongue",
)  # fmt: skip
ROUTE_NAMES = {
    "orally": "oral", "by mouth": "oral", "subcutaneously": "subcutaneous", "topically": "topical",
    "cutaneous": "topical", "rectally": "rectal", "vaginally": "vaginal",
    "under the tongue": "sublingual",
    "ophthalmic": "ocular", "respiratory": "inhalation",
}  # fmt: skip

_SITES = tuple(
    f"{before}{site}"
    for site in (
        "left eye", "right eye", "affected eye", "left ear", "right ear", "affected ear", "left nostril",
        "right nostril", "affected area", "affected areas", "left arm", "right arm",
    )
    for before in ("", "in the ", "into the ", "to the ", "in ", "into ", "to ")
) + tuple(
    f"{before}{many} {site}"
    for many, sites in (("each", ("eye", "ear", "nostril")), ("both", ("eyes", "ears", "nostrils")))
    for site in sites
    for before in ("", "in ", "into ", "to ")
)  # fmt: skip

_NOTES = (
    "with food", "after food", "before food", "with or after food", "with or just after food",
    "take with food", "take after food", "take with or after food", "take with or just after food",
    "take these tablets with or after food", "take these capsules with or after food",
    "on an empty stomach", "with water", "with plenty of water", "sparingly", "thinly", "via spacer",
    "via a spacer", "immediately", "stat",
)  # fmt: skip
_LATIN_NOTES = {"ac": "before food", "pc": "after food", "stat": "immediately"}

_DIRECTED = (
    "as directed", "follow directions", "use as directed", "take as directed", "apply as directed", "mdu",
    "as directed by your doctor", "to be used as directed", "to be taken as directed",
)  # fmt: skip

_REASONS = (
    "pain", "constipation", "anxiety", "nausea", "nausea and vomiting", "diarrhoea", "heart failure",
    "blood pressure", "high blood pressure", "cholesterol", "high cholesterol", "diabetes", "nerve pain",
    "migraine", "sleep", "itching", "indigestion", "heartburn", "asthma", "breathlessness", "wheeze",
    "cough",
    "hay fever", "infection", "inflammation", "fever", "headache", "depression", "epilepsy", "gout",
    "angina",
)  # fmt: skip
_PURPOSES = (
    "to lower cholesterol", "to help lower cholesterol", "to reduce blood pressure", "to reduce bp",
    "to lower blood pressure", "to help sleep", "to help you sleep", "to protect the stomach",
    "to thin the blood",
)  # fmt: skip

_MAXIMUM = (
    "up to a maximum of", "to a maximum of", "maximum of", "maximum", "max of", "max", "up to a max of",
    "no more than", "not more than", "do not take more than", "do not exceed", "not to exceed",
)  # fmt: skip

_SINGLE: dict[str, tuple[Kind, object]] = {
    "half": (Kind.FRACTION, Decimal("0.5")), "quarter": (Kind.FRACTION, Decimal("0.25")),
    "once": (Kind.MULTIPLE, 1), "twice": (Kind.MULTIPLE, 2), "thrice": (Kind.MULTIPLE, 3),
    "times": (Kind.TIMES, None), "time": (Kind.TIMES, None), "a": (Kind.PER, "a"), "an": (Kind.PER, "an"),
    "per": (Kind.PER, None), "each": (Kind.EVERY, None), "every": (Kind.EVERY, None),
    "other": (Kind.OTHER, None), "fortnight": (Kind.PERIOD, (2, PeriodUnit.WEEK)),
    "qqh": (Kind.ALTERNATE, (4, PeriodUnit.HOUR)), "at": (Kind.AT, None), "on": (Kind.ON, None),
    "for": (Kind.FOR, None), "from": (Kind.FROM, None), "until": (Kind.UNTIL, None),
    "over": (Kind.OVER, None),
    "in": (Kind.IN, None), "of": (Kind.OF, None), "and": (Kind.AND, None), "&": (Kind.AND, None),
    "or": (Kind.OR, None), "to": (Kind.TO, None), "then": (Kind.THEN, None), "x": (Kind.BY, None),
    "please": (Kind.SILENT, None),
    "-": (Kind.DASH, None), "–": (Kind.DASH, None), ",": (Kind.COMMA, None), ";": (Kind.STOP, None),
    ".": (Kind.STOP, None), ":": (Kind.COMMA, None), "/": (Kind.SLASH, None), "(": (Kind.OPEN, None),
    ")": (Kind.CLOSE, None),
}  # fmt: skip


def _entries() -> dict[str, tuple[Kind, object]]:
    words: dict[str, tuple[Kind, object]] = {}
    words.update({word: (Kind.NUMBER, value) for word, value in {**NUMBERS, **TENS}.items()})
    words.update({word: (Kind.UNIT, unit) for word, unit in _UNITS.items()})
    for imperative, participle, verb in VERBS:
        words[imperative] = (Kind.VERB, verb)
        words[f"to be {participle}"] = (Kind.PASSIVE, verb)
    words["spray"] = (Kind.UNIT, "spray")
    for word, period in PERIODS.items():
        words[word] = words[f"{word}s"] = (Kind.PERIOD, (1, period))
    words.update({word: (Kind.ADVERB, value) for word, value in _ADVERBS.items()})
    words.update({word: (Kind.LATIN, value) for word, value in _LATIN.items()})
    for phrase in ("alternate days", "on alternate days"):
        words[phrase] = (Kind.ALTERNATE, (2, PeriodUnit.DAY))
    for each in ("each", "every"):
        words[f"on the same day {each} week"] = words[f"on the same day of {each} week"] = (
            Kind.SAME_DAY,
            None,
        )
        words[f"the same day {each} week"] = words[f"same day {each} week"] = (Kind.SAME_DAY, None)
    words.update({phrase: (Kind.WHEN, when) for phrase, when in _WHEN.items()})
    words.update(dict.fromkeys(_AS_NEEDED, (Kind.AS_NEEDED, None)))
    words.update(dict.fromkeys(_ROUTES, (Kind.ROUTE, None)))
    words.update(dict.fromkeys(_SITES, (Kind.SITE, None)))
    words.update(dict.fromkeys((*_NOTES, *_PURPOSES), (Kind.NOTE, None)))
    words.update({word: (Kind.NOTE, note) for word, note in _LATIN_NOTES.items()})
    words.update(dict.fromkeys(_DIRECTED, (Kind.DIRECTED, None)))
    words.update(dict.fromkeys(_REASONS, (Kind.REASON, None)))
    words.update(dict.fromkeys(_MAXIMUM, (Kind.MAXIMUM, None)))
    words.update({"up to": (Kind.UP_TO, None), "at least": (Kind.AT_LEAST, None), "and a": (Kind.AND_A, None),
                  "per dose": (Kind.PER_DOSE, None), "and then": (Kind.THEN, None),
                  "in any": (Kind.IN, None)})  # fmt: skip
    for day in Day:
        words[day.name.lower()] = (Kind.DAY, day)
        words[f"{day.name.lower()}s"] = (Kind.DAYS, day)
    words.update(_SINGLE)
    return words


def _by_first_word() -> dict[str, tuple[tuple[tuple[str, ...], Kind, object], ...]]:
    index: dict[str, list[tuple[tuple[str, ...], Kind, object]]] = {}
    for phrase, (kind, value) in _entries().items():
        first, *rest = phrase.split()
        index.setdefault(first, []).append((tuple(rest), kind, value))
    return {first: tuple(sorted(found, key=lambda e: -len(e[0]))) for first, found in index.items()}


# The first word of each phrase -> the rest of it, its kind and value; the longest phrase first.
PHRASES = _by_first_word()
