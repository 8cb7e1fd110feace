"""What `serve` and `run_worker` need before they start; everything that is missing is told at once."""

from collections.abc import Iterator

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection

from supervisor_site.health import unapplied_migrations
from telephony.events import BadKey, read_keys

NEEDED = {"TELNYX_API_KEY": "TELNYX_API_KEY", "TELNYX_PUBLIC_KEY": "TELNYX_PUBLIC_KEYS"}


class NotReady(Exception):
    """Why this process cannot start, in sentences for the person who started it."""


def require_ready() -> None:
    """Raises `NotReady` unless settings and database allow to serve."""
    problems = [*_settings_problems(), *_database_problems()]
    if problems:
        raise NotReady("\n".join(problems))


def _settings_problems() -> Iterator[str]:
    missing = [name for name, setting in NEEDED.items() if not getattr(settings, setting)]
    if missing:
        yield (
            f"Settings are missing: {', '.join(missing)}. Give them as environment variables or in a file "
            f"{settings.BASE_DIR / '.env'}; docs/settings.md says what each one is."
        )
    try:
        read_keys(settings.TELNYX_PUBLIC_KEYS)
    except BadKey as problem:
        yield f"TELNYX_PUBLIC_KEY: {problem}. See Keys & Credentials, Public Key in the Telnyx portal."
    if settings.REDIS_URL and connection.vendor == "sqlite":
        yield (
            "REDIS_URL is for several processes, and SQLite is for one: set DATABASE_URL to a PostgreSQL "
            "database, or leave REDIS_URL empty."
        )


def _database_problems() -> Iterator[str]:
    try:
        missing = unapplied_migrations()
    except (DatabaseError, InterfaceError, OperationalError) as problem:
        yield f"The database does not answer: {str(problem).strip()}"
        return
    finally:
        connection.close()
    if missing:
        yield f"The database lacks {len(missing)} migrations, from {missing[0]} on: run manage.py migrate."
