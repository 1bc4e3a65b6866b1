"""Is this folder a population, and what is in it?

A folder holds `patient`, `medication`, `condition` and `observation`, each as one file (``patient.parquet``,
``patient.csv``) or a folder of Parquet files, with the columns of `population.TABLES`. Beside them `term` may
say what a code means that is in no dictionary: `code`, `text`, and `system` and `written` where it is the
code of another system. Files that are sorted by code are read three times as fast.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import ibis
from ibis.backends.duckdb import Backend
from ibis.common.deferred import Deferred
from ibis.common.exceptions import IbisError
from ibis.expr.types import Table

from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.measures.population import PEOPLE, PRACTICES, REQUIRED, TABLES, Catalogue, Population
from pestle.pharmacy.medicines.dictionary import Dictionary
from pestle.pharmacy.medicines.substances import Substances
from pestle.pharmacy.quantity import SNOMED
from pestle.pharmacy.record.medication import matched
from pestle.pharmacy.record.observation import Comparator
from pestle.pharmacy.record.patient import Gender
from pestle.pharmacy.refusal import Refusal, Refused, refuse

_TERM: Mapping[str, str] = {"code": "int64", "text": "string", "system": "string", "written": "string"}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a table: in which column, in how many rows (None: in the table as such)."""

    table: str
    column: str
    what: str
    rows: int | None = None


def connect(*, threads: int, memory_mb: int, spill: Path) -> Backend:
    """DuckDB in this process, which fetches nothing, keeps below a limit, and spills into a folder."""
    backend = ibis.duckdb.connect(
        threads=threads, memory_limit=f"{memory_mb}MB", temp_directory=str(spill),
        autoinstall_known_extensions=False, autoload_known_extensions=False,
    )  # fmt: skip
    backend.raw_sql("SET lock_configuration = true")
    return backend


def opened(folder: Path, backend: Backend, *, dictionary: Dictionary, substances: Substances) -> Population:
    """The population of a folder, its codes explained by the dictionary in use and by its own terms.

    Raises `Refused` (``population.table``, ``population.column``) where a table or a column is missing or
    is not what it should be. What its rows hold is asked of `problems`.
    """
    tables = _whole(folder, backend, PEOPLE)
    terms = _terms(folder, backend)

    def called(code: int) -> tuple[Coded, ...]:
        return terms.get(code) or (Coded(f"code {code}", SNOMED, str(code)),)

    def codes(name: str, column: str = "code") -> list[int]:
        found = tables[name].select(column).distinct().to_pyarrow()[column]
        return sorted(code for code in found.to_pylist() if code is not None)

    kinds = tables["observation"].select("code", "unit").distinct().to_pyarrow().to_pylist()
    answers = codes("observation", "answer") if "answer" in tables["observation"].columns else []
    catalogue = Catalogue(
        medicines={code: matched(called(code)[0], dictionary) for code in codes("medication")},
        conditions={code: called(code) for code in codes("condition")},
        kinds={row["code"]: called(row["code"]) for row in kinds if row["code"] is not None},
        answers={code: called(code)[0] for code in answers},
        units=frozenset(row["unit"] or "" for row in kinds),
    )
    return Population(**tables, catalogue=catalogue, substances=substances)


def prescribed(folder: Path, backend: Backend) -> tuple[Table, Table | None]:
    """What practices prescribe, and the sizes of their lists where they are there. Raises as `opened`."""
    tables = _whole(folder, backend, _there(folder, PRACTICES) or PRACTICES)
    if "prescribing" not in tables:
        raise refuse("population.table", "prescribing: there is neither a file nor a folder of that name",
                     place="prescribing")  # fmt: skip
    return tables["prescribing"], tables.get("list_size")


def problems(folder: Path, backend: Backend) -> list[Problem]:
    """Everything that is wrong with a folder, before anything is asked of it. No patient is named."""
    practices = _there(folder, PRACTICES)
    people = PEOPLE if _there(folder, PEOPLE) or not practices else ()
    tables, faults = _tables(folder, backend, (*people, *practices))
    if faults:
        return faults
    return [fault for name, rows in tables.items() for fault in _faults(name, rows, tables.get("patient"))]


def _there(folder: Path, names: Iterable[str]) -> tuple[str, ...]:
    """Of these tables those that the folder has."""
    return tuple(name for name in names if any(folder.glob(f"{name}*")))


