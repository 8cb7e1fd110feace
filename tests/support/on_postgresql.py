"""Runs a command with a PostgreSQL of its own: `python -m tests.support.on_postgresql pytest -m engines`."""

import os
import subprocess
import sys

from tests.support.services import PostgreSQL


def main() -> int:
    with PostgreSQL(durable=False) as server:
        url = server.create_database("earshot")
        return subprocess.run(
            [sys.executable, "-m", *sys.argv[1:]], env=os.environ | {"TEST_DATABASE_URL": url}
        ).returncode


if __name__ == "__main__":
    sys.exit(main())
