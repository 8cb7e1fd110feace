"""Python processes that begin with the libraries already imported: forked from one that has imported them.

Libraries are most of what a start costs, seconds of a core each time. What is ours, settings first, is
imported by each process itself, under its own environment. test_serve_start.py starts from nothing.
"""

import atexit
import io
import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

# None of them reads Django's settings or installs twisted's reactor when it is imported.
LIBRARIES = [
    "asyncio",
    "autobahn.twisted.websocket",
    "channels_redis.core",
    "cryptography.x509",
    "django.contrib.admin.checks",
    "django.contrib.sessions.backends.db",
    "django.contrib.staticfiles.handlers",
    "django.core.handlers.asgi",
    "django.core.management",
    "django.db.backends.sqlite3.base",
    "django.db.migrations.executor",
    "environ",
    "fido2.server",
    "httpx",
    "nacl.signing",
    "psycopg",
    "qrcode",
    "redis.asyncio",
    "servestatic",
    "twisted.internet.asyncioreactor",
    "twisted.internet.endpoints",
    "twisted.protocols.tls",
    "twisted.web.http",
    "websockets",
]

# tests/conftest.py allows it: what a bench starts begins from nothing.
allowed = False

_forking = multiprocessing.get_context("forkserver")
_forking.set_forkserver_preload(LIBRARIES)


class Forked:
    """`python *arguments`, with the few methods of `subprocess.Popen` that a test's process needs.

    `arguments` begin with `-m MODULE` or a script.
    """

    def __init__(
        self, arguments: Sequence[str], log: Path, environment: Mapping[str, str] | None, folder: Path | None
    ) -> None:
        log.touch()
        told = (list(arguments), str(log), dict(environment or os.environ), str(folder or Path.cwd()))
        self._process = _forking.Process(target=_run, args=told, daemon=True)
        with _nothing_of_this_program():
            self._process.start()
        assert self._process.pid
        self.pid = self._process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if (code := self._process.exitcode) is None:
            raise subprocess.TimeoutExpired("a forked process", timeout or 0)
        return code

    def send_signal(self, which: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, which)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


@contextmanager
def _nothing_of_this_program() -> Iterator[None]:
    """Else multiprocessing would import `__main__` there too, which is pytest."""
    kept = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = kept


# --- in the new process ----------------------------------------------------------------------------------
def _run(arguments: list[str], log: str, environment: dict[str, str], folder: str) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    _write_to(log)
    sys.path[0] = folder
    try:
        if arguments[0] == "-m":
            sys.argv = arguments[1:]
            runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
        else:
            sys.argv = arguments
            runpy.run_path(arguments[0], run_name="__main__")
    finally:
        atexit._run_exitfuncs()  # multiprocessing ends its processes without them


def _write_to(log: str) -> None:
    """All output, each piece at once: a test waits for lines."""
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for number in (1, 2):
        os.dup2(file, number)
    os.close(file)
    sys.stdout, sys.stderr = (
        io.TextIOWrapper(io.FileIO(number, "w", closefd=False), write_through=True) for number in (1, 2)
    )
