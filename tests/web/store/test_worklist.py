"""What waits, for whom, since when; found by any word, in a number of queries that does not grow."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.web.actions.bench import (
    FUROSEMIDE,
    JOHN,
    MARY,
    NOW,
    PARACETAMOL,
    Bench,
    a_key,
    ordered,
)

from pestle.demo.messages import REPEAT, a_cancellation, written
from pestle.demo.patients import another
from pestle.pharmacy.record.patient import Name
from pestle.web.actions import claiming
from pestle.web.store import models, patients, worklist
from pestle.wire.eps.codes import CancellationReason

Queries = Callable[[int], AbstractContextManager[Any]]


def _ids(page: worklist.Page) -> list[int]:
    return [row.id for row in page.rows]


def test_counts_for_each_step(bench: Bench) -> None:
    for key, step in enumerate(("entry", "entry", "clinical", "hand_out", "closed")):
        bench.at(step, key=str(key))
    assert worklist.counts(bench.site.pk) == {"entry": 2, "clinical": 1, "hand_out": 1}
    assert worklist.counts(bench.site.pk + 1) == {}


def test_what_waits_at_a_step_and_anywhere(bench: Bench) -> None:
    entry, ready, closed = (bench.at(step, key=step) for step in ("entry", "hand_out", "closed"))
    site = bench.site.pk
    assert _ids(worklist.waiting(site, now=NOW, step="entry")) == [entry]
    assert sorted(_ids(worklist.waiting(site, now=NOW))) == [entry, ready]
    # Spaces are no search: what is closed stays away.
    assert sorted(_ids(worklist.waiting(site, now=NOW, search="  "))) == [entry, ready]
    assert sorted(_ids(worklist.waiting(site, now=NOW, search="brien"))) == [entry, ready, closed]
    assert _ids(worklist.waiting(site + 1, now=NOW, search="brien")) == []


def _found(bench: Bench) -> dict[str, int]:
    zoe = replace(another(3, on=NOW.date()), name=Name("Núñez-Garcia", ("Zoë",)))
    return {
        "mary": bench.take_in(FUROSEMIDE, key="a"),
        "john": bench.take_in(PARACETAMOL, key="b", patient=JOHN),
        "zoe": bench.take_in(FUROSEMIDE, PARACETAMOL, key="c", patient=zoe),
    }


# searched -> whose prescriptions
SEARCHES = [
    ("o'brien", "mary"),
    ("O’BRIEN", "mary"),
    ("obrien mary", "mary"),
    ("mary smith", ""),
    ("smi", "john"),
    ("zoe nunez", "zoe"),
    ("NÚÑEZ GARCIA", "zoe"),
    ("943 476 5919", "mary"),
    ("9434765919", "mary"),
    ("furosemide", "mary zoe"),
    ("furosemide 40mg", "mary zoe"),
    ("furosemide paracetamol", "zoe"),
    ("paracetamol smith", "john"),
    ("%", "mary john zoe"),
    ("nobody", ""),
]


@pytest.mark.parametrize(("search", "whose"), SEARCHES)
def test_every_word_of_a_search_is_found(bench: Bench, search: str, whose: str) -> None:
    found = _found(bench)
    page = worklist.waiting(bench.site.pk, now=NOW, search=search)
    assert sorted(_ids(page)) == sorted(found[name] for name in whose.split())
    assert page.total == len(whose.split())


def test_a_prescription_is_found_by_its_number(bench: Bench) -> None:
    found = _found(bench)
    number = bench.row(found["john"]).number
    for written_ in (number, number.lower(), number[:13]):
        assert found["john"] in _ids(worklist.waiting(bench.site.pk, now=NOW, search=written_))
    assert _ids(worklist.waiting(bench.site.pk, now=NOW, search=number)) == [found["john"]]


def test_orders(bench: Bench) -> None:
    later = bench.take_in(replace(FUROSEMIDE, course=REPEAT), key="a", patient=MARY)
    soon = bench.take_in(FUROSEMIDE, key="b", patient=JOHN, now=NOW + timedelta(hours=1))
    orders = {
        "due": [soon, later],
        "waiting": [later, soon],
        "patient": [later, soon],
        "nonsense": [soon, later],
    }
    for order, expected in orders.items():
        assert _ids(worklist.waiting(bench.site.pk, now=NOW, order=order)) == expected
    for order in ("due", "waiting", "patient"):
        assert _ids(worklist.waiting(bench.site.pk, now=NOW, order=f"-{order}")) == orders[order][::-1]


def test_pages(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [bench.take_in(key=str(number)) for number in range(5)]
    pages = [worklist.waiting(bench.site.pk, now=NOW, page=page, size=2) for page in (1, 2, 3)]
    assert [_ids(page) for page in pages] == [ids[:2], ids[2:4], ids[4:]]
    assert [(page.total, page.page, page.pages) for page in pages] == [(5, 1, 3), (5, 2, 3), (5, 3, 3)]
    for beyond, page in ((0, 1), (-3, 1), (99, 3)):
        assert worklist.waiting(bench.site.pk, now=NOW, page=beyond, size=2).page == page
    empty = worklist.waiting(bench.site.pk, now=NOW, search="nobody")
    assert (empty.rows, empty.total, empty.page, empty.pages) == ((), 0, 1, 1)


def test_what_a_row_says(bench: Bench) -> None:
    sent = ordered(FUROSEMIDE, PARACETAMOL)
    prescription = bench.at("hand_out", FUROSEMIDE, PARACETAMOL)
    claiming.claim(by=bench.leon, now=NOW, key=a_key(), prescription_id=prescription)
    bench.receive(a_cancellation(sent, place=1, reason=CancellationReason.PRESCRIBING_ERROR))
    row = worklist.waiting(bench.site.pk, now=NOW, mine=bench.leon.id).rows[0]
    assert (row.id, row.number, row.step) == (prescription, sent.number, "hand_out")
    assert row.patient.family == "O'Brien"
    assert row.lines == (FUROSEMIDE.medicine, PARACETAMOL.medicine)
    assert row.due_at == NOW + timedelta(hours=2)
    assert (row.claimed_by, row.claimed_by_id) == ("Leon Brandt", bench.leon.id)
    assert row.cancellation_asked
    assert not worklist.waiting(bench.site.pk, now=NOW, mine=bench.tess.id).rows
    # A forgotten claim lapses.
    later = NOW + timedelta(minutes=15)
    assert not worklist.waiting(bench.site.pk, now=later, mine=bench.leon.id).rows
    assert worklist.waiting(bench.site.pk, now=later).rows[0].claimed_by is None
    bench.withhold(bench.lines(prescription)[1].pk, now=later)
    row = worklist.waiting(bench.site.pk, now=later).rows[0]
    assert (row.lines, row.cancellation_asked) == ((FUROSEMIDE.medicine,), False)


def test_the_number_of_queries_does_not_grow(bench: Bench, django_assert_num_queries: Queries) -> None:
    bench.take_in(FUROSEMIDE, PARACETAMOL, key="first")
    site = bench.site.pk
    for more in (0, 12):
        for number in range(more):
            bench.take_in(
                FUROSEMIDE, PARACETAMOL, key=f"{more} {number}", patient=another(number, on=NOW.date())
            )
        with django_assert_num_queries(3):
            page = worklist.waiting(site, now=NOW, step="entry", search="furosemide")
            assert [row.patient.family for row in page.rows if not row.lines] == []
        with django_assert_num_queries(1):
            worklist.counts(site)
    assert page.total == 13


def test_refused_messages_that_wait(bench: Bench) -> None:
    bench.receive(b"{")
    bench.receive(written(ordered()))
    assert worklist.refused_messages(bench.site.pk) == 1
    models.MessageTask.objects.update(closed_at=NOW)
    assert worklist.refused_messages(bench.site.pk) == 0


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["O'Brien", "Mary"], "obrien mary"),
        (["O’Brien"], "obrien"),
        (["Núñez-García"], "nunez garcia"),
        (["ZOË", "", "  "], "zoe"),
        (["A1B2C3-00Y999-01A2B+"], "a1b2c3 00y999 01a2b"),
        (["Straße"], "strasse"),
        (["ﬁne"], "fine"),
        ([], ""),
    ],
)
def test_text_as_the_search_compares_it(words: list[str], text: str) -> None:
    assert patients.folded(words) == text
