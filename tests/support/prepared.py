"""Fills a new database for a real server: `python -m tests.support.prepared` prints the cast's session keys.

Runs in a process of its own on the production settings, so it may be pointed at any DATABASE_URL.
"""

import json
import os
import subprocess
import sys
from dataclasses import fields

from tests.support.environment import ROOT, process_environment


def prepare(database_url: str) -> dict[str, str]:
    """Migrates the database and puts the cast into it. Returns a session key by place in the cast."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.prepared"],
        cwd=ROOT,
        env=process_environment(database_url),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    keys: dict[str, str] = json.loads(done.stdout)
    return keys


def main() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from tests.support.people import gather_cast
    from tests.support.sites import session_of

    cast = gather_cast()
    sys.stdout.write(
        json.dumps({field.name: session_of(getattr(cast, field.name)) for field in fields(cast)})
    )


if __name__ == "__main__":
    assert os.environ["DJANGO_SETTINGS_MODULE"] == "supervisor_site.settings"
    main()
