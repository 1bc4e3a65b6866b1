"""How often the product meant stands first, and how long a search takes.

The names are the valid moieties of a public dm+d release (PESTLE_SAMPLES), and products made from them: a
moiety, a strength, a form, and for the largest dictionary invented brands. Errors are made by a seeded
generator, so every run asks the same questions. An error is one wrong letter (replaced, left out, put in, two
changed round) in a word of three letters or more: a wrong figure or unit is another strength, and no search
may forgive it.

A part word is the beginning of a word, four letters or more and never the whole. Many cannot be decided by
anybody: "hydr" begins 30 moieties. So beside the share stands the best that any ranking by name alone could
do: for each text the chance of the name that is likeliest to be meant by it. And part words are also counted
where they are decidable: all names with a word that begins so have the same word there, and the name meant is
the shortest of them.

    python -m tests.scale.search [--full]

asks 150 questions of each kind, of the moieties and of 200,000 products; --full asks 1,000, and of 25,000
products and of the formulary too.
"""

from __future__ import annotations

import argparse
import gc
import os
import random
import re
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from pestle.definitions import folder
from pestle.pharmacy.medicines.concept import Level, Product, Release
from pestle.pharmacy.medicines.dictionary import Dictionary, read
from pestle.pharmacy.medicines.search import Hit, Index

