"""Which steps does a workflow have, and who takes each one? Writes docs/workflows.md from the tables.

Run by `./dev where`.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "workflows.md"
sys.path.insert(0, str(ROOT / "src"))

from pestle.pharmacy.dispensary.round import ROUNDS  # noqa: E402
from pestle.pharmacy.dispensary.workflow import DISPENSING  # noqa: E402
from pestle.pharmacy.practice.monitoring_workflows import ROUNDS as MONITORING  # noqa: E402
from pestle.pharmacy.practice.monitoring_workflows import SHORTENED_ISSUES  # noqa: E402
from pestle.pharmacy.practice.request import REQUESTS  # noqa: E402
from pestle.pharmacy.practice.review import STRUCTURED_REVIEWS, TECHNICAL_REVIEWS  # noqa: E402
from pestle.pharmacy.worklist.patient_task import TASKS  # noqa: E402
from pestle.pharmacy.worklist.query import CALL_BACKS, QUERIES  # noqa: E402
from pestle.pharmacy.worklist.workflow import Transition, Workflow  # noqa: E402

WORKFLOWS = (DISPENSING, QUERIES, CALL_BACKS, ROUNDS, TASKS, MONITORING, SHORTENED_ISSUES,
             TECHNICAL_REVIEWS, STRUCTURED_REVIEWS, REQUESTS)  # fmt: skip
HEAD = """# Workflows

Drawn by `./dev where` from the tables that decide; change them there.
"""


def page() -> str:
    """The text of docs/workflows.md."""
    return HEAD + "".join(section(workflow) for workflow in WORKFLOWS)


def section(workflow: Workflow) -> str:
    """One workflow: its diagram, who may do what, and who must differ."""
    moves = [row for row in workflow.transitions if row.at != row.to]
    stays = [row for row in workflow.transitions if row.at == row.to]
    diagram = "\n".join(
        [
            "stateDiagram-v2",
            f"    [*] --> {workflow.steps[0].code}",
            *(f"    {step.code}: {step.title}" for step in workflow.steps),
            *(f"    {row.at} --> {row.to}: {words(row)}" for row in moves),
            *(f"    {step.code} --> [*]" for step in workflow.steps if step.final),
        ]
    )
    rows = "\n".join(
        f"| {words(row)} | {workflow.step(row.at).title} | {workflow.step(row.to).title} | {roles(row)} |"
        for row in (*moves, *stays)
    )
    differs = "\n\n" + "\n".join(
        f"- **{differ.verb.replace('_', ' ')}** is never done by who did "
        f"{', '.join(sorted(verb.replace('_', ' ') for verb in differ.from_verbs))}: {differ.because}."
        for differ in workflow.differs
    )
    return (
        f"\n## {workflow.name.capitalize()}\n\n```mermaid\n{diagram}\n```\n\n"
        f"| verb | at | leads to | by |\n|---|---|---|---|\n{rows}{differs.rstrip()}\n"
    )


def words(row: Transition) -> str:
    """The verb as words."""
    return row.verb.replace("_", " ")


def roles(row: Transition) -> str:
    """Who may do it."""
    return ", ".join(sorted(role.title for role in row.roles))


def main(arguments: list[str]) -> int:
    """Writes the page; with ``--check`` says whether it is up to date."""
    if arguments == ["--check"]:
        if not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != page():
            sys.stderr.write("docs/workflows.md is not what the tables say: run ./dev where\n")
            return 1
        return 0
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
