"""Which words that we do not know may stand in an instruction without changing it?

A medicine's name behind “of”, a reason behind “for”, and a remark set apart by commas or brackets (“1 per
day, home delivery service”). They are kept as words and handed back as unused. A word that could change an
amount, a moment or a length, or that looks like one that does, is never harmless.

Source: NHS England dosage_instructions 506c0d40 (MIT, 2026), which keeps remarks set apart; the words that
are never harmless are ours.
"""

from __future__ import annotations

from pestle.pharmacy.dosage.draft import Draft
from pestle.pharmacy.dosage.lexicon import NUMBERS, Kind
from pestle.pharmacy.dosage.tokens import Lexeme

_MOST_WORDS = 4
_CHANGES = frozenset({
    "reduce", "reducing", "reduced", "reduction", "increase", "increasing", "increased", "decrease",
    "decreasing", "gradually", "slowly", "stop", "stopping", "unless", "except", "not", "no", "never", "only",
    "without", "skip", "omit", "miss", "alternate", "alternating", "double", "extra", "more", "less", "fewer",
    "additional", "another", "total", "divided", "split", "if", "when", "while", "repeat", "repeated",
    "taper",
    "tapering", "wean", "titrate", "titrating", "titration", "weekend", "weekends", "weekday", "weekdays",
    "cycle", "cycles", "off", "break", "gap", "later", "next", "previous", "first", "last", "second", "third",
    "fourth", "same", "different", "change", "replace", "remove", "start", "starting", "begin", "continue",
    "continuously", "minimum", "least", "about", "approximately", "quarters", "halves", "thirds", "whole",
    "both", "either", "neither", "all", "any", "some", "few", "several", "couple", "pair", "dozen", "mon",
    "tues", "tue", "wed", "weds", "thurs", "thur", "thu", "fri", "sat", "sun", "today", "tomorrow",
    "yesterday",
    "life", "ever", "on", "om", "cd", "morn", "eve", "instead", "but", "after", "before", "until", "till",
    "during", "between", "apart", "since", "within", "symptoms", "onset", "response", "inr", "dose", "doses",
    "sliding", "scale", "regime", "regimen", "protocol", "schedule", "plan", "chart", "may", "can", "should",
    "must", "do", "does", "dont", "don't", "avoid", "hold", "withhold", "pause", "restart", "resume", "than",
    "as", "by", "plus", "minus", "with", "it", "this", "that", "strength", "mixed",
})  # fmt: skip
_TIMES = (
    "daily", "weekly", "fortnightly", "monthly", "hourly", "yearly", "annually", "quarterly", "nightly",
    "weeks", "months", "years", "hours", "minutes", "days", "fortnight", "twice", "thrice", "once", "three",
    "seven", "eight", "eleven", "twelve", "twenty", "thirty", "morning", "evening", "afternoon", "night",
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "bedtime", "breakfast",
    "alternate", "maximum", "required", "times", "milligram", "microgram", "tablets", "capsules",
    "biweekly", "bimonthly", "bidaily", "millilitre", "milliliter", "nanogram", "teaspoon", "tablespoon",
    "spoonful", "sachet", "lozenge", "suppository", "pessary", "inhalation", "application", "ampoule",
    "units",
    "puffs", "drops", "sprays", "patches",
)  # fmt: skip


def harmless_end(words: list[Lexeme], index: int) -> int:
    """Where the run of harmless unknown words that begins at `index` ends; `index` itself for none."""
    end = index
    while end < len(words) and end - index < _MOST_WORDS and _is_harmless(words[end]):
        end += 1
    cut_short = end < len(words) and words[end].kind is Kind.UNKNOWN
    return index if cut_short else end


def _is_harmless(word: Lexeme) -> bool:
    if word.kind is not Kind.UNKNOWN or not word.text.isalpha() or len(word.text) < 3:
        return False
    low = word.text.casefold()
    if low.startswith(_NUMBER_WORDS):  # “oneto”, “twotabs”
        return False
    return low not in _CHANGES and low not in _NEAR and _NEAR.isdisjoint(_without_one(low))


