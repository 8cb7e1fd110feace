"""Real processes on free ports of this machine, each ended by its own process id."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from tests.support import forking
from tests.support.forking import Forked


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def program(name: str, *folders: str) -> str:
    """The path of an installed program. Without it a test is skipped; under CI it fails."""
    found = shutil.which(name, path=os.pathsep.join([os.environ["PATH"], *folders]))
    if found:
        return found
    words = f"{name} is not installed: `make test` as root installs it"
    if os.environ.get("CI"):
        pytest.fail(words)
    pytest.skip(words)


class Process:
    """One process of ours, its output kept in a file. `forked`, for `python ...` alone, starts it sooner."""

    def __init__(
        self,
        command: Sequence[str],
        log: Path,
        environment: Mapping[str, str] | None = None,
        user: str | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
        folder: Path | None = None,
        forked: bool = False,
    ) -> None:
        self.command, self.log, self.stop_signal = list(command), log, stop_signal
        self._popen: subprocess.Popen[bytes] | Forked
        if forked and forking.allowed:
            self._popen = Forked(self.command[1:], log, environment, folder)
            return
        with log.open("ab") as output:
            self._popen = subprocess.Popen(
                self.command,
                env=environment,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                user=user,
                group=user,
                extra_groups=[] if user else None,
            )

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def exit_code(self) -> int | None:
        return self._popen.poll()

    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def wait_until(self, ready: Callable[[], bool], within: float = 30.0) -> None:
        """Returns once `ready()`; a process that ended, or time that ran out, is told with its output."""
        deadline = time.monotonic() + within
        while not ready():
            if self.exit_code is not None or time.monotonic() > deadline:
                state = "still running" if self.exit_code is None else f"exit code {self.exit_code}"
                self.end()
                raise AssertionError(f"{' '.join(self.command)} did not start ({state}):\n{self.output()}")
            time.sleep(0.03)

    def wait(self, within: float) -> int:
        """The exit code of a process that ends by itself."""
        return self._popen.wait(within)

    def send(self, which: signal.Signals) -> None:
        self._popen.send_signal(which)

    def kill(self) -> None:
        """As a crash: no chance to clean up."""
        self._popen.kill()
        self._popen.wait(10)

    def end(self, within: float = 15.0) -> int:
        """Asks politely, then insists; returns the exit code."""
        if self._popen.poll() is None:
            self._popen.send_signal(self.stop_signal)
            try:
                self._popen.wait(within)
            except subprocess.TimeoutExpired:
                self.kill()
        return self._popen.wait()
