"""Every page, for every role: readable by everybody, quiet behind, right on a tablet, and printable."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from playwright.sync_api import Page, ViewportSize

from pestle.demo import checks
from pestle.pharmacy.dispensary.workflow import DISPENSING
from pestle.web.store import models
from pestle.web.store.knowledge import calculators, dictionary

Seat = Callable[[str], Page]
Axe = Callable[[Page], None]
SCREEN, TABLET = ViewportSize(width=1366, height=768), ViewportSize(width=820, height=1180)

PAGES = frozenset({
    "repeats", "paper-bundle", "label-runs", "label-run",
    "worklist", "uncollected", "bags", "bag", "tell", "told", "bag-shelves", "rounds", "round", "round-stop",
    "contact-wish", "type-in", "prescription", "story", "patients", "patient", "stock",
    "receive-stock", "batch",
    "messages", "upload-messages", "message", "medicines", "medicine", "calculators", "calculator",
    "patient-calculators", "patient-calculator", "patient-record", "patient-results", "import-record",
    "claims", "payment",
    "register", "pom-register", "register-page", "register-check", "register-destroy",
    "controlled-returns",
    "controlled-return", "requisitions", "supply-requisition", "requisition",
    "register-return", "register-set-aside", "instalments", "instalment-list",
    "alerts", "alert", "orders", "suggest-order", "order", "places", "place", "temperature",
    "queries", "query", "ask-query", "log-call", "responsible",
    "stock-takes", "stock-take", "outlook", "transfers", "waste", "manage", "today", "audit", "change-person",
    "discrepancies", "discrepancy", "set-pin", "near-misses", "near-miss", "record-near-miss",
    "near-miss-here", "definitions", "definition", "replays", "replay", "burden",
})  # fmt: skip
# What a GP practice has and a pharmacy has not, and what the demo has there alone.
PRACTICE = frozenset({
    "measures", "measure", "measure-runs", "measure-run", "tasks", "task",
    "practice-list", "practice-change", "practice-line", "practice-authorise", "practice-sent-back",
    "practice-elsewhere", "practice-imports", "practice-import", "monitoring", "monitoring-patient",
    "monitoring-runs", "monitoring-run", "reviews", "review-plan", "review-outcomes", "review-patient",
    "review",
    "letters", "letter", "letter-new", "discrepancies-found",
    "practice-requests", "practice-ask", "practice-request", "practice-sign", "practice-issued",
    "request-sheet-new", "request-sheet", "traffic-lights",
    "practice-batches", "practice-batch", "practice-ordering",
})  # fmt: skip
# Looked at by somebody who is not signed in.
DOOR = frozenset({"sign-in"})
FILES = frozenset({
    "today-csv", "monitoring-csv", "monitoring-letters", "monitoring-messages", "monitoring-requests",
    "reviews-csv", "review-pack", "practice-ordering-csv",
    "claims-csv", "waste-csv", "alert-csv", "order-pdf", "order-csv", "temperature-csv", "outlook-csv",
    "pom-register-csv", "register-csv", "register-pdf", "requisitions-csv", "requisition-pdf",
    "measure-pack", "measure-workbook", "measure-outside", "measure-patients", "tasks-csv",
    "queries-csv", "query-letter", "responsible-csv", "responsible-notice",
    "responsible-record",
    "letter-patient", "letter-answer", "letter-document", "request-document",
    "practice-agreement-document", "discrepancies-csv",
    "worklist-csv", "stock-csv", "near-misses-csv", "burden-csv", "download-record",
    "scan-file", "message-file", "labels-pdf", "dispense-notification", "owing-slip",
    "practice-refused", "practice-token",
    "uncollected-csv", "repeats-csv", "paper-bundle-csv", "label-run-pdf",
    "bags-csv", "bag-labels", "told-texts", "told-letters", "bag-shelf-labels", "round-sheet", "health",
    "session",
})  # fmt: skip
# A form is sent there; whoever comes without one is shown where it stands, or refused.
ACTS = frozenset({
    "move-batch", "settle-transfer", "register-note", "send-requisition",
    "register-interval", "undo-movement", "open-container",
    "claim", "hand-back", "entry", "return-to-entry", "clinical-check", "print-labels", "scan-pack",
    "undo-pick", "complete-assembly", "self-check", "rescan", "accuracy-check", "withhold", "keep-line",
    "owe", "owe-all", "assemble-rest", "promise", "decide-emergency", "add-scan", "receive-late",
    "remind", "return-to-stock", "undo-return", "ask-before-issue", "propose-instead", "supply-instead",
    "supply-as-prescribed", "go-on-label-run", "pack-bag",
    "return-to-service", "answer-message",
    "hand-out", "reprint-label", "search", "scan", "record-allergy", "no-known-allergies", "retract-allergy",
    "correct-patient", "confirm-import", "record-result", "correct-result", "record-statement",
    "record-condition", "retract-fact", "try-again",
    "close-message", "ask-for-release", "api-answer", "set-country", "set-times", "say-why-late",
    "make-token", "revoke-token", "sign-out", "api-messages", "api-requests",
    "refer", "answer", "decide-waiting", "must-speak", "spoke", "keep-draft", "make-badge", "end-badge",
    "tune", "sign-tuning",
    "withdraw-tuning", "definition-state", "begin-replay",
    "begin-measures", "stop-measures", "schedule-measure", "send-measure",
    "discrepancy-look-into", "discrepancy-close", "stop-replay", "replay-again",
})  # fmt: skip
MANAGERS = frozenset({"manage", "bag-shelves", "today", "audit", "replays", "replay", "burden"})
# One prescription at each step, and those that look different.
STORIES = (
    "e02",
    "e04",
    "k01",
    "k03",
    "m02",
    "m06",
    "m03",
    "a03",
    "a05",
    "r01",
    "r03",
    "r06",
    "r08",
    "r09",
    "k05",
    "m07",
    "k08",
    "c08",
    "c13",
    "o01",
    "o02",
    "o03",
)
WIDER_THAN_THE_PAGE = """() => {
    const page = document.documentElement;
    return page.scrollWidth - page.clientWidth;
}"""
# What is worth paper, as far as it can be seen: on paper there is no less of it than on the screen.
WORTH_PAPER = """() => [...document.querySelectorAll(
        "#banner > *, #main h1, .pt-side dl," +
        "#main :is(table, .pt-line, .pt-story, .pt-finding, .pt-refusal, .pt-message)"
    )].filter(one => one.checkVisibility()).map(one => `${one.tagName} ${one.className}`)"""
MENU_ON_PAPER = """() => document.querySelector(".pt-nav")?.checkVisibility() ?? false"""
# Two pages of one shape differ in their words only: axe has nothing new to say of the second.
SHAPE = """() => [...document.querySelectorAll("#banner *, #main *, .pt-side *")].map(one =>
    [one.tagName, one.className, one.type, one.getAttribute("role"), one.tabIndex].join(" ")).join()"""
# What a page is made of, whatever its words: the elements below the header, their classes and roles.
_ELEMENT = re.compile(r'<([a-z0-9]+)(?:[^>]*?\sclass="([^"]*)")?(?:[^>]*?\srole="([^"]*)")?')
_judged: set[tuple[int, int]] = set()


def test_every_route_is_a_page_a_file_or_an_act(demo_database: str) -> None:
    assert set(_names(get_resolver().url_patterns)) <= PAGES | PRACTICE | DOOR | FILES | ACTS


def _names(patterns: list[URLPattern | URLResolver]) -> list[str]:
    found: list[str] = []
    for one in patterns:
        found += _names(one.url_patterns) if isinstance(one, URLResolver) else [one.name or ""]
    return found


def addresses() -> Mapping[str, list[str]]:
    """The pages of the demo site: every one, in each of the states in which it looks different."""
    at = {key: models.Prescription.objects.get(order__message__name=f"{key}.json").pk for key in STORIES}
    steps = models.Prescription.objects.filter(pk__in=at.values()).values_list("step", flat=True)
    assert set(steps) == {step.code for step in DISPENSING.steps}
    named = ("Abbott", "Featherstonehaugh-Wolfeschlegelstein", "Lewis")
    patients = models.Patient.objects.filter(family__in=named)
    full = models.Patient.objects.get(family="Edwards")
    batches = [models.Batch.objects.get(number=number).pk for number in ("X0417", "R5501", "X1122")]
    messages = models.Message.objects.filter(
        name__in=["e06.json", "birth-date.json", "delivery-note.txt", "answer.json", "check-character.json"]
    )
    sent = models.Message.objects.filter(direction="out", site__code="FZZ01").latest("pk")
    products = {product.name: product.id for product in dictionary().products()}
    kinds = ("Losartan 50mg tablets", "Morphine 10mg modified-release tablets", "Istin 5mg tablets")
    return {
        "worklist": [f"{reverse('worklist')}?step={step}" for step in (
            "entry", "clinical", "assemble", "accuracy", "hand_out", "owings", "all")],
        "uncollected": [reverse("uncollected")],
        "repeats": [reverse("repeats")],
        "paper-bundle": [reverse("paper-bundle")],
        "label-runs": [reverse("label-runs")],
        "label-run": [reverse("label-run", kwargs={"run_id": pk})
                      for pk in models.LabelRun.objects.values_list("pk", flat=True)],
        "prescription": [reverse("prescription", kwargs={"prescription_id": pk}) for pk in (
            *at.values(), *models.TypedIn.objects.order_by("pk").values_list("prescription", flat=True))],
        "bags": [reverse("bags")],
        "bag": [reverse("bag", kwargs={"bag_id": pk}) for pk in models.BagContent.objects.filter(
            prescription__in=(at["r01"], at["r06"], at["r08"])).values_list("bag", flat=True)],
        "tell": [reverse("tell")],
        "told": [reverse("told", kwargs={"batch": models.ReadyMessage.objects.latest("pk").batch})],
        "bag-shelves": [reverse("bag-shelves")],
        "rounds": [reverse("rounds")],
        "round": [reverse("round", kwargs={"round_id": one.pk})
                  for one in models.DeliveryRound.objects.all()],
        "round-stop": [reverse("round-stop", kwargs={"stop_id": one.pk}) for one in
                       models.RoundStop.objects.all()],
        "contact-wish": [reverse("contact-wish", kwargs={"patient_id": patients[0].pk})],
        "type-in": [reverse("type-in")],
        "story": [reverse("story", kwargs={"prescription_id": at["c13"]})],
        "claims": [reverse("claims")],
        "payment": [reverse("payment", kwargs={"prescription_id": pk}) for pk in
                    models.Charge.objects.values_list("prescription", flat=True)[:6]],
        "instalment-list": [reverse("instalment-list")],
        "instalments": [reverse("instalments", kwargs={"prescription_id": pk})
                        for pk in (at["a03"], *models.InstalmentPlan.objects.values_list(
                            "line__prescription", flat=True))],
        "patients": [reverse("patients")],
        "patient": [reverse("patient", kwargs={"patient_id": one.pk}) for one in patients],
        "stock": [reverse("stock")],
        "receive-stock": [reverse("receive-stock")],
        "batch": [reverse("batch", kwargs={"batch_id": pk}) for pk in batches],
        "alerts": [reverse("alerts")],
        "alert": [reverse("alert", kwargs={"alert_id": one.pk}) for one in models.Alert.objects.all()],
        "orders": [reverse("orders")],
        "suggest-order": [reverse("suggest-order"), f"{reverse('suggest-order')}?show=all"],
        "order": [reverse("order", kwargs={"order_id": one.pk}) for one in
                  models.PurchaseOrder.objects.all()],
        "register": [reverse("register")],
        "pom-register": [reverse("pom-register")],
        **{name: [reverse(name, kwargs={"page_id": products[kinds[1]]})]
           for name in ("register-page", "register-check", "register-destroy", "register-return",
                        "register-set-aside")},
        "controlled-returns": [reverse("controlled-returns")],
        "controlled-return": [reverse("controlled-return", kwargs={"return_id": one.pk})
                              for one in models.PatientReturn.objects.all()],
        "requisitions": [reverse("requisitions")],
        "supply-requisition": [reverse("supply-requisition")],
        "requisition": [reverse("requisition", kwargs={"requisition_id": one.pk})
                        for one in models.Requisition.objects.all()],
        "queries": [f"{reverse('queries')}?show={view}" for view in (
            "open", "answered", "call-backs", "calls", "closed")],
        "query": [reverse("query", kwargs={"query_id": one.pk}) for one in models.Query.objects.all()],
        "ask-query": [f"{reverse('ask-query')}?prescription={at['k01']}", f"{reverse('ask-query')}?line="
                      f"{models.Line.objects.filter(prescription=at['e02']).get().pk}&asked=patient"],
        "log-call": [reverse("log-call"), f"{reverse('log-call')}?patient={full.pk}"],
        "responsible": [reverse("responsible")],
        "places": [reverse("places")],
        "place": [reverse("place", kwargs={"account_id": one.pk}) for one in
                  models.Account.objects.filter(kind__in=("shelf", "fridge"))],
        "temperature": [reverse("temperature", kwargs={"account_id": one.pk}) for one in
                        models.Account.objects.filter(kind__in=("shelf", "fridge"))],
        "stock-takes": [reverse("stock-takes")],
        "stock-take": [reverse("stock-take", kwargs={"take_id": one.pk}) for one in
                       models.StockTake.objects.all()],
        "outlook": [reverse("outlook")],
        "transfers": [reverse("transfers")],
        "waste": [reverse("waste")],
        "discrepancies": [reverse("discrepancies")],
        "discrepancy": [reverse("discrepancy", kwargs={"discrepancy_id": one.pk})
                        for one in models.Discrepancy.objects.all()],
        "messages": [f"{reverse('messages')}?show={view}" for view in ("all", "open", "out")],
        "upload-messages": [reverse("upload-messages")],
        "message": [reverse("message", kwargs={"message_id": one.pk}) for one in (*messages, sent)],
        "medicines": [reverse("medicines")],
        "medicine": [reverse("medicine", kwargs={"product_id": products[name]}) for name in kinds],
        "calculators": [reverse("calculators")],
        "calculator": [reverse("calculator", kwargs={"calculator": name}) for name in calculators("uk")],
        "patient-calculators": [reverse("patient-calculators", kwargs={"patient_id": patients[0].pk})],
        "patient-calculator": [reverse("patient-calculator", kwargs={
            "patient_id": patients[0].pk, "calculator": "creatinine-clearance"})],
        "patient-record": [reverse("patient-record", kwargs={"patient_id": pk}) for pk in (
            full.pk, patients[0].pk)],
        "patient-results": [reverse("patient-results", kwargs={"patient_id": full.pk, "kind": kind})
                            for kind in ("egfr", "inr")],
        "import-record": [reverse("import-record", kwargs={"patient_id": full.pk})],
        "definitions": [reverse("definitions"), *(f"{reverse('definitions')}?which={which}"
                                                  for which in ("all", "overdue"))],
        "definition": [
            reverse("definition", kwargs={"file": file}) for file in ("substances.yaml", checks.ON_TRIAL,
            checks.REPLAYED, "measures/pincer/pincer_k.yaml", "labels/cautionary.yaml",
            "formulary/formulary.yaml")
        ],
        "replays": [reverse("replays")],
        "replay": [reverse("replay", kwargs={"replay_id": models.Replay.objects.get().pk})],
        "burden": [reverse("burden")],
        "near-misses": [reverse("near-misses"), f"{reverse('near-misses')}?days=182&type=strength"],
        "near-miss": [reverse("near-miss", kwargs={"near_miss_id": one.pk}) for one in
                      models.NearMiss.objects.exclude(follows=None)],
        "record-near-miss": [reverse("record-near-miss")],
        "near-miss-here": [
            f"{reverse('near-miss-here', kwargs={'prescription_id': at['a03']})}?from=check"],
        "manage": [reverse("manage")],
        "today": [reverse("today")],
        "audit": [reverse("audit"), f"{reverse('audit')}?verify=1"],
        "change-person": [reverse("change-person")],
        "set-pin": [reverse("set-pin")],
    }  # fmt: skip


# Each visits the pages after one another, so that what several of them see alike is judged once.
EVERYBODY = ("tess", "adam", "ruth", "mo")
SHARES = 4


@pytest.mark.parametrize("share", range(SHARES))
def test_every_page_is_right_for_everybody(share: int, colleague: Seat, axe: Axe) -> None:
    there = addresses()
    assert set(there) == PAGES
    mine = [(name, address) for name in sorted(there)[share::SHARES] for address in there[name]]
    faults: list[str] = []
    judged: set[str] = set()
    for username in EVERYBODY:
        page = colleague(username)
        for name, address in mine:
            allowed = username in ("ruth", "mo") or name not in MANAGERS
            status, shape = _shape(page, name, address)
            if status != (200 if allowed else 403):
                faults.append(f"{address}: answered {status} to {username}")
            elif shape not in judged:
                judged.add(shape)
                faults += [f"{address} for {username}: {fault}" for fault in _faults(page, address, axe)]
    assert not faults, "\n".join(faults)


def practice_addresses() -> Mapping[str, list[str]]:
    """The pages of the demo's practice, its home first."""
    line = models.ListedMedicine.objects.filter(status="active").earliest("pk")
    of = {"patient_id": line.patient_id}
    return {
        "worklist": [reverse("worklist")],
        "practice-list": [reverse("practice-list", kwargs=of)],
        "practice-change": [f"{reverse('practice-change', kwargs=of)}?line={line.pk}"],
        "practice-line": [reverse("practice-line", kwargs=of | {"listed_id": line.pk})],
        "practice-authorise": [reverse("practice-authorise")],
        "practice-sent-back": [reverse("practice-sent-back")],
        "practice-elsewhere": [reverse("practice-elsewhere")],
        "practice-requests": [reverse("practice-requests")],
        "practice-ask": [reverse("practice-ask"), f"{reverse('practice-ask')}?patient={line.patient_id}"],
        "practice-request": [reverse("practice-request", kwargs={"patient_id": one.patient_id})
                             for one in models.RequestLine.objects.all()[:2]],
        "traffic-lights": [reverse("traffic-lights")],
        "request-sheet-new": [reverse("request-sheet-new")],
        "request-sheet": [reverse("request-sheet", kwargs={"sheet_id": one.pk})
                          for one in models.RequestSheet.objects.all()],
        "practice-sign": [reverse("practice-sign")],
        "practice-issued": [reverse("practice-issued")],
        "practice-ordering": [f"{reverse('practice-ordering')}?show={way}"
                              for way in ("over", "not-ordered")],
        "practice-batches": [reverse("practice-batches")],
        "practice-batch": [reverse("practice-batch", kwargs={"patient_id": one.patient_id})
                           for one in models.IssuedPrescription.objects.all()[:1]],
        "practice-imports": [reverse("practice-imports")],
        "practice-import": [reverse("practice-import", kwargs={"import_id": one.pk})
                            for one in models.BulkImport.objects.all()[:1]],
        "monitoring": [f"{reverse('monitoring')}?show={view}" for view in ("all", "arrange", "left")],
        "monitoring-patient": [reverse("monitoring-patient", kwargs={"patient_id": pk}) for pk in
                               models.ShortIssue.objects.values_list("patient", flat=True)],
        "monitoring-runs": [reverse("monitoring-runs")],
        "monitoring-run": [reverse("monitoring-run", kwargs={"batch_id": one.pk}) for one in
                           models.MonitoringBatch.objects.all()[:2]],
        "reviews": [f"{reverse('reviews')}?show={view}" for view in ("cohort", "prepared", "done")],
        "review-plan": [reverse("review-plan")],
        "review-outcomes": [reverse("review-outcomes")],
        "review-patient": [reverse("review-patient", kwargs=of)],
        "review": [reverse("review", kwargs={"review_id": one.pk}) for one in models.Review.objects.all()],
        "letters": [f"{reverse('letters')}?show={view}" for view in ("open", "questions", "settled")],
        "letter": [reverse("letter", kwargs={"letter_id": one.pk}) for one in models.Letter.objects.all()],
        "letter-new": [f"{reverse('letter-new')}?patient={line.patient_id}"],
        "discrepancies-found": [reverse("discrepancies-found")],
        "measures": [reverse("measures"), f"{reverse('measures')}?group=Data quality"],
        "measure": [
            f"{reverse('measure', kwargs={'measure': name})}?show={view}"
            for name, view in (("gap_clearance", "found"), ("gap_clearance", "new"), ("pincer_a", "found"))
        ],
        "measure-runs": [reverse("measure-runs")],
        "measure-run": [reverse("measure-run", kwargs={"measure_run_id": one.pk})
                        for one in models.MeasureRun.objects.order_by("-pk")[:1]],
        "tasks": [f"{reverse('tasks')}?show={view}" for view in ("open", "mine", "closed")],
        "task": [
            reverse("task", kwargs={"task_id": one.pk}) for one in models.PatientTask.objects.all()[:2]
        ],
    }  # fmt: skip


