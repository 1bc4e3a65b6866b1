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

from pestle.pharmacy.dosage import phrases
from pestle.pharmacy.dosage.dose import Day, PeriodUnit, When
from pestle.pharmacy.dosage.spelling import misspellings


class Kind(Enum):
    """What a word does in an instruction."""

    __hash__ = object.__hash__  # each member is one object; the hash by name is slow

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
    NOW = auto()
    NAME = auto()
    COURSE = auto()
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
    "blister", "enema", "pad", "dressing", "pen", "syringe", "inhalation", "actuation", "pill", "softgel",
    "ring", "film", "nebule", "squirt", "click", "gummy",
)  # fmt: skip
_PLURALS = {"patch": "patches", "suppository": "suppositories", "pessary": "pessaries", "gummy": "gummies"}
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
    ("give", "given", "Give"), ("place", "placed", "Place"), ("administer", "administered", "Administer"),
    ("drink", "drunk", "Drink"),
    ("dissolve", "dissolved", "Dissolve"), ("spray", "sprayed", "Spray"), ("wear", "worn", "Wear"),
)  # fmt: skip
# Verbs that say only that the medicine is used; they contradict no other verb.
GENERAL_VERBS = frozenset({"take", "use", "give"})

PERIODS = {
    "second": PeriodUnit.SECOND, "minute": PeriodUnit.MINUTE, "min": PeriodUnit.MINUTE,
    "hour": PeriodUnit.HOUR,
    "hr": PeriodUnit.HOUR, "h": PeriodUnit.HOUR, "wk": PeriodUnit.WEEK, "mth": PeriodUnit.MONTH,
    "d": PeriodUnit.DAY, "day": PeriodUnit.DAY, "week": PeriodUnit.WEEK, "month": PeriodUnit.MONTH,
    "year": PeriodUnit.YEAR,
}  # fmt: skip

_ADVERBS = {
    "hourly": (1, PeriodUnit.HOUR), "hrly": (1, PeriodUnit.HOUR), "daily": (1, PeriodUnit.DAY),
    "everyday": (1, PeriodUnit.DAY), "qweek": (1, PeriodUnit.WEEK), "qwk": (1, PeriodUnit.WEEK),
    "weekly": (1, PeriodUnit.WEEK), "fortnightly": (2, PeriodUnit.WEEK), "monthly": (1, PeriodUnit.MONTH),
    "annually": (1, PeriodUnit.YEAR), "yearly": (1, PeriodUnit.YEAR), "minutely": (1, PeriodUnit.MINUTE),
}  # fmt: skip

_LATIN = {"qd": 1, "qday": 1, "bds": 2, "od": 1, "bd": 2, "bid": 2, "tds": 3, "tid": 3, "qds": 4, "qid": 4}

