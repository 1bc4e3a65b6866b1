"""A test's database is its own: what one test commits, no other test sees."""

from __future__ import annotations

import threading

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction


def _labels() -> set[str]:
    return set(ContentType.objects.filter(model="house").values_list("app_label", flat=True))


@pytest.mark.parametrize("label", ["first", "second"])
def test_a_test_with_its_own_database_sees_only_what_it_committed(database: str, label: str) -> None:
    with transaction.atomic():
        ContentType.objects.create(app_label=label, model="house")
    assert _labels() == {label}
    assert str(connection.settings_dict["NAME"]) == database


@pytest.mark.parametrize("label", ["first", "second"])
def test_a_test_in_a_transaction_is_rolled_back(db: None, label: str) -> None:
    ContentType.objects.create(app_label=label, model="house")
    assert _labels() == {label}


def test_a_thread_sees_the_same_database(database: str) -> None:
    ContentType.objects.create(app_label="main", model="house")
    seen: list[set[str]] = []

    def look() -> None:
        try:
            seen.append(_labels())
        finally:
            connection.close()

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [{"main"}]
