"""`manage.py serve` and `run_worker` as processes, without a simulator beside them."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.environment import ROOT, process_environment
from tests.support.processes import Process, free_port


def manage(command: str, database_url: str, **settings: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "manage.py", *command.split()],
        cwd=ROOT,
        env=process_environment(database_url, **settings),
        capture_output=True,
        text=True,
        timeout=30,
    )
    return done.returncode, (done.stdout + done.stderr).strip()


@contextmanager
def serving(
    database_url: str, folder: Path, command: str = "serve --port 0", **settings: str
) -> Iterator[Process]:
    """A process of ours that has said its first line."""
    log = folder / f"{free_port()}.log"
    environment = process_environment(database_url, **settings)
    process = Process([sys.executable, "manage.py", *command.split()], log, environment, folder=ROOT)
    try:
        process.wait_until(lambda: "Ctrl-C ends it" in process.output())
        yield process
    finally:
        process.end()


def address(process: Process) -> str:
    return next(word for word in process.output().split() if word.startswith("http://")).rstrip("/")
