"""How does a whole population stand to a measure, patient by patient?

Each measure is a query of its own: on files that are sorted by code, several queries are quicker than one
that asks everything.
"""

from __future__ import annotations

from datetime import date

import ibis
from ibis.expr.types import Table

from pestle.pharmacy.measures.compile import verdicts
from pestle.pharmacy.measures.measure import Measure, Standing
from pestle.pharmacy.measures.population import Population


def standings(measure: Measure, population: Population, *, on: date) -> Table:
    """`patient`, `practice` (null: not known) and `standing`; nobody who is not asked."""
    criteria = {"population": measure.population, "among_them": measure.among_them}
    told = verdicts(population, criteria, on=on)
    told = told.filter(told.population.fill_null(True))
    known = told.population.notnull() & told.among_them.notnull()
    said = ibis.cases(
        (~known, Standing.CANNOT_TELL.value),
        (told.among_them, Standing.FOUND.value),
        else_=Standing.NOT_FOUND.value,
    )
    practice = told.practice if "practice" in told.columns else ibis.null("string")
    return told.select("patient", practice=practice, standing=said)
