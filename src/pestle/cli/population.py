"""The commands about a population: make an invented one, look whether a folder is one, ask it measures."""

from __future__ import annotations

import argparse
import csv
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from pestle import definitions
from pestle.cli.begin import acting, say, settings, site_of, start
from pestle.pharmacy.refusal import Refusal, Refused, refuse

# The engine takes half a second to import, so only what needs it does, when it does.
if TYPE_CHECKING:
    from pestle.pharmacy.measures.library import Library
    from pestle.pharmacy.measures.measure import Measure
    from pestle.pharmacy.measures.population import Population
    from pestle.pharmacy.medicines.dictionary import Dictionary
    from pestle.pharmacy.worklist.patient_task import Evidence

_MEMORY_MB = 1500
_THREADS = 2


def make(options: argparse.Namespace) -> int:
    """Make an invented population in FOLDER, to measure, teach and try out with.

    Nobody in it has lived. The same seed makes the same people, and the first thousand are the same however
    many there are. Memory does not grow with their number. Writes patient, medication, condition,
    observation and term as Parquet, sorted by code; docs/population.md says what stands in each.

    Examples:
      pestle population make --patients 10000 people
    """
    from pestle.demo.population import Words
    from pestle.demo.population import make as made
    from pestle.pharmacy.medicines.dictionary import read as read_dictionary

    dictionary = read_dictionary(*settings().dictionary)
    known = _library(dictionary)
    for number in made(
        options.folder,
        patients=options.patients,
        on=_day(options),
        words=Words(known.terms, known.substances, dictionary),
        seed=options.seed,
    ):
        say(f"{number} of {options.patients}")
    return 0


def check(options: argparse.Namespace) -> int:
    """Say what is wrong with a population's folder before anything is asked of it.

    One line for each table and column: what is wrong, and in how many rows. Nobody is named. Exits with 1
    where anything is.

    Examples:
      pestle population check people
    """
    from pestle.pharmacy.measures.folder import connect, problems

    _is_folder(options.folder)
    with tempfile.TemporaryDirectory() as spill:
        backend = connect(threads=_THREADS, memory_mb=_MEMORY_MB, spill=Path(spill))
        found = problems(options.folder, backend)
    for each in found:
        rows = "" if each.rows is None else f"\t{each.rows} rows"
        say(f"{each.table}\t{each.column}\t{each.what}{rows}")
    if not found:
        say("Nothing is wrong with it.")
    return 1 if found else 0


def audit(options: argparse.Namespace) -> int:
    """Ask a population measures, and write who stands how, with the reason.

    Without --measure every measure is asked; one that cannot be asked of this population says why, and has no
    rate. Writes into --out:
    standings.parquet (measure, patient, practice, standing), reasons.csv (each patient found or of whom
    nobody can tell, with the facts or with what is missing) and rates.csv (each measure and practice: found,
    asked, cannot tell, the rate and its 95 % interval). With --for-outside writes rates.csv alone, in which
    few people are withheld and counts are rounded. With --site the answers stand on the pages of that site
    too, in the name of --as (default: the program).

    Examples:
      pestle audit run people --out result --measure pincer
      pestle audit run people --out result --on 2026-11-01 --for-outside
      pestle audit run people --out result --site FZZ01 --as mo
    """
    from pestle.pharmacy.measures.folder import connect, opened
    from pestle.pharmacy.medicines.dictionary import read as read_dictionary

    _is_folder(options.folder)
    dictionary, on = read_dictionary(*settings().dictionary), _day(options)
    known = _library(dictionary)
    asked = _asked(known, options.measures)
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as spill:
        backend = connect(threads=_THREADS, memory_mb=_MEMORY_MB, spill=Path(spill))
        population = opened(options.folder, backend, dictionary=dictionary, substances=known.substances)
        standings = _standings(asked, population, on)
        asked = [each for each in asked if each.name in standings]
        if not options.for_outside:
            _write_standings(options.out, standings)
            because = _because(asked, standings, population, on, source=options.folder.name)
            _write_reasons(options.out, asked, standings, because)
            if options.site:
                _keep_at_site(options, asked, standings, because, on)
        _write_rates(options.out, asked, standings, for_outside=options.for_outside)
    return 0


def _standings(
    asked: Iterable[Measure], population: Population, on: date
) -> dict[str, list[dict[str, object]]]:
    from pestle.pharmacy.measures.askable import why_not
    from pestle.pharmacy.measures.run import standings

    found = {}
    for measure in asked:
        why = why_not(measure, population)
        if why is not None:
            say(f"{measure.name}\tcannot be asked of this population: {why}")
            continue
        found[measure.name] = standings(measure, population, on=on).to_pyarrow().to_pylist()
        counts = Counter(str(row["standing"]) for row in found[measure.name])
        said = ", ".join(f"{count} {word}" for word, count in sorted(counts.items())) or "nobody is asked"
        say(f"{measure.name}\t{said}")
    return found


