"""What do the checks find in what is proposed for a patient? Answers as JSON lines, whose keys are in
docs/check-json.md."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from datetime import UTC, date, datetime

from pestle import definitions
from pestle.cli.begin import say, settings
from pestle.pharmacy.checks.finding import finding_json, worst_first
from pestle.pharmacy.checks.knowledge import FOLDERS, read
from pestle.pharmacy.checks.proposal import proposal
from pestle.pharmacy.checks.run import assess_all
from pestle.pharmacy.medicines.dictionary import read as read_dictionary
from pestle.pharmacy.refusal import Refusal, refuse
from pestle.wire.fhir.record.read import read_bytes


def check(options: argparse.Namespace) -> int:
    """Check what is proposed for a patient against their record.

    FILE is a FHIR R4 Bundle: the patient, conditions, allergies, observations, current and proposed
    medication requests. Proposed are those of status draft, or of intent proposal or plan; with --proposed
    those that it names, by the sender's identifier or else the resource's id. Medicines are matched to the
    dictionary in use by their codes. Writes one JSON object a line: first what of the file was not
    understood, then the findings, the most serious first. docs/check-json.md explains every key.

    Examples:
      pestle check bundle.json
      pestle check bundle.json --proposed order-7 --on 2026-11-22 --country us
    """
    try:
        data = options.file.read_bytes()
    except OSError as error:
        raise refuse("setting.option", f"{options.file}: {error.strerror}", place="FILE") from None
    received = read_bytes(data, sender=options.file.name, received_at=datetime.now(UTC))
    known = read_dictionary(*settings().dictionary)
    on = options.on or date.today()  # noqa: DTZ011 - the day on this computer is meant
    proposed, record = proposal(received.record, known, on=on, named=options.proposed)
    names = {name for entry in known.entries() for name in entry.ingredient_names}
    folders = (*map(definitions.folder, FOLDERS), *settings().definitions)
    knowledge = replace(read(*folders, dictionary=known).with_substances(names), country=options.country)
    for note in received.notes:
        say(json.dumps({"kind": "not-understood", **_note(note)}, ensure_ascii=False))
    for found in worst_first(assess_all(proposed, record, knowledge=knowledge, on=on)):
        say(json.dumps({"kind": "finding", **finding_json(found)}, ensure_ascii=False))
    return 0


def _note(note: Refusal) -> dict[str, object]:
    return {"rule": note.rule, "reason": note.reason, "place": note.place, "way_out": note.way_out}
