"""What is a person told when a colleague was first? Claims, pages that grew old, steps already done."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.refusal import Refused
from pestle.pharmacy.worklist.workflow import (
    CLAIM_LASTS,
    Claim,
    Differ,
    Done,
    Step,
    Task,
    Transition,
    Workflow,
    can,
    check,
    claim_refusal,
    refusal,
)

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
TECHNICIANS, PHARMACISTS = frozenset({Role.TECHNICIAN}), frozenset({Role.PHARMACIST})
BREAD = Workflow(
    name="bread",
    steps=(Step("knead", "Knead"), Step("bake", "Bake"), Step("sold", "Sold", final=True)),
    transitions=(
        Transition("knead", "knead", "bake", TECHNICIANS | PHARMACISTS, "kneaded"),
        Transition("salt", "knead", "knead", TECHNICIANS, "salted"),
        Transition("bake", "bake", "sold", TECHNICIANS | PHARMACISTS, "baked"),
        Transition("return", "bake", "knead", PHARMACISTS, "returned"),
    ),
    differs=(Differ("bake", frozenset({"knead"}), "Who kneads does not bake"),),
)
TESS = Person(1, "Tess Okafor", frozenset({Role.TECHNICIAN}), site_id=1)
RUTH = Person(2, "Ruth Evans", frozenset({Role.PHARMACIST}), site_id=1)


def _done(verb: str, by: Person) -> Done:
    return Done(verb, by.id, by.name, NOW)


def _claim(by: Person, ago: timedelta) -> Claim:
    return Claim(by.id, by.name, NOW - ago)


LOOK = "Look at what is there now, then decide again."

# step, what was done, claimed by, the page's version, verb of Tess -> rule, and what she reads
TOLD = [
    ("knead", (), None, None, "knead", None, ""),
    ("knead", (), None, 3, "knead", None, ""),
    ("knead", (), None, 2, "knead", "worklist.changed", f"It has changed since you opened this page {LOOK}"),
    ("knead", (("salt", RUTH),), None, 2, "knead", "worklist.changed",
     f"Ruth Evans has changed it since you opened this page {LOOK}"),
    ("bake", (("knead", RUTH),), None, 3, "knead", "worklist.already-done",
     "Ruth Evans kneaded this already It is now at “Bake”."),
    ("sold", (("knead", RUTH), ("bake", RUTH)), None, 3, "bake", "worklist.already-done",
     "Ruth Evans baked this already It is now at “Sold”."),
    ("knead", (), None, None, "bake", "worklist.not-at-step",
     "This is done at “Bake”, and it is at “Knead”"),
    ("knead", (("knead", TESS), ("return", RUTH)), None, None, "bake", "worklist.not-at-step",
     "This is done at “Bake”, and it is at “Knead” Ruth Evans returned it last."),
    ("bake", (("knead", RUTH),), None, None, "return", "worklist.role",
     "This is for pharmacist; you are signed in as pharmacy technician"),
    ("knead", (), (RUTH, timedelta(0)), None, "knead", "worklist.claimed",
     "Ruth Evans has this in hand Talk to them, or wait until they hand it back."),
    ("knead", (), (RUTH, CLAIM_LASTS - timedelta(seconds=1)), None, "knead", "worklist.claimed",
     "Ruth Evans has this in hand Talk to them, or wait until they hand it back."),
    ("knead", (), (RUTH, CLAIM_LASTS), None, "knead", None, ""),
    ("knead", (), (TESS, timedelta(0)), None, "knead", None, ""),
    ("bake", (("knead", TESS),), None, None, "bake", "worklist.same-person",
     "Who kneads does not bake Ask a colleague to do this step."),
    ("bake", (("knead", RUTH),), None, None, "bake", None, ""),
]  # fmt: skip


@pytest.mark.parametrize(("step", "done", "claim", "seen", "verb", "rule", "told"), TOLD)
def test_what_tess_is_told(
    step: str,
    done: tuple[tuple[str, Person], ...],
    claim: tuple[Person, timedelta] | None,
    seen: int | None,
    verb: str,
    rule: str | None,
    told: str,
) -> None:
    task = Task(step, 3, tuple(_done(*each) for each in done), _claim(*claim) if claim else None)
    found = refusal(BREAD, task, verb, by=TESS, now=NOW, seen=seen)
    assert (found.rule if found else None) == rule
    assert (str(found) if found else "") == told
    if seen is None:
        assert can(BREAD, task, verb, by=TESS, now=NOW) is (rule is None)
    if rule:
        with pytest.raises(Refused) as refused:
            check(BREAD, task, verb, by=TESS, now=NOW, seen=seen)
        assert refused.value.refusals == (found,)


def test_a_task_is_taken_in_hand_by_one_person_at_a_time() -> None:
    held = Task("knead", 1, claim=_claim(RUTH, timedelta(minutes=1)))
    found = claim_refusal(held, by=TESS, now=NOW)
    assert found is not None
    assert (found.rule, found.reason) == ("worklist.claimed", "Ruth Evans has this in hand")
    assert claim_refusal(held, by=RUTH, now=NOW) is None
    assert claim_refusal(held, by=TESS, now=NOW + CLAIM_LASTS) is None
    assert claim_refusal(Task("knead", 1), by=TESS, now=NOW) is None


def test_a_table_that_does_not_fit_together_is_refused_at_birth() -> None:
    steps, row = (Step("a", "A"),), Transition("go", "a", "b", TECHNICIANS, "went")
    with pytest.raises(ValueError, match="go leads from or to a step that is not listed"):
        Workflow("w", steps, (row,))
    with pytest.raises(ValueError, match="nobody may go"):
        Workflow("w", steps, (Transition("go", "a", "a", frozenset(), "went"),))
    fits = Transition("go", "a", "a", TECHNICIANS, "went")
    with pytest.raises(ValueError, match="go must differ from a verb that is not listed"):
        Workflow("w", steps, (fits,), (Differ("go", frozenset({"come"}), ""),))
    with pytest.raises(ValueError, match="w has no verb come"):
        refusal(Workflow("w", steps, (fits,)), Task("a", 1), "come", by=TESS, now=NOW)
