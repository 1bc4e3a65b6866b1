"""Every route of the site. Everybody signs in, but for what is marked public where it is defined."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from pestle.web.api import health
from pestle.web.api import messages as api_messages
from pestle.web.pages import (
    burden,
    calculators,
    definitions,
    discrepancies,
    find,
    labels,
    manage,
    medicines,
    messages,
    patients,
    people,
    prescription,
    replays,
    scan_page,
    stock,
    worklist,
)

_PRESCRIPTION: list[URLPattern | URLResolver] = [
    path("", prescription.show, name="prescription"),
    path("claim", prescription.claim, name="claim"),
    path("hand-back", prescription.hand_back, name="hand-back"),
    path("entry", prescription.entry, name="entry"),
    path("return-to-entry", prescription.return_to_entry, name="return-to-entry"),
    path("clinical-check", prescription.clinical_check, name="clinical-check"),
    path("refer", prescription.refer, name="refer"),
    path("answer", prescription.answer, name="answer"),
    path("labels", prescription.print_labels, name="print-labels"),
    path("labels.pdf", labels.pdf, name="labels-pdf"),
    path("scan", scan_page.scan_pack, name="scan-pack"),
    path("undo-pick", scan_page.undo_pick, name="undo-pick"),
    path("assembled", prescription.complete_assembly, name="complete-assembly"),
    path("self-check", prescription.start_self_check, name="self-check"),
    path("rescan", scan_page.rescan, name="rescan"),
    path("accuracy-check", prescription.accuracy_check, name="accuracy-check"),
    path("withhold", prescription.withhold, name="withhold"),
    path("keep", prescription.keep, name="keep-line"),
    path("hand-out", prescription.hand_out, name="hand-out"),
    path("dispense-notification.json", prescription.notification, name="dispense-notification"),
    path("story", prescription.story, name="story"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", worklist.show, name="worklist"),
    path("worklist.csv", worklist.download, name="worklist-csv"),
    path("prescriptions/<int:prescription_id>/", include(_PRESCRIPTION)),
    path("labels/<str:code>/reprint", labels.reprint, name="reprint-label"),
    path("search", find.search, name="search"),
    path("scan", find.scan, name="scan"),
    path("patients/", patients.index, name="patients"),
    path("patients/<int:patient_id>/", patients.show, name="patient"),
    path("patients/<int:patient_id>/allergies", patients.record_allergy, name="record-allergy"),
    path(
        "patients/<int:patient_id>/no-known-allergies", patients.no_known_allergies, name="no-known-allergies"
    ),
    path("patients/<int:patient_id>/retract-allergy", patients.retract_allergy, name="retract-allergy"),
    path("patients/<int:patient_id>/correct", patients.correct, name="correct-patient"),
    path("patients/<int:patient_id>/calculators/", calculators.index, name="patient-calculators"),
    path(
        "patients/<int:patient_id>/calculators/<slug:calculator>/",
        calculators.show,
        name="patient-calculator",
    ),
    path("stock/", stock.index, name="stock"),
    path("stock/receive", stock.receive, name="receive-stock"),
    path("stock/recall", stock.recall, name="recall"),
    path("stock/batches/<int:batch_id>/", stock.batch, name="batch"),
    path("stock/discrepancies/", discrepancies.index, name="discrepancies"),
    path("stock/discrepancies/<int:discrepancy_id>/", discrepancies.show, name="discrepancy"),
    path(
        "stock/discrepancies/<int:discrepancy_id>/look-into",
        discrepancies.look_into,
        name="discrepancy-look-into",
    ),
    path("stock/discrepancies/<int:discrepancy_id>/close", discrepancies.close, name="discrepancy-close"),
    path("stock.csv", stock.download, name="stock-csv"),
    path("messages/", messages.index, name="messages"),
    path("messages/upload", messages.upload, name="upload-messages"),
    path("messages/<int:message_id>/", messages.show, name="message"),
    path("messages/<int:message_id>/file", messages.download, name="message-file"),
    path("messages/<int:message_id>/try-again", messages.try_again, name="try-again"),
    path("messages/<int:message_id>/close", messages.close, name="close-message"),
    path("medicines/", medicines.index, name="medicines"),
    path("medicines/<str:product_id>/", medicines.show, name="medicine"),
    path("definitions/", definitions.index, name="definitions"),
    path("definitions/<path:file>/tune", definitions.tune, name="tune"),
    path("definitions/<path:file>/sign", definitions.sign, name="sign-tuning"),
    path("definitions/<path:file>/withdraw", definitions.withdraw, name="withdraw-tuning"),
    path("definitions/<path:file>/state", definitions.state, name="definition-state"),
    path("definitions/<path:file>/replay", replays.begin, name="begin-replay"),
    path("definitions/<path:file>/", definitions.show, name="definition"),
    path("replays/", replays.index, name="replays"),
    path("replays/<int:replay_id>/", replays.show, name="replay"),
    path("replays/<int:replay_id>/stop", replays.stop, name="stop-replay"),
    path("replays/<int:replay_id>/again", replays.again, name="replay-again"),
    path("burden/", burden.show, name="burden"),
    path("burden.csv", burden.download, name="burden-csv"),
    path("calculators/", calculators.index, name="calculators"),
    path("calculators/<slug:calculator>/", calculators.show, name="calculator"),
    path("manage/", manage.show, name="manage"),
    path("manage/audit", manage.audit_trail, name="audit"),
    path("manage/tokens", manage.make_token, name="make-token"),
    path("manage/tokens/<int:token_id>/revoke", manage.revoke_token, name="revoke-token"),
    path("sign-in/", people.sign_in, name="sign-in"),
    path("sign-out/", people.sign_out, name="sign-out"),
    path("change-person/", people.change_person, name="change-person"),
    path("pin/", people.set_pin, name="set-pin"),
    path("session/", people.session, name="session"),
    path("api/messages", api_messages.receive, name="api-messages"),
    path("health", health.show, name="health"),
]

handler400 = "pestle.web.pages.errors.bad_request"
handler403 = "pestle.web.pages.errors.forbidden"
handler404 = "pestle.web.pages.errors.not_found"
handler500 = "pestle.web.pages.errors.server_error"