_MEALS = (("breakfast", "M"), ("lunch", "D"), ("dinner", "V"), ("evening meal", "V"), ("supper", "V"))
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
    "morning": When.MORNING, "mornings": When.MORNING, "evening": When.EVENING, "night": When.NIGHT,
    "noon": When.NOON, "midday": When.NOON, "afternoon": When.AFTERNOON, "bedtime": When.BEFORE_SLEEP,
    "at night time": When.NIGHT, "at nighttime": When.NIGHT, "night time": When.NIGHT,
    "at bed time": When.BEFORE_SLEEP, "before bedtime": When.BEFORE_SLEEP, "every bedtime": When.BEFORE_SLEEP,
    "every night at bedtime": When.BEFORE_SLEEP, "nightly at bedtime": When.BEFORE_SLEEP,
    "each night at bedtime": When.BEFORE_SLEEP, "at night before bed": When.BEFORE_SLEEP,
    "before going to bed": When.BEFORE_SLEEP, "on retiring": When.BEFORE_SLEEP, "hs": When.BEFORE_SLEEP,
    "qhs": When.BEFORE_SLEEP, "q hs": When.BEFORE_SLEEP, "every evening at bedtime": When.BEFORE_SLEEP,
    "qam": When.MORNING, "q am": When.MORNING, "in the am": When.MORNING, "every am": When.MORNING,
    "qpm": When.EVENING, "q pm": When.EVENING, "in the pm": When.EVENING, "every pm": When.EVENING,
    "lunchtime": When.LUNCH, "at lunchtime": When.LUNCH, "at lunch time": When.LUNCH, "teatime": When.DINNER,
    "at teatime": When.DINNER, "at tea time": When.DINNER, "at breakfast time": When.BREAKFAST,
    "acm": When.BEFORE_BREAKFAST, "acd": When.BEFORE_LUNCH, "acv": When.BEFORE_DINNER,
    "pcm": When.AFTER_BREAKFAST, "pcd": When.AFTER_LUNCH, "pcv": When.AFTER_DINNER,
    **{f"{at} {meal}": code for meal in ("each meal", "every meal", "main meals")
       for at, code in (("with", When.MEAL), ("at", When.MEAL), ("before", When.BEFORE_MEAL),
                        ("after", When.AFTER_MEAL))},
    "with a meal": When.MEAL, "after the meal": When.AFTER_MEAL,
    **{f"{at} {the} {meal}": When(f"{letter}{code}") for meal, code in _MEALS for the in ("the", "your")
       for at, letter in (("with", "C"), ("at", "C"), ("before", "AC"), ("after", "PC"))},
    **{f"at {meal}": When(f"C{code}") for meal, code in _MEALS},
    **{f"with {meal}": When(f"C{code}") for meal, code in _MEALS},
    **{f"before {meal}": When(f"AC{code}") for meal, code in _MEALS},
    **{f"after {meal}": When(f"PC{code}") for meal, code in _MEALS},
}  # fmt: skip

_AS_NEEDED = (
    "when required", "as required", "if required", "when needed", "as needed", "if needed",
    "when necessary",
    "as necessary", "if necessary", "prn", "only when required", "only as required", "only if required",
    "only when needed", "only as needed", "only if needed", "as and when required", "as and when needed",
    "as needed only", "when required only", "as needed prn", "if and when required", "where required",
    "as reqd", "when reqd", "if reqd", "as req", "when req",
)  # fmt: skip

_MAXIMUM = (
    "up to a maximum of",
    "to a maximum of",
    "maximum of",
    "maximum",
    "max of",
    "max",
    "up to a max of",
    "no more than",
    "not more than",
    "do not take more than",
    "do not exceed",
    "not to exceed",
    "max .",
    "maximum dose",
    "max dose",
    "maximum dose of",
)
_MAXIMUM_DAILY = (
    "mdd", "mdd of", "mdd :", "mdd =", "max daily dose", "maximum daily dose", "maximum daily dose of",
    "max daily dose of", "max daily", "daily maximum", "daily maximum of",
)  # fmt: skip

