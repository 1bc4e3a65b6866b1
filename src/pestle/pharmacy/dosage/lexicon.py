"""Which words of an instruction do we know, and what does each say?

A word or phrase stands here with its kind and its value; one that stands nowhere is *not understood*. No
word is left out as filler unless it is of kind SILENT, which says nothing wherever it stands. “on”, “om”,
“cd” and “morn” are missing on purpose: each has a second meaning.

Source: NHS England dosage_instructions 506c0d40 (MIT, 2026), dictionary and tests; FHIR R4 EventTiming;
UK label wording as met in the NHS Electronic Prescription Service examples 77e80e11 (MIT, 2026).
"""

from __future__ import annotations

from datetime import time
from decimal import Decimal
from enum import Enum, auto

from pestle.pharmacy.dosage import moment_words, phrases, places
from pestle.pharmacy.dosage.dose import Day, PeriodUnit, When
from pestle.pharmacy.dosage.moment_words import MOMENTS, REST, SHORT_DAYS, WORKING
from pestle.pharmacy.dosage.spelling import misspellings
from pestle.pharmacy.dosage.units import UNITS


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
    ADVICE = auto()
    WITH = auto()
    LIQUID = auto()
    EARLIEST = auto()
    THEREAFTER = auto()
    CEASE = auto()
    ORDINAL = auto()
    HALF_HOUR = auto()
    EXCEPT = auto()
    OFF = auto()
    CYCLE = auto()
    AGAIN = auto()
    ONLY = auto()
    CHANGE = auto()
    AFTER = auto()
    LATER = auto()
    OTHER_DAYS = auto()
    UNKNOWN = auto()


NUMBERS = {
    word: Decimal(value) for value, word in enumerate((
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
        "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen",
        "sixteen", "seventeen", "eighteen", "nineteen",
    ))
}  # fmt: skip
TENS = {
    "twenty": Decimal(20), "thirty": Decimal(30), "forty": Decimal(40), "fifty": Decimal(50),
    "sixty": Decimal(60), "seventy": Decimal(70), "eighty": Decimal(80), "ninety": Decimal(90),
}  # fmt: skip

# imperative, past participle, the word that a label begins with
VERBS = (
    ("take", "taken", "Take"), ("swallow", "swallowed", "Swallow"), ("apply", "applied", "Apply"),
    ("use", "used", "Use"), ("inhale", "inhaled", "Inhale"), ("inject", "injected", "Inject"),
    ("insert", "inserted", "Insert"), ("instil", "instilled", "Instil"),
    ("instill", "instilled", "Instil"),
    ("put", "put", "Put"), ("suck", "sucked", "Suck"), ("chew", "chewed", "Chew"),
    ("give", "given", "Give"), ("place", "placed", "Place"), ("administer", "administered", "Administer"),
    ("drink", "drunk", "Drink"), ("rinse", "rinsed", "Rinse"), ("gargle", "gargled", "Gargle"),
    ("massage", "massaged", "Massage"), ("rub", "rubbed", "Rub"), ("smear", "smeared", "Smear"),
    ("mix", "mixed", "Mix"), ("add", "added", "Add"), ("crush", "crushed", "Crush"),
    ("wash", "washed", "Wash"),
    ("unwrap", "unwrapped", "Unwrap"), ("have", "had", "Have"), ("swish", "swished", "Swish"),
    ("infuse", "infused", "Infuse"), ("start", "started", "Start"), ("paint", "painted", "Paint"),
    ("shampoo", "shampooed", "Shampoo"), ("change", "changed", "Change"), ("replace", "replaced", "Replace"),
    ("sprinkle", "sprinkled", "Sprinkle"),
    ("dissolve", "dissolved", "Dissolve"), ("spray", "sprayed", "Spray"), ("wear", "worn", "Wear"),
)  # fmt: skip
# Verbs that say only that the medicine is used; they contradict no other verb.
GENERAL_VERBS = frozenset({"take", "use", "give", "have", "administer", "start"})
# What is used by these may be used as often as needed, without an amount that is counted.
SPREAD = frozenset({"Apply", "Use", "Rub", "Massage", "Smear", "Spray"})
# Verbs that put a new one in place of the one before.
RENEWING = frozenset({"Change", "Replace"})
# Verbs of making ready: another verb may follow and say how it is then given.
PREPARING = frozenset({"Dissolve", "Mix", "Unwrap", "Crush", "Chew", "Suck", "Swish", "Rinse", "Gargle",
                       "Place", "Sprinkle", "Add", "Put"})  # fmt: skip

