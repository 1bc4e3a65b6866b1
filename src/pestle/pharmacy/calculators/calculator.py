"""How is a formula asked: by its arguments, or by what a person entered?

`@formula(…)` makes a `Calculator` of a function. Called with arguments, as checks do, it wants `Decimal` in
the units that their names say. `calculate` wants text as entered, with any unit of the table. Both refuse
the same values and give the same `Result`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import localcontext
from typing import Any, Generic, ParamSpec

from pestle.pharmacy.calculators.entry import Input, Number, Rows, missing
from pestle.pharmacy.calculators.precision import EXACT
from pestle.pharmacy.calculators.result import Result, Used
from pestle.pharmacy.definition import Source
from pestle.pharmacy.refusal import Refusal, Refused, refuse

P = ParamSpec("P")
Entries = Mapping[str, str | tuple[str, ...]]

_OLD = 365


@dataclass(frozen=True)
class Calculator(Generic[P]):
    """A formula with what it asks for. `words` are other names by which a person looks for it."""

    name: str
    title: str
    says: str
    group: str
    source: Source
    inputs: tuple[Input, ...]
    compute: Callable[P, Result]
    words: tuple[str, ...] = ()

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Result:
        """The result. Raises `Refused`: ``calculator.out-of-range`` and the formula's own refusals."""
        return self._of(kwargs)

    def calculate(
        self, entries: Entries, *, taken: Mapping[str, date] | None = None, on: date | None = None
    ) -> Result:
        """The result of what was entered, by input name. `taken` says of which day a value is.

        A value that is more than a year old `on` that day carries a warning. Raises `Refused` with everything
        that is missing, unreadable or out of range at once.
        """
        faults = [
            _not_asked(self, name) for name in sorted(entries.keys() - {one.name for one in self.inputs})
        ]
        values: dict[str, object] = {}
        for one in self.inputs:
            try:
                values[one.argument] = _read(one, entries.get(one.name))
            except Refused as refused:
                faults.extend(refused.refusals)
        if faults:
            raise Refused(*faults)
        found = self._of(values)
        days = taken or {}
        return replace(
            found,
            used=tuple(_used(one, values[one.argument], entries.get(one.name), days.get(one.name))
                       for one in self.inputs if values[one.argument] is not None),
            warnings=(*found.warnings, *_old(self.inputs, days, on)),
        )  # fmt: skip

    def _of(self, values: Mapping[str, Any]) -> Result:
        faults: list[Refusal] = []
        for one in self.inputs:
            value = values.get(one.argument)
            try:
                if value is not None:
                    one.check(value)
                elif not one.optional:
                    raise missing(one)
            except Refused as refused:
                faults.extend(refused.refusals)
        if faults:
            raise Refused(*faults)
        with localcontext(EXACT):
            run: Callable[..., Result] = self.compute
            found = run(**values)
        return replace(
            found,
            calculator=self.name,
            title=self.title,
            source=found.source or self.source,
            used=tuple(
                _used(one, value, None, None)
                for one in self.inputs
                if (value := values.get(one.argument)) is not None
            ),
            warnings=(*found.warnings, *_beyond_the_paper(self.inputs, values)),
        )


def formula(
    *,
    name: str,
    title: str,
    says: str,
    group: str,
    source: str | Source,
    inputs: tuple[Input, ...],
    words: tuple[str, ...] = (),
) -> Callable[[Callable[P, Result]], Calculator[P]]:
    """Makes a calculator of the function below it.

    A `source` in words is a paper that we cite and have not compared with; data brings its own `Source`.
    """
    cited = source if isinstance(source, Source) else Source(source, verified=False)

    def made(compute: Callable[P, Result]) -> Calculator[P]:
        return Calculator(name, title, says, group, cited, inputs, compute, words)

    return made


def _read(one: Input, entered: str | tuple[str, ...] | None) -> object:
    if isinstance(one, Rows):
        rows = (entered,) if isinstance(entered, str) else entered or ()
        value: object = one.read(tuple(row for row in rows if row.strip(" =")))
    else:
        text = entered if isinstance(entered, str) else "".join(entered or ())
        if not text.strip():
            text = getattr(one, "default", None) or ""
        if not text.strip():
            if one.optional:
                return None
            raise missing(one)
        value = one.read(text)
    one.check(value)
    return value


def _used(one: Input, value: object, entered: str | tuple[str, ...] | None, taken: date | None) -> Used:
    said = one.say(value)
    if isinstance(one, Number) and isinstance(entered, str):
        unit = one.entered_in(entered)
        if one.scale(unit) is not one.scales[0]:
            said = f"{entered.strip()} ({said})"
    return Used(one.label, f"{said}, of {taken:%d-%b-%Y}" if taken else said)


def _old(inputs: tuple[Input, ...], taken: Mapping[str, date], on: date | None) -> tuple[str, ...]:
    if on is None:
        return ()
    return tuple(
        f"{one.label} is from {taken[one.name]:%d-%b-%Y}, more than a year ago."
        for one in inputs
        if one.name in taken and (on - taken[one.name]).days > _OLD
    )


def _beyond_the_paper(inputs: tuple[Input, ...], values: Mapping[str, object]) -> tuple[str, ...]:
    said = [one.warning(values.get(one.argument)) for one in inputs if isinstance(one, Number)]
    return tuple(warning for warning in said if warning)


def _not_asked(asked: Calculator[P], name: str) -> Refusal:
    return refuse(
        "calculator.not-asked",
        f"{asked.title} does not ask for “{name}”",
        place=name,
        way_out=f"It asks for: {', '.join(one.name for one in asked.inputs)}.",
    ).refusals[0]
