"""Does Apache Spark answer a measure as DuckDB does, patient for patient?

Run by ``./dev test``, and by ``./dev spark [MEASURE ...]``: invented people are asked on both, from the
same files, by the same expression. Without names the thirteen PINCER indicators are asked, and of the other
measures as many as it takes for each kind of condition to stand in one. With names those that begin so, of
more people; “all” is every measure.
"""

from __future__ import annotations

import dataclasses
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pestle.pharmacy.measures.measure import Measure
    from pestle.pharmacy.measures.population import Population

ON = date(2026, 11, 1)
FEW, MANY = 1000, 4000


def main(names: list[str]) -> int:
    import ibis
    from pyspark.sql import SparkSession

    from pestle import definitions
    from pestle.demo.population import Words, make
    from pestle.pharmacy.measures import library
    from pestle.pharmacy.measures.askable import why_not
    from pestle.pharmacy.measures.folder import connect, opened
    from pestle.pharmacy.measures.measure import Standing
    from pestle.pharmacy.measures.run import standings
    from pestle.pharmacy.medicines.dictionary import read as read_dictionary

    began = time.perf_counter()
    patients = MANY if names else FEW
    dictionary = read_dictionary(definitions.folder("formulary"))
    known = library.read(*map(definitions.folder, library.FOLDERS), dictionary=dictionary)
    # What Java writes of itself is of no interest here.
    quiet = "--conf spark.ui.enabled=false --conf spark.ui.showConsoleProgress=false"
    # And so short a job ends before thorough compiling pays.
    quick = "--conf spark.driver.extraJavaOptions=-XX:TieredStopAtLevel=1"
    os.environ.setdefault("PYSPARK_SUBMIT_ARGS", f"{quiet} {quick} pyspark-shell")
    # On this computer alone, whatever its name stands for.
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    with tempfile.TemporaryDirectory(prefix="pestle-spark-") as place:
        folder = Path(place)
        words = Words(known.terms, known.substances, dictionary)
        list(make(folder, patients=patients, on=ON, words=words))
        duck = connect(threads=2, memory_mb=1500, spill=folder)
        here = opened(folder, duck, dictionary=dictionary, substances=known.substances)
        session = (
            SparkSession.builder.master("local[2]").appName("pestle")
            .config("spark.sql.shuffle.partitions", "1").config("spark.driver.memory", "1g")
            .config("spark.sql.warehouse.dir", place).getOrCreate()
        )  # fmt: skip
        session.sparkContext.setLogLevel("ERROR")
        spark = ibis.pyspark.connect(session)
        there = dataclasses.replace(
            here,
            **{name: spark.read_parquet(f"{folder}/{name}.parquet") for name in
               ("patient", "medication", "condition", "observation")},
        )  # fmt: skip
        _say(f"Spark {session.version} started after {time.perf_counter() - began:.0f} s")

        def rows(measure: Measure, population: Population) -> list[tuple[object, ...]]:
            asked = standings(measure, population, on=ON)
            return sorted((row["patient"], row["practice"], row["standing"])
                          for row in asked.to_pyarrow().to_pylist())  # fmt: skip

        askable = [each for each in known.measures.values() if why_not(each, here) is None]
        chosen = (
            [each for each in askable if "all" in names or each.name.startswith(tuple(names))]
            if names
            else _of_each_kind(askable)
        )
        differ, found = [], 0
        for measure in chosen:
            one, other = rows(measure, here), rows(measure, there)
            found += any(standing == Standing.FOUND.value for _, _, standing in one)
            if one != other:
                differ.append(measure.name)
                _say(f"{measure.name}: {len(one)} rows and {len(other)}, which differ")
        # All answers are here; what it still had under way ends with it, and would be called an error.
        session.sparkContext.setLogLevel("OFF")
        session.stop()
    cannot, left = len(known.measures) - len(askable), len(askable) - len(chosen)
    _say(f"not asked: {cannot} that cannot be asked of these people, {left} whose kinds others have")
    _say(
        f"{len(chosen)} measures of {patients} people on both, of which {found} found somebody and "
        f"{len(differ)} differ; {time.perf_counter() - began:.0f} s"
    )
    return 1 if differ or not found else 0


def _of_each_kind(measures: Iterable[Measure]) -> list[Measure]:
    """PINCER, and of the others each that has a kind of condition which none before it had."""
    chosen: list[Measure] = []
    seen: set[str] = set()
    for each in sorted(measures, key=lambda measure: not measure.name.startswith("pincer_")):
        kinds = set(_kinds(each.found))
        if each.name.startswith("pincer_") or not kinds <= seen:
            chosen.append(each)
            seen |= kinds
    return chosen


def _kinds(node: object) -> Iterator[str]:
    yield type(node).__name__
    of = getattr(node, "of", ())
    for each in of if isinstance(of, tuple) else (of,):
        yield from _kinds(each)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
