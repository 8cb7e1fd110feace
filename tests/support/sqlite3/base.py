from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.backends.sqlite3 import base, operations

from dashboard import command_log


class DatabaseOperations(operations.DatabaseOperations):
    """After a transactional test Django empties the tables, on SQLite with DELETE, which the log refuses."""

    def execute_sql_flush(self, sql_list: Iterable[str]) -> Any:
        with transaction.atomic(using=self.connection.alias):
            command_log.unguard(self.connection)
            super().execute_sql_flush(sql_list)
            command_log.guard(self.connection)


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = DatabaseOperations
