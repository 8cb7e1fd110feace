"""The database's own guard of the command log: nobody deletes a command or changes what was meant.

Only what is older than `KEPT_DAYS` can be deleted, so that a log may be kept for a limited time at all;
Earshot does so (`forget`) when the setting COMMAND_DAYS says so.

A later migration that rebuilds `dashboard_command` on SQLite loses these triggers, so it must run `guard`
again; tests/test_command_log_guard.py fails until it does.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

TABLE = "dashboard_command"
KEPT_DAYS = 90
CHUNK = 500
INTENT = (
    "id",
    "user_id",
    "user_name",
    "action",
    "family",
    "subject",
    "subject_name",
    "target",
    "target_key",
    "legs",
    "detail",
    "seen",
    "created_at",
)
_NO_DELETE = "The command log cannot be deleted from."
_NO_CHANGE = "What a command meant cannot be changed."


def guard(connection: BaseDatabaseWrapper) -> None:
    """Makes the triggers (again). SQLite and PostgreSQL."""
    _run(connection, _drop(connection.vendor) + _make(connection.vendor))


def unguard(connection: BaseDatabaseWrapper) -> None:
    """Takes the triggers away: for undoing a migration and for emptying a test database, nothing else."""
    _run(connection, _drop(connection.vendor))


def forget(before: datetime) -> int:
    """Delete settled commands from before then, which the guard lets go. How many, up to `CHUNK`."""
    # Here, because a migration imports this module before there are models.
    from dashboard.models import Command

    old = Command.objects.filter(created_at__lt=before, settled_at__isnull=False)
    with transaction.atomic():
        rows = list(old.order_by("created_at").values_list("pk", flat=True)[:CHUNK])
        Command.objects.filter(pk__in=rows).delete()
    return len(rows)


def _run(connection: BaseDatabaseWrapper, statements: Iterable[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _make(vendor: str) -> list[str]:
    return _on_sqlite() if vendor == "sqlite" else _on_postgresql()


def _drop(vendor: str) -> list[str]:
    names = ("command_log_no_delete", "command_log_no_change")
    if vendor == "sqlite":
        return [f"DROP TRIGGER IF EXISTS {name}" for name in names]
    return [f"DROP TRIGGER IF EXISTS {name} ON {TABLE}" for name in names]


def _on_sqlite() -> list[str]:
    changed = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in INTENT)
    return [
        # Django writes times in the same form, in UTC: as text they compare as times.
        f"CREATE TRIGGER command_log_no_delete BEFORE DELETE ON {TABLE} "
        f"WHEN OLD.created_at > datetime('now', '-{KEPT_DAYS} days') "
        f"BEGIN SELECT RAISE(ABORT, '{_NO_DELETE}'); END",
        f"CREATE TRIGGER command_log_no_change BEFORE UPDATE ON {TABLE} WHEN {changed} "
        f"BEGIN SELECT RAISE(ABORT, '{_NO_CHANGE}'); END",
    ]


def _on_postgresql() -> list[str]:
    changed = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in INTENT)
    refuse = "CREATE OR REPLACE FUNCTION command_log_refuse() RETURNS trigger LANGUAGE plpgsql AS"
    return [
        f"{refuse} $$ BEGIN RAISE EXCEPTION '%', TG_ARGV[0] "
        "USING ERRCODE = 'integrity_constraint_violation'; END $$",
        f"CREATE TRIGGER command_log_no_delete BEFORE DELETE ON {TABLE} FOR EACH ROW "
        f"WHEN (OLD.created_at > now() - interval '{KEPT_DAYS} days') "
        f"EXECUTE FUNCTION command_log_refuse('{_NO_DELETE}')",
        f"CREATE TRIGGER command_log_no_change BEFORE UPDATE ON {TABLE} FOR EACH ROW WHEN ({changed}) "
        f"EXECUTE FUNCTION command_log_refuse('{_NO_CHANGE}')",
    ]