PERIODS = {
    "second": PeriodUnit.SECOND, "minute": PeriodUnit.MINUTE, "min": PeriodUnit.MINUTE,
    "hour": PeriodUnit.HOUR,
    "hr": PeriodUnit.HOUR, "h": PeriodUnit.HOUR, "wk": PeriodUnit.WEEK, "mth": PeriodUnit.MONTH,
    "d": PeriodUnit.DAY, "day": PeriodUnit.DAY, "week": PeriodUnit.WEEK, "month": PeriodUnit.MONTH,
    "year": PeriodUnit.YEAR, "yr": PeriodUnit.YEAR, "mnth": PeriodUnit.MONTH,
}  # fmt: skip

_ADVERBS = {
    "hourly": (1, PeriodUnit.HOUR), "hrly": (1, PeriodUnit.HOUR), "daily": (1, PeriodUnit.DAY),
    "everyday": (1, PeriodUnit.DAY), "qweek": (1, PeriodUnit.WEEK), "qwk": (1, PeriodUnit.WEEK),
    "weekly": (1, PeriodUnit.WEEK), "wkly": (1, PeriodUnit.WEEK), "dly": (1, PeriodUnit.DAY),
    "aday": (1, PeriodUnit.DAY), "quarterly": (3, PeriodUnit.MONTH), "fortnightly": (2, PeriodUnit.WEEK),
             "monthly": (1, PeriodUnit.MONTH),
    "annually": (1, PeriodUnit.YEAR), "yearly": (1, PeriodUnit.YEAR), "minutely": (1, PeriodUnit.MINUTE),
}  # fmt: skip

_LATIN = {"qd": 1, "qday": 1, "bds": 2, "od": 1, "bd": 2, "bid": 2, "tds": 3, "tid": 3, "qds": 4, "qid": 4}

