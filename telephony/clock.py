"""The database's clock: what orders facts that only replies and reads tell, on however many machines."""

from datetime import UTC, datetime

from django.db import connection
from django.utils import timezone


def database_now() -> datetime:
    """The database server's time, aware, in UTC. SQLite runs on this machine, so its clock is ours."""
    if connection.vendor == "sqlite":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        row = cursor.fetchone()
    moment: datetime = row[0] if row else timezone.now()
    return moment.astimezone(UTC)
