"""By which verb, which way, where and what for is it given, and with which notes?

Each function reads the words that begin at `index`, fills the draft and returns where to go on.
"""

from __future__ import annotations

from pestle.pharmacy.dosage.amounts import TwoWays
from pestle.pharmacy.dosage.draft import BREAKS, Draft
from pestle.pharmacy.dosage.lexicon import PREPARING, RENEWING, Kind
from pestle.pharmacy.dosage.phrases import says_when
from pestle.pharmacy.dosage.places import ROUTE_NAMES, SITES_OF_DROPS

_AMOUNTS = frozenset({Kind.NUMBER, Kind.FRACTION})
# “to the affected areas”, where a second place says of what: “of the face”.
_AREA = ("area", "areas", "area(s)", "skin", "part", "parts")
_DROPPED = frozenset({"drop", "spray", "puff", "application"})
_SET_APART = BREAKS | {Kind.OPEN, Kind.CLOSE}
_LISTED = frozenset({Kind.AND, Kind.COMMA, Kind.OR, Kind.SLASH})


def verb(draft: Draft, index: int) -> int:
    """“take”, “apply”. A second one is a second instruction, unless it only says the first again."""
    verb = str(draft.words[index].value)
    following = draft.kind(index + 1)
    if verb in RENEWING and draft.is_timed() and not draft.clause:
        return _to_the_end(draft, index)
    if draft.verb is not None:
        if verb == draft.verb and following not in _AMOUNTS and following is not Kind.MULTIPLE:
            return index + 1
        if following in (Kind.MULTIPLE, Kind.NUMBER) and verb == draft.verb == "Take":
            found = draft.amount(index + 1)
            after = index + 2 if following is Kind.MULTIPLE else found[1] if found else index + 1
            if draft.kind(after) in BREAKS or draft.kind(after) is Kind.TIMES:
                return index + 1
        raise TwoWays("dosage.more-than-one-instruction", "a second thing to do is said")
    behind = (
        draft.dose is not None and (draft.clause or following not in BREAKS) and not _counts(draft, index)
    )
    if behind and not draft.prepared:
        raise TwoWays("dosage.two-readings", "the verb stands behind the amount")
    draft.verb = verb
    return index + 1


def _to_the_end(draft: Draft, index: int) -> int:
    """“1 per day. Replace every year”: a sentence on the device or the bottle, kept as a note."""
    end = index
    while end < len(draft.words) and draft.kind(end) not in (Kind.STOP, Kind.CLOSE):
        end += 1
    draft.notes.append(" ".join([word.text for word in draft.words[index:end]]))
    return end


def renews(draft: Draft, index: int) -> bool:
    """“one patch and change every 72 hours”: whether the verb says only how often a new one is applied."""
    word = draft.at(index)
    if word.value not in RENEWING or draft.dose is None or draft.is_timed():
        return False
    return word.kind in (Kind.VERB, Kind.PASSIVE) and draft.kind(index + 1) in (
        Kind.EVERY,
        Kind.ADVERB,
        Kind.MULTIPLE,
    )


def _counts(draft: Draft, index: int) -> bool:
    """Whether this is “take once” or “take 3 times”, as the dose-to-text rules print a count."""
    return not draft.clause and draft.kind(index + 1) in (Kind.MULTIPLE, Kind.NUMBER)


def passive(draft: Draft, index: int) -> int:
    """“to be taken”."""
    verb = str(draft.words[index].value)
    if renews(draft, index):
        return index + 1
    if draft.verb is not None and draft.verb != verb:
        raise TwoWays("dosage.more-than-one-instruction", "a second thing to do is said")
    draft.verb = verb
    return index + 1


def goes_on(draft: Draft, index: int) -> bool:
    """“dissolve in water and take”: whether the verb behind “and” goes on from one of making ready."""
    if draft.verb not in PREPARING or draft.kind(index) not in (Kind.VERB, Kind.PASSIVE):
        return False
    if draft.dose is not None and draft.kind(index + 1) in _AMOUNTS:
        return False
    draft.notes.append(draft.verb.lower())
    draft.verb, draft.prepared = None, True
    return True


def either(draft: Draft, index: int) -> int:
    """“to be chewed or sucked”: the second verb is kept as a note."""
    if draft.kind(index - 1) is draft.kind(index + 1) and draft.kind(index + 1) in (Kind.PASSIVE, Kind.VERB):
        draft.notes.append(f"or {draft.words[index + 1].text}")
        return index + 2
    return draft.leave(index, index + 1)


