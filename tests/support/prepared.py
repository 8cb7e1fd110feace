"""Fills a new database for a real server: `python -m tests.support.prepared` prints the cast's session keys.

Runs in a process of its own on the production settings, so it may be pointed at any DATABASE_URL.
"""

import json
import os
import sys
from dataclasses import fields
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support.environment import ROOT, process_environment


def prepare(database_url: str) -> dict[str, str]:
    """Migrates the database and puts the cast into it. Returns a session key by place in the cast."""
    from tests.support.processes import Process  # here, because the new process needs no pytest

    command, environment = [sys.executable, "-m", "tests.support.prepared"], process_environment(database_url)
    with TemporaryDirectory() as folder:
        process = Process(command, Path(folder) / "log", environment, folder=ROOT, forked=True)
        code, said = process.wait(120), process.output()
    assert code == 0, said
    keys: dict[str, str] = json.loads(said.splitlines()[-1])
    return keys


def main() -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    from tests.support.people import gather_cast
    from tests.support.sites import session_of

    cast = gather_cast()
    keys = {field.name: session_of(getattr(cast, field.name)) for field in fields(cast)}
    connection.close()  # SQLite then writes all into the one file, which is copied
    sys.stdout.write(json.dumps(keys))


if __name__ == "__main__":
    assert os.environ["DJANGO_SETTINGS_MODULE"] == "supervisor_site.settings"
    main()