SEED = 20261122
RELEASE = Release("made", "Made for a measurement", "2026-11-22")
STRENGTHS = (
    "100microgram", "250microgram", "500microgram", "1mg", "2mg", "2.5mg", "5mg", "10mg", "15mg", "20mg",
    "25mg", "40mg", "50mg", "75mg", "100mg", "150mg", "200mg", "250mg", "300mg", "400mg", "500mg", "1g",
)  # fmt: skip
FORMS = (
    "tablets", "capsules", "modified-release tablets", "modified-release capsules",
    "gastro-resistant tablets", "orodispersible tablets", "dispersible tablets", "effervescent tablets",
    "chewable tablets", "suppositories", "oral solution unit dose", "solution for injection ampoules",
    "powder for solution for injection vials",
)  # fmt: skip
SYLLABLES = (
    "ba", "cor", "dil", "en", "fos", "gra", "hel", "iv", "ju", "kel", "lo", "mex", "nor", "ol", "pra", "qui",
    "ras", "sel", "tri", "ul", "vex", "wil", "xan", "yl", "zo",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Question:
    """What was typed for which name, and whether anybody could tell."""

    typed: str
    meant: str
    decidable: bool = True


def moieties(samples: Path) -> list[str]:
    """The names of the valid VTMs of release 2019-04."""
    [path] = (samples / "uk/dmd/sample-2019-04").glob("f_vtm2*.xml")
    rows = ElementTree.parse(path).getroot().iter("VTM")
    return [row.findtext("NM") or "" for row in rows if row.find("INVALID") is None]


def moiety_dictionary(names: Sequence[str]) -> Dictionary:
    """Each moiety as one entry."""
    entries = [Product(str(at), Level.VTM, name, moiety=name) for at, name in enumerate(names, start=1)]
    return Dictionary(release=RELEASE, products=entries)


def product_dictionary(names: Sequence[str], size: int) -> Dictionary:
    """`size` products: as many generics of each moiety as fit, four of ten of them with invented brands."""
    draw = random.Random(SEED)
    products: list[Product] = []
    while len(products) < size:
        moiety = names[draw.randrange(len(names))]
        strengths = draw.sample(STRENGTHS, 4)
        brand = "".join(draw.choices(SYLLABLES, k=draw.randint(2, 4))).capitalize()
        branded = draw.random() < 0.4
        for form in draw.sample(FORMS, 2):
            for strength in strengths:
                id_ = str(len(products) + 1)
                generic = Product(id_, Level.VMP, f"{moiety} {strength} {form}", moiety=moiety)
                products.append(generic)
                if branded:
                    name = f"{brand} {strength} {form}"
                    products.append(Product(id_ + "0" * 9, Level.AMP, name, moiety=moiety, generic_id=id_))
    return Dictionary(release=RELEASE, products=products[:size])


def one_error(name: str, draw: random.Random, kind: str) -> str:
    """The name in lower case with one wrong letter in a word of three letters or more."""
    text = name.casefold()
    words = [match for match in re.finditer(r"[^\W\d_]{3,}", text) if not _is_unit(match, text)]
    if not words:
        return text
    word = draw.choices(words, weights=[len(match[0]) for match in words])[0]
    return text[: word.start()] + _wrong(word[0], draw, kind) + text[word.end() :]


def part_words(
    names: Sequence[str], draw: random.Random, *, most: int, wrong: bool, asked: Sequence[str] = ()
) -> Iterator[Question]:
    """The beginning of a long enough word of each name, with one error in it where `wrong`.

    `most`: 4 asks for four letters only, a large number for any length. `asked`: of these names alone.
    """
    having: dict[str, set[str]] = defaultdict(set)
    for name in names:
        for word in _letters(name):
            for length in range(4, len(word)):
                having[word[:length]].add(name)
            having[word].add(name)
    for name in asked or names:
        words = [word for word in _letters(name) if len(word) > 4]
        if not words:
            continue
        word = draw.choice(words)
        part = word[: draw.randint(4, min(len(word) - 1, most))]
        completions = {each for other in having[part] for each in _letters(other) if each.startswith(part)}
        shortest = min(having[part], key=lambda other: (len("".join(_letters(other))), other))
        typed = _wrong(part, draw, draw.choice(KINDS)) if wrong else part
        yield Question(typed, name, completions == {word} and shortest == name)


def best_possible(names: Sequence[str], asked: Sequence[Question], *, most: int) -> float:
    """The share of these part words that a ranking by name alone could put first, per cent.

    Whoever means a name types the beginning of one of its words, each word and each length as likely as the
    other. So a text has its likeliest name, and no ranking does better than to offer that first.
    """
    meant: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for name in names:
        words = [word for word in _letters(name) if len(word) > 4]
        for word in words:
            longest = min(len(word) - 1, most)
            for length in range(4, longest + 1):
                meant[word[:length]][name] += 1 / len(words) / (longest - 3)
    chances = [meant[question.typed] for question in asked]
    return 100 * sum(max(each.values()) / sum(each.values()) for each in chances) / len(asked)


def part_names(names: Sequence[str], draw: random.Random, asked: Sequence[str] = ()) -> Iterator[Question]:
    """Every word of a name cut short, to four letters or more: "sodi ferede"."""
    for name in asked or names:
        words = [word[: draw.randint(4, len(word) - 1)] if len(word) > 4 else word for word in _letters(name)]
        fitting = [other for other in names if _begins(words, _letters(other))] if words else []
        shortest = min(fitting, key=lambda other: len("".join(_letters(other))), default=name)
        yield Question(" ".join(words), name, shortest == name and _alone(fitting, name))


def part_products(names: Sequence[str], draw: random.Random, asked: Sequence[str] = ()) -> Iterator[Question]:
    """As technicians type: "amlo 5 tab", four letters or more of the first word, the figure, the form."""
    parts = {name: part for name in names if (part := _PRODUCT.match(name.casefold()))}
    same: dict[str, list[tuple[str, list[str]]]] = defaultdict(list)
    for name, part in parts.items():
        same[part[2]].append((part[1], _letters(name[part.end(2) :])))
    for name in asked or names:
        part = parts.get(name)
        if part is None:
            continue
        word, figure, form = part[1][: draw.randint(4, len(part[1]) - 1)], part[2], part[3][:3]
        fitting = [
            first for first, rest in same[figure]
            if first.startswith(word) and any(each.startswith(form) for each in rest)
        ]  # fmt: skip
        yield Question(f"{word} {figure} {form}", name, len(fitting) == 1)


_PRODUCT = re.compile(r"([^\W\d_]{5,})\b.*? ([\d.]+)[a-z]+ (\w+)")


def _begins(parts: Sequence[str], words: Sequence[str]) -> bool:
    return all(any(word.startswith(part) for word in words) for part in parts)


def _alone(fitting: Sequence[str], name: str) -> bool:
    """Whether every name that fits has all the words of the one that was meant."""
    return all(set(_letters(name)) <= set(_letters(other)) for other in fitting)


KINDS = ("replaced", "left out", "put in", "changed round")


def _wrong(word: str, draw: random.Random, kind: str) -> str:
    at = draw.randrange(len(word) - 1) if kind == "changed round" else draw.randrange(len(word))
    letter = draw.choice([each for each in "abcdefghijklmnopqrstuvwxyz" if each != word[at]])
    return {
        "replaced": word[:at] + letter + word[at + 1 :],
        "left out": word[:at] + word[at + 1 :],
        "put in": word[:at] + letter + word[at:],
        "changed round": word[:at] + word[at : at + 2][::-1] + word[at + 2 :],
    }[kind]


def _is_unit(match: re.Match[str], text: str) -> bool:
    return match.start() > 0 and text[match.start() - 1].isdigit()


def _letters(name: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", name.casefold())


def first_is_name(question: Question, hits: Sequence[Hit]) -> bool:
    return bool(hits) and hits[0].product.name == question.meant


def first_is_moiety(question: Question, hits: Sequence[Hit]) -> bool:
    return bool(hits) and hits[0].product.moiety == question.meant


Judge = Callable[[Question, Sequence[Hit]], bool]


def questions(
    names: Sequence[str], *, products: bool = False, within: Sequence[str] = ()
) -> dict[str, list[Question]]:
    """Every kind of question about these names, the same in every run. `within`: all names there are."""
    draw = random.Random(SEED)
    every = within or names
    asked = {
        f"one letter {kind}": [Question(one_error(name, draw, kind), name) for name in names]
        for kind in KINDS
    }
    if products:
        asked["part word, figure, form"] = list(part_products(every, draw, names))
        return _with_decidable(asked)
    for kind, most in PART_WORDS.items():
        asked[kind] = list(part_words(every, draw, most=most, wrong=False, asked=names))
    asked["part word with an error"] = list(part_words(every, draw, most=99, wrong=True, asked=names))
    asked["part of every word"] = list(part_names(every, draw, names))
    return _with_decidable(asked)


PART_WORDS = {"part word, 4 letters or more": 99, "part word, 4 letters": 4}


def _with_decidable(asked: dict[str, list[Question]]) -> dict[str, list[Question]]:
    parts = {kind: all_ for kind, all_ in asked.items() if kind.startswith("part")}
    return asked | {
        f"{kind}, decidable": [question for question in all_ if question.decidable]
        for kind, all_ in parts.items()
    }


def score(index: Index, asked: Sequence[Question], judge: Judge, times: list[float]) -> float:
    """The share answered in first place, per cent; each search's processor seconds go into `times`."""
    right = 0
    for question in asked:
        began = time.thread_time()
        hits = index.search(question.typed)
        times.append(time.thread_time() - began)
        right += judge(question, hits)
    return 100 * right / len(asked)


def measure(
    title: str,
    dictionary: Dictionary,
    asked: dict[str, list[Question]],
    judge: Judge,
    *,
    names: Sequence[str] = (),
) -> None:
    """`names`: every name there is, where it can be said what the best ranking of part words would do."""
    began = time.process_time()
    index = Index(dictionary)
    _say(f"\n{title}: index made in {time.process_time() - began:.1f} s")
    gc.collect()
    gc.freeze()
    overall: list[float] = []
    for kind, some in asked.items():
        if not some:
            continue
        times: list[float] = []
        right = score(index, some, judge, times)
        overall += times
        best = ""
        if names and kind in PART_WORDS:
            best = f"best possible {best_possible(names, some, most=PART_WORDS[kind]):6.2f} %"
        _say(f"  {kind:42} {len(some):5} asked  {right:6.2f} % first  {_milliseconds(times)}  {best}")
    _say(f"  {'all':42} {len(overall):5} asked  {'':14}  {_milliseconds(overall)}")


def _milliseconds(times: Sequence[float]) -> str:
    ordered = sorted(times)
    p50, p99 = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)]
    return f"p50 {1000 * p50:5.2f} ms  p99 {1000 * p99:5.2f} ms"


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--full", action="store_true", help="1,000 questions of each kind, more dictionaries")
    full = parser.parse_args().full
    samples = os.environ.get("PESTLE_SAMPLES")
    if not samples:
        _say("PESTLE_SAMPLES is not set: there are no names to ask for.")
        return 1
    many = 1000 if full else 150

    def some(names: Sequence[str]) -> list[str]:
        return sorted(set(random.Random(SEED).sample(names, min(many, len(names)))))

    names = moieties(Path(samples))
    measure(
        f"{len(names)} moieties",
        moiety_dictionary(names),
        questions(some(names), within=names),
        first_is_name,
        names=names,
    )
    if full:
        starter = read(folder("formulary"))
        own = [product.name for product in starter.products()]
        asked = questions(own, products=True)
        measure(f"{len(own)} formulary products", starter, asked, first_is_name)
    for size in (25_000, 200_000) if full else (200_000,):
        made = product_dictionary(names, size)
        written = sorted({product.name for product in made.products()})
        held = {product.moiety for product in made.products()}
        plain = [name for name in names if name in held]
        asked = questions(some(plain), within=plain)
        measure(f"{size:,} products, by moiety", made, asked, first_is_moiety, names=plain)
        asked = questions(some(written), products=True, within=written)
        measure(f"{size:,} products, by name", made, asked, first_is_name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
