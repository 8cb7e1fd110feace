"""The environment that tests give to Earshot: every name is set, so a developer's .env changes nothing."""

import os
from pathlib import Path

from tests.support.signing import PUBLIC_KEY

ROOT = Path(__file__).resolve().parents[2]
CONNECTION_ID = "1494404757140276705"
SECRET_KEY = "only-for-the-test-run-0123456789-0123456789-0123456789"


def settings_environment(database_url: str, **changes: str) -> dict[str, str]:
    """What `supervisor_site.settings` reads; `changes` by environment name."""
    return {
        "SECRET_KEY": SECRET_KEY,
        "DATABASE_URL": database_url,
        "REDIS_URL": "",
        "TELNYX_API_KEY": "KEY-of-the-test-run",
        "TELNYX_PUBLIC_KEY": PUBLIC_KEY,
        "TELNYX_BASE_URL": "http://127.0.0.1:9/v2",
        "TELNYX_CONNECTION_ID": CONNECTION_ID,
        "TELNYX_FROM_NUMBER": "+13125550100",
        "ALLOWED_HOSTS": "localhost,127.0.0.1,testserver",
        "TRUSTED_ORIGINS": "",
        "HTTPS": "0",
        "REQUIRE_SECOND_FACTOR": "0",
        "TRUSTED_PROXIES": "0",
        "TIME_ZONE": "UTC",
        "INBOX_DAYS": "30",
        "COMMAND_DAYS": "0",
        "RECORDING_DAYS": "90",
    } | changes


def process_environment(database_url: str, **changes: str) -> dict[str, str]:
    """The same for a process of its own, on the production settings rather than the tests'."""
    return (
        os.environ
        | settings_environment(database_url, **changes)
        | {
            "DJANGO_SETTINGS_MODULE": "supervisor_site.settings",
            "PYTHONUNBUFFERED": "1",
        }
    )
