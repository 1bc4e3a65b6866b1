"""What condition does a definition write down?

A condition is one word of the vocabulary with its fields; what is not in the vocabulary is refused with its
file and field. Lists of medicines and conditions, and kinds of result, are named by their files; a small list
of medicines may stand where it is used. Kinds: medicine_list, condition_list, criterion (a condition that
others name); `docs/criteria.md` lists the words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TypeVar

from pestle.pharmacy import definition as d
from pestle.pharmacy.criteria import code_list, fields, read_lists
from pestle.pharmacy.criteria import nodes as n
from pestle.pharmacy.criteria.lists import ConditionList, MedicineList
from pestle.pharmacy.criteria.read_lists import NARROWED
from pestle.pharmacy.criteria.span import NONE, Span, SpanUnit, Window
from pestle.pharmacy.definition import Definition, Definitions
from pestle.pharmacy.medicines.dictionary import Dictionary
from pestle.pharmacy.medicines.local_routes import LocalRoutes
from pestle.pharmacy.medicines.medicine_class import Classes
from pestle.pharmacy.record import observable_definitions
from pestle.pharmacy.record.observable import Observable
from pestle.pharmacy.record.observation import Comparator
from pestle.pharmacy.record.patient import Gender

T = TypeVar("T")

KINDS = {
    **observable_definitions.KINDS,
    **code_list.KINDS,
    **read_lists.KINDS,
    "criterion": frozenset({"when"}),
}


@dataclass(slots=True)
class Terms:
    """What conditions may name: kinds of result, lists, and other conditions.

    `dictionary` is the one whose history the lists follow; None: they stand as they were written.
    """

    observables: Mapping[str, Observable]
    medicines: Mapping[str, MedicineList]
    conditions: Mapping[str, ConditionList]
    classes: Classes
    local_routes: frozenset[str]
    dictionary: Dictionary | None = None
    _files: Mapping[str, Definition] = field(default_factory=dict)
    _made: dict[str, n.Criterion | None] = field(default_factory=dict)

    def kidneys(self, asked: Definition) -> n.Kidneys:
        """By which kinds of result the clearance is known. Raises `Refused` where they are not defined."""
        names = ("creatinine_clearance", "creatinine", "body_weight")
        return n.Kidneys(*(fields.known(asked, "clearance", name, self.observables) for name in names))

    def criterion(self, name: str, asked: Definition) -> n.Criterion:
        """The condition of that name. Raises `Refused` where there is none, or it names itself."""
        if name not in self._files:
            raise d.wrong(asked, "criterion", f"names a criterion; there is no “{name}”")
        if name not in self._made:
            self._made[name] = None
            self._made[name] = read(self._files[name], "when", terms=self)
        made = self._made[name]
        if made is None:
            raise d.wrong(asked, "criterion", f"does not name itself, as “{name}” does")
        return made


def terms(
    files: Definitions, classes: Classes, local_routes: LocalRoutes, dictionary: Dictionary | None = None
) -> Terms:
    """The terms that these definitions give. A class of medicines is a list too, by its name."""
    made = Terms(
        observables=observable_definitions.read(files),
        medicines={
            name: MedicineList(name, each.title, each.source, ingredients=each.members)
            for name, each in classes.by_name.items()
        },
        conditions={file.name: read_lists.conditions(file) for file in files.of("condition_list")},
        classes=classes,
        local_routes=local_routes.routes,
        dictionary=dictionary,
        _files={file.name: file for file in files.of("criterion")},
    )
    listed = {
        file.name: read_lists.listed(file, made.classes, made.local_routes, dictionary)
        for file in files.of("medicine_list")
    }
    for file in files.of("medicine_list"):
        if file.name in made.medicines:
            raise d.wrong(file, "kind", f"has a name of its own: a class is called {file.name} too")
    made = replace(made, medicines={**made.medicines, **listed})
    for name, file in made._files.items():
        made.criterion(name, file)
    return made


def names(files: Definitions) -> list[str]:
    """Every ingredient that lists of medicines and conditions name."""
    return ingredients_within(files.of("medicine_list", "criterion"))


def ingredients_within(files: Iterable[Definition]) -> list[str]:
    """Every ingredient that these definitions name, in a list of their own or deep in a condition."""
    return [name for file in files for name in _ingredients(file.body)]


def _ingredients(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        for field, inner in value.items():
            if field == "ingredients" and isinstance(inner, list):
                yield from (word for word in inner if isinstance(word, str))
            else:
                yield from _ingredients(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _ingredients(inner)


def medicines(definition: Definition, name: str, *, terms: Terms) -> MedicineList:
    """A field that names a list of medicines, or is a small one; narrowed by the fields beside it."""
    value = definition.body.get(name)
    if isinstance(value, dict):
        part = d.entry(definition, name, fields=read_lists.LISTED | NARROWED)
        listed = read_lists.listed(part, terms.classes, terms.local_routes, terms.dictionary)
        listed = replace(listed, title=_title(part, terms))
    else:
        called = d.text(definition, name)
        if called == "any":
            listed = MedicineList("any", "medicines", definition.source, whole=True)
        elif called in terms.medicines:
            listed = terms.medicines[called]
        else:
            raise d.wrong(definition, name, f"names a list of medicines; there is no “{called}”")
    return read_lists.narrowed(listed, definition, terms.local_routes)


def read(definition: Definition, name: str, *, terms: Terms) -> n.Criterion:
    """The condition in a field.

    Raises `Refused`: ``definition.missing-field``, ``definition.unknown-field``, ``definition.wrong-value``.
    """
    whole = d.entry(definition, name)
    if len(whole.body) != 1:
        raise d.wrong(definition, name, "is one condition; join several with all_of or any_of")
    (word,) = whole.body
    if word not in _WORDS:
        raise d.wrong(definition, name, f"begins with one of: {', '.join(sorted(_WORDS))}; not “{word}”")
    fields, make = _WORDS[word]
    if fields is None:
        return make(whole, word, terms)
    part = d.entry(whole, word, fields=fields)
    try:
        return make(part, word, terms)
    except ValueError as error:
        raise d.wrong(whole, word, f"is not so: {error}") from None


def _age(part: Definition, word: str, terms: Terms) -> n.Criterion:
    units = {unit.value: unit for unit in n.AgeUnit}
    return n.Age(
        at_least=fields.number(part, "at_least"),
        below=fields.number(part, "below"),
        unit=d.choice(part, "in", units) if "in" in part.body else n.AgeUnit.YEARS,
    )


def _sex(whole: Definition, word: str, terms: Terms) -> n.Criterion:
    genders = {gender.value: gender for gender in Gender if gender is not Gender.UNKNOWN}
    return n.Sex(frozenset({d.choice(whole, word, genders)}))


def _registered(part: Definition, word: str, terms: Terms) -> n.Criterion:
    return n.Registered(frozenset(d.texts(part, "practices", empty=True)))


def _taking(part: Definition, word: str, terms: Terms) -> n.Criterion:
    or_issued = fields.span(part, "or_issued") if "or_issued" in part.body else None
    return n.Taking(medicines(part, "medicines", terms=terms), or_issued)


def _issued(part: Definition, word: str, terms: Terms) -> n.Criterion:
    number = fields.number(part, "on_days")
    return n.Issued(
        medicines(part, "medicines", terms=terms), fields.window(part), 1 if number is None else number
    )


def _repeated(part: Definition, word: str, terms: Terms) -> n.Criterion:
    """Issued in the window, and in another of the same length before it."""
    listed, length = medicines(part, "medicines", terms=terms), fields.span(part, "within")
    before = Span(length.number * 2, length.unit)
    return n.AllOf((n.Issued(listed, Window(length)), n.Issued(listed, Window(before, length))))


def _stopped(part: Definition, word: str, terms: Terms) -> n.Criterion:
    return n.Stopped(medicines(part, "medicines", terms=terms), fields.window(part))


def _latest_medicine(part: Definition, word: str, terms: Terms) -> n.Criterion:
    return n.LatestMedicine(
        medicines(part, "medicines", terms=terms),
        fields.named(part, "among", terms.medicines),
        fields.window(part),
    )


def _co_prescribed(part: Definition, word: str, terms: Terms) -> n.Criterion:
    return n.CoPrescribed(
        medicines(part, "medicines", terms=terms),
        fields.named(part, "with", terms.medicines),
        d.number(part, "days"),
        fields.window(part),
    )


def _medicine_count(part: Definition, word: str, terms: Terms) -> n.Criterion:
    return n.MedicineCount(
        medicines(part, "medicines", terms=terms), d.number(part, "at_least"), fields.window(part)
    )


def _condition(part: Definition, word: str, terms: Terms) -> n.Criterion:
    states = {state.value: state for state in n.State}
    resolved = fields.named(part, "resolved_by", terms.conditions) if "resolved_by" in part.body else None
    return n.HasCondition(
        fields.named(part, "is", terms.conditions),
        d.choice(part, "state", states),
        fields.window(part, needed=False),
        resolved,
    )


def _latest_condition(part: Definition, word: str, terms: Terms) -> n.Criterion:
    return n.LatestCondition(
        fields.named(part, "is", terms.conditions),
        fields.named(part, "among", terms.conditions),
        fields.window(part, needed=False),
    )


def _tested(part: Definition, word: str, terms: Terms) -> n.Criterion:
    number = fields.number(part, "times")
    apart = fields.span(part, "apart") if "apart" in part.body else NONE
    if apart.unit is not SpanUnit.DAYS:
        raise d.wrong(part, "apart", "is a number of days or weeks")
    return n.Tested(_kinds(part, terms), fields.window(part), 1 if number is None else number, apart.number)


def _result(part: Definition, word: str, terms: Terms) -> n.Criterion:
    observable = fields.named(part, "of", terms.observables)
    as_written = d.flag(part, "as_written")
    window = fields.window(part, needed=False)
    return _compared(
        part, "result", lambda how, value: n.ResultIs(observable, how, value, window, as_written)
    )


def _written_with(part: Definition, word: str, terms: Terms) -> n.Criterion:
    signs = {each.value: each for each in Comparator}
    found = {fields.known(part, "any_of", sign, signs) for sign in d.texts(part, "any_of")}
    return n.WrittenWith(
        fields.named(part, "of", terms.observables), frozenset(found), fields.window(part, needed=False)
    )


def _changed(part: Definition, word: str, terms: Terms) -> n.Criterion:
    rise = {"rise": True, "fall": False}
    return n.ResultChanged(
        fields.named(part, "of", terms.observables),
        d.choice(part, "by", rise),
        d.exact(part, "per_cent"),
        fields.window(part),
    )


def _answered(part: Definition, word: str, terms: Terms) -> n.Criterion:
    return n.AnswerIs(
        fields.named(part, "of", terms.observables), d.text(part, "is"), fields.window(part, needed=False)
    )


def _tested_at_start(part: Definition, word: str, terms: Terms) -> n.Criterion:
    before = fields.span(part, "before") if "before" in part.body else None
    return n.TestedAtStart(_kinds(part, terms), medicines(part, "medicines", terms=terms), before)


def _clearance(part: Definition, word: str, terms: Terms) -> n.Criterion:
    kidneys = terms.kidneys(part)
    return _compared(part, "clearance", lambda how, value: n.ClearanceIs(kidneys, how, value))


def _tested_by_clearance(part: Definition, word: str, terms: Terms) -> n.Criterion:
    return n.TestedByClearance(terms.kidneys(part), _kinds(part, terms), d.number(part, "days"))


def _kinds(part: Definition, terms: Terms) -> tuple[Observable, ...]:
    return tuple(fields.known(part, "of", name, terms.observables) for name in d.texts(part, "of"))


def _compared(
    part: Definition, what: str, make: Callable[[n.Comparison, Fraction], n.Criterion]
) -> n.Criterion:
    """What holds where it stands so to every value that is given."""
    bounds = tuple(make(how, d.exact(part, how.value)) for how in n.Comparison if how.value in part.body)
    if not bounds:
        raise d.wrong(part, "below", f"or at_most, at_least, above says what the {what} is compared with")
    return bounds[0] if len(bounds) == 1 else n.AllOf(bounds)


def _all_of(whole: Definition, word: str, terms: Terms) -> n.Criterion:
    return n.AllOf(_several(whole, word, terms))


def _any_of(whole: Definition, word: str, terms: Terms) -> n.Criterion:
    return n.AnyOf(_several(whole, word, terms))


def _at_least(part: Definition, word: str, terms: Terms) -> n.Criterion:
    return n.AtLeast(d.number(part, "number"), _several(part, "of", terms))


def _not(whole: Definition, word: str, terms: Terms) -> n.Criterion:
    return n.Not(read(whole, word, terms=terms))


def _earlier(part: Definition, word: str, terms: Terms) -> n.Criterion:
    return n.Earlier(fields.span(part, "by"), read(part, "of", terms=terms))


def _surely(whole: Definition, word: str, terms: Terms) -> n.Criterion:
    return n.Surely(read(whole, word, terms=terms))


def _criterion(whole: Definition, word: str, terms: Terms) -> n.Criterion:
    return terms.criterion(d.text(whole, word), whole)


_Make = Callable[[Definition, str, Terms], n.Criterion]
_MEDICINES = frozenset({"medicines"}) | NARROWED

# Each word, and the fields that may stand below it; None: what stands there is not a record of fields.
_WORDS: Mapping[str, tuple[frozenset[str] | None, _Make]] = {
    "age": (frozenset({"at_least", "below", "in"}), _age),
    "sex": (None, _sex),
    "alive": (frozenset(), lambda part, word, terms: n.Alive()),
    "registered": (frozenset({"practices"}), _registered),
    "taking": (_MEDICINES | {"or_issued"}, _taking),
    "issued": (_MEDICINES | fields.WINDOW | {"on_days"}, _issued),
    "repeated": (_MEDICINES | {"within"}, _repeated),
    "stopped": (_MEDICINES | fields.WINDOW, _stopped),
    "latest_medicine": (_MEDICINES | fields.WINDOW | {"among"}, _latest_medicine),
    "co_prescribed": (_MEDICINES | fields.WINDOW | {"with", "days"}, _co_prescribed),
    "medicine_count": (_MEDICINES | fields.WINDOW | {"at_least"}, _medicine_count),
    "condition": (fields.WINDOW | {"is", "state", "resolved_by"}, _condition),
    "latest_condition": (fields.WINDOW | {"is", "among"}, _latest_condition),
    "tested": (fields.WINDOW | {"of", "times", "apart"}, _tested),
    "result": (fields.WINDOW | {"of", "as_written", *(each.value for each in n.Comparison)}, _result),
    "written_with": (fields.WINDOW | {"of", "any_of"}, _written_with),
    "result_changed": (fields.WINDOW | {"of", "by", "per_cent"}, _changed),
    "answer": (fields.WINDOW | {"of", "is"}, _answered),
    "tested_at_start": (_MEDICINES | {"of", "before"}, _tested_at_start),
    "clearance": (frozenset(each.value for each in n.Comparison), _clearance),
    "tested_by_clearance": (frozenset({"of", "days"}), _tested_by_clearance),
    "all_of": (None, _all_of),
    "any_of": (None, _any_of),
    "at_least": (frozenset({"number", "of"}), _at_least),
    "not": (None, _not),
    "earlier": (frozenset({"by", "of"}), _earlier),
    "surely": (None, _surely),
    "criterion": (None, _criterion),
}


def _several(definition: Definition, name: str, terms: Terms) -> tuple[n.Criterion, ...]:
    """A list of conditions."""
    found = d.entries(definition, name)
    if not found:
        raise d.wrong(definition, name, "is a list of conditions")
    # Each entry is a condition as it stands, so it is read as the value of a field.
    return tuple(
        read(replace(each, body={"condition": each.body}), "condition", terms=terms) for each in found
    )


def _title(part: Definition, terms: Terms) -> str:
    """What a small list is called: its ingredients, and the titles of its classes."""
    titles = [terms.classes.by_name[name].title for name in d.texts(part, "classes", empty=True)]
    words = (*titles, *d.texts(part, "ingredients", empty=True), *d.texts(part, "bnf", empty=True))
    return " or ".join(words) or part.title
