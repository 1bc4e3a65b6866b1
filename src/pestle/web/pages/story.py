"""What happened to this prescription: audit events as sentences a person would say, oldest first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pestle.pharmacy.dispensary.not_dispensed import NotDispensed
from pestle.pharmacy.dispensary.owing import OwingReason
from pestle.pharmacy.dispensary.promise import LateReason
from pestle.pharmacy.dispensary.taking_back import ReturnReason, WithdrawReason
from pestle.pharmacy.dispensary.uncollected import Way
from pestle.web.pages.words import count
from pestle.web.store import models
from pestle.web.store.knowledge import charges

Detail = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """One event. `kind`: empty, stop, question or done."""

    at: datetime
    who: str
    what: str
    detail: str = ""
    kind: str = ""
    href: str = ""


def story(
    row: models.Prescription,
    events: Sequence[models.AuditEvent],
    names: Mapping[int, str],
    *,
    asked: Sequence[Mapping[str, Any]] = (),
) -> list[Told]:
    """The whole story. `names` gives each line's place its medicine; `asked` is what its queries tell. `row`
    has its order's message."""
    message = row.order.message
    told = [Told(row.received_at, "The prescription", "was received", f"{message.kind}, by {message.way}")]
    names_of = {left.at: left.collector_name for left in row.hand_outs.all() if left.collector_name}
    for event in events:
        kind, what, detail = _SENTENCES.get(event.action, _unknown(event.action))(event.detail, names)
        # What was recorded later stands where it happened.
        later = event.detail.get("left_at")
        at = datetime.fromisoformat(later) if later else event.at
        name = names_of.get(at) if event.action == "dispensary.hand_out" else None
        told.append(Told(at, event.person_name, f"{what}, {name}" if name else what, detail, kind))
    if row.closed_because == "cancelled":
        told.append(Told(row.step_since, "The prescriber", "cancelled the last open line", "", "stop"))
    told += [Told(**one) for one in asked]
    return sorted(told, key=lambda one: one.at)


def line_words(place: int, names: Mapping[int, str]) -> str:
    """“line 2, amoxicillin 500mg capsules”."""
    return f"line {place}, {names[place]}" if place in names else f"line {place}"


Sentence = tuple[str, str, str]


def _entered(detail: Detail, names: Mapping[int, str]) -> Sentence:
    unmatched = [
        f"{line_words(line['place'], names)} is not in the dictionary: {line['unmatched']}"
        for line in detail["lines"]
        if line["unmatched"]
    ]
    return "done", "completed the entry", "; ".join([*unmatched, f"Dictionary {detail['release']}"])


def _checked(detail: Detail, names: Mapping[int, str]) -> Sentence:
    approved = sum(line["approved"] for line in detail["lines"])
    waiting = [line for line in detail["lines"] if line.get("waits")]
    refused = [line for line in detail["lines"] if not line["approved"] and not line.get("waits")]
    said = [
        f"{line_words(line['place'], names)}: {NotDispensed(line['reason']).words.lower()}, {line['words']}"
        for line in refused
        if line["reason"]
    ]
    answers = [f"answered: {answer}" for answer in detail["answers"].values() if answer]
    what = f"signed the clinical check: {approved} approved, {len(refused)} refused"
    said += [f"to speak about with the patient: {words}" for words in detail.get("speak", ())]
    if waiting:
        what += f", {len(waiting)} waiting for an answer"
    return ("done" if approved else "stop"), what, "; ".join(said + answers)


def _decided(detail: Detail, names: Mapping[int, str]) -> Sentence:
    (line,) = detail["lines"]
    verb = "approved" if line["approved"] else "refused"
    answers = [f"answered: {words}" for words in detail["answers"].values()]
    said = [line["words"]] if line["words"] else []
    what = f"{verb} {line_words(line['place'], names)}, which had waited for an answer"
    return ("done" if line["approved"] else "stop"), what, "; ".join(said + answers)


def _answered(detail: Detail, names: Mapping[int, str]) -> Sentence:
    what = "answered what became new since the clinical check, and what was referred"
    return "done", what, "; ".join(f"answered: {words}" for words in detail["answers"].values())