def test_every_page_of_a_practice_is_right(colleague: Seat, axe: Axe) -> None:
    there = practice_addresses()
    assert set(there) == PRACTICE | {"worklist"}
    faults: list[str] = []
    judged: set[str] = set()
    for username in ("priya", "dana"):
        page = colleague(username)
        for name, address in ((name, one) for name, several in there.items() for one in several):
            status, shape = _shape(page, name, address)
            if status != 200:
                faults.append(f"{address}: answered {status} to {username}")
            elif shape not in judged:
                judged.add(shape)
                faults += [f"{address} for {username}: {fault}" for fault in _faults(page, address, axe)]
    assert not faults, "\n".join(faults)


def _shape(page: Page, name: str, address: str) -> tuple[int, str]:
    """The status, and what the page is made of: the next who sees the same page sees other words in it."""
    answer = page.request.get(address)
    below_header = answer.text().partition("</header>")[2]
    return answer.status, f"{name} {_ELEMENT.findall(below_header)}"


def test_the_door_is_right_for_everybody(live_site: str, page: Page, axe: Axe) -> None:
    assert not _faults(page, f"{live_site}/sign-in/", axe)


def _faults(page: Page, address: str, axe: Axe) -> list[str]:
    page.set_viewport_size(SCREEN)
    page.goto(address)
    faults = []
    if not page.title().removesuffix("· Pestle").strip():
        faults.append("has no title")
    for size in (SCREEN, TABLET):
        page.set_viewport_size(size)
        if (more := page.evaluate(WIDER_THAN_THE_PAGE)) > 0:
            faults.append(f"is {more} px wider than {size['width']}")
        faults += [f"at {size['width']}: {one}" for one in _not_accessible(page, size["width"], axe)]
    page.set_viewport_size(SCREEN)
    seen = page.evaluate(WORTH_PAPER)
    page.emulate_media(media="print")
    missing = [one for one in seen if one not in page.evaluate(WORTH_PAPER)]
    if missing or page.evaluate(MENU_ON_PAPER):
        faults.append(f"on paper lacks {missing}" if missing else "prints its menu")
    page.emulate_media(media="screen")
    return faults


def _not_accessible(page: Page, width: int, axe: Axe) -> list[str]:
    shape = width, hash(page.evaluate(SHAPE))
    if shape in _judged:
        return []
    _judged.add(shape)
    try:
        axe(page)
    except pytest.fail.Exception as found:
        return [str(found)]
    return []
