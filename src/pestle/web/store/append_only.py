"""Which tables may only grow, and do their databases refuse everything else?

Update and delete are refused by triggers on both databases, truncate too on PostgreSQL. On SQLite
`recursive_triggers` must be on, or INSERT OR REPLACE deletes without firing them (sqlite.org/pragma.html).
"""

from __future__ import annotations

from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from pestle.pharmacy.refusal import refuse

TABLES = (
    "store_auditevent",
    "store_command",
    "store_account",
    "store_movement",
    "store_transfer",
    "store_opening",
    "store_discrepancy",
    "store_discrepancyevent",
    "store_message",
    "store_prescriptionorder",
    "store_allergyfact",
    "store_clinicalcheck",
    "store_found",
    "store_referral",
    "store_tuning",
    "store_tuningstep",
    "store_definitionstate",
    "store_labelprint",
    "store_labelrun",
    "store_labelrunpart",
    "store_labelrunitem",
    "store_pick",
    "store_rescan",
    "store_shortagestep",
    "store_handout",
    "store_supply",
    "store_owing",
    "store_notified",
    "store_reminder",
    "store_issueanswers",
    "store_typedin",
    "store_paperscan",
    "store_emergencydecision",
    "store_lateprescription",
    "store_nearmiss",
    "store_recall",
    "store_registerparticulars",
    "store_registernote",
    "store_countersignature",
    "store_balancecheck",
    "store_patientreturn",
    "store_destruction",
    "store_instalmentplan",
    "store_instalmentgiven",
    "store_instalmentcall",
    "store_closedday",
    "store_requisition",
    "store_requisitionline",
    "store_requisitionsent",
    "store_recordimport",
    "store_conditionfact",
    "store_observationfact",
    "store_orderfact",
    "store_statementfact",
    "store_supplyfact",
    "store_administrationfact",
    "store_encounterfact",
    "store_place",
    "store_keeping",
    "store_alert",
    "store_stocktake",
    "store_stocktakecount",
    "store_stocktakeend",
    "store_temperature",
    "store_excursion",
    "store_excursionrelease",
    "store_supplier",
    "store_stocklevel",
    "store_purchaseorder",
    "store_purchaseline",
    "store_purchasereceipt",
    "store_notsupplied",
    "store_supplieranswer",
    "store_alertrecall",
    "store_alertact",
    "store_call",
    "store_query",
    "store_queryevent",
    "store_responsibleentry",
    "store_speakfirst",
    "store_charge",
    "store_lineendorsement",
    "store_paymentclaim",
    "store_toldagain",
    "store_withdrawal",
    "store_returntoservice",
    "store_serviceanswer",
    "store_measureresult",
    "store_measurefinding",
    "store_measureschedule",
    "store_patienttask",
    "store_patienttaskevent",
    "store_authorisation",
    "store_issue",
    "store_refusedrow",
    "store_bag",
    "store_bagcontent",
    "store_bagput",
    "store_contactwish",
    "store_readymessage",
    "store_deliveryattempt",
    "store_monitoringplan",
    "store_monitoringround",
    "store_monitoringevent",
    "store_monitoringleaving",
    "store_shortissue",
    "store_shortissueend",
    "store_review",
    "store_reviewevent",
    "store_letter",
    "store_letterdocument",
    "store_letterdecision",
    "store_letterundo",
    "store_trafficlightlist",
    "store_sharedcareagreement",
    "store_requestsheet",
    "store_requestsheetdocument",
    "store_repeatrequest",
    "store_requestevent",
    "store_issuedprescription",
    "store_issueditem",
    "store_itemcancellation",
    "store_cancellationsaid",
    "store_dispensingsaid",
    "store_tariff",
    "store_tariffprice",
)


def install(connection: BaseDatabaseWrapper) -> None:
    """Puts every trigger in place that is not there yet."""
    with connection.cursor() as cursor:
        existing = set(connection.introspection.table_names(cursor))
        for table in TABLES:
            if table not in existing:
                continue
            for statement in _statements(connection.vendor, table):
                cursor.execute(statement)


def missing(connection: BaseDatabaseWrapper) -> tuple[str, ...]:
    """The triggers that should stand and do not, by name."""
    if connection.vendor == "sqlite":
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    else:
        query = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O'"
    with connection.cursor() as cursor:
        cursor.execute(query)
        standing = {row[0] for row in cursor.fetchall()}
    wanted = [name for table in TABLES for name in _names(connection.vendor, table)]
    return tuple(name for name in wanted if name not in standing)


def check_at_start() -> None:
    """Raises `Refused` (``store.not-append-only``) when a trigger is missing."""
    gone = missing(connections[DEFAULT_DB_ALIAS])
    if gone:
        raise refuse(
            "store.not-append-only",
            f"The database does not protect its append-only tables: {', '.join(gone)}",
            way_out="Run “pestle migrate”, and ask who removed them.",
        )


def install_after_migrate(*, using: str, **_: Any) -> None:
    """Signal receiver: see `install`."""
    install(connections[using])


def _names(vendor: str, table: str) -> tuple[str, ...]:
    verbs = ("update", "delete") if vendor == "sqlite" else ("update", "delete", "truncate")
    return tuple(f"{table}_no_{verb}" for verb in verbs)


def _statements(vendor: str, table: str) -> list[str]:
    # Names come from TABLES above, never from outside.
    if vendor == "sqlite":
        return [
            f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            for verb in ("update", "delete")
        ]
    function = (
        "CREATE OR REPLACE FUNCTION pestle_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    return [
        function,
        *(
            f"CREATE OR REPLACE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION pestle_append_only()"
            for verb in ("update", "delete", "truncate")
        ),
    ]