_AS_NEEDED = (
    "when required", "as required", "if required", "when needed", "as needed", "if needed",
    "when necessary",
    "as necessary", "if necessary", "prn", "only when required", "only as required", "only if required",
    "only when needed", "only as needed", "only if needed", "as and when required", "as and when needed",
    "as needed only", "when required only", "as needed prn", "if and when required", "where required",
    "only when necessary", "if you need it", "when you need it", "as often as required", "as often as needed",
    "as often as necessary", "when and if required", "if and when needed", "as and when necessary",
    "p.r.n", "prn as needed", "prn only", "when needed only", "if required only", "where needed",
    "whenever required", "whenever needed", "when required prn", "as required prn", "if required prn",
    "if needed prn", "only if necessary", "as reqd", "when reqd", "if reqd", "as req", "when req",
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
    "max dose of",
    "nte",
    "do not use more than",
    "don't take more than",
    "maximum is",
    "with a maximum of",
    "to a max of",
    "upto a maximum of",
    "do not exceed more than",
    "up to max",
    "up to a max",
    "up to maximum",
    "up to maximum of",
    "up to a maximum",
    "up to max of",
    "limit to",
    "do not give more than",
    "not exceeding",
    "never more than",
    "never take more than",
    "take no more than",
    "use no more than",
    "do not inhale more than",
)
_MAXIMUM_DAILY = (
    "mdd", "mdd of", "mdd :", "mdd =", "max daily dose", "maximum daily dose", "maximum daily dose of",
    "max daily dose of", "max daily", "max daily amount",
    "maximum daily amount", "maximum daily", "max daily dose :", "maximum daily dose :", "max daily dose =",
    "max daily amount :", "maximum daily amount of",
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
    "half an hour": (Kind.HALF_HOUR, None), "half hour": (Kind.HALF_HOUR, None),
                     "midnight": (Kind.CLOCK, time()),
    "three quarters": (Kind.FRACTION, Decimal("0.75")), "nights": (Kind.PERIOD, (1, PeriodUnit.DAY)),
    "except": (Kind.EXCEPT, None), "except on": (Kind.EXCEPT, None), "apart from": (Kind.EXCEPT, None),
    "but not on": (Kind.EXCEPT, None), "not on": (Kind.EXCEPT, None), "skip": (Kind.EXCEPT, None),
    "skip on": (Kind.EXCEPT, None), "omit": (Kind.EXCEPT, None), "omit on": (Kind.EXCEPT, None),
    "except skip": (Kind.EXCEPT, None), "but skip": (Kind.EXCEPT, None), "omitting": (Kind.EXCEPT, None),
    "start with": (Kind.VERB, "Start"),
    "begin with": (Kind.VERB, "Start"), "commence": (Kind.VERB, "Start"),
    "off": (Kind.OFF, None), "break": (Kind.OFF, None), "pause": (Kind.OFF, None),
    "cycle": (Kind.CYCLE, None), "repeat": (Kind.AGAIN, None), "then repeat": (Kind.AGAIN, None),
    "and repeat": (Kind.AGAIN, None), "repeat cycle": (Kind.AGAIN, None),
    "timesa": (Kind.TIMES, None), "twicea": (Kind.MULTIPLE, 2), "oncea": (Kind.MULTIPLE, 1),
    "rinse mouth with": (Kind.VERB, "Rinse"), "rinse the mouth with": (Kind.VERB, "Rinse"),
    "rinse your mouth with": (Kind.VERB, "Rinse"), "rub in": (Kind.VERB, "Rub"), "massage in": (Kind.VERB,
                              "Massage"),
    "weekdays": (Kind.DAYS, WORKING), "on weekdays": (Kind.DAYS, WORKING), "weekends": (Kind.DAYS, REST),
    "at weekends": (Kind.DAYS, REST), "on weekends": (Kind.DAYS, REST),
                    "at the weekend": (Kind.DAYS, REST),
    "through": (Kind.TO, None), "thru": (Kind.TO, None),
    "please": (Kind.SILENT, None), "contents of": (Kind.SILENT, None), "the contents of": (Kind.SILENT, None),
    "with": (Kind.WITH, None), "upto": (Kind.UP_TO, None),
    "i": (Kind.NUMBER, Decimal(1)), "ii": (Kind.NUMBER, Decimal(2)), "iii": (Kind.NUMBER, Decimal(3)),
    "stop": (Kind.CEASE, None), "stopped": (Kind.CEASE, None),
    "second": (Kind.ORDINAL, 2), "2nd": (Kind.ORDINAL, 2), "third": (Kind.ORDINAL, 3),
               "3rd": (Kind.ORDINAL, 3),
    "fourth": (Kind.ORDINAL, 4), "4th": (Kind.ORDINAL, 4), "fifth": (Kind.ORDINAL, 5),
               "sixth": (Kind.ORDINAL, 6),
    "after": (Kind.AFTER, None), "later": (Kind.LATER, None), "only": (Kind.ONLY, None),
    "plus": (Kind.AND, None),
    "[": (Kind.OPEN, None), "]": (Kind.CLOSE, None), "!": (Kind.STOP, None), "*": (Kind.STOP, None),
    '"': (Kind.COMMA, None), "“": (Kind.COMMA, None), "”": (Kind.COMMA, None),
    "—": (Kind.DASH, None), "+": (Kind.AND, None), "•": (Kind.STOP, None),
    "-": (Kind.DASH, None), "–": (Kind.DASH, None), ",": (Kind.COMMA, None), ";": (Kind.STOP, None),
    ".": (Kind.STOP, None), ":": (Kind.COMMA, None), "/": (Kind.SLASH, None), "(": (Kind.OPEN, None),
    ")": (Kind.CLOSE, None),
}  # fmt: skip


