"""What is asked in a review, which answers are there, and which of them are passed on to a pharmacist?

Kind: review_checklist (``reviews/*.yaml``). Answers are kept by their codes, with the words as they were when
they were given, so that a review reads the same when the checklist changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pestle.pharmacy import definition as d
from pestle.pharmacy.definition import Definition, Definitions, Source
from pestle.pharmacy.practice.review import ReviewKind
from pestle.pharmacy.refusal import Refusal, Refused

KINDS = {"review_checklist": frozenset({"review", "questions"})}
_QUESTION = frozenset({"ask", "answers", "raises", "words"})


@dataclass(frozen=True, slots=True)
class Question:
    """One question: either its `answers`, words by code, or free words (no answers). `raises` are the codes
    that a pharmacist should hear of."""

    code: str
    ask: str
    answers: Mapping[str, str]
    raises: frozenset[str]


@dataclass(frozen=True, slots=True)
class Checklist:
    """The questions of one kind of review."""

    name: str
    title: str
    review: ReviewKind
    questions: tuple[Question, ...]
    source: Source


@dataclass(frozen=True, slots=True)
class Answered:
    """A question as it was asked and answered; `code` is empty where words were written. `raised`: a
    pharmacist should hear of it."""

    question: str
    ask: str
    code: str
    words: str
    raised: bool


def read_checklists(files: Definitions) -> Mapping[str, Checklist]:
    """The checklists by name. Raises `Refused`: what `definition` names."""
    return {file.name: _checklist(file) for file in files.of("review_checklist")}


def answered(checklist: Checklist, given: Mapping[str, str]) -> tuple[Answered, ...]:
    """The answers to every question, by its code.

    Raises `Refused` with all that is wrong: ``review.no-answer``, ``review.unknown-answer``,
    ``review.unknown-question``. Free words may be left out.
    """
    found = list(_answer_refusals(checklist, given))
    if found:
        raise Refused(*found)
    return tuple(
        Answered(
            question=each.code,
            ask=each.ask,
            code=given[each.code] if each.answers else "",
            words=each.answers[given[each.code]] if each.answers else given.get(each.code, "").strip(),
            raised=bool(each.answers) and given[each.code] in each.raises,
        )
        for each in checklist.questions
    )


def _answer_refusals(checklist: Checklist, given: Mapping[str, str]) -> Iterator[Refusal]:
    for each in checklist.questions:
        if not each.answers:
            continue
        answer = given.get(each.code, "").strip()
        if not answer:
            yield Refusal("review.no-answer", f"“{each.ask}” has no answer", each.code)
        elif answer not in each.answers:
            yield Refusal("review.unknown-answer", f"“{each.ask}” has no such answer", each.code)
    known = {each.code for each in checklist.questions}
    for code in given:
        if code not in known:
            yield Refusal("review.unknown-question", f"{checklist.title} has no question “{code}”", code)


def _checklist(file: Definition) -> Checklist:
    asked = d.entry(file, "questions")
    if not asked.body:
        raise d.wrong(file, "questions", "has one question at least")
    return Checklist(
        name=file.name,
        title=file.title,
        review=d.choice(file, "review", {each.value: each for each in ReviewKind}),
        questions=tuple(_question(asked, code) for code in asked.body),
        source=file.source,
    )


def _question(asked: Definition, code: str) -> Question:
    part = d.entry(asked, code, fields=_QUESTION)
    in_words = d.flag(part, "words")
    if in_words == ("answers" in part.body):
        raise d.wrong(part, "answers", "are given, or words, and one of them only")
    answers = {} if in_words else d.words(part, "answers")
    raises = frozenset(d.texts(part, "raises", empty=True))
    if not raises <= answers.keys():
        raise d.wrong(part, "raises", f"names answers of its own: {', '.join(answers) or 'it has none'}")
    return Question(code, d.text(part, "ask"), answers, raises)
