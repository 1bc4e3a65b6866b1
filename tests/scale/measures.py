"""How long do the PINCER indicators take, of how many people, and what does anything simpler take?

Run: ``python -m tests.scale.measures [PATIENTS ...]`` (100000 and 1000000 unless said). Each figure is taken
in a process of its own: the queries are built once, cold is the first time they are asked, warm the second.
Beside them plain SQLite (one indicator, and what the load costs) and a program that reads every row once.
Populations are kept in the folder that POPULATIONS names (else that of temporary files), each in a folder
``pestle-population-PATIENTS``; one that is there, as ``pestle population make`` makes it, is asked as it is.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

ON = date(2026, 11, 1)
MEMORY_MB = 1500


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["--part"]:
        PARTS[arguments[1]](Path(arguments[2]))
        return
    sizes = [int(each) for each in arguments] or [100_000, 1_000_000]
    walls: dict[int, float] = {}
    for size in sizes:
        kept = Path(os.environ.get("POPULATIONS") or tempfile.gettempdir())
        folder = kept / f"pestle-population-{size}"
        if not (folder / "observation.parquet").is_file():
            _part("make", folder, str(size))
        _say(f"\n{size} patients")
        walls[size] = _part("pincer", folder)
        if size <= 100_000:
            _part("sqlite", folder)
            _part("one_pass", folder)
    if len(walls) > 1:
        first, *_, last = walls.values()
        _say(f"\ngrowth: {last / first:.1f} times for {sizes[-1] / sizes[0]:.0f} times the patients")
        _say(f"ten million, in proportion: {last * 10_000_000 / sizes[-1]:.0f} s")


def _part(name: str, folder: Path, *more: str) -> float:
    environment = {**os.environ, "PATIENTS": more[0] if more else ""}
    command = [sys.executable, "-m", "tests.scale.measures", "--part", name, str(folder)]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    sys.stdout.write(done.stdout)
    return float(done.stdout.rsplit("warm", 1)[-1].split()[0]) if "warm" in done.stdout else 0.0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _timed(name: str, work: Callable[[], object]) -> tuple[float, object]:
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    took = time.perf_counter() - wall
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    _say(f"  {name:24} {took:7.2f} s wall {time.process_time() - cpu:7.2f} s CPU, peak so far {peak:6.0f} MB")
    return took, result


def _make(folder: Path) -> None:
    from pestle.definitions import folder as definitions
    from pestle.demo.population import Words, make
    from pestle.pharmacy.measures import library
    from pestle.pharmacy.medicines.dictionary import read as read_dictionary

    dictionary = read_dictionary(definitions("formulary"))
    known = library.read(*map(definitions, library.FOLDERS), dictionary=dictionary)
    patients = int(os.environ["PATIENTS"])
    words = Words(known.terms, known.substances, dictionary)
    _timed("made", lambda: list(make(folder, patients=patients, on=ON, words=words)))


def _pincer(folder: Path) -> None:
    from pestle import definitions
    from pestle.pharmacy.measures import library
    from pestle.pharmacy.measures.folder import connect, opened
    from pestle.pharmacy.measures.population import Population
    from pestle.pharmacy.measures.run import standings
    from pestle.pharmacy.medicines.dictionary import read as read_dictionary

    with tempfile.TemporaryDirectory() as spill:
        dictionary = read_dictionary(definitions.folder("formulary"))
        known = library.read(*map(definitions.folder, library.FOLDERS), dictionary=dictionary)
        backend = connect(threads=2, memory_mb=MEMORY_MB, spill=Path(spill))
        _, population = _timed(
            "open", lambda: opened(folder, backend, dictionary=dictionary, substances=known.substances)
        )
        assert isinstance(population, Population)
        measures = [each for name, each in known.measures.items() if name.startswith("pincer")]

        def build() -> list[str]:
            return [str(backend.compile(standings(each, population, on=ON))) for each in measures]

        _, built = _timed("queries built", build)
        assert isinstance(built, list)

        def run() -> int:
            return sum(len(backend.con.execute(query).to_arrow_table()) for query in built)

        _timed("asked, cold", run)
        took, _ = _timed("asked, warm", run)
        for each, query in zip(measures, built, strict=True):
            _timed(f"  {each.name}", partial(backend.con.execute, query))
        rows = sum(
            int(table.count().to_pyarrow().as_py())
            for table in (population.medication, population.condition, population.observation)
        )
        _say(f"  rows {rows}; warm {took:.2f} s for {len(measures)} measures")


def _sqlite(folder: Path) -> None:
    """The plainest SQL there is, of the first indicator."""
    import sqlite3

    import duckdb
    from tests import pincer

    from pestle import definitions

    samples = Path(os.environ["PESTLE_SAMPLES"])
    starter = definitions.folder("formulary") / "starter.csv"
    codes = pincer.lists(samples / "uk" / "codelists" / "pincer", starter)
    with tempfile.TemporaryDirectory() as place:
        base = sqlite3.connect(f"{place}/people.sqlite3")
        base.execute("CREATE TABLE patient (patient INTEGER PRIMARY KEY, born TEXT, gender TEXT, died TEXT)")
        base.execute("CREATE TABLE medication (patient INTEGER, code INTEGER, issued TEXT)")
        base.execute("CREATE TABLE listed (list TEXT, code INTEGER, PRIMARY KEY (list, code))")

        def load() -> None:
            for name, columns in (
                ("patient", "patient, born, gender, died"),
                ("medication", "patient, code, issued"),
            ):
                rows = duckdb.sql(f"SELECT {columns} FROM '{folder / name}.parquet'")
                while chunk := rows.fetchmany(50_000):
                    marks = ", ".join("?" * len(chunk[0]))
                    base.executemany(
                        f"INSERT INTO {name} VALUES ({marks})",
                        [
                            tuple(str(cell) if isinstance(cell, date) else cell for cell in row)
                            for row in chunk
                        ],
                    )
            base.executemany(
                "INSERT INTO listed VALUES (?, ?)",
                [(name, code) for name, found in codes.items() for code in found],
            )
            base.execute("CREATE INDEX by_code ON medication (code, issued, patient)")
            base.commit()

        query = """
            SELECT count(*), sum(patient IN (
                SELECT patient FROM medication JOIN listed USING (code)
                WHERE list = 'nsaid' AND issued BETWEEN '2026-08-01' AND '2026-11-01'))
            FROM patient WHERE born <= '1961-11-01' AND (died IS NULL OR died > '2026-11-01')
            AND patient NOT IN (SELECT patient FROM medication JOIN listed USING (code)
                                WHERE list = 'ppi' AND issued BETWEEN '2026-08-01' AND '2026-11-01')"""
        _timed("SQLite, load", load)
        _timed("SQLite, A only", lambda: base.execute(query).fetchall())


def _one_pass(folder: Path) -> None:
    import duckdb
    from tests import pincer

    from pestle import definitions

    samples = Path(os.environ["PESTLE_SAMPLES"])
    starter = definitions.folder("formulary") / "starter.csv"
    codes = pincer.lists(samples / "uk" / "codelists" / "pincer", starter)

    def run() -> int:
        people = {
            number: pincer.Person(*rest)
            for number, *rest in duckdb.sql(
                f"SELECT patient, born, gender, died, practice FROM '{folder}/patient.parquet'"
            ).fetchall()
        }
        for name, columns, into in (
            ("medication", "patient, code, issued", "medicines"),
            ("condition", "patient, code, recorded", "conditions"),
            ("observation", "patient, code, taken, value, NULL", "results"),
        ):
            rows = duckdb.sql(f"SELECT {columns} FROM '{folder}/{name}.parquet'")
            while chunk := rows.fetchmany(50_000):
                for number, *rest in chunk:
                    getattr(people[number], into).append(tuple(rest))
        return sum(len(pincer.indicators(each, ON, codes)) for each in people.values())

    _timed("one pass in Python", run)


PARTS = {"make": _make, "pincer": _pincer, "sqlite": _sqlite, "one_pass": _one_pass}

if __name__ == "__main__":
    main(sys.argv[1:])