def _entries() -> dict[str, tuple[Kind, object]]:
    words: dict[str, tuple[Kind, object]] = {}
    words.update({word: (Kind.NUMBER, value) for word, value in {**NUMBERS, **TENS}.items()})
    words.update({word: (Kind.UNIT, unit) for word, unit in UNITS.items()})
    for imperative, participle, verb in VERBS:
        words[imperative] = (Kind.VERB, verb)
        words[f"to be {participle}"] = (Kind.PASSIVE, verb)
        if participle != imperative:
            words[participle] = (Kind.PASSIVE, verb)
    for form in ("cream", "ointment", "gel", "lotion", "paste", "emollient", "foam"):
        for the in ("", "the "):
            words[f"apply {the}{form}"] = (Kind.VERB, "Apply")
    words["spray"] = (Kind.UNIT, "spray")
    for word, period in PERIODS.items():
        words[word] = words[f"{word}s"] = words[f"{word}(s)"] = (Kind.PERIOD, (1, period))
    words.update({word: (Kind.ADVERB, value) for word, value in _ADVERBS.items()})
    words["dailyx"] = words["daily"]
    for word, value in _LATIN.items():  # “bidx5 days”
        words[word] = words[f"{word}x"] = (Kind.LATIN, (value, PeriodUnit.DAY))
    for phrase in ("alternate days", "on alternate days", "alternate day", "alternate daily", "alt days",
                   "on alt days", "alt day"):  # fmt: skip
        words[phrase] = (Kind.ALTERNATE, (2, None, PeriodUnit.DAY))
    for phrase, when in (("night", When.NIGHT), ("morning", When.MORNING), ("evening", When.EVENING)):
        for on in ("", "on "):
            words[f"{on}alternate {phrase}s"] = words[f"{on}alternate {phrase}"] = (Kind.ALTERNATE, when)
    words["alternate weeks"] = words["on alternate weeks"] = (Kind.ALTERNATE, (2, None, PeriodUnit.WEEK))
    for phrase in ("on the same day", "the same day", "on same day"):
        words[phrase] = (Kind.SAME_DAY, "bare")
    for each in ("each", "every"):
        words[f"on the same day {each} week"] = words[f"on the same day of {each} week"] = (
            Kind.SAME_DAY,
            None,
        )
        words[f"the same day {each} week"] = words[f"same day {each} week"] = (Kind.SAME_DAY, None)
    words.update({phrase: (Kind.WHEN, when) for phrase, when in MOMENTS.items()})
    words.update(dict.fromkeys(_AS_NEEDED, (Kind.AS_NEEDED, None)))
    words.update(dict.fromkeys(places.ROUTES, (Kind.ROUTE, None)))
    words.update(dict.fromkeys(places.SITES, (Kind.SITE, None)))
    words.update({word: (Kind.SITE, site) for word, site in places.SITE_NAMES.items()})
    words.update({word: (Kind.SITE, site) for word, site in places.SITES_OF_DROPS.items() if word != "od"})
    words.update(dict.fromkeys((*phrases.NOTES, *phrases.PURPOSES), (Kind.NOTE, None)))
    words.update({word: (Kind.NOTE, note) for word, note in phrases.LATIN_NOTES.items()})
    words.update(dict.fromkeys(phrases.NOW, (Kind.NOW, None)))
    words["stat"] = (Kind.NOW, "immediately")
    words.update(dict.fromkeys(phrases.ADVICE, (Kind.ADVICE, "anywhere")))
    words.update(dict.fromkeys(phrases.SET_APART, (Kind.ADVICE, "set apart")))
    words.update(dict.fromkeys(phrases.LIQUIDS, (Kind.LIQUID, None)))
    words.update(dict.fromkeys(phrases.DIRECTED, (Kind.DIRECTED, None)))
    words.update(dict.fromkeys(phrases.EARLIEST, (Kind.EARLIEST, (1, 1))))
    words["tomorrow"] = Kind.EARLIEST, (2, 2)
    words.update(dict.fromkeys(("for the first", "for first"), (Kind.FOR, None)))
    words.update(dict.fromkeys(phrases.REASONS, (Kind.REASON, None)))
    words.update(dict.fromkeys(_MAXIMUM_DAILY, (Kind.MAXIMUM, "daily")))
    words.update(dict.fromkeys(_MAXIMUM, (Kind.MAXIMUM, None)))
    words.update({"up to": (Kind.UP_TO, None), "at least": (Kind.AT_LEAST, None), "and a": (Kind.AND_A, None),
                  "per dose": (Kind.PER_DOSE, None), "and then": (Kind.THEN, None), "and than": (Kind.THEN,
                  None),
                  "followed by": (Kind.THEN, None), "thereafter": (Kind.THEREAFTER, None),
                  "afterwards": (Kind.THEREAFTER, None), "then continue": (Kind.THEN, None),
                  "in any": (Kind.IN, None)})  # fmt: skip
    for change in ("reduce to", "reduce down to", "decrease to", "increase to", "reduced to", "increased to",
                   "increasing to", "reducing to", "decreasing to"):  # fmt: skip
        words[change] = words[f"then {change}"] = words[f"and then {change}"] = (Kind.THEN, None)
    for verb in (
        "reduce",
        "reducing",
        "reduced",
        "decrease",
        "decreasing",
        "increase",
        "increasing",
        "increased",
    ):
        ways = 1 if verb.startswith("inc") else -1
        for said in (f"{verb} by", f"{verb} dose by", f"{verb} the dose by"):
            words[said] = (Kind.CHANGE, ways)
    words.update(dict.fromkeys(("titrate", "titrated", "titrating", "taper", "tapering", "tapered"),
                               (Kind.CHANGE, 0)))  # fmt: skip
    words.update(dict.fromkeys(phrases.STOPPED, (Kind.CEASE, None)))
    words.update(dict.fromkeys(moment_words.OTHER_DAYS, (Kind.OTHER_DAYS, None)))
    for day in Day:
        for name in (day.name.lower(), *SHORT_DAYS[day]):
            words[name] = words[f"a {name}"] = (Kind.DAY, day)
            words[f"{name}s"] = (Kind.DAYS, day)
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