_SINGLE: dict[str, tuple[Kind, object]] = {
    "half": (Kind.FRACTION, Decimal("0.5")), "quarter": (Kind.FRACTION, Decimal("0.25")),
    "once": (Kind.MULTIPLE, 1), "twice": (Kind.MULTIPLE, 2), "thrice": (Kind.MULTIPLE, 3),
    "times": (Kind.TIMES, None), "time": (Kind.TIMES, None), "a": (Kind.PER, "a"), "an": (Kind.PER, "an"),
    "per": (Kind.PER, None), "each": (Kind.EVERY, None), "every": (Kind.EVERY, None),
    "other": (Kind.OTHER, None), "fortnight": (Kind.PERIOD, (2, PeriodUnit.WEEK)),
    "qqh": (Kind.ALTERNATE, (4, None, PeriodUnit.HOUR)),
    "qod": (Kind.ALTERNATE, (2, None, PeriodUnit.DAY)), "eod": (Kind.ALTERNATE, (2, None, PeriodUnit.DAY)),
    "qh": (Kind.ADVERB, (1, PeriodUnit.HOUR)),
    "tiw": (Kind.LATIN, (3, PeriodUnit.WEEK)), "qiw": (Kind.LATIN, (4, PeriodUnit.WEEK)),
    "q": (Kind.EVERY, None), "at": (Kind.AT, None), "on": (Kind.ON, None),
    "for": (Kind.FOR, None), "from": (Kind.FROM, None), "until": (Kind.UNTIL, None),
    "over": (Kind.OVER, None),
    "in": (Kind.IN, None), "of": (Kind.OF, None), "and": (Kind.AND, None), "&": (Kind.AND, None),
    "or": (Kind.OR, None), "to": (Kind.TO, None), "then": (Kind.THEN, None), "x": (Kind.BY, None),
    "×": (Kind.BY, None),
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
    words.update({word: (Kind.LATIN, (value, PeriodUnit.DAY)) for word, value in _LATIN.items()})
    for phrase in ("alternate days", "on alternate days", "alternate day", "alternate daily"):
        words[phrase] = (Kind.ALTERNATE, (2, None, PeriodUnit.DAY))
    words["alternate weeks"] = words["on alternate weeks"] = (Kind.ALTERNATE, (2, None, PeriodUnit.WEEK))
    for phrase in ("on the same day", "the same day", "on same day"):
        words[phrase] = (Kind.SAME_DAY, "bare")
    for each in ("each", "every"):
        words[f"on the same day {each} week"] = words[f"on the same day of {each} week"] = (
            Kind.SAME_DAY,
            None,
        )
        words[f"the same day {each} week"] = words[f"same day {each} week"] = (Kind.SAME_DAY, None)
    words.update({phrase: (Kind.WHEN, when) for phrase, when in _WHEN.items()})
    words.update(dict.fromkeys(_AS_NEEDED, (Kind.AS_NEEDED, None)))
    words.update(dict.fromkeys(phrases.ROUTES, (Kind.ROUTE, None)))
    words.update(dict.fromkeys(phrases.SITES, (Kind.SITE, None)))
    words.update({word: (Kind.SITE, site) for word, site in phrases.SITE_NAMES.items()})
    words.update(dict.fromkeys((*phrases.NOTES, *phrases.PURPOSES), (Kind.NOTE, None)))
    words.update({word: (Kind.NOTE, note) for word, note in phrases.LATIN_NOTES.items()})
    words.update(dict.fromkeys(phrases.NOW, (Kind.NOW, None)))
    words["stat"] = (Kind.NOW, "immediately")
    words.update(dict.fromkeys(phrases.DIRECTED, (Kind.DIRECTED, None)))
    words.update(dict.fromkeys(phrases.REASONS, (Kind.REASON, None)))
    words.update(dict.fromkeys(_MAXIMUM_DAILY, (Kind.MAXIMUM, "daily")))
    words.update(dict.fromkeys(_MAXIMUM, (Kind.MAXIMUM, None)))
    words.update({"up to": (Kind.UP_TO, None), "at least": (Kind.AT_LEAST, None), "and a": (Kind.AND_A, None),
                  "per dose": (Kind.PER_DOSE, None), "and then": (Kind.THEN, None), "and than": (Kind.THEN,
                  None),
                  "followed by": (Kind.THEN, None), "thereafter": (Kind.SILENT, None),
                  "in any": (Kind.IN, None)})  # fmt: skip
    for day in Day:
        words[day.name.lower()] = (Kind.DAY, day)
        words[f"{day.name.lower()}s"] = (Kind.DAYS, day)
    words.update(_SINGLE)
    return words


class Node(dict[str, "Node"]):
    """The words that may follow; `said` is the kind and value of the phrase that ends here, if one does."""

    __slots__ = ("said",)
    said: tuple[Kind, object] | None


def _tree(entries: dict[str, tuple[Kind, object]]) -> Node:
    top = Node()
    top.said = None
    for phrase, said in entries.items():
        node = top
        for word in phrase.split():
            if word not in node:
                node[word] = Node()
                node[word].said = None
            node = node[word]
        node.said = said
    return top


ENTRIES = _entries()
# Word by word, every phrase we know.
PHRASES = _tree(ENTRIES)
MISSPELT = misspellings({word for phrase in ENTRIES for word in phrase.split()})
