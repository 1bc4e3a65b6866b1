"""The last day on which what is done every so long is in time, found by looking at each day."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pestle.pharmacy.criteria.span import Span, SpanUnit

DAYS = st.dates(date(1999, 1, 1), date(2101, 1, 1))
SPANS = st.builds(Span, st.integers(0, 40), st.sampled_from(SpanUnit))


@given(SPANS, DAYS)
def test_after_is_the_last_day_that_is_not_late(span: Span, on: date) -> None:
    day = on
    while span.before(day + timedelta(days=1)) <= on:
        day += timedelta(days=1)
    assert span.after(on) == day
