"""Which way does a prescription go through the dispensary, and who may take it each step?

Sources: Human Medicines Regulations 2012, regulation 214 (clinical responsibility of the pharmacist); GPhC,
Standards for registered pharmacies (2018); Royal Pharmaceutical Society, accuracy checking by technicians
(2017): nobody checks the accuracy of what they labelled or assembled, and only after the clinical check.
A pharmacist who works alone may check their own work under the site's procedure: see `accuracy.py`.
"""

from __future__ import annotations

from pestle.pharmacy.checks.shown import MAY_OVERRIDE
from pestle.pharmacy.people import Role
from pestle.pharmacy.worklist.workflow import Differ, Step, Transition, Workflow

ENTRY = "entry"
CLINICAL = "clinical"
ASSEMBLE = "assemble"
ACCURACY = "accuracy"
HAND_OUT = "hand_out"
OWINGS = "owings"
CLOSED = "closed"

_DISPENSERS = frozenset({Role.TECHNICIAN, Role.ACCURACY_CHECKER, Role.PHARMACIST})
_CHECKERS = frozenset({Role.ACCURACY_CHECKER, Role.PHARMACIST})
_PHARMACIST = frozenset({Role.PHARMACIST})

OWN_WORK = frozenset({"complete_entry", "print_labels", "pick"})

DISPENSING = Workflow(
    name="dispensing",
    steps=(
        Step(ENTRY, "Entry"),
        Step(CLINICAL, "Clinical check"),
        Step(ASSEMBLE, "Assemble"),
        Step(ACCURACY, "Accuracy check"),
        Step(HAND_OUT, "Ready"),
        Step(OWINGS, "Owings"),
        Step(CLOSED, "Closed", final=True),
    ),
    transitions=(
        Transition("complete_entry", ENTRY, CLINICAL, _DISPENSERS, "entered"),
        Transition("return_to_entry", CLINICAL, ENTRY, _PHARMACIST, "returned"),
        Transition("approve", CLINICAL, ASSEMBLE, _PHARMACIST, "clinically checked"),
        Transition("refuse", CLINICAL, CLOSED, _PHARMACIST, "refused"),
        Transition("print_labels", ASSEMBLE, ASSEMBLE, _DISPENSERS, "labelled"),
        Transition("pick", ASSEMBLE, ASSEMBLE, _DISPENSERS, "picked for"),
        Transition("undo_pick", ASSEMBLE, ASSEMBLE, _DISPENSERS, "put a pack back from"),
        Transition("owe", ASSEMBLE, ASSEMBLE, _DISPENSERS, "noted what is owed of"),
        Transition("complete_assembly", ASSEMBLE, ACCURACY, _DISPENSERS, "assembled"),
        Transition("start_self_check", ACCURACY, ACCURACY, _PHARMACIST, "paused before checking"),
        Transition("rescan", ACCURACY, ACCURACY, _CHECKERS, "scanned a pack of"),
        Transition("pass_accuracy", ACCURACY, HAND_OUT, _CHECKERS, "accuracy-checked"),
        Transition("fail_accuracy", ACCURACY, ASSEMBLE, _CHECKERS, "sent back"),
        # A pack may expire or be recalled while its bag waits.
        Transition("fail_accuracy", HAND_OUT, ASSEMBLE, _CHECKERS, "sent back"),
        Transition("hand_out", HAND_OUT, CLOSED, _DISPENSERS, "handed out"),
        # What is owed waits for its stock; the rest is assembled, checked and handed out like the first part.
        Transition("hand_out_part", HAND_OUT, OWINGS, _DISPENSERS, "handed out a part of"),
        Transition("owe_all", ASSEMBLE, OWINGS, _DISPENSERS, "put under the owings"),
        Transition("promise", OWINGS, OWINGS, _DISPENSERS, "promised another day for"),
        Transition("assemble_rest", OWINGS, ASSEMBLE, _DISPENSERS, "brought back what was owed of"),
        # A bag that nobody collects, and one that was wanted after all.
        Transition("remind", HAND_OUT, HAND_OUT, _DISPENSERS, "reminded the patient of"),
        Transition("return_to_stock", HAND_OUT, CLOSED, _DISPENSERS, "returned to stock"),
        Transition("undo_return", CLOSED, ASSEMBLE, _DISPENSERS, "opened again"),
        # A line that may no longer be supplied, or that was to be cancelled, waits for a pharmacist.
        *(
            Transition(verb, step, step, _PHARMACIST, past)
            for verb, past in (("withhold", "withheld a line of"), ("keep_line", "kept a line of"))
            for step in (ASSEMBLE, ACCURACY, HAND_OUT, OWINGS)
        ),
        # A line that waited for an answer while the others went on is decided where they are by then.
        *(
            Transition("decide_waiting", step, step, _PHARMACIST, "decided a waiting line of")
            for step in (ASSEMBLE, ACCURACY, HAND_OUT, OWINGS)
        ),
        # What must be said to the patient, and that it was.
        *(
            Transition(verb, step, step, _PHARMACIST, past)
            for verb, past in (("must_speak", "set a stop on"), ("spoke", "spoke to the patient of"))
            for step in (CLINICAL, ASSEMBLE, ACCURACY, HAND_OUT)
        ),
        # What is asked before each issue of repeat dispensing, by whoever hears from the patient first.
        *(
            Transition("ask_before_issue", step, step, _DISPENSERS, "asked before the issue of")
            for step in (ENTRY, CLINICAL, ASSEMBLE, ACCURACY, HAND_OUT)
        ),
        # Something else under a serious shortage protocol: proposed, decided by a pharmacist, or taken back.
        *(
            Transition(verb, step, step, roles, past)
            for verb, roles, past in (
                ("propose_instead", _DISPENSERS, "proposed something else for"),
                ("supply_instead", _PHARMACIST, "decided on something else for"),
                ("supply_as_prescribed", _DISPENSERS, "went back to what was prescribed on"),
            )
            for step in (CLINICAL, ASSEMBLE)
        ),
        # Nothing of it was supplied, and another dispenser may have it.
        *(
            Transition("return_to_service", step, CLOSED, _DISPENSERS, "returned to the service")
            for step in (ENTRY, CLINICAL, ASSEMBLE, OWINGS)
        ),
        # Whoever may not judge what was found asks somebody who may; what is new since the clinical check
        # too.
        *(
            Transition("refer", step, step, _DISPENSERS, "referred")
            for step in (CLINICAL, ASSEMBLE, ACCURACY, HAND_OUT)
        ),
        *(
            Transition("answer", step, step, frozenset(MAY_OVERRIDE), "answered what was found on")
            for step in (ASSEMBLE, ACCURACY, HAND_OUT)
        ),
    ),
    differs=(
        Differ(
            "pass_accuracy",
            OWN_WORK,
            "You entered, labelled or picked this prescription, and nobody checks their own work",
        ),
    ),
)
