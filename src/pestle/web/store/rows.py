"""Writes and reads rows by statements that are put together once.

The ORM makes the SQL of every query anew, and takes longer over it than a database takes to answer. What each
action does (claims its key, locks what it changes, posts, links its event) goes through here; everything
else is the ORM's. Tables, columns and conversions are those of the models; a test holds each function to
what the ORM does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.models import AutoField, Field, Model
from django.db.models.expressions import Col
from django.db.transaction import TransactionManagementError

Row = TypeVar("Row", bound=Model)
# The columns that are asked for, and how many values each may have.
_Shape = tuple[tuple[str, int], ...]
_MOST_ROWS = 500


def insert(rows: Sequence[Model], *, conflict: str = "") -> list[Any]:
    """Writes rows of one table, and gives the ids of those that were written.

    `conflict` says what becomes of a row whose key is taken, such as ``DO NOTHING``; without it the database
    refuses."""
    if not rows:
        return []
    using, model, written = connections[DEFAULT_DB_ALIAS], type(rows[0]), []
    fields = _inserted(model)
    step = min(using.ops.bulk_batch_size(fields, rows), _MOST_ROWS)
    for some in (rows[at : at + step] for at in range(0, len(rows), step)):
        values = [
            field.get_db_prep_save(getattr(row, field.attname), using) for row in some for field in fields
        ]
        with _cursor(using) as cursor:
            cursor.execute(_insertion(model, len(some), conflict), values)
            written += [pk for (pk,) in cursor.fetchall()]
    return written


def update(row: Model, *names: str) -> None:
    """Writes these columns of a row that is there."""
    using, columns = connections[DEFAULT_DB_ALIAS], _columns(type(row))
    wanted = (*names, row._meta.pk.attname)
    values = [columns[name].get_db_prep_save(getattr(row, name), using) for name in wanted]
    with _cursor(using) as cursor:
        cursor.execute(_change(type(row), names), values)


def read(model: type[Row], *, lock: bool = False, **wanted: Any) -> list[Row]:
    """The rows with these values in their columns, or with one of several where a list is given.

    They come in the order of their ids, and are locked in it for the rest of the transaction if `lock`."""
    using, columns = connections[DEFAULT_DB_ALIAS], _columns(model)
    if lock and not using.in_atomic_block:
        raise TransactionManagementError("A row is locked inside a transaction, or not at all")
    several = {name: value if isinstance(value, list) else [value] for name, value in wanted.items()}
    if not all(several.values()):
        return []
    values = [columns[name].get_db_prep_save(one, using) for name, those in several.items() for one in those]
    shape = tuple((name, len(those)) for name, those in several.items())
    with _cursor(using) as cursor:
        cursor.execute(_selection(model, shape, lock and using.features.has_select_for_update), values)
        found = cursor.fetchall()
    return [model.from_db(using.alias, columns, row) for row in _as_python(model, found, using)]


def _cursor(using: BaseDatabaseWrapper) -> CursorWrapper:
    """A cursor that PostgreSQL is sent the values by, apart from the statement, which it then plans once. The
    ORM has its own put them in, since a statement takes no more than 65,535 of them."""
    if using.vendor != "postgresql":
        return using.cursor()
    using.ensure_connection()
    wrapped = using.make_debug_cursor if using.queries_logged else using.make_cursor
    return wrapped(using.Database.Cursor(using.connection))  # type: ignore[attr-defined]


def _as_python(
    model: type[Model], found: Sequence[Sequence[Any]], using: BaseDatabaseWrapper
) -> list[list[Any]]:
    rows = [list(row) for row in found]
    for at, column in _converted(model):
        for convert in (*using.ops.get_db_converters(column), *column.get_db_converters(using)):
            for row in rows:
                row[at] = convert(row[at], column, using)
    return rows


@cache
def _converted(model: type[Model]) -> tuple[tuple[int, Col], ...]:
    """The columns that the database gives otherwise than Python has them."""
    using = connections[DEFAULT_DB_ALIAS]
    columns = [field.get_col(model._meta.db_table) for field in model._meta.concrete_fields]
    return tuple(
        (at, column)
        for at, column in enumerate(columns)
        if using.ops.get_db_converters(column) or column.get_db_converters(using)
    )


@cache
def _columns(model: type[Model]) -> dict[str, Field[Any, Any]]:
    return {field.attname: field for field in model._meta.concrete_fields}


@cache
def _inserted(model: type[Model]) -> tuple[Field[Any, Any], ...]:
    return tuple(field for field in model._meta.concrete_fields if not isinstance(field, AutoField))


# Names come from the models, never from outside.
@lru_cache(maxsize=1000)
def _insertion(model: type[Model], rows: int, conflict: str) -> str:
    fields = _inserted(model)
    marks = ", ".join([f"({', '.join(['%s'] * len(fields))})"] * rows)
    ending = f" ON CONFLICT {conflict}" if conflict else ""
    return (
        f"INSERT INTO {model._meta.db_table} ({_names(fields)}) VALUES {marks}{ending}"  # noqa: S608
        f" RETURNING {model._meta.pk.column}"
    )


@cache
def _change(model: type[Model], names: tuple[str, ...]) -> str:
    columns = _columns(model)
    changes = ", ".join(f'"{columns[name].column}" = %s' for name in names)
    return f"UPDATE {model._meta.db_table} SET {changes} WHERE {model._meta.pk.column} = %s"  # noqa: S608


@lru_cache(maxsize=1000)
def _selection(model: type[Model], shape: _Shape, lock: bool) -> str:
    columns = _columns(model)
    those = " AND ".join(
        f'"{columns[name].column}" IN ({", ".join(["%s"] * length)})' for name, length in shape
    )
    ending = " FOR UPDATE" if lock else ""
    return (
        f"SELECT {_names(columns.values())} FROM {model._meta.db_table} WHERE {those}"  # noqa: S608
        f" ORDER BY {model._meta.pk.column}{ending}"
    )


def _names(fields: Iterable[Field[Any, Any]]) -> str:
    return ", ".join(f'"{field.column}"' for field in fields)
