"""Earshot's own settings under a known environment, for what runs inside the test process.

`TEST_DATABASE_URL` runs the same tests on another engine (see tests/support/on_postgresql.py); without it
they run on SQLite in a file, as production does, because an in-memory database has no WAL and other locks.
"""

import os
import tempfile
from pathlib import Path

from tests.support.environment import settings_environment

_folder = tempfile.TemporaryDirectory(prefix="earshot-tests-")
_sqlite = Path(_folder.name) / "earshot.sqlite3"
# All is plain HTTP on this machine: without certificates to read, each client of httpx takes 50 ms less of a
# core. And none of the many processes compiles again what an earlier one compiled.
os.environ.update({"SSL_CERT_FILE": "", "SSL_CERT_DIR": os.devnull, "PYTHONDONTWRITEBYTECODE": ""})
os.environ.update(settings_environment(os.environ.get("TEST_DATABASE_URL", f"sqlite:///{_sqlite}")))

from supervisor_site.settings import *  # noqa: E402, F403
from supervisor_site.settings import DATABASES, INSTALLED_APPS  # noqa: E402

INSTALLED_APPS = [*INSTALLED_APPS, "tests.support.emptying"]
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["ENGINE"] = "tests.support.sqlite3"
    DATABASES["default"]["ENGINE"] = "tests.support.sqlite3"
    DATABASES["default"]["TEST"] = {"NAME": str(_sqlite.with_name("test.sqlite3"))}

# Sign-in is tested with the real hasher on a real server; here its 0.3 s for each account would add up.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