def _whole(folder: Path, backend: Backend, names: Iterable[str]) -> dict[str, Table]:
    tables, faults = _tables(folder, backend, names)
    if faults:
        raise Refused(*(
            Refusal(
                "population.column" if fault.column else "population.table",
                f"{fault.table}: {fault.what}", fault.column or fault.table,
            )
            for fault in faults
        ))  # fmt: skip
    return tables


def _tables(folder: Path, backend: Backend, names: Iterable[str]) -> tuple[dict[str, Table], list[Problem]]:
    tables: dict[str, Table] = {}
    faults: list[Problem] = []
    for name in names:
        columns = TABLES[name]
        rows = _read(folder, name, backend)
        if rows is None:
            faults.append(Problem(name, "", "there is neither a file nor a folder of that name"))
            continue
        lacks = [column for column in REQUIRED[name] if column not in rows.columns]
        faults += [Problem(name, column, "is missing") for column in lacks]
        faults += [
            Problem(name, column, f"is no column of this table; it has: {', '.join(columns)}")
            for column in rows.columns
            if column not in columns
        ]
        wanted = ibis.schema({column: columns[column] for column in rows.columns if column in columns})
        try:
            # Only what is not of its type yet, so that a filter still reaches the file.
            tables[name] = rows.cast({
                column: type_ for column, type_ in wanted.items()
                if rows[column].type().copy(nullable=True) != type_
            })  # fmt: skip
            tables[name].limit(1).to_pyarrow()
        except (IbisError, duckdb.Error) as error:
            faults.append(Problem(name, "", f"cannot be read as it should be: {_first_line(error)}"))
    return tables, faults


def _read(folder: Path, name: str, backend: Backend) -> Table | None:
    whole, csv = folder / f"{name}.parquet", folder / f"{name}.csv"
    if whole.is_file():
        return backend.read_parquet(str(whole))
    if (folder / name).is_dir() and any((folder / name).glob("*.parquet")):
        return backend.read_parquet(str(folder / name / "*.parquet"))
    if csv.is_file():
        types = _TERM if name == "term" else TABLES[name]
        header = csv.open(encoding="utf-8-sig").readline().strip().split(",")
        known = {column: types[column] for column in header if column in types}
        return backend.read_csv(str(csv), types=known, nullstr="")
    return None


def _terms(folder: Path, backend: Backend) -> Mapping[int, tuple[Coded, ...]]:
    rows = _read(folder, "term", backend)
    terms: dict[int, tuple[Coded, ...]] = {}
    if rows is None:
        return terms
    for row in rows.order_by(rows.columns).to_pyarrow().to_pylist():
        code = row["code"]
        own = row.get("system") or (SNOMED if code > 0 else None)
        written = row.get("written") or (str(code) if code > 0 else None)
        terms[code] = (*terms.get(code, ()), Coded(row["text"] or "", own, written))
    return terms


def _faults(name: str, rows: Table, people: Table | None) -> Iterator[Problem]:
    for column in ("patient", "code", "gender", "practice", "month", "bnf", "items", "patients"):
        if column in REQUIRED[name]:
            yield from _count(name, rows, column, "is empty", ibis._[column].isnull())
    if name == "patient":
        yield from _count(
            name,
            rows.group_by("patient").agg(times=rows.count()),
            "patient",
            "stands twice",
            ibis._.times > 1,
        )
        genders = [each.value for each in Gender]
        yield from _count(
            name, rows, "gender", f"is none of {', '.join(genders)}", ~ibis._.gender.isin(genders)
        )
        if "died" in rows.columns:
            yield from _count(name, rows, "died", "lies before the birth", ibis._.died < ibis._.born)
        return
    for column in ("items", "quantity", "patients"):
        if name in PRACTICES and column in rows.columns:
            yield from _count(name, rows, column, "is below zero", ibis._[column] < 0)
    if name in PRACTICES or people is None:
        return
    known = people.select("patient")
    yield from _count(
        name, rows.anti_join(known, "patient"), "patient", "is nobody of the table patient",
        ibis._.patient.notnull(),
    )  # fmt: skip
    if name == "observation" and "comparator" in rows.columns:
        signs = [each.value for each in Comparator]
        yield from _count(
            name, rows, "comparator", f"is none of {' '.join(signs)}", ~ibis._.comparator.isin(signs)
        )


def _count(name: str, rows: Table, column: str, what: str, wrong: Deferred) -> Iterator[Problem]:
    found = int(rows.filter(wrong.fill_null(False)).count().to_pyarrow().as_py())
    if found:
        yield Problem(name, column, what, found)


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
