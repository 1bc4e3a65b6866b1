"""Who is told that something is ready for them, how, and in which words?

By the way to which the patient agreed, and once for what became ready. No message names a medicine: anybody
may read it. Nothing is sent from here; the words are handed to whoever sends them.

Agreement before a text: UK GDPR and the Privacy and Electronic Communications Regulations 2003, from memory
and unverified. Mobile numbers of the United Kingdom begin with 07, but not 070 (personal numbers) and 076
(pagers, save 07624): National Telephone Numbering Plan, from memory and unverified.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from pestle.pharmacy.dispensary.uncollected import Way
from pestle.pharmacy.refusal import Refusal, refuse

# Two parts of a text message.
LONGEST = 306
_UK_MOBILE = re.compile(r"\+447(?:[1-57-9]\d{8}|624\d{6})")
_ABROAD = re.compile(r"\+(?!44)[1-9]\d{7,14}")
WAYS = (Way.TEXT, Way.LETTER)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a patient agreed to: a text to a number, a letter, or (None) neither."""

    way: Way | None
    number: str = ""


@dataclass(frozen=True, slots=True)
class ToldBefore:
    """The last message to a patient: when, how, and by whom."""

    at: datetime
    way: Way
    by: str


def mobile(text: str) -> str:
    """A number to which a text can go, as +447700900123. Raises `Refused` (``contact.number``)."""
    digits = re.sub(r"[\s().-]", "", text)
    number = f"+44{digits[1:]}" if digits.startswith("0") and not digits.startswith("00") else digits
    number = f"+{number[2:]}" if number.startswith("00") else number
    if not _UK_MOBILE.fullmatch(number) and not _ABROAD.fullmatch(number):
        raise refuse("contact.number", f"“{text.strip()}” is no mobile number to which a text can go",
                     place="number", way_out="Write it as 07700 900123.")  # fmt: skip
    return number


def wish_refusals(wish: Wish, *, told_by: str) -> Iterator[Refusal]:
    """Why a wish is not recorded: ``contact.way``, ``contact.no-source``."""
    if wish.way not in (None, *WAYS):
        yield Refusal("contact.way", "A patient is told by text or by letter", "way")
    if len(told_by.strip()) < 3:
        yield Refusal("contact.no-source", "Say who agreed to it", "told_by")


def offered(*, pharmacy: str, telephone: str) -> str:
    """The words that are offered."""
    ask = f" Questions: {telephone}." if telephone.strip() else ""
    return f"{pharmacy}: something is ready for you to collect.{ask} Please do not reply to this message."


def words_refusals(words: str, *, medicines: Iterable[str]) -> Iterator[Refusal]:
    """Why these words are not sent: ``ready-message.no-words``, ``ready-message.too-long``,
    ``ready-message.names-medicine``. `medicines` are the names of what is ready."""
    said = words.strip()
    if len(said) < 10:
        yield Refusal("ready-message.no-words", "Say what the message says", "words")
    if len(said) > LONGEST:
        yield Refusal("ready-message.too-long", f"A message has at most {LONGEST} characters", "words")
    heard = set(re.findall(r"[a-z]+", said.casefold()))
    named = next((name for name in medicines if heard & _telling(name)), None)
    if named is not None:
        yield Refusal("ready-message.names-medicine", "No message names a medicine: anybody may read it",
                      "words", "Leave its name out.")  # fmt: skip


def tell_refusal(
    wish: Wish | None, way: Way, *, ready_at: datetime, before: ToldBefore | None
) -> Refusal | None:
    """Why a patient is not told this way of what has been ready since `ready_at`: ``ready-message.told``,
    ``ready-message.not-asked``, ``ready-message.not-agreed``."""
    if before is not None and before.at >= ready_at:
        return Refusal(
            "ready-message.told",
            f"{before.by} has told them already, {before.way.words.lower()}",
            way_out="Whoever does not come is reminded from the list “Not collected”.",
        )
    if wish is None:
        return Refusal("ready-message.not-asked", "Nobody has asked how the patient wants to be told",
                       way_out="Ask them, and record it on their page.")  # fmt: skip
    if wish.way is not way:
        agreed = wish.way.words.lower() if wish.way else "neither by text nor by letter"
        return Refusal("ready-message.not-agreed", f"The patient agreed to be told {agreed}", "way")
    return None


def _telling(name: str) -> frozenset[str]:
    """The words of a medicine's name that tell which it is: those before its strength."""
    before = re.split(r"\d", name.casefold())[0]
    return frozenset(word for word in re.findall(r"[a-z]+", before) if len(word) > 3)
