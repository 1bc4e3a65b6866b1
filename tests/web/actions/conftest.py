"""The invented pharmacy: in a transaction that is rolled back, or on a database of the test's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.web.actions.bench import Bench


@pytest.fixture
def bench(db: None) -> Bench:
    """For what one person does at a time."""
    # Only now, because the tables can be imported only once the settings are chosen.
    from tests.web.actions.bench import open_bench

    return open_bench()


@pytest.fixture
def own_bench(database: str) -> Bench:
    """For threads, and for what must be committed."""
    from tests.web.actions.bench import open_bench

    return open_bench()