def _picked(detail: Detail, names: Mapping[int, str]) -> Sentence:
    part = ", part of a pack" if detail["split"] else ""
    what = f"picked {detail['words']} for {line_words(detail['place'], names)}"
    return "", what, f"{detail['pack']}, batch {detail['number']}, expiry {detail['expiry']}{part}"


def _withheld(detail: Detail, names: Mapping[int, str]) -> Sentence:
    reason = NotDispensed(detail["reason"]).words
    return "stop", f"withheld {line_words(detail['place'], names)}", f"{reason}: {detail['words']}"


def _handed_out(detail: Detail, names: Mapping[int, str]) -> Sentence:
    to = {
        "patient": "to the patient",
        "representative": "to a representative",
        "professional": "to a healthcare professional",
        "delivered": "by delivery",
    }
    told = ", ".join(detail["counselling"]) or "nothing recorded"
    owed = _owed(detail, names)
    what = f"handed out {'what there is ' if owed else ''}{to[detail['collector']]}"
    return "done", what, "; ".join(part for part in (f"Counselled on: {told}", owed) if part)


def _owed(detail: Detail, names: Mapping[int, str]) -> str:
    """What stays owed: “owed: 28 tablets of line 2, …”."""
    owed = detail.get("owed") or {}
    said = [f"{words} of {line_words(int(place), names)}" for place, words in owed.items()]
    return f"owed: {', '.join(said)}" if said else ""


def _owes(detail: Detail, names: Mapping[int, str]) -> Sentence:
    line = line_words(detail["place"], names)
    if not detail["amount"]:
        return "question", f"noted that nothing is owed of {line}", ""
    why = ", ".join(OwingReason(one["reason"]).words.lower() for one in detail["reasons"])
    return (
        "question",
        f"noted {detail['words']} owed of {line}",
        f"{why}; promised for {detail['promised_on']}",
    )


def _waits(what: str) -> Callable[[Detail, Mapping[int, str]], Sentence]:
    return lambda detail, names: ("question", what, _owed(detail, names))


def _passed(detail: Detail, names: Mapping[int, str]) -> Sentence:
    own = "their own work, after the pause and a fresh scan of every pack" if detail["self_check"] else ""
    return "done", "passed the accuracy check", own


def _fixed(
    kind: str, what: str, *, line: bool = False, told: str = ""
) -> Callable[[Detail, Mapping[int, str]], Sentence]:
    def say(detail: Detail, names: Mapping[int, str]) -> Sentence:
        about = f" {line_words(detail['place'], names)}" if line else ""
        return kind, f"{what}{about}", str(detail.get(told, "")) if told else ""

    return say


def _unknown(action: str) -> Callable[[Detail, Mapping[int, str]], Sentence]:
    return _fixed("", f"did {action}")