_NUMBER_WORDS = tuple(word for word in NUMBERS if word != "ten")


def _without_one(word: str) -> list[str]:
    """The word with one letter left out, each in turn."""
    return [word[:at] + word[at + 1 :] for at in range(len(word))]


# What is left of a word of time when a letter or two are missing, for words that are nearly one of them.
_NEAR = frozenset(
    stem
    for word in _TIMES
    for once in (word, *_without_one(word))
    for stem in (once, *_without_one(once))
    if len(stem) > 3
)


_ENDS_ADVICE = frozenset({Kind.STOP, Kind.CLOSE, Kind.COMMA})
_DOING = frozenset({Kind.VERB, Kind.PASSIVE})
_SAYS_HOW_OFTEN = frozenset({
    Kind.LATIN, Kind.ADVERB, Kind.MULTIPLE, Kind.TIMES, Kind.EVERY, Kind.ALTERNATE, Kind.MAXIMUM,
    Kind.AS_NEEDED, Kind.THEN, Kind.DAYS, Kind.UP_TO, Kind.COURSE, Kind.FRACTION, Kind.EARLIEST,
    Kind.THEREAFTER, Kind.ORDINAL, Kind.SAME_DAY, Kind.DAY, Kind.EXCEPT, Kind.WHEN,
})  # fmt: skip
_CHANGES_A_DOSE = frozenset({
    "reduce", "reducing", "reduced", "increase", "increasing", "increased", "except", "alternate", "skip",
    "omit",
    "double", "extra", "weekend", "weekday", "taper", "half", "halve", "additional", "another", "titrate",
    "miss",
})  # fmt: skip


def advice_end(draft: Draft, index: int) -> int | None:
    """Where the sentence of advice that begins there ends; None where it says how much or how often too.

    “28 days” may stand in it (“discard after 28 days”), and behind a stated period “every 2 days” too
    (“replace every 2 days”).
    """
    first = draft.words[index]
    if first.value == "set apart" and draft.clause:
        return None
    end = index + 1
    while end < len(draft.words) and (draft.kind(end) not in _ENDS_ADVICE or draft.words[end].text == ":"):
        kind = draft.kind(end)
        if kind is Kind.AND and draft.kind(end + 1) in _DOING:
            break
        loose_dash = kind is Kind.DASH and not draft.words[end].glued
        if loose_dash:
            break
        repeats = draft.kind(index + 1) is Kind.AGAIN  # “may repeat once in 2 hours if needed”
        if repeats and (kind is Kind.AS_NEEDED or (kind is Kind.MULTIPLE and draft.words[end].value == 1)):
            end += 1
            continue
        if kind in _SAYS_HOW_OFTEN or draft.words[end].text.casefold() in _CHANGES_A_DOSE:
            return None
        if kind is Kind.NUMBER and draft.kind(end + 1) is not Kind.PERIOD:
            return None
        end += 1
    return end


_EDGES = frozenset({Kind.COMMA, Kind.STOP, Kind.DASH, Kind.OPEN, Kind.CLOSE})


def set_apart(words: list[Lexeme], left: list[int]) -> list[tuple[int, int]] | None:
    """The remarks that the unused words `left` make, as (from, to); None where one is no harmless remark."""
    remarks: list[tuple[int, int]] = []
    at = 0
    while at < len(left):
        start = left[at]
        end = harmless_end(words, start)
        before = start == 0 or words[start - 1].kind in _EDGES
        after = end == len(words) or words[end].kind in _EDGES
        # A remark of one word may be half of an instruction (“1 daily, reducing”), so it takes two.
        if (
            end - start < 2
            or not (before and after)
            or left[at : at + end - start] != list(range(start, end))
        ):
            return None
        remarks.append((start, end))
        at += end - start
    return remarks
