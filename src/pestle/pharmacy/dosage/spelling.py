"""Which typing errors of the commonest words do we take for the word?

Two letters swapped, one letter left out, or one doubled, in a short list of words that every instruction
uses; and a few more as met. An error that spells another word, known or English, stays unknown. Words whose
confusion would change a dose or an interval (numbers, “two”, “for”) are not on the list.

Source: ours; the extra ones are met in NHS England dosage_instructions 506c0d40 and parsigs 1.1.0b0 (MIT).
"""

from __future__ import annotations

from collections.abc import Container

_COMMON = (
    "tablet", "tablets", "capsule", "capsules", "morning", "evening", "night", "times", "daily", "weekly",
    "weeks", "hours", "needed", "required", "directed", "mouth", "twice", "every", "before", "after",
    "affected", "apply", "inhale", "breakfast", "bedtime", "puffs", "drops", "month", "days", "week", "take",
)  # fmt: skip
_MET = {
    "takr": "take", "dya": "day", "ntight": "night", "tablest": "tablets", "milliltres": "millilitres",
    "tabel": "tablet", "wekes": "weeks", "nite": "night", "evry": "every", "dailey": "daily",
    "requird": "required", "capsul": "capsule", "twise": "twice", "dailly": "daily", "dialy": "daily",
    "wekly": "weekly", "moring": "morning", "mornig": "morning", "nightime": "night", "noght": "night",
    "tak": "take", "tabet": "tablet", "tabets": "tablets", "tablette": "tablet", "inhail": "inhale",
    "aply": "apply", "dayly": "daily", "twicw": "twice", "evey": "every", "evary": "every",
    "ech": "each", "effected": "affected", "reqired": "required", "requried": "required",
    "requred": "required",
    "neccessary": "necessary", "necesary": "necessary", "fourtnight": "fortnight", "fortnigt": "fortnight",
    "suppositry": "suppository", "supository": "suppository", "suppositary": "suppository",
    "pessery": "pessary", "teaspoonfull": "teaspoonful", "spoonfull": "spoonful", "mouht": "mouth",
    "tongu": "tongue", "tounge": "tongue", "nostil": "nostril", "nostrel": "nostril", "alternte": "alternate",
    "bedtme": "bedtime", "brekfast": "breakfast", "breakast": "breakfast", "afected": "affected",
    "affeted": "affected", "sparingley": "sparingly", "thinley": "thinly", "liberaly": "liberally",
    "inahle": "inhale", "wheezeing": "wheezing", "nausia": "nausea",
}  # fmt: skip
# What a slip may spell that is a word of its own.
_ENGLISH = frozenset({
    "tale", "ours", "ties", "tims", "time", "moth", "ever", "very", "fter", "ply", "pufs", "dros", "dyes",
    "das", "dys", "day", "wee", "eek", "wek", "tae", "tke", "ake", "tak", "seeded", "eight", "ight", "hors",
    "hour", "fort", "ays", "wice", "mont", "nigh", "drop", "puff", "rops", "tiles", "able", "tablet",
    "week", "capsule", "heed", "deeded", "needed", "table", "tables", "require", "dally",
})  # fmt: skip


def misspellings(known: Container[str]) -> dict[str, str]:
    """Each typing error with its word; one that two words share, or that is `known`, is in none."""
    found: dict[str, str | None] = {}
    for word in _COMMON:
        for slip in _slips(word):
            found[slip] = word if found.get(slip, word) == word else None
    plain = {
        slip: word for slip, word in found.items() if word and slip not in _ENGLISH and slip not in known
    }
    return {**plain, **{slip: word for slip, word in _MET.items() if slip not in known}}


def _slips(word: str) -> set[str]:
    places = range(len(word))
    swapped = {word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in places[:-1]}
    doubled = {word[: at + 1] + word[at:] for at in places}
    dropped = {word[:at] + word[at + 1 :] for at in places} if len(word) > 4 else set()
    return (swapped | doubled | dropped) - {word}