_SENTENCES: dict[str, Callable[[Detail, Mapping[int, str]], Sentence]] = {
    "dispensary.type_in": _fixed("", "typed it in"),
    "dispensary.decide_emergency": _fixed("question", "spoke with who asked for it", told="words"),
    "dispensary.add_scan": _fixed("done", "kept a scan of its paper"),
    "dispensary.receive_late": _fixed("done", "put on record that its prescription came"),
    "dispensary.complete_entry": _entered,
    "dispensary.return_to_entry": _fixed("question", "returned it to entry", told="reason"),
    "dispensary.clinical_check": _checked,
    "dispensary.decide_waiting": _decided,
    "dispensary.must_speak": _fixed("question", "wants a pharmacist to speak to the patient", told="words"),
    "dispensary.spoke": _fixed("done", "spoke to the patient", told="words"),
    "dispensary.ask_before_issue": lambda detail, names: (
        "question" if detail["concerns"] else "done",
        "asked what is asked before each issue",
        "; ".join(detail["concerns"]) or "nothing that wants a pharmacist",
    ),
    "dispensary.refer": _fixed("question", "referred it to a pharmacist", told="words"),
    "dispensary.answer": _answered,
    "dispensary.print_labels": lambda detail, names: (
        "",
        f"printed {len(detail['labels'])} label{'' if len(detail['labels']) == 1 else 's'}",
        "",
    ),
    "dispensary.label_in_run": lambda detail, names: (
        "" if detail["labels"] else "question",
        f"printed {count(len(detail['labels']), 'label')} in label run {detail['run']}"
        if detail["labels"]
        else f"left it out of label run {detail['run']}",
        "; ".join(detail["reasons"]),
    ),
    "dispensary.propose_instead": lambda detail, names: (
        "question",
        f"proposed {detail['name']} for {line_words(detail['place'], names)}",
        f"serious shortage protocol {detail['protocol']}",
    ),
    "dispensary.supply_instead": lambda detail, names: (
        "done",
        f"decided to supply {detail['name']} as line {detail['place']}",
        f"serious shortage protocol {detail['protocol']}; label: {detail['directions']}",
    ),
    "dispensary.supply_as_prescribed": _fixed(
        "question", "went back to what was prescribed for", line=True, told="words"
    ),
    "dispensary.reprint_label": _fixed("question", "printed a label again for", line=True, told="reason"),
    "dispensary.pick": _picked,
    "dispensary.undo_pick": _fixed("question", "put a pack back from", line=True),
    "dispensary.complete_assembly": _fixed("done", "completed the assembly"),
    "dispensary.start_self_check": _fixed("", "began the pause before checking their own work"),
    "dispensary.rescan": _fixed("", "scanned a pack again of", line=True),
    "dispensary.pass_accuracy": _passed,
    "dispensary.fail_accuracy": _fixed("stop", "sent it back to be assembled again", told="reason"),
    "dispensary.say_why_late": lambda detail, names: (
        "question",
        "said why it was ready after its time",
        LateReason(detail["reason"]).words,
    ),
    "dispensary.withhold": _withheld,
    "dispensary.keep_line": _fixed("question", "kept, after a wish to cancel,", line=True, told="words"),
    "dispensary.hand_out": _handed_out,
    "dispensary.owe": _owes,
    "dispensary.promise": lambda detail, names: (
        "question",
        f"promised {detail['promised_on']} for what is owed of {line_words(detail['place'], names)}",
        detail["words"],
    ),
    "dispensary.owe_all": _waits("put it under the owings"),
    "dispensary.assemble_rest": _waits("brought back what was owed"),
    "dispensary.remind": lambda detail, names: (
        "question",
        f"reminded the patient {Way(detail['way']).words.lower()}",
        detail["words"],
    ),
    "dispensary.return_to_stock": lambda detail, names: (
        "stop",
        "returned it to stock, because nobody collected it",
        f"{detail['packs']} pack{'' if detail['packs'] == 1 else 's'} back on the shelf",
    ),
    "dispensary.undo_return": _fixed("question", "opened it again: it was wanted after all"),
    "dispensary.return_to_service": lambda detail, names: (
        "stop",
        "returned it to the prescription service",
        f"{ReturnReason(detail['reason']).words}: {detail['words']}",
    ),
    "payment.record_charge": lambda detail, names: (
        "",
        "recorded the prescription charge",
        charges().exemptions[detail["exemption"]].words,
    ),
    "payment.endorse": lambda detail, names: (
        "",
        "endorsed it",
        "; ".join(
            f"{line_words(int(place), names)}: {', '.join(codes)}"
            for place, codes in detail["endorsed"].items()
        ),
    ),
    "payment.make_claim": lambda detail, names: (
        "done",
        "amended the claim for payment" if detail["amends"] else "made the claim for payment",
        "",
    ),
    "payment.withdraw_notification": lambda detail, names: (
        "stop",
        "withdrew the dispense notification",
        f"{WithdrawReason(detail['reason']).words}: {detail['words']}",
    ),
    "payment.tell_again": _fixed("", "told the service of the supply again"),
    "messages.take_answer": lambda detail, names: (
        "done" if detail["accepted"] else "stop",
        f"took in the answer of the service: {'accepted' if detail['accepted'] else 'refused'}",
        ", ".join(detail["issues"]),
    ),
    "worklist.claim": _fixed("", "took it in hand"),
    "worklist.hand_back": _fixed("", "handed it back"),
}
