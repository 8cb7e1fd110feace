"""`manage.py serve` and `run_worker` as processes, without a simulator beside them."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support.environment import ROOT, process_environment
from tests.support.processes import Process, free_port


def manage(command: str, database_url: str, **settings: str) -> tuple[int, str]:
    """A command of ours that ends by itself: its exit code and what it said."""
    environment = process_environment(database_url, **settings)
    with TemporaryDirectory() as folder:
        process = Process(_command(command), Path(folder) / "log", environment, folder=ROOT, forked=True)
        try:
            return process.wait(60), process.output().strip()
        finally:
            process.end()


@contextmanager
def serving(
    database_url: str, folder: Path, command: str = "serve --port 0", **settings: str
) -> Iterator[Process]:
    """A process of ours that has said its first line, started from nothing."""
    log = folder / f"{free_port()}.log"
    environment = process_environment(database_url, **settings)
    process = Process(_command(command), log, environment, folder=ROOT)
    try:
        process.wait_until(lambda: "Ctrl-C ends it" in process.output())
        yield process
    finally:
        process.end()


def _command(words: str) -> list[str]:
    return [sys.executable, "manage.py", *words.split()]


def address(process: Process) -> str:
    return next(word for word in process.output().split() if word.startswith("http://")).rstrip("/")
