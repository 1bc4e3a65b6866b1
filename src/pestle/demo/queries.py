"""What has the invented pharmacy asked outside, and whom is it to ring back?

One question to a surgery is open and holds its line, one is answered and waits to be read, one is overdue,
one asks a wholesaler. Somebody rang, and is to be called back soon; another was called back in time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from pestle.demo.journey import Bench
from pestle.demo.messages import name_id
from pestle.pharmacy.worklist.query import Asked, Tried, Way
from pestle.web.actions import queries
from pestle.web.store import models

SURGERY = "Dr Marsh, Ashcombe Surgery (invented)"


@dataclass(frozen=True, slots=True)
class AskedOutside:
    """A question about the first line of a story's prescription: `ago` minutes, `due` minutes from now."""

    story: str
    by: str
    ago: int
    due: int
    words: str
    asked: Asked = Asked.PRESCRIBER
    name: str = SURGERY
    telephone: str = "01632 960140"
    holds: bool = True
    tried: tuple[tuple[int, Tried], ...] = ()
    answer: tuple[int, str] | None = None


ASKED = (
    AskedOutside(
        "k05", "ruth", 70, 180, "Methotrexate six tablets once a week: when was the last blood count? We have"
        " none since the summer. Shall it be supplied as written?", tried=((55, Tried.WILL_ANSWER),),
    ),
    AskedOutside(
        "m07", "tess", 190, -30, "Gabapentin: one hundred capsules is 33 days. Is 84, for four weeks, meant?",
        tried=((150, Tried.LEFT_MESSAGE),), answer=(25, "Supply 100: he is away over the holidays"),
    ),
    AskedOutside(
        "e05", "leon", 160, -40, "No weight on record for a child of this age. What does she weigh?",
        tried=((140, Tried.NO_REPLY), (75, Tried.LEFT_MESSAGE)),
    ),
    AskedOutside(
        "m01", "leon", 80, 300, "Trazodone 50mg capsules, 4 packs of 28 short: on which day do they come?",
        asked=Asked.WHOLESALER, name="Ashcombe Wholesale (invented)", telephone="01632 960150", holds=False,
    ),
)  # fmt: skip


def acts(bench: Bench) -> Iterator[Iterator[datetime]]:
    """Each question, and each call, in time."""
    for asked in ASKED:
        yield _ask(bench, asked)
    yield _call(
        bench, "chowdhury", 50, 25, "his wife", "are the four medicines ready?", "ready since yesterday",
        "to ring her when the new blood pressure tablet has come", kept=None,
    )  # fmt: skip
    yield _call(
        bench, "wolfe", 200, -100, "the patient", "may the patch be cut?", "no, and why not",
        "to ask the surgery for the lower strength, and ring", kept=110,
    )  # fmt: skip


def _ask(bench: Bench, asked: AskedOutside) -> Iterator[datetime]:
    by = bench.people[asked.by]
    at = bench.now - timedelta(minutes=asked.ago)
    yield at
    line = models.Line.objects.get(prescription__order__message__name=f"{asked.story}.json", place=1)
    due_at = max(bench.now + timedelta(minutes=asked.due), at + timedelta(minutes=1))
    query = int(queries.ask(
        by=by, now=at, key=name_id("query", asked.story), about=queries.About(line_id=line.pk),
        asked=asked.asked, name=asked.name, telephone=asked.telephone, words=asked.words, due_at=due_at,
        holds=asked.holds, owner_id=by.id,
    ).result["query"])  # fmt: skip
    for ago, outcome in asked.tried:
        at = bench.now - timedelta(minutes=ago)
        yield at
        queries.attempt(
            by=by, now=at, key=name_id("try", asked.story, ago), query_id=query, seen=None,
            way=Way.TELEPHONE, outcome=outcome, name="reception",
        )  # fmt: skip
    if asked.answer is not None:
        ago, words = asked.answer
        at = bench.now - timedelta(minutes=ago)
        yield at
        queries.answer(
            by=bench.people["leon"], now=at, key=name_id("answer", asked.story), query_id=query, seen=None,
            source="Dr Marsh", words=words,
        )  # fmt: skip


def _call(
    bench: Bench, patient: str, ago: int, due: int, caller: str, about: str, told: str, call_back: str,
    *, kept: int | None,
) -> Iterator[datetime]:  # fmt: skip
    tess = bench.people["tess"]
    at = bench.now - timedelta(minutes=ago)
    yield at
    family = bench.patients[patient].patient.name.family
    done = queries.log_call(
        by=tess, now=at, key=name_id("call", patient), caller=caller, telephone="01632 960177", about=about,
        patient_id=models.Patient.objects.filter(family=family).earliest("pk").pk, told=told,
        call_back=call_back, due_at=bench.now + timedelta(minutes=due), owner_id=tess.id,
    )  # fmt: skip
    if kept is not None:
        at = bench.now - timedelta(minutes=kept)
        yield at
        queries.answer(
            by=tess, now=at, key=name_id("called", patient), query_id=int(done.result["query"]), seen=None,
            source=caller, words="The surgery sends the lower strength today",
        )  # fmt: skip