def _write_standings(folder: Path, standings: Mapping[str, list[dict[str, object]]]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = [{"measure": name, **row} for name, found in standings.items() for row in found]
    schema = pa.schema(
        [("measure", "string"), ("patient", "int64"), ("practice", "string"), ("standing", "string")]
    )
    pq.write_table(pa.Table.from_pylist(rows, schema), folder / "standings.parquet")


def _because(
    asked: Iterable[Measure],
    standings: Mapping[str, list[dict[str, object]]],
    population: Population,
    on: date,
    *,
    source: str,
) -> Mapping[str, dict[int, Evidence]]:
    """Why each patient is found, or what is missing, by measure and patient."""
    from pestle.pharmacy.measures.measure import Standing
    from pestle.pharmacy.measures.reason import reasons

    wanted: defaultdict[int, list[Measure]] = defaultdict(list)
    for measure in asked:
        for row in standings[measure.name]:
            if row["standing"] != Standing.NOT_FOUND.value:
                wanted[_number(row)].append(measure)
    because: defaultdict[str, dict[int, Evidence]] = defaultdict(dict)
    for number, measure, why in reasons(wanted, population, on=on, source=source, read_at=datetime.now(UTC)):
        because[measure.name][number] = why
    return because


def _write_reasons(
    folder: Path,
    asked: Iterable[Measure],
    standings: Mapping[str, list[dict[str, object]]],
    because: Mapping[str, Mapping[int, Evidence]],
) -> None:
    with (folder / "reasons.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["measure", "patient", "practice", "standing", "because", "missing"])
        for measure in asked:
            for row in standings[measure.name]:
                why = because.get(measure.name, {}).get(_number(row))
                if why is not None:
                    table.writerow([
                        measure.name, row["patient"], row["practice"] or "", row["standing"],
                        "; ".join(fact.dated for fact in why.facts), "; ".join(why.missing),
                    ])  # fmt: skip


def _keep_at_site(
    options: argparse.Namespace,
    asked: Iterable[Measure],
    standings: Mapping[str, list[dict[str, object]]],
    because: Mapping[str, Mapping[int, Evidence]],
    on: date,
) -> None:
    start()
    from pestle.web.actions import measures as actions
    from pestle.web.jobs.measures import counted
    from pestle.web.store import measures
    from pestle.web.store.populations import folder_digest

    site, now = site_of(options.site), datetime.now(UTC)
    by, names = acting(site, options.by), [measure.name for measure in asked]
    begun = actions.begin(
        by=by, now=now, key=str(uuid4()), names=names, source=options.folder.name, on=on,
        start=lambda _: None, by_worker=False,
    )  # fmt: skip
    run, digest = measures.claimed(begun.result["run"], now=now), folder_digest(options.folder)
    assert run is not None
    for name in names:
        found = counted(standings[name], because.get(name, {}), population=digest, own=False)
        actions.keep(by=by, now=now, run=run, name=name, counted=found)
    measures.heard(run, "", len(names), of=len(names), now=now)
    measures.ended(run, "done", now=now)
    say(f"{site.code}\trun {run.pk} is on the pages of measures")


def _write_rates(
    folder: Path,
    asked: Iterable[Measure],
    standings: Mapping[str, list[dict[str, object]]],
    *,
    for_outside: bool,
) -> None:
    from pestle.pharmacy.measures.measure import Standing
    from pestle.pharmacy.measures.rate import disclosed, rates

    with (folder / "rates.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["measure", "practice", "found", "asked", "cannot_tell", "share", "from", "to"])
        for measure in asked:
            stand = (
                (str(row["practice"] or ""), Standing(row["standing"])) for row in standings[measure.name]
            )
            for practice, rate in rates(stand).items():
                cells: list[object]
                if for_outside:
                    told = disclosed(rate)
                    share = (
                        Fraction(told.found, told.asked) if told.found is not None and told.asked else None
                    )
                    cells = [_withheld(told.found), _withheld(told.asked), "", _share(share), "", ""]
                else:
                    low, high = rate.interval or (None, None)
                    cells = [rate.found, rate.asked, rate.unsure, *map(_share, (rate.share, low, high))]
                table.writerow([measure.name, practice or "all", *cells])


def _share(share: Fraction | float | None) -> str:
    return "" if share is None else f"{float(share):.4f}"


def _withheld(count: int | None) -> str | int:
    return "withheld" if count is None else count


def _number(row: Mapping[str, object]) -> int:
    number = row["patient"]
    assert isinstance(number, int)
    return number


def _library(dictionary: Dictionary) -> Library:
    from pestle.pharmacy.measures import library

    folders = (*map(definitions.folder, library.FOLDERS), *settings().definitions)
    return library.read(*folders, dictionary=dictionary)


def _asked(known: Library, names: list[str]) -> list[Measure]:
    measures = known.measures.values()
    unknown = [name for name in names if not any(each.name.startswith(name) for each in measures)]
    if unknown:
        raise Refused(*(
            Refusal("measure.unknown", f"There is no measure that begins with “{name}”", "--measure",
                    f"There are: {', '.join(known.measures)}.")
            for name in unknown
        ))  # fmt: skip
    return [each for each in measures if not names or each.name.startswith(tuple(names))]


def _day(options: argparse.Namespace) -> date:
    return options.on or date.today()  # noqa: DTZ011 - the day on this computer is meant


def _is_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise refuse("setting.option", f"{folder} is no folder", place="FOLDER")
