"""What does each instruction on a line say? Answers as JSON lines, whose keys are in docs/dosage-json.md."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from pestle.pharmacy.dosage.dose import Dosage
from pestle.pharmacy.dosage.needed import Needed, quantity_for
from pestle.pharmacy.dosage.packing import CannotTell, Packing
from pestle.pharmacy.dosage.parse import read
from pestle.pharmacy.dosage.reading import Reading, reading_json
from pestle.pharmacy.dosage.round_times import RoundTimes, round_times
from pestle.pharmacy.dosage.schedule import Due, SiteClock, schedule
from pestle.pharmacy.dosage.supply import Daily, Days, daily_amount, days_supply
from pestle.pharmacy.dosage.when_required import WhenRequired
from pestle.pharmacy.dosage.wording import label, plain
from pestle.pharmacy.quantity import Quantity, Ratio, Unit, decimal
from pestle.pharmacy.refusal import Refusal, Refused, refuse

_Answer = Callable[[str], dict[str, object]]


def dosage(options: argparse.Namespace) -> int:
    """Read instructions, one a line, and write what they say, one JSON a line.

    parse     what was understood, or by which rule it was not
    wording   as a label and a screen say it
    schedule  when each dose is due, --from and --to a moment in --zone
    supply    the amount in a day, how many days --quantity lasts, what --days need

    Lines come from the standard input or from FILE. Nothing is guessed: what has no single meaning says so,
    in its own line, and the others go on. docs/dosage-json.md explains every key.

    Round times are a JSON file: {"times_a_day": {"2": ["08:00", "20:00"]}, "moments": {"HS": "22:00"}}.
    Moments are FHIR event timings: MORN, NOON, EVE, NIGHT, HS (bedtime), CM, CD, CV (meals) and so on.

    Examples:
      echo "1 tds for 7/7" | pestle dosage parse
      echo "1 drop both eyes bd" | pestle dosage supply --days 28 --unit ml --pack "20 drops = 1 ml"
      echo "10 units at night" | pestle dosage supply --quantity "5 pens" \\
        --pack "300 units = 1 pen" --in-use 28
      echo "1 tablet every 8 hours" | pestle dosage schedule --from 2026-10-24 --to 2026-10-27 \\
        --zone Europe/London --begins "2026-10-24 06:00"
    """
    answer = KINDS[options.what](options)
    for line in _lines(options.file):
        sys.stdout.write(json.dumps(answer(line), ensure_ascii=False) + "\n")
    sys.stdout.flush()
    return 0


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("what", choices=KINDS)
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE")
    supply = parser.add_argument_group("supply")
    supply.add_argument("--quantity", metavar="“28 tablets”", help="what is supplied of each")
    supply.add_argument("--days", type=int, metavar="N", help="how much is needed for so many days")
    supply.add_argument("--unit", help="in which unit --days are answered, such as ml")
    supply.add_argument("--pack", action="append", default=[], metavar="“200 puffs = 1 inhaler”",
                        help="what is known of the pack; again for each fact")  # fmt: skip
    supply.add_argument("--in-use", type=int, metavar="DAYS", help="how long one may be used once open")
    placed = parser.add_argument_group("schedule (a moment is 2026-05-01 or “2026-05-01 08:00”, in --zone)")
    placed.add_argument("--from", dest="start", metavar="MOMENT", help="from here on")
    placed.add_argument("--to", dest="end", metavar="MOMENT", help="to before here")
    placed.add_argument("--zone", help="time zone, such as Europe/London")
    placed.add_argument("--round-times", type=Path, metavar="FILE", help="the site's (default: none known)")
    placed.add_argument("--begins", metavar="MOMENT", help="when the treatment begins, if known")
    placed.add_argument("--last-dose", metavar="MOMENT", help="when the last dose was given, if known")


def _lines(file: Path | None) -> Iterator[str]:
    """Bytes that are no UTF-8 become a mark that no rule reads."""
    if file is None:
        yield from (line.rstrip("\r\n") for line in sys.stdin)
        return
    try:
        source = file.open(encoding="utf-8", errors="replace")
    except OSError as error:
        raise _option("FILE", f"{file}: {error.strerror}") from None
    with source:
        yield from (line.rstrip("\r\n") for line in source)


def _option(name: str, reason: str) -> Refused:
    return refuse("setting.option", reason, place=name)


def _parse(_: argparse.Namespace) -> _Answer:
    return lambda line: reading_json(read(line))


def _wording(_: argparse.Namespace) -> _Answer:
    return _words


def _words(line: str) -> dict[str, object]:
    reading = read(line)
    if reading.dosage is None:
        return {"text": line, "label": line, "plain": line, "verbatim": True, "refusal": _refused(reading)}
    worded, said = label(reading.dosage), plain(reading.dosage)
    verbatim = worded.verbatim or said.verbatim
    return {"text": line, "label": worded.text, "plain": said.text, "verbatim": verbatim, "refusal": None}


def _supply(options: argparse.Namespace) -> _Answer:
    supplied = _quantity(options.quantity, "--quantity") if options.quantity else None
    packing = _packing(options)
    unit = Unit(options.unit) if options.unit else None
    return lambda line: _supplied(
        line, supplied, lambda said: _needed(said, options.days, packing, unit), packing
    )


def _packing(options: argparse.Namespace) -> Packing | None:
    facts = tuple(_fact(text) for text in options.pack)
    container = facts[0].denominator.unit if facts and options.in_use is not None else None
    return Packing(facts, container, options.in_use) if facts or options.in_use is not None else None


def _fact(text: str) -> Ratio:
    much, mark, of = text.partition("=")
    if not mark:
        raise _option("--pack", f"“{text}” has no “=”: write it as “200 puffs = 1 inhaler”")
    return Ratio(_quantity(much, "--pack"), _quantity(of, "--pack"))


def _needed(
    said: Dosage, days: int | None, packing: Packing | None, unit: Unit | None
) -> Needed | CannotTell | None:
    return None if days is None else quantity_for(said, days, packing=packing, unit=unit)


def _supplied(
    line: str,
    supplied: Quantity | None,
    need: Callable[[Dosage], Needed | CannotTell | None],
    packing: Packing | None,
) -> dict[str, object]:
    reading = read(line)
    quantity = reading.quantity or supplied
    said = reading.dosage
    daily = daily_amount(said) if said else None
    lasts = days_supply(said, quantity, packing=packing) if said and quantity else None
    needed = need(said) if said else None
    why = next((each for each in (daily, lasts, needed) if isinstance(each, CannotTell)), None)
    cannot = {"rule": why.rule, "reason": why.reason} if why else None
    refusal = reading.refusal
    return {
        "text": line,
        "quantity": str(quantity) if quantity else None,
        "daily": daily.text if isinstance(daily, Daily) else None,
        "daily_least": _number(daily.least) if isinstance(daily, Daily) else None,
        "daily_most": _number(daily.most) if isinstance(daily, Daily) else None,
        "unit": daily.unit.text if isinstance(daily, Daily) else None,
        "as_needed": daily.as_needed if isinstance(daily, Daily) else None,
        "days": lasts.text if isinstance(lasts, Days) else None,
        "days_least": _number(lasts.least) if isinstance(lasts, Days) else None,
        "days_most": _number(lasts.most) if isinstance(lasts, Days) else None,
        "covers_course": lasts.covers_course if isinstance(lasts, Days) else None,
        "needed": needed.text if isinstance(needed, Needed) else None,
        "waste": str(needed.waste) if isinstance(needed, Needed) and needed.waste else None,
        "cannot_tell": {"rule": refusal.rule, "reason": refusal.reason} if refusal else cannot,
    }


def _number(value: Decimal) -> str:
    return f"{value:f}"


def _schedule(options: argparse.Namespace) -> _Answer:
    missing = [name for name, value in (("--from", options.start), ("--to", options.end),
                                        ("--zone", options.zone)) if value is None]  # fmt: skip
    if missing:
        raise _option(missing[0], f"schedule needs {', '.join(missing)}")
    zone = _zone(options.zone)
    clock = SiteClock(zone, _rounds(options.round_times))
    start, end = _instant(options.start, zone, "--from"), _instant(options.end, zone, "--to")
    begins = _moment(options.begins, zone, "--begins") if options.begins else None
    last = _instant(options.last_dose, zone, "--last-dose") if options.last_dose else None

    def answer(line: str) -> dict[str, object]:
        said = read(line)
        if said.dosage is None:
            return _placed(line, zone, refusal=said.refusal)
        try:
            found = schedule(said.dosage, start=start, end=end, clock=clock, begins=begins, last_dose=last)
        except Refused as refused:
            return _placed(line, zone, refusal=refused.refusals[0])
        return _placed(line, zone, due=found.due, limits=found.when_required)

    return answer


def _placed(
    line: str,
    zone: ZoneInfo,
    *,
    due: tuple[Due, ...] = (),
    limits: tuple[WhenRequired, ...] = (),
    refusal: Refusal | None = None,
) -> dict[str, object]:
    return {
        "text": line,
        "due": [
            {"at": _utc(dose.at), "local": dose.at.astimezone(zone).isoformat(), "step": dose.step + 1}
            for dose in due
        ],
        "when_required": [_limits(each) for each in limits],
        "refusal": None if refusal is None else _refusal(refusal),
    }


def _limits(limits: WhenRequired) -> dict[str, object]:
    interval, times_in = limits.minimum_interval, limits.most_times_in
    most = limits.most_in_24_hours
    return {
        "step": limits.step + 1,
        "minimum_interval_minutes": None if interval is None else int(interval.total_seconds()) // 60,
        "most_times": limits.most_times,
        "most_times_in_minutes": None if times_in is None else int(times_in.total_seconds()) // 60,
        "most_in_24_hours": None if most is None else str(most).strip(),
        "begin": _utc(limits.begin) if limits.begin else None,
        "end": _utc(limits.end) if limits.end else None,
    }


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _refused(reading: Reading) -> dict[str, object] | None:
    return _refusal(reading.refusal) if reading.refusal else None


def _refusal(refusal: Refusal) -> dict[str, object]:
    return {
        "rule": refusal.rule,
        "reason": refusal.reason,
        "place": refusal.place,
        "way_out": refusal.way_out,
    }


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        raise _option("--zone", f"“{name}” is no time zone") from None


def _rounds(file: Path | None) -> RoundTimes:
    if file is None:
        return RoundTimes()
    try:
        return round_times(json.loads(file.read_text(encoding="utf-8")))
    except OSError as error:
        raise _option("--round-times", f"{file}: {error.strerror}") from None
    except ValueError as error:
        raise _option("--round-times", f"{file} is not JSON: {error}") from None


def _moment(text: str, zone: ZoneInfo, place: str) -> datetime | date:
    try:
        if len(text) == len("2026-05-01"):
            return date.fromisoformat(text)
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _option(place, f"“{text}” is no moment such as “2026-05-01 08:00”") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _instant(text: str, zone: ZoneInfo, place: str) -> datetime:
    moment = _moment(text, zone, place)
    return moment if isinstance(moment, datetime) else datetime.combine(moment, time(), tzinfo=zone)


def _quantity(text: str, place: str) -> Quantity:
    amount, _, unit = text.strip().partition(" ")
    if not unit.strip():
        raise refuse("quantity.no-unit", f"“{text.strip()}” has no unit", place=place,
                     way_out="Write it as “28 tablets”.")  # fmt: skip
    return Quantity(decimal(amount, place=place), Unit(unit.strip()))


KINDS: dict[str, Callable[[argparse.Namespace], _Answer]] = {
    "parse": _parse,
    "wording": _wording,
    "schedule": _schedule,
    "supply": _supply,
}