def route(draft: Draft, index: int) -> int:
    """“by mouth”."""
    if draft.route is not None:
        here, there = (ROUTE_NAMES.get(word.casefold(), word.casefold())
                       for word in (draft.route, draft.words[index].text))  # fmt: skip
        if here == there:
            return index + 1
        raise TwoWays("dosage.two-readings", "two routes are said")
    draft.route = draft.words[index].text
    return index + 1


def site(draft: Draft, index: int) -> int:
    """“in the left eye”. “re”, “le” and “be” are eyes only behind drops and their like."""
    word = draft.words[index].text
    if word.casefold() in SITES_OF_DROPS and (draft.dose is None or draft.dose.unit not in _DROPPED):
        return draft.leave(index, index + 1)
    if (
        draft.site is not None
        and draft.kind(index - 1) is Kind.SITE
        and draft.site.casefold().endswith(_AREA)
    ):
        draft.site = f"{draft.site} {word}"
        return index + 1
    if draft.site is not None:
        raise TwoWays("dosage.two-readings", "two places on the body are said")
    draft.site = word if len(word) > 2 else str(draft.words[index].value)
    return index + 1


def inside(draft: Draft, index: int) -> int:
    """“in 125ml of water”, “with a glass of juice”: what it is taken in, as a note; “in OU”: the place."""
    if draft.kind(index) is Kind.IN and draft.kind(index + 1) is Kind.SITE:
        return index + 1
    if draft.kind(index) is Kind.IN and draft.at(index + 1).text.casefold() == "od":
        return index + 1
    found = draft.amount(index + 1)
    if found is None or found[0].unit is None:
        return later(draft, index) or draft.leave(index, index + 1)
    after = found[1] + (draft.kind(found[1]) is Kind.OF)
    if draft.kind(after) is not Kind.LIQUID:
        return draft.leave(index, index + 1)
    draft.notes.append(" ".join([word.text for word in draft.words[index : after + 1]]))
    return after + 1


def later(draft: Draft, index: int) -> int | None:
    """“then 1 in 4 hours”, “after 1 hour”: once, so long after the dose that is given at once."""
    found = draft.amount(index + 1) if draft.follows else None
    if found is None or found[0].unit is not None or draft.kind(found[1]) is not Kind.PERIOD:
        return None
    if draft.dose is None or draft.is_timed():
        return None
    draft.now = True
    draft.notes.append(" ".join([word.text for word in draft.words[index : found[1] + 1]]))
    return found[1] + 1


def note(draft: Draft, index: int) -> int:
    """“with food” also says when."""
    note = str(draft.words[index].value)
    draft.with_food = draft.with_food or says_when(note)
    draft.notes.append(note)
    return index + 1


def now(draft: Draft, index: int) -> int:
    """“stat”, “immediately”: once, unless it is said how often."""
    draft.notes.append(str(draft.words[index].value))
    draft.now = True
    return index + 1


def directed(draft: Draft, index: int) -> int:
    """“as directed”."""
    draft.directed = True
    draft.notes.append(draft.words[index].text)
    return index + 1


def reason(draft: Draft, index: int) -> int:
    """“prn pain”: the reason right behind “as needed”; or one set apart, “(blood pressure)”."""
    before = draft.kind(index - 1) if index else Kind.STOP
    if before is Kind.AS_NEEDED or (
        before in _SET_APART and index > 1 and draft.kind(index - 2) is Kind.AS_NEEDED
    ):
        return reasons(draft, index)
    if before in _SET_APART and draft.kind(index + 1) in _SET_APART:
        return reasons(draft, index)
    return draft.leave(index, index + 1)


def reasons(draft: Draft, after: int) -> int:
    """“pain”, “pain and fever”, “nausea/vomiting”."""
    draft.reasons.append(draft.at(after).text)
    while True:
        link = draft.kind(after + 1) in _LISTED
        if draft.kind(after + 1 + link) is not Kind.REASON:
            break
        after += 1 + link
        draft.reasons.append(draft.at(after).text)
    return after + 1


def as_needed(draft: Draft, index: int) -> int:
    """“when required”."""
    draft.as_needed = True
    return index + 1
